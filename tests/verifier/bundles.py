"""Small bundles, built from the description of the format alone: what the verifier reads is written here by other code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.state import as_json
from ledger.facts import Facts
from ledger.record import Recorded, decode
from projections.state import state

GOLDEN = Path(__file__).parents[2] / "fixtures" / "events"
CONTRACT = "botkyrka"
SECRET = bytes(range(32))
CAUSES = ("sick", "work-injury", "covid")
COLUMNS = ("employee", "workplace", "first_day", "last_day", "extent", "cause")


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def golden(kind: str) -> dict[str, Any]:
    """The data of an event as it was recorded once."""
    found: dict[str, Any] = json.loads((GOLDEN / f"{kind}.json").read_text())["data"]
    return found


# ── The record ───────────────────────────────────────────────────────────────────────────────────────────────────────


def about(kind: str, data: Mapping[str, Any]) -> str:
    """The day that a record of the small ledger is about."""
    if kind == "TrendPublished@1":
        return max(str(one["published_on"]) for one in data["values"])
    days = {
        "ContractSigned@1": data.get("signed_on"),
        "MethodologyAdopted@1": data.get("from_on"),
        "WorkforceReported@1": "2018-09-30",
        "AbsenceReported@1": "2018-09-30",
    }
    return str(days.get(kind) or "2018-10-01")


@dataclass
class Ledger:
    """Records as they are appended, and the lines beside them."""

    bodies: list[bytes] = field(default_factory=list)
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    versions: Counter[str] = field(default_factory=Counter)

    def add(self, stream: str, kind: str, data: Mapping[str, Any], role: str = "performance_manager") -> int:
        """One record more; its position."""
        position = len(self.bodies) + 1
        self.versions[stream] += 1
        at = datetime(2018, 10, 1, 8, tzinfo=UTC) + timedelta(minutes=position)
        self.bodies.append(
            canonical(
                {
                    "data": data,
                    "effective_on": about(kind, data),
                    "evidence": [],
                    "position": position,
                    "recorded_at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                    "recorded_by": {"name": "M. Lind", "role": role},
                    "stream": stream,
                    "submission": hashlib.sha256(str(position).encode()).hexdigest(),
                    "type": kind,
                    "version": self.versions[stream],
                }
            )
        )
        return position

    def report(self, contract: str, rows: Sequence[Sequence[Any]]) -> int:
        """A report of absences with its lines: (employee, workplace, first day, last day, extent, cause)."""
        columns = columns_of(rows)
        said = {"count": len(rows), "sha256": hashlib.sha256(b"".join(commitments(columns))).hexdigest()}
        data = {"contract": contract, "lines": said, "months": ["2018-09"], "period": "2018-09", "source": "payroll"}
        position = self.add(f"absences/{contract}", "AbsenceReported@1", data, "internal_provider")
        self.lines[position] = columns
        return position

    def change(self, at: int, /, **changes: Any) -> None:
        """Another body in a record's place, which a leaf made of it would not betray."""
        self.bodies[at - 1] = canonical({**json.loads(self.bodies[at - 1]), **changes})


