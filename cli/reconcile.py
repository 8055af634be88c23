"""``soc reconcile``: counted net days at their real cost beside the sick pay that payroll booked."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import files, output
from cli.desk import Desk
from cli.options import AMOUNT, Parsed, answers, audience, looking
from ledger.canonical import sha256
from ledger.errors import Faults, Usage
from ledger.facts import Facts
from ledger.imports import ledger_amounts_csv
from ledger.periods import Month, day_in_stockholm

if TYPE_CHECKING:
    from projections.audience import Audience
    from projections.reconcile import LedgerAmount


def _per_cent(text: str) -> Fraction:
    """``5`` or ``2.5``, as a share."""
    match = re.fullmatch(r"[0-9]{1,3}(?:[.,][0-9]{1,4})?", text.strip())
    share = Fraction(text.strip().replace(",", ".")) / 100 if match else Fraction(2)
    if share > 1:
        raise ValueError(f"{text!r} is not a number of per cent such as 5 or 2.5, at most 100")
    return share


@click.command("reconcile")
@click.argument("contract_id", metavar="CONTRACT")
@click.option(
    "--ledger-amounts",
    "path",
    required=True,
    metavar="CSV",
    help="What payroll booked: month,sick_pay and, where known, cost (of a whole paid day) and employer_charges; in kronor.",
)
@click.option("--cost-per-day", type=AMOUNT, metavar="AMOUNT", help="The real cost of a whole paid day, where the file has none.")
@click.option(
    "--within",
    type=Parsed("percent", _per_cent),
    default="5",
    show_default=True,
    metavar="PERCENT",
    help="Exit with 1 where more of what is booked is not explained.",
)
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@audience
@answers
@looking
@click.pass_context
def command(
    ctx: click.Context,
    desk: Desk,
    contract_id: str,
    path: str,
    cost_per_day: int | None,
    within: Fraction,
    known_at: str | None,
    audience: Audience,
    form: str,
    file: str,
) -> None:
    """Counted net days at their real cost beside the sick pay (days 1 to 14) that payroll booked, month by month; what of the
    difference follows from facts on record, and what is not explained. Nothing is recorded. Exits with 1 if a month is not
    explained."""
    from cli.reconcile_answer import Answer
    from projections.reconcile import missing_months, reconcile

    facts = desk.known_at(known_at)
    facts.contract(contract_id)
    if cost_per_day is not None and cost_per_day <= 0:
        raise Usage("--cost-per-day: a day costs something")
    data = files.content(path)
    months, given = _booked(data, path, cost_per_day, facts)
    found = reconcile(facts, contract_id, months)
    missing = missing_months(facts, contract_id, (one.month for one in months))
    one = Answer(contract_id, facts, Path(path).name, sha256(data), found, missing, within, audience, given)
    output.emit(_answer(one, form), file)
    if not all(month.is_within(within) for month in found):
        ctx.exit(1)


def _booked(data: bytes, path: str, cost_per_day: int | None, facts: Facts) -> tuple[list[LedgerAmount], frozenset[Month]]:
    """The file's months, all of which have ended and have a cost; and those whose cost is ``cost_per_day``. Raises InputRefused
    with every fault."""
    from projections.reconcile import LedgerAmount

    known, faults, found = day_in_stockholm(facts.known_at), Faults(path), []
    rows = ledger_amounts_csv.read(data, path).rows
    for row in rows:
        cost = row.cost if row.cost is not None else cost_per_day
        if row.month.last_day > known:
            faults.add(row.line, f"{row.month} has not ended by {known}, the last day that is known", "Leave the month out.")
        if cost is None:
            faults.add(row.line, f"{row.month} has no cost of a day", "Fill in the column cost, or give --cost-per-day.")
        else:
            found.append(LedgerAmount(row.month, row.booked, cost))
    faults.refuse()
    return found, frozenset(row.month for row in rows if row.cost is None)


def _answer(one: Any, form: str) -> str:
    if form == "text":
        from cli.reconcile_text import as_text

        return as_text(one)
    from cli.reconcile_answer import COLUMNS, as_json, rows

    return output.as_json(as_json(one)) if form == "json" else output.as_csv(list(rows(one)), COLUMNS)
