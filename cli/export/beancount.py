"""``soc export beancount``: vouchers as a beancount file, with assertions of every balance at each month's end and at the end.

A file of a later period goes on from the earlier ones: an account is opened in the file that first books on it, and balances are
those since the first booking. Put together (``include``), files of consecutive periods are checked as one; alone only the first
can be. Opening balances in each would be doubles as soon as two files are read together.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import click

from cli import output
from cli.export.accounts import ABOUT, Export, accounting
from ledger.money import kronor
from ledger.periods import day_in_stockholm
from projections.accounting.vouchers import Voucher, balances


@click.command("beancount", epilog=ABOUT)
@accounting("beancount")
def command(export: Export, file: str) -> None:
    """Vouchers booked in a period, as a beancount file.

    All balances are asserted at each month's end and at the end. A file of a later period is a part, without opening balances:
    include it together with the earlier ones, and they are checked as one.
    """
    lines = [*_head(export), *_opened(export)]
    lines += [line for one in export.held for line in _transaction(one, export)]
    output.emit("\n".join([*lines, *_asserted(export)]), file)


def _head(export: Export) -> Iterator[str]:
    yield from (f"; {note}" for note in export.notes)
    if not export.earlier:
        yield f'option "title" {_text(f"{export.map.company.name}: {export.contract}")}'
        yield f'option "operating_currency" "{export.currency}"'
    yield ""


def _opened(export: Export) -> Iterator[str]:
    """The accounts that are first booked on in this file."""
    seen = {export.names[row.account] for one in export.earlier for row in one.rows}
    for one in export.held:
        for name in [export.names[row.account] for row in one.rows]:
            if name not in seen:
                seen.add(name)
                yield f"{one.booked_on} open {name} {export.currency}"


def _transaction(one: Voucher, export: Export) -> Iterator[str]:
    yield ""
    yield f"{one.booked_on} * {_text(one.text)} ^{export.contract}-{one.record}"
    yield f"  effective: {one.effective_on}"
    yield f"  record: {one.record}"
    yield f"  voucher: {_text(one.number)}"
    yield f"  name: {_text(one.said.name)}"
    if one.said.late:
        yield f"  about: {_text(' '.join(map(str, one.said.about)))}"
    if one.said.invoice is not None:
        yield f"  invoice: {_text(one.said.invoice)}"
    if one.said.bank_reference is not None:
        yield f"  bank: {_text(one.said.bank_reference)}"
    width = max(len(export.names[row.account]) for row in one.rows)
    for row in one.rows:
        yield f"  {export.names[row.account]:<{width}}  {kronor(row.amount):>15} {export.currency}"


def _asserted(export: Export) -> Iterator[str]:
    """Each account's balance at the end of every month that is over as known, and at the end of what the file holds.

    beancount's assertions are of a day's beginning, and so dated the day after.
    """
    known_on = day_in_stockholm(export.facts.known_at)
    ends = [month.last_day for month in export.period if month.last_day < known_on]
    for end in ends:
        yield from _balances(export, end, f"Balances at the end of {end}:")
    if export.held and not export.over:
        note = f"Balances as known; a file that goes on from here and books more on {known_on} takes their place:"
        yield from _balances(export, known_on, note)


def _balances(export: Export, end: date, note: str) -> Iterator[str]:
    sums: dict[str, int] = {}
    for account, amount in balances(one for one in [*export.earlier, *export.held] if one.booked_on <= end).items():
        sums[export.names[account]] = sums.get(export.names[account], 0) + amount
    if sums:
        yield ""
        yield f"; {note}"
    for name, amount in sorted(sums.items()):
        yield f"{end + timedelta(days=1)} balance {name}  {kronor(amount)} {export.currency}"


def _text(text: str) -> str:
    """A string, on one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else " " for char in escaped) + '"'
