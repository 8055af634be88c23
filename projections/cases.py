"""Cases run through the product's own steps: given days → savings → each party's share, and what differs from what the case says.

The facts are those that the case gives, in place of the record; everything from them on is what a determination computes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from ledger.cases import NEVER, Case, Given, Repaid, by_month, said_of
from ledger.contract import ContractState, Determination
from ledger.errors import Refused
from ledger.events import AnyMonth, IndexValue, MonthAgreed, MonthAmount, MonthDetermined, Position, Reimbursement
from ledger.holds import Claims, Disputed, claims
from ledger.imports import absence_csv
from ledger.methodology import Methodology, Numbers
from ledger.money import decimals, kronor
from ledger.periods import Month, Period
from ledger.terms import ContractTerms
from ledger.vocabulary import decimal_text
from projections.absences import Spells
from projections.columns import Ints, day_numbers, month_at, months_of
from projections.measured import Causes
from projections.numbering import net_days
from projections.rules.exclude_cause_1 import with_causes
from projections.rules.short_term_net_days_1 import NetDays
from projections.savings import Standing, determine
from projections.state import Reaching, Reachings


@dataclass(frozen=True)
class Difference:
    """A figure that is not what the case says, both as the case writes it."""

    what: str
    expected: str
    found: str


@dataclass(frozen=True)
class Outcome:
    """What came of a case: the months as they were determined, or why that was refused; and the contract's state after them."""

    case: Case
    months: tuple[AnyMonth, ...]
    refused: str | None
    state: ContractState
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        """Whether everything came out as the case says."""
        return not self.differences


def run(case: Case, terms: ContractTerms, methodology: Methodology | None) -> Outcome:
    """Determine what the case says, share the sum, and compare."""
    months, refused = tuple[AnyMonth, ...](), None
    if case.when.determined is not None:
        assert methodology is not None, "a case that determines has a methodology"
        try:
            on = _standing(case.given, case.when.determined, terms, methodology)
            months = tuple(determine(dict.fromkeys(case.when.determined, on), lambda month: terms))
        except Refused as refusal:
            refused = refusal.what
    state = _state(case.given, months, terms, methodology)
    return Outcome(case, months, refused, state, tuple(_differences(case, months, refused, state)))


# ── What is given ────────────────────────────────────────────────────────────────────────────────────────────────────


class GivenDays:
    """The days and employees of a case, in the place of what reports say: a ``projections.measured.Counted``. The absences, where
    there are any, are all that there were in the months determined and in those between the first of them and the last."""

    def __init__(self, given: Given, determined: Period, numbers: Numbers) -> None:
        self._given, self._determined, self._numbers = given, determined, numbers
        self._tables: dict[Causes, NetDays] = {}

    def incomplete(self, month: Month) -> str | None:
        """What the case would have to give before the month can be determined; None when nothing."""
        if not self.has_headcounts(month):
            return f"{month}: employees are not given"
        if said_of(self._given.net_days, month) is None and not self._has_absences(month):
            return f"{month}: net days are not given"
        return None

    def has_headcounts(self, month: Month) -> bool:
        """Whether the month's employees are given."""
        return said_of(self._given.employees, month) is not None

    def employees(self, month: Month) -> int:
        """Employees by head."""
        return said_of(self._given.employees, month) or 0

    def hundredths(self, month: Month) -> int:
        """Its net days × 100."""
        days = said_of(self._given.net_days, month)
        return self._numbered(month, ()) if days is None else days

    def left_out(self, month: Month, causes: Causes) -> int:
        """Those of them that have the causes."""
        if said_of(self._given.net_days, month) is None:
            return self._numbered(month, causes) if causes else 0
        of_which = said_of(self._given.of_which, month) or {}
        return sum(days for cause, days in of_which.items() if cause in causes)

    def findings(self, month: Month) -> Iterator[str]:
        """None: what is given is complete."""
        return iter(())

    def crowded(self, month: Month) -> Iterator[str]:
        """None: a case says nothing of people."""
        return iter(())

    def _has_absences(self, month: Month) -> bool:
        if self._given.absences is None:
            return False
        spells = self._spells
        reach = [month_at(int(one)) for one in months_of(np.append(spells.first, spells.last))]
        return month in self._determined or min(reach, default=month + 1) <= month <= max(reach, default=month)

    def _numbered(self, month: Month, causes: Causes) -> int:
        if causes not in self._tables:
            among = with_causes(self._spells, causes) if causes else None
            self._tables[causes] = net_days(self._spells, self._numbers, among)
        return sum(self._tables[causes].of(month).values())

    @cached_property
    def _spells(self) -> Spells:
        """The spells in force: read as a file's are, in order of employee and first day."""
        rows = absence_csv.read((self._given.absences or "").encode(), "given.absences")
        order = sorted(range(len(rows)), key=lambda row: (rows.employee[row], rows.first_day[row]))
        employees, workplaces = sorted(set(rows.employee)), tuple(sorted(set(rows.workplace)))

        def column(values: Sequence[int]) -> Ints:
            return np.array([values[row] for row in order], dtype=np.int64)

        return Spells(
            workplaces,
            employee=column([employees.index(one) for one in rows.employee]),
            workplace=column([workplaces.index(one) for one in rows.workplace]),
            first=day_numbers(column(rows.first_day)),
            last=day_numbers(column(rows.last_day)),
            extent=column(rows.extent),
            cause=column(rows.cause),
            report=column([0] * len(rows)),
            line=column(rows.line),
            open=column([0] * len(rows)),
        )


