"""A bundle verified by verify.py and by ``soc verify``: of a million small records, and of a contract with 75 000 absence lines
that is recomputed in full. Whole processes, with what else takes the same bytes beside them.

VERIFY_RECORDS says how many records the large one has.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cli.verifier.joined import joined
from ledger import bundle, merkle
from ledger.canonical import canonical
from ledger.notes import CheckpointText, Note, Signature, origin
from tests.benchmarks.figures import Figure

RECORDS = int(os.environ.get("VERIFY_RECORDS", "1000000"))
WRITE_LARGE = [
    *(sys.executable, "-c"),
    "import sys; from pathlib import Path; from tests.benchmarks.verify import write_large\n"
    "write_large(Path(sys.argv[1]), int(sys.argv[2]))",
]
SOC = [sys.executable, "-c", "from cli.main import main; main()"]


def figures(folder: Path, demo: Path) -> list[Figure]:
    """Both bundles, by both verifiers."""
    script = folder / "verify.py"
    script.write_text(joined(), encoding="utf-8")
    large, contract = folder / "large.zip", folder / "contract.zip"
    run([*WRITE_LARGE, str(large), str(RECORDS)])  # in a process of its own: what is begun from a large one counts as large
    url = f"sqlite:///{demo}"
    run([*SOC, "--ledger", url, "export", "bundle", "--contract", "botkyrka", "--audience", "payer", "-o", str(contract)])
    summed = run(["sha256sum", str(large)])
    checked = run([*SOC, "--ledger", url, "check"])
    size = f"{large.stat().st_size / 1e6:.0f} MB"
    what = f"{RECORDS:,} small records ({size}), intact and complete"
    spells = f"a contract's {_lines(contract):,} absence lines, recomputed in full"
    found = []
    for one, beside, goal, beside_is in (
        (large, summed, f"≤ {10 * RECORDS / 1_000_000:.0f} s", "sha256sum of the same file"),
        (contract, checked, "≤ 30 s", "soc check of the ledger"),
    ):
        named = what if one == large else spells
        theirs = run([sys.executable, "-I", str(script), str(one)])
        ours = run([*SOC, "verify", str(one)])
        found.append(_figure(f"verify.py: {named}", theirs, goal, beside_is, beside))
        found.append(_figure("soc verify: the same", ours, goal, "verify.py", theirs))
    return found


class Run(NamedTuple):
    """One command: wall seconds, seconds of processor, and the most memory that one of its processes took, in MB."""

    seconds: float
    busy: float
    megabytes: float


def run(command: Sequence[str]) -> Run:
    """Run it, its output thrown away. It is not looked at while it runs: that would slow down what takes much memory."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _figure(what: str, one: Run, goal: str, beside_is: str, other: Run) -> Figure:
    said = f"{one.seconds:.1f} s ({one.busy:.1f} s of processor), {one.megabytes:.0f} MB"
    return Figure(what, said, goal, f"{beside_is}: {other.seconds:.1f} s", f"{one.seconds / other.seconds:.2f}")


def _lines(file: Path) -> int:
    said: int = json.loads(bundle.read(file.read_bytes())["manifest.json"])["lines"]
    return said


# --- A large one --------------------------------------------------------------------------------------------------------

_AT = datetime(2019, 1, 1, tzinfo=UTC)


def write_large(file: Path, records: int) -> None:
    """A bundle of so many small records: an index, published over and over; one checkpoint. No contract is in it."""
    bodies = [_body(position) for position in range(1, records + 1)]
    leaves = [merkle.leaf_hash(body) for body in bodies]
    root = merkle.root_of(leaves)
    text = CheckpointText(origin(leaves[0]), records, root).text()
    members = {name: f"{name}\n".encode() for name in ("README.txt", "verify.py", "schema.json", "fields.csv")}
    members["events.jsonl"] = b"\n".join(bodies) + b"\n"
    members["leaves.txt"] = "".join(f"{leaf.hex()}\n" for leaf in leaves).encode()
    members |= {"states.json": b"{}", "totals.jsonl": b""}
    members[f"checkpoints/{records}.note"] = Note(text, (Signature("nobody.example", b"none", bytes(64)),)).content()
    sums = {name: {"bytes": len(content), "sha256": sha256(content).hexdigest()} for name, content in members.items()}
    said = {
        "format": bundle.FORMAT,
        "made_by": "soc-ledger 0.0.0",
        "origin": origin(leaves[0]),
        "audience": "public",
        "contracts": [],
        "simulated": True,
        "records": records,
        "shown": records,
        "lines": 0,
        "root": root.hex(),
        "known_at": _instant(records),
        "streams": {"ledger": 1, "trend/bench": records - 1},
        "members": sums,
    }
    with file.open("wb") as out:
        out.writelines(bundle.written({**members, "manifest.json": canonical(said)}))


def _instant(position: int) -> str:
    return (_AT + timedelta(seconds=position)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def _body(position: int) -> bytes:
    data = (
        '{"seed":"bench","simulated":true}'
        if position == 1
        else '{"series":"bench","values":[{"published_on":"2018-12-20","quarter":"2018Q3","source":"bench","status":"published",'
        f'"value":"{position}"}}]}}'
    )
    kind, stream, version = ("LedgerOpened", "ledger", 1) if position == 1 else ("TrendPublished", "trend/bench", position - 1)
    submission = f"{position:064x}"
    return (
        f'{{"data":{data},"effective_on":"2019-01-01","evidence":[],"position":{position},"recorded_at":"{_instant(position)}",'
        f'"recorded_by":{{"name":"M. Lind","role":"performance_manager"}},"stream":"{stream}","submission":"{submission}",'
        f'"type":"{kind}@1","version":{version}}}'
    ).encode()
