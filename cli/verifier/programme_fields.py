"""The types of records of a programme, with their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

STATED_STATUSES = ("published", "derived", "assumed")


def faults_of_stated(stated: Mapping[str, Any]) -> Iterator[str]:
    """A unit that fits the figure, and something to round to."""
    if (stated["figure"] == "employees") != (stated["unit"] == "employees"):
        yield f"{stated['figure']} is never in {stated['unit']}"
    if Fraction(stated["value"]) <= 0 or Fraction(stated["nearest"]) <= 0:
        yield "value or nearest is not above zero"


def faults_of_rate(rate: Mapping[str, Any]) -> Iterator[str]:
    """Some kronor for a unit."""
    if Fraction(rate["sek"]) <= 0:
        yield "sek is not above zero"


def faults_of_formed(data: Mapping[str, Any]) -> Iterator[str]:
    """At least one contract."""
    if not data["contracts"]:
        yield "it has no contract"


def faults_of_changed(data: Mapping[str, Any]) -> Iterator[str]:
    """Some contract joins or leaves, and none does both."""
    if not (data["joins"] or data["leaves"]) or set(data["joins"]) & set(data["leaves"]):
        yield "no contract joins or leaves, or one does both"


PROGRAMME_FIELDS: dict[str, dict[str, Any]] = {
    "ProgrammeFormed@1": {
        "": faults_of_formed,
        "id": "name40",
        "name": "line",
        "contracts": ["name40"],
        "from_on": "day",
        "stated": [
            {
                "": faults_of_stated,
                "figure": ("investment", "maximum-payments", "employees"),
                "value": "number",
                "unit": ("SEK", "EUR", "employees"),
                "nearest": "number",
                "words": "line",
                "status": STATED_STATUSES,
                "source": "line",
            }
        ],
        "rates": [{"": faults_of_rate, "currency": ("EUR",), "sek": "number", "status": STATED_STATUSES, "source": "line"}],
    },
    "ProgrammeChanged@1": {
        "": faults_of_changed,
        "id": "name40",
        "from_on": "day",
        "joins": ["name40"],
        "leaves": ["name40"],
        "agreed_by": ["role"],
        "reason": "text",
    },
}
