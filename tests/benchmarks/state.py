"""``soc state``: in process, at many postings, beside hledger's balances of the same postings."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from ledger.facts import contract_stream
from ledger.log import Log
from projections.read_model import Book
from projections.state import State, state
from tests.benchmarks import many_postings
from tests.benchmarks.figures import Figure, beside, paired, process

SOC = [sys.executable, "-c", "from cli.main import main; main()"]


def figures(folder: Path, demo: str) -> list[Figure]:
    """In process at 20 000 and 100 000 postings, with and without corrections, and the whole process on the demo."""
    found = []
    for many, goal in ((20_000, "≤ 10 ms"), (100_000, "≤ 30 ms")):
        plain = many_postings.ledger(folder, many, corrected=False)
        corrected = many_postings.ledger(folder, many, corrected=True)
        found.append(_beside_hledger(folder, plain, many, goal))
        one, other = paired(lambda log=corrected: _state(log), lambda log=plain: _state(log))
        found.append(beside(f"the same, half of them corrections, {many:,}", one, "no slower", "without corrections", other))
    one, other = paired(
        process(*SOC, "--ledger", demo, "state", "botkyrka"),
        process(sys.executable, "-c", "import click, sqlalchemy, pydantic, eventsourcing.persistence"),
    )
    found.append(beside("soc state, whole process", one, "≤ 500 ms", "importing its libraries", other))
    one, other = paired(process(*SOC, "--help"), process(sys.executable, "-c", "import click"))
    found.append(beside("soc --help, whole process", one, "≤ 80 ms", "importing click", other))
    return found


def _state(log: Log) -> State:
    with log.recorder.view():
        facts = log.facts()
        return state(facts, "botkyrka", book=Book(log.recorder, facts))


def _beside_hledger(folder: Path, log: Log, many: int, goal: str) -> Figure:
    what = f"state in process, {many:,} postings in one contract"
    if shutil.which("hledger") is None:
        one, other = paired(lambda: _state(log), log.facts)
        return beside(what, one, goal, "hledger is not installed; opening the facts", other)
    file = folder / f"{many}.journal"
    file.write_text(many_postings.journal(log.facts().stream(contract_stream("botkyrka"))), encoding="utf-8")
    said = _state(log)
    ask = ["hledger", "-f", str(file), "bal", "-e", "2020-06-16", "liabilities:outcome:paid"]
    balance = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
    found = re.search(r"([0-9.]+) SEK", balance)
    assert found is not None
    assert round(float(found[1]) * 100) == said.provider.paid, f"hledger says {balance}"
    one, other = paired(lambda: _state(log), process(*ask[:-1]), runs=5)
    return beside(what, one, goal, "hledger bal -e, whole process, same balance", other)