def _standing(given: Given, determined: Period, terms: ContractTerms, methodology: Methodology) -> Standing:
    """The methodology on what is given; an index value counts as published on its quarter's last day."""
    days = GivenDays(given, determined, methodology.measure.numbers)
    index = {
        quarter: IndexValue(
            quarter=quarter, value=value, published_on=quarter.months.last_day, status="published", source="given by the case"
        )
        for quarter, value in given.index.items()
    }
    repaid = {month: _reimbursement(month, one) for month, one in by_month(given.reimbursements).items()}
    return Standing(
        methodology=methodology,
        now=days,
        locked=days,
        reference_index=index,
        index=index,
        first_quarter=terms.first_month.quarter,
        repaid=repaid,
        settled=by_month(given.savings),
    )


def _reimbursement(month: Month, one: Repaid) -> Reimbursement:
    return Reimbursement.model_validate(
        {
            "month": month,
            "sick_pay_cost_ore": one.sick_pay_cost,
            "wage_cost_ore": one.wage_cost,
            "threshold": decimal_text(one.threshold),
            "reimbursed_ore": one.reimbursed,
        }
    )


def _state(given: Given, months: tuple[AnyMonth, ...], terms: ContractTerms, methodology: Methodology | None) -> ContractState:
    """The contract as it stands once the months are determined. How the given savings came about the case does not say; they
    stand as agreed."""
    earlier = [
        MonthAgreed(
            month=month, kind="deem-average@1", savings_ore=ore, terms_sha256=terms.sha256, methodology_sha256=terms.sha256
        )
        for month, ore in by_month(given.savings).items()
    ]
    settled = tuple(sorted([*earlier, *months], key=lambda one: one.month))
    state = ContractState(
        signed_on=terms.starts_on,
        versions=((terms.first_month, terms),),
        every_methodology={methodology.sha256: methodology} if methodology else {},
    )
    if not settled:
        return state
    determination = Determination(
        number=1,
        position=1,
        determined_on=settled[-1].month.last_day,
        basis=0,
        months=settled,
        preliminary=False,
        claim_ore=0,
    )
    return replace(state, determinations=(determination,))


# ── What comes out ───────────────────────────────────────────────────────────────────────────────────────────────────

Figure = Callable[[MonthDetermined], Fraction]

