"""``soc forecast``: what the savings may come to by the end of the term, three ways, each with its range; tried on the record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.forecast.words import CLAIM, NO_RANGE, RANGE, formula, label, reason, tried
from cli.options import answers_in, looking, moment
from ledger.facts import Facts
from ledger.money import decimals, kronor
from ledger.periods import Month, instant_text
from projections.forecasts.back_test import BackTest, Said, Score
from projections.forecasts.forecast import Expected, Forecast, Outlook, forecast
from projections.forecasts.methods import Run, Step


@click.command("forecast")
@click.argument("contract_id", metavar="CONTRACT")
@moment
@click.option("--back-test", is_flag=True, help="What each way said after every determination, and by how much it was wrong.")
@answers_in("text", "json", "csv", "html")
@looking
def command(
    desk: Desk, contract_id: str, as_of: date | None, known_at: str | None, back_test: bool, form: str, file: str
) -> None:
    """What a contract's savings may come to by the end of its term, and when break-even and cap may be expected.

    Three ways, each with its formula and a range from past months. A forecast is no claim: nothing is owed by it.
    """
    facts = desk.known_at(known_at)
    one = forecast(facts, contract_id, as_of, desk.book(facts))
    output.emit(_answer(one, facts, form, back_test), file)


def _answer(one: Forecast, facts: Facts, form: str, back_test: bool) -> str:
    if form == "text":
        from cli.forecast.as_text import as_answer

        return as_answer(one, facts, back_test=back_test)
    if form == "html":
        from cli.forecast.as_html import as_html

        return as_html(one, facts, back_test=back_test)
    if form == "json":
        return output.as_json(as_json(one, facts, back_test=back_test))
    rows = _said_rows(one, facts) if back_test else _path_rows(one, facts)
    return output.as_csv(list(rows), SAID_COLUMNS if back_test else PATH_COLUMNS)


def as_json(one: Forecast, facts: Facts, *, back_test: bool) -> dict[str, Any]:
    """The forecast as JSON: money in kronor as text, ratios with two decimals, absent values null."""
    known, state = one.ground, one.state
    return {
        "contract": state.contract,
        "as_of": str(state.when.as_of),
        **_basis(facts),
        "says": CLAIM,
        "currency": known.terms.currency,
        "vat": known.terms.vat,
        "ends_on": str(one.ends_on),
        "determined_through": None if state.determined_through is None else str(state.determined_through.last_day),
        "investment": kronor(known.terms.investment.total),
        "rests_on": {
            "savings": kronor(known.carried),
            "months_counted": _months(known.counted),
            "months_measured": _months(known.measured),
            "months_agreed": [{"month": str(month), "savings": kronor(amount)} for month, amount in known.agreed.items()],
            "months_coming": _months(known.coming),
            "months_left_out": _months(known.left_out),
            "months_suspended": _months(known.open),
            "amended_from": None if known.amended_from is None else str(known.amended_from),
            "ramp_up_months": known.terms.ramp_up_months,
            "preliminary": state.preliminary,
        },
        "methods": [_outlook(one, each) for each in one.outlooks],
        "range": RANGE if one.outlooks[0].low is not None else NO_RANGE,
        "runs": {"worst": _run(one, one.worst), "best": _run(one, one.best)},
        "back_test": _back_test(one, one.back_test, everything=back_test),
    }


def _basis(facts: Facts) -> dict[str, Any]:
    return {**output.basis_json(facts), "label": label(facts)}


def _months(several: Iterable[Month]) -> list[str]:
    return [str(month) for month in several]


def _kronor(ore: int | None) -> str | None:
    return None if ore is None else kronor(ore)


def _ratio(one: Forecast, ore: int | None) -> str | None:
    return None if ore is None else decimals(one.state.share_of_investment(ore), 2)


def _outlook(one: Forecast, each: Outlook) -> dict[str, Any]:
    return {
        "method": each.method,
        "formula": formula(one, each.method),
        "savings": kronor(each.savings),
        "ratio_to_investment": _ratio(one, each.savings),
        "low": _kronor(each.low),
        "high": _kronor(each.high),
        "low_ratio_to_investment": _ratio(one, each.low),
        "high_ratio_to_investment": _ratio(one, each.high),
        "to_provider": kronor(each.entitlement),
        "to_provider_low": _kronor(each.entitlement_low),
        "to_provider_high": _kronor(each.entitlement_high),
        "to_authority": kronor(each.savings - each.entitlement),
        "break_even": {party: _expected(each.expected[party]) for party in ("contract", "authority", "provider")},
        "cap": _expected(each.expected["cap"]),
        "path": [_step(step) for step in each.steps],
    }


def _expected(one: Expected) -> dict[str, Any]:
    missing_date = one.reached_on is None and one.on is None
    return {
        "at_savings": _kronor(one.target.at_savings),
        "reached_on": _day(one.reached_on),
        "expected_on": _day(one.on),
        "earliest_on": _day(one.earliest),
        "latest_on": _day(one.latest),
        "missing_at_end": kronor(one.missing),
        "reason": reason(one) if missing_date else None,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else str(day)


def _step(step: Step) -> dict[str, Any]:
    return {
        "month": str(step.month),
        "savings": kronor(step.savings),
        "low": _kronor(step.low),
        "high": _kronor(step.high),
        "to_provider": kronor(step.entitlement),
    }


def _run(one: Forecast, run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "first": str(run.first),
        "last": str(run.last),
        "savings": kronor(run.savings),
        "ratio_to_investment": _ratio(one, run.savings),
        "to_provider": kronor(run.entitlement),
    }


def _back_test(one: Forecast, test: BackTest, *, everything: bool) -> dict[str, Any]:
    value: dict[str, Any] = {"says": tried(one), "methods": [_score(one, each) for each in test.scores]}
    if everything:
        value["by_quarters_ahead"] = [
            {"quarters": ahead, "methods": [_score(one, each) for each in scores]}
            for ahead, scores in test.by_quarters_ahead.items()
        ]
        value["said"] = [_said(each) for each in test.said]
    return value


def _score(one: Forecast, each: Score) -> dict[str, Any]:
    return {
        "method": each.method,
        "times": each.times,
        "mean_absolute_error": kronor(each.mean_absolute),
        "mean_absolute_error_to_investment": decimals(one.state.share_of_investment(each.mean_absolute), 4),
        "mean_error": kronor(each.mean),
        "within_range": each.within,
        "with_range": each.ranged,
    }


def _said(each: Said) -> dict[str, Any]:
    return {
        "method": each.method,
        "determination": f"D{each.determination}",
        "recorded_at": instant_text(each.recorded_at),
        "through": str(each.through.last_day),
        "about": str(each.about.last_day),
        "quarters_ahead": each.quarters_ahead,
        "forecast": kronor(each.said),
        "low": _kronor(each.low),
        "high": _kronor(each.high),
        "came": kronor(each.came),
        "error": kronor(each.error),
        "error_ratio": None if each.ratio is None else decimals(each.ratio, 4),
        "within_range": each.within,
    }


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

HEAD = ["contract", "as_of", "known_at", "position", "root", "label"]
PATH_COLUMNS = [*HEAD, "method", "month", "savings", "low", "high", "to_provider", "ratio_to_investment"]
SAID_COLUMNS = [
    *HEAD,
    *("method", "determination", "recorded_at", "through", "about", "quarters_ahead", "forecast", "low", "high", "came", "error"),
    *("error_ratio", "within_range"),
]


def _head(one: Forecast, facts: Facts) -> dict[str, Any]:
    basis = _basis(facts)
    return {"contract": one.state.contract, "as_of": str(one.state.when.as_of), **basis, **basis["basis"]}


def _path_rows(one: Forecast, facts: Facts) -> Iterable[dict[str, Any]]:
    """Each way's sum at the end of each month ahead, the last that of the term; where none is ahead, what came."""
    head = _head(one, facts)
    for each in one.outlooks:
        came = Step(one.ground.terms.last_month, each.savings, each.entitlement, each.low, each.high)
        for step in each.steps or (came,):
            yield {**head, "method": each.method, **_step(step), "ratio_to_investment": _ratio(one, step.savings)}


def _said_rows(one: Forecast, facts: Facts) -> Iterable[dict[str, Any]]:
    head = _head(one, facts)
    return ({**head, **_said(each)} for each in one.back_test.said)
