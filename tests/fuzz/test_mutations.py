"""A few hundred changed files, the same each time, through both importers; ``make fuzz`` makes many more and lets what they reach
guide them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from random import Random

import pytest

from ledger.events import Scope
from ledger.periods import Period
from tests.fuzz import days
from tests.fuzz.hold import Broken
from tests.fuzz.mutations import mutated
from tests.fuzz.target import Target, said
from tests.fuzz.ways import seeds

FILES = 400
LEAST_ACCEPTED = 20
"""So many must be accepted: else little of what comes after reading is tried."""

pytestmark = pytest.mark.xdist_group("fuzz")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A ledger with a history."""
    with pytest.MonkeyPatch.context() as settings:
        for name in ("SOC_LEDGER", "SOC_VAULT", "SOC_ACTOR", "SOC_NOW", "SOC_TRACE"):
            settings.delenv(name, raising=False)
        yield Target(tmp_path_factory.mktemp("fuzz"))


def files(form: str) -> Iterator[bytes]:
    """The good files, then changed ones."""
    random, good = Random(f"{form} 1"), seeds(form)
    yield from good
    for _ in range(FILES - len(good)):
        one, other = random.choice(good), random.choice(good)
        yield one[:1] + mutated(form, one[1:], random, other[1:])


@pytest.mark.parametrize("form", ["csv", "paxml"])
def test_changed_files_are_recorded_whole_or_refused_whole(
    target: Target, form: str, record_property: Callable[[str, object], None]
) -> None:
    target.counts.clear()
    for data in files(form):
        target.send(form, data)
    record_property("counts", f"changed files, {form}: {said(target.counts)}")
    assert target.counts["inputs"] == target.counts["accepted"] + target.counts["refused"] == FILES
    assert target.counts["accepted"] >= LEAST_ACCEPTED
    assert target.counts["whole commands"] >= FILES // 20


def test_a_broken_promise_is_noticed(target: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The target itself: an importer that lets something through that it should not is caught."""
    from ledger.imports import absence_csv

    good = next(data for data in seeds("csv") if data[0] == 1)
    original = absence_csv.read

    def raises(content: bytes, file: str) -> absence_csv.AbsenceRows:
        raise KeyError("a fault of ours")

    def beyond(content: bytes, file: str) -> absence_csv.AbsenceRows:
        rows = original(content, file)
        rows.extent[0] = 101
        return rows

    monkeypatch.setattr(absence_csv, "read", raises)
    with pytest.raises(KeyError):
        target.send("csv", good)
    monkeypatch.setattr(absence_csv, "read", beyond)
    with pytest.raises(ValueError, match="extent"):
        target.send("csv", good)


def test_a_day_on_record_that_nobody_said_or_changed_is_noticed() -> None:
    monday, kind, other = date(2019, 9, 16), (100, 0, "Skolan"), (50, 0, "Skolan")
    scope = Scope(complete=Period.parse("2019-09"), workplaces=None)
    days.check({(1, monday): kind}, {}, {(1, monday): kind}, None, set())
    days.check({(1, monday): kind}, {}, {}, scope, set())
    for before, named, after, complete in (
        ({}, {(1, monday): kind}, {}, None),
        ({}, {(1, monday): kind}, {(1, monday): other}, None),
        ({(1, monday): kind}, {}, {}, None),
        ({(1, monday): kind}, {}, {(1, monday): kind}, scope),
        ({}, {}, {(1, monday): kind}, None),
    ):
        with pytest.raises(Broken):
            days.check(before, named, after, complete, set())
