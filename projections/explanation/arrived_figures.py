"""Who knew what when, of one figure of the state: what it was at an earlier and at a later moment of the ledger's knowledge, and
every record between them that moves it or its parts (rules 10, 15, 17, 18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ledger.contract import ContractState
from ledger.errors import Usage, VerificationFailed
from ledger.facts import Facts
from ledger.record import Recorded
from projections.book import Folded, is_entry
from projections.since import Cause, Value, figures, since
from projections.state import state

PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("savings.to_provider", ("entitled",)),
    ("savings.to_authority", ("savings", "entitled")),
    ("savings.", ("savings",)),
    ("determined_through", ("savings",)),
    ("preliminary", ("savings",)),
    ("balance.provider.due", ("payable", "paid", "instructed", "recovered")),
    ("balance.provider.overpaid", ("payable", "paid", "instructed", "recovered")),
    ("balance.provider.held", ("entitled", "payable", "paid", "recovered")),
    ("balance.provider.claimed_above", ("entitled",)),
    *((f"balance.provider.{name}", (name,)) for name in ("entitled", "payable", "instructed", "paid", "recovered")),
    ("balance.upfront.paid", ("upfront_paid",)),
    ("balance.loan.drawn", ("loan_drawn",)),
    ("balance.loan.repaid", ("loan_repaid",)),
    ("balance.loan.outstanding", ("loan_drawn", "loan_repaid")),
    ("balance.loan.available_for_repayment", ("savings", "entitled", "loan_repaid")),
    ("break_even.contract.", ("savings",)),
    ("break_even.authority.", ("savings", "entitled")),
    ("break_even.provider.", ("entitled",)),
    ("cap.", ("entitled",)),
)
"""How a figure's key begins → the sums that it follows from; the first that fits counts."""


@dataclass(frozen=True)
class Step:
    """A record, and what the figure was before and after it; ``moves``: its parts, in öre. ``rests_on``: of a redo, what the
    determinations before it had not seen."""

    record: Recorded[Any]
    before: Value
    after: Value
    moves: Mapping[str, int]
    rests_on: tuple[Recorded[Any], ...] = ()


@dataclass(frozen=True)
class Figure:
    """One figure at two moments, and every record between them that moves it or its parts; None where it was not on record."""

    figure: str
    as_of: date
    then: Facts
    now: Facts
    before: Value
    after: Value
    steps: tuple[Step, ...]

    @property
    def residual(self) -> int | Fraction:
        """What the records leave unexplained of the difference: nothing. Of what is no number, 0 where the last says it."""
        last = self.before
        for one in self.steps:
            last = one.after if one.before == last else None
        if isinstance(self.after, (int, Fraction)) and isinstance(last, (int, Fraction)):
            return self.after - last
        return int(self.after != last)


class _Sums(Folded):
    """A book of which nobody asks what is unsettled."""

    def unsettled(self, contract_id: str, folded: ContractState, as_of: date) -> list[int]:
        """Not asked."""
        return []


def figures_arrived(
    earlier: Facts, later: Facts, contract_id: str, keys: Iterable[str], as_of: date | None = None
) -> tuple[Figure, ...]:
    """Figures of ``soc state`` by their dotted keys, moved by the contract's records one after another.

    Raises Usage for an unknown contract or key, VerificationFailed where the records do not account for a difference.
    """
    after = state(later, contract_id, as_of)
    changed, now = since(later, earlier, after), figures(after)
    at = figures(changed.before) if changed.before else dict[str, Value]()
    moments: list[tuple[Cause, Mapping[str, Value], Mapping[str, Value]]] = []
    for one in changed.causes:
        was = at
        if one.moves or not is_entry(one.record.data):
            then = later.at(one.record.position)
            at = figures(state(then, contract_id, after.when.as_of, _Sums(then)))
        moments.append((one, was, at))
    found = []
    for key in keys:
        if key not in now:
            raise Usage(f"{key!r} is not a figure of the state that records move", do=f"known are: {', '.join(now)}")
        steps = tuple(_steps(key, moments))
        before = figures(changed.before)[key] if changed.before else None
        found.append(Figure(key, after.when.as_of, earlier, later, before, now[key], steps))
        if found[-1].residual:
            said = f"{contract_id}: the records that arrived do not account for {key}"
            raise VerificationFailed(said, do="see what differs with: soc check")
    return tuple(found)


def _steps(key: str, moments: Iterable[tuple[Cause, Mapping[str, Value], Mapping[str, Value]]]) -> Iterator[Step]:
    names = next((names for start, names in PARTS if key.startswith(start)), ())
    for one, was, at in moments:
        moves = {name: amount for name, amount in one.moves.items() if name in names}
        if was.get(key) != at.get(key) or moves:
            yield Step(one.record, was.get(key), at.get(key), moves, one.rests_on)
