"""Three errors in a bundle that the operator made fit and signed anew: both verifiers find them, and no others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from fixtures.tampered.bundle import Lacking, zipped
from fixtures.tampered.corpus import Honest, main, planted
from ledger import bundle as bundles
from ledger import notes
from tests.verifier.honest import OutOfBand, by_soc, by_verify_py, honest_bundles, named, statuses

__all__ = ["honest_bundles"]


def test_both_verifiers_find_three_errors_and_no_others(honest_bundles: Mapping[str, Honest]) -> None:
    honest = honest_bundles["payer"]
    data = planted(zipped(honest.members), honest.operator)
    middle = honest.every("AbsenceReported")[2]
    state = honest.states["tiny"][0]["as_of"]
    expected = [
        ("intact", f"lines of record {middle}"),
        ("recomputed", f"record {honest.first('PaymentInstructed')}"),
        ("recomputed", f"state of tiny as of {state}"),
    ]
    for verify in (by_soc, by_verify_py):
        verdict = verify(data, OutOfBand([str(honest.operator.verifier)]))
        assert named(verdict) == expected
        assert statuses(verdict) == {
            "intact": "no",
            "complete": "partly",
            "recomputed": "no",
            "authorised": "yes",
            "anchored": "not checked",
        }


def test_the_other_party_did_not_sign_it(honest_bundles: Mapping[str, Honest]) -> None:
    honest = honest_bundles["payer"]
    data = planted(zipped(honest.members), honest.operator)
    for verify in (by_soc, by_verify_py):
        verdict = verify(data, OutOfBand([str(honest.party.verifier)]))
        assert ("authorised", f"signature of {honest.party.verifier.name} on checkpoint {honest.sizes[-1]}") in named(verdict)


def test_it_is_written_from_files(honest_bundles: Mapping[str, Honest], tmp_path: Path) -> None:
    honest = honest_bundles["payer"]
    bundle, secret, out = tmp_path / "bundle.zip", tmp_path / "key", tmp_path / "planted.zip"
    bundle.write_bytes(zipped(honest.members))
    secret.touch(mode=0o600)
    secret.write_text(notes.private_text(honest.operator.verifier, honest.operator.seed) + "\n")
    assert main(["--planted", str(bundle), str(secret), str(out)]) == 0
    assert out.read_bytes() == planted(bundle.read_bytes(), honest.operator)


def test_an_auditors_bundle_has_no_place_for_it(honest_bundles: Mapping[str, Honest]) -> None:
    honest = honest_bundles["auditor"]
    with pytest.raises(Lacking):
        planted(zipped(honest.members), honest.operator)


def test_its_members_say_what_the_errors_leave(honest_bundles: Mapping[str, Honest]) -> None:
    honest = honest_bundles["payer"]
    members = bundles.read(planted(zipped(honest.members), honest.operator))
    differing = {name for name in {*members, *honest.members} if members.get(name) != honest.members.get(name)}
    same = {"README.txt", "verify.py", "schema.json", "fields.csv", "terms/tiny-2.json", "methodologies/tiny-3.json"}
    assert differing.isdisjoint(same)
    assert json.loads(members["manifest.json"])["records"] == honest.manifest["records"]
