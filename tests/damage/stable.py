"""``soc`` in children forked from one process that has imported everything: quick to start, and killed whenever it is told."""

from __future__ import annotations

import gc
import json
import mmap
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from tests.cli.world import ROOT, World, environment, run

OUTSIDE, LOCKED, WRITTEN, COMMITTING = range(4)
"""How far the log's transaction is: none open; lock held; records written, not committed; commit begun."""


@dataclass(frozen=True)
class Ended:
    """How a child ended. ``code`` None: killed. ``phase``: the transaction's when it ended; ``times``: seconds from its start
    to the first time in each phase, to the end of the first commit, and to the end of the command (0: never)."""

    code: int | None
    out: str
    err: str
    phase: int
    times: tuple[float, ...]


@dataclass
class Stable:
    """The process that forks. ``through``: what it is started by, such as a program that gives it a file system of its own."""

    through: Sequence[str] = ()
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        serve = "from tests.damage.stable import serve; serve()"
        self.process = subprocess.Popen(
            [*self.through, sys.executable, "-c", serve],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env=environment(),
        )
        assert self._answer() == "ready"

    def __enter__(self) -> Stable:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate(timeout=60)

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the process that forks has ended"
        return json.loads(line)

    def _ask(self, **request: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def run(self, args: Sequence[str], **how: Any) -> Ended:
        """Run ``soc``. ``kill``: after so many seconds, counted from the log's lock if ``from_lock``. ``stop``: in that phase
        the child stops, until ``resume``. ``env``: its environment; ``limit``: no file larger; ``user``: as which user."""
        return self._ended(work=[list(args)], **how)

    def resume(self) -> Ended:
        """Let the child that stopped go on to its end."""
        return self._ended(then="go on")

    def kill(self) -> Ended:
        """``kill -9`` for the child that stopped."""
        return self._ended(then="kill")

    def _ended(self, **request: Any) -> Ended:
        code, out, err, phase, times = self._ask(**request)
        return Ended(code, out, err, phase, tuple(times))

    def together(self, work: Sequence[Sequence[Sequence[str]]]) -> list[list[tuple[int, str, str]]]:
        """As many children at once as there are lists; each runs the commands of its list in turn. Code, out and err of each."""
        return [[(code, out, err) for code, out, err in each] for each in self._ask(together=[list(map(list, w)) for w in work])]


# --- the process that forks -------------------------------------------------------------------------------------------


class _Shared:
    """What a child tells its parent while it lives: a phase, and when it first came there."""

    SLOTS = 6

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8 * (self.SLOTS + 1))

    @property
    def phase(self) -> int:
        return self._memory[0]

    def enter(self, phase: int, slot: int | None = None) -> None:
        self._memory[0] = phase
        at = 8 * (1 + (phase if slot is None else slot))
        if not any(self._memory[at : at + 8]):
            struct.pack_into("d", self._memory, at, time.monotonic())

    def times(self) -> list[float]:
        found = struct.unpack_from(f"{self.SLOTS}d", self._memory, 8)
        return [at - found[0] if at else 0.0 for at in found]


def _watch(shared: _Shared, stop: int | None) -> None:
    """Tell the phases of the log's transaction, seen from SQLAlchemy's side."""
    import sqlalchemy as sa

    def enter(phase: int) -> None:
        shared.enter(phase)
        if phase == stop:
            os.kill(os.getpid(), signal.SIGSTOP)

    @sa.event.listens_for(sa.Engine, "after_cursor_execute")
    def executed(connection: sa.Connection, cursor: Any, statement: str, *_: Any) -> None:
        in_vault = "vault" in (connection.engine.url.database or "")
        if (statement == "BEGIN IMMEDIATE" and not in_vault) or statement.startswith("LOCK TABLE events"):
            enter(LOCKED)
        elif statement.startswith("INSERT INTO events"):
            enter(WRITTEN)

    @sa.event.listens_for(sa.Engine, "commit")
    def committing(connection: sa.Connection) -> None:
        if shared.phase == WRITTEN and "vault" not in (connection.engine.url.database or ""):
            enter(COMMITTING)

    @sa.event.listens_for(sa.Pool, "checkin")
    def given_back(*_: Any) -> None:
        if shared.phase == COMMITTING:
            shared.enter(OUTSIDE, slot=4)


