"""The findings of a statement: what a reader must know beside its months, each said once, and as its audience may read it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ledger.events import AnyMonth
from ledger.periods import Month
from projections.audience import FEWEST
from projections.statements.people import FEW

Said = tuple[Month, str]
"""A finding as it stands on record, and the month that it was made in."""


@dataclass(frozen=True)
class Finding:
    """What a reader must know, said once: the months that it is about, and the reference months where it is about those."""

    what: str
    months: tuple[Month, ...]
    reference: tuple[Month, ...] = ()


class NotCounted(NamedTuple):
    """Net days × 100 at a workplace that had no employees in the month (rule 1)."""

    month: Month
    workplace: str
    hundredths: int


_REFERENCE = re.compile(r"reference month ([0-9]{4}-[0-9]{2}): (.*)", re.DOTALL)
_CROWDED = re.compile(r"([0-9]+) people were absent from .*, which had [0-9]+ employees", re.DOTALL)
_NOT_COUNTED = re.compile(r"([0-9]+)\.([0-9]{2}) net days at (.*), which had no employees, are not counted", re.DOTALL)


def findings(months: Iterable[AnyMonth], hidden: Collection[Said] = ()) -> list[Finding]:
    """Equal findings once, with the months that they were made in and the reference months that they are about; those that are
    ``hidden`` without workplace and figures."""
    grouped: dict[tuple[str, bool], tuple[list[Month], list[Month]]] = {}
    for month in months:
        for said in told(month, hidden):
            about, what = _split(said)
            made, reference = grouped.setdefault((what, about is not None), ([], []))
            if month.month not in made:
                made.append(month.month)
            if about is not None:
                reference.append(about)
    return [Finding(what, tuple(made), tuple(sorted(set(about)))) for (what, _), (made, about) in grouped.items()]


def told(month: AnyMonth, hidden: Collection[Said]) -> list[str]:
    """A month's findings, each once; those that are ``hidden`` without workplace and figures."""
    return list(dict.fromkeys(_without_figures(said) if (month.month, said) in hidden else said for said in month.findings))


def few_were_absent(said: str) -> bool:
    """Whether it says that people were absent, and fewer than five."""
    found = _CROWDED.fullmatch(_split(said)[1])
    return found is not None and int(found[1]) < FEWEST


def not_counted(month: Month, said: str) -> NotCounted | None:
    """What a finding made in a month says of days that are not counted; None where it says something else."""
    about, what = _split(said)
    found = _NOT_COUNTED.fullmatch(what)
    return None if found is None else NotCounted(about or month, found[3], int(found[1] + found[2]))


def _split(said: str) -> tuple[Month | None, str]:
    """The reference month that a finding is about, and what it says."""
    found = _REFERENCE.fullmatch(said)
    return (None, said) if found is None else (Month.parse(found[1]), found[2])


def _without_figures(said: str) -> str:
    about, what = _split(said)
    kept = "more people were absent from a workplace than it had employees"
    if _CROWDED.fullmatch(what) is None:
        kept = "net days at workplaces without employees are not counted"
    return f"{'' if about is None else f'reference month {about}: '}{kept} ({FEW})"
