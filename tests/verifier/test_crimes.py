"""The corpus of crimes: both verifiers refuse every one, alike, and name first what was done. What they cannot see is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.verifier.joined import joined
from fixtures.tampered.bundle import zipped
from fixtures.tampered.corpus import CRIMES, Honest, crimes, given, main
from tests.cli.world import run
from tests.verifier.honest import (
    OutOfBand,
    Verdict,
    by_soc,
    by_verify_py,
    from_files,
    honest_bundles,
    named,
    statuses,
)

__all__ = ["honest_bundles"]

FAILED = [name for name, one in crimes().items() if one.verdict == "failed"]
UNSEEN = [name for name, one in crimes().items() if one.verdict == "verified"]
AS_PROCESSES = (
    "zip-truncated",
    "bomb-of-many-huge-claims",
    "path-climbs-out",
    "payment-lowered-and-rehashed",
    "determination-falsified-and-signed-anew",
    "checkpoint-forked",
    "deep-nesting-in-a-record",
    "opened-line-altered",
    "timestamp-of-another-checkpoint",
)
FOLLOWS = ("recomputed",)
"""Parts in which a wrong record makes others wrong: there the verifiers agree on the first item alone."""


def verdicts(name: str, honest: Honest) -> tuple[Verdict, Verdict]:
    data, out_of_band = CRIMES[name](honest), from_files(given(crimes()[name], honest))
    return by_soc(data, out_of_band), by_verify_py(data, out_of_band)


def test_every_crime_has_its_folder_and_its_maker() -> None:
    assert set(crimes()) == set(CRIMES)
    assert len(FAILED) > 200


@pytest.mark.parametrize("audience", ["payer", "auditor"])
def test_what_nothing_was_done_to_is_verified(honest_bundles: Mapping[str, Honest], audience: str) -> None:
    honest = honest_bundles[audience]
    kept = honest.members[f"checkpoints/{honest.sizes[0]}.note"]
    keys = [str(honest.operator.verifier), str(honest.party.verifier)]
    for verify in (by_soc, by_verify_py):
        verdict = verify(zipped(honest.members), OutOfBand(keys, kept, honest.authority.certificate))
        assert (verdict["verdict"], verdict["bad"]) == ("verified", [])
        assert set(statuses(verdict).values()) <= {"yes", "partly"}


@pytest.mark.parametrize("name", FAILED)
def test_both_verifiers_name_what_was_done(honest_bundles: Mapping[str, Honest], name: str) -> None:
    expected = crimes()[name]
    honest = honest_bundles[expected.bundle]
    ours, theirs = verdicts(name, honest)
    for verdict in (ours, theirs):
        assert verdict["verdict"] == "failed"
        assert named(verdict)[0] == (expected.part, expected.place(honest))
    assert statuses(ours) == statuses(theirs)
    assert first_of_parts(ours) == first_of_parts(theirs)


def first_of_parts(verdict: Verdict) -> list[tuple[str, str]]:
    """Every bad item, of those parts in which others may follow from it the first."""
    found, told = [], set[str]()
    for part, where in named(verdict):
        if part not in FOLLOWS or part not in told:
            found.append((part, where))
        told.add(part)
    return found


@pytest.mark.parametrize("name", UNSEEN)
def test_what_verifying_does_not_see_is_said(honest_bundles: Mapping[str, Honest], name: str) -> None:
    expected = crimes()[name]
    assert expected.caught_by
    ours, theirs = verdicts(name, honest_bundles[expected.bundle])
    assert (ours["verdict"], ours["bad"]) == (theirs["verdict"], theirs["bad"]) == ("verified", [])
    assert statuses(ours) == statuses(theirs)
    assert ours["not_proven"] == theirs["not_proven"]


@pytest.mark.parametrize("name", ["unknown-sort-of-record", "unknown-kind-of-rule"])
def test_what_is_not_known_is_named(honest_bundles: Mapping[str, Honest], name: str) -> None:
    for verdict in verdicts(name, honest_bundles["payer"]):
        recomputed = verdict["parts"]["recomputed"]
        assert recomputed["status"] == "partly"
        assert recomputed["not_recomputed"] == ["PaymentForgiven@1" if name == "unknown-sort-of-record" else "exclude-weather@1"]


def test_that_hidden_records_may_be_hidden_for_a_reason_is_not_proven(honest_bundles: Mapping[str, Honest]) -> None:
    for verdict in verdicts("last-report-hidden-as-another-contracts", honest_bundles["payer"]):
        said = "That the records that are not shown are of other contracts: they may be later records of these."
        assert said in verdict["not_proven"]


@pytest.mark.parametrize("name", ["name-altered-and-signed-anew", "payment-moved-and-signed-anew", "checkpoint-forked"])
def test_an_operator_alone_can_rewrite_what_no_figure_rests_on(honest_bundles: Mapping[str, Honest], name: str) -> None:
    """Which is why others sign, and auditors keep checkpoints."""
    honest = honest_bundles["payer"]
    for verify in (by_soc, by_verify_py):
        assert verify(CRIMES[name](honest), OutOfBand([str(honest.operator.verifier)]))["verdict"] == "verified"


# ── As they are called ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", AS_PROCESSES)
def test_both_end_with_3(honest_bundles: Mapping[str, Honest], tmp_path: Path, name: str) -> None:
    expected = crimes()[name]
    honest = honest_bundles[expected.bundle]
    file, script = tmp_path / "bundle.zip", tmp_path / "verify.py"
    file.write_bytes(CRIMES[name](honest))
    script.write_text(joined(), encoding="utf-8")
    options = from_files(given(expected, honest)).options(tmp_path)
    done = subprocess.run([sys.executable, "-I", str(script), str(file), *options], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (3, "")
    assert expected.place(honest) in " ".join(done.stdout.split())
    ours = run(["verify", str(file), *options])
    assert ours.code == 3
    assert expected.place(honest) in " ".join(ours.out.split())
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("given")) == ["bundle.zip", "verify.py"]


def test_the_corpus_is_written_for_anybody_to_look_at(honest_bundles: Mapping[str, Honest], tmp_path: Path) -> None:
    bundles = []
    for audience, honest in honest_bundles.items():
        bundles.append(tmp_path / f"{audience}.zip")
        bundles[-1].write_bytes(zipped(honest.members))
    assert main([str(tmp_path / "out"), *map(str, bundles)]) == 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {*crimes(), "honest-payer", "honest-auditor"}
    forked = tmp_path / "out" / "checkpoint-forked"
    assert {path.name for path in forked.iterdir()} == {"bundle.zip", "keys.txt", "kept.note", "what.txt"}
    assert main([]) == 2
