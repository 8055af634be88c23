"""A small ledger with everything in it that a crime can be about, its bundles, and the verdicts of both verifiers on one."""

from __future__ import annotations

import csv
import io
import sys
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cli.export.bundle_states import stated
from cli.verifier.joined import joined
from fixtures.tampered.bundle import Honest
from fixtures.tampered.corpus import prepared
from fixtures.tampered.stamps import Authority
from ledger.notes import VerifierKey
from projections.verification.sealed import Given
from projections.verification.verdict import verify
from tests.cli.world import BOTH, PAYER, PAYROLL, Q2, TERMS, World, absences, trend, workforce

Verdict = dict[str, Any]
OTHER = TERMS.replace('id = "tiny"', 'id = "other"').replace("Lilla kommun", "Andra kommun")
Q3 = ["2019-07", "2019-08", "2019-09"]


def told(world: World) -> World:
    """A first claim paid; a second disputed, and the dispute resolved; another contract; a report that nothing rests on; sealed
    three times. ``world``: settled."""
    key = world.folder / "key"
    world.done("seal", "new-key", "tiny.se/operator", key)
    world.done("seal", "--key", key)
    paid = ("pay", "outcome", "tiny", "--due", "--on", "2019-07-22", "--invoice", "17")
    world.done(*paid, by=PAYER, at="2019-07-22T09:10")
    made = ("pay", "outcome", "tiny", "34909.09", "--on", "2019-07-23", "--invoice", "17", "--made", "--bank-reference", "B1")
    world.done(*made, by=PAYER, at="2019-07-24T09:00")
    world.done("contract", "sign", world.file("other.toml", OTHER), at="2019-07-25T09:00")
    world.done("import", "workforce", "tiny", world.file("workforce-Q2.csv", workforce(Q2)), at="2019-08-01T08:00")
    _reported(world, "2019Q2", absences(Q2, 5, 1), "2019-08-01T08:20")
    world.done("import", "trend", world.file("trend-2019Q2.csv", trend(["2019Q2"])), at="2019-09-10T09:00")
    world.done("determine", "tiny", "2019Q2", at="2019-09-12T09:00")
    world.done("notify", "tiny/D2", "--on", "2019-09-13", at="2019-09-13T09:00")
    world.done("seal", "--key", key)
    raised = ("dispute", "raise", "tiny/D2", "--by", "payer", "--on", "2019-09-20", "--savings", "60000.00")
    world.done(*raised, "--grounds", "too dear", at="2019-09-20T09:00")
    answer = ("dispute", "answer", "tiny/X1", "--by", "external_provider", "--on", "2019-09-25", "--answer", "as agreed")
    world.done(*answer, at="2019-09-25T09:00")
    resolved = ("dispute", "resolve", "tiny/X1", "--outcome", "rejected", "--on", "2019-10-02", "--reason", "agreed", *BOTH)
    world.done(*resolved, at="2019-10-02T09:00")
    _tested(world)
    _reported(world, "2019Q3", absences(Q3, 5, 1), "2019-11-01T08:20")
    world.done("seal", "--key", key)
    return world


def _tested(world: World) -> None:
    """The auditor tests a sample drawn from the first checkpoint."""
    named = TERMS.replace('technical_advisor = "RISE"', 'technical_advisor = "RISE"\nexternal_auditor = "Granskarna"')
    amended = ("contract", "amend", "tiny", world.file("amended.toml", named), "--from", "2019-10", *BOTH)
    world.done(*amended, "--reason", "an auditor is chosen", at="2019-10-03T09:00")
    drawing = ("audit", "sample", "tiny", "3", "--checkpoint", "12", "--procedure", "compare with the payslip")
    rows = list(csv.DictReader(io.StringIO(world.done(*drawing, "--audience", "auditor", "-O", "csv", by=None).out)))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | {"evidence": "payslip", "result": "ok"} for row in rows)
    sheet = world.file("sample.csv", out.getvalue())
    world.done("audit", "record", "tiny", sheet, "--on", "2019-10-10", by="E. Berg, external_auditor", at="2019-10-10T09:00")


def _reported(world: World, quarter: str, lines: str, at: str) -> None:
    file = world.file(f"absences-{quarter}.csv", lines)
    world.done("import", "absences", "tiny", file, "--source", "payroll", "--complete", quarter, by=PAYROLL, at=at)


def honest(world: World, audience: str, authority: Authority, *more: str) -> Honest:
    """A bundle of the contract, signed by the corpus's operator and party, and stamped."""
    file = world.folder / f"{audience}.zip"
    world.done("export", "bundle", "-o", file, "--contract", "tiny", "--audience", audience, *more)
    return prepared(file.read_bytes(), authority)


@pytest.fixture(scope="session")
def honest_bundles(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Honest]:
    """The payer's bundle, and an auditor's with a sample, of the same record."""
    folder = tmp_path_factory.mktemp("honest")
    world = told(World(folder, f"sqlite:///{folder / 'ledger.db'}").settled())
    authority = Authority(world.folder / "authority", "Tidsstämplaren")
    return {"payer": honest(world, "payer", authority), "auditor": honest(world, "auditor", authority, "--sample", "5")}


# ── Both verifiers ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class OutOfBand:
    """What the auditor has from elsewhere: verifier keys, a checkpoint kept from before, an authority's certificate."""

    keys: Sequence[str] = ()
    checkpoint: bytes | None = None
    certificate: bytes | None = None

    def options(self, folder: Path) -> list[str]:
        """The same as options of a command line."""
        options = [word for key in self.keys for word in ("--key", key)]
        for option, content in (("--checkpoint", self.checkpoint), ("--tsa-certificate", self.certificate)):
            if content is not None:
                file = folder / f"given{option}"
                file.write_bytes(content)
                options += [option, str(file)]
        return options


NOTHING = OutOfBand()


def from_files(files: Mapping[str, bytes]) -> OutOfBand:
    """What the files of a crime hold."""
    return OutOfBand(files.get("keys.txt", b"").decode().split(), files.get("kept.note"), files.get("authority.pem"))


@cache
def verify_py() -> Any:
    """The verifier as it is shipped, one file, as a module."""
    module = types.ModuleType("verify_py")
    sys.modules["verify_py"] = module
    exec(compile(joined(), "verify.py", "exec"), module.__dict__)
    return module


def by_soc(data: bytes, given: OutOfBand = NOTHING) -> Verdict:
    """The verdict of ``soc verify``."""
    notes = () if given.checkpoint is None else (given.checkpoint,)
    return verify(data, Given(tuple(map(VerifierKey.parse, given.keys)), notes, given.certificate), stated).as_json()


def by_verify_py(data: bytes, given: OutOfBand = NOTHING) -> Verdict:
    """The verdict of verify.py."""
    theirs = verify_py()
    keys = [theirs.read_key(key.encode()) for key in given.keys]
    notes = [] if given.checkpoint is None else [theirs.read_note(given.checkpoint)]
    certificates = [] if given.certificate is None else theirs.read_certificates(given.certificate)
    verdict, _ = theirs.verify_bundle(data, theirs.Given(keys, notes, certificates), lambda done: None)
    found: Verdict = verdict.as_json()
    return found


def named(verdict: Verdict) -> list[tuple[str, str]]:
    """Every bad item: part and where."""
    return [(one["part"], one["where"]) for one in verdict["bad"]]


def statuses(verdict: Verdict) -> dict[str, str]:
    """The status of each part."""
    return {name: one["status"] for name, one in verdict["parts"].items()}
