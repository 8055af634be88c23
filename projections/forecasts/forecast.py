"""What the savings may come to by the end of the term, from the months determined: three ways, each with its range, and the
dates on which break-even and cap may be expected (rules 9 to 11, 19). A forecast is no claim: nothing is owed or paid by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger import contract, waterfall
from ledger.errors import Refused
from ledger.facts import Facts
from ledger.periods import Month
from ledger.waterfall import Target
from projections.book import Book, Folded
from projections.forecasts.back_test import BackTest, back_test
from projections.forecasts.ground import Ground, ground
from projections.forecasts.methods import METHODS, Name, Run, Step, path, runs
from projections.state import Reaching, State, state

TargetName = Literal["contract", "authority", "provider", "cap"]


@dataclass(frozen=True)
class Expected:
    """When a target may be attained. ``reached_on``: it is attained in the months determined, since that month's end. Else
    ``on``: the end of the first month to come at which the forecast attains it, ``earliest`` and ``latest`` that at which the
    upper and the lower end of its range do; None: not within the term. ``missing``: öre of the party's own amount at the end of
    the term."""

    target: Target
    reached_on: date | None
    on: date | None
    earliest: date | None
    latest: date | None
    missing: int


@dataclass(frozen=True)
class Outlook:
    """One way's answer. The sum at the end, its range and the provider's part in öre; ``steps``: the months ahead."""

    method: Name
    savings: int
    entitlement: int
    low: int | None
    high: int | None
    entitlement_low: int | None
    entitlement_high: int | None
    steps: tuple[Step, ...]
    expected: dict[TargetName, Expected]


@dataclass(frozen=True)
class Forecast:
    """The forecast at one AsOf, on the state that it starts from. ``worst``, ``best``: the runs of past months that would bring
    least and most; None where no month is to come. ``ends_on``: the last day of the term."""

    state: State
    ground: Ground
    outlooks: tuple[Outlook, ...]
    worst: Run | None
    best: Run | None
    back_test: BackTest

    @property
    def ends_on(self) -> date:
        """The last day of the term, under the terms in force."""
        return self.ground.terms.last_month.last_day


def forecast(facts: Facts, contract_id: str, as_of: date | None = None, book: Book | None = None) -> Forecast:
    """The forecast, from the determinations in force. Raises Usage for an unknown contract; Refused for a date before signature,
    and where no measured month is determined."""
    book = book or Folded(facts)
    one = state(facts, contract_id, as_of, book)
    records = book.shaping(contract_id)
    folded = contract.fold(records)
    known = ground(folded, one.when.as_of)
    if not known.measured:
        raise Refused(
            f"no measured month of {contract_id} is determined as of {one.when.as_of}: a forecast rests on past months",
            do=f"determine the first period with: soc determine {contract_id} PERIOD",
        )
    worst, best = runs(known) or (None, None)
    return Forecast(
        state=one,
        ground=known,
        outlooks=tuple(_outlook(name, known, one) for name in METHODS),
        worst=worst,
        best=best,
        back_test=back_test(records, folded, one.when.as_of),
    )


def _outlook(name: Name, known: Ground, one: State) -> Outlook:
    steps, terms = path(known, name), known.terms
    entitled = one.provider.entitled
    end = steps[-1] if steps else Step(terms.last_month, known.carried, entitled, known.carried, known.carried)
    low, high = (_entitled(known, savings) if steps else entitled for savings in (end.low, end.high))
    targets = waterfall.targets(terms)
    now: dict[TargetName, tuple[Reaching, Target]] = {
        "contract": (one.break_even_contract, targets.contract),
        "authority": (one.break_even_authority, targets.authority),
        "provider": (one.break_even_provider, targets.provider),
        "cap": (one.cap, targets.cap),
    }
    return Outlook(
        method=name,
        savings=end.savings,
        entitlement=end.entitlement,
        low=end.low,
        high=end.high,
        entitlement_low=low,
        entitlement_high=high,
        steps=steps,
        expected={party: _expected(party, known, steps, end.savings, *both) for party, both in now.items()},
    )


def _entitled(known: Ground, savings: int | None) -> int | None:
    return None if savings is None else waterfall.entitlement(known.terms, savings)


def _expected(party: TargetName, known: Ground, steps: tuple[Step, ...], at_end: int, now: Reaching, target: Target) -> Expected:
    def first(sums: Iterable[tuple[Month, int | None]]) -> date | None:
        found = (month for month, savings in sums if savings is not None and _amount(known, party, savings) >= target.amount)
        return next((month.last_day for month in found), None)

    missing = max(0, target.amount - _amount(known, party, at_end))
    if now.reached:
        return Expected(target, now.reached_on, None, None, None, missing)
    return Expected(
        target=target,
        reached_on=None,
        on=first((step.month, step.savings) for step in steps),
        earliest=first((step.month, step.high) for step in steps),
        latest=first((step.month, step.low) for step in steps),
        missing=missing,
    )


def _amount(known: Ground, party: TargetName, savings: int) -> int:
    """A party's own amount in öre at a sum of savings (rule 11)."""
    if party == "contract":
        return savings
    entitled = waterfall.entitlement(known.terms, savings)
    return savings - entitled if party == "authority" else entitled
