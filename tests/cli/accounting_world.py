"""A tiny ledger with everything that accounting can be told of, and the files that leave it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from tests.cli import sie_reader
from tests.cli.sie_reader import Sie
from tests.cli.world import BOTH, PAYER, PAYROLL, ROOT, Result, World, absences

EXAMPLES = ROOT / "fixtures" / "accounts"
MAP = (EXAMPLES / "botkyrka.toml").read_text(encoding="utf-8").replace('contract = "botkyrka"', 'contract = "tiny"')
WHOLE = "2019-01..2020-12"
INVOICE = 'F-2 "öre" – 50 €; a, b | c\\d'
LATE = "2030-01-01"


def storied(world: World) -> World:
    """A settled quarter, then the loan, payments, a correction, a redo that lowers it, a dispute, a recovery."""
    by_payer: dict[str, Any] = {"by": PAYER}
    made = ("--made", "--bank-reference", "BG 1")
    world.done("loan", "draw", "tiny", "200000", "--on", "2019-07-22", "--for", "upfront", at="2019-07-22T09:00", **by_payer)
    upfront = ("pay", "upfront", "tiny", "200000", "--on", "2019-01-02", "--invoice", "F-1", *made)
    world.done(*upfront, at="2019-07-22T10:00", **by_payer)
    world.done("loan", "draw", "tiny", "300000", "--on", "2019-08-01", "--for", "internal", at="2019-08-01T10:00", **by_payer)
    due = ("pay", "outcome", "tiny", "--due", "--invoice", INVOICE, "--on")
    world.done(*due, "2019-08-02", at="2019-08-02T10:00", **by_payer)
    world.done(*due, "2019-08-05", *made, at="2019-08-05T10:00", **by_payer)
    world.done("correct", "tiny/L2", "--amount", "250000", "--reason", "less was drawn", at="2019-08-20T10:00", **by_payer)
    world.done("loan", "repay", "tiny", "50000", "--on", "2019-09-02", at="2019-09-02T10:00", **by_payer)
    late = world.file("late.csv", absences(["2019-02"], 1, 0).replace("S7001", "S7999"))
    world.done("import", "absences", "tiny", late, "--source", "payroll", by=PAYROLL, at="2019-09-10T08:00")
    world.done("determine", "tiny", "2019Q1", "--redo", "--reason", "a late note of February", at="2019-09-12T09:00")
    world.done("notify", "tiny/D2", "--on", "2019-09-13", at="2019-09-13T09:00")
    objects = (
        "dispute",
        "raise",
        "tiny/D2",
        "--by",
        "payer",
        "--on",
        "2019-09-20",
        "--grounds",
        "too dear",
        "--savings",
        "100000",
    )
    world.done(*objects, at="2019-09-20T09:00", **by_payer)
    rejected = ("dispute", "resolve", "tiny/X1", "--outcome", "rejected", "--on", "2019-10-10", "--reason", "met", *BOTH)
    world.done(*rejected, at="2019-10-10T09:00")
    recover = ("pay", "recover", "tiny", "1500", "--on", "2019-12-01", "--invoice", "F-3", *made)
    world.done(*recover, at="2019-12-02T10:00", **by_payer)
    world.at = "2019-12-20T09:00"
    return world


def export(
    world: World, form: str, *more: str, period: str = WHOLE, name: str = "out", text: str = MAP, contract: str = "tiny"
) -> Path:
    """A file in that form."""
    file = world.folder / f"{name}.{'si' if form == 'sie' else form}"
    accounts = world.file("map.toml", text)
    world.done("export", form, contract, "--period", period, "--accounts", accounts, *more, "-o", file, by=None)
    return file


def refused(world: World, form: str, *more: str, text: str = MAP, period: str = WHOLE, contract: str = "tiny") -> Result:
    accounts = world.file("map.toml", text)
    file = world.folder / "refused"
    result = world.soc("export", form, contract, "--period", period, "--accounts", accounts, *more, "-o", file, by=None)
    assert not file.exists()
    return result


def sie(file: Path) -> Sie:
    return sie_reader.read(file.read_bytes())


def names(form: str, text: str = MAP) -> dict[str, str]:
    key = "number" if form == "sie" else form
    return {account: one[key] for account, one in tomllib.loads(text)["accounts"].items()}
