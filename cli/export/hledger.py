"""``soc export hledger``: vouchers as an hledger journal.

A transaction is dated by booking, with the date from which it is effective as its secondary date: ``hledger bal --date2 -e DAY``
gives what ``soc state`` says as of the day before. Its code is the record's number.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from cli import output
from cli.export.accounts import ABOUT, Export, accounting
from ledger.money import kronor
from projections.accounting.vouchers import Voucher

TYPES = {"assets": "A", "liabilities": "L", "expenses": "X"}
"""hledger's type of account, by the root of the ledger's own name."""


@click.command("hledger", epilog=ABOUT)
@accounting("hledger")
def command(export: Export, file: str) -> None:
    """Vouchers booked in a period, as an hledger journal.

    Each has its booking date and the date from which it is effective: "hledger bal --date2 -e DAY" gives the balances as of the
    day before. A file of a later period is a part, without opening balances: read it together with the earlier ones.
    """
    output.emit("\n".join([*_head(export), *(line for one in export.held for line in _transaction(one, export))]), file)


def _head(export: Export) -> Iterator[str]:
    yield from (f"; {note}" for note in export.notes)
    yield "decimal-mark ."
    yield f"commodity 1000.00 {export.currency}"
    used = {row.account for one in export.held for row in one.rows}
    kinds = {export.names[account]: TYPES[account.partition(":")[0]] for account in sorted(used)}
    for name, kind in sorted(kinds.items()):
        yield f"account {name}  ; type:{kind}"


def _transaction(one: Voucher, export: Export) -> Iterator[str]:
    yield ""
    yield f"{one.booked_on}={one.effective_on} ({one.record}) {_description(one.text)}"
    tags = {"contract": export.contract, "record": one.record, "voucher": one.number, "name": one.said.name}
    tags |= {"invoice": one.said.invoice, "bank": one.said.bank_reference}
    if one.said.late:
        tags["about"] = " ".join(map(str, one.said.about))
    yield from (f"    ; {tag}: {_value(str(value))}" for tag, value in tags.items() if value is not None)
    width = max(len(export.names[row.account]) for row in one.rows)
    for row in one.rows:
        yield f"    {export.names[row.account]:<{width}}  {kronor(row.amount):>15} {export.currency}"


def _description(text: str) -> str:
    """One line, without what begins a comment or divides payee from note."""
    return _line(text).replace(";", ",").replace("|", "/")


def _value(text: str) -> str:
    """A tag's value ends at a comma."""
    return _line(text).replace(",", ";")


def _line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
