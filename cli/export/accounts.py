"""What the exports for accounting share: their options, which vouchers they hold, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from shlex import quote
from typing import Any

import click

from cli import files, output
from cli.desk import Desk
from cli.options import PERIOD, looking, writable
from ledger.facts import Facts
from ledger.periods import Month, Period, day_in_stockholm, stockholm_text
from ledger.terms import ContractTerms
from projections.accounting.account_map import AccountMap, Form, read_account_map, require
from projections.accounting.remarks import after_the_year, money, of_earlier_years, standing
from projections.accounting.vouchers import Voucher, booked_in, vouchers
from projections.names import record_number

DUE = {
    "sie": "Balances are by booking day; when a claim falls due is in the row's text.",
    "hledger": "Balances are by booking day; when a claim falls due is in its text, and is its second date.",
    "beancount": "Balances are by booking day; when a claim falls due is in its text, and under effective.",
}
"""What balances are by, and where else to look."""

VAT = {"excluded": "Amounts exclude VAT, as the terms of the contract do."}
"""What the terms say about VAT → what a file says."""

LOAN = "The internal loan is a claim and a debt within one legal person."

ABOUT = f"""Amounts exclude VAT. Where supplier invoices and the bank are booked by another system too, map assets:bank to a
clearing account, or the same payment is booked twice. {LOAN} Eliminate both, or leave it out: export = false under [loan] in the
map."""
"""What the help of every export for accounting ends with."""


@dataclass(frozen=True)
class Export:
    """What a file holds: ``held`` of ``every`` voucher on record, those of the period by records later than ``after``."""

    facts: Facts
    contract: str
    period: Period
    form: Form
    map: AccountMap
    map_file: str
    after: int
    every: Sequence[Voucher]
    held: Sequence[Voucher]

    @property
    def names(self) -> dict[str, str]:
        """Account of the ledger → what the file calls it."""
        return self.map.names(self.form)

    @property
    def terms(self) -> ContractTerms:
        """The terms as signed; neither currency nor VAT can be amended."""
        return self.facts.contract(self.contract).signed

    @property
    def currency(self) -> str:
        """The contract's currency."""
        return self.terms.currency

    @property
    def earlier(self) -> list[Voucher]:
        """The vouchers on record that come before those of the file; where there are any, the file is a part."""
        return [one for one in self.every if one.booked_on < self.period.first_day or one.record <= self.after]

    @property
    def over(self) -> bool:
        """Whether no more can be booked in the period, as far as is known."""
        return day_in_stockholm(self.facts.known_at) > self.period.last_day

    @property
    def last(self) -> int:
        """The last record that this file or an earlier one holds."""
        return max((one.record for one in self.held), default=self.after)

    @property
    def begins(self) -> Month:
        """The month in which the contract begins, or in which something is booked before."""
        booked = [Month.holding(one.booked_on) for one in self.every[:1]]
        return min([Month.holding(self.terms.starts_on), *booked])

    @property
    def holds(self) -> str:
        """What it holds, in a sentence."""
        later = f" by records after {self.after}" if self.after else ""
        if not self.held:
            return f"No vouchers of {self.contract} are booked in {self.period}{later}."
        first, parts = self.held[0].record, f"{len(self.held)} voucher{'s' if len(self.held) > 1 else ''}"
        return f"{parts} of {self.contract}, booked in {self.period}{later}: records {first} to {self.last}."

    @property
    def notes(self) -> list[str]:
        """What the file says of itself: what it holds, as known when, and whether it is a part."""
        lines = [self.holds, f"The last record that it holds is {self.last}." if self.held else "It holds no record."]
        lines += [output.basis_line(self.facts).capitalize(), f"The accounts are those of {self.map.company.name}."]
        if self.earlier:
            lines.append("It is a part: what was booked before it is in earlier files; its own rows are no balances.")
        if not self.over:
            lines.append(f"{self.period} is not over as known then: more may be booked in it.")
        return [*lines, DUE[self.form], VAT[self.terms.vat], *self._of_the_loan, *self.remarks]

    @property
    def _of_the_loan(self) -> list[str]:
        if not self.map.loan.export:
            return ["The internal loan is left out, as the map says (loan.export = false)."]
        moved = any(one.of_the_loan for one in self.held)
        return [f"{LOAN} Eliminate both, or leave it out: export = false under [loan] in the map."] if moved else []

    @cached_property
    def remarks(self) -> list[str]:
        """What the accountant must know besides, also said on stderr: held, overpaid, and the cut-off at a year's end."""
        year_begins = self.map.company.financial_year_begins
        found = standing(self.facts, self.contract, self.period)
        lines = list(of_earlier_years(self.held, year_begins, self.currency))
        if found is not None:
            lines = [*money(found), *lines, *after_the_year(self.facts, self.every, self.period, year_begins, found)]
        return lines


def accounting(form: Form) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options of an export for accounting. The function is given what the file holds, and where it goes to, as ``file``."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @click.argument("contract_id", metavar="CONTRACT")
        @click.option("--period", type=PERIOD, required=True, metavar="PERIOD", help="Months in which vouchers are booked.")
        @click.option("--accounts", required=True, metavar="FILE", help="Which accounts of the books to use (TOML).")
        @click.option("--after", metavar="RECORD", help="Leave out what an earlier file held: records up to this one.")
        @click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record; default: all of it.")
        @click.option("-o", "file", default="-", metavar="FILE", callback=writable, help="Where to; - is stdout.")
        @looking
        @wraps(function)
        def run(
            desk: Desk,
            contract_id: str,
            period: Period,
            accounts: str,
            after: str | None,
            known_at: str | None,
            file: str,
            **more: Any,
        ) -> None:
            facts = desk.known_at(known_at)
            export = _export(facts, contract_id, period, form, accounts, after)
            function(export, file=file, **more)
            _tell(export)

        return run

    return decorate


def _export(facts: Facts, contract_id: str, period: Period, form: Form, accounts: str, after: str | None) -> Export:
    found = read_account_map(files.content(accounts), accounts)
    every = [one for one in vouchers(facts, contract_id) if found.loan.export or not one.of_the_loan]
    booked: dict[str, int] = {}
    for one in every:
        for row in one.rows:
            booked.setdefault(row.account, one.record)
    require(found, contract_id, booked, form, accounts)
    later_than = 0 if after is None else record_number(facts, contract_id, after)
    held = booked_in(every, period, later_than)
    return Export(facts, contract_id, period, form, found, accounts, later_than, every, held)


def _tell(export: Export) -> None:
    """Say what was written, and how to go on without doubles."""
    for line in (export.holds, *export.remarks):
        click.echo(line, err=True)
    if export.period.last < export.begins:
        following = Period(export.begins, export.begins)
        click.echo(f"{export.period} lies before the contract begins ({export.begins}).", err=True)
        click.echo(f"Begin with: {_again(export, following, 0)}", err=True)
    elif export.over:
        following = Period(export.period.last + 1, export.period.last + len(export.period))
        click.echo(f"{export.period} is over. Go on with: {_again(export, following, 0)}", err=True)
    else:
        known = stockholm_text(export.facts.known_at)
        click.echo(f"{export.period} is not over as known at {known}: more may be booked in it.", err=True)
        click.echo(f"Go on later with: {_again(export, export.period, export.last)}", err=True)


def _again(export: Export, period: Period, after: int) -> str:
    more = f" --after {after}" if after else ""
    return f"soc export {export.form} {export.contract} --period {period} --accounts {quote(export.map_file)}{more}"
