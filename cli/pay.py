"""``soc pay``: upfront, outcome, recover, list."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import AMOUNT, DATE, TEXT, answers, on, with_desk, writes
from ledger.commands import OfContract, Pay
from ledger.contract import MoneyEntry, payment_basis
from ledger.errors import Usage
from ledger.events import PaymentInstructed, PaymentKind, PaymentMade
from ledger.money import kronor, shown
from projections.replaced import corrected


@click.group("pay")
def command() -> None:
    """Instruct and record payments. Without --made it is an instruction, and refused above what is due."""


def _payment(name: str, kind: PaymentKind, help_text: str) -> None:
    @command.command(name, help=help_text)
    @click.argument("contract_id", metavar="CONTRACT")
    @click.argument("amount", type=AMOUNT, required=False)
    @click.option("--due", is_flag=True, help="The amount that is due on the date.")
    @on("The day of payment.")
    @click.option("--invoice", type=TEXT, required=True, metavar="TEXT", help="The invoice that it is about.")
    @click.option("--made", is_flag=True, help="The payment has been made: a fact, always recorded.")
    @click.option("--bank-reference", type=TEXT, metavar="TEXT", help="The bank's reference of a payment made.")
    @writes
    @with_desk
    def pay(
        desk: Desk,
        contract_id: str,
        amount: int | None,
        due: bool,
        on: date,
        invoice: str,
        made: bool,
        bank_reference: str | None,
        dry_run: bool,
        reference: str | None,
        form: str,
        file: str,
    ) -> None:
        _check(amount, due, made, bank_reference)
        desk.facts.contract(contract_id)
        words: dict[str, Any] = {
            "command": f"pay {name}",
            "contract": contract_id,
            "amount_ore": amount,
            "on": on.isoformat(),
            "invoice": invoice,
            "made": made,
            "bank_reference": bank_reference,
        }
        if due:
            words["due"] = lambda facts: payment_basis(facts.contract(contract_id), kind, invoice)
        done = desk.submit(
            lambda facts: OfContract(contract_id, Pay(kind, amount, on, invoice, made, bank_reference)),
            words,
            dry_run=dry_run,
            reference=reference,
            replaced=corrected,
        )
        output.receipt(done, contract_id, _said(done.records[0].data), form, file)


def _check(amount: int | None, due: bool, made: bool, bank_reference: str | None) -> None:
    if (amount is None) != due:
        raise Usage("name an amount, or --due for what is due; not both")
    if made and not bank_reference:
        raise Usage("a payment made has its bank reference: --made --bank-reference TEXT")
    if bank_reference and not made:
        raise Usage("--bank-reference belongs to a payment made: --made")


_payment("upfront", "upfront", "The upfront payment, by the instalments of the terms, whatever the outcome.")
_payment("outcome", "outcome", "The outcome payout to the provider.")
_payment("recover", "recovery", "What the provider pays back.")


def _said(event: PaymentInstructed | PaymentMade) -> list[str]:
    what = {"upfront": "upfront payment", "outcome": "outcome payout", "recovery": "recovery from the provider"}[event.kind]
    if isinstance(event, PaymentInstructed):
        return [f"{what} of {shown(event.amount_ore)} SEK instructed for {event.on}, invoice {event.invoice}"]
    said = f"{what} of {shown(event.amount_ore)} SEK made on {event.on}, invoice {event.invoice}, bank {event.bank_reference}"
    return [said] if event.settles is None else [said, f"carries out instruction P{event.settles.number}"]


@command.command("list")
@click.option("--on", type=DATE, metavar="DATE", help="What is due on that date; default: the date of the last record.")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number.")
@answers
@with_desk
def list_(desk: Desk, on: date | None, known_at: str | None, form: str, file: str) -> None:
    """What is due in every contract, and the payments and instructions so far."""
    from projections.as_of import AsOf
    from projections.state import state

    facts = desk.known_at(known_at)
    day = AsOf.latest(facts, on).as_of
    due, payments, notes = [], [], []
    for contract_id in facts.contracts:
        folded = facts.contract(contract_id)
        if folded.signed_on is None or folded.signed_on > day:
            continue
        one = state(facts, contract_id, day)
        upfront = one.upfront_due
        due.append([contract_id, shown(upfront), shown(one.provider.due), shown(one.provider.overpaid)])
        if above := one.above_entitlement:
            notes.append(f"{contract_id}: {shown(above)} of what is due may not be paid: paid would exceed the entitlement.")
        if held := one.provider.held:
            notes.append(f"{contract_id}: {shown(held)} of what is payable is held in disputes.")
        payments += [(contract_id, entry) for entry in folded.payments if entry.on <= day]
    if form == "text":
        text = f"Due on {day}, and payments dated until then with what is known of them; {output.basis_line(facts)}\n"
        text += "SEK excluding VAT\n\n"
        text += "\n".join([output.table(due, ["contract", "upfront due", "outcome due", "overpaid"], right=(1, 2, 3)), *notes])
        rows = [_row(contract_id, entry, shown) for contract_id, entry in payments]
        text += "\n\n" + output.table(rows, HEADERS, right=(3,)) if rows else "\n\nNo payment is recorded."
        output.emit(text, file)
        return
    listed = [dict(zip(HEADERS, _row(contract_id, entry, kronor), strict=True)) for contract_id, entry in payments]
    dues = [dict(zip(DUES, [row[0], *(_plain(amount) for amount in row[1:])], strict=True)) for row in due]
    if form == "csv":
        unpaid = [{"id": one["contract"], "what": key, "on": str(day), "amount": one[key]} for one in dues for key in DUES[1:]]
        output.emit(output.as_csv([*unpaid, *listed], HEADERS), file)
        return
    output.emit(output.as_json({"on": str(day), **output.basis_json(facts), "due": dues, "payments": listed}), file)


DUES = ["contract", "upfront_due", "due", "overpaid"]
HEADERS = ["id", "what", "on", "amount", "invoice", "status"]


def _row(contract_id: str, entry: MoneyEntry, amount: Any) -> list[str]:
    status = entry.note or ("open" if entry.entry.startswith("instructed") else "made")
    return [f"{contract_id}/{entry.name}", entry.entry, str(entry.on), amount(entry.amount), entry.invoice, status]


def _plain(amount: str) -> str:
    from ledger.money import parse_kronor

    return kronor(parse_kronor(amount))
