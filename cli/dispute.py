"""``soc dispute``: objections to a determination or a payment, from the day they are raised to their end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

import click

from cli import files, output
from cli.desk import Desk
from cli.dispute_position import Said, position_options, settlement_options
from cli.dispute_view import list_, show, told
from cli.options import TEXT, on, with_desk, writes
from cli.source import computed_by
from ledger.commands import AnswerDispute, OfContract, RaiseDispute, ResolveDispute, WithdrawDispute
from ledger.errors import Fault, InputRefused, Usage
from ledger.events import Document, Outcome
from ledger.facts import Facts
from projections.names import dispute_number
from projections.names import resolve as resolved
from projections.replaced import withdrawn

F = TypeVar("F", bound=Callable[..., Any])


@click.group("dispute")
def command() -> None:
    """Disputes: raised against a determination or a payment, answered, withdrawn, resolved; what is open is held (rule 18)."""


def evidence(function: F) -> F:
    """``--evidence FILE``, repeated."""
    return click.option("--evidence", multiple=True, metavar="FILE", help="A document that it rests on; repeat for each.")(
        function
    )


def _documents(desk: Desk, paths: Sequence[str]) -> list[Document]:
    """The documents. Raises InputRefused for one that is empty."""
    found = [(path, files.content(path)) for path in paths]
    if empty := [
        Fault(path, None, "the file is empty", "Give the document as it was received.") for path, data in found if not data
    ]:
        raise InputRefused(empty)
    return [files.document(path, data, desk.today) for path, data in found]


def _digests(documents: Sequence[Document]) -> dict[str, list[str]]:
    return {"evidence": [one.sha256 or "" for one in documents]} if documents else {}


@command.command("raise")
@click.argument("against", metavar="ID")
@click.option("--by", "role", required=True, metavar="ROLE", help="The party that objects.")
@on("The day on which it objected.")
@click.option("--grounds", type=TEXT, required=True, metavar="TEXT", help="Why.")
@position_options
@evidence
@writes
@with_desk
def raise_(
    desk: Desk,
    against: str,
    role: str,
    on: date,
    grounds: str,
    said: Said,
    evidence: tuple[str, ...],
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record an objection to a determination (botkyrka/D7) or a payment (P3), with the position that the party holds to be right.
    Of a lower position the difference is held from the day on which it would be payable; the rest stays payable."""
    contract_id, number, paid = _against(desk.facts, against)
    documents = _documents(desk, evidence)
    about = {"payment": number} if paid else {"determination": number}

    def proposed(facts: Facts) -> OfContract:
        position = said.of_payment() if paid else said.of_determination(facts, contract_id, number, computed_by())
        return OfContract(contract_id, RaiseDispute(role, on, grounds, position, **about, documented=bool(documents)))

    words = {"command": "dispute raise", "contract": contract_id, **about, "by": role, "on": on.isoformat(), "grounds": grounds}
    done = desk.submit(
        proposed,
        words | said.words(contract_id, None if paid else number) | _digests(documents),
        dry_run=dry_run,
        reference=reference,
        documents=documents + said.documents(desk.today),
        replaced=withdrawn,
    )
    output.receipts([told(done, contract_id, done.records[-1].data.number)], form, file)


def _against(facts: Facts, text: str) -> tuple[str, int, bool]:
    """The contract, the number of what is objected to, and whether that is a payment. Raises Usage for anything else."""
    from ledger.events import PaymentInstructed, PaymentMade, SavingsDetermined

    contract_id, record = resolved(facts, text)
    if isinstance(record.data, SavingsDetermined):
        return contract_id, record.data.number, False
    if isinstance(record.data, (PaymentMade, PaymentInstructed)):
        return contract_id, record.data.number, True
    raise Usage(f"{text} is neither a determination nor a payment", do="name one by its short name: botkyrka/D7, botkyrka/P3")


