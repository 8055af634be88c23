"""Tests run on mutants: each in a process of its own, in which the mutant stands in the module's place and on no disk."""

from __future__ import annotations

import importlib.abc
import importlib.util
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Literal, NamedTuple

import pytest

from tests.mutation.mutants import Mutant

Outcome = Literal["killed", "out of time", "survived"]
QUIET = ["-x", "-q", "-p", "no:cacheprovider"]
FAILED = (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)  # interrupted: a test module did not even import


class Broken(Exception):
    """What says nothing about a mutant: tests that fail without one, that do not run, or that never import it."""


class InPlace(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module a source of our own."""

    def __init__(self, file: str, source: str) -> None:
        self.name = file.removesuffix(".py").replace("/", ".")
        self.code: CodeType = compile(source, file, "exec")
        self.imported = False

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """The module's, if it is this one."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the source as the module."""
        self.imported = True
        exec(self.code, vars(module))


class Task(NamedTuple):
    """One mutant and the tests that are to kill it, within so many seconds."""

    mutant: Mutant
    tests: tuple[str, ...]
    seconds: int


def outcomes(tasks: Sequence[Task], processes: int) -> Iterator[tuple[Mutant, Outcome]]:
    """What became of each mutant, in no order. Raises Broken. The tests run in the current folder."""
    with _pool(processes) as pool:
        yield from pool.imap_unordered(_outcome, tasks)


def seconds_needed(file: str, tests: tuple[str, ...]) -> float:
    """How long the tests take on the program as it is. Raises Broken unless they are green and import it."""
    unchanged = Mutant(file, 0, "none", Path(file).read_text(encoding="utf-8"), ())
    begun = time.monotonic()
    with _pool(1) as pool:
        if pool.apply(_outcome, (Task(unchanged, tests, 600),)) != (unchanged, "survived"):
            raise Broken(f"the tests of {file} fail without any mutant; see: python -m pytest {' '.join(tests)}")
    return time.monotonic() - begun


def _pool(processes: int) -> multiprocessing.pool.Pool:
    """Processes that each do one task: what they import is gone with them, and pytest is there already."""
    return multiprocessing.get_context("fork").Pool(processes, _prepare, maxtasksperchild=1)


def _prepare() -> None:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    signal.signal(signal.SIGALRM, _too_long)


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TimeoutError


def _outcome(task: Task) -> tuple[Mutant, Outcome]:
    mutant = task.mutant
    place = InPlace(mutant.file, mutant.source)
    assert place.name not in sys.modules
    sys.meta_path.insert(0, place)
    begun = time.monotonic()
    signal.alarm(task.seconds)
    code = pytest.main([*QUIET, *task.tests])
    signal.alarm(0)
    if not place.imported:
        raise Broken(f"no test of {mutant.file} imports it")
    if code == pytest.ExitCode.OK:
        return mutant, "survived"
    if code not in FAILED:
        raise Broken(f"pytest ended with {code!r} on {mutant.file}:{mutant.line}, {' '.join(mutant.diff)}")
    return mutant, "out of time" if time.monotonic() - begun >= task.seconds else "killed"


def warmed(modules: Iterable[str]) -> None:
    """Import libraries once for all processes; never what is mutated."""
    for name in modules:
        importlib.import_module(name)
