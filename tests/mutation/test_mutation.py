"""The mutants themselves: that each sort of fault is made, that a survivor is called one, and that nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.__main__ import TESTS, explains, targets
from tests.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).parents[2]


def changed(source: str) -> list[str]:
    """The changed lines of every mutant."""
    return [line.removeprefix("+ ") for mutant in mutants("toy.py", source) for line in mutant.diff if line[0] == "+"]


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("x = a < b", ["x = a <= b", "x = a >= b"]),
        ("x = a >= 5", ["x = a > 5", "x = a < 5", "x = a >= 6", "x = a >= 4"]),
        ("x = a is not b", ["x = a is b"]),
        ("x = a not in b", ["x = a in b"]),
        ("x = a < b <= c", ["x = a <= b <= c", "x = a >= b <= c", "x = a < b < c", "x = a < b > c"]),
        ("x = a + b", ["x = a - b", "x = a", "x = b"]),
        ("x = a // b * c", ["x = a // b / c", "x = a // b", "x = c", "x = a * b * c", "x = a * c", "x = b * c"]),
        ("x = a and b and c", ["x = a or b or c", "x = b and c", "x = a and c", "x = a and b"]),
        ("x = not a", ["x = a"]),
        ("x = -a", ["x = a"]),
        ("x = True", ["x = False"]),
        ("x = 'word'", ["x = 'word?'"]),
        ("x = f(a, b=c)", ["x = f(b=c)", "x = f(a)", "x = a"]),
        ("f()", ["pass"]),
        ("x += 1", ["x = 1", "x -= 1", "x += 2", "x += 0"]),
        ("x = a if b else c", ["x = a if not b else c", "x = a", "x = c"]),
        ("if a:\n    b = c", ["if not a:", "if True:", "if False:"]),
        ("while a:\n    b = c", ["while not a:"]),
        ("x = [a for a in b if c]", ["x = [a for a in b]", "x = [a for a in b if not c]"]),
        ("def f():\n    return a", ["return"]),
        ("x = max(a.first)", ["x = max()", "x = a.first", "x = min(a.first)", "x = max(a.last)"]),
    ],
)
def test_faults(source: str, faults: list[str]) -> None:
    assert sorted(changed(source)) == sorted(faults)


@pytest.mark.parametrize(
    "source",
    [
        '"""A module."""',
        "from a import b",
        "x: list[int | None]",
        "@cache(maxsize=256)\ndef f(a: int) -> int | None:\n    '''A function.'''",
        "def f():\n    return None",
        "def f(a=None):\n    return",
    ],
)
def test_what_changes_nothing_is_left_alone(source: str) -> None:
    assert changed(source) == []


def test_no_mutant_is_made_twice_and_each_names_its_line() -> None:
    found = list(mutants("toy.py", "x = 1\n\n\ndef f(a):\n    return a + a\n"))
    assert len({mutant.source for mutant in found}) == len(found)
    assert [mutant.line for mutant in found] == sorted(mutant.line for mutant in found)
    assert {mutant.line for mutant in found} == {1, 5}


def test_a_survivor_is_explained_under_its_own_file() -> None:
    mutant = Mutant("a.py", 1, "constant", "", ("- x = 1", "+ x = 2"))
    assert explains("\n### `a.py`\n\n- x = 1\n+ x = 2\n", mutant)
    assert not explains("\n### `b.py`\n\n- x = 1\n+ x = 2\n", mutant)
    assert not explains("\n### `a.py`\n\n- x = 1\n+ x = 3\n", mutant)


def test_every_rule_kind_and_the_waterfall_are_mutated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    kinds = {path.relative_to(ROOT).as_posix() for path in (ROOT / "projections" / "rules").glob("*_[0-9]*.py")}
    assert targets([]).keys() == {*kinds, "ledger/waterfall.py"}
    assert len(kinds) >= 10
    assert all((ROOT / test).is_file() for tests in TESTS.values() for test in tests)


TRY = """
from pathlib import Path
from tests.mutation.mutants import mutants
from tests.mutation.run import Broken, Task, outcomes, seconds_needed

try:
    seconds_needed("toy.py", ("test_toy.py",))
    every = [Task(one, ("test_toy.py",), 2) for one in mutants("toy.py", Path("toy.py").read_text())]
    for mutant, outcome in outcomes(every, 1):
        print(outcome, *(line for line in mutant.diff if line[0] == "+"))
except Broken as broken:
    print("broken:", broken)
"""


def tried(folder: Path, toy: str, test: str) -> set[str]:
    """What becomes of a module's mutants under a test."""
    folder.joinpath("toy.py").write_text(toy)
    folder.joinpath("test_toy.py").write_text(test)
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    run = subprocess.run([sys.executable, "-c", TRY], cwd=folder, env=alone, capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines())


def test_what_a_test_sees_is_killed_and_what_it_does_not_survives(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        "def older(age):\n    return age > 64\n",
        "import toy\n\ndef test_older():\n    assert toy.older(70) and not toy.older(60)\n",
    )
    survivors = {"survived + return age >= 64", "survived + return age > 65", "survived + return age > 63"}
    assert found == {*survivors, "killed + return age <= 64", "killed + return"}
    assert tmp_path.joinpath("toy.py").read_text() == "def older(age):\n    return age > 64\n"


def test_a_mutant_that_never_ends_is_out_of_time(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        "def down(number):\n    while number > 0:\n        number -= 1\n    return number\n",
        "import toy\n\ndef test_down():\n    assert toy.down(3) == 0\n",
    )
    assert {"out of time + number += 1", "killed + number -= 2", "survived + while number >= 1:"} & found == {
        "out of time + number += 1",
        "killed + number -= 2",
    }


def test_tests_that_say_nothing_are_told(tmp_path: Path) -> None:
    (said,) = tried(tmp_path, "x = 1\n", "def test_nothing():\n    pass\n")
    assert said == "broken: no test of toy.py imports it"
    (said,) = tried(tmp_path, "x = 1\n", "import toy\n\ndef test_it():\n    assert toy.x == 2\n")
    assert said.startswith("broken: the tests of toy.py fail without any mutant")
