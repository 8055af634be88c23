"""Postings, payments, the loan and disputes as tables, as they stand when known."""

from __future__ import annotations

from typing import Any

from cli.export.datasets import Dataset, Field
from ledger.contract import MoneyEntry
from ledger.events import PaymentMade
from ledger.facts import Facts, contract_stream
from ledger.holds import Dispute, disputed
from ledger.periods import instant_text
from projections.book import Book

POSTINGS = (
    Field("record", "the record that it comes from", "whole"),
    Field("line", "its number among the record's postings, from 0", "whole"),
    Field("account", "the account"),
    Field("amount", "SEK; debit positive, credit negative", "money"),
    Field("kind", "bookable, or memorandum: for information, no money"),
    Field("effective_on", "the day that it counts from in every answer", "date"),
    Field("booked_on", "the day of recording, for vouchers", "date"),
    Field("recorded_at", "when the record was made, UTC"),
)

PAYMENTS = (
    Field("name", "its short name"),
    Field("kind", "upfront, outcome or recovery"),
    Field("step", "instructed, or made"),
    Field("amount", "SEK, as it stands", "money"),
    Field("on", "the bank day, or of an instruction its day", "date"),
    Field("invoice", "the invoice"),
    Field("bank_reference", "the bank's reference; of a payment made"),
    Field("stands", "whether it counts: not cancelled, not reversed, of an instruction not carried out", "flag"),
    Field("carries_out", "of a payment made: the instruction that it carries out"),
    Field("note", "what came of it"),
    Field("record", "its record", "whole"),
    Field("recorded_on", "the day of recording", "date"),
)

LOAN = (
    Field("name", "its short name"),
    Field("kind", "draw or repayment"),
    Field("amount", "SEK, as it stands", "money"),
    Field("on", "the day", "date"),
    Field("stands", "whether it counts: not reversed", "flag"),
    Field("note", "what came of it"),
    Field("record", "its record", "whole"),
)

DISPUTES = (
    Field("name", "its short name"),
    Field("against", "the determination or payment that is disputed"),
    Field("by", "who raised it"),
    Field("raised_on", "when", "date"),
    Field("disputed", "SEK: what is disputed", "money"),
    Field("position", "SEK: the party's position", "money"),
    Field("at_stake", "SEK: the difference", "money"),
    Field("grounds", "the grounds"),
    Field("answers", "how many answers there are", "whole"),
    Field("status", "open, or how it ended"),
    Field("ended_on", "when it ended", "date"),
    Field("reason", "why it ended so"),
    Field("decided_by", "who decided, or which parties agreed"),
    Field("stands_at", "SEK: what stands from then on", "money"),
    Field("determination", "the determination that carries it out"),
    Field("record", "its record", "whole"),
    Field("ended_by", "the record that ended it", "whole"),
)


def postings(facts: Facts, contract_id: str, book: Book) -> Dataset:
    """Every posting. Raises VerificationFailed where they are not what the records make."""
    rows = [
        [
            position,
            line,
            one.account,
            one.amount,
            one.kind,
            one.effective_on,
            one.booked_on,
            instant_text(one.recorded_at),
        ]
        for position, found in book.postings(contract_id).items()
        for line, one in enumerate(found)
    ]
    notes = ["Each record's postings sum to zero, those of each kind by themselves."]
    return Dataset("postings", f"Postings of {contract_id}", POSTINGS, rows, notes)


def payments(facts: Facts, contract_id: str) -> Dataset:
    """Instructions and payments, also those that stand no more."""
    made = (record.data for record in facts.stream(contract_stream(contract_id)) if isinstance(record.data, PaymentMade))
    banks = {event.number: event.bank_reference for event in made}
    rows = [
        [
            one.name,
            one.entry.removeprefix("instructed "),
            "instructed" if one.entry.startswith("instructed") else "made",
            one.amount,
            one.on,
            one.invoice,
            banks.get(one.number),
            one.open,
            None if one.settles is None else f"P{one.settles.number}",
            one.note or None,
            one.position,
            one.recorded_on,
        ]
        for one in facts.contract(contract_id).payments
    ]
    return Dataset("payments", f"Instructions and payments of {contract_id}", PAYMENTS, rows)


def loan(facts: Facts, contract_id: str) -> Dataset:
    """Movements of the internal loan (rule 14), also those that stand no more."""
    rows = [_movement(one) for one in facts.contract(contract_id).loans]
    return Dataset("loan", f"The internal loan of {contract_id}", LOAN, rows)


def _movement(one: MoneyEntry) -> list[Any]:
    return [one.name, one.entry, one.amount, one.on, one.open, one.note or None, one.position]


def disputes(facts: Facts, contract_id: str) -> Dataset:
    """Disputes, open and ended (rule 18)."""
    rows = [_dispute(one) for one in facts.contract(contract_id).disputes]
    return Dataset("disputes", f"Disputes of {contract_id}", DISPUTES, rows)


def _dispute(one: Dispute) -> list[Any]:
    raised, ended = one.raised, one.ended
    said = [one.name, disputed(one), raised.by, raised.on, raised.was_ore, raised.position.total, one.at_stake, raised.grounds]
    if ended is None:
        return [*said, len(one.answers), one.status, None, None, None, None, None, one.position, None]
    return [
        *said,
        len(one.answers),
        one.status,
        ended.on,
        ended.reason or None,
        ended.decided_by or ", ".join(ended.agreed_by) or None,
        None if ended.says is None else ended.says.total,
        None if ended.determination is None else f"D{ended.determination}",
        one.position,
        ended.position,
    ]
