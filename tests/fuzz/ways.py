"""The ways in which files are sent, and the good files that fuzzing begins with."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ledger.imports import recognise
from ledger.periods import Period
from tests.cli.world import ROOT

GOOD = ROOT / "fixtures" / "imports" / "good"


class Way(NamedTuple):
    """A way to send a file: what it is given for, in which contract, with which options."""

    kind: str
    contract: str
    options: tuple[str, ...] = ()

    def command(self, path: Path) -> list[str | Path]:
        """The arguments of ``soc``."""
        if self.kind == "trend":
            return ["import", "trend", path]
        return ["import", self.kind, self.contract, path, *self.options]

    def said(self, option: str) -> str:
        """What an option says, nothing where it is not given."""
        return dict(zip(self.options[::2], self.options[1::2], strict=True)).get(option, "")

    def period(self, option: str) -> Period | None:
        """The period that an option says."""
        return Period.parse(self.said(option)) if self.said(option) else None


def _absences(contract: str, *options: str, source: str = "payroll") -> Way:
    return Way("absences", contract, ("--source", source, *options))


WAYS = {
    "csv": (
        _absences("tiny"),
        _absences("tiny", "--period", "2019-09"),
        _absences("tiny", "--complete", "2019-09"),
        _absences("tiny", "--complete", "2019-08..2019-10", "--workplaces", "Förskolan Ängen,Hemtjänsten Norr"),
        _absences("tiny", "--complete", "2019-09..2020-03", source="other"),
        _absences("coded", "--complete", "2020-05..2020-06"),
        Way("workforce", "tiny"),
        Way("trend", "tiny"),
    ),
    "paxml": (
        _absences("tiny"),
        _absences("tiny", "--period", "2019-09"),
        _absences("coded", "--complete", "2019-09"),
        _absences("coded"),
        _absences("tiny", "--complete", "2019-08..2019-10", "--workplaces", "Förskolan Ängen,101", source="other"),
    ),
}
"""How files of each format are sent; the first byte of what a fuzzer makes says which."""


def way_of(form: str, data: bytes) -> Way:
    """The way that the first byte says."""
    return WAYS[form][data[0] % len(WAYS[form])] if data else WAYS[form][0]


def seeds(form: str) -> list[bytes]:
    """Good files, each sent in every way that fits its kind."""
    found = []
    for path in sorted(GOOD.iterdir()):
        content = path.read_bytes()
        if recognise.form(content) == form:
            kind = recognise.kind(content, path.name)
            found += [bytes([number]) + content for number, way in enumerate(WAYS[form]) if way.kind == kind]
    return found
