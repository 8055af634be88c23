"""``soc portfolio``."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking, moment
from ledger.contract import fold
from ledger.facts import Facts
from ledger.money import decimals, kronor, shown
from projections.as_of import AsOf
from projections.state import State, state


@click.command("portfolio")
@moment
@answers
@looking
def command(desk: Desk, as_of: date | None, known_at: str | None, form: str, file: str) -> None:
    """All contracts signed by the date, one line each, and totals."""
    facts = desk.known_at(known_at)
    when = AsOf.latest(facts, as_of)
    book = desk.book(facts)
    signed = [one for one in book.contracts() if (fold(book.shaping(one)).signed_on or date.max) <= when.as_of]
    states = [state(facts, contract_id, when.as_of, book) for contract_id in signed]
    rows = [_row(one) for one in states]
    totals = {key: sum(row[key] for row in rows) for key in AMOUNTS}
    if form == "text":
        head = f"Portfolio as of {when.as_of} · {output.basis_line(facts)}\nSEK excluding VAT\n\n"
        output.emit("\n".join([head + _table(rows, totals), *map(_assumed, states), *_elsewhere(facts)]), file)
        return
    said = [{**row, **{key: kronor(row[key]) for key in AMOUNTS}} for row in rows]
    summed = {key: kronor(amount) for key, amount in totals.items()}
    if form == "csv":
        output.emit(output.as_csv([*said, {"contract": "total", **summed}], ["contract", *AMOUNTS, *REST]), file)
        return
    output.emit(output.as_json({"as_of": str(when.as_of), **output.basis_json(facts), "contracts": said, "totals": summed}), file)


AMOUNTS = ["investment", "savings", "entitled", "payable", "paid", "held", "claimed_above", "due", "overpaid", "headroom"]
REST = ["ratio_to_investment", "determined_through", "preliminary", "unsettled_facts"]


def _elsewhere(facts: Facts) -> list[str]:
    """The contracts that are not in the table, and where they are told of."""
    others = facts.named("tiered")
    return [f"Settled by tiers, not in these sums: {', '.join(others)}; see soc tiered list"] if others else []


def _assumed(one: State) -> str:
    assumed, derived = ", ".join(one.terms.assumed), ", ".join(one.terms.derived)
    return f"{one.contract}: assumed, not published: {assumed or 'nothing'}; derived: {derived or 'nothing'}"


def _row(one: State) -> dict[str, Any]:
    provider = one.provider
    return {
        "contract": one.contract,
        "investment": one.terms.investment.total,
        "savings": one.savings,
        "entitled": provider.entitled,
        "payable": provider.payable,
        "paid": provider.paid,
        "held": provider.held,
        "claimed_above": provider.claimed_above,
        "due": provider.due,
        "overpaid": provider.overpaid,
        "headroom": one.cap.remaining,
        "ratio_to_investment": decimals(one.ratio, 4),
        "determined_through": None if one.determined_through is None else str(one.determined_through.last_day),
        "preliminary": one.preliminary,
        "unsettled_facts": one.unsettled_facts,
    }


def _table(rows: list[dict[str, Any]], totals: dict[str, int]) -> str:
    if not rows:
        return "No contract is signed by that date."
    shown_keys = ["savings", "entitled", "payable", "paid", "due", "headroom"]
    body = [
        [
            row["contract"],
            (row["determined_through"] or "nothing") + (" preliminary" if row["preliminary"] else ""),
            *(shown(row[key]) for key in shown_keys),
        ]
        for row in rows
    ]
    body.append(["total", "", *(shown(totals[key]) for key in shown_keys)])
    headers = ["contract", "determined through", "savings", "entitled", "payable", "outcome paid", "due then", "left to the cap"]
    text = output.table(body, headers, right=tuple(range(2, 8)))
    notes = [f"{row['contract']}: {shown(row['overpaid'])} overpaid" for row in rows if row["overpaid"]]
    notes += [f"{row['contract']}: {shown(row['held'])} held in disputes" for row in rows if row["held"]]
    notes += [f"{row['contract']}: {shown(row['claimed_above'])} claimed above" for row in rows if row["claimed_above"]]
    notes += [
        f"{row['contract']}: {row['unsettled_facts']} reports recorded since determination"
        for row in rows
        if row["unsettled_facts"]
    ]
    return "\n".join([text, "", *notes]).rstrip()
