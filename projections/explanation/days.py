"""A month's absent days taken apart: by report, workplace and cause, as far as the reader may see, and what became of every line
in the month's window (rules 1 to 5)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from ledger.contract import Determination
from ledger.events import AnyMonth, MonthAgreed, MonthDetermined
from ledger.methodology import SHORT_TERM, Methodology
from ledger.periods import Month, Quarter
from projections import audience as audiences
from projections.explanation.ground import Ground
from projections.explanation.tree import FactsCounted, Node, RestsOn, added, computed, merged
from projections.explanation.trend import compared_with
from projections.facts_used import AbsencesUsed, EveryReport, Line
from projections.rules import reference_years_1

LINES = "line of absence"
"""The kind of fact that a line of an absence report is."""


class Window(NamedTuple):
    """A month's window: what became of its lines under a methodology; ``reference``: as a month to compare with."""

    month: Month
    methodology: Methodology
    reports: EveryReport
    used: AbsencesUsed
    reference: bool


def actual_days(ground: Ground, one: Determination, line: MonthDetermined, key: str) -> Node:
    """The month's net days, on the reports that the determination saw."""
    method = ground.method(line)
    reports = _of_determination(ground, one, method)
    used = reports.used(line.month, method)
    window = Window(line.month, method, reports, used, reference=False)
    first, last = method.measure.numbers
    how = f"days {first} to {last} of each sick-pay period that are Monday to Friday, times the extent of absence"
    return _days(ground, window, key, "Net days absent", line.actual_hundredths, how)


def agreed_window(ground: Ground, one: Determination, line: MonthAgreed, method: Methodology) -> tuple[int, list[FactsCounted]]:
    """The lines of a month that is not measured: how many there are, and that they are left out."""
    used = _of_determination(ground, one, method).used(line.month, method)
    counted, _ = _counted(ground, used)
    return sum(fact.count for fact in counted) + used.left_over, counted


def _of_determination(ground: Ground, one: Determination, method: Methodology) -> EveryReport:
    """What became of the lines of a determination's months."""
    return ground.reports(method.measure, one.basis, tuple(line.month for line in one.months))


def _of_reference(ground: Ground, one: Determination, method: Methodology) -> EveryReport:
    """What became of the lines of the months that a determination's are compared with."""
    like = {month for line in one.months for month in reference_years_1.months_like(line.month, method.reference_of(line.month))}
    return ground.reports(method.measure, ground.locked(one, method), tuple(sorted(like)))


def reference_days(ground: Ground, one: Determination, line: MonthDetermined, key: str) -> tuple[Node, Node]:
    """Net days and employee weekdays of the reference months, as known when they were locked (rule 6)."""
    method = ground.method(line)
    months = reference_years_1.months_like(line.month, method.reference_of(line.month))
    days = [_reference_days(ground, one, method, month) for month in months]
    exposure = [_exposure(ground, ground.locked(one, method), month) for month in months]
    return (
        added(f"{key}.days", "Net days in the reference months", days, unit="net days"),
        added(f"{key}.exposure", "Employee weekdays in the reference months", exposure, unit="employee weekdays"),
    )


def _reference_days(ground: Ground, one: Determination, method: Methodology, month: Month) -> Node:
    position = ground.locked(one, method)
    numbers = method.measure.numbers
    counted = "" if numbers == SHORT_TERM else f".{numbers.first}-{numbers.last}"
    key = f"reference.{position}.{method.measure.source}{counted}.{month}.days"

    def make() -> Node:
        reports = _of_reference(ground, one, method)
        window = Window(month, method, reports, reports.used(month, method, reference=True), reference=True)
        hundredths = reports.now.counting(numbers).hundredths(month)
        return _days(ground, window, key, f"Net days absent in {month}", hundredths, "")

    return ground.once(key, make)


