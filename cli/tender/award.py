"""From a tender's award to the signed contract: the terms that are signed, the trail to them, and where it is told."""

from __future__ import annotations

from typing import Any

from cli import files
from cli.desk import Desk
from ledger.errors import Refused, Usage
from ledger.events import ContractSigned, Document
from ledger.facts import Facts, contract_stream
from ledger.terms import ContractTerms, read_terms
from projections.tender import of


def signed_terms(desk: Desk, terms_file: str | None, tender_id: str | None) -> tuple[ContractTerms, Document]:
    """The terms to sign, with the document that they stand in: a file, or an award. Raises Usage unless one of the two is said,
    Refused where the tender is not awarded."""
    if (terms_file is None) == (tender_id is None):
        raise Usage("name the terms to sign: a file TERMS.toml, or --award TENDER, and not both")
    if terms_file is not None:
        data = files.content(terms_file)
        return read_terms(data, terms_file), files.document(terms_file, data, desk.today)
    state = of(desk.facts, tender_id or "")
    if state.award is None or state.awarded_terms is None:
        raise Refused(
            f"the tender {tender_id} is not awarded",
            where=state.opened.clause("governance.awards"),
            do=f"award it with: soc tender award {tender_id} --bid N --reason TEXT --on DATE",
        )
    terms = state.awarded_terms
    named = f"award of tender {tender_id}, record {state.award.position}"
    how = f"terms as they follow from bid {state.award.event.bid} of {len(state.bids)}"
    return terms, Document(document=named, sha256=terms.sha256, obtained_on=desk.today, obtained_how=how)


def trail(facts: Facts, contract_id: str) -> dict[str, Any] | None:
    """In which tender the signed terms were awarded, to which bid, by which record; None where there is no such award."""
    signed = [record for record in facts.stream(contract_stream(contract_id)) if isinstance(record.data, ContractSigned)]
    for name in facts.named("tender"):
        state = of(facts, name)
        if state.opened.draft.id != contract_id or state.award is None or not signed:
            continue
        event = state.award.event
        if event.terms_sha256 == signed[0].data.terms.sha256 and state.award.position < signed[0].position:
            return {"tender": name, "bid": event.bid, "bids": len(state.bids), "record": state.award.position}
    return None


def trail_lines(facts: Facts, contract_id: str) -> list[str]:
    """The same in a line of text."""
    found = trail(facts, contract_id)
    if found is None:
        return []
    return ["", f"Awarded in tender {found['tender']}, bid {found['bid']} of {found['bids']}, record {found['record']}."]