def columns_of(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    places = sorted({row[1] for row in rows})
    of = {name: [row[number] for row in rows] for number, name in enumerate(COLUMNS)}
    of["workplace"] = [places.index(place) for place in of["workplace"]]
    of["cause"] = [CAUSES.index(cause) for cause in of["cause"]]
    return {**of, "workplaces": places, "secret": SECRET.hex()}


def line(columns: Mapping[str, Any], number: int) -> dict[str, Any]:
    found = {name: columns[name][number] for name in COLUMNS}
    return found | {"cause": CAUSES[found["cause"]], "workplace": columns["workplaces"][found["workplace"]]}


def salt(columns: Mapping[str, Any], number: int) -> bytes:
    return hmac.new(bytes.fromhex(columns["secret"]), number.to_bytes(8, "big"), "sha256").digest()


def commitments(columns: Mapping[str, Any]) -> list[bytes]:
    every = range(len(columns["employee"]))
    return [hashlib.sha256(salt(columns, number) + canonical(line(columns, number))).digest() for number in every]


def small_ledger() -> Ledger:
    """Opened, a contract signed, a methodology, an index, headcounts, two reports of absences, the first with three lines."""
    ledger = Ledger()
    methodology = golden("MethodologyAdopted@1")["methodology"]
    adopted = {"methodology": methodology, "sha256": hashlib.sha256(canonical(methodology)).hexdigest(), "from_on": "2018-10-01"}
    ledger.add("ledger", "LedgerOpened@1", {"simulated": True, "seed": "s"})
    ledger.add(f"contract/{CONTRACT}", "ContractSigned@1", golden("ContractSigned@1"))
    agreed = {**adopted, "agreed_by": ["payer", "external_provider"]}
    ledger.add(f"contract/{CONTRACT}", "MethodologyAdopted@1", agreed)
    trend = golden("TrendPublished@1")
    ledger.add(f"trend/{trend['series']}", "TrendPublished@1", trend)
    rows = [{"month": "2018-09", "workplace": "Förskolan Älvan", "employees": 20}]
    ledger.add(f"workforce/{CONTRACT}", "WorkforceReported@1", {"contract": CONTRACT, "rows": rows}, "internal_provider")
    ledger.report(
        CONTRACT,
        [
            (1, "Förskolan Älvan", 20180903, 20180905, 100, "sick"),
            (2, "Förskolan Älvan", 20180910, 0, 50, "work-injury"),
            (3, "Äldreboendet", 20180917, 20180918, 100, "sick"),
        ],
    )
    ledger.report(CONTRACT, [])
    return ledger


# ── The tree (RFC 9162, as it is defined there: by halves) ───────────────────────────────────────────────────────────


def leaf(body: bytes) -> bytes:
    return hashlib.sha256(b"\0" + body).digest()


def _half(size: int) -> int:
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = _half(len(leaves))
    return hashlib.sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


def consistency(first: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if first == len(leaves):
        return [] if whole else [root(leaves)]
    half = _half(len(leaves))
    if first <= half:
        return [*consistency(first, leaves[:half], whole=whole), root(leaves[half:])]
    return [*consistency(first - half, leaves[half:], whole=False), root(leaves[:half])]


# ── Keys and checkpoints ─────────────────────────────────────────────────────────────────────────────────────────────


class Signer:
    """Someone with a key, made from a name."""

    def __init__(self, name: str, seed: str = "") -> None:
        self.name = name
        self.key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256((seed or name).encode()).digest())
        self.public = self.key.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(name.encode() + b"\n\1" + self.public).digest()[:4]

    @property
    def verifier(self) -> str:
        encoded = base64.b64encode(b"\1" + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def line(self, text: bytes) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.key.sign(text)).decode()}\n"


PAYER, PROVIDER = Signer("botkyrka.se/economy"), Signer("provider.example")


def note_text(leaves: Sequence[bytes], size: int) -> bytes:
    return f"soc-ledger/{leaves[0].hex()[:32]}\n{size}\n{base64.b64encode(root(leaves[:size])).decode()}\n".encode()


def note(text: bytes, signers: Sequence[Signer]) -> bytes:
    return text + b"\n" + "".join(signer.line(text) for signer in signers).encode()


# ── The bundle ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Making:
    """How a bundle is made of a ledger. ``opened``: numbers of the lines to open, by position."""

    audience: str = "payer"
    checkpoints: tuple[int, ...] = ()
    signers: tuple[Signer, ...] = (PAYER, PROVIDER)
    hidden: tuple[int, ...] = ()
    opened: Mapping[int, Sequence[int]] = field(default_factory=dict)
    states: Mapping[str, Any] | None = None


def members_of(ledger: Ledger, how: Making | None = None) -> dict[str, bytes]:
    """Every member of the bundle, the manifest last."""
    how = how or Making()
    shown = {position: json.loads(body) for position, body in enumerate(ledger.bodies, 1) if position not in how.hidden}
    leaves = [leaf(body) for body in ledger.bodies]
    rows = [canonical(row) if at in shown else b"null" for at, row in enumerate(map(json.loads, ledger.bodies), 1)]
    members = {name: f"{name}\n".encode() for name in ("README.txt", "verify.py", "schema.json", "fields.csv")}
    members["events.jsonl"] = b"".join(row + b"\n" for row in rows)
    members["leaves.txt"] = b"".join(one.hex().encode() + b"\n" for one in leaves)
    members["states.json"] = canonical(how.states or {})
    lines = [{"lines": columns, "position": at} for at, columns in sorted(ledger.lines.items()) if at in shown]
    if how.audience == "payer":
        members["lines.jsonl"] = b"".join(canonical(row) + b"\n" for row in lines)
    else:
        members["totals.jsonl"] = b""
    if how.opened:
        openings = [_opening(at, ledger.lines[at], numbers) for at, numbers in sorted(how.opened.items())]
        members["openings.jsonl"] = b"".join(canonical(row) + b"\n" for row in openings)
    members |= _brought(shown) | _sealed(leaves, how)
    return with_manifest(members, _described(shown, leaves, how, sum(len(row["lines"]["cause"]) for row in lines)))


def _opening(position: int, columns: Mapping[str, Any], numbers: Sequence[int]) -> dict[str, Any]:
    opened = [{"line": line(columns, one), "number": one, "salt": salt(columns, one).hex()} for one in numbers]
    return {"commitments": b"".join(commitments(columns)).hex(), "opened": opened, "position": position}


def _brought(shown: Mapping[int, Any]) -> dict[str, bytes]:
    members = {}
    for position, record in shown.items():
        for name, folder in (("terms", "terms"), ("methodology", "methodologies")):
            if name in record["data"]:
                members[f"{folder}/{record['stream'].split('/')[1]}-{position}.json"] = canonical(record["data"][name])
    return members