def _exposure(ground: Ground, position: int, month: Month) -> Node:
    """Employees × weekdays of a reference month."""
    key = f"reference.{position}.{month}.exposure"

    def make() -> Node:
        counts = ground.headcounts(month, position)
        employees = sum(found for _, found in counts.values())
        records = sorted({found for found, _ in counts.values()})
        leaves = (
            Node(f"{key}.employees", f"Employees by head, {len(counts)} workplaces", employees, "employees"),
            Node(f"{key}.weekdays", "Mondays to Fridays", month.weekdays, "weekdays"),
        )
        return computed(
            key,
            f"Employees × weekdays in {month}",
            employees * month.weekdays,
            employees * month.weekdays,
            leaves,
            unit="employee weekdays",
            rests_on=tuple(ground.rests(found, f"headcounts of {month}") for found in records),
            folds="evidence",
        )

    return ground.once(key, make)


def _days(ground: Ground, window: Window, key: str, what: str, hundredths: int, how: str) -> Node:
    """Net days × 100 as determined, and the same counted line by line."""
    used = window.used
    counted, notes = _counted(ground, used)
    return computed(
        key,
        what,
        Fraction(hundredths, 100),
        Fraction(used.hundredths, 100),
        tuple(_parts(ground, window, key)),
        unit="net days",
        how=how,
        rests_on=tuple(ground.rests(one.position, "absence report") for one in used.reports),
        notes=tuple(notes),
        window=sum(one.count for one in counted) + used.left_over,
        facts=tuple(counted),
        folds="evidence",
    )


# What a reader may see of the days


def _parts(ground: Ground, window: Window, key: str) -> Iterator[Node]:
    """The same days by report, by workplace and by cause, a reference month's by report alone; each sums to them."""
    used, days = window.used, Fraction(window.used.hundredths, 100)
    if audiences.is_employer(ground.audience):
        reports = list(_by_report(ground, window, f"{key}.reports"))
        yield added(f"{key}.reports", "By report", reports, days, unit="net days", folds="evidence")
    if window.reference:
        return
    for name, table in zip(("workplace", "cause"), audiences.tables(used, ground.audience), strict=True):
        yield added(f"{key}.{name}", f"By {name}", list(_rows(table, f"{key}.{name}")), days, unit="net days", folds="evidence")
    if audiences.is_employer(ground.audience):
        cells = [
            _net(f"{key}.cells.{one.workplace}.{one.cause}", f"{one.workplace}, {one.cause}", one.spells, one.hundredths)
            for one in used.cells
        ]
        yield added(f"{key}.cells", "By workplace and cause", cells, days, unit="net days", folds="evidence")


def _net(key: str, what: str, spells: int, hundredths: int) -> Node:
    return Node(key, f"{what}: {_counted_of(spells, 'spell')}", Fraction(hundredths, 100), "net days")


def _rows(table: audiences.Table, key: str) -> Iterator[Node]:
    """The cells that the reader may see, and those withheld together."""
    for row in table.rows:
        if row.spells is not None and row.hundredths is not None:
            yield _net(f"{key}.{row.name}", row.name, row.spells, row.hundredths)
    if table.withheld:
        what = f"{table.withheld} that are withheld, together"
        yield _net(f"{key}-withheld", what, table.withheld_spells, table.withheld_hundredths)


def _by_report(ground: Ground, window: Window, key: str) -> Iterator[Node]:
    """Each report with what it adds; for the employer alone. Its single lines, where they are asked for."""
    lines: dict[int, list[Line]] = {}
    if ground.lines:
        for line in window.reports.lines(window.month, window.methodology, reference=window.reference):
            lines.setdefault(line.report, []).append(line)
    for one in window.used.reports:
        own = f"{key}.{one.position}"
        found = tuple(_line(f"{own}.{line.line}", line) for line in lines.get(one.position, ()))
        given = sum((line.value for line in found if isinstance(line.value, Fraction)), Fraction(0)) if ground.lines else None
        what = f"{one.document or f'record {one.position}'}: {one.used} of {_counted_of(one.touching, 'line')} used"
        rests = RestsOn(one.position, f"{one.source}, {_counted_of(one.lines, 'line')} in all", one.document, one.sha256)
        yield Node(
            own, what, Fraction(one.hundredths, 100), "net days", parts=found, given=given, rests_on=(rests,), folds="evidence"
        )


