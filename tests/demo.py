"""The demo, built once for all test processes: twice, so that the two can be compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.world import World, environment

BUILT = "built"
"""Written when both builds are done; other test processes wait for it."""


def _build(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from cli.main import main; main()", "demo", "--to", "demo"]
    (folder / "demo").mkdir(parents=True)
    with (folder / "out").open("w", encoding="utf-8") as out, (folder / "err").open("w", encoding="utf-8") as err:
        return subprocess.Popen(command, stdout=out, stderr=err, text=True, cwd=folder, env={**environment(), "PYTHONUTF8": "1"})


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two builds, made at the same time, once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "two-demos"
    folders = shared / "one", shared / "two"
    try:
        shared.mkdir()
    except FileExistsError:
        began = time.monotonic()
        while not (shared / BUILT).exists():
            assert time.monotonic() - began < 900, "another test process builds the demo, and does not end"
            time.sleep(0.2)
    else:
        processes = [_build(folder) for folder in folders]
        try:
            for process in processes:
                process.wait(timeout=900)
        finally:
            (shared / BUILT).write_text(json.dumps([process.poll() for process in processes]))
    assert json.loads((shared / BUILT).read_text()) == [0, 0], (folders[0] / "err").read_text()
    return folders


@pytest.fixture(scope="session")
def demo(builds: tuple[Path, Path]) -> World:
    return World(builds[0] / "demo", f"sqlite:///{builds[0] / 'demo' / 'ledger.db'}")
