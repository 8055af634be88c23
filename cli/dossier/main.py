"""``soc dossier``: a dispute on one page for both sides, in one version."""

from __future__ import annotations

from datetime import date

import click

from cli import output
from cli.desk import Desk
from cli.options import answers_in, looking, moment
from projections.dossier import dossier
from projections.names import dispute_number


@click.command("dossier")
@click.argument("dispute", metavar="DISPUTE")
@moment
@answers_in("html", "json", "text")
@looking
def command(desk: Desk, dispute: str, as_of: date | None, known_at: str | None, form: str, file: str) -> None:
    """A dispute's dossier: both positions side by side, what separates them, what was known when, what every end would give, what
    is held, and every document relied on. One version, for whoever reads it."""
    from cli.dossier.trees import trees

    facts = desk.known_at(known_at)
    contract_id, number = dispute_number(facts, dispute)
    one = dossier(facts, contract_id, number, as_of, desk.book(facts))
    basis = f"As of {one.when.as_of} · {output.basis_line(facts)} · SEK excluding VAT"
    explained = trees(one)
    if form == "json":
        from cli.dossier.as_json import as_json

        output.emit(output.as_json(as_json(one, explained)), file)
    elif form == "html":
        from cli.dossier.as_html import as_html

        output.emit(as_html(one, basis, explained), file)
    else:
        from cli.dossier.as_text import as_text

        output.emit(as_text(one, basis, explained), file)
