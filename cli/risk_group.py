"""``soc risk-group``: who is absent more than three times in twelve months, as a group; never as a list of persons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import PERIOD, answers, audience, looking, moment
from cli.sections import wrapped
from ledger.contract import ContractState
from ledger.errors import Refused
from ledger.money import decimals
from ledger.periods import Period
from projections.as_of import AsOf
from projections.audience import WITHHELD, Audience, is_employer
from projections.measured import Measured
from projections.risk_group import USUAL, Group, MonthAnswer, Part, risk_group
from projections.rules.short_term_net_days_1 import NUMBERING_REACH


@click.command("risk-group")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("period", type=PERIOD, required=False)
@click.option(
    "--threshold",
    type=click.IntRange(1, 100),
    default=USUAL,
    show_default=True,
    metavar="N",
    help="So many absences or more in twelve months. Sources say more than three, so 4; one says 3+. Others: for the payer.",
)
@moment
@audience
@answers
@looking
def command(
    desk: Desk,
    contract_id: str,
    period: Period | None,
    threshold: int,
    as_of: date | None,
    known_at: str | None,
    audience: Audience,
    form: str,
    file: str,
) -> None:
    """The risk group: employees with more than three absences in a rolling twelve months, month by month, as a group.

    Its size, its part of the cost of short-term sick leave and of all sick leave, how many are in it a year later, and its
    risk of long-term sick leave beside the average employee's. Without PERIOD: every month with headcounts. Months whose
    twelve months are not all reported are named.
    """
    facts = desk.known_at(known_at)
    folded = facts.contract(contract_id)
    when = AsOf.latest(facts, as_of)
    measured = Measured(facts, contract_id, source_of(folded))
    months = tuple(period) if period is not None else None
    found = risk_group(measured, when.as_of, audience, months, threshold)
    if all(one.group is None for one in found):
        raise Refused(
            f"no month of {contract_id} can be answered: {found[-1].month} needs its twelve months reported, and of those "
            f"{found[-1].missing}",
            do=f"see what is in with: soc evidence {contract_id} {Period(found[-1].month - 11, found[-1].month)}",
        )
    if form == "text":
        head = [f"Risk group of {folded.signed.name} — {contract_id}", f"As of {when.as_of} · {output.basis_line(facts)}"]
        output.emit("\n".join([*head, "SEK excluding VAT", "", *_text(found, threshold, audience, measured.source)]), file)
    elif form == "csv":
        output.emit(output.as_csv([_row(one) for one in found], COLUMNS), file)
    else:
        said = {"contract": contract_id, "as_of": str(when.as_of), **output.basis_json(facts), "currency": folded.signed.currency}
        output.emit(output.as_json({**said, **_json(found, threshold, audience, measured.source)}), file)


def source_of(folded: ContractState) -> str:
    """Whose absence reports are counted: those of the latest methodology's source."""
    return folded.methodologies[-1][1].measure.source if folded.methodologies else "payroll"


# ── What it means, in words ──────────────────────────────────────────────────────────────────────────────────────────

SOURCES = (
    "Case study, §2: 20 % of employees, absent more than three times in twelve months, account for 75 % of the costs of "
    "short-term sick leave (seven municipalities, 2017).",
    "Article: 20 % of the employees drive about 75 % of sick leave, with around 6 times the risk of long-term sick leave.",
)
"""What the sources say; of other employers, and not of this contract."""


def meaning(threshold: int) -> str:
    """Who is in the group, and how sources differ."""
    said = f"In the group: employees with {threshold} absences or more in the twelve months that end with the month"
    usual = "more than three, as the case study says and as 'four or more' in Botkyrka's talks; another page says 3+"
    return f"{said} ({usual})." if threshold == USUAL else f"{said}; sources differ: more than three (so {USUAL}), and 3+."


def counting(source: str) -> tuple[str, ...]:
    """How the figures come about, as far as no source says it."""
    return (
        f"Absences as {source} reports them, of any cause. One that begins within five days of the latest absent day continues "
        "it; it counts in the month in which it begins.",
        "Short-term cost: net days numbered 1–14, Monday to Friday times extent. A day's price is the same whoever is absent, "
        "so a share of days is a share of cost. All sick leave: net days of any number.",
        "Employees: by head on the month's last day. Who left during the twelve months may still be in the group, and who left "
        "later cannot be told from who is well: nothing on record says who is employed.",
        "Long-term: 60 days or more in a row that begin within the following twelve months, of those who are not on such leave "
        "on the month's last day; of the group, and of all employees, newcomers' leave included.",
    )


def _privacy(found: Sequence[MonthAnswer], audience: Audience) -> str | None:
    if is_employer(audience):
        return "For the payer, as employer: figures may rest on fewer than five persons."
    hidden = any(one.hidden for one in found if one.group is not None)
    return f"For the {audience}: figures that rest on fewer than five persons, or leave fewer, are withheld." if hidden else None


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

HEADERS = [
    "month",
    "in the\ngroup",
    "employees",
    "share of\nemployees",
    "of short-\nterm cost",
    "of all\nsick leave",
    "in it a\nyear later",
    "long-term:\nof group",
    "of all",
    "times",
]


def _text(found: Sequence[MonthAnswer], threshold: int, audience: Audience, source: str) -> Iterator[str]:
    yield from wrapped(meaning(threshold))
    yield ""
    rows = [_cells(one, one.group) for one in found if one.group is not None]
    yield output.table(rows, HEADERS, right=range(1, len(HEADERS)))
    yield ""
    notes = [*_not_answered(found), *_not_known_yet(found), *_numbered(found)]
    privacy = _privacy(found, audience)
    for said in [*notes, *([privacy] if privacy else [])]:
        yield from wrapped(said)
    for title, lines in (("How it is counted", counting(source)), ("What sources say of others, to compare", SOURCES)):
        yield from ("", title, *(line for said in lines for line in _indented(said)))