def _sealed(leaves: Sequence[bytes], how: Making) -> dict[str, bytes]:
    sizes = sorted({*how.checkpoints, len(leaves)})
    members = {f"checkpoints/{size}.note": note(note_text(leaves, size), how.signers) for size in sizes if leaves}
    for first, second in pairwise(sizes):
        hashes = [one.hex() for one in consistency(first, leaves[:second])]
        members[f"proofs/{first}-{second}.json"] = canonical({"from": first, "hashes": hashes, "to": second})
    return members


def _described(shown: Mapping[int, Any], leaves: Sequence[bytes], how: Making, lines: int) -> dict[str, Any]:
    streams = Counter(record["stream"] for record in shown.values())
    return {
        "format": "soc-ledger bundle 1",
        "made_by": "soc-ledger 0.0.0",
        "origin": f"soc-ledger/{leaves[0].hex()[:32]}" if leaves else "soc-ledger/",
        "audience": how.audience,
        "contracts": sorted(name.partition("/")[2] for name in streams if name.startswith(("contract/", "tiered/"))),
        "simulated": True,
        "records": len(leaves),
        "shown": len(shown),
        "lines": lines if how.audience == "payer" else 0,
        "root": root(leaves).hex(),
        "known_at": shown[max(shown)]["recorded_at"] if shown else "2018-10-01T08:00:00.000000Z",
        "streams": dict(streams),
    }


def with_manifest(members: Mapping[str, bytes], described: Mapping[str, Any] | None = None) -> dict[str, bytes]:
    """The members with a manifest that is right about them; ``described``: what else it says, else what it said."""
    others = {name: content for name, content in members.items() if name != "manifest.json"}
    said = dict(described) if described is not None else json.loads(members["manifest.json"])
    said["members"] = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in others.items()
    }
    return {**others, "manifest.json": canonical(said)}


def changed(
    members: Mapping[str, bytes], contents: Mapping[str, bytes | None] | None = None, **described: Any
) -> dict[str, bytes]:
    """Other contents (None drops one) and words of the manifest, which is right about its members again."""
    every = {**members, **(contents or {})}
    found = {name: content for name, content in every.items() if content is not None}
    return with_manifest(found, {**json.loads(members["manifest.json"]), **described})


def zipped(members: Mapping[str, bytes]) -> bytes:
    """The container, by another writer than the verifier's: Python's own, told to write nothing of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as container:
        for name in sorted(members):
            about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            about.create_system = 0
            container.writestr(about, members[name])
            about.external_attr = 0  # written at the end; what stands there by default is a file's mode
    return out.getvalue()


def small_bundle(**how: Any) -> bytes:
    """A bundle that is right in every part that needs no contract."""
    ledger = Ledger()
    ledger.add("ledger", "LedgerOpened@1", {"simulated": True, "seed": "s"})
    trend = golden("TrendPublished@1")
    for _ in range(6):
        ledger.add(f"trend/{trend['series']}", "TrendPublished@1", trend)
    return zipped(members_of(ledger, Making(**{"checkpoints": (3,), **how})))


# ── What the ledger says of the contract, by the product's own code ──────────────────────────────────────────────────


@dataclass
class _InMemory:
    """The records as the projections ask for them."""

    records: list[Recorded[Any]]
    lines: Mapping[int, dict[str, Any]]
    leaves: list[bytes]

    def stream(self, name: str) -> list[Recorded[Any]]:
        return [record for record in self.records if record.stream == name]

    def stored_lines(self, stream: str) -> dict[int, bytes]:
        return {at: canonical(columns) for at, columns in self.lines.items() if self.records[at - 1].stream == stream}

    def contracts(self) -> list[str]:
        return [CONTRACT]

    def named(self, kind: str) -> list[str]:
        return []

    def root(self, position: int) -> bytes:
        return root(self.leaves[:position])

    def recorded_at(self, position: int) -> datetime:
        return self.records[position - 1].recorded_at


def states_of(ledger: Ledger, *days: date) -> dict[str, Any]:
    """The states of the small ledger's contract, in the shape that a bundle states them in."""
    records = [decode(json.loads(body)["type"], body) for body in ledger.bodies]
    source = _InMemory(records, ledger.lines, [leaf(body) for body in ledger.bodies])
    facts = Facts(source, len(records), records[-1].recorded_at)
    unsaid = ("basis", "label", "currency", "closed_on", "unsettled", "methodology")
    rows = [as_json(state(facts, CONTRACT, day)) for day in days]
    return {CONTRACT: [{key: value for key, value in row.items() if key not in unsaid} for row in rows]}


def contract_bundle(**how: Any) -> dict[str, bytes]:
    """The members of a bundle of the small ledger, right in every part."""
    ledger = small_ledger()
    return members_of(ledger, Making(**{"states": states_of(ledger, date(2018, 10, 1)), "checkpoints": (3, 5), **how}))
