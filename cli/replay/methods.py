"""Which methodologies a replay is asked for: files, or what is on record, by name, by fingerprint, or as a proposal."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from cli import files
from ledger.contract import ContractState
from ledger.errors import InputRefused, Usage
from ledger.methodology import Methodology, read_methodology

SHOWN = 8
"""So many letters of a fingerprint tell methodologies apart."""

RECORDED = "recorded"
"""What stands on record, beside the methodologies."""


def resolved(asked: Sequence[str], folded: ContractState) -> dict[str, Methodology]:
    """What was asked for, each by the label that it has in the answer: its name, and where two have one name also its
    fingerprint. Raises Usage for one that is not there, or comes twice; InputRefused for files that do not read, all at once."""
    found: dict[str, Methodology] = {}
    refused: list[InputRefused] = []
    for text in asked:
        try:
            one = _one(text, folded)
        except InputRefused as refusal:
            refused.append(refusal)
            continue
        twice = next((other for other, same in found.items() if same.sha256 == one.sha256), None)
        if twice is not None:
            raise Usage(f"{text} is the same methodology as {twice}", do="name each methodology once")
        found[text] = one
    if refused:
        raise InputRefused.together(refused)
    return labelled(found.values())


def labelled(methodologies: Iterable[Methodology]) -> dict[str, Methodology]:
    """Each by its name; where several have one, by name and fingerprint."""
    several = list(methodologies)
    named = Counter([RECORDED, *(one.name for one in several)])
    return {one.name if named[one.name] == 1 else f"{one.name} ({one.sha256[:SHOWN]})": one for one in several}


def _one(text: str, folded: ContractState) -> Methodology:
    on_record = _on_record(text, folded)
    if on_record is not None:
        return on_record
    if not os.path.exists(text) and not text.endswith(".toml") and os.path.basename(text) == text:
        raise Usage(f"there is neither a file {text} nor a methodology of {folded.signed.id} by that name; {_known(folded)}")
    return read_methodology(files.content(text), text)


def _on_record(text: str, folded: ContractState) -> Methodology | None:
    """The methodology on record that the text names; None where it names none. Raises Usage where it names several."""
    proposals = {f"M{one.number}": one.methodology for one in folded.proposals}
    short = text.removeprefix(f"{folded.signed.id}/")
    if short in proposals:
        return proposals[short]
    every = _every(folded)
    found = [one for one in every if one.name == text]
    if not found and re.fullmatch(rf"[0-9a-f]{{{SHOWN},64}}", text):
        found = [one for one in every if one.sha256.startswith(text)]
    if len(found) > 1:
        which = ", ".join(one.sha256[:16] for one in found)
        raise Usage(f"{len(found)} methodologies on record are named {text}", do=f"name one by its fingerprint: {which}")
    return found[0] if found else None


def _every(folded: ContractState) -> list[Methodology]:
    """All that were ever adopted or proposed."""
    proposed = {one.methodology.sha256: one.methodology for one in folded.proposals}
    return list({**folded.every_methodology, **proposed}.values())


def _known(folded: ContractState) -> str:
    numbers = {one.methodology.sha256: f"M{one.number} " for one in folded.proposals}
    said = [f"{numbers.get(one.sha256, '')}{one.name} ({one.sha256[:SHOWN]})" for one in _every(folded)]
    return f"on record: {', '.join(said) or 'none'}"
