"""A grid of methodologies: parameters of those given, each over several values, measured over the same months and facts, so that
negotiators see where their interests cross. A simulation, as every replay."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise, product
from typing import Any, Literal

from pydantic import ValidationError

from ledger.errors import Usage
from ledger.methodology import Methodology
from ledger.money import kronor, rounded
from ledger.toml_files import faults_of
from ledger.vocabulary import decimal_text
from projections.replays.replay import Outcome, Replay, outcome

MOST = 10_000
"""So many rows may a grid have."""

_NUMBER = r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER}):({_NUMBER})")
_LISTED = 10


@dataclass(frozen=True)
class Sweep:
    """A parameter and the values that it takes, in words; ``numeric``: all are numbers, in rising order."""

    parameter: str
    values: tuple[str, ...]
    numeric: bool


def parse(text: str) -> Sweep:
    """``price=1900..2400:50``, both ends included; or a list, ``trend.quarter_split=whole-quarter,previous-year``. Raises
    ValueError."""
    parameter, equals, said = text.partition("=")
    parameter, said = parameter.strip(), said.strip()
    if not equals or not parameter or not said:
        raise ValueError(f"{text!r} is not PARAM=VALUES such as price=1900..2400:50 or deem-average.of=2019Q1,2019Q2")
    found = _RANGE.fullmatch(said)
    if found is not None:
        return Sweep(parameter, _range(text, *map(Fraction, found.groups())), True)
    listed = tuple(dict.fromkeys(one.strip() for one in said.split(",")))
    if "" in listed:
        raise ValueError(f"{text!r} has a comma too many: name each value once, with a comma between")
    if all(re.fullmatch(_NUMBER, one) for one in listed):
        return Sweep(parameter, tuple(map(decimal_text, sorted(set(map(Fraction, listed))))), True)
    return Sweep(parameter, listed, False)


def _range(said: str, first: Fraction, last: Fraction, step: Fraction) -> tuple[str, ...]:
    if step <= 0 or last < first:
        raise ValueError(f"{said} has no values: write the lesser number first, and a step above zero")
    steps, rest = divmod(last - first, step)
    if rest:
        reached = decimal_text(first + steps * step)
        raise ValueError(f"{said} does not come to its end: the last step reaches {reached}; end there, or take another step")
    if steps >= MOST:
        raise ValueError(f"{said} has {steps + 1} values; a grid may have {MOST} rows")
    return tuple(decimal_text(first + number * step) for number in range(steps + 1))


# ── Variations ───────────────────────────────────────────────────────────────────────────────────────────────────────

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Variant:
    """A methodology with the settings that make it differ from the one named ``label``."""

    label: str
    settings: Mapping[str, str]
    methodology: Methodology


def grid(methodologies: Mapping[str, Methodology], sweeps: Sequence[Sweep]) -> list[Variant]:
    """Each methodology, by its label, with every combination of the values. Raises Usage for more rows than MOST, parameters that
    a methodology does not have or that come twice, and values that its model refuses, with each one's reason."""
    twice = [name for name, times in Counter(sweep.parameter for sweep in sweeps).items() if times > 1]
    if twice:
        raise Usage(f"{', '.join(twice)} is swept twice", do="name all its values at once, with a comma between")
    count = len(methodologies)
    for sweep in sweeps:
        count *= len(sweep.values)
    if count > MOST:
        raise Usage(f"this sweep has {count} rows; a grid may have {MOST}", do="take fewer values or fewer methodologies")
    variants, faults = [], dict[str, str]()
    for label, methodology in methodologies.items():
        paths = {sweep.parameter: _path(label, methodology, sweep.parameter) for sweep in sweeps}
        for values in product(*(sweep.values for sweep in sweeps)):
            settings = {sweep.parameter: _as_written(sweep, value) for sweep, value in zip(sweeps, values, strict=True)}
            try:
                variants.append(Variant(label, settings, varied(methodology, {paths[one]: settings[one] for one in paths})))
            except ValidationError as error:
                for fault in faults_of(error, b"", "").faults:
                    faults.setdefault(fault.what, f"{label}, {told(settings)}")
    if faults:
        said = [f"{where}: {what}" for what, where in faults.items()]
        more = [f"and {len(said) - _LISTED} more"] if len(said) > _LISTED else []
        raise Usage("these values make no methodology:\n    " + "\n    ".join(said[:_LISTED] + more))
    return variants


def told(settings: Mapping[str, str]) -> str:
    """The settings in words: ``price=1950.00, trend.quarter_split=refuse``."""
    return ", ".join(f"{parameter}={value}" for parameter, value in settings.items())


def _as_written(sweep: Sweep, value: str) -> str:
    """A price in kronor with two decimals, where it has no more."""
    if sweep.parameter != "price" or not sweep.numeric or (ore := Fraction(value) * 100).denominator != 1:
        return value
    return kronor(rounded(ore))


