"""``soc indicators`` for a controller: paid and unpaid side by side, the targets, the warning or why there is none."""

from __future__ import annotations

from collections.abc import Iterable

from cli import output, sections
from cli.indicators.main import of_how_many, span, verdict
from cli.indicators.words import NAMES, UNITS, as_reported, in_unit, number, percent
from cli.sections import Section, Table, wrapped
from ledger.facts import Facts
from ledger.money import decimals
from ledger.periods import day_in_stockholm
from projections.audience import WITHHELD, is_employer
from projections.unpaid.indicator import Indicator
from projections.unpaid.indicators import Indicators
from projections.unpaid.paid_metric import PaidMetric
from projections.unpaid.targets import Result, TargetResult
from projections.unpaid.warning import Comparison, Warned


def as_text(one: Indicators, facts: Facts) -> str:
    """The whole answer."""
    lines = [f"{one.terms.name} — {one.contract}", f"As of {one.when.as_of} · {output.basis_line(facts)}", "SEK excluding VAT"]
    if one.when.as_of > day_in_stockholm(one.when.known_at):
        lines.append(f"{one.when.as_of} lies after all that is known.")
    lines += wrapped(_privacy(one))
    parts = [_beside(one), _where_from(one), _years(one), _targets(one), _warning(one.warned), _quarters(one), _reported(one)]
    return "\n".join(lines) + "\n\n" + sections.as_text(parts)


def _privacy(one: Indicators) -> str:
    if is_employer(one.audience):
        return "For the payer, as employer: figures may rest on fewer than five persons."
    return f"For the audience {one.audience}: figures that rest on fewer than five persons are withheld."


# ── Side by side ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _beside(one: Indicators) -> Section:
    paid = one.paid[-1]
    name = NAMES["short-term-days"]
    rows = [
        [f"{name}, paid by", "reference years", *_paid_cells(paid, adjusted=False)],
        ["the same", "with the trend", *_paid_cells(paid, adjusted=True)],
        *([NAMES[each.measure], UNITS[each.unit], *_cells(each)] for each in one.indicators),
    ]
    table = Table(
        "What is paid by, and below it what is not", ["", "in, or against", "value", "before", "change", ""], rows, (2, 3, 4)
    )
    says = [f"{NAMES[each.measure]}: {each.missing}." for each in one.indicators if each.missing is not None]
    return Section("beside", "Paid and unpaid, side by side", tables=(table,), says=says)


def _paid_cells(paid: PaidMetric, *, adjusted: bool) -> list[str]:
    if not paid.months:
        return ["—", "—", "—", ""]
    before, change = (paid.expected, paid.adjusted) if adjusted else (paid.reference, paid.unadjusted)
    said = "—" if change is None else percent(change)
    return [decimals(paid.actual, 2), decimals(before, 2), said, verdict(change) or ""]


def _cells(one: Indicator) -> list[str]:
    value, before = (
        WITHHELD if name in one.withheld else "—" if said is None else number(said) + ("" if of is None else f" ({of})")
        for name, said, of in (
            ("value", one.value, of_how_many(one.counts)),
            ("before", one.before, of_how_many(one.counts_before)),
        )
    )
    return [value, before, "—" if one.change is None else percent(one.change), one.verdict or ""]


def _where_from(one: Indicators) -> Section:
    """Of each figure the months that it is about, those before, and where it comes from."""
    paid = one.paid[-1]
    months = f"{span(paid)}, {len(paid.months)} months determined" if paid.months else "no month is determined"
    facts = [(NAMES["short-term-days"], f"{months}; before: {one.reference or 'no reference years are agreed'}; determinations")]
    facts += [(NAMES[each.measure], _from(each, one.contract)) for each in one.indicators if each.period is not None]
    below = decimals(one.below * 100, 0)
    says = [
        f"Computed from absences as {one.source} reports them and from headcounts, over twelve months in a row; before: "
        "the twelve before the contract's first month. Long-term: sixty days or more in a row by the end of the months; net "
        "days of any number.",
        f"Healthy: net short-term days per employee below {below} % of the mean of all workplaces. Assumed: no source says what "
        "a healthy workplace is.",
        "Nobody is paid by what stands below the first two lines. The pre-study of 2017, in seven municipalities, found 80 % of "
        "the purchases of occupational health services to be rehabilitative (case study §2).",
    ]
    if paid.left_out:
        says.append("Days that the parties left out by agreement are in no figure of what is paid by.")
    return Section("from", "What each figure is about", facts=facts, says=says)


def _from(one: Indicator, contract_id: str) -> str:
    before = f"; before: {one.before_period}" if one.before_period is not None else ""
    if one.row is None:
        from_what = "reported" if one.measure == "ohs-rehabilitative-share" else "computed"
        return f"{one.period}{before}; {from_what}"
    asked = "" if one.row.respondents is None else f", {one.row.respondents} answered"
    note = "" if one.row.note is None else f" ({one.row.note})"
    return f"{one.period}{before}; reported, {contract_id}/{one.position}{asked}{note}"


# ── By year, targets ─────────────────────────────────────────────────────────────────────────────────────────────────


def _years(one: Indicators) -> Section:
    headers = [
        "",
        "months",
        "days per employee",
        "in reference years",
        "expected with the trend",
        "change",
        "change, with the trend",
    ]
    rows = [
        [_year(each.year), str(len(each.months)), *(decimals(value, 2) for value in (each.actual, each.reference, each.expected))]
        + ["—" if change is None else percent(change) for change in (each.unadjusted, each.adjusted)]
        for each in one.paid
    ]
    caption = "Net short-term days per employee in the months determined, and what was to be expected of them"
    return Section("years", "What is paid by, by contract year", tables=(Table(caption, headers, rows, range(1, 7)),))


