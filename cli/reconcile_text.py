"""A reconciliation in a controller's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from cli import output, sections
from cli.changes_text import signed
from cli.reconcile_answer import Answer
from cli.sections import Section, Table
from cli.words import counted
from ledger.money import decimals, shown
from ledger.periods import Month
from projections.reconcile import PARTS, MonthReconciled

NAMES = {
    "no_employees": "no employees",
    "left_out": "causes left out",
    "waiting": "waiting",
    "late": "late reports",
}
"""What explains a difference, as a column is headed."""

NOT_COMPUTED = (
    "Not computed, for no fact on record says it: work-free public holidays, which count as net days (rule 5); the limit of ten "
    "deductions in twelve months and special high-risk protection; sick pay of employees who are not in the population."
)


def as_text(one: Answer) -> str:
    """The reconciliation for a reader."""
    terms = one.facts.contract(one.contract).signed
    first, last = one.months[0].month, one.months[-1].month
    lines = [f"{terms.name} — {one.contract}", f"Sick pay, days 1–14, {first} to {last} · {output.basis_line(one.facts)}"]
    lines += [f"Beside {one.file}, fingerprint {one.sha256[:16]}", "SEK excluding VAT"]
    blocks = [_compared(one), _parts(one), _not_explained(one), _notes(one)]
    return "\n".join([*lines, "", sections.as_text(blocks)])


def _compared(one: Answer) -> Section:
    rows = [[str(month.month), *_figures(one, month)] for month in one.months]
    rows.append(["sum", *_sums(one)])
    headers = ["month", "counted days", "real cost", "booked", "difference", "explained", "not explained", "%", ""]
    table = Table(_costs(one), headers, rows, range(1, 8), total=True)
    return Section("compared", "What the counted days cost, and what is booked", tables=[table])


def _costs(one: Answer) -> str:
    """What a day costs really, and what the contract prices it at."""
    prices = [month.price for month in one.months if month.price is not None]
    agreed = f"; the contract's agreed price of a net day is {_span(prices)} SEK" if prices else ""
    asked, filed = ([month.cost for month in one.months if (month.month in one.given) is given] for given in (True, False))
    said = [f"{_span(filed)} SEK as the file says"] if filed else []
    said += [f"{_span(asked)} SEK as given with --cost-per-day"] if asked else []
    return f"A whole paid day costs {', and '.join(said)}{agreed}"


def _span(amounts: list[int]) -> str:
    """One amount, or the least and the most."""
    return " to ".join(shown(each) for each in dict.fromkeys((min(amounts), max(amounts))))


def _days(hundredths: int) -> str:
    return decimals(Fraction(hundredths, 100), 2).replace("-", "−")


def _figures(one: Answer, month: MonthReconciled) -> list[str]:
    known = [_days(month.hundredths), shown(month.at_cost), shown(month.booked), signed(month.difference)]
    mark = "" if month.is_within(one.within) else "NOT EXPLAINED"
    if one.is_withheld(month):
        return [*known, "withheld", "withheld", "", mark]
    return [*known, signed(month.explained), signed(month.rest), _per_cent(month.share), mark]


def _per_cent(share: Fraction | None) -> str:
    return "–" if share is None else decimals(share * 100, 1).replace("-", "−")


def _sums(one: Answer) -> list[str]:
    months = one.months
    days = sum(month.hundredths for month in months)
    known = [_days(days), *(shown(sum(getattr(month, name) for month in months)) for name in ("at_cost", "booked"))]
    known.append(signed(sum(month.difference for month in months)))
    if any(map(one.is_withheld, months)):
        return [*known, "withheld", "withheld", "", ""]
    rest, booked = sum(month.rest for month in months), sum(month.booked for month in months)
    return [*known, signed(sum(month.explained for month in months)), signed(rest), _per_cent(_share(rest, booked)), ""]


def _share(rest: int, booked: int) -> Fraction | None:
    return Fraction(rest, booked) if booked else None


def _parts(one: Answer) -> Section:
    """What explains the difference, month by month; columns without a figure left out."""
    told = [month for month in one.months if not one.is_withheld(month)]
    names = [name for name in PARTS if any(month.parts[name].hundredths for month in told)]
    rows = [[str(month.month), *(_part(month, name) for name in names)] for month in told]
    facts = [(NAMES[name].capitalize(), PARTS[name]) for name in names]
    tables = [Table("Amount, and net days", ["month", *(NAMES[name] for name in names)], rows, range(1, 5))] if names else []
    says = [] if names else ["No fact on record explains any of it."]
    return Section("parts", "What explains the difference", facts=facts, tables=tables, says=says)


def _part(month: MonthReconciled, name: str) -> str:
    part = month.parts[name]
    of = f" in {counted(part.periods, 'period')}" if part.periods else ""
    return f"{signed(part.amount)} ({_days(part.hundredths)}{of})" if part.hundredths else ""


def _not_explained(one: Answer) -> Section:
    limit = f"{decimals(one.within * 100, 2)} % of what is booked"
    found = [month for month in one.months if not month.is_within(one.within)]
    says = [_said(one, month) for month in found] or [f"In no month is more than {limit} not explained."]
    return Section("not-explained", f"Not explained, more than {limit}", says=says)


def _said(one: Answer, month: MonthReconciled) -> str:
    if one.is_withheld(month):
        return f"{month.month}: not explained; by how much is for the payer, as employer."
    share = "" if month.share is None else f", {_per_cent(month.share)} % of what is booked"
    said = f"{month.month}: {signed(month.rest)} is not explained{share}."
    if month.whole.amount and (month.rest > 0) == (month.whole.amount > 0):
        most = f"Part-time absences booked as whole days would explain {signed(month.whole.amount)} at most"
        said = f"{said} {most}; nothing on record says that they were."
    return said


def _notes(one: Answer) -> Section:
    return Section("notes", "Notes", says=[*_told(one), NOT_COMPUTED])


def _told(one: Answer) -> Iterator[str]:
    if open_months := [month.month for month in one.months if month.determined is None]:
        yield f"Counted as on record, not by a determination that measured them: {_runs(open_months)}."
    if unnumbered := [month.month for month in one.months if not month.numbered]:
        yield f"Absences of the days before are not complete, so days may be numbered too low: {_runs(unnumbered)}."
    if one.missing:
        yield f"Determined, and not in the file: {_runs(one.missing)}."
    if any(map(one.is_withheld, one.months)):
        yield "Withheld: parts of months in which one rests on fewer than five absent persons; --audience payer shows them."
    elif one.audience == "payer":
        yield "For the payer: it may hold figures of fewer than five absent persons; made without --audience payer it holds none."


def _runs(months: Iterable[Month]) -> str:
    """Months, those in a row from the first to the last: ``2018-10..2019-10, 2020-01``."""
    found: list[tuple[Month, Month]] = []
    for month in sorted(months):
        if found and found[-1][1] + 1 == month:
            found[-1] = (found[-1][0], month)
        else:
            found.append((month, month))
    return ", ".join(str(first) if first == last else f"{first}..{last}" for first, last in found)
