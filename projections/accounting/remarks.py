"""What an accountant must know besides the vouchers: what a dispute holds, what is overpaid, and what is booked after a financial
year that it is about. The vouchers are booked on the day of recording; a year-end is drawn up by what they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ledger.facts import Facts
from ledger.money import THIN, shown
from ledger.periods import Month, Period, day_in_stockholm
from projections.accounting.texts import months_text
from projections.accounting.vouchers import Voucher
from projections.state import State, state

ACCRUE = "accrue them there (periodisering)"


def financial_year(month: Month, begins: int) -> Period:
    """The financial year that holds the month; ``begins``: the number of its first month (a municipality's is the
    calendar year: SFS 2018:597, 1:5)."""
    start = Month.of(month.year if month.number >= begins else month.year - 1, begins)
    return Period(start, start + 11)


def year_text(year: Period) -> str:
    """``2020``, or ``2019-07..2020-06`` where it is broken."""
    return str(year.first.year) if year.first.number == 1 else f"{year.first}..{year.last}"


def standing(facts: Facts, contract_id: str, period: Period) -> State | None:
    """The contract's state at the period's end, or on the last known day in it; None before its signature."""
    as_of = min(period.last_day, day_in_stockholm(facts.known_at))
    signed_on = facts.contract(contract_id).signed_on
    return None if signed_on is None or as_of < signed_on else state(facts, contract_id, as_of)


def money(found: State) -> Iterator[str]:
    """What a dispute holds, and what is overpaid, in sentences (rules 17, 18)."""
    provider, on, currency = found.provider, found.when.as_of, found.terms.currency
    if provider.held:
        names = ", ".join(one.name for one in found.disputes if one.open_on(on) and one.lowers)
        yield f"{_amount(provider.held)} {currency} of what is claimed is held by a dispute ({names}) on {on}."
    if provider.overpaid:
        sets_off = found.terms.settlement.overpaid == "set-off" and found.closed_on is None
        how = "to be set off against later claims" if sets_off else "to be paid back"
        yield f"{_amount(provider.overpaid)} {currency} is overpaid on {on}: a claim on the provider, {how}."


def of_earlier_years(held: Iterable[Voucher], begins: int, currency: str) -> Iterator[str]:
    """What a file books of cost that is about a financial year before the one in which it is booked, year by year."""
    by_year: dict[Period, list[Voucher]] = {}
    for one in held:
        about, booked = (financial_year(Month.holding(day), begins) for day in (one.effective_on, one.booked_on))
        if one.cost and about.last < booked.first:
            by_year.setdefault(about, []).append(one)
    for year, some in sorted(by_year.items()):
        yield f"{_cost(some, currency)}, booked after the year {_are(some)} about the financial year {year_text(year)}: {ACCRUE}."


def after_the_year(facts: Facts, every: Iterable[Voucher], period: Period, begins: int, found: State) -> Iterator[str]:
    """Where the period ends with a financial year: what is known to be booked later about it, and its months without a figure."""
    year = financial_year(period.last, begins)
    if period.last != year.last or found.when.as_of < period.last_day:
        return
    known, name = f"as known on {day_in_stockholm(facts.known_at)}", f"the financial year {year_text(year)}"
    later = [one for one in every if one.cost and one.booked_on > period.last_day and _within(one.effective_on, year)]
    if later:
        cost = _cost(later, found.terms.currency)
        yield f"{cost}, booked after {period.last_day} {_are(later)} about {name}, {known}: {ACCRUE}."
    else:
        yield f"No cost about {name} is booked after it, {known}."
    if months := _without_figure(facts, found, year):
        yield f"No outcome payment is determined for {months_text(months)}, {known}: what it will cost is on no voucher."


def _without_figure(facts: Facts, found: State, year: Period) -> list[Month]:
    """The year's months that are not determined yet; those of a suspension that has ended count for nothing (rule 19)."""
    since = facts.contract(found.contract).suspended_from
    suspended = [one for one in found.suspended if since is not None and since <= one]
    return [one for one in year if one in found.undetermined or one in suspended]


def _within(day: date, year: Period) -> bool:
    return year.first_day <= day <= year.last_day


def _cost(some: list[Voucher], currency: str) -> str:
    """``10 vouchers, 1 753 948.13 SEK of cost``."""
    count = f"{len(some)} voucher{'s' if len(some) > 1 else ''}"
    return f"{count}, {_amount(sum(one.cost for one in some))} {currency} of cost"


def _are(some: list[Voucher]) -> str:
    return "are" if len(some) > 1 else "is"


def _amount(ore: int) -> str:
    """With plain spaces and a plain minus, which every code page has."""
    return shown(ore).replace(THIN, " ").replace("−", "-")
