"""Every error a user can meet, and the exit code that the command line gives it.

::

    LedgerError
    ├── Refused             1   a rule, a role or a date stands against it
    ├── Usage               2   the question itself cannot be asked: unknown contract, no ledger there
    ├── VerificationFailed  3   what is stored is not what was recorded
    ├── InputRefused        4   a file is refused whole; every fault is listed
    └── Locked              5   another writer holds the ledger

A message says what is wrong, where it stands (file and line, or clause), and what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class LedgerError(Exception):
    """Something that the user can understand and act on.

    ``what`` is wrong, ``where`` it stands (a clause, a file), what to ``do`` next.
    """

    exit_code = 70

    def __init__(self, what: str, *, where: str | None = None, do: str | None = None) -> None:
        self.what, self.where, self.do = what, where, do
        super().__init__(self.__str__())

    def __str__(self) -> str:
        first, newline, rest = self.what.partition("\n")
        text = self.what if self.where is None else f"{first} ({self.where}){newline}{rest}"
        return text if self.do is None else f"{text}\n  → {self.do}"


class Refused(LedgerError):
    """A rule, a role, an amount or a date stands against it; nothing was recorded."""

    exit_code = 1


class Usage(LedgerError):
    """The question itself cannot be asked: unknown contract or ID, no ledger at the URL."""

    exit_code = 2


class VerificationFailed(LedgerError):
    """What is stored is not what was recorded."""

    exit_code = 3


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one file. ``line`` counts from 1, the header included; None: the whole file."""

    file: str
    line: int | None
    what: str
    do: str | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.what}" + (f"\n    → {self.do}" if self.do else "")


class InputRefused(LedgerError):
    """A file is refused whole: every fault is listed, nothing is recorded."""

    exit_code = 4

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        files = sorted({fault.file for fault in self.faults})
        count = len(self.faults)
        super().__init__(
            f"{', '.join(files)} refused: {count} fault{'s' if count != 1 else ''}, nothing recorded",
        )

    def __str__(self) -> str:
        return "\n".join([self.what, *(f"  {fault}" for fault in self.faults)])


class Locked(LedgerError):
    """Another writer holds the ledger, and still did after the wait."""

    exit_code = 5
