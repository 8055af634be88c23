"""``soc tiered pay`` and ``correct``: money that moved between the parties of a contract settled by tiers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

import click

from cli.desk import Desk
from cli.options import AMOUNT, DATE, TEXT, on, with_desk, writes
from cli.tiered.receipt import numbered, receipt
from cli.words import role
from ledger.events import TieredPayment as Kind
from ledger.events import TieredPaymentCorrected
from ledger.facts import Facts
from ledger.money import shown
from ledger.record import Recorded
from ledger.tiered import CorrectTieredPayment, OfTiered, PayTiered
from projections.tiered.valuation import folded


@click.command("pay")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("kind", type=click.Choice(get_args(Kind)), metavar="KIND")
@click.argument("amount", type=AMOUNT)
@click.option("--from", "payer", required=True, metavar="ROLE", help="The party that paid.")
@click.option("--to", "payee", required=True, metavar="ROLE", help="The party that was paid.")
@on("The bank day.")
@click.option("--bank-reference", type=TEXT, required=True, metavar="TEXT", help="The bank's reference.")
@writes
@with_desk
def pay(
    desk: Desk,
    contract_id: str,
    kind: Kind,
    amount: int,
    payer: str,
    payee: str,
    on: date,
    bank_reference: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record a payment that was made: a fact, always recorded. KIND is investment (what is lent), outcome, recovery, or of a bond
    issue, interest, redemption."""
    folded(desk.facts, contract_id)
    words = {
        "command": "tiered pay",
        "contract": contract_id,
        "kind": kind,
        "amount_ore": amount,
        "from": payer,
        "to": payee,
        "on": on.isoformat(),
        "bank_reference": bank_reference,
    }
    done = desk.submit(
        lambda facts: OfTiered(contract_id, PayTiered(kind, payer, payee, amount, on, bank_reference)),
        words,
        dry_run=dry_run,
        reference=reference,
        replaced=_reversed,
    )
    event = done.records[0].data
    currency = folded(done.facts, contract_id).terms_on(event.on).currency
    sides = f"from {role(event.payer)} to {role(event.payee)}"
    said = f"{event.kind} of {shown(event.amount_ore)} {currency} {sides} on {event.on}, bank {event.bank_reference}"
    receipt(done, contract_id, [said], form, file)


def _reversed(facts: Facts, records: Sequence[Recorded[Any]]) -> bool:
    """Whether the payment that these records made was reversed since: then the same payment is a new one."""
    number = records[-1].data.number
    return any(
        isinstance(one.data, TieredPaymentCorrected) and one.data.number == number and one.data.becomes is None
        for one in facts.stream(records[-1].stream)
    )


@click.command("correct")
@click.argument("payment", metavar="ID")
@click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="What was wrong.")
@click.option("--amount", type=AMOUNT, metavar="AMOUNT", help="The right amount.")
@click.option("--date", "on", type=DATE, metavar="DATE", help="The right date.")
@writes
@with_desk
def correct(
    desk: Desk,
    payment: str,
    reason: str,
    amount: int | None,
    on: date | None,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Reverse a payment recorded in error, as norrkoping/P1, or replace its amount or date. The original stays readable."""
    contract_id, number = numbered(desk.facts, payment, "P", "a payment")
    words = {
        "command": "tiered correct",
        "contract": contract_id,
        "payment": number,
        "reason": reason,
        "amount_ore": amount,
        "on": on.isoformat() if on else None,
    }
    done = desk.submit(
        lambda facts: OfTiered(contract_id, CorrectTieredPayment(number, reason, amount, on)),
        words,
        dry_run=dry_run,
        reference=reference,
        replaced=_corrected_again,
    )
    event = done.records[0].data
    was = f"{shown(event.was.amount_ore)} on {event.was.on}"
    now = "is reversed" if event.becomes is None else f"becomes {shown(event.becomes.amount_ore)} on {event.becomes.on}"
    receipt(done, contract_id, [f"{payment} said {was}; it {now}: {event.reason}"], form, file)


def _corrected_again(facts: Facts, records: Sequence[Recorded[Any]]) -> bool:
    """Whether the payment was corrected once more since: then the same correction is a new one."""
    last = records[-1]
    return any(
        isinstance(one.data, TieredPaymentCorrected) and one.data.number == last.data.number and one.position > last.position
        for one in facts.stream(last.stream)
    )
