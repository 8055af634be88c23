"""The members of a bundle: what there must be, what the manifest says of each, and the rows of those that are stated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, field_validator

from ledger.bundle import FORMAT, lines_of, value_of
from ledger.canonical import canonical
from ledger.events import Instant
from ledger.methodology import SHORT_TERM
from ledger.vocabulary import Frozen, Sha256
from projections.audience import Audience

ALWAYS = ("README.txt", "events.jsonl", "fields.csv", "leaves.txt", "schema.json", "states.json", "verify.py")
SOMETIMES = ("lines.jsonl", "openings.jsonl", "totals.jsonl")
_OTHERS = re.compile(
    r"checkpoints/[1-9][0-9]{0,15}(\.[1-9][0-9]{0,3}\.tsr|\.note)|proofs/[1-9][0-9]{0,15}-[1-9][0-9]{0,15}\.json"
    r"|(terms|methodologies)/[A-Za-z0-9._-]+-[1-9][0-9]*\.json"
)

_BROUGHT = {
    "ContractSigned": "terms",
    "ContractAmended": "terms",
    "TieredSigned": "terms",
    "TieredAmended": "terms",
    "MethodologyAdopted": "methodology",
    "MethodologyProposed": "methodology",
}
"""What a sort of record brings that a member repeats, easier to read."""
_FOLDERS = {"terms": "terms", "methodology": "methodologies"}

Count = Annotated[int, Field(ge=0)]


class Said(Frozen):
    """What the manifest says of a member."""

    bytes: Count
    sha256: Sha256


class Manifest(Frozen):
    """What a bundle says that it is."""

    format: Literal["soc-ledger bundle 1"]
    made_by: str
    origin: str
    audience: Audience
    contracts: tuple[str, ...]
    simulated: bool
    records: Count
    shown: Count
    lines: Count
    root: Sha256
    known_at: Instant
    streams: dict[str, Annotated[int, Field(ge=1)]]
    members: dict[str, Said]


def manifest(members: Mapping[str, bytes]) -> Manifest:
    """What the manifest says. Raises ValueError where nothing more can be looked at."""
    if "manifest.json" not in members:
        raise ValueError("there is none")
    value_of(members["manifest.json"])
    try:
        return Manifest.model_validate_json(members["manifest.json"])
    except ValidationError as error:
        odd = ", ".join(sorted({str(one["loc"][0]) if one["loc"] else "content" for one in error.errors()}))
        raise ValueError(f"it does not read as that of a {FORMAT}: {odd}") from None


def faults(members: Mapping[str, bytes], said: Manifest) -> Iterator[tuple[str, str]]:
    """Each member that is missing, unknown, not what the manifest says, or not for the audience."""
    for name in {*members, *said.members, *ALWAYS} - {"manifest.json"}:
        if name not in members:
            yield name, "it is missing"
        elif name not in (*ALWAYS, *SOMETIMES) and not _OTHERS.fullmatch(name):
            yield name, "a bundle has no such member"
        elif name not in said.members:
            yield name, "the manifest does not know it"
        elif said.members[name] != Said(bytes=len(members[name]), sha256=sha256(members[name]).hexdigest()):
            yield name, "its content is not what the manifest says"
    withheld = "totals.jsonl" if said.audience == "payer" else "lines.jsonl"
    if withheld in members:
        yield withheld, f"a bundle for the audience {said.audience} does not have it"


def brought_by(type_name: str, stream: str, position: int, body: Mapping[str, Any]) -> dict[str, bytes]:
    """The member that repeats what a record brought, by its name; nothing for other sorts of record."""
    what = _BROUGHT.get(type_name.partition("@")[0])
    if what is None:
        return {}
    return {f"{_FOLDERS[what]}/{stream.partition('/')[2]}-{position}.json": canonical(body["data"].get(what))}


class _Total(Frozen):
    causes: tuple[str, ...]
    contract: str
    hundredths: Count
    month: str
    source: str
    upto: Annotated[int, Field(ge=1)]
    without: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)] = (1,)
    numbers: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(le=365)]] = (1, 2)

    @field_validator("without")
    @classmethod
    def _in_order(cls, without: tuple[int, ...]) -> tuple[int, ...]:
        if any(before >= after for before, after in pairwise(without)):
            raise ValueError("the records that it leaves out are not in order, each once")
        return without

    @field_validator("numbers")
    @classmethod
    def _from_first_to_last(cls, numbers: tuple[int, int]) -> tuple[int, int]:
        if numbers[1] < numbers[0] or numbers == SHORT_TERM:
            raise ValueError("the days that it counts run from one number to another, said where they are not 1 and 14")
        return numbers


def totals(content: bytes) -> list[dict[str, Any]]:
    """The rows of stated days. Raises ValueError where they do not read, or are out of order."""
    rows = []
    for number, line in enumerate(lines_of(content), 1):
        try:
            row = value_of(line)
            _Total.model_validate_json(line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        rows.append(row)
    asked = ("contract", "source", "upto", "month", "causes")
    order = [(*(row[name] for name in asked), row.get("without", []), row.get("numbers", [*SHORT_TERM])) for row in rows]
    if any(before >= after for before, after in pairwise(order)):
        raise ValueError("its rows are not in order, or one is there twice")
    return rows


def states(content: bytes) -> dict[str, list[dict[str, Any]]]:
    """The stated states by contract. Raises ValueError where they do not read."""
    value = value_of(content)
    try:
        found = TypeAdapter(dict[str, list[dict[str, Any]]]).validate_python(value, strict=True)
    except ValidationError:
        raise ValueError("it is not a list of states for each contract") from None
    for contract, rows in found.items():
        if any(row.get("contract") != contract or not isinstance(row.get("as_of"), str) for row in rows):
            raise ValueError("a state does not say its contract and its day")
    return found
