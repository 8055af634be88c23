"""Who may see what of a month's absences. Only the employer sees every cell; to all others a cell is shown that rests on at least
five absent persons, and what is withheld does not follow from the rest.

A table's total is exact and public, for it is what is paid by: whoever has it and all cells but one has that one too. So where a
cell is withheld others are with it, at least two in all, and such that together they rest on at least five persons: what can be
had by subtraction is then a figure of five or more. Where not even all cells rest on as many, all are withheld, and the total
says what it says.

Each table is protected by itself. By workplace and by cause may both be shown, because all that they have in common is the total;
a table of both at once would give to each of them what the other withholds, and is for the employer alone. So are figures by
report, for a report often covers one workplace, and single lines. A table of several months is not shown beside tables of each.

What this cannot prevent: the same month at two moments of knowledge differs by exactly what came between, be it one spell, for
the totals of both are exact; one of five may take the own days from what the five share; where one cause, or one workplace, has
all days of a month, the other table speaks of it alone. A headcount is not an absence, and public: a workplace without employees
counts nothing, and is in no table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from projections.facts_used import AbsencesUsed, Cell, Tally, Tokens

Audience = Literal["payer", "provider", "auditor", "public"]
"""Who will read: the payer is the employer; an auditor sees what the provider sees."""

NARROWEST: Audience = "public"
"""For whom what is handed over is made, unless something else is said."""

FEWEST = 5
"""Absent persons that a cell must rest on to be shown to others than the employer."""

WITHHELD = "withheld"
"""What stands in place of a figure."""

Together = Callable[[Collection[str]], int]
"""How many distinct persons the cells of those names rest on together."""


def is_employer(audience: Audience) -> bool:
    """Whether the audience is the absent persons' employer, who knows them all."""
    return audience == "payer"


def withheld(persons: Mapping[str, int], audience: Audience, together: Together | None = None) -> frozenset[str]:
    """The names of a table's cells that are withheld. ``persons``: how many distinct absent persons each cell rests on, those
    without any included; ``together``: counts those of several, since one person may be in two; without it all cells are withheld
    where one must be.

    Of cells that rest on enough, those on the fewest are withheld first; of as many, in order of name.
    """
    few = {name for name, number in persons.items() if number < FEWEST}
    if is_employer(audience) or not few:
        return frozenset()
    if together is None:
        return frozenset(persons)
    more = sorted(persons.keys() - few, key=lambda name: (persons[name], name))
    while more and together(few) < FEWEST:  # never of one cell: that alone rests on too few
        few.add(more.pop(0))
    return frozenset(few)


@dataclass(frozen=True)
class Row:
    """One cell of a table: spells, and net days × 100; None where they are withheld."""

    name: str
    spells: int | None
    hundredths: int | None

    @property
    def withheld(self) -> bool:
        """Whether its figures are withheld."""
        return self.spells is None


@dataclass(frozen=True)
class Table:
    """The cells that an audience may see, in order of name, and of those ``withheld`` how many there are and what they have
    together. ``spells``, ``hundredths``: of all cells, exact."""

    rows: tuple[Row, ...]
    withheld: int
    withheld_spells: int
    withheld_hundredths: int
    spells: int
    hundredths: int


def by_workplace(used: AbsencesUsed, audience: Audience) -> Table:
    """The month's actual days by workplace; each that had employees, also where nobody was absent."""
    return _table({name: [one for one in used.cells if one.workplace == name] for name in used.workplaces}, audience)


def by_cause(used: AbsencesUsed, audience: Audience) -> Table:
    """The month's actual days by cause; each that counts, also where it has none."""
    return _table({name: [one for one in used.cells if one.cause == name] for name in used.causes}, audience)


def tables(used: AbsencesUsed, audience: Audience) -> tuple[Table, Table]:
    """By workplace and by cause."""
    return by_workplace(used, audience), by_cause(used, audience)


def not_used(used: AbsencesUsed, audience: Audience) -> Table | None:
    """The lines of the month's window that are not used, by fate and reason; they add no days. Their number is not a figure that
    anyone is paid by: where they rest on too few persons all together, there is no table, and neither their number nor the
    window's may be shown; only that none is left over."""
    tallies = [one for one in used.tallies if one.fate != "used"]
    if not is_employer(audience) and 0 < distinct(tallies) < FEWEST:
        return None
    by_reason: dict[str, list[Tally]] = {}
    for one in tallies:
        by_reason.setdefault(f"{one.fate}: {one.why}", []).append(one)
    return _table(by_reason, audience)


def distinct(parts: Iterable[Cell | Tally]) -> int:
    """How many persons cells or tallies rest on together."""
    return len(Tokens().union(*(one.who for one in parts)))


def _table(cells: Mapping[str, list[Cell]] | Mapping[str, list[Tally]], audience: Audience) -> Table:
    def together(names: Collection[str]) -> int:
        return distinct(one for name in names for one in cells[name])

    hidden = withheld({name: together((name,)) for name in cells}, audience, together)
    sums = {name: (sum(map(_count, some)), sum(one.hundredths for one in some)) for name, some in cells.items()}
    rows = (Row(name, *((None, None) if name in hidden else sums[name])) for name in sorted(cells))
    return Table(
        rows=tuple(rows),
        withheld=len(hidden),
        withheld_spells=sum(sums[name][0] for name in hidden),
        withheld_hundredths=sum(sums[name][1] for name in hidden),
        spells=sum(count for count, _ in sums.values()),
        hundredths=sum(days for _, days in sums.values()),
    )


def _count(one: Cell | Tally) -> int:
    return one.spells if isinstance(one, Cell) else one.lines
