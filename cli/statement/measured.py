"""The settlement statement: who, which determination, what it measured and how."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from cli import methodology_words
from cli.sections import Section, Table
from cli.statement.reference import mean
from cli.statement.words import grouped, months_of, number, signed
from cli.words import role, who
from ledger.events import AnyMonth, MonthDetermined
from ledger.methodology import Methodology
from ledger.money import shown
from ledger.periods import stockholm_text
from projections.audience import WITHHELD
from projections.statements.people import FEW
from projections.statements.statement import Redone, Statement
from projections.statements.withheld import Withheld


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
        months = "" if len(one.measured) == 1 else f"; for {part.period}"
        facts += [("Methodology", _ident(methodology) + months), *methodology_words.told(methodology)]
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
    "Left out net days",
    "Actual net days",
    "Avoided net days",
    "Price, SEK",
    "Share borne by the state",
    "Savings, SEK",
]
SELDOM = (6, 10)
"""Columns that stand only where a rule for disrupted months fills them."""


def months(one: Statement) -> Section:
    """Each month's calculation, and what is agreed for months that are not measured."""
    tables, says = [], [mean(one, found) for found in one.means]
    if one.months_measured:
        tables.append(_steps(one))
        says = [*_said(one), *says]
    if one.months_agreed:
        tables.append(_agreed(one))
    return Section("months", f"Savings of {months_of(one.found.period)}", tables=tables, says=says)


def _steps(one: Statement) -> Table:
    rows = [*(_month(month, one.hidden) for month in one.months_measured), _total(one)]
    kept = [place for place in range(len(HEADERS)) if place not in SELDOM or any(row[place] for row in rows)]
    headers, rows = [HEADERS[place] for place in kept], [[row[place] for place in kept] for row in rows]
    return Table("Month by month", headers, rows, range(1, len(kept)), total=True)


def _month(month: MonthDetermined, hidden: Withheld) -> list[str]:
    left_out = "" if month.left_out_hundredths is None else number(_left_out(month), 2)
    return [
        str(month.month),
        grouped(str(month.employees)),
        str(month.weekdays),
        number(month.reference_rate, 6),
        number(month.trend.factor, 6),
        number(month.expected_days, 6),
        WITHHELD if month.month in hidden.left_out else left_out,
        number(_actual(month), 2),
        number(month.expected_days - _actual(month), 6),
        shown(month.price_ore),
        "" if month.reimbursed is None else f"× (1 − {number(month.reimbursed, 6)})",
        shown(month.savings_ore),
    ]


def _total(one: Statement) -> list[str]:
    months = one.months_measured
    actual = sum((_actual(month) for month in months), Fraction(0))
    expected = sum((month.expected_days for month in months), Fraction(0))
    without = sum((_left_out(month) for month in months), Fraction(0))
    left_out = "" if all(month.left_out_hundredths is None for month in months) else number(without, 2)
    left_out = WITHHELD if one.hidden.left_out_in_all else left_out
    days = [number(expected, 6), left_out, number(actual, 2), number(expected - actual, 6)]
    return ["Sum", "", "", "", "", *days, "", "", shown(sum(month.savings_ore for month in months))]


def _said(one: Statement) -> Iterable[str]:
    """How the table's figures come about, as far as it does not say so itself."""
    yield "Expected = rate × employees × weekdays × factor; computed exactly, shown with six decimals."
    left_out: dict[str, list[MonthDetermined]] = {}
    for month in one.months_measured:
        if month.left_out_hundredths is not None:
            causes = methodology_words.with_cause(one.methodology_of(month).left_out(month.month))
            left_out.setdefault(causes, []).append(month)
    for causes, found in left_out.items():
        yield f"Left out by agreement: {_days_left_out(causes, found, one.hidden)}; actual net days are without them."
    if any(month.reimbursed is not None for month in one.months_measured):
        yield "Savings = avoided × price × (1 − share borne by the state), rounded to the öre."


def _days_left_out(causes: str, found: Sequence[MonthDetermined], hidden: Withheld) -> str:
    """The sum over the months that leave out the same causes; withheld where what is withheld of them would follow from it."""
    withheld = hidden.left_out & {month.month for month in found}
    if hidden.left_out_in_all or withheld not in (frozenset(), hidden.left_out):
        return f"net days {causes} ({FEW})"
    days = f"{number(sum(map(_left_out, found), Fraction(0)), 2)} net days {causes}"
    return f"{days} (by month {FEW})" if withheld else days


def _agreed(one: Statement) -> Table:
    """The months that are not measured; where others are, their sum comes before the sum of all."""
    rows = [[str(month.month), methodology_words.agreed(month), shown(month.savings_ore)] for month in one.months_agreed]
    if one.months_measured:
        rows.append(["Months measured", "the sum above", shown(sum(month.savings_ore for month in one.months_measured))])
    rows.append(["Sum", "", shown(one.determined)])
    return Table("Not measured, by agreement", ["Month", "What is agreed", "Savings, SEK"], rows, [2], total=True)


def _actual(month: MonthDetermined) -> Fraction:
    return Fraction(month.actual_hundredths, 100)


def _left_out(month: MonthDetermined) -> Fraction:
    return Fraction(month.left_out_hundredths or 0, 100)


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
        [("Reason", one.record.data.reason or ""), *_measured_anew(one)],
        [Table(f"Before ({names}) and now (D{one.found.number})", headers, rows, range(1, 8), total=True)],
    )


def _measured_anew(one: Statement) -> Iterable[tuple[str, str]]:
    """Which methodology the months were determined by before, where it is another now."""
    before, now = ([part.methodology for part in parts] for parts in (one.measured_before, one.measured))
    if before != now:
        names = [", ".join(_ident(methodology) for methodology in methodologies) for methodologies in (before, now)]
        yield "Measured by", f"{names[0] or 'nothing'} before; now by {names[1]}"


def _ident(one: Methodology) -> str:
    return f"{one.name}, version {one.version}, fingerprint {one.sha256[:16]}"


def _redone(month: Redone) -> list[str]:
    before, now = month.before, month.now
    savings_before = "not determined" if before is None else shown(before.savings_ore)
    days = [_days_and_factor(determined) for determined in (before, now)]
    figures = [days[0][0], days[1][0], days[0][1], days[1][1], savings_before, shown(now.savings_ore)]
    return [str(now.month), *figures, signed(month.difference)]


def _days_and_factor(month: AnyMonth | None) -> tuple[str, str]:
    if isinstance(month, MonthDetermined):
        return number(_actual(month), 2), number(month.trend.factor, 6)
    return ("", "") if month is None else ("not measured", "")
