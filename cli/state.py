"""``soc state``: text for a controller, JSON for programs, exactly as the README describes it; with ``--against`` what changed
since, with ``--unsettled`` what late facts would change."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking, moment
from ledger.errors import Usage
from ledger.facts import Facts, indicator_stream, is_tiered
from ledger.money import decimals, kronor
from ledger.periods import instant_text, stockholm_text
from projections.state import Reaching, State, state

if TYPE_CHECKING:
    from projections.restated import Restated
    from projections.since import Since


@click.command("state")
@click.argument("contract_id", metavar="CONTRACT")
@moment
@click.option("--against", metavar="INSTANT", help="What changed since an earlier instant, date or record number, and why.")
@click.option("--unsettled", is_flag=True, help="What reports that came late would change if counted now, in kronor.")
@answers
@looking
def command(
    desk: Desk,
    contract_id: str,
    as_of: date | None,
    known_at: str | None,
    against: str | None,
    unsettled: bool,
    form: str,
    file: str,
) -> None:
    """A contract's balance, break-even and cap: as of a date in the world, as known at a moment."""
    facts = desk.known_at(known_at)
    if is_tiered(facts, contract_id):
        output.emit(_of_tiered(facts, contract_id, as_of, form, alone=against is None and not unsettled), file)
        return
    one = state(facts, contract_id, as_of, desk.book(facts))
    changed = None if against is None else _since(desk, facts, one, against)
    late = _restated(facts, one) if unsettled else None
    output.emit(_answer(facts, one, changed, late, form), file)


def _of_tiered(facts: Facts, contract_id: str, as_of: date | None, form: str, *, alone: bool) -> str:
    from cli.tiered.state import answer

    if not alone:
        raise Usage(f"{contract_id} is settled by tiers: --against and --unsettled are of contracts measured by sick leave")
    return answer(facts, contract_id, as_of, form)


def _since(desk: Desk, facts: Facts, one: State, against: str) -> Since:
    from projections.since import since

    then = desk.known_at(against, "--against")
    if then.known_at > facts.known_at:
        raise Usage(
            f"--against {against} is later than what is asked about, known at {stockholm_text(facts.known_at)}",
            do="compare with an earlier moment; --known-at takes the later one",
        )
    return since(facts, then, one)


def _restated(facts: Facts, one: State) -> Restated:
    from projections.restated import restated

    return restated(facts, one.contract, one.when.as_of)


def _answer(facts: Facts, one: State, changed: Since | None, late: Restated | None, form: str) -> str:
    if form == "text":
        return _text_answer(facts, one, changed, late)
    if form == "csv" and changed is not None:
        from cli import changes

        return output.as_csv(list(changes.rows(one.contract, changed, late)), changes.COLUMNS)
    value = as_json(one)
    if late is not None:
        from cli.changes import unsettled_json

        value["unsettled"] = unsettled_json(one.contract, late)
    if changed is not None:
        from cli.changes import since_json

        value["since"] = since_json(one.contract, changed)
    return output.as_json(value) if form == "json" else output.as_csv(output.flat(value), ["key", "value"])


def _text_answer(facts: Facts, one: State, changed: Since | None, late: Restated | None) -> str:
    """What changed stands alone under the head; what is unsettled stands under the state that does not count it."""
    from cli.state_text import as_text, head

    basis = output.basis_line(facts)
    blocks = [as_text(one, basis, _warning(facts, one))] if changed is None else ["\n".join(head(one, basis))]
    if changed is not None:
        from cli.changes_text import since_text

        blocks.append(since_text(one, changed))
    if late is not None:
        from cli.changes_text import unsettled_text

        blocks.append(unsettled_text(one, late))
    return "\n\n".join(blocks)


def _warning(facts: Facts, one: State) -> list[str]:
    """That unpaid outcomes get worse while the paid one improves. Looked for only where something of them is on record."""
    if not facts.stream(indicator_stream(one.contract)):
        return []
    from cli.indicators.words import warning_line
    from cli.sections import wrapped
    from projections.unpaid.indicators import warning

    found = warning(facts, one.contract, one.when.as_of)
    return wrapped(warning_line(found)) if found is not None and found.warns else []


def as_json(one: State) -> dict[str, Any]:
    """The state as JSON: money in kronor as text, ratios with four decimals, absent values null."""
    from cli.dispute_view import as_json as dispute_json

    terms, provider, loan = one.terms, one.provider, one.loan
    return {
        "contract": one.contract,
        "as_of": str(one.when.as_of),
        "known_at": instant_text(one.when.known_at),
        "basis": {"position": one.basis.position, "root": one.basis.root},
        "label": "recorded (simulated ledger)" if one.simulated else "recorded",
        "currency": terms.currency,
        "determined_through": None if one.determined_through is None else str(one.determined_through.last_day),
        "undetermined_months": [str(month) for month in one.undetermined],
        "closed_on": _text(one.closed_on),
        "suspended_months": [str(month) for month in one.suspended],
        "excluded_months": [str(month) for month in one.excluded],
        "deemed_months": [str(month) for month in one.deemed],
        "preliminary": one.preliminary,
        "investment": {
            "total": kronor(terms.investment.total),
            "internal": kronor(terms.internal),
            "upfront": kronor(terms.upfront_agreed),
            "at_risk": kronor(terms.at_risk),
            "worst_case": kronor(terms.worst_case),
        },
        "savings": {
            "determined": kronor(one.savings),
            "ratio_to_investment": decimals(one.ratio, 4),
            "to_authority": kronor(one.to_authority),
            "to_provider": kronor(one.to_provider),
            "net_days_avoided": decimals(one.net_days_avoided, 2),
        },
        "balance": {
            "provider": {key: kronor(amount) for key, amount in vars(provider).items()},
            "upfront": {"agreed": kronor(terms.upfront_agreed), "paid": kronor(one.upfront_paid)},
            "loan": {key: kronor(amount) for key, amount in vars(loan).items()},
        },
        "break_even": {
            "contract": _reaching(one.break_even_contract),
            "authority": _reaching(one.break_even_authority),
            "provider": _reaching(one.break_even_provider),
        },
        "cap": _cap(one),
        "unsettled": {"facts": one.unsettled_facts, "savings": None, "entitlement": None},
        "forecast": {
            "method": "pro-rata",
            "months": one.forecast.months,
            "ratio_to_investment": None if one.forecast.ratio is None else decimals(one.forecast.ratio, 2),
        },
        "methodology": None if one.methodology is None else {"name": one.methodology.name, "sha256": one.methodology.sha256},
        "disputes": [dispute_json(one.contract, dispute, one.when.as_of) for dispute in one.disputes],
    }


def _reaching(one: Reaching) -> dict[str, Any]:
    at_savings = one.target.at_savings
    return {
        "at_savings": None if at_savings is None else kronor(at_savings),
        "reached": one.reached,
        "reached_on": _text(one.reached_on),
        "lost_on": _text(one.lost_on),
        "known_since": None if one.known_since is None else instant_text(one.known_since),
        "remaining": kronor(one.remaining),
    }


def _cap(one: State) -> dict[str, Any]:
    cap = _reaching(one.cap)
    return {
        "amount": kronor(one.cap.target.amount),
        "reached": cap["reached"],
        "reached_on": cap["reached_on"],
        "lost_on": cap["lost_on"],
        "known_since": cap["known_since"],
        "headroom": cap["remaining"],
        "binding": one.binding,
        "at_savings": cap["at_savings"],
        "ceiling_savings": kronor(one.terms.ceiling_savings),
    }


def _text(value: date | None) -> str | None:
    return None if value is None else str(value)