def _line(key: str, line: Line) -> Node:
    """A single line and what became of it; for the employer alone."""
    until = "still absent" if line.last is None else f"to {line.last}"
    said = (
        f"line {line.line + 1}: employee {line.employee}, {line.workplace}, {line.first} {until}, {line.extent} %, {line.cause}"
    )
    by = f" {line.by}" if line.by is not None else ""
    rule = f" (rule {line.rule})" if line.rule is not None else ""
    how = f"{line.fate}: {line.why}" if line.by is None else f"{line.fate} by record{by}: {line.why}"
    return Node(key, said, Fraction(line.hundredths, 100), "net days", how=f"{how}{rule}")


# What became of each line


def _counted(ground: Ground, used: AbsencesUsed) -> tuple[list[FactsCounted], list[str]]:
    """The window's lines by fate, as far as the reader may know, and what is withheld of them."""
    if audiences.is_employer(ground.audience):
        every = [FactsCounted(LINES, one.fate, one.lines, one.why, one.rule, one.by) for one in used.tallies]
        return every, [_numbering(used)]
    taken = sum(one.lines for one in used.tallies if one.fate == "used")
    found = [FactsCounted(LINES, "used", taken)] if taken else []
    table = audiences.not_used(used, ground.audience)
    if table is None:
        return found, ["Lines were left out or replaced: too few persons for this reader to know how many; none is left over."]
    reasons = {f"{one.fate}: {one.why}": one for one in used.tallies}
    for row in table.rows:
        if row.spells is not None:
            one = reasons[row.name]
            found.append(FactsCounted(LINES, one.fate, row.spells, one.why, one.rule))
    if table.withheld_spells:
        found.append(
            FactsCounted(LINES, "left out or replaced", table.withheld_spells, "reasons withheld, for they rest on few persons")
        )
    return found, []


def _numbering(used: AbsencesUsed) -> str:
    found = used.numbering
    lines, reports = _counted_of(found.lines, "line"), _counted_of(len(found.reports), "report")
    return f"Days are numbered on from {lines} in {reports} since {found.since}, before the month (rule 4)."


def _counted_of(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


# Other facts


def other_facts(ground: Ground, one: Determination, line: AnyMonth) -> tuple[int, tuple[FactsCounted, ...]]:
    """The headcounts, index values and reimbursements that speak of what the month could rest on: how many are on record, and
    what became of each. A fact that bears on several months is counted once in a tree."""
    from projections.facts_used_other import other_facts as every

    method = ground.method(line)
    seen, locked = ground.at(one.basis), ground.at(ground.locked(one, method))
    found = every(seen, locked, ground.folded, method, line.month, one.redo)
    new = [fact for fact in found if ground.first_seen(fact)]
    counted = merged(FactsCounted(KINDS[fact.kind], fact.fate, 1, fact.why, fact.rule, fact.by) for fact in new)
    return len(new) + _on_record(ground, one, line, method) - len(found), counted


def _on_record(ground: Ground, one: Determination, line: AnyMonth, method: Methodology) -> int:
    """How many such facts the determination could see, counted from the records themselves."""
    months, quarters = [line.month], list[Quarter]()
    if isinstance(line, MonthDetermined):
        months += reference_years_1.months_like(line.month, method.reference_of(line.month))
        quarters = [line.trend.quarter, *sorted({month.quarter for month in compared_with(method, line.month)})]
    headcounts = sum(ground.count_headcounts(month, one.basis) for month in months)
    values = sum(ground.count_values(method.trend.series, quarter, one.basis) for quarter in quarters)
    return headcounts + values + ground.count_reimbursements(line.month, one.basis)


KINDS = {"headcount": "headcount", "index": "index value", "reimbursement": "reimbursement"}


def findings(ground: Ground, line: MonthDetermined) -> Iterator[str]:
    """What was found when the month was determined; what names a workplace's absences is for the employer alone."""
    hidden = 0
    for said in line.findings:
        if audiences.is_employer(ground.audience) or not any(words in said for words in NAMING):
            yield f"Finding: {said}."
        else:
            hidden += 1
    if hidden:
        yield f"{_counted_of(hidden, 'finding')} about single workplaces: for the employer alone."


NAMING = ("net days at ", "people were absent from ")
"""How findings begin that tell of the absences at one workplace."""
