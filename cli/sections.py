"""A document as sections of named facts, tables and sentences, so that its text and its page say the same; and its text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from cli import output

WIDTH = 100
"""Columns of text: what a printed page holds."""


@dataclass(frozen=True)
class Table:
    """``figures``: the columns that hold figures, aligned to the right. ``total``: the last row sums the others.
    ``shown_in``: ``page`` for a table that the text leaves out."""

    caption: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Sequence[int]
    total: bool = False
    shown_in: Literal["both", "page"] = "both"


@dataclass(frozen=True)
class Section:
    """``facts``: names with what they are, in a line or a few. ``key`` names the section's place on the page."""

    key: str
    title: str
    facts: Sequence[tuple[str, str]] = ()
    tables: Sequence[Table] = ()
    says: Sequence[str] = ()

    @property
    def long(self) -> bool:
        """Whether it may be cut between printed pages: it could leave most of one empty."""
        return len(self.facts) + sum(len(table.rows) for table in self.tables) > 15


def as_text(sections: Iterable[Section]) -> str:
    """The sections for a terminal or a printer, one after the other."""
    told = [(section.title, _body(section)) for section in sections]
    return "\n\n".join("\n".join([title, "─" * len(title), *body]) for title, body in told if body)


def _body(section: Section) -> list[str]:
    blocks = [_facts(section.facts)] if section.facts else []
    blocks += [[one.caption, *_table(one).splitlines()] for one in section.tables if one.shown_in != "page"]
    blocks += [[line for said in section.says for line in wrapped(said)]] if section.says else []
    return [line for number, block in enumerate(blocks) for line in ([""] if number else []) + block]


def _facts(facts: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in facts) + 2
    lines = []
    for name, said in facts:
        first, *rest = textwrap.wrap(said, WIDTH - width, break_long_words=False, break_on_hyphens=False) or [""]
        lines += [f"{name:<{width}}{first}".rstrip(), *(" " * width + line for line in rest)]
    return lines


def _table(one: Table) -> str:
    """The table as it is or, where it is wider than a page, with its columns as rows, or its words in lines; else the
    narrowest of these."""
    straight = output.table(one.rows, one.headers, right=one.figures)
    if _width(straight) <= WIDTH or not one.rows:
        return straight
    headers = [one.headers[0], *(row[0] for row in one.rows)]
    rows = [[name, *(row[number] for row in one.rows)] for number, name in enumerate(one.headers) if number]
    turned = output.table(rows, headers, right=range(1, len(headers)))
    tried = [turned, *(_narrow(one, words) for words in (60, 45, 30)), straight]
    return next((text for text in tried if _width(text) <= WIDTH), min(tried, key=_width))


def _narrow(one: Table, words: int) -> str:
    """The table with its headers in lines of a word or two, and what is no figure in lines of so many letters."""

    def in_lines(text: str, width: int) -> str:
        return "\n".join(textwrap.wrap(text, width, break_long_words=False)) or text

    headers = [in_lines(name, 10) for name in one.headers]
    rows = [[cell if number in one.figures else in_lines(cell, words) for number, cell in enumerate(row)] for row in one.rows]
    return output.table(rows, headers, right=one.figures)


def _width(text: str) -> int:
    return max(map(len, text.splitlines()))


def wrapped(said: str) -> list[str]:
    """A sentence in lines of a page's width."""
    return textwrap.wrap(said, WIDTH, break_long_words=False, break_on_hyphens=False)
