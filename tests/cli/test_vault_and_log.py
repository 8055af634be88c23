"""New people enter the vault with the record that names them: not by a refusal, and no record stands without them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from ledger.errors import Refused
from ledger.recorder import Recorder
from ledger.vault import Vault
from tests.cli.test_bad_corpus import standing
from tests.cli.world import ABSENCE_HEADER, PAYROLL, World

ROWS = f"{ABSENCE_HEADER}\nNEW1,Skolan,2019-04-01,2019-04-02,100,sick\nNEW2,Skolan,2019-04-01,2019-04-02,100,sick\n"


def send(world: World, *options: str) -> Any:
    path = world.file("sent.csv", ROWS)
    return world.soc("import", "absences", "tiny", path, "--source", "payroll", *options, by=PAYROLL)


def test_a_report_refused_by_a_rule_leaves_nobody_in_the_vault(settled: World) -> None:
    before = standing(settled)
    result = send(settled, "--complete", "2019-07")
    assert result.code == 1
    assert "2019-07, which has not ended" in result.err
    assert "→ Report the months that have ended" in result.err
    assert standing(settled) == before


def test_a_vault_that_cannot_be_written_takes_the_record_back(settled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = standing(settled)

    def full(*_: object) -> None:
        raise Refused("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "_add", staticmethod(full))
        assert send(settled).code == 1
    assert standing(settled) == before
    assert send(settled).code == 0
    assert {"NEW1", "NEW2"} <= settled.employees_in_vault()


def test_a_commit_that_fails_after_the_vault_leaves_tokens_that_the_next_try_uses(
    settled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = settled.head()
    submit = Recorder.writing

    def cut(self: Recorder, rollback: bool = False) -> Any:
        return submit(self, rollback=True)  # all is done but the commit

    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "writing", cut)
        send(settled)
    assert settled.head() == head
    kept = _tokens(settled)
    assert {"NEW1", "NEW2"} <= kept.keys()
    assert send(settled).code == 0
    assert _tokens(settled) == kept


def _tokens(world: World) -> dict[str, int]:
    with closing(sqlite3.connect(world.database().with_suffix(".vault.db"))) as vault:
        return dict(vault.execute("SELECT employee, token FROM employees WHERE contract = 'tiny'").fetchall())


def test_tokens_that_stand_for_others_by_now_are_not_kept(settled: World) -> None:
    vault = Vault(f"sqlite:///{settled.database().with_suffix('.vault.db')}")
    [known, *_] = _tokens(settled)
    given = vault.tokens("tiny", [known, "A", "B"], str.encode, keep=False)
    assert given == vault.tokens("tiny", [known, "A", "B"], str.encode, keep=False)
    before = _tokens(settled)
    for wrong in ({"A": before[known]}, {known: given["A"]}, {**given, "A": 1}):
        with pytest.raises(Refused, match="was changed meanwhile"):
            vault.keep("tiny", wrong)
        assert _tokens(settled) == before
    vault.keep("tiny", given)
    assert _tokens(settled) == before | given
    vault.keep("tiny", given)
    assert _tokens(settled) == before | given
    assert vault.last_token("tiny") == max(given.values())


def test_a_rehearsal_keeps_nobody(settled: World) -> None:
    before = standing(settled)
    assert send(settled, "--dry-run").code == 0
    assert standing(settled) == before