def varied(methodology: Methodology, values: Mapping[Path, str]) -> Methodology:
    """The methodology with other values, through its model. Raises ValidationError."""
    said = _said(methodology)
    for path, value in values.items():
        table = said
        for key in path[:-1]:
            table = table[key]
        table[path[-1]] = value.split("+") if isinstance(table.get(path[-1]), list) else value
    return Methodology.model_validate_json(json.dumps(said))


def _said(methodology: Methodology) -> Any:
    said = methodology.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {**said, "disruption": said["disruption"] if isinstance(said["disruption"], list) else [said["disruption"]]}


_OWN: dict[str, Path] = {
    "trend.quarter_split": ("trend", "quarter_split"),
    "trend.disrupted": ("trend", "disrupted"),
    "reference.from": ("reference", "from"),
    "reference.to": ("reference", "to"),
}


def _path(label: str, methodology: Methodology, parameter: str) -> Path:
    """Where the parameter stands in the methodology. Raises Usage where it does not, or stands twice."""
    found = [path for name, path in _parameters(methodology) if name == parameter]
    if len(found) == 1:
        return found[0]
    if parameter == "price":
        raise Usage(f"{label} has {len(found)} prices; a sweep of price needs a methodology with one")
    if found:
        raise Usage(f"{label} has {len(found)} rules with {parameter}; a sweep cannot tell which of them it is to change")
    names = ", ".join(dict.fromkeys(name for name, _ in _parameters(methodology)))
    raise Usage(f"{label} has no {parameter} to sweep; it has {names}")


def _parameters(methodology: Methodology) -> Iterator[tuple[str, Path]]:
    """What a sweep may change, each with its place; the rules for disrupted months by kind, without the version."""
    said = _said(methodology)
    yield from (("price", ("price", "sek", number, "amount")) for number in range(len(said["price"]["sek"])))
    yield from _OWN.items()
    for number, rule in enumerate(said["disruption"]):
        kind = rule["kind"].partition("@")[0]
        yield from ((f"{kind}.{key}", ("disruption", number, key)) for key in rule if key != "kind")


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

Target = Literal["contract", "authority", "provider", "cap"]
TARGETS: tuple[Target, ...] = ("contract", "authority", "provider", "cap")


@dataclass(frozen=True)
class Figures:
    """What a row of the grid gives, amounts in öre; ``reached_on``: the break-evens and the cap, None while not reached."""

    sum: int
    entitled: int
    due: int
    overpaid: int
    reached_on: Mapping[Target, date | None]

    @property
    def to_authority(self) -> int:
        """S − E."""
        return self.sum - self.entitled

    @classmethod
    def of(cls, one: Outcome) -> Figures:
        """An outcome's."""
        reached = {target: one.reaching[target] for target in TARGETS}
        dates = {target: found.reached_on if found.reached else None for target, found in reached.items()}
        return cls(one.sum, one.entitled, one.due, one.overpaid, dates)


@dataclass(frozen=True)
class Row:
    """A variant and its figures; without them, ``lacking`` says why it cannot be measured."""

    variant: Variant
    figures: Figures | None
    lacking: tuple[str, ...] = ()


def rows(one: Replay, variants: Iterable[Variant]) -> Iterator[Row]:
    """Each variant over the replay's months and facts."""
    for variant in variants:
        lacking = one.replayer.lacking(variant.methodology, one.months)
        if lacking:
            yield Row(variant, None, tuple(dict.fromkeys(said for found in lacking.values() for said in found)))
            continue
        methods = dict.fromkeys(one.months, variant.methodology)
        yield Row(variant, Figures.of(outcome(one.replayer, methods, one.when.as_of, variant.label, variant.methodology)))


# ── Where interests cross ────────────────────────────────────────────────────────────────────────────────────────────

What = Literal["entitlement", "contract", "authority", "provider", "cap"]


@dataclass(frozen=True)
class Course:
    """How a figure goes over the values of one number: for the ``entitlement`` −1, 0 or 1 as it lies below, at or above what is
    recorded; for a break-even or the cap 0 or 1 as it is reached. Values that could not be measured are left out."""

    label: str
    what: What
    signs: tuple[tuple[str, int], ...]

    @property
    def changes(self) -> list[tuple[str, str, int, int]]:
        """Between which neighbouring values it changes, and from what to what."""
        return [(low, high, before, after) for (low, before), (high, after) in pairwise(self.signs) if before != after]


def courses(found: Sequence[Row], recorded: int) -> list[Course]:
    """Of each methodology over a single number. ``recorded``: the entitlement on record, in öre."""
    several = []
    for label in dict.fromkeys(one.variant.label for one in found):
        measured = [
            (next(iter(one.variant.settings.values())), one.figures)
            for one in found
            if one.variant.label == label and one.figures is not None
        ]
        signs = [(value, (one.entitled > recorded) - (one.entitled < recorded)) for value, one in measured]
        several.append(Course(label, "entitlement", tuple(signs)))
        for target in TARGETS:
            reached = tuple((value, int(one.reached_on[target] is not None)) for value, one in measured)
            several.append(Course(label, target, reached))
    return several
