"""``soc year-end``: what is earned, claimed, payable and paid on 31 December, as known then and as known now."""

from __future__ import annotations

from datetime import date

import click

from cli import output
from cli.desk import Desk
from cli.options import Parsed, answers, looking
from ledger.errors import Usage
from ledger.facts import Facts
from ledger.periods import check_year, day_in_stockholm, stockholm_text
from projections.year_end import YearEnd, year_end


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise ValueError(f"{text!r} is not a year such as 2019")
    check_year(int(text))
    return int(text)


@click.command("year-end")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("year", type=Parsed("year", _year), metavar="YEAR")
@click.option("--known-at", metavar="INSTANT", help="As known when the books were closed; default: at the end of 31 December.")
@click.option(
    "--opening-known-at",
    metavar="INSTANT",
    help="As known when the year before was closed; default: at the end of its 31 December.",
)
@answers
@looking
def command(
    desk: Desk, contract_id: str, year: int, known_at: str | None, opening_known_at: str | None, form: str, file: str
) -> None:
    """What the payer's controller and the provider's accountant must know when a year is closed: earned and not payable, not
    notified, not instructed, not paid, held, what came from earlier years, what may still come; as known then and as known now,
    with the records that made the difference."""
    desk.facts.contract(contract_id)
    then = _known(desk, known_at, year, "--known-at")
    opening = _known(desk, opening_known_at, year - 1, "--opening-known-at")
    if opening is not None and then is not None and opening.position > then.position:
        closed = f"the year before is closed at record {opening.position}, and this one at record {then.position}"
        raise Usage(f"--opening-known-at: {closed}", do="name an earlier moment")
    one = year_end(desk.facts, then, opening, contract_id, year)
    output.emit(_answer(desk.facts, then, one, form), file)


def _known(desk: Desk, text: str | None, year: int, option: str) -> Facts | None:
    """What was known at the moment asked for, or on 31 December; None before the ledger was opened."""
    if text is not None:
        return desk.known_at(text, option)
    last = date(year, 12, 31)
    if last < day_in_stockholm(desk.facts.at(1).known_at):
        return None
    return desk.facts if last >= day_in_stockholm(desk.facts.known_at) else desk.known_at(str(last), option)


def _answer(now: Facts, then: Facts | None, one: YearEnd, form: str) -> str:
    if form == "text":
        from cli.year_end_text import as_text

        return as_text(one, _moment(then), output.basis_line(now))
    from cli.year_end_json import COLUMNS, as_json, rows

    if form == "csv":
        return output.as_csv(list(rows(one)), COLUMNS)
    return output.as_json(as_json(one, then, now))


def _moment(facts: Facts | None) -> str | None:
    if facts is None:
        return None
    return f"known at {stockholm_text(facts.known_at)} · record {facts.basis.position} · fingerprint {facts.basis.root[:16]}"
