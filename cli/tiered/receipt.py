"""What a write to a contract settled by tiers did, with what each party is then entitled to and due; and how its IDs read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cli import output
from cli.words import role
from ledger.errors import LedgerError, Usage
from ledger.facts import Facts
from ledger.log import Receipt
from ledger.money import kronor, shown
from ledger.tiered_terms import TieredTerms
from projections.tiered.state import State, state
from projections.tiered.valuation import folded


def receipt(done: Receipt, contract_id: str, said: Sequence[str], form: str, file: str) -> None:
    """The records' ids, what was done, and each party's balance that results."""
    one = _results(done.facts, contract_id)
    balances = [] if one is None else _balances(one)
    more = {} if one is None else {"parties": [party_json(one, party) for party in ("entitled", "payable", "due")]}
    output.receipts([output.Receipted(done, contract_id, [*said, *balances], more)], form, file)


def party_json(one: State, figure: str) -> dict[str, object]:
    """One figure of every party."""
    return {"figure": figure, **{party.party: kronor(getattr(party, figure)) for party in one.parties}}


def _results(facts: Facts, contract_id: str) -> State | None:
    try:
        return state(facts, contract_id)
    except LedgerError:
        return None  # not signed yet as of the record's date


def _balances(one: State) -> list[str]:
    lines = [
        f"as of {one.when.as_of}, {role(party.party)}: entitled {shown(party.entitled)} · payable {shown(party.payable)} · "
        f"due {shown(party.due)} {one.terms.currency}" + (f" · overpaid {shown(party.overpaid)}" if party.overpaid else "")
        for party in one.parties
    ]
    return lines or [f"as of {one.when.as_of}: nobody is entitled to anything, nothing is payable, nothing is due"]


def numbered(facts: Facts, text: str, letter: str, what: str) -> tuple[str, int]:
    """The contract and the number in an ID such as ``norrkoping/D1``. Raises Usage for anything else."""
    match = re.fullmatch(rf"([a-z][a-z0-9-]*)/{letter}([0-9]{{1,6}})", text)
    if match is None:
        raise Usage(f"{text!r} is not {what} such as norrkoping/{letter}1")
    folded(facts, match[1])
    return match[1], int(match[2])


def money_line(terms: TieredTerms) -> str:
    """What the amounts are in."""
    return f"{terms.currency} excluding VAT" if terms.vat == "excluded" else f"{terms.currency}, without VAT"


def parameters(terms: TieredTerms) -> list[str]:
    """What of the terms is no published term of the contract."""
    named = [("Not published, so parameters here", terms.unpublished), ("Assumed", terms.assumed), ("Derived", terms.derived)]
    return [f"{name}: {', '.join(keys)}." for name, keys in named if keys]


def sources(terms: TieredTerms) -> list[str]:
    """Where each metric's figures come from."""
    return [f"{one.id}: {one.source}." for one in terms.metrics]