@command.command("answer")
@click.argument("dispute", metavar="DISPUTE")
@click.option("--by", "role", required=True, metavar="ROLE", help="The party that answers.")
@on("The day on which it answered.")
@click.option("--answer", "answer_text", type=TEXT, required=True, metavar="TEXT", help="What it says.")
@position_options
@evidence
@writes
@with_desk
def answer(
    desk: Desk,
    dispute: str,
    role: str,
    on: date,
    answer_text: str,
    said: Said,
    evidence: tuple[str, ...],
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record another party's answer, with or without a position of its own; an answer holds nothing."""
    contract_id, number = dispute_number(desk.facts, dispute)
    documents = _documents(desk, evidence)
    raised = desk.facts.contract(contract_id).dispute(number).raised

    def proposed(facts: Facts) -> OfContract:
        position = None
        if said.given:
            about = raised.determination
            position = said.of_payment() if about is None else said.of_determination(facts, contract_id, about, computed_by())
        return OfContract(contract_id, AnswerDispute(number, role, on, answer_text, position))

    words = {"command": "dispute answer", "contract": contract_id, "dispute": number, "by": role, "on": on.isoformat()}
    done = desk.submit(
        proposed,
        words | {"answer": answer_text} | said.words(contract_id, raised.determination) | _digests(documents),
        dry_run=dry_run,
        reference=reference,
        documents=documents + said.documents(desk.today),
    )
    output.receipts([told(done, contract_id, number)], form, file)


@command.command("withdraw")
@click.argument("dispute", metavar="DISPUTE")
@on("The day on which the party withdrew it.")
@click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="Why.")
@evidence
@writes
@with_desk
def withdraw(
    desk: Desk,
    dispute: str,
    on: date,
    reason: str,
    evidence: tuple[str, ...],
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record that the party that raised it withdraws a dispute: what was held is due again. Recorded by another, it takes the
    letter that says so."""
    contract_id, number = dispute_number(desk.facts, dispute)
    documents = _documents(desk, evidence)
    words = {"command": "dispute withdraw", "contract": contract_id, "dispute": number, "on": on.isoformat(), "reason": reason}
    done = desk.submit(
        lambda facts: OfContract(contract_id, WithdrawDispute(number, on, reason, bool(documents))),
        words | _digests(documents),
        dry_run=dry_run,
        reference=reference,
        documents=documents,
    )
    output.receipts([told(done, contract_id, number)], form, file)


@command.command("resolve")
@click.argument("dispute", metavar="DISPUTE")
@click.option(
    "--outcome", type=click.Choice(["upheld", "rejected", "settled"]), required=True, help="What was decided of the position."
)
@on("The day of the decision.")
@click.option("--agreed-by", multiple=True, metavar="ROLE", help="A party that agreed; repeat for each.")
@click.option(
    "--decided-by", type=TEXT, metavar="NAME", help="A third person who decided, by name; needs the decision as evidence."
)
@click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="What was decided, and why.")
@settlement_options
@evidence
@writes
@with_desk
def resolve(
    desk: Desk,
    dispute: str,
    outcome: Outcome,
    on: date,
    agreed_by: tuple[str, ...],
    decided_by: str | None,
    reason: str,
    said: Said,
    evidence: tuple[str, ...],
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record how a dispute ended: by the parties (--agreed-by, all that must agree) or by a third person (--decided-by). What is
    upheld or settled at another amount takes the place of what was disputed; a settlement says it with --savings, --claim or
    --amount."""
    contract_id, number = dispute_number(desk.facts, dispute)
    documents = _documents(desk, evidence)
    raised = desk.facts.contract(contract_id).dispute(number).raised

    def proposed(facts: Facts) -> OfContract:
        position = None
        if said.given:
            about = raised.determination
            position = said.of_payment() if about is None else said.of_determination(facts, contract_id, about, computed_by())
        resolution = ResolveDispute(
            number,
            on,
            outcome,
            reason,
            basis=facts.basis,
            computed_by=computed_by(),
            agreed_by=tuple(dict.fromkeys(agreed_by)),
            decided_by=decided_by,
            position=position,
            documented=bool(documents),
        )
        return OfContract(contract_id, resolution)

    words = {"command": "dispute resolve", "contract": contract_id, "dispute": number, "on": on.isoformat(), "outcome": outcome}
    words |= {"reason": reason, "by": decided_by if decided_by is not None else list(agreed_by)}
    done = desk.submit(
        proposed,
        words | said.words(contract_id, raised.determination) | _digests(documents),
        dry_run=dry_run,
        reference=reference,
        documents=documents,
    )
    output.receipts([told(done, contract_id, number)], form, file)


for one in (list_, show):
    command.add_command(one)
