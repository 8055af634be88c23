"""The bundle's members: what there must be, what each says in its own form, and whether it is what the manifest says."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NoReturn

from cli.verifier.container import BadItem

BUNDLE_FORMAT = "soc-ledger bundle 1"
WHOLE_LARGEST = 2**53 - 1
"""Whole numbers beyond ± this are refused: other readers of JSON would round them."""
AUDIENCES = ("payer", "provider", "auditor", "public")
MANIFEST_NAME = "manifest.json"
ALWAYS_THERE = ("README.txt", "events.jsonl", "fields.csv", "leaves.txt", "schema.json", "states.json", "verify.py")
SOMETIMES_THERE = ("lines.jsonl", "openings.jsonl", "totals.jsonl")
NUMBERED_MEMBERS = re.compile(
    r"checkpoints/[1-9][0-9]{0,15}(\.[1-9][0-9]{0,3}\.tsr|\.note)|proofs/[1-9][0-9]{0,15}-[1-9][0-9]{0,15}\.json"
    r"|(terms|methodologies)/[A-Za-z0-9._-]+-[1-9][0-9]*\.json"
)
INSTANT_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
HASH_TEXT = re.compile(r"[0-9a-f]{64}")

# --- Canonical JSON -----------------------------------------------------------------------------------------------------


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"it holds {text[:40]}, which is no whole number")


decoded_json = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float).raw_decode
"""The value and where its text ends. Raises ValueError, RecursionError."""

encoded_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
"""Canonical JSON of what ``decoded_json`` gave: keys in order, no spaces, letters as they are."""


DEEPEST = 64
"""How many lists and objects may stand within each other."""


def check_values(value: Any) -> None:
    """Raise ValueError for a number that is too large, and a key that is not plain ASCII."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not key.isascii():
                raise ValueError(f"the key {key!r} is not in plain letters")
            check_values(inner)
    elif isinstance(value, list):
        for inner in value:
            check_values(inner)
    elif isinstance(value, int) and abs(value) > WHOLE_LARGEST:
        raise ValueError("it holds a number beyond ±(2^53 − 1)")


def is_too_deep(value: Any, deepest: int = DEEPEST) -> bool:
    """Whether more lists and objects stand within each other than may."""
    if not isinstance(value, (dict, list)):
        return False
    return deepest == 0 or any(is_too_deep(one, deepest - 1) for one in (value.values() if isinstance(value, dict) else value))


def read_canonical(content: bytes) -> Any:
    """The value of canonical JSON. Raises ValueError, in words, for anything else."""
    try:
        text = content.decode()
        value, end = decoded_json(text)
        if end != len(text):
            raise ValueError("something follows its end")
        if is_too_deep(value):
            raise RecursionError
        check_values(value)
        if encoded_json(value).encode() != content:
            raise ValueError("it is not written in the one canonical way")
        return value
    except UnicodeError:
        raise ValueError("it is not UTF-8") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error.msg})") from None


def json_lines(content: bytes) -> Iterator[Any]:
    """The value of each line, all ended. Raises ValueError, naming the line."""
    if content and not content.endswith(b"\n"):
        raise ValueError("its last line is not ended: it was cut short")
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        try:
            yield read_canonical(line)
        except ValueError as fault:
            raise ValueError(f"line {number}: {fault}") from None


def is_instant(value: Any) -> bool:
    """Whether it is an instant as records write it, of the years 1900 to 2200."""
    if not isinstance(value, str) or not INSTANT_TEXT.fullmatch(value):
        return False
    try:
        return 1900 <= datetime.fromisoformat(value).year <= 2200
    except ValueError:
        return False


def is_whole(value: Any, least: int = 0) -> bool:
    """Whether it is a whole number of at least so much; true and false are none."""
    return type(value) is int and value >= least


# --- The manifest -------------------------------------------------------------------------------------------------------


def read_manifest(members: Mapping[str, memoryview]) -> dict[str, Any]:
    """What the manifest says, in its own form. Raises ValueError where nothing more can be looked at."""
    if MANIFEST_NAME not in members:
        raise ValueError("there is none")
    manifest = read_canonical(bytes(members[MANIFEST_NAME]))
    if not isinstance(manifest, dict) or manifest.get("format") != BUNDLE_FORMAT:
        raise ValueError(f'it does not say that this is a "{BUNDLE_FORMAT}"')
    forms = {
        "format": True,
        "made_by": isinstance(manifest.get("made_by"), str),
        "origin": isinstance(manifest.get("origin"), str),
        "audience": manifest.get("audience") in AUDIENCES,
        "contracts": _are_texts(manifest.get("contracts")),
        "simulated": isinstance(manifest.get("simulated"), bool),
        **{name: is_whole(manifest.get(name)) for name in ("records", "shown", "lines")},
        "root": _is_hash(manifest.get("root")),
        "known_at": is_instant(manifest.get("known_at")),
        "streams": _are_counts(manifest.get("streams")),
        "members": _are_sums(manifest.get("members")),
    }
    odd = sorted({name for name, right in forms.items() if not right} | (manifest.keys() ^ forms.keys()))
    if odd:
        raise ValueError(f"its {', '.join(odd)} cannot be read")
    return manifest


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and bool(HASH_TEXT.fullmatch(value))