STEPS: dict[str, tuple[str, Figure]] = {
    "reference_rate": ("reference rate", lambda month: month.reference_rate),
    "trend_factor": ("trend factor", lambda month: month.trend.factor),
    "expected": ("expected days", lambda month: month.expected_days),
    "left_out": ("days left out", lambda month: Fraction(month.left_out_hundredths or 0, 100)),
    "actual": ("actual days", lambda month: Fraction(month.actual_hundredths, 100)),
    "avoided": ("avoided days", lambda month: month.expected_days - Fraction(month.actual_hundredths, 100)),
    "reimbursed": ("share borne by the state", lambda month: month.reimbursed or Fraction(0)),
}
"""What a case may say of a measured month → what it is called, and the exact figure."""


def _differences(case: Case, months: tuple[AnyMonth, ...], refused: str | None, state: ContractState) -> Iterator[Difference]:
    then, period = case.then, str(case.when.determined)
    if then.refused:
        came = refused or "it is determined: " + ", ".join(f"{one.month} {kronor(one.savings_ore)}" for one in months)
        yield from (Difference(f"refusal of {period}", text, came) for text in then.refused if text not in (refused or ""))
        return
    if refused is not None:
        yield Difference(f"determination of {period}", "it is determined", refused)
        return
    lines = {one.month: one for one in months}
    for name, (what, figure) in STEPS.items():
        for month, number in by_month(getattr(then, name)).items():
            yield from _compared(f"{what} of {month}", number, _rounded(lines[month], figure, number))
    for name, (what, figures) in _amounts(case.given, state).items():
        for month, ore in by_month(getattr(then, name)).items():
            yield from _compared(f"{what} {month}", kronor(ore), kronor(figures[month]))
    yield from _dates(case, state)


def _compared(what: str, expected: str, found: str) -> Iterator[Difference]:
    if expected != found:
        yield Difference(what, expected, found)


def _rounded(month: AnyMonth, figure: Figure, like: str) -> str:
    """The figure with as many decimals as the case gives."""
    if not isinstance(month, MonthDetermined):
        return f"none, for the month is not measured ({month.kind})"
    return decimals(figure(month), len(like.partition(".")[2]))


def _amounts(given: Given, state: ContractState) -> dict[str, tuple[str, dict[Month, int]]]:
    """Öre: savings of each month; at each month's end the provider's entitlement, what the authority has of the sum, and what
    disputes hold and claim above."""
    path = state.path
    disputed = {step.month: _disputed(given, state, step.month) for step in path}
    return {
        "savings": ("savings of", state.savings),
        "entitlement": ("entitlement at the end of", {step.month: step.entitlement for step in path}),
        "to_authority": ("the authority's part at the end of", {step.month: step.savings - step.entitlement for step in path}),
        "held": ("held at the end of", {month: one.lower for month, one in disputed.items()}),
        "claimed_above": ("claimed above at the end of", {month: one.above for month, one in disputed.items()}),
    }


def _disputed(given: Given, state: ContractState, month: Month) -> Claims:
    """What positions about months that have ended hold and claim above, were every claim payable and none paid (rule 18)."""
    disputed = []
    for period, ore in given.positions.items():
        if period.last <= month:
            said = Position(savings=tuple(MonthAmount(month=one, amount_ore=ore) for one in period))
            determined = {one: state.savings[one] for one in period}
            disputed.append(Disputed(determined, determined, (said,)))
    return claims(state.savings, disputed, (), state.terms_of, month.last_day)


def _dates(case: Case, state: ContractState) -> Iterator[Difference]:
    """When the targets were reached, as of the last month's end (rule 11)."""
    if state.determined_through is None:
        return
    reaching, even = Reachings((), state, state.determined_through.last_day), case.then.break_even
    for what, expected, found in (
        ("break-even of the contract", even.contract, reaching.of("contract", "savings")),
        ("break-even of the provider", even.provider, reaching.of("provider", "provider")),
        ("break-even of the authority", even.authority, reaching.of("authority", "authority")),
        ("cap reached on", case.then.cap_reached_on, reaching.of("cap", "provider")),
    ):
        if expected is not None:
            yield from _compared(what, expected, _reached(found))


def _reached(found: Reaching) -> str:
    if found.reached:
        return str(found.reached_on)
    return NEVER if found.lost_on is None else f"lost {found.lost_on}"
