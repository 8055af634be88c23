"""What a forecast rests on: the months determined, and what is known of those to come (rules 9, 19, 20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ledger.contract import ContractState
from ledger.disruption import DeemAverage, ExcludeMonths
from ledger.events import AnyMonth, MonthAgreed
from ledger.periods import Month
from ledger.terms import ContractTerms
from projections.rules.deem_average_1 import savings_ore


@dataclass(frozen=True)
class Ground:
    """Savings in öre by month. ``carried``: the sum S of the months determined; ``counted``: those of them that are not left out
    by agreement; ``measured``: those of the counted that do not stand for a mean of others. ``agreed``: months to come whose
    savings the parties have agreed already; ``coming``: those that are to be forecast; ``left_out``: months of the term that
    count for nothing; ``open``: those of the coming that lie in a suspension, for which nothing is agreed yet; ``amended_from``:
    the month from which other terms are agreed, that are not in force yet and not counted."""

    terms: ContractTerms
    carried: int
    counted: Mapping[Month, int]
    measured: Mapping[Month, int]
    agreed: Mapping[Month, int]
    coming: tuple[Month, ...]
    left_out: tuple[Month, ...]
    open: tuple[Month, ...]
    amended_from: Month | None

    @property
    def ahead(self) -> tuple[Month, ...]:
        """The months by which the sum can still move, in order."""
        return tuple(sorted((*self.agreed, *self.coming)))


def ground(folded: ContractState, as_of: date) -> Ground:
    """What is known of each month of the term, under the terms in force on a day."""
    terms = folded.terms_on(as_of)
    lines = {one.month: one for found in folded.in_force for one in found.months if one.month.last_day <= as_of}
    term = [terms.first_month + offset for offset in range(terms.months)]
    ahead = [month for month in term if month not in lines]
    dropped = {month for month in ahead if _left_out(folded, month)}
    deemed = {month: _deemed(folded, month, as_of) for month in ahead if month not in dropped}
    coming = tuple(month for month, amount in deemed.items() if amount is None)
    excluded = {month for month, line in lines.items() if _kind(line) == "exclude-months@1"}
    return Ground(
        terms=terms,
        carried=sum(line.savings_ore for line in lines.values()),
        counted={month: line.savings_ore for month, line in lines.items() if month not in excluded},
        measured={month: line.savings_ore for month, line in lines.items() if _kind(line) in (None, "resolved")},
        agreed={month: amount for month, amount in deemed.items() if amount is not None},
        coming=coming,
        left_out=tuple(sorted(excluded | dropped)),
        open=tuple(month for month in coming if folded.suspended(month)),
        amended_from=next((start for start, other in folded.versions[1:] if start.first_day > as_of and other != terms), None),
    )


def _kind(line: AnyMonth) -> str | None:
    """What was agreed for a determined month; None for a measured one."""
    return line.kind if isinstance(line, MonthAgreed) else None


def _left_out(folded: ContractState, month: Month) -> bool:
    """Whether a month not determined yet will count for nothing: so it is agreed, or its suspension has ended and nothing was
    agreed for it (rule 19). What an open suspension's months will count for is not agreed yet."""
    if isinstance(folded.methodology_of(month).agreed(month), ExcludeMonths):
        return True
    resumed = folded.suspended_from is None or month < folded.suspended_from
    return resumed and folded.suspended(month)


def _deemed(folded: ContractState, month: Month, as_of: date) -> int | None:
    """The mean that a month not determined yet will stand for, in öre, where that is agreed and its months are determined."""
    rule = folded.methodology_of(month).agreed(month)
    if not isinstance(rule, DeemAverage):
        return None
    known = {one: amount for one, amount in folded.averageable.items() if one.last_day <= as_of}
    return savings_ore([known[one] for one in rule.of]) if all(one in known for one in rule.of) else None
