"""``soc indicators``: what is paid by beside what is not, the targets, and the warning where the two part ways."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import Parsed, answers, audience, looking, moment
from ledger.errors import Refused
from ledger.facts import Facts
from ledger.money import decimals, kronor, rounded
from ledger.periods import Period
from projections.audience import WITHHELD, Audience, is_employer
from projections.unpaid.healthy_workplaces import BELOW
from projections.unpaid.indicator import Indicator
from projections.unpaid.indicators import Indicators, Quarter, indicators_of
from projections.unpaid.paid_metric import PaidMetric
from projections.unpaid.targets import Result, TargetResult
from projections.unpaid.warning import Comparison


def _share(text: str) -> Fraction:
    if not re.fullmatch(r"[0-9]{1,3}([.,][0-9]{1,4})?", text.strip()):
        raise ValueError(f"{text!r} is not a number of per cent such as 75 or 2.5")
    return Fraction(text.strip().replace(",", ".")) / 100


SHARE = Parsed("per cent", _share)


@click.command("indicators")
@click.argument("contract_id", metavar="CONTRACT")
@moment
@click.option(
    "--healthy-below",
    type=SHARE,
    metavar="PERCENT",
    help="A workplace is healthy below so many per cent of the mean; default: 75, assumed. For the payer.",
)
@click.option(
    "--margin", type=SHARE, metavar="PERCENT", help="How much worse warns, of every measure; default: each its own, assumed."
)
@audience
@answers
@looking
def command(
    desk: Desk,
    contract_id: str,
    as_of: date | None,
    known_at: str | None,
    healthy_below: Fraction | None,
    margin: Fraction | None,
    audience: Audience,
    form: str,
    file: str,
) -> None:
    """What a contract pays by beside what it does not: long-term leave, the risk group, healthy workplaces, engagement, work
    capacity, purchases of occupational health services; its targets; and a warning where days fall while the rest gets worse.
    """
    if healthy_below not in (None, BELOW) and not is_employer(audience):
        raise Refused(
            "another threshold for healthy workplaces is for the employer alone: asked often enough, it tells of each workplace",
            do="leave it out, or ask with --audience payer",
        )
    facts = desk.known_at(known_at)
    one = indicators_of(facts, contract_id, as_of, audience, BELOW if healthy_below is None else healthy_below, margin)
    if form == "text":
        from cli.indicators.as_text import as_text

        output.emit(as_text(one, facts), file)
    elif form == "json":
        output.emit(output.as_json(as_json(one, facts)), file)
    else:
        output.emit(output.as_csv(list(rows(one, facts)), COLUMNS), file)


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def as_json(one: Indicators, facts: Facts) -> dict[str, Any]:
    """The answer as JSON: money in kronor, values with two decimals, changes as ratios with four; absent values null.
    ``counts``: of a share, how many of how many."""
    return {
        "contract": one.contract,
        "as_of": str(one.when.as_of),
        **output.basis_json(facts),
        "currency": one.terms.currency,
        "vat": one.terms.vat,
        "audience": one.audience,
        "source": one.source,
        "reference": _text(one.reference),
        "paid": [_paid(each) for each in one.paid],
        "indicators": [_indicator(each) for each in one.indicators],
        "targets": [_target(each) for each in one.targets],
        "warning": {
            "warns": one.warned.warns,
            "paid_better": one.warned.paid_better,
            "paid_change": _ratio(one.warned.paid.adjusted),
            "compared": [_compared(each) for each in one.warned.comparisons],
        },
        "assumed": {"healthy_below": decimals(one.below, 4)},
        "long_term_by_quarter": [_quarter(each) for each in one.quarters],
        "reported": list(_reported(one)),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _ratio(value: Fraction | None) -> str | None:
    return None if value is None else decimals(value, 4)


def _value(value: Fraction | None, unit: str) -> str | None:
    if value is None:
        return None
    return kronor(rounded(value * 100)) if unit == "sek" else decimals(value, 2)


def _paid(one: PaidMetric) -> dict[str, Any]:
    return {
        "contract_year": one.year,
        "ends_on": str(one.ends_on),
        "months": [str(month) for month in one.months],
        "days_per_employee": decimals(one.actual, 2),
        "reference": decimals(one.reference, 2),
        "expected": decimals(one.expected, 2),
        "change_unadjusted": _ratio(one.unadjusted),
        "change_adjusted": _ratio(one.adjusted),
        "days_left_out": one.left_out,
    }


def _indicator(one: Indicator) -> dict[str, Any]:
    return {
        "measure": one.measure,
        "unit": one.unit,
        "period": _text(one.period),
        "value": _value(one.value, one.unit),
        "before_period": _text(one.before_period),
        "before": _value(one.before, one.unit),
        "change": _ratio(one.change),
        "better_is": one.better,
        "verdict": one.verdict,
        "counts": None if one.counts is None else list(one.counts),
        "counts_before": None if one.counts_before is None else list(one.counts_before),
        "withheld": sorted(one.withheld),
        "missing": one.missing,
        "record": one.position,
        "note": None if one.row is None else one.row.note,
    }


def _target(one: TargetResult) -> dict[str, Any]:
    row = one.target
    return {
        "measure": row.measure,
        "change": _ratio(row.change),
        "by": row.by,
        "stated_on": _text(row.stated_on),
        "from_period": _text(row.from_period),
        "to_period": _text(row.to_period),
        "source": row.source,
        "note": row.note,
        "record": one.position,
        "due_on": str(one.due_on),
        "due_assumed": one.assumed,
        "withheld": one.withheld,
        "results": [_result(each) for each in one.results],
    }


def _result(one: Result) -> dict[str, Any]:
    return {
        "contract_year": one.year,
        "change_unadjusted": _ratio(one.unadjusted),
        "status_unadjusted": one.unadjusted_status,
        "change_adjusted": _ratio(one.adjusted),
        "status_adjusted": one.adjusted_status,
        "months": _text(one.months),
        "against": _text(one.against),
        "missing": one.missing,
    }


def _compared(one: Comparison) -> dict[str, Any]:
    worse_by, margin = _ratio(one.indicator.worse_by), decimals(one.margin, 4)
    return {"measure": one.indicator.measure, "worse_by": worse_by, "margin": margin, "beyond_margin": one.beyond}


def _quarter(one: Quarter) -> dict[str, Any]:
    days, persons = (None, None) if one.withheld else (one.leave.days_per_100, one.leave.persons_per_100)
    return {
        "quarter": str(one.leave.period),
        "days_per_100": _value(days, "days"),
        "employees_per_100": _value(persons, "days"),
        "withheld": one.withheld,
    }


def _reported(one: Indicators) -> Iterable[dict[str, Any]]:
    for by_period in one.reported.values():
        for position, row in by_period.values():
            yield {
                "indicator": row.indicator,
                "period": str(row.period),
                "value": row.value,
                "unit": row.unit,
                "respondents": row.respondents,
                "record": position,
                "note": row.note,
            }


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

HEAD = ("contract", "as_of", "known_at", "position", "root", "label")
SAID = (
    "measure",
    "unit",
    "paid_by",
    "period",
    "value",
    "before_period",
    "before",
    "change",
    "verdict",
    "counts",
    "counts_before",
    "missing",
    "record",
    "note",
)
COLUMNS = [*HEAD, *SAID]


def rows(one: Indicators, facts: Facts) -> Iterable[dict[str, Any]]:
    """What is paid by, against the reference years and against what was expected; then each measure that is not paid by."""
    basis = output.basis_json(facts)
    head = {"contract": one.contract, "as_of": str(one.when.as_of), **basis, **basis["basis"]}
    paid = one.paid[-1]
    for name, before, change in (
        ("reference", paid.reference, paid.unadjusted),
        ("expected", paid.expected, paid.adjusted),
    ):
        yield {
            **head,
            "measure": f"short-term-days, against {name}",
            "unit": "days",
            "paid_by": True,
            "period": span(paid),
            "value": decimals(paid.actual, 2) if paid.months else None,
            "before_period": _text(one.reference),
            "before": decimals(before, 2) if paid.months else None,
            "change": _ratio(change),
            "verdict": verdict(change),
        }
    for each in one.indicators:
        said = _indicator(each)
        hidden: dict[str, Any] = dict.fromkeys(each.withheld, WITHHELD)
        counts = {"counts": of_how_many(each.counts), "counts_before": of_how_many(each.counts_before)}
        yield {**head, **said, **counts, **hidden, "paid_by": False}


def span(paid: PaidMetric) -> str | None:
    """The months determined, from the first to the last; there may be others between."""
    return str(Period(paid.months[0], paid.months[-1])) if paid.months else None


def of_how_many(counts: tuple[int, int] | None) -> str | None:
    """``3 of 62``."""
    return None if counts is None else f"{counts[0]} of {counts[1]}"


def verdict(change: Fraction | None) -> str | None:
    """Of days, fewer are better."""
    return None if change is None else "better" if change < 0 else "worse" if change > 0 else "same"
