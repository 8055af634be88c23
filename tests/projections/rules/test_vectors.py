"""Golden vectors of the rule kinds: what each function of a kind gives, worked out by hand, for as long as the kind exists."""

from __future__ import annotations

import tomllib
from importlib import import_module
from inspect import getmembers, isfunction
from pathlib import Path
from typing import Any

import pytest

from tests.projections.rules.reading import RUN, Case, told

VECTORS = sorted(Path(__file__).parent.joinpath("vectors").iterdir())
KINDS = Path(__file__).parents[3] / "projections" / "rules"


def cases(path: Path) -> list[dict[str, Any]]:
    """A kind's cases."""
    every: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    return every


def kind_of(path: Path) -> str:
    """``rebase@1`` of ``rebase@1.toml`` and of ``rebase_1.py``."""
    return path.name.removesuffix(".toml") if "@" in path.name else "@".join(path.stem.replace("_", "-").rsplit("-", 1))


EVERY = [
    pytest.param(kind_of(path), case, id=f"{kind_of(path)} {case['function']}: {case['what']}")
    for path in VECTORS
    for case in cases(path)
]


@pytest.mark.parametrize(("kind", "case"), EVERY)
def test_a_vector(kind: str, case: Case) -> None:
    found = told(RUN[f"{kind} {case['function']}"](case))
    expected = {key: case[key] for key in ("result", "left_out", "kept") if key in case}
    assert (found if isinstance(found, dict) else {"result": found}) == expected


def test_every_kind_has_vectors_and_says_how_they_were_made() -> None:
    kinds = {kind_of(path) for path in KINDS.glob("*.py") if path.name != "__init__.py"}
    assert {kind_of(path) for path in VECTORS} == kinds
    assert [path.name for path in VECTORS if not path.read_text(encoding="utf-8").startswith("# ")] == []


@pytest.mark.parametrize("path", VECTORS, ids=kind_of)
def test_every_public_function_of_a_kind_has_vectors(path: Path) -> None:
    kind = kind_of(path)
    module = import_module(f"projections.rules.{kind.replace('-', '_').replace('@', '_')}")
    public = {
        name
        for name, function in getmembers(module, isfunction)
        if not name.startswith("_") and function.__module__ == module.__name__
    }
    assert {case["function"] for case in cases(path)} == public == {name.split()[1] for name in RUN if name.split()[0] == kind}
