"""Why two outcomes differ, krona by krona: each month's difference cut into causes, in one order, nothing left over.

The steps go from one way of measuring to the other, each changing one thing and leaving the rest as the steps before left it;
amounts are exact, so the causes sum to the difference with a residual of zero. The order is that of the calculation: facts
recorded since, trend revisions, days left out, days counted, reference years, trend, price, window, resolution, rounding; for the
entitlement, which is not linear in the sum, last cap and ceiling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from ledger import waterfall
from ledger.events import AnyMonth, MonthAgreed, MonthDetermined
from ledger.methodology import Methodology
from ledger.money import rounded
from ledger.periods import Month
from projections.about import About
from projections.replays.replay import Outcome, Replayer
from projections.rules.reference_years_1 import months_like
from projections.savings import Standing, measured_month, missing

Name = Literal[
    "facts recorded since",
    "trend revisions",
    "days left out",
    "days counted",
    "reference years",
    "trend",
    "price",
    "window",
    "resolution",
    "rounding",
    "cap and ceiling",
]
ORDER: tuple[Name, ...] = Name.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Part:
    """What one cause moves in one month, exact, in öre: the sum of savings and the provider's entitlement. ``facts``: how many
    facts stand behind it (spells, records, index values, months), 0 for a parameter."""

    month: Month
    cause: Name
    savings: Fraction
    entitlement: Fraction
    facts: int


@dataclass(frozen=True)
class Difference:
    """Why ``after`` differs from ``before``: the parts in order, and what they leave over of the two outcomes' own figures, which
    is zero."""

    before: Outcome
    after: Outcome
    months: tuple[Month, ...]
    parts: tuple[Part, ...]

    @property
    def savings(self) -> int:
        """Öre: how far the sums differ over these months."""
        return sum(self.after.savings.get(one, 0) - self.before.savings.get(one, 0) for one in self.months)

    @property
    def entitlement(self) -> int:
        """Öre: how far the entitlements differ over these months."""
        old, new = (_increments(one) for one in (self.before, self.after))
        return sum(new.get(month, 0) - old.get(month, 0) for month in self.months)

    @property
    def residual(self) -> tuple[Fraction, Fraction]:
        """Of savings and entitlement, öre: what no cause explains."""
        savings, entitlement = (_sum(getattr(one, key) for one in self.parts) for key in ("savings", "entitlement"))
        return self.savings - savings, self.entitlement - entitlement

    def by_cause(self, month: Month | None = None) -> list[tuple[Name, int, int, int]]:
        """Each cause that moves anything, with savings and entitlement in whole öre and its facts, of a month or of all; rounding
        takes what the others' öre leave, so that the column adds up."""
        parts = [one for one in self.parts if month in (None, one.month)]
        totals = {name: [one for one in parts if one.cause == name] for name in ORDER}
        savings = _whole({name: _sum(one.savings for one in found) for name, found in totals.items()})
        entitlement = _whole({name: _sum(one.entitlement for one in found) for name, found in totals.items()})
        return [
            (name, savings[name], entitlement[name], sum(one.facts for one in totals[name]))
            for name in ORDER
            if savings[name] or entitlement[name]
        ]


def _sum(amounts: Iterable[Fraction]) -> Fraction:
    return sum(amounts, Fraction(0))


def _whole(exact: Mapping[Name, Fraction]) -> dict[Name, int]:
    """Each in whole öre; rounding takes what the others leave."""
    whole = {name: rounded(amount) for name, amount in exact.items()}
    whole["rounding"] += rounded(_sum(exact.values())) - sum(whole.values())
    return whole


@dataclass(frozen=True)
class Way:
    """A way of measuring: on whose facts, under which methodology each month."""

    replayer: Replayer
    method: Callable[[Month], Methodology]
    outcome: Outcome


def difference(before: Way, after: Way, months: tuple[Month, ...]) -> Difference:
    """Why the second outcome differs from the first in these months, which both have."""
    parts: list[Part] = []
    first, second = before.outcome, after.outcome
    steps = {month: list(_steps(before, after, month)) for month in months}
    old, new = _increments(first), _increments(second)
    exact = _exact_increments(first), _exact_increments(second)
    for month in months:
        share = after.replayer.folded.terms_of(month).outcome.provider_share
        parts += [Part(month, name, amount, share * amount, facts) for name, amount, facts in steps[month]]
        moved = _sum(amount for _, amount, _ in steps[month])
        unrounded = exact[1].get(month, Fraction(0)) - exact[0].get(month, Fraction(0))
        parts.append(Part(month, "rounding", Fraction(0), new.get(month, 0) - old.get(month, 0) - unrounded, 0))
        parts.append(Part(month, "cap and ceiling", Fraction(0), unrounded - share * moved, 0))
    kept = tuple(one for one in parts if one.savings or one.entitlement)
    return Difference(first, second, months, kept)


Step = tuple[Name, Fraction, int]


def _steps(before: Way, after: Way, month: Month) -> Iterator[Step]:
    """From one month's savings to the other's, exact."""
    a, b = before.outcome.lines[month], after.outcome.lines[month]
    if a == b:
        return
    if isinstance(b, MonthAgreed) and b.kind == "resolved":
        yield "resolution", _exact(b) - _exact(a), 1
        yield "rounding", _exact(a) - a.savings_ore, 0
        return
    at = a
    if isinstance(a, MonthDetermined) and before.method(month).agreed(month) is None:
        since, revised = _on_other_facts(before, after, month)
        yield "facts recorded since", _exact(since) - _exact(a), _recorded_between(before, after, month)
        yield "trend revisions", _exact(revised) - _exact(since), int(revised.trend.factor != since.trend.factor)
        at = revised
    if isinstance(at, MonthDetermined) and isinstance(b, MonthDetermined):
        yield from _by_component(at, b, before, after, month)
    else:
        yield "window", _exact(b) - _exact(at), _averaged(a, b)
    yield "rounding", (b.savings_ore - _exact(b)) - (a.savings_ore - _exact(a)), 0


