"""``soc rebuild``."""

from __future__ import annotations

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, with_desk


@click.command("rebuild")
@answers
@with_desk
def command(desk: Desk, form: str, file: str) -> None:
    """Make the tables of postings and determinations anew from the record; the record itself stays as it is."""
    from projections import read_model

    position = read_model.rebuild(desk.log)
    said = {"rebuilt": True, "position": position}
    if form == "text":
        output.emit(f"The tables of postings and determinations are made anew from all {position} records.", file)
    else:
        output.emit(output.as_json(said) if form == "json" else output.as_csv(output.flat(said), ["key", "value"]), file)
