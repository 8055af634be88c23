"""A line chart as static SVG, drawn by Vega-Lite without a browser: the same values give the same bytes.

Sizes are fixed and nothing is laid out by measuring text, which depends on a machine's fonts. Lines differ by dash and carry
their names beside them, so that black-and-white print says as much.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import Any

from ledger.money import decimals
from ledger.periods import Month

WIDTH, HEIGHT = 500, 250
PADDING = {"left": 46, "top": 22, "right": 26, "bottom": 26}
MILLION = 100_000_000
"""Öre in a million kronor."""

FONT = "Helvetica, Arial, sans-serif"
GREY = "#444444"


@dataclass(frozen=True)
class Line:
    """Öre at each month's end, with a name and how it is drawn; ``dash`` as SVG has it, empty for a full line."""

    name: str
    values: Sequence[int]
    color: str
    dash: Sequence[int] = ()


@dataclass(frozen=True)
class Bars:
    """Öre for each month, with a name and a colour."""

    name: str
    values: Sequence[int]
    color: str


@dataclass(frozen=True)
class Level:
    """A horizontal line at an amount in öre."""

    name: str
    value: int
    dash: Sequence[int]


@dataclass(frozen=True)
class Span:
    """Months to mark, by their places in the chart's months, with a name."""

    name: str
    first: int
    last: int


def millions(ore: int) -> str:
    """``15.14``: an amount in millions of kronor with two decimals."""
    return decimals(Fraction(ore, MILLION), 2).replace("-", "−")


def months_chart(
    months: Sequence[Month], lines: Sequence[Line], levels: Sequence[Level], span: Span, *, key: str, what: str
) -> str:
    """The lines over the months' ends from a zero before the first, with the levels and the marked span, in millions of kronor.

    ``key`` makes the ids in the page unique, ``what`` tells the chart to who cannot see it.
    """
    scale = _Scale.of([0, *(value for line in lines for value in line.values), *(level.value for level in levels)], months)
    layers = [
        _span(span, scale),
        *(layer for level in levels for layer in _level(level, scale)),
        *(layer for line in lines for layer in _line([0, *line.values], line, scale)),
        *_ends(lines, levels, scale),
        _text(0, -7, "m SEK", scale, dx=4 - PADDING["left"], color=GREY),
    ]
    return _drawn({"layer": layers}, key, what)


def bars_chart(months: Sequence[Month], bars: Sequence[Bars], *, key: str, what: str) -> str:
    """Each month's amounts as bars beside each other, above or below zero, in millions of kronor; every bar carries its own."""
    amounts = [value for one in bars for value in one.values]
    room = (max([0, *amounts]) - min([0, *amounts])) // 8  # for what the bars carry
    scale = _Scale.of([max([0, *amounts]) + room, min([0, *amounts]) - room], months, between=True)
    layers = [layer for place, one in enumerate(bars) for layer in _bars(one, place, len(bars), scale)]
    bold = {"dx": 8, "fontWeight": "bold"}
    named = [_text(0, 14 + 16 * place, one.name, scale, color=one.color, **bold) for place, one in enumerate(bars)]
    unit = _text(0, -7, "m SEK", scale, dx=4 - PADDING["left"], color=GREY)
    zero = {
        "data": {"values": [{"y": 0}]},
        "mark": {"type": "rule", "color": "#000000", "strokeWidth": 1},
        "encoding": {"y": scale.y},
    }
    return _drawn({"layer": [*layers, zero, *named, unit]}, key, what, "Difference by month")


def percents_chart(percents: Sequence[int], lines: Sequence[Line], mark: str, *, key: str, what: str, title: str) -> str:
    """The lines over per cent of the investment, each from the first of ``percents``, in millions of kronor; ``mark`` says what
    100 % is."""
    amounts = [0, *(value for line in lines for value in line.values)]
    room = (max(amounts) - min(amounts)) * len(lines) // 10  # for the names above the ends
    scale = _Percents.of([*amounts, max(amounts) + room], percents[1:])
    place = percents.index(100)
    levels = [Level("", 0, ())] if scale.low < 0 else []
    layers = [
        *(layer for level in levels for layer in _level(level, scale)),
        _upright(place, scale),
        *(_line([*line.values], line, scale)[0] for line in lines),
        *_ends(lines, levels, scale),
        _text(place, -7, mark, scale, align="center"),
        _text(0, -7, "m SEK", scale, dx=4 - PADDING["left"], color=GREY),
    ]
    return _drawn({"layer": layers}, key, what, title)


