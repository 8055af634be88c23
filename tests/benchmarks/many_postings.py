"""A contract with many postings, half of them corrections or none, for ``soc state`` and hledger alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ledger import events as e
from ledger.commands import Decided
from ledger.events import Actor
from ledger.facts import contract_stream
from ledger.log import Log
from ledger.money import kronor
from ledger.record import Recorded
from ledger.terms import ContractTerms, read_terms
from projections import read_model

BY = Actor(name="A. Ek", role="payer")
AT = datetime(2020, 6, 15, 9, tzinfo=UTC)
SIGNED = date(2018, 9, 26)


def ledger(folder: Path, many: int, *, corrected: bool) -> Log:
    """A ledger whose only contract has about ``many`` postings; ``corrected``: half of them are of corrections."""
    content = (Path("fixtures") / "contracts" / "botkyrka.toml").read_bytes()
    terms = read_terms(content, "botkyrka.toml")
    url = f"sqlite:///{folder / f'{many}-{corrected}.db'}"
    log = Log.create(url, by=BY, at=AT, simulated=True, seed="bench", follower=read_model)
    decided = [Decided(SIGNED, e.ContractSigned(terms=terms, signed_on=SIGNED)), *_entries(terms, many, corrected)]
    with log.recorder.writing() as connection:
        stamped = log._stamp(decided, contract_stream(terms.id), "0" * 64, (), BY, AT + timedelta(minutes=1))
        log._append(connection, stamped)
    return log


def _entries(terms: ContractTerms, many: int, corrected: bool) -> Iterator[Decided]:
    position, number, made = 2, 0, 0
    while made < many:
        position, number, made = position + 1, number + 1, made + 2
        amount, on = 100 + number, SIGNED + timedelta(days=number % 500)
        yield Decided(
            on, e.PaymentMade(number=number, kind="outcome", amount_ore=amount, on=on, invoice=f"I{number}", bank_reference="B")
        )
        if corrected and number % 2 == 0:
            was, becomes = e.Entry(amount_ore=amount, on=on), e.Entry(amount_ore=amount + 1, on=on)
            yield Decided(
                on,
                e.EntryCorrected(
                    corrects=position, entry="outcome", number=number, was=was, becomes=becomes, reason="typing error"
                ),
            )
            position, made = position + 1, made + 4  # reversed and made anew: four postings


def journal(records: Iterable[Recorded[Any]]) -> str:
    """The postings as an hledger journal."""
    from projections.postings import postings

    lines = ["decimal-mark .", "commodity 1000.00 SEK", ""]
    for record in records:
        found = postings(record)
        if found:
            lines.append(f"{found[0].effective_on} record {record.position}")
            lines += [f"    {one.account}  {kronor(one.amount)} SEK" for one in found]
            lines.append("")
    return "\n".join(lines)
