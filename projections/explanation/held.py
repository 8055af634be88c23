"""What open disputes hold back and claim above, taken apart: the entitlement as it would be if the open positions prevailed,
through the sharing (rule 18)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from ledger import waterfall
from ledger.contract import ContractState
from ledger.events import Position
from ledger.holds import Dispute, disputed
from ledger.periods import Month
from projections.explanation.ground import Ground
from projections.explanation.sharing import entitlement
from projections.explanation.tree import Node, added, computed, number
from projections.state import Provider


def computed_by(position: Position) -> Iterator[str]:
    """What a position rests on, where it was computed; nothing where it is stated."""
    if position.methodology is not None:
        yield f"Computed under methodology {position.methodology.name}, version {position.methodology.version}."
    if position.facts is not None:
        left_out = ", ".join(map(str, position.facts.without))
        yield f"On the facts up to record {position.facts.upto}{f', without {left_out}' if left_out else ''}."


Side = Literal["lower", "above"]
WORDS: dict[Side, str] = {
    "lower": "less, if the open lower positions prevailed",
    "above": "more, if the open higher positions prevailed",
}


Months = dict[Month, tuple[int, int]]
"""Of each month its savings in öre, and the number of the determination that says so."""


@dataclass(frozen=True)
class Disputes:
    """The disputes of a contract that are open on a date; ``under`` begins the keys."""

    ground: Ground
    folded: ContractState
    provider: Provider
    as_of: date
    under: str

    @cached_property
    def open(self) -> tuple[Dispute, ...]:
        """Those that are open."""
        return tuple(one for one in self.folded.disputes if one.open_on(self.as_of))

    def held(self) -> Node:
        """What they hold back of what is payable."""
        key, what, provider = f"{self.under}provider.held", f"Held because it is disputed, on {self.as_of}", self.provider
        if not self.open:
            return Node(key, what, provider.held, "SEK", given=0, how="nothing: no dispute is open")
        lower = self._prevailing("lower", self.folded.disputed(self.as_of).lower)
        beside = [
            Node(
                f"{key}.{name}",
                name.capitalize(),
                getattr(provider, name),
                "SEK",
                see=f"{self.ground.contract}/balance.provider.{name}",
            )
            for name in ("payable", "paid", "recovered")
        ]
        payable, paid, recovered = map(number, beside)
        given = min(number(lower), max(0, payable - paid + recovered))
        how = "what the provider would be owed less, or payable − paid + recovered where that is less"
        return computed(key, what, provider.held, given, (lower, *beside), unit="SEK", how=how)

    def claimed_above(self) -> Node:
        """What is claimed beyond what is determined: shown, never held."""
        key, what = f"{self.under}provider.claimed_above", f"Claimed above what is determined, on {self.as_of}"
        if not self.open:
            return Node(key, what, self.provider.claimed_above, "SEK", given=0, how="nothing: no dispute is open")
        above = self._prevailing("above", self.folded.disputed(self.as_of).above)
        how = "what the provider would be owed more; it holds nothing, and nothing of it is due"
        return computed(key, what, self.provider.claimed_above, number(above), (above,), unit="SEK", how=how)

    def _prevailing(self, side: Side, value: int) -> Node:
        """By how much the provider would be owed less, or more, if every open position on that side prevailed."""
        key, changed = f"{self.under}provider.{side}", self._positions(side)
        stands = "as determined and payable" if side == "lower" else "as determined"
        parts = [self._entitled(f"{key}.stands", stands, side, {})]
        moved, payments = 0, list(self._payments(side, key))
        if changed:
            parts.append(self._entitled(f"{key}.positions", WORDS[side].partition(", ")[2], side, changed))
            moved = max(0, (number(parts[0]) - number(parts[1])) * (1 if side == "lower" else -1))
        given = moved + sum(map(number, payments))
        how = "the difference in entitlement; of disputed payments, what the positions differ by"
        return computed(key, f"The provider would be owed {WORDS[side]}", value, given, (*parts, *payments), unit="SEK", how=how)

    def _months(self, side: Side) -> Months:
        """Of each month determined by then its savings and whose they are, those disputed as they were determined; on the lower
        side, as far as they are payable, as they were claimed."""
        months = {line.month: (line.savings_ore, one.number) for one in self.folded.in_force for line in one.months}
        standing = {month: found for month, found in months.items() if month.last_day <= self.as_of}
        for which in self._about:
            one = self.folded.determination(which)
            standing |= {line.month: (line.savings_ore, one.number) for line in one.months}
            standing |= self._claimed(which) if side == "lower" else {}
        return standing

    @cached_property
    def _about(self) -> list[int]:
        """The determinations that are disputed."""
        return sorted({one.raised.determination for one in self.open if one.raised.determination is not None})

    def _claimed(self, which: int) -> Months:
        """A determination's months as they are claimed and payable: its own, or those of the ones that it superseded."""
        one = self.folded.determination(which)
        if one.notice is not None and one.notice.claim.payable_on <= self.as_of:
            return {line.month: (line.savings_ore, one.number) for line in one.months}
        superseded = (each.number for each in self.folded.determinations if each.superseded_by == which)
        return {month: found for each in superseded for month, found in self._claimed(each).items()}

    def _positions(self, side: Side) -> dict[Month, tuple[int, Dispute]]:
        """The months of which positions on that side say otherwise: of several about one determination the furthest off."""
        found: dict[Month, tuple[int, Dispute]] = {}
        for which in self._about:
            disputes = [one for one in self.open if one.raised.determination == which]
            furthest = (min if side == "lower" else max)(disputes, key=lambda one: one.raised.position.total)
            said = {line.month: (line.amount_ore, furthest) for line in furthest.raised.position.savings or ()}
            if side == "lower":
                claimed = self._claimed(which)
                said = {month: one for month, one in said.items() if month in claimed}
                prevails = sum(amount for amount, _ in said.values()) < sum(amount for amount, _ in claimed.values())
            else:
                prevails = furthest.at_stake > 0
            found |= said if prevails else {}
        return found

    def _payments(self, side: Side, key: str) -> Iterator[Node]:
        """Of each disputed payment, by how much the provider would be owed less, or more."""
        most: dict[int, tuple[int, Dispute]] = {}
        for one in self.open:
            sign = {"outcome": 1, "recovery": -1}.get(one.raised.payment_kind or "", 0) * (1 if side == "lower" else -1)
            if one.raised.payment is not None and sign * one.at_stake > most.get(one.raised.payment, (0, one))[0]:
                most[one.raised.payment] = (sign * one.at_stake, one)
        for amount, one in most.values():
            yield self._position(f"{key}.{one.name}", one, amount)

    def _position(self, key: str, one: Dispute, amount: int) -> Node:
        """What a dispute's position says."""
        raised = one.raised
        what = f"{one.name} of {raised.by.replace('_', ' ')} against {disputed(one)}, raised on {raised.on}"
        rests = (self.ground.rests(one.position, one.name),)
        return Node(key, what, amount, "SEK", how=raised.grounds, rests_on=rests, notes=tuple(computed_by(raised.position)))

    def _entitled(self, key: str, said: str, side: Side, changed: Mapping[Month, tuple[int, Dispute]]) -> Node:
        """The entitlement over the months, some of them as positions say."""
        what, months = f"The provider's entitlement, {said}", self._months(side)
        if not months:
            return Node(key, what, 0, "SEK", how="no month is determined")
        leaves = []
        for month, (amount, by) in sorted(months.items()):
            own = f"{key}.{month}"
            if month in changed:
                leaves.append(self._position(own, changed[month][1], changed[month][0]))
            else:
                see = f"{self.ground.contract}/D{by}"
                leaves.append(Node(own, f"Savings of {month}", amount, "SEK", see=see))
        total = added(f"{key}.sum", f"Savings, {said}", leaves)
        terms = self.folded.terms_of(max(months))
        return entitlement(key, what, terms, total, waterfall.entitlement(terms, number(total)))
