"""``soc dispute``: objections to a determination or a payment, from the day they are raised to their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, wraps
from typing import Any, TypeVar

import click

from cli import files, output
from cli.desk import Desk
from cli.dispute_position import Said, position_options, settlement_options
from cli.dispute_view import list_, show, told
from cli.options import TEXT, on, with_desk, writes
from cli.source import computed_by
from ledger.commands import AnswerDispute, Command, OfContract, RaiseDispute, ResolveDispute, WithdrawDispute
from ledger.errors import Fault, InputRefused, Usage
from ledger.events import Document, Outcome
from ledger.facts import Facts
from ledger.log import Replaced
from projections.names import dispute_number
from projections.names import resolve as resolved
from projections.replaced import withdrawn

F = TypeVar("F", bound=Callable[..., Any])


@click.group("dispute")
def command() -> None:
    """Disputes: raised against a determination or a payment, answered, withdrawn, resolved; what is open is held (rule 18)."""


@dataclass(frozen=True)
class Entry:
    """How something is recorded: with which documents, for good or to see, and where the answer goes."""

    desk: Desk
    evidence: tuple[str, ...]
    dry_run: bool
    reference: str | None
    form: str
    file: str

    @cached_property
    def documents(self) -> list[Document]:
        """The documents that it rests on. Raises InputRefused for those that are empty."""
        found = [(path, files.content(path)) for path in self.evidence]
        what, do = "the file is empty", "Give the document as it was received."
        if empty := [Fault(path, None, what, do) for path, data in found if not data]:
            raise InputRefused(empty)
        return [files.document(path, data, self.desk.today) for path, data in found]

    def submit(
        self,
        proposed: Callable[[Facts], Command],
        words: Mapping[str, Any],
        contract_id: str,
        number: int | None = None,
        *,
        more: Sequence[Document] = (),
        replaced: Replaced | None = None,
    ) -> None:
        """Record it, and answer with the dispute of that number, None for a new one. ``more``: documents that are no evidence."""
        digests = {"evidence": [one.sha256 or "" for one in self.documents]} if self.documents else {}
        done = self.desk.submit(
            lambda facts: OfContract(contract_id, proposed(facts)),
            {"contract": contract_id, **words, **digests},
            dry_run=self.dry_run,
            reference=self.reference,
            documents=[*self.documents, *more],
            replaced=replaced,
        )
        last = done.records[-1].data.number if number is None else number
        output.receipts([told(done, contract_id, last)], self.form, self.file)


def records(function: F) -> F:
    """``--evidence FILE``, repeated, and what every write has, passed on as ``entry``."""

    @wraps(function)
    def run(
        desk: Desk, *, evidence: tuple[str, ...], dry_run: bool, reference: str | None, form: str, file: str, **said: Any
    ) -> Any:
        return function(Entry(desk, evidence, dry_run, reference, form, file), **said)

    option = click.option("--evidence", multiple=True, metavar="FILE", help="A document that it rests on; repeat for each.")
    return option(writes(with_desk(run)))  # type: ignore[return-value]


@command.command("raise")
@click.argument("against", metavar="ID")
@click.option("--by", "role", required=True, metavar="ROLE", help="The party that objects.")
@on("The day on which it objected.")
@click.option("--grounds", type=TEXT, required=True, metavar="TEXT", help="Why.")
@position_options
@records
def raise_(
    entry: Entry,
    against: str,
    role: str,
    on: date,
    grounds: str,
    said: Said,
) -> None:
    """Record an objection to a determination (botkyrka/D7) or a payment (P3), with the party's own position.
    Of a lower position the difference is held from the day on which it would be payable; the rest stays payable."""
    contract_id, number, paid = _against(entry.desk.facts, against)
    documented, determination = bool(entry.documents), None if paid else number
    about = {"payment": number} if paid else {"determination": number}

    def proposed(facts: Facts) -> RaiseDispute:
        position = said.about(facts, contract_id, determination, computed_by())
        return RaiseDispute(role, on, grounds, position, **about, documented=documented)

    words = {"command": "dispute raise", **about, "by": role, "on": on.isoformat(), "grounds": grounds}
    words |= said.words(contract_id, determination)
    entry.submit(proposed, words, contract_id, more=said.documents(entry.desk.today), replaced=withdrawn)


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
@records
def answer(
    entry: Entry,
    dispute: str,
    role: str,
    on: date,
    answer_text: str,
    said: Said,
) -> None:
    """Record another party's answer, with or without a position of its own; an answer holds nothing."""
    contract_id, number = dispute_number(entry.desk.facts, dispute)
    about = entry.desk.facts.contract(contract_id).dispute(number).raised.determination

    def proposed(facts: Facts) -> AnswerDispute:
        position = said.about(facts, contract_id, about, computed_by()) if said.given else None
        return AnswerDispute(number, role, on, answer_text, position)

    words = {"command": "dispute answer", "dispute": number, "by": role, "on": on.isoformat(), "answer": answer_text}
    words |= said.words(contract_id, about)
    entry.submit(proposed, words, contract_id, number, more=said.documents(entry.desk.today))


@command.command("withdraw")
@click.argument("dispute", metavar="DISPUTE")
@on("The day on which the party withdrew it.")
@click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="Why.")
@records
def withdraw(
    entry: Entry,
    dispute: str,
    on: date,
    reason: str,
) -> None:
    """Record that the party that raised it withdraws a dispute: what was held is due again. Recorded by another, it takes the
    letter that says so."""
    contract_id, number = dispute_number(entry.desk.facts, dispute)
    words = {"command": "dispute withdraw", "dispute": number, "on": on.isoformat(), "reason": reason}
    withdrawal = WithdrawDispute(number, on, reason, bool(entry.documents))
    entry.submit(lambda facts: withdrawal, words, contract_id, number)


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
@records
def resolve(
    entry: Entry,
    dispute: str,
    outcome: Outcome,
    on: date,
    agreed_by: tuple[str, ...],
    decided_by: str | None,
    reason: str,
    said: Said,
) -> None:
    """Record how a dispute ended: by the parties (--agreed-by, all that must agree) or by a third person (--decided-by). What is
    upheld or settled at another amount takes the place of what was disputed; a settlement says it with --savings, --claim or
    --amount."""
    contract_id, number = dispute_number(entry.desk.facts, dispute)
    about, documented = entry.desk.facts.contract(contract_id).dispute(number).raised.determination, bool(entry.documents)

    def proposed(facts: Facts) -> ResolveDispute:
        return ResolveDispute(
            number,
            on,
            outcome,
            reason,
            basis=facts.basis,
            computed_by=computed_by(),
            agreed_by=tuple(dict.fromkeys(agreed_by)),
            decided_by=decided_by,
            position=said.about(facts, contract_id, about, computed_by()) if said.given else None,
            documented=documented,
        )

    words = {"command": "dispute resolve", "dispute": number, "on": on.isoformat(), "outcome": outcome, "reason": reason}
    words |= {"by": decided_by if decided_by is not None else list(agreed_by)} | said.words(contract_id, about)
    entry.submit(proposed, words, contract_id, number)


for one in (list_, show):
    command.add_command(one)
