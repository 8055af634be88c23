"""The settlement statement: who, which determination, what it measured and how."""

from __future__ import annotations

from fractions import Fraction

from cli import methodology_words
from cli.sections import Section, Table
from cli.statement_words import grouped, months_of, number, signed
from cli.words import role, who
from ledger.events import MonthDetermined
from ledger.money import shown
from ledger.periods import stockholm_text
from projections.statement import Redone, Statement


def parties(one: Statement) -> Section:
    """Who the parties are."""
    facts = [(role(key).capitalize(), name) for key, name in one.terms.parties.items()]
    return Section("parties", "Parties", facts)


def basis(one: Statement) -> Section:
    """Which determination it is, and what it rests on."""
    record, event = one.record, one.record.data
    facts = [
        (
            "Determination",
            f"D{one.found.number} of contract {one.contract}, period {one.found.period}",
        ),
        ("Recorded", f"{stockholm_text(record.recorded_at)} as record {record.position}, by {who(record.recorded_by)}"),
        (
            "Rests on",
            f"all records up to {event.basis.position}, fingerprint {event.basis.root[:16]}; computed by {event.computed_by}",
        ),
        ("Terms", f"fingerprint {one.months[-1].terms_sha256[:16]}, in force in {one.months[-1].month}"),
    ]
    if one.superseded:
        names = ", ".join(f"D{earlier.number} ({earlier.period})" for earlier in one.superseded)
        facts.append(("Supersedes", f"{names}, because: {event.reason}"))
    if one.superseded_by is not None:
        later = one.superseded_by
        facts.append(
            (
                "Superseded",
                f"by D{later.number} ({later.period}) on {stockholm_text(later.recorded_at)[:10]}, because: {later.reason}",
            )
        )
    return Section("basis", "Determination", facts)


def measuring(one: Statement) -> Section:
    """The methodology in words."""
    facts: list[tuple[str, str]] = []
    for part in one.measured:
        methodology = part.methodology
        ident = f"{methodology.name}, version {methodology.version}, fingerprint {methodology.sha256[:16]}"
        months = "" if len(one.measured) == 1 else f"; for {part.period}"
        facts += [("Methodology", ident + months), *methodology_words.told(methodology)]
    people = one.terms.population
    facts.append(("Measured for", f"{people.employees}, workplaces: {people.workplaces}; which the ledger cannot check"))
    return Section("measuring", "How savings are measured", facts)


HEADERS = [
    "Month",
    "Employees",
    "Weekdays",
    "Reference rate",
    "Trend factor",
    "Expected net days",
    "Actual net days",
    "Avoided net days",
    "Price, SEK",
    "Savings, SEK",
]


def months(one: Statement) -> Section:
    """Each month's calculation."""
    actual = sum((_actual(month) for month in one.months), Fraction(0))
    expected = sum((month.expected_days for month in one.months), Fraction(0))
    days = [number(expected, 6), number(actual, 2), number(expected - actual, 6)]
    total = ["Sum", "", "", "", "", *days, "", shown(one.determined)]
    return Section(
        "months",
        f"Savings of {months_of(one.found.period)}",
        tables=[Table("Month by month", HEADERS, [*map(_month, one.months), total], range(1, 10), total=True)],
        says=["Expected = rate × employees × weekdays × factor; computed exactly, shown with six decimals."],
    )


def _month(month: MonthDetermined) -> list[str]:
    return [
        str(month.month),
        grouped(str(month.employees)),
        str(month.weekdays),
        number(month.reference_rate, 6),
        number(month.trend.factor, 6),
        number(month.expected_days, 6),
        number(_actual(month), 2),
        number(month.expected_days - _actual(month), 6),
        shown(month.price_ore),
        shown(month.savings_ore),
    ]


def _actual(month: MonthDetermined) -> Fraction:
    return Fraction(month.actual_hundredths, 100)


def redo(one: Statement) -> Section | None:
    """What a redo changes and why; None for a first determination."""
    if not one.redone:
        return None
    rows = [_redone(month) for month in one.redone]
    before = sum(month.before.savings_ore for month in one.redone if month.before)
    difference = one.determined - before
    rows.append(["Sum", "", "", "", "", shown(before), shown(one.determined), signed(difference)])
    headers = [
        "Month",
        "Net days before",
        "Net days now",
        "Trend factor before",
        "Trend factor now",
        "Savings before",
        "Savings now",
        "Difference, SEK",
    ]
    names = ", ".join(f"D{earlier.number}" for earlier in one.superseded)
    return Section(
        "redo",
        "What is determined again, and why",
        [("Reason", one.record.data.reason or "")],
        [Table(f"Before ({names}) and now (D{one.found.number})", headers, rows, range(1, 8), total=True)],
    )


def _redone(month: Redone) -> list[str]:
    before, now = month.before, month.now
    days_before, factor_before, savings_before = "", "", "not determined"
    if before is not None:
        days_before, factor_before = number(_actual(before), 2), number(before.trend.factor, 6)
        savings_before = shown(before.savings_ore)
    factor = number(now.trend.factor, 6)
    figures = [days_before, number(_actual(now), 2), factor_before, factor, savings_before, shown(now.savings_ore)]
    return [str(now.month), *figures, signed(month.difference)]