def _indented(said: str) -> list[str]:
    return [f"  {line}" for line in wrapped(said)]


def _cells(one: MonthAnswer, group: Group) -> list[str]:
    hidden = one.hidden
    size = WITHHELD if "size" in hidden else str(group.size.some)
    parts = {name: getattr(group, name) for name in ("size", "short", "every", "again", "long_term", "average")}
    shares = [WITHHELD if name in hidden else _percent(part) for name, part in parts.items()]
    times = "–" if group.times is None else decimals(group.times, 1)
    return [str(one.month), size, str(group.size.whole), *shares, WITHHELD if "average" in hidden else times]


def _percent(part: Part | None) -> str:
    share = None if part is None else part.share
    return "–" if share is None else f"{decimals(share * 100, 1)} %"


def _not_answered(found: Iterable[MonthAnswer]) -> Iterator[str]:
    """Months without an answer, those next to each other as one period; the reason is the last one's."""
    for months in _runs([one for one in found if one.group is None]):
        yield f"Not answered: {_period(months)}, whose twelve months are not all reported ({months[-1].missing})."


def _not_known_yet(found: Iterable[MonthAnswer]) -> Iterator[str]:
    answered = [one for one in found if one.group is not None]
    for months in _runs([one for one in answered if one.again is not None]):
        yield f"Who is in it a year later is not known for {_period(months)} ({months[0].again})."
    for months in _runs([one for one in answered if one.long_term is not None]):
        yield (
            f"The risk of long-term leave is not known for {_period(months)} ({months[0].long_term}): it takes fourteen months, "
            "twelve in which leave may begin and two to see whether it lasts for sixty days."
        )


def _numbered(found: Iterable[MonthAnswer]) -> Iterator[str]:
    for months in _runs([one for one in found if one.group is not None and not one.numbered]):
        yield (
            f"Of {_period(months)}: absences of the {NUMBERING_REACH} days before the twelve months are not complete, so days "
            "may be numbered too low, and an absence that continues may be counted as new."
        )


def _runs(months: Sequence[MonthAnswer]) -> Iterator[list[MonthAnswer]]:
    for _, run in groupby(enumerate(months), lambda pair: pair[1].month.index - pair[0]):
        yield [one for _, one in run]


def _period(months: Sequence[MonthAnswer]) -> Period:
    return Period(months[0].month, months[-1].month)


# ── JSON and CSV ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _json(found: Sequence[MonthAnswer], threshold: int, audience: Audience, source: str) -> dict[str, Any]:
    return {
        "source": source,
        "audience": audience,
        "withheld": _privacy(found, audience) if any(one.hidden for one in found) else None,
        "threshold": threshold,
        "meaning": meaning(threshold),
        "months": [{"month": str(one.month), "missing": one.missing, **_month_json(one)} for one in found],
        "counting": list(counting(source)),
        "sources": list(SOURCES),
    }


def _month_json(one: MonthAnswer) -> dict[str, Any]:
    group = one.group
    if group is None:
        return {"group": None}
    said = {
        "size": _part_json(group.size, one, "size", "employees"),
        "short_term_net_days": _part_json(group.short, one, "short", "all", days=True),
        "all_net_days": _part_json(group.every, one, "every", "all", days=True),
        "in_it_a_year_later": {**_part_json(group.again, one, "again", "of"), "missing": one.again},
        "long_term": {
            "group": _part_json(group.long_term, one, "long_term", "of"),
            "average": _part_json(group.average, one, "average", "of"),
            "times": None if "average" in one.hidden else _ratio(group.times),
            "missing": one.long_term,
        },
        "numbering_known": one.numbered,
        "withheld": sorted(one.hidden),
    }
    return {"group": said}


PUBLIC = ("size", "short")
"""Figures whose whole anybody may see: headcounts, and the net days that are paid by."""


def _part_json(part: Part | None, one: MonthAnswer, name: str, whole: str, *, days: bool = False) -> dict[str, Any]:
    """A part with its whole; null where it is withheld, but for the totals that are public."""

    def figure(value: int) -> Any:
        return decimals(Fraction(value, 100), 2) if days else value

    if part is None:
        return {"group": None, whole: None, "share": None}
    hidden = name in one.hidden
    return {
        "group": None if hidden else figure(part.some),
        whole: figure(part.whole) if name in PUBLIC or not hidden else None,
        "share": None if hidden else _ratio(part.share),
    }


def _ratio(share: Fraction | None) -> str | None:
    return None if share is None else decimals(share, 4)


COLUMNS = [
    "month",
    "missing",
    "size",
    "employees",
    "share_of_employees",
    "share_of_short_term_cost",
    "share_of_all_sick_leave",
    "in_it_a_year_later",
    "long_term_of_group",
    "long_term_of_all",
    "long_term_times",
    "withheld",
]


def _row(one: MonthAnswer) -> dict[str, Any]:
    group = one.group
    if group is None:
        return {"month": str(one.month), "missing": one.missing}

    def share(name: str) -> str | None:
        part: Part | None = getattr(group, name)
        return None if part is None or name in one.hidden else _ratio(part.share)

    return {
        "month": str(one.month),
        "size": None if "size" in one.hidden else group.size.some,
        "employees": group.size.whole,
        "share_of_employees": share("size"),
        "share_of_short_term_cost": share("short"),
        "share_of_all_sick_leave": share("every"),
        "in_it_a_year_later": share("again"),
        "long_term_of_group": share("long_term"),
        "long_term_of_all": share("average"),
        "long_term_times": None if "average" in one.hidden else _ratio(group.times),
        "withheld": sorted(one.hidden),
    }