def _child(request: dict[str, Any], shared: _Shared, answer: BinaryIO) -> None:
    """Run the commands in this process, write what came of them, end."""
    shared.enter(OUTSIDE)
    _watch(shared, request.get("stop"))
    os.environ.update(request.get("env", {}))
    if "limit" in request:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["limit"], resource.RLIM_INFINITY))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if "user" in request:
        os.setgroups([])
        os.setgid(request["user"])
        os.setuid(request["user"])
    results = [run(args) for args in request["work"]]
    shared.enter(shared.phase, slot=5)
    if "limit" in request:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    answer.write(json.dumps([(one.code, one.out, one.err) for one in results]).encode())
    answer.flush()


@dataclass
class _Running:
    pid: int
    shared: _Shared
    answer: BinaryIO

    @classmethod
    def start(cls, request: dict[str, Any]) -> _Running:
        shared, answer = _Shared(), os.fdopen(os.memfd_create("answer"), "w+b")
        pid = os.fork()
        if pid == 0:
            try:
                _child(request, shared, answer)
                os._exit(0)
            finally:
                os._exit(99)
        return cls(pid, shared, answer)

    def kill(self, after: float, from_lock: bool) -> None:
        """``kill -9``, unless it ends before."""
        watched = os.pidfd_open(self.pid)
        try:
            while from_lock and self.shared.phase == OUTSIDE and not select.select([watched], [], [], 0.0001)[0]:
                pass
            select.select([watched], [], [], after)
        finally:
            os.close(watched)
        os.kill(self.pid, signal.SIGKILL)  # a child that has ended is still there to be waited for

    def ended(self) -> list[Any]:
        """What came of its commands; nothing if it was killed."""
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(status):
            return []
        assert os.WEXITSTATUS(status) == 0, f"the child broke: {status}"
        self.answer.seek(0)
        return list(json.loads(self.answer.read()))

    def told(self) -> list[Any]:
        """The answer to ``Stable.run``."""
        code, out, err = next(iter(self.ended()), (None, "", ""))
        return [code, out, err, self.shared.phase, self.shared.times()]


def _serve_one(request: dict[str, Any], stopped: list[_Running]) -> list[Any]:
    if "together" in request:
        children = [_Running.start({"work": work}) for work in request["together"]]
        return [child.ended() for child in children]
    if "then" in request:
        child = stopped.pop()
        os.kill(child.pid, signal.SIGKILL if request["then"] == "kill" else signal.SIGCONT)
        return child.told()
    _let_go(stopped)
    child = _Running.start(request)
    if "stop" in request:
        _, status = os.waitpid(child.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "it never came there"
        stopped.append(child)
        return [None, "", "", child.shared.phase, child.shared.times()]
    if "kill" in request:
        child.kill(request["kill"], request.get("from_lock", False))
    return child.told()


def _let_go(stopped: list[_Running]) -> None:
    """Nobody asked for those that stopped: a test has failed between."""
    while stopped:
        child = stopped.pop()
        os.kill(child.pid, signal.SIGKILL)
        child.ended()


def _warm_up() -> None:
    """Import everything, and run commands once, so that a child has its caches; leave nothing open."""
    from cli.main import COMMANDS, ELSEWHERE

    for name in [ELSEWHERE.get(name, (name,))[0] for name in COMMANDS]:
        import_module(f"cli.{name}")
    for name in ("psycopg", "sqlalchemy.dialects.postgresql.psycopg"):
        import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), f"sqlite:///{folder}/ledger.db").settled()
        world.done("state", "tiny", by=None)
        assert world.soc("check").code < 2
        gc.collect()
        held = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
        assert not [name for name in held if name.startswith(folder)], f"a child would inherit {held}"
    gc.freeze()


def _tell(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def serve() -> None:
    """Do as told, a JSON line a request, until there are no more."""
    _warm_up()
    stopped: list[_Running] = []
    _tell("ready")
    for line in sys.stdin:
        _tell(_serve_one(json.loads(line), stopped))
    _let_go(stopped)
