"""``schema.json`` and ``fields.csv``: the shape of every event that may be on record, and what each of its fields means."""

from __future__ import annotations

import csv
import io
import types
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from cli.export.bundle_meanings import MEANINGS, UNITS
from ledger.canonical import canonical
from ledger.events import TYPES, Actor, AnyEvent, Document, Event, Instant
from ledger.periods import Month, Period, Quarter
from ledger.record import Recorded
from ledger.vocabulary import Day, Frozen, Kronor, Ratio, Role, Sha256, Share

COLUMNS = ("of", "field", "required", "type", "unit", "meaning")

_PLAIN: tuple[tuple[Any, str], ...] = (
    (Instant, "instant in UTC, such as 2020-06-15T09:00:00.000000Z"),
    (Day, "date, such as 2020-06-15"),
    (date, "date, such as 2020-06-15"),
    (Month, "month, such as 2020-06"),
    (Quarter, "quarter, such as 2020Q2"),
    (Period, "period, such as 2020-04..2020-06"),
    (Kronor, "text: kronor with two decimals"),
    (Share, "text: exact decimal"),
    (Ratio, "text: exact ratio, such as 23/125"),
    (Sha256, "text: SHA-256 in hexadecimal"),
    (Role, "text: role, a key of parties"),
    (str, "text"),
    (bool, "true or false"),
    (int, "whole number"),
)


def schema_json() -> bytes:
    """JSON Schema of what stands in a record's ``data``, for every event and version; ``ENVELOPE`` is what stands around it."""
    events = TypeAdapter(AnyEvent).json_schema(by_alias=True, mode="serialization", schema_generator=_Schema)
    envelope = Recorded[Any].model_json_schema(by_alias=True, mode="serialization", schema_generator=_Schema)
    of = {name: {"$ref": f"#/$defs/{event.__name__}"} for name, event in TYPES.items()}
    shared = {**envelope.pop("$defs", {}), **events["$defs"], "ENVELOPE": envelope}
    return canonical({"$schema": GenerateJsonSchema.schema_dialect, "data_by_type": of, "$defs": shared})


class _Schema(GenerateJsonSchema):
    """Months, quarters and periods are text, read by functions that a schema cannot show."""

    def function_plain_schema(self, schema: Any) -> JsonSchemaValue:
        """Text."""
        return {"type": "string"}


def fields_csv() -> bytes:
    """Every field of every event and of what events are made of, in order of the vocabulary."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return out.getvalue().encode()


def rows() -> Iterator[dict[str, str]]:
    """The same as rows, the envelope first. Raises KeyError for a field that has no description."""
    yield from _rows_of(Recorded, "every record")
    done: set[type[Frozen]] = {Recorded}
    for name, event in TYPES.items():
        yield from _rows_of(event, name)
    waiting: list[type[Frozen]] = [Actor, Document, *TYPES.values()]
    while waiting:
        one = waiting.pop(0)
        parts = [part for hint in _hints(one).values() for part in _parts(hint)]
        waiting += [part for part in parts if part not in done and part not in waiting]
        if one not in done and not issubclass(one, Event):
            yield from _rows_of(one, one.__name__)
        done.add(one)


def _hints(model: type[Frozen]) -> dict[str, Any]:
    hints = get_type_hints(model, include_extras=True)
    return {name: hints[name] for name in model.model_fields}


_NOT_YET = {"MethodologyAdopted@1": ("proposal", "accepts", "beside"), "MethodologyAdopted@2": ("beside",)}
"""Fields that an older version shares its class with, and refuses."""


def _rows_of(model: type[Frozen], of: str) -> Iterator[dict[str, str]]:
    for name, hint in _hints(model).items():
        if name in _NOT_YET.get(of, ()):
            continue
        field = model.model_fields[name]
        yield {
            "of": of,
            "field": field.alias or name,
            "required": "yes" if field.is_required() else "no",
            "type": _type(hint) if name != "data" else "what the event of this type holds",
            "unit": _unit(name, hint),
            "meaning": _meaning(model, name),
        }


def _meaning(model: type[Frozen], name: str) -> str:
    """The description of the class's own field, or of its base's: an older version means the same."""
    for one in model.__mro__:
        if (one.__name__, name) in MEANINGS:
            return MEANINGS[one.__name__, name]
    return MEANINGS["", name]


def _unit(name: str, hint: Any) -> str:
    bare = _bare(hint)
    if bare == Kronor:
        return "kronor"
    if bare is str or get_origin(bare) is tuple:
        return ""
    return next((unit for ending, unit in UNITS.items() if name == ending or name.endswith(f"_{ending}")), "")


def _bare(hint: Any) -> Any:
    """The hint without ``| None``."""
    inner = [one for one in get_args(hint) if one is not type(None)]
    return inner[0] if get_origin(hint) in (Union, types.UnionType) and len(inner) == 1 else hint


def _type(hint: Any) -> str:
    hint = _bare(hint)
    for known, said in _PLAIN:
        if hint == known:
            return said
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _type(inner[0])
    if origin is Literal:
        return f"text, one of: {', '.join(map(str, inner))}"
    if origin is tuple:
        return f"list of {_type(inner[0])}"
    if origin is dict:
        return f"object: {_type(inner[0])} → {_type(inner[1])}"
    if origin in (Union, types.UnionType):
        return " or ".join(_type(one) for one in inner)
    return str(getattr(hint, "__name__", hint))


def _parts(hint: Any) -> Iterator[type[Frozen]]:
    """The classes of ours that a hint names, at any depth."""
    if isinstance(hint, type) and not get_args(hint) and issubclass(hint, Frozen):
        yield hint
    for inner in get_args(hint):
        if not isinstance(inner, FieldInfo):
            yield from _parts(inner)
