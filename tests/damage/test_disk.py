"""A full disk, a locked file, a file that may not be written: clear words, nothing half recorded, and the same command again
succeeds when the cause is gone."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.world import ABSENCE_HEADER, MANAGER, PAYER, PAYROLL, Result, World
from tests.damage.conftest import Databases
from tests.damage.stable import Stable

pytestmark = pytest.mark.xdist_group("disk")
DRAW = ("loan", "draw", "tiny", "100", "--on", "2019-07-01", "--for", "internal")
PAGE = 4096
Say = Callable[[str], None]


@dataclass
class Elsewhere(World):
    """A world whose commands run in a child: in its file system, under its limits."""

    stable: Stable | None = None
    how: dict[str, Any] = field(default_factory=dict)

    def soc(self, *args: str | Path, by: str | None = MANAGER, at: str | None = None) -> Result:
        """Run ``soc`` there."""
        assert self.stable is not None
        ended = self.stable.run([*self.options(by, at), *map(str, args)], **self.how)
        assert ended.code is not None
        return Result(ended.code, ended.out, ended.err)

    def under(self, **how: Any) -> Elsewhere:
        """The same, under these limits."""
        return Elsewhere(self.folder, self.ledger, self.vault, self.at, stable=self.stable, how=how)


@dataclass
class Disk:
    """A small file system, and the commands that see it."""

    stable: Stable
    inside: Path

    @property
    def outside(self) -> Path:
        """Where this process finds its files."""
        return Path(f"/proc/{self.stable.process.pid}/root{self.inside}")

    def leave(self, free: int) -> None:
        """Fill it up, but for so many bytes."""
        self.make_room()
        left = os.statvfs(self.outside)
        with (self.outside / "filler").open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, max(left.f_bavail * left.f_frsize - free, 1))

    def make_room(self) -> None:
        """Remove what fills it."""
        (self.outside / "filler").unlink(missing_ok=True)

    def closed_cleanly(self, name: str) -> None:
        """Put SQLite's write-ahead log away, as the last to close a ledger does."""
        with closing(sqlite3.connect(self.outside / name)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _namespace() -> list[str] | None:
    """What gives a process a file system table of its own: as root, or as a user that may; None where neither is allowed."""
    for options in (["unshare", "-m"], ["unshare", "-Urm"]):
        try:
            subprocess.run([*options, "sh", "-c", "mount -t tmpfs none /tmp"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return options
    return None


@pytest.fixture(scope="module")
def _disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    options, inside = _namespace(), tmp_path_factory.mktemp("disk")
    if options is None:
        pytest.skip("no file system may be mounted here; what a full disk does is tested with a limit on files only")
    mount = 'mount -t tmpfs -o size=4m none "$0" && exec "$@"'
    with Stable([*options, "sh", "-c", mount, str(inside)]) as stable:
        yield Disk(stable, inside)


@pytest.fixture
def disk(_disk: Disk) -> Disk:
    """A disk of 4 MiB that gets full for real, empty."""
    for path in _disk.outside.iterdir():
        path.unlink() if path.is_file() else shutil.rmtree(path)
    return _disk


def _big(folder: Path) -> list[str]:
    """The import of a file of many absences."""
    days = [f"2019-04-{number % 28 + 1:02d}" for number in range(4000)]
    lines = [f"N{number},Skolan,{day},{day},100,sick" for number, day in enumerate(days)]
    (folder / "big.csv").write_text("\n".join([ABSENCE_HEADER, *lines]))
    return ["import", "absences", "tiny", str(folder / "big.csv"), "--source", "payroll"]


def _full(result: Result) -> bool:
    """Whether the command was refused for want of room, in words that say what to do."""
    assert result.code == 1, result.err
    assert "full" in result.err or "No space left" in result.err
    assert "ake room" in result.err
    assert "nothing was recorded" in result.err
    assert "fault of ours" not in result.err
    return True


def _sweep(world: World, command: list[str], rooms: Iterator[Callable[[], Elsewhere]]) -> int:
    """Send it with ever more room until it fits; how often it was refused. Every time the ledger reads as before."""
    before, refused = world.soc("state", "tiny", by=None), 0
    for room in rooms:
        result = room().soc(*command, by=PAYROLL)
        if result.code == 0:
            assert result.out.startswith("Recorded tiny/")
            assert world.soc("check", by=None).code == 1
            again = world.done(*command, by=PAYROLL)
            assert again.out.startswith("Already recorded")
            return refused
        refused += _full(result)
        assert world.soc("state", "tiny", by=None) == before
    raise AssertionError("it never fitted")


@pytest.mark.parametrize("what", ["ledger and vault", "ledger", "vault"])
def test_an_import_into_a_full_disk(disk: Disk, stable: Stable, tmp_path: Path, what: str, say: Say) -> None:
    """As much room as it takes, in steps: before that it is refused, and every figure stands."""
    place = {name: disk.inside if name in what else tmp_path for name in ("ledger", "vault")}
    ledger, vault = (f"sqlite:///{folder / f'{name}.db'}" for name, folder in place.items())
    world = Elsewhere(tmp_path, ledger, vault, stable=disk.stable).settled()

    def rooms() -> Iterator[Callable[[], Elsewhere]]:
        for free in range(0, 2**20, 8 * PAGE):
            yield lambda free=free: disk.leave(free) or world

    refused = _sweep(world, _big(tmp_path), rooms())
    say(f"a full disk ({what}): an import refused {refused} times for want of room, then recorded")
    assert refused > 1


def test_an_import_that_may_write_no_more(stable: Stable, tmp_path: Path, say: Say) -> None:
    """The limit that every user may set: a file that grows past it fails in the middle of a write."""
    world = Elsewhere(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", stable=stable).settled()

    def rooms() -> Iterator[Callable[[], Elsewhere]]:
        for limit in range(0, 2**21, 12 * PAGE):
            yield lambda limit=limit: world.under(limit=limit)

    refused = _sweep(world, _big(tmp_path), rooms())
    say(f"a limit on files: an import refused {refused} times, then recorded")
    assert refused > 1


def test_a_ledger_closed_cleanly_is_read_or_refused_on_a_full_disk(disk: Disk, tmp_path: Path) -> None:
    """SQLite needs 32 KiB beside a ledger even to read it."""
    world = Elsewhere(tmp_path, f"sqlite:///{disk.inside / 'ledger.db'}", stable=disk.stable).settled()
    before = world.soc("state", "tiny", by=None)
    for free in range(0, 24 * PAGE, PAGE):
        disk.make_room()
        disk.closed_cleanly("ledger.db")
        disk.leave(free)
        read = world.soc("state", "tiny", by=None)
        assert read == before or _full(read)
        written = world.soc(*DRAW, "--dry-run", by=PAYER)
        assert written.code == 0 or _full(written)
    disk.make_room()
    assert world.done(*DRAW, by=PAYER).out.startswith("Recorded tiny/L1")


def test_a_ledger_opened_on_a_full_disk(disk: Disk, say: Say) -> None:
    """What was begun is taken up when there is room; a refusal that says so has recorded nothing."""
    refused = 0
    for number in range(12):
        world = Elsewhere(disk.inside, f"sqlite:///{disk.inside / f'{number}.db'}", stable=disk.stable)
        disk.leave(number * 5 * PAGE)
        opened = world.soc("init", "--simulated", "--seed", "tiny", at="2018-12-20T08:00")
        disk.make_room()
        if opened.code:
            refused += _full(opened)
            world.opened()
        assert world.head()[0] == 1
        assert world.soc("init", "--simulated").code == 1
        assert world.soc("check", by=None).code == 0
    say(f"a ledger opened on a full disk: refused {refused} times of 12, taken up when there was room")
    assert 3 < refused < 12


def test_the_demo_on_a_full_disk(disk: Disk) -> None:
    for free in (0, 50 * PAGE, 400 * PAGE):
        disk.leave(free)
        ended = disk.stable.run(["demo", "--to", str(disk.inside / "demo")])
        assert _full(Result(ended.code or 0, ended.out, ended.err))
        shutil.rmtree(disk.outside / "demo", ignore_errors=True)


# --- Locked -----------------------------------------------------------------------------------------------------------


@contextmanager
def _held(url: str) -> Iterator[None]:
    """Another process's transaction that does not end."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(url) as server:
            server.execute("LOCK TABLE events IN EXCLUSIVE MODE")
            yield


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_locked_ledger(stable: Stable, tmp_path: Path, kind: str, request: pytest.FixtureRequest, say: Say) -> None:
    """It is waited for, then refused; reading goes on; after the release the same command succeeds."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    if kind == "postgresql":
        databases: Databases = request.getfixturevalue("databases")
        url = databases(None)
    world = Elsewhere(tmp_path, url, f"sqlite:///{tmp_path / 'vault.db'}", stable=stable).settled()
    before = world.state()
    with _held(url):
        ended = stable.run([*world.options(PAYER, None), *DRAW], env={"SOC_WAIT": "0.4"})
        assert (ended.code, ended.out) == (5, "")
        assert "another writer holds the ledger" in ended.err
        assert "still after 0.4 s" in ended.err
        assert "nothing was recorded" in ended.err
        assert ended.times[5] >= 0.4
        assert world.state() == before
        assert world.soc("check", by=None).code == 1
    assert world.done(*DRAW, by=PAYER).out.startswith("Recorded tiny/L1")
    say(f"a locked ledger, {kind}: refused after 0.4 s with exit code 5, read meanwhile, written after the release")


# --- Not to be written ------------------------------------------------------------------------------------------------

NOBODY = 65534


@pytest.fixture
def readable(stable: Stable) -> Iterator[Elsewhere]:
    """A ledger in a folder that everybody may read and none but its owner write; root acts as nobody, for root may all."""
    with tempfile.TemporaryDirectory() as folder:
        world = Elsewhere(Path(folder), f"sqlite:///{folder}/ledger.db", stable=stable).settled()
        yield world
        _allow(world, 0o755, 0o644)


def _allow(world: World, folder: int, files: int) -> None:
    for path in world.folder.iterdir():
        path.chmod(files)
    world.folder.chmod(folder)


@pytest.mark.parametrize(("folder", "files"), [(0o755, 0o444), (0o555, 0o444)])
def test_a_ledger_that_may_not_be_written(readable: Elsewhere, folder: int, files: int, say: Say) -> None:
    before = readable.state()
    _allow(readable, folder, files)
    someone = readable.under(user=NOBODY) if os.geteuid() == 0 else readable
    written = someone.soc(*DRAW, by=PAYER)
    assert written.code == 1, written.err
    assert "may not be written" in written.err
    assert "permissions" in written.err
    assert someone.state() == before
    _allow(readable, 0o755, 0o644)
    assert readable.done(*DRAW, by=PAYER).out.startswith("Recorded tiny/L1")
    say(f"a ledger that may not be written (folder {folder:o}, files {files:o}): refused, read, and written when it might be")
