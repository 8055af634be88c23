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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

FAULTS_LISTED = 1000
"""So many faults of a file are listed; a last one says how many more there are."""


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
        return text if self.do is None else f"{text}\n  → {_sentence(self.do)}"


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
        name = _on_one_line(self.file)
        place = name if self.line is None else f"{name}:{self.line}"
        return f"{place}: {self.what}" + (f"\n    → {_sentence(self.do)}" if self.do else "")


def _sentence(advice: str) -> str:
    """Advice as it is shown: with a capital, unless it begins with a command."""
    return advice if advice.startswith("soc ") else advice[:1].upper() + advice[1:]


def _on_one_line(name: str) -> str:
    """A file's name with control characters and marks of direction written out: a terminal would act upon them."""
    return "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in name)


class InputRefused(LedgerError):
    """A file is refused whole, and the first FAULTS_LISTED faults are listed, as they come.

    ``more``: how many there are beyond those given. ``count``: all of them.
    """

    exit_code = 4

    def __init__(self, faults: Iterable[Fault], more: int = 0) -> None:
        given = iter(faults)
        listed = list(islice(given, FAULTS_LISTED))
        more += sum(1 for _ in given)
        rest = Fault(listed[0].file, None, f"{more} more faults are not listed", _REST) if more else None
        self._tell([*listed, rest] if rest else listed, len(listed) + more)

    @classmethod
    def together(cls, refusals: Sequence[InputRefused]) -> InputRefused:
        """The refusals of several files as one."""
        whole = cls(())
        whole._tell([fault for one in refusals for fault in one.faults], sum(one.count for one in refusals))
        return whole

    def _tell(self, listed: Sequence[Fault], count: int) -> None:
        self.faults, self.count = tuple(listed), count
        files = sorted({_on_one_line(fault.file) for fault in listed})
        super().__init__(f"{', '.join(files)} refused: {count} fault{'s' if count != 1 else ''}")

    def __str__(self) -> str:
        return "\n".join([self.what, *(f"  {fault}" for fault in self.faults)])


_REST = "Correct these and import the file again."


class Faults:
    """What is wrong in one file, gathered: the first FAULTS_LISTED in order of line are kept and the others counted, so that a
    file in which every line is wrong takes no more memory than a right one."""

    def __init__(self, file: str) -> None:
        self.file, self.count = file, 0
        self._kept: list[Fault] = []
        self._from: int | None = None  # no fault from this line on would be listed

    def add(self, line: int | None, what: str, do: str | None = None) -> None:
        """Note that something is wrong there."""
        if not self.passes_over(line):
            self.count += 1
            self._kept.append(Fault(self.file, line, what, do))
            if len(self._kept) == 2 * FAULTS_LISTED:
                self._kept = self._first()
                self._from = self._kept[-1].line or 0

    def __bool__(self) -> bool:
        return self.count > 0

    def passes_over(self, line: int | None) -> bool:
        """Whether a fault there would not be listed; then it is counted now, and its words need not be made."""
        beyond = self._from is not None and (line or 0) >= self._from
        self.count += beyond
        return beyond

    def include(self, other: Faults) -> None:
        """Add what another reading of the file gathered."""
        for fault in other._kept:
            self.add(fault.line, fault.what, fault.do)
        self.count += other.count - len(other._kept)

    def refuse(self) -> None:
        """Return if there is no fault. Raises InputRefused with the faults in order of line."""
        if self:
            listed = self._first()
            raise InputRefused(listed, self.count - len(listed))

    def _first(self) -> list[Fault]:
        return sorted(self._kept, key=lambda fault: fault.line or 0)[:FAULTS_LISTED]


class Locked(LedgerError):
    """Another writer holds the ledger, and still did after the wait."""

    exit_code = 5