def _are_counts(value: Any) -> bool:
    return isinstance(value, dict) and all(is_whole(count, 1) for count in value.values())


def _are_sums(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(one, dict) and one.keys() == {"bytes", "sha256"} and is_whole(one["bytes"]) and _is_hash(one["sha256"])
        for one in value.values()
    )


def member_faults(members: Mapping[str, memoryview], manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each member that is missing, unknown, or not what the manifest says: its name, and what is wrong."""
    stated = manifest["members"]
    faults = []
    for name in {*members, *stated, *ALWAYS_THERE} - {MANIFEST_NAME}:
        if name not in members:
            faults.append((name, "it is missing"))
        elif name not in (*ALWAYS_THERE, *SOMETIMES_THERE) and not NUMBERED_MEMBERS.fullmatch(name):
            faults.append((name, "a bundle has no such member"))
        elif name not in stated:
            faults.append((name, "the manifest does not know it"))
        elif stated[name] != {"bytes": len(members[name]), "sha256": hashlib.sha256(members[name]).hexdigest()}:
            faults.append((name, "its content is not what the manifest says"))
    withheld = "totals.jsonl" if manifest["audience"] == "payer" else "lines.jsonl"
    if withheld in members:
        faults.append((withheld, f"a bundle for the audience {manifest['audience']} does not have it"))
    return faults


def in_member(faults: Sequence[tuple[str, str]]) -> list[BadItem]:
    """Faults of members as items of the verdict, by name."""
    return [BadItem("intact", f"member {name}", what) for name, what in sorted(faults, key=lambda fault: fault[0])]


# --- Members in their own form ------------------------------------------------------------------------------------------


def read_leaves(content: bytes) -> bytes:
    """All leaves, 32 bytes each, joined. Raises ValueError."""
    try:
        leaves = bytes.fromhex(content.decode("ascii"))
    except ValueError:
        raise ValueError("it is not hexadecimal, line by line") from None
    if len(leaves) % 32 or (leaves.hex("\n", 32) + "\n" if leaves else "").encode() != content:
        raise ValueError("its lines are not 64 characters each, every line ended")
    return leaves


def rows_by_position(content: bytes) -> tuple[dict[int, dict[str, Any]], str]:
    """Rows that stand beside records, by position in order, as far as they read; and what is wrong with the first other."""
    rows: dict[int, dict[str, Any]] = {}
    last, fault = 0, ""
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        try:
            row = read_canonical(line)
            if not isinstance(row, dict) or not is_whole(row.get("position"), last + 1):
                raise ValueError(f"it is not of a record after record {last}")
            last = row["position"]
            rows[last] = row
        except ValueError as what:
            fault = fault or f"line {number}: {what}"
    if content and not content.endswith(b"\n"):
        fault = fault or "its last line is not ended: it was cut short"
    return rows, fault


def read_totals(content: bytes) -> list[dict[str, Any]]:
    """The rows of stated totals. Raises ValueError."""
    rows = []
    for number, row in enumerate(json_lines(content), 1):
        right = (
            isinstance(row, dict)
            and row.keys() - {"without", "numbers"} == {"causes", "contract", "hundredths", "month", "source", "upto"}
            and _are_texts(row["causes"])
            and _are_left_out(row.get("without", [1]))
            and _are_numbers(row.get("numbers", [1, 2]))
            and all(isinstance(row[name], str) for name in ("contract", "month", "source"))
            and is_whole(row["hundredths"])
            and is_whole(row["upto"], 1)
        )
        if not right:
            raise ValueError(f"line {number} is no total of a month")
        rows.append(row)
    asked = ("contract", "source", "upto", "month", "causes")
    order = [(*(row[name] for name in asked), row.get("without", []), row.get("numbers", [1, 14])) for row in rows]
    if any(before >= after for before, after in pairwise(order)):
        raise ValueError("its rows are not in order, or one is there twice")
    return rows


def _are_left_out(without: Any) -> bool:
    """Whether they are records that a question leaves out: at least one, in order, each once."""
    if not isinstance(without, list) or not without or not all(is_whole(one, 1) for one in without):
        return False
    return all(before < after for before, after in pairwise(without))


def _are_numbers(numbers: Any) -> bool:
    """Whether they are the first and the last number of days that count, said only where they are not 1 and 14."""
    if not isinstance(numbers, list) or len(numbers) != 2 or not all(is_whole(one, 1) for one in numbers):
        return False
    return numbers[0] <= numbers[1] <= 365 and numbers != [1, 14]


def read_states(content: bytes) -> dict[str, list[dict[str, Any]]]:
    """The stated states by contract. Raises ValueError."""
    states: dict[str, list[dict[str, Any]]] = read_canonical(content)
    right = isinstance(states, dict) and all(isinstance(rows, list) for rows in states.values())
    if not right or not all(isinstance(row, dict) for rows in states.values() for row in rows):
        raise ValueError("it is not a list of states for each contract")
    wanted = {(contract, str) for contract in states}
    if any((row.get("contract"), type(row.get("as_of"))) not in wanted for rows in states.values() for row in rows):
        raise ValueError("a state does not say its contract and its day")
    return states
