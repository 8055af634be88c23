"""Start-up is part of speed: what a command does not need is not imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.world import ROOT, World, environment

ASK = """
import sys
from cli.main import main
try:
    main()
except SystemExit as left:
    loaded = [name for name in ("sqlalchemy", "pydantic", "numpy", "eventsourcing", "psycopg", "tabulate") if name in sys.modules]
    print(left.code, *loaded, file=sys.stderr)
"""


def loaded(*args: str) -> tuple[str, set[str]]:
    """The exit code, and which heavy packages a run of ``soc`` imported."""
    found = subprocess.run(
        [sys.executable, "-c", ASK, *args], capture_output=True, text=True, cwd=ROOT, env=environment(), timeout=60
    )
    code, *names = found.stderr.splitlines()[-1].split()
    return code, set(names)


@pytest.mark.parametrize("args", [("--help",), ("-h",), ("--version",), ()])
def test_help_imports_click_alone(args: tuple[str, ...]) -> None:
    code, names = loaded(*args)
    assert names == set()
    assert code == ("2" if not args else "0")


def test_state_imports_no_numpy(settled: World) -> None:
    for more in ((), ("-O", "json"), ("--as-of", "2019-03-31", "--known-at", "10")):
        code, names = loaded("--ledger", settled.ledger, "state", "tiny", *more)
        assert code == "0"
        assert "numpy" not in names
        assert "psycopg" not in names


@pytest.mark.parametrize("question", [("portfolio",), ("pay", "list"), ("register", "tiny"), ("contract", "show", "tiny")])
def test_other_questions_of_money_import_no_numpy(settled: World, question: tuple[str, ...]) -> None:
    code, names = loaded("--ledger", settled.ledger, *question)
    assert code == "0"
    assert "numpy" not in names