def _year(number_of: int | None) -> str:
    return "in all" if number_of is None else f"year {number_of}"


def _targets(one: Indicators) -> Section:
    if not one.targets:
        says = [f"No target is on record; record them with: soc import targets {one.contract} FILE"]
        return Section("targets", "Targets", says=says)
    return Section(
        "targets", "Targets, and the result against them", tables=list(map(_target, one.targets)), says=_of_targets(one)
    )


def _of_targets(one: Indicators) -> list[str]:
    """What a reader must know of the rows above."""
    results = [each for target in one.targets for each in target.results]
    said = []
    if any("not yet" in (each.unadjusted_status, each.adjusted_status) for each in results):
        said.append("Not yet: not attained, and the day has not come.")
    paid = [each.target for each in one.targets if each.target.measure == "short-term-days"]
    if paid:
        said.append("No source says whether the national trend was to be adjusted for.")
    if any(each.from_period not in (None, one.reference) for each in paid):
        said.append("What is paid by is held against the reference years, whatever months a target names.")
    return [" ".join(said)] if said else []


def _target(one: TargetResult) -> Table:
    row = one.target
    stated = "date not published" if row.stated_on is None else f"stated {row.stated_on}"
    due = f"by {one.due_on}" + (", the contract's last day: none was published" if one.assumed else "")
    note = "" if row.note is None else f"\n  {row.note}"
    caption = f"{NAMES[row.measure]}: {percent(row.change)}, {due}\n  {row.by}, {stated}: {row.source}{note}"
    if row.measure == "short-term-days":
        rows = [[_year(each.year), _months(each), *_result(each)] for each in one.results]
        return Table(caption, ["", "months compared", "change", "", "with the trend", ""], rows, (2, 4))
    rows = [[_months(each), *(WITHHELD if one.withheld else cell for cell in _result(each)[:2])] for each in one.results]
    return Table(caption, ["months compared", "change", ""], rows, (1,))


def _months(one: Result) -> str:
    """The months compared, or why none are."""
    if one.missing is not None:
        return f"not measured for those months: {one.missing}"
    return f"{one.months} against {one.against}"


def _result(one: Result) -> list[str]:
    pairs = ((one.unadjusted, one.unadjusted_status), (one.adjusted, one.adjusted_status))
    return [cell for change, status in pairs for cell in ("—" if change is None else percent(change), status or "")]


# ── The warning ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _warning(one: Warned) -> Section:
    """The warning, or why there is none; what was compared, and by which margins."""
    title = "Warning: what is paid by improves, what is not gets worse" if one.warns else "No warning"
    says = [_why(one), *_compared(one.comparisons)]
    says.append(
        "A warning needs both: fewer days than expected with the trend, and one of these measures worse than before by more than "
        "its margin. The margins are assumed."
    )
    return Section("warning", title, says=says)


def _why(one: Warned) -> str:
    change = one.paid.adjusted
    if change is None:
        return "No warning: no month is determined, so it is not known whether what is paid by improves."
    days = f"net short-term days per employee are {percent(change)} against what was expected"
    if one.warns:
        return f"{days[0].upper()}{days[1:]}, while others get worse. People may be working while they are sick (case study §3)."
    if not one.paid_better:
        return f"No warning: {days}, so what is paid by does not improve."
    if len(one.unknown) == len(one.comparisons):
        return f"No warning can be given: {days}, and nothing else can be compared."
    return f"No warning: {days}, and nothing that was compared is worse than before by more than its margin."


def _compared(several: Iterable[Comparison]) -> Iterable[str]:
    for one in several:
        each, margin = one.indicator, f"margin {decimals(one.margin * 100, 1)} %"
        if one.beyond is None:
            why = each.missing or (WITHHELD if each.withheld else "nothing to compare with")
            yield f"{NAMES[each.measure]}: not compared, {why} ({margin})."
            continue
        assert each.change is not None
        assert each.value is not None
        assert each.before is not None
        how = (
            "worse, beyond its margin" if one.beyond else each.verdict if each.verdict != "worse" else "worse, within its margin"
        )
        values = f"{number(each.before)} → {in_unit(each.value, each.unit)}"
        yield f"{NAMES[each.measure]}: {how}: {values}, {percent(each.change)} ({margin})."


# ── Details ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _quarters(one: Indicators) -> Section:
    rows = [
        [
            str(each.leave.period),
            *([WITHHELD] * 2 if each.withheld else _leave(each.leave.days_per_100, each.leave.persons_per_100)),
        ]
        for each in one.quarters
    ]
    if not rows:
        return Section("quarters", "Long-term leave by quarter", says=["No quarter is complete."])
    caption = "For each hundred employees: net days of long-term leave, and employees on it"
    return Section(
        "quarters", "Long-term leave by quarter", tables=(Table(caption, ["quarter", "days", "employees"], rows, (1, 2)),)
    )


def _leave(days: object, persons: object) -> list[str]:
    return ["—" if value is None else decimals(value, 2) for value in (days, persons)]  # type: ignore[arg-type]  # fractions


def _reported(one: Indicators) -> Section:
    rows = []
    for by_period in one.reported.values():
        for position, row in by_period.values():
            asked = "" if row.respondents is None else str(row.respondents)
            rows.append(
                [
                    NAMES[row.indicator],
                    str(row.period),
                    as_reported(row.value, row.unit),
                    UNITS[row.unit],
                    asked,
                    f"{one.contract}/{position}",
                ]
            )
    if not rows:
        says = [f"Nothing is reported; record it with: soc import indicators {one.contract} FILE"]
        return Section("reported", "Reported so far", says=says)
    headers = ["", "months", "value", "in", "answered", "record"]
    return Section("reported", "Reported so far", tables=(Table("As reported", headers, rows, (2, 4)),))
