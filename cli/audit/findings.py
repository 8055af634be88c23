"""``soc audit findings``: what the auditor found on record, and what it says of all lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, audience, looking
from cli.words import counted, who
from ledger.money import decimals, kronor, shown
from projections.audience import WITHHELD, Audience
from projections.audit.extrapolation import CONFIDENCES, FEWEST_WITH_DAYS
from projections.audit.findings import findings, sees_lines

if TYPE_CHECKING:
    from projections.audit.findings import DaysFound, Found


@click.command("findings")
@click.argument("contract_id", metavar="CONTRACT")
@click.option(
    "--confidence",
    type=click.Choice([str(one) for one in CONFIDENCES]),
    default="95",
    show_default=True,
    help="Per cent, two-sided, of the interval.",
)
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number.")
@audience
@answers
@looking
def command(
    desk: Desk, contract_id: str, confidence: str, known_at: str | None, audience: Audience, form: str, file: str
) -> None:
    """The external auditor's findings: exceptions, the error rate with its exact interval (Clopper and Pearson, 1934), and how
    many of all reported lines that may be; differences in net days as a ratio to the net days of the lines drawn, and from five
    exceptions with days on what it would be in kronor, an indication only.

    Single exceptions are shown to the payer and, with --audience auditor, to the auditor.
    """
    facts = desk.known_at(known_at)
    found = findings(facts, contract_id, int(confidence))
    if form == "text":
        lines = [f"Audit findings of {contract_id} · {output.basis_line(facts)}", "SEK excluding VAT"]
        blocks = [line for one in found for line in ["", *_block(one, audience)]]
        output.emit("\n".join([*lines, *(blocks or ["", "No findings are on record."])]), file)
        return
    values = [_json(contract_id, one, audience) for one in found]
    if form == "json":
        head = {"contract": contract_id, **output.basis_json(facts), "audience": audience}
        output.emit(output.as_json({**head, "findings": values}), file)
    else:
        rows = [{"id": value["id"], **row} for value in values for row in output.flat(value)]
        output.emit(output.as_csv(rows, ["id", "key", "value"]), file)


def _block(one: Found, audience: Audience) -> Iterator[str]:
    event, rate = one.record.data, one.rate
    yield f"A{event.number}: findings of {event.on}, recorded by {who(one.record.recorded_by)}"
    if one.superseded_by is not None:
        yield f"  A{one.superseded_by} has taken their place; they count no longer."
    if event.supersedes is not None:
        yield f"  They take the place of A{event.supersedes}: {event.reason}"
    yield f"  Procedure: {event.procedure}"
    at = event.checkpoint
    yield f"  Sample: {event.sample} of {event.population} reported lines, drawn by checkpoint {at.size}, {at.root[:16]}"
    yield f"  Exceptions: {rate.exceptions}, {_percent(rate.rate)} of the sample"
    interval = f"{_percent(rate.low, down=True)} to {_percent(rate.high, up=True)}"
    yield f"  With {rate.confidence} % confidence the error rate is {interval} (exact, Clopper and Pearson),"
    yield (
        f"  and {rate.lines_low} to {rate.lines_high} of the {rate.population} lines are exceptions "
        f"(exact, drawn without replacement); at the sample's rate {decimals(rate.lines, 0)}."
    )
    yield from (f"  {line}" for line in _days_text(one.days, audience))
    if one.amount_ore is not None:
        yield f"  Differences in kronor that are stated: {shown(one.amount_ore)} in all, the evidence less the record."
    yield from _exceptions_text(one, audience)


def _exceptions_text(one: Found, audience: Audience) -> Iterator[str]:
    if one.exceptions and not sees_lines(audience):
        yield "  Single exceptions are shown to the payer and the auditor: --audience auditor"
        return
    for item in one.exceptions:
        days = "" if item.days_hundredths is None else f"; {_hundredths(item.days_hundredths)} days"
        amount = "" if item.amount_ore is None else f"; {shown(item.amount_ore)}"
        yield f"    record {item.record}, line {item.line}: {item.exception}{days}{amount} ({item.evidence})"


def _days_text(days: DaysFound | None, audience: Audience) -> Sequence[str]:
    if days is None:
        return ()
    if not days.shown_to(audience):
        return (f"Differences in days: {WITHHELD}, for the sample rests on few persons",)
    unstated = f"; {counted(days.unstated, 'exception')} without a stated difference count as none" if days.unstated else ""
    if days.ratio is None:
        return (f"Differences in days: {_hundredths(days.difference)}, of no net days on record{unstated}",)
    more = "more" if days.ratio >= 0 else "fewer"
    of = f"{_hundredths(abs(days.difference))} {more} than the {_hundredths(days.recorded)} of the lines drawn"
    return (
        f"Net days: the evidence shows {of}, {_percent(abs(days.ratio))}{unstated}.",
        *_amount_text(days),
        "The net days of a line: days 1 to 14 of its absence in its report's months, Mondays to Fridays, times extent;",
        "an absence that continues an earlier one counts fewer. Reference years are among them. The ratio has no interval.",
    )


def _amount_text(days: DaysFound) -> Sequence[str]:
    if days.savings_ore is None:
        few = counted(days.stated, "exception")
        return (
            f"No amount is stated: {few} with days {'is' if days.stated == 1 else 'are'} too few, {FEWEST_WITH_DAYS} are needed.",
        )
    lower = "lower" if days.savings_ore <= 0 else "higher"
    return (
        "An indication only: if that held for all net days that savings were determined on, at their months' prices,",
        f"savings would be {shown(abs(days.savings_ore))} {lower}, before sharing; expected days stay as they are.",
    )


def _json(contract_id: str, one: Found, audience: Audience) -> dict[str, Any]:
    event, rate = one.record.data, one.rate
    return {
        "id": f"{contract_id}/A{event.number}",
        "record": one.record.position,
        "on": str(event.on),
        "by": one.record.recorded_by.name,
        "supersedes": None if event.supersedes is None else f"{contract_id}/A{event.supersedes}",
        "superseded_by": None if one.superseded_by is None else f"{contract_id}/A{one.superseded_by}",
        "procedure": event.procedure,
        "checkpoint": {"size": event.checkpoint.size, "root": event.checkpoint.root},
        "population": event.population,
        "sample": event.sample,
        "exceptions": rate.exceptions,
        "error_rate": {
            "rate": decimals(rate.rate, 6),
            "confidence": rate.confidence,
            "method": "Clopper-Pearson, two-sided, exact",
            "low": _six(rate.low, up=False),
            "high": _six(rate.high, up=True),
        },
        "lines": {
            "method": "hypergeometric, two-sided, exact",
            "at_the_rate": decimals(rate.lines, 0),
            "low": rate.lines_low,
            "high": rate.lines_high,
        },
        "days": _days_json(one.days, audience),
        "amount_difference": None if one.amount_ore is None else kronor(one.amount_ore),
        "items": [_item(item) for item in one.exceptions] if sees_lines(audience) else WITHHELD,
    }


def _days_json(days: DaysFound | None, audience: Audience) -> Any:
    if days is None or not days.shown_to(audience):
        return None if days is None else WITHHELD
    return {
        "ratio": None if days.ratio is None else decimals(days.ratio, 6),
        "net_days_of_the_sample": decimals(Fraction(days.recorded, 100), 2),
        "exceptions_with": days.stated,
        "exceptions_without": days.unstated,
        "indication_of_savings": None if days.savings_ore is None else kronor(days.savings_ore),
    }


def _item(item: Any) -> dict[str, Any]:
    return {
        "record": item.record,
        "line": item.line,
        "exception": item.exception,
        "days_difference": None if item.days_hundredths is None else decimals(Fraction(item.days_hundredths, 100), 2),
        "amount_difference": None if item.amount_ore is None else kronor(item.amount_ore),
        "evidence": item.evidence,
    }


def _percent(share: Fraction, *, down: bool = False, up: bool = False) -> str:
    """Per cent with two decimals; an interval's ends outwards, so that it is never shown too narrow."""
    return f"{_outwards(share * 100, 2, down, up)} %"


def _six(share: Fraction, *, up: bool) -> str:
    return _outwards(share, 6, not up, up)


def _outwards(exact: Fraction, places: int, down: bool, up: bool) -> str:
    scaled = exact * 10**places
    if down:
        return decimals(Fraction(scaled // 1, 10**places), places)
    return decimals(Fraction(-(-scaled // 1), 10**places) if up else exact, places)


def _hundredths(number: int) -> str:
    return decimals(Fraction(number, 100), 2).replace("-", "−")
