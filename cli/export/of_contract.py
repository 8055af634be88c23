"""A command that exports one of several tables of a contract, or all of them in a workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import click

from cli.desk import Desk
from cli.export.datasets import Dataset, data_answers, emit
from cli.options import audience, looking
from ledger.facts import Facts
from projections.audience import Audience
from projections.book import Book


@dataclass(frozen=True)
class Asked:
    """What a table is made of: a contract's facts as known, and for whom."""

    facts: Facts
    contract_id: str
    audience: Audience
    book: Callable[[], Book]


def tables_command(name: str, says: str, which: str, tables: Mapping[str, Callable[[Asked], Dataset]]) -> click.Command:
    """The command of that name. ``says``: its help; ``which``: what one of its tables is called; the first is the default."""
    first = next(iter(tables))

    @click.command(name, help=says)
    @click.argument("contract_id", metavar="CONTRACT")
    @click.option(
        "--of", "sort", type=click.Choice([*tables]), help=f"Which {which}; default: {first}, in a workbook all of them."
    )
    @audience
    @data_answers("csv", "jsonl", "xlsx")
    @looking
    def command(
        desk: Desk, contract_id: str, sort: str | None, audience: Audience, known_at: str | None, form: str, file: str
    ) -> None:
        facts = desk.known_at(known_at)
        facts.contract(contract_id)
        asked = Asked(facts, contract_id, audience, lambda: desk.book(facts))
        chosen = [sort] if sort else [*tables] if form == "xlsx" else [first]
        emit(desk.settings, facts, contract_id, [tables[one](asked) for one in chosen], form, file)

    return command