def _upright(place: int, scale: _Scale) -> dict[str, Any]:
    rule = {"type": "rule", "color": "#000000", "strokeWidth": 1, "strokeDash": [2, 3]}
    return {"data": {"values": [{"x": place}]}, "mark": rule, "encoding": {"x": scale.x}}


def _bars(one: Bars, place: int, among: int, scale: _Scale) -> list[dict[str, Any]]:
    """The bars of one name: in hundredths of a month's width, so that no float decides where one stands."""
    width = 80 // among
    layers: list[dict[str, Any]] = []
    for month, ore in enumerate(one.values):
        left = 100 * month + 10 + place * width
        rect = {"x": left / 100, "x2": (left + width - 4) / 100, "y": 0, "y2": ore}
        layers.append(
            {
                "data": {"values": [rect]},
                "mark": {"type": "rect", "color": one.color},
                "encoding": {"x": scale.x, "x2": {"field": "x2"}, "y": scale.y, "y2": {"field": "y2"}},
            }
        )
        y = scale.pixel(max(ore, 0)) - 4 if ore >= 0 else scale.pixel(ore) + 13
        said = _text(0, y, f"{'+' if ore > 0 else ''}{millions(ore)}", scale, align="center", color=one.color)
        said["data"] = {"values": [{"x": (left + width // 2) / 100}]}
        layers.append(said)
    return layers


@dataclass(frozen=True)
class _Scale:
    """Öre from ``low`` to ``high`` in ticks of ``step``, over these months (or what else there are steps of)."""

    low: int
    high: int
    step: int
    months: Sequence[object]
    between: bool = False
    """Whether months are named in their middle, not at their ends."""

    @classmethod
    def of(cls, values: Sequence[int], months: Sequence[object], *, between: bool = False) -> _Scale:
        lowest, highest = min(values), max(values)
        sizes = (mantissa * 10**power for power in range(6, 18) for mantissa in (1, 2, 5))
        step = next(size for size in sizes if highest - lowest <= 6 * size)
        return cls(lowest // (step // 5) * (step // 5), (highest // step + 1) * step, step, months, between)

    def pixel(self, ore: int) -> int:
        """Pixels from the top."""
        return HEIGHT - HEIGHT * (ore - self.low) // (self.high - self.low)

    @property
    def y(self) -> dict[str, Any]:
        """The amounts, named at the left."""
        names = {
            tick: millions(tick).rstrip("0").rstrip(".")
            for tick in range(-(-self.low // self.step) * self.step, self.high + 1, self.step)
        }
        axis = {**AXIS, "values": [*names], "gridColor": "#dddddd", "labelExpr": _named(names)}
        return {"field": "y", "type": "quantitative", "scale": {"domain": [self.low, self.high], "nice": False}, "axis": axis}

    @property
    def x(self) -> dict[str, Any]:
        """The months' ends, at most seven of them named, the last always."""
        last = len(self.months)
        every = next(size for size in (1, 2, 3, 6, 12, 24, 60, 120) if last <= 7 * size)
        middle = Fraction(1, 2) if self.between else Fraction(0)
        names = {place - middle: str(self.months[place - 1]) for place in range(last, 0, -every)}
        values = [float(place) if self.between else int(place) for place in names]
        axis = {**AXIS, "values": values, "grid": False, "labelExpr": _named(dict(zip(values, names.values(), strict=True)))}
        return {"field": "x", "type": "quantitative", "scale": {"domain": [0, last], "nice": False}, "axis": axis}


@dataclass(frozen=True)
class _Percents(_Scale):
    """The same over per cent, from 0 before the first of ``months``."""

    @property
    def x(self) -> dict[str, Any]:
        """Every fifty per cent, named."""
        names = {place: f"{percent} %" for place, percent in enumerate([0, *self.months]) if int(str(percent)) % 50 == 0}
        axis = {**AXIS, "values": [*names], "grid": False, "labelExpr": _named(names)}
        return {"field": "x", "type": "quantitative", "scale": {"domain": [0, len(self.months)], "nice": False}, "axis": axis}


LABELS = {"labelFontSize": 12, "labelLimit": 0, "labelOverlap": False, "labelFlush": False}
AXIS = {"domainColor": GREY, "tickColor": GREY, "title": None, **LABELS}


def _named(names: Mapping[Any, str]) -> str:
    """A Vega expression: each value's name."""
    return f"({json.dumps({str(value): name for value, name in names.items()})})[datum.value]"


def _text(x: int, pixel: int, said: str, scale: _Scale, **style: Any) -> dict[str, Any]:
    mark = {"type": "text", "text": said, "fontSize": 12, "color": "#000000", "align": "left", "baseline": "alphabetic", **style}
    return {"data": {"values": [{"x": x}]}, "mark": mark, "encoding": {"x": scale.x, "y": {"value": pixel}}}


def _span(span: Span, scale: _Scale) -> dict[str, Any]:
    x2 = {"field": "x2"}
    return {
        "layer": [
            {
                "data": {"values": [{"x": span.first, "x2": span.last + 1}]},
                "mark": {"type": "rect", "color": "#ececec"},
                "encoding": {"x": scale.x, "x2": x2, "y": {"value": 0}, "y2": {"value": HEIGHT}},
            },
            _text(span.last + 1, -7, span.name, scale, align="right", color=GREY),
        ]
    }


def _level(level: Level, scale: _Scale) -> list[dict[str, Any]]:
    y = scale.pixel(level.value)
    rule = {
        "data": {"values": [{"y": level.value}]},
        "mark": {"type": "rule", "color": "#000000", "strokeWidth": 1, "strokeDash": list(level.dash)},
        "encoding": {"y": scale.y},
    }
    return [rule, _text(0, y - 5, level.name, scale, dx=6)]


def _line(amounts: Sequence[int], line: Line, scale: _Scale) -> list[dict[str, Any]]:
    values = [{"x": place, "y": ore} for place, ore in enumerate(amounts)]
    encoding = {"x": scale.x, "y": scale.y}
    drawn = {"type": "line", "color": line.color, "strokeWidth": 2, "strokeDash": list(line.dash)}
    point = {"type": "point", "color": line.color, "filled": True, "size": 22, "opacity": 1}
    return [
        {"data": {"values": values}, "mark": drawn, "encoding": encoding},
        {"data": {"values": values[1:]}, "mark": point, "encoding": encoding},
    ]


NAME_HEIGHT = 15
"""Pixels between two names, one above the other."""


def _ends(lines: Sequence[Line], levels: Sequence[Level], scale: _Scale) -> list[dict[str, Any]]:
    """Each line's name and last amount above its end, moved up where they would cover each other, the next line or a level."""
    placed: list[dict[str, Any]] = []
    free = HEIGHT + 20
    ends = sorted(lines, key=lambda line: line.values[-1])
    for number, line in enumerate(ends):
        y = min(scale.pixel(line.values[-1]) - 9, free)
        above = [scale.pixel(one.values[-1]) for one in ends[number + 1 :]]
        for other in sorted(above, reverse=True):
            if y - NAME_HEIGHT - 4 < other <= y + 9:
                y = other - 9
        for level in sorted((scale.pixel(one.value) for one in levels), reverse=True):
            if y - NAME_HEIGHT < level <= y + 4:
                y = level - 5
        said = f"{line.name} {millions(line.values[-1])}"
        placed.append(_text(len(scale.months), y, said, scale, align="right", color=line.color, fontWeight="bold"))
        free = y - NAME_HEIGHT
    return placed


def _drawn(spec: dict[str, Any], key: str, what: str, title: str = "Sum by month") -> str:
    """The specification as SVG that scales to its box and tells what it shows."""
    import vl_convert

    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": WIDTH,
        "height": HEIGHT,
        "padding": PADDING,
        "autosize": {"type": "none"},
        "config": {"aria": False, "font": FONT, "view": {"stroke": None}},
        **spec,
    }
    svg: str = vl_convert.vegalite_to_svg(whole, vl_version="6.1")
    head, rest = re.sub(r' role="graphics-[a-z]+" aria-roledescription="[^"]*"', "", svg).split(">", 1)  # one image, not many
    named = f'{head} role="img" aria-labelledby="{key}-title {key}-what">'
    return f'{named}<title id="{key}-title">{escape(title)}</title><desc id="{key}-what">{escape(what)}</desc>{rest}'
