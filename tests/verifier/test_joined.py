"""The verifier that auditors are handed: one file, the standard library alone, the same as its parts."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.verifier import recompute
from cli.verifier.joined import in_order, joined, sources
from tests.verifier.test_recompute import changed, first, story

TREE = ast.parse(joined())
RECOMPUTE = """
import json, sys, types
verify = types.ModuleType("verify")
sys.modules["verify"] = verify
exec(compile(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1], "exec"), verify.__dict__)
said = json.load(sys.stdin)
lines = {int(position): columns for position, columns in said["lines"].items()}
print(json.dumps([verify.recompute(said["records"], lines, [], said["states"]), verify.questions_asked(said["records"], lines)]))
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "verify.py"
    path.write_text(joined(), encoding="utf-8")
    return path


def run(*arguments: Any, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", *map(str, arguments)], input=said, capture_output=True, text=True, encoding="utf-8", check=False
    )


def imported() -> Iterator[str]:
    for node in ast.walk(TREE):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module or ""


def defined() -> Iterator[str]:
    for node in TREE.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (name.asname or name.name for name in node.names)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))


def test_it_imports_the_standard_library_alone() -> None:
    names = set(imported())
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    assert "hashlib" in names
    assert [node.module for node in TREE.body if isinstance(node, ast.ImportFrom)].count("__future__") == 1


def test_no_name_is_defined_twice() -> None:
    assert [name for name, times in Counter(defined()).items() if times > 1] == []


def test_every_part_is_in_it_and_after_those_that_it_needs() -> None:
    trees = {name: ast.parse(text) for name, text in sources().items()}
    order = in_order(trees)
    assert sorted(order) == sorted(sources())
    assert order.index("calendar") < order.index("facts") < order.index("recompute") < order.index("main")
    assert [line.split()[2] for line in joined().splitlines() if line.startswith("# === ")] == order


def test_parts_that_import_each_other_are_refused() -> None:
    trees = {"one": ast.parse("from cli.verifier.two import x"), "two": ast.parse("from cli.verifier.one import y")}
    with pytest.raises(ValueError, match="parts import each other: one, two"):
        in_order(trees)


def test_it_is_the_same_each_time() -> None:
    once = joined()
    joined.cache_clear()
    assert joined() == once


def test_it_runs_by_itself(script: Path) -> None:
    helped = run(script, "--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    assert "BUNDLE" in helped.stdout
    assert run(script).returncode == 2


def test_it_recomputes_as_its_parts_do(script: Path) -> None:
    records, lines, states = story()
    said = json.dumps({"records": records, "lines": lines, "states": states})
    found = run("-c", RECOMPUTE, script, said=said)
    assert (found.returncode, found.stderr) == (0, "")
    ours = [recompute.recompute(records, lines, [], states), recompute.questions_asked(records, lines)]
    assert json.loads(found.stdout) == json.loads(json.dumps(ours))
    assert json.loads(found.stdout)[0][0] == []
    wrong = changed(first("SavingsNotified")["position"], "data.claim.amount_ore", 1)
    found = run("-c", RECOMPUTE, script, said=json.dumps({"records": wrong, "lines": lines, "states": states}))
    assert json.loads(found.stdout)[0] == json.loads(json.dumps(recompute.recompute(wrong, lines, [], states)))
    assert json.loads(found.stdout)[0][0] != []