def _on_other_facts(before: Way, after: Way, month: Month) -> tuple[MonthDetermined, MonthDetermined]:
    """The month by the first methodology on the second's reports, first with its own index values, then with the second's; what
    of these does not hold all that the first needs (its reference years may be others) stays its own."""
    terms = after.replayer.folded.terms_of(month)
    mine, theirs = (way.replayer.standing(way.method(month), month) for way in (before, after))
    since = _measurable(month, replace(mine, repaid=theirs.repaid), mine)
    if mine.methodology.measure == theirs.methodology.measure:
        since = _measurable(month, replace(since, now=theirs.now, locked=theirs.locked), replace(since, now=theirs.now), since)
    one, other = mine.methodology.trend, theirs.methodology.trend
    revised = since
    if (one.series, one.accept) == (other.series, other.accept):
        indexed = replace(since, index=theirs.index)
        revised = _measurable(month, replace(indexed, reference_index=theirs.reference_index), indexed, since)
    first = measured_month(since, month, terms)
    return first, first if revised == since else measured_month(revised, month, terms)


def _measurable(month: Month, *standings: Standing) -> Standing:
    """The first on which nothing is missing that the month needs; the last is known to be such."""
    return next((on for on in standings[:-1] if not missing(on, month, ())), standings[-1])


def _by_component(at: MonthDetermined, b: MonthDetermined, before: Way, after: Way, month: Month) -> Iterator[Step]:
    """Each part of the calculation put in the place of the other's, in order."""
    spells = _spells_left_out(before, after, month)
    method = after.method(month)
    left_out = {"left_out_hundredths": b.left_out_hundredths}
    kept = (at.actual_hundredths + (at.left_out_hundredths or 0)) - (b.left_out_hundredths or 0)
    index = len(months_like(month, method.reference_of(month))) + 1
    changes: list[tuple[Name, dict[str, object], int]] = [
        ("days left out", {**left_out, "actual_hundredths": kept}, spells),
        ("days counted", {"actual_hundredths": b.actual_hundredths, "employees": b.employees}, 0),
        ("reference years", {"reference_rate": b.reference_rate}, index - 1),
        ("trend", {"trend": b.trend}, index),
        ("price", {"price_ore": b.price_ore, "reimbursed": b.reimbursed}, int(b.reimbursed is not None)),
    ]
    for name, change, facts in changes:
        changed = at.model_copy(update=change)
        yield name, _exact(changed) - _exact(at), facts
        at = changed


def _exact(line: AnyMonth) -> Fraction:
    """Öre, before rounding: (rate × employees × weekdays × factor − actual) × price × what the state did not bear."""
    if isinstance(line, MonthAgreed):
        return Fraction(line.savings_ore)
    expected = line.reference_rate * line.employees * line.weekdays * line.trend.factor
    return (expected - Fraction(line.actual_hundredths, 100)) * line.price_ore * (1 - (line.reimbursed or 0))


def _averaged(a: AnyMonth, b: AnyMonth) -> int:
    """How many months an agreed month takes the mean of."""
    return sum(len(one.of) for one in (a, b) if isinstance(one, MonthAgreed) and one.of is not None)


def _spells_left_out(before: Way, after: Way, month: Month) -> int:
    """The spells behind the days that one side alone leaves out."""
    method = after.method(month)
    causes = tuple(sorted(set(method.left_out(month)) ^ set(before.method(month).left_out(month))))
    measured = after.replayer.measured(method.measure.source).counting(method.measure.numbers)
    return measured.spells_with(month, causes) if causes else 0


def _recorded_between(before: Way, after: Way, month: Month) -> int:
    """The records about the month, or its reference months, that the second way sees and the first does not."""
    method = before.method(month)
    seen = before.replayer.positions(method, month)
    sees = after.replayer.positions(after.method(month), month)
    if seen == sees:
        return 0
    years = {str(one) for one in months_like(month, method.reference_of(month))}
    upto = {str(month): (seen[0], sees[0]), **dict.fromkeys(years, (seen[1], sees[1]))}
    found = {
        one.position
        for one in after.replayer.abouts
        if one.period in upto and upto[one.period][0] < one.position <= upto[one.period][1] and _rests_on(method, month, one)
    }
    return len(found)


def _rests_on(method: Methodology, month: Month, one: About) -> bool:
    """Whether a record about a month or its reference months is of the kind that the methodology takes."""
    if one.stream.startswith("reimbursements/"):
        return method.netting(month) is not None and one.period == str(month)
    return one.source in (None, method.measure.source)


def _increments(one: Outcome) -> Mapping[Month, int]:
    before, moves = 0, {}
    for month, entitled in one.entitlements.items():
        moves[month] = entitled - before
        before = entitled
    return moves


def _exact_increments(one: Outcome) -> Mapping[Month, Fraction]:
    """How the entitlement would move at each month's end if it were not rounded."""
    before, moves, total = Fraction(0), {}, 0
    for month, amount in one.savings.items():
        total += amount
        entitled = waterfall.exact_entitlement(one.folded.terms_of(month), total)
        moves[month] = entitled - before
        before = entitled
    return moves
