"""Counted net days at their real cost beside the sick pay that payroll booked, month by month; and what of the difference follows
from facts on record, to the öre. What does not is said to be not explained: nothing is spread or guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from ledger.contract import ContractState
from ledger.errors import Refused
from ledger.events import MonthDetermined
from ledger.facts import Facts
from ledger.methodology import SHORT_TERM, Methodology
from ledger.money import rounded
from ledger.periods import Month
from projections.audience import FEWEST, Audience, is_employer
from projections.measured import Measured, measured
from projections.rules import per_net_day_1
from projections.waiting import PaidDays, paid_days

PARTS = {
    "no_employees": "days at workplaces without employees that month: paid, not counted (rule 1)",
    "left_out": "days of causes that the methodology leaves out: paid, not counted (rule 5)",
    "waiting": "waiting days (periods begun before 2019) and waiting deductions (from 2019): counted, not paid",
    "late": "reports recorded since the month was determined: paid, not counted by the determination in force (rule 15)",
}
"""What explains a difference, and why; each a number of days at the real cost."""


@dataclass(frozen=True)
class LedgerAmount:
    """What the books have of a month, and the real cost of a net day in it, in öre."""

    month: Month
    amount: int
    cost: int


@dataclass(frozen=True)
class Part:
    """A part of a difference: net days × 100, below zero where they carry no pay, and öre. ``persons``: how many it rests on;
    None where it is the difference of two totals that everybody may see. ``periods``: sick-pay periods that wait."""

    hundredths: int
    amount: int
    persons: int | None = None
    periods: int = 0


@dataclass(frozen=True)
class MonthReconciled:
    """A month. ``hundredths``: counted net days × 100, by determination ``determined``, else as on record; ``price``: the
    contract's of a net day, None where it has none; ``whole``: what part-time absences would cost more as whole days;
    ``numbered``: whether the days before are complete as far back as rule 4 reaches; amounts in öre."""

    month: Month
    determined: int | None
    hundredths: int
    price: int | None
    booked: int
    cost: int
    parts: dict[str, Part]
    whole: Part
    numbered: bool

    @property
    def at_price(self) -> int | None:
        """What the counted days are worth at the contract's price."""
        return None if self.price is None else _worth(self.hundredths, self.price)

    @property
    def at_cost(self) -> int:
        """What the counted days cost really."""
        return _worth(self.hundredths, self.cost)

    @property
    def difference(self) -> int:
        """What is booked less what the counted days cost."""
        return self.booked - self.at_cost

    @property
    def explained(self) -> int:
        """What of the difference follows from facts."""
        return sum(one.amount for one in self.parts.values())

    @property
    def rest(self) -> int:
        """What does not."""
        return self.difference - self.explained

    @property
    def share(self) -> Fraction | None:
        """The rest ÷ what is booked; None where nothing is."""
        return Fraction(self.rest, self.booked) if self.booked else None

    def is_within(self, tolerance: Fraction) -> bool:
        """Whether the rest is at most that share of what is booked."""
        return abs(self.rest) <= tolerance * self.booked

    def is_withheld(self, audience: Audience) -> bool:
        """Whether the parts are for the employer alone: one of them rests on too few persons, and a sum would tell of it."""
        few = any(one.persons is not None and 0 < one.persons < FEWEST for one in (*self.parts.values(), self.whole))
        return few and not is_employer(audience)


def reconcile(facts: Facts, contract_id: str, months: Sequence[LedgerAmount]) -> tuple[MonthReconciled, ...]:
    """The months in order. Raises Usage for an unknown contract, Refused where absences or headcounts of a month are not all on
    record, naming each."""
    counting = _Counting(facts, contract_id)
    lacking = [said for one in months if (said := counting.measured(one.month).incomplete(one.month)) is not None]
    if lacking:
        raise Refused(
            "these months cannot be reconciled:\n    " + "\n    ".join(lacking),
            do=f"leave them out, or see what is in with: soc evidence {contract_id}",
        )
    return tuple(counting.month(one) for one in sorted(months, key=lambda one: one.month))


