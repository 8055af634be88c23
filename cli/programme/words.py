"""What records of programmes say, in a line; and stated figures as readers write them."""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from ledger import events as e
from ledger.money import decimals, rounded, shown

FIGURES: dict[e.StatedOf, str] = {
    "investment": "investment",
    "maximum-payments": "maximum outcome payments",
    "employees": "employees",
}
"""What is stated, as readers write it."""


def told_of_programme(event: e.ProgrammeEvent) -> str:
    """What the record says, for a register."""
    match event:
        case e.ProgrammeFormed():
            return f"programme {event.id} formed from {event.from_on} of {', '.join(event.contracts)}: {event.name}"
        case e.ProgrammeChanged():
            joins = [f"{', '.join(event.joins)} join{'' if event.joins[1:] else 's'}"] if event.joins else []
            leaves = [f"{', '.join(event.leaves)} leave{'' if event.leaves[1:] else 's'}"] if event.leaves else []
            roles = ", ".join(role.replace("_", " ") for role in event.agreed_by)
            moved = " and ".join(joins + leaves)
            return f"programme {event.id}: {moved} from {event.from_on}, agreed by {roles}: {event.reason}"
        case _:
            assert_never(event)


def in_unit(value: Fraction, unit: e.StatedUnit) -> str:
    """A figure as it is printed: kronor and euro with öre and cent, employees whole."""
    return decimals(value, 0) if unit == "employees" else f"{shown(rounded(value * 100))} {unit}"
