"""The audit report as sections of sentences and tables, from which its text, JSON and workbook are made, so that all say the
same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cli.workbook import Column
from ledger.record import Recorded
from projections.names import short_name


@dataclass(frozen=True)
class Brief:
    """What the text shows of a table: fewer columns, rows that say the same together. ``figures``: the columns aligned to the
    right; ``most``: how many rows at most, and how many more there are is said."""

    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]
    figures: Sequence[int] = ()
    most: int = 10


@dataclass(frozen=True)
class Table:
    """``key``: its name in JSON; ``title``: that of its sheet, at most 29 characters; ``columns`` as in ``cli/workbook.py``, with
    tuples for several values in a cell. ``brief``: None for a table that the text leaves to the workbook."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    brief: Brief | None = None


@dataclass(frozen=True)
class Section:
    """``says``: what is true of the whole, in sentences; first what needs an answer."""

    key: str
    title: str
    says: Sequence[str]
    tables: Sequence[Table] = ()


class Names:
    """How records are named: as ``soc explain`` takes them, and in short where the contract is known."""

    def __init__(self, contract_id: str, records: Iterable[Recorded[Any]]) -> None:
        self._contract = contract_id
        self._records = {record.position: record for record in records}

    def full(self, position: int) -> str:
        """``botkyrka/114``; ``record 113`` for one of the national series, which is common to all contracts."""
        common = self._records[position].stream.startswith("trend/")
        return f"record {position}" if common else f"{self._contract}/{position}"

    def short(self, position: int) -> str:
        """``114 D1``: its number, and its short name where it has one; ``113 trend`` for one of the national series."""
        record = self._records[position]
        named = "trend" if record.stream.startswith("trend/") else short_name(record)
        return f"{position} {named}" if named else str(position)

    def several(self, positions: Iterable[int], most: int = 3) -> str:
        """Some of them in short, and how many more."""
        return some([self.short(position) for position in positions], most)

    def every(self, positions: Iterable[int]) -> tuple[str, ...]:
        """All of them in full."""
        return tuple(map(self.full, positions))


def some(named: Sequence[str], most: int = 3) -> str:
    """The first few of a list, and how many more there are."""
    if len(named) <= most + 1:
        return ", ".join(named)
    return f"{', '.join(named[:most])} and {len(named) - most} more"


def number(count: int, one: str, more: str | None = None) -> str:
    """``1 payment``, ``2 payments``; ``no payment``."""
    if not count:
        return f"no {one}"
    return f"{count} {one if count == 1 else more or f'{one}s'}"


def grouped(rows: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    """Rows by what they have in common, in order."""
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def cut(said: str, most: int = 70) -> str:
    """A sentence as far as a line of the text has place; the workbook has the whole."""
    return said if len(said) <= most else f"{said[: most - 1].rstrip()}…"


def documents(record: Recorded[Any]) -> tuple[str, ...]:
    """The names of the documents that a record rests on."""
    return tuple(document.document for document in record.evidence)