def missing_months(facts: Facts, contract_id: str, months: Iterable[Month]) -> tuple[Month, ...]:
    """The contract's determined months that the books say nothing of."""
    return tuple(sorted(facts.contract(contract_id).savings.keys() - set(months)))


class _Counting:
    """One contract's counted days, and whom they are of."""

    def __init__(self, facts: Facts, contract_id: str) -> None:
        self._facts, self._contract = facts, contract_id
        self._folded: ContractState = facts.contract(contract_id)
        self._sources: dict[str, tuple[Measured, PaidDays]] = {}

    @cached_property
    def _determined(self) -> dict[Month, tuple[int, MonthDetermined]]:
        """The months measured by a determination in force, by days 1–14."""
        return {
            line.month: (one.number, line)
            for one in self._folded.in_force
            for line in one.months
            if isinstance(line, MonthDetermined)
            and self._folded.every_methodology[line.methodology_sha256].measure.numbers == SHORT_TERM
        }

    def _methodology(self, month: Month) -> Methodology | None:
        """What the month was determined by, else what is agreed for it; None before the contract."""
        if month in self._determined:
            return self._folded.every_methodology[self._determined[month][1].methodology_sha256]
        adopted = any(start <= month.first_day for start, _ in self._folded.methodologies)
        return self._folded.methodology_of(month) if adopted else None

    def _read(self, month: Month) -> tuple[Measured, PaidDays]:
        method = self._methodology(month)
        source = method.measure.source if method is not None else "payroll"
        if source not in self._sources:
            found = measured(self._facts, self._contract, source)
            self._sources[source] = (found, paid_days(found.spells))
        return self._sources[source]

    def measured(self, month: Month) -> Measured:
        """The reports that count for the month."""
        return self._read(month)[0]

    def month(self, one: LedgerAmount) -> MonthReconciled:
        """The month, and what explains its difference."""
        method, (now, days) = self._methodology(one.month), self._read(one.month)
        causes = method.left_out(one.month) if method is not None else ()
        left_out = now.left_out(one.month, causes)
        on_record = now.hundredths(one.month) - left_out
        number, line = self._determined.get(one.month, (None, None))
        counted = on_record if line is None else line.actual_hundredths
        price = per_net_day_1.price_ore(method.price, one.month) if method is not None else None
        here = days.of(one.month)
        employing = days.at(frozenset(now.by_workplace(one.month)))
        elsewhere, excluded = here & ~employing, here & employing & days.caused(causes)
        waiting = here & (days.waiting > 0)
        not_counted = sum(now.not_counted(one.month).values())
        without_pay = -int(days.waiting[here].sum())
        whole = int((days.whole - days.hundredths)[here].sum())
        return MonthReconciled(
            month=one.month,
            determined=number,
            hundredths=counted,
            price=line.price_ore if line is not None else price,
            booked=one.amount,
            cost=one.cost,
            parts={
                "no_employees": _part(not_counted, one.cost, days.persons(elsewhere)),
                "left_out": _part(left_out, one.cost, days.persons(excluded)),
                "waiting": _part(without_pay, one.cost, days.persons(waiting), len(np.unique(days.period[waiting]))),
                "late": _part(on_record - counted, one.cost, None),
            },
            whole=_part(whole, one.cost, days.persons(here & (days.whole > days.hundredths))),
            numbered=now.numbering_known(one.month),
        )


def _part(hundredths: int, cost: int, persons: int | None, periods: int = 0) -> Part:
    return Part(hundredths, _worth(hundredths, cost), persons, periods)


def _worth(hundredths: int, cost: int) -> int:
    """Net days × 100 at öre a day, rounded to the öre."""
    return rounded(Fraction(hundredths * cost, 100))
