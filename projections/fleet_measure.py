"""What one contract measures, month by month, from all its evidence: the question that ``soc fleet measure`` puts to each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.contract import ContractState
from ledger.errors import Refused
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.periods import Month, Period
from projections.measured import Measured
from projections.proposals import by_methodology, locked_at
from projections.savings import Standing, determine, standing


@dataclass(frozen=True, slots=True)
class MonthMeasured:
    """One month: employees by head, net days × 100 (rule 5), and savings in öre, None where it is not of the contract or
    cannot be determined."""

    month: Month
    employees: int
    hundredths: int
    savings_ore: int | None


@dataclass(frozen=True)
class Measurement:
    """One contract: ``lines`` of its reports, the ``spells`` of them in force, its months in order, and what is missing before
    the others of the contract's months can be determined."""

    lines: int
    spells: int
    months: tuple[MonthMeasured, ...]
    missing: tuple[str, ...]

    @property
    def hundredths(self) -> int:
        """Net days × 100 of all months."""
        return sum(month.hundredths for month in self.months)

    @property
    def determinable(self) -> int:
        """How many months have savings."""
        return sum(month.savings_ore is not None for month in self.months)

    @property
    def savings_ore(self) -> int:
        """Öre: savings of all months that have them."""
        return sum(month.savings_ore or 0 for month in self.months)


def measurement(facts: Facts, contract_id: str) -> Measurement:
    """The contract's months with headcounts, and the savings that a redo on these facts would determine (rules 4 to 9).

    Under the methodology in force each month, the latest also for the months before the contract. Raises Refused where no
    methodology is adopted.
    """
    state = facts.contract(contract_id)
    terms = state.versions[-1][1]
    parts = by_methodology(state, Period(terms.first_month, terms.last_month))
    latest = Measured(facts, contract_id, parts[-1][0].measure.source).counting(parts[-1][0].measure.numbers)
    numbers = {month: methodology.measure.numbers for methodology, part in parts for month in part}
    stands = [_standing(facts, state, methodology, latest) for methodology, _ in parts]
    counted = sorted(latest.coverage.counts)
    savings: dict[Month, int] = {}
    missing: list[str] = []
    for on, (_, part) in zip(stands, parts, strict=True):
        for months in _runs(state, [month for month in part if month in latest.coverage.counts]):
            found, lacking = _savings(on, months, state)
            savings |= found
            missing += lacking
    return Measurement(
        lines=sum(record.data.lines.count for record in latest.reported.records),
        spells=len(latest.spells.first),
        months=tuple(
            MonthMeasured(
                month,
                latest.employees(month),
                latest.counting(numbers.get(month, latest.numbers)).hundredths(month),
                savings.get(month),
            )
            for month in counted
        ),
        missing=tuple(dict.fromkeys(missing)),
    )


def _standing(facts: Facts, state: ContractState, methodology: Methodology, latest: Measured) -> Standing:
    locked = facts.at(locked_at(state, methodology) or facts.position)
    now = latest if methodology.measure.source == latest.source else None
    return standing(facts, locked, state, methodology, redo=True, now=now)


def _runs(state: ContractState, months: list[Month]) -> Iterator[Period]:
    """The months without those suspended, as periods without gaps; those determined apart from those that may lack something."""
    start: Month | None = None
    counting, following = {month for month in months if not state.suspended(month)}, state.next_month
    for month in months:
        if month in counting and start is None:
            start = month
        ends = month + 1 not in counting or month + 1 == following
        if start is not None and month in counting and ends:
            yield Period(start, month)
            start = None


def _savings(on: Standing, period: Period, state: ContractState) -> tuple[dict[Month, int], list[str]]:
    """Savings by month, and what stands against the others: all at once where nothing does, else each half by itself."""
    try:
        return {one.month: one.savings_ore for one in determine(dict.fromkeys(period, on), state.terms_of)}, []
    except Refused as refused:
        if len(period) == 1:
            return {}, [line.strip() for line in refused.what.splitlines()[1:]]
    middle = period.first + len(period) // 2
    found, missing = _savings(on, Period(period.first, middle - 1), state)
    later, lacking = _savings(on, Period(middle, period.last), state)
    return found | later, missing + lacking
