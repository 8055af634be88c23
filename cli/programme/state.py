"""``soc programme state``: the whole and each of its contracts, for a controller and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking, moment
from cli.party import as_json as party_json
from cli.programme.words import FIGURES
from ledger.money import decimals, kronor, rounded
from ledger.periods import instant_text
from projections.parties import Together, of_state, together
from projections.programme import SUMMED, Compared, Programme, programme
from projections.state import Reaching


@click.command("state")
@click.argument("programme_id", metavar="PROGRAMME")
@moment
@answers
@looking
def state(desk: Desk, programme_id: str, as_of: date | None, known_at: str | None, form: str, file: str) -> None:
    """Sums, break-even and cap of the whole and of each contract, and what is stated of the whole beside what is computed."""
    facts = desk.known_at(known_at)
    one = programme(facts, programme_id, as_of, desk.book(facts))
    if form == "text":
        from cli.programme.as_text import as_text

        output.emit(as_text(one, output.basis_line(facts)), file)
    elif form == "json":
        output.emit(output.as_json(as_json(one)), file)
    else:
        output.emit(output.as_csv([*rows(one)], COLUMNS), file)


def parties(one: Programme) -> list[Together]:
    """The parties over the programme's contracts."""
    return together(line for found in one.states for line in of_state(found))


REACHED = ("reached", "reached_on", "lost_on", "known_since", "remaining")
COLUMNS = [
    *("contract", "determined_through", "preliminary", *SUMMED, "ratio_to_investment", "forecast_ratio"),
    *(f"break_even.{key}" for key in REACHED),
    *(f"cap.{key}" for key in REACHED),
]


def rows(one: Programme) -> Iterator[dict[str, Any]]:
    """A line a contract, and the whole."""
    for line in (*contracts(one), whole(one)):
        yield {**line, **{f"{of}.{key}": line[of][key] for of in ("break_even", "cap") for key in REACHED}}


def as_json(one: Programme) -> dict[str, Any]:
    """The state as JSON: money in kronor as text, ratios with four decimals, the forecast with two, absent values null."""
    return {
        "programme": one.formed.id,
        "name": one.formed.name,
        "as_of": str(one.when.as_of),
        "known_at": instant_text(one.when.known_at),
        "basis": {"position": one.basis.position, "root": one.basis.root},
        "label": "recorded (simulated ledger)" if one.simulated else "recorded",
        "currency": "SEK",
        "vat": "excluded",
        "contracts_since": str(one.members.from_on),
        "contracts": [*contracts(one)],
        "whole": whole(one),
        "at_cap": list(one.at_cap),
        "stated": [_stated(each) for each in one.stated],
        "parties": [party_json(each) for each in parties(one)],
    }


def contracts(one: Programme) -> Iterator[dict[str, Any]]:
    """Each contract's figures."""
    for found in one.states:
        yield {
            "contract": found.contract,
            "determined_through": _text(found.determined_through and found.determined_through.last_day),
            "preliminary": found.preliminary,
            **{key: kronor(figure(found)) for key, figure in SUMMED.items()},
            "ratio_to_investment": decimals(found.ratio, 4),
            "forecast_ratio": _ratio(found.forecast.ratio),
            "break_even": _reaching(found.break_even_contract),
            "cap": _reaching(found.cap),
        }


def whole(one: Programme) -> dict[str, Any]:
    """The same of the whole: determined through what all are."""
    through = [found.determined_through for found in one.states]
    last = None if None in through else min(month for month in through if month is not None)
    return {
        "contract": "whole",
        "determined_through": _text(last and last.last_day),
        "preliminary": any(found.preliminary for found in one.states),
        **{key: kronor(one.total(key)) for key in SUMMED},
        "ratio_to_investment": decimals(one.ratio, 4),
        "forecast_ratio": _ratio(one.forecast),
        "break_even": _reaching(one.break_even),
        "cap": _reaching(one.cap),
    }


def _reaching(one: Reaching) -> dict[str, Any]:
    return {
        "target": kronor(one.target.amount),
        "reached": one.reached,
        "reached_on": _text(one.reached_on),
        "lost_on": _text(one.lost_on),
        "known_since": None if one.known_since is None else instant_text(one.known_since),
        "remaining": kronor(one.remaining),
    }


def _stated(one: Compared) -> dict[str, Any]:
    said = one.stated
    return {
        "figure": said.figure,
        "what": FIGURES[said.figure],
        "words": said.words,
        "unit": said.unit,
        "stated": _in_unit(one.value, said.unit),
        "nearest": _in_unit(Fraction(said.nearest), said.unit),
        "computed": _in_unit(one.computed, said.unit),
        "computed_rounded": _in_unit(one.rounded, said.unit),
        "difference": _in_unit(one.difference, said.unit),
        "agrees": one.agrees,
        "status": said.status,
        "source": said.source,
        "rate": None if one.rate is None else one.rate.model_dump(mode="json"),
    }


def _in_unit(value: Fraction | None, unit: str) -> str | None:
    if value is None:
        return None
    return decimals(value, 0) if unit == "employees" else kronor(rounded(value * 100))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _ratio(value: Fraction | None) -> str | None:
    return None if value is None else decimals(value, 2)
