"""``make mutate``: how well the tests hold the rule kinds and the waterfall. ``python -m tests.mutation FILE…`` tries only these.

The tree is copied and the copy is used, so that who edits the checkout meanwhile disturbs nothing. Exit code 1 where a file that
MUTATION.md publishes is held to less than 90 per cent, or a mutant survives that MUTATION.md does not explain.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from fractions import Fraction
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.run import Broken, Outcome, Task, outcomes, seconds_needed, warmed

ROOT = Path(__file__).parents[2]
COPIED = ("ledger", "projections", "fixtures", "tests", "pyproject.toml", "MUTATION.md")
LIBRARIES = ("numpy", "pydantic", "tomllib", "zoneinfo", "_pytest.assertion.rewrite")
GOAL = Fraction(9, 10)
LOUD = ("argument left out", "call left out", "return value")
SILENT = "of these, without faults that mostly stop the program"
RULES = (
    "tests/projections/rules/test_vectors.py",
    "tests/projections/rules/test_short_term_net_days_1.py",
    "tests/projections/rules/test_net_days_1.py",
    "tests/projections/rules/test_net_of_reimbursement_1.py",
)
TESTS = {
    "projections/rules": RULES,
    "ledger/waterfall.py": ("tests/ledger/test_waterfall_boundaries.py",),
}
"""What is mutated, and the tests that are to see it: quick ones, without chance, and none that compares hashes of files."""


def targets(chosen: list[str]) -> dict[str, tuple[str, ...]]:
    """Every file to mutate and its tests."""
    files = {path: tests for place, tests in TESTS.items() for path in _files(Path(place))}
    return {file: tests for file, tests in files.items() if not chosen or file in chosen}


def _files(place: Path) -> list[str]:
    paths = [place] if place.is_file() else sorted(place.glob("*.py"))
    return [path.as_posix() for path in paths if path.name != "__init__.py"]


def tasks(file: str, tests: tuple[str, ...]) -> list[Task]:
    """A task for each mutant of a file; five times as long as the tests take, and ten seconds more, is too long."""
    seconds = int(5 * seconds_needed(file, tests)) + 10
    return [Task(mutant, tests, seconds) for mutant in mutants(file, Path(file).read_text(encoding="utf-8"))]


def say(text: str = "") -> None:
    """A line of the report."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def report(found: list[tuple[Mutant, Outcome]], explained: str) -> bool:
    """Print every survivor and the score of each file; whether each survivor is explained and every file reaches the goal."""
    survivors = [mutant for mutant, outcome in sorted(found, key=_place) if outcome == "survived"]
    unexplained = [mutant for mutant in survivors if not explains(explained, mutant)]
    for mutant in survivors:
        known = "MUTATION.md does NOT explain it" if mutant in unexplained else "explained in MUTATION.md"
        say("\n".join([f"{mutant.file}:{mutant.line} {mutant.sort}; {known}", *(f"    {line}" for line in mutant.diff)]))
    say()
    counts = Counter((mutant.file, outcome) for mutant, outcome in found)
    scores = [_score(file, counts) for file in sorted({mutant.file for mutant, _ in found})]
    _score("together", Counter(("together", outcome) for _, outcome in found))
    _score(SILENT, Counter((SILENT, outcome) for mutant, outcome in found if mutant.sort not in LOUD))
    return not unexplained and all(score >= GOAL for score in scores)


def _place(one: tuple[Mutant, Outcome]) -> tuple[str, int]:
    return one[0].file, one[0].line


def explains(explained: str, mutant: Mutant) -> bool:
    """Whether MUTATION.md has the mutant's changed lines under the name of its file."""
    sections = {part.partition("\n")[0]: part for part in explained.split("\n### ")[1:]}
    return "\n".join(mutant.diff) in sections.get(f"`{mutant.file}`", "")


def _score(file: str, counts: Counter[tuple[str, Outcome]]) -> Fraction:
    killed, late, survived = (counts[file, outcome] for outcome in ("killed", "out of time", "survived"))
    count = killed + late + survived
    per_mille = 1000 * (killed + late) // count  # never rounded up
    score = f"{per_mille // 10}.{per_mille % 10} %"
    say(f"{file}: {count} mutants, {killed} killed, {late} out of time, {survived} survived: {score}")
    return Fraction(killed + late, count)


def here(chosen: list[str]) -> int:
    """Try every mutant of what stands in the current folder; the exit code."""
    warmed(LIBRARIES)
    every = [task for file, tests in targets(chosen).items() for task in tasks(file, tests)]
    say(f"{len(every)} mutants")
    found = []
    for result in outcomes(every, os.cpu_count() or 1):
        found.append(result)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{len(found)} of {len(every)}")
    return 0 if report(found, Path("MUTATION.md").read_text(encoding="utf-8")) else 1


def main() -> int:
    """Copy the tree and try its mutants there; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description="Mutate the rule kinds and the waterfall.")
    parser.add_argument("files", nargs="*", help="only these, as projections/rules/rebase_1.py")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.here:
        try:
            return here(said.files)
        except Broken as broken:
            say(str(broken))
            return 1
    with tempfile.TemporaryDirectory(prefix="soc-mutants-") as name:
        for one in COPIED:
            copy = shutil.copytree if (ROOT / one).is_dir() else shutil.copy2
            copy(ROOT / one, Path(name) / one)
        alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return subprocess.run([sys.executable, "-m", "tests.mutation", "--here", *said.files], cwd=name, env=alone).returncode


if __name__ == "__main__":
    sys.exit(main())
