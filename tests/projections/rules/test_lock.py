"""A published rule kind is never edited: projections/rules/LOCK holds the hash of each one's file."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import get_args

import pytest

from ledger import disruption, methodology

KINDS = Path(__file__).parents[3] / "projections" / "rules"
NEVER = "a published rule kind is never edited: restore it, and write what is new in a file of its own with the next version"
LOCK_IT = "lock a new kind with: cd projections/rules && sha256sum NAME_VERSION.py >> LOCK"


def faults(folder: Path) -> list[str]:
    """Where the files and the lock differ, and what to do about it."""
    rows = [line.split("  ") for line in folder.joinpath("LOCK").read_text(encoding="utf-8").splitlines()]
    locked = {name: sha256 for sha256, name in rows}
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.py") if path.stem != "__init__"}
    found = [
        f"{name} is not what was published; {NEVER}"
        for name in sorted(files.keys() & locked.keys())
        if files[name] != locked[name]
    ]
    found += [f"{name} is not in LOCK; {LOCK_IT}" for name in sorted(files.keys() - locked.keys())]
    found += [f"{name} was published and is gone; {NEVER}" for name in sorted(locked.keys() - files.keys())]
    return found + ([] if len(rows) == len(locked) else ["LOCK names a file twice"])


def test_every_published_kind_is_as_it_was() -> None:
    assert faults(KINDS) == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The kinds and their lock, to do harm to."""
    shutil.copytree(KINDS, tmp_path / "rules", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "rules"


def test_a_kind_that_is_edited_is_seen(copied: Path) -> None:
    copied.joinpath("rebase_1.py").write_bytes(copied.joinpath("rebase_1.py").read_bytes() + b"\n")
    assert faults(copied) == [f"rebase_1.py is not what was published; {NEVER}"]


def test_a_kind_that_is_new_or_gone_is_seen(copied: Path) -> None:
    copied.joinpath("rebase_1.py").rename(copied / "rebase_2.py")
    assert faults(copied) == [f"rebase_2.py is not in LOCK; {LOCK_IT}", f"rebase_1.py was published and is gone; {NEVER}"]


def test_a_lock_with_two_hashes_of_one_kind_is_seen(copied: Path) -> None:
    lock = copied.joinpath("LOCK")
    lock.write_text(lock.read_text(encoding="utf-8") + f"{'0' * 64}  rebase_1.py\n", encoding="utf-8")
    assert "LOCK names a file twice" in faults(copied)


def test_sha256sum_reads_the_lock() -> None:
    for line in KINDS.joinpath("LOCK").read_text(encoding="ascii").splitlines(keepends=True):
        sha256, name = line[:64], line[66:-1]
        assert line == f"{sha256}  {name}\n"
        assert set(sha256) <= set("0123456789abcdef")


def test_every_kind_that_a_methodology_may_name_has_a_file() -> None:
    """``none@1`` says that nothing changes: there is nothing to compute."""
    models = [*get_args(get_args(disruption.Rule)[0]), disruption.ReferenceYears]
    models += [methodology.ShortTermNetDays, methodology.NetDays, methodology.NationalIndex, methodology.PerNetDay]
    kinds = {kind for model in models for kind in get_args(model.model_fields["kind"].annotation)}
    assert {f"{kind.replace('-', '_').replace('@', '_')}.py" for kind in kinds - {"none@1"}} == {
        path.name for path in KINDS.glob("*.py") if path.stem != "__init__"
    }
