"""``soc copy``."""

from __future__ import annotations

import sys
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, with_desk
from ledger import copying, database, seal
from ledger.log import Log
from ledger.recorder import Recorder
from ledger.vault import beside
from projections import read_model


@click.command("copy")
@click.argument("url", metavar="URL")
@answers
@with_desk
def command(desk: Desk, url: str, form: str, file: str) -> None:
    """Copy the ledger, byte for byte, to a place that holds none: a SQLite file or a PostgreSQL database. Every record is checked
    on the way; the copy has the same fingerprint. All of it is copied, or nothing."""
    source, target = desk.log.recorder, Recorder(url, wait=desk.wait)
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=source.head().position, label="Copying", file=sys.stderr, hidden=hidden) as bar:
        copying.copy(source, target, after=lambda: _follow(target), copied=bar.update)
    facts, sealed = Log(target).facts(), len(seal.checkpoints(target))
    said: dict[str, Any] = {"copied": facts.position, "checkpoints": sealed, "from": source.place, "to": target.place}
    said |= output.basis_json(facts)
    said["vault"] = {"copied": False, "use": _vault(desk), "or_beside": _shown(beside(url))}
    if form == "text":
        lines = [
            f"Copied {facts.position} record{'s' * (facts.position > 1)} from {source.place} to {target.place}",
            f"  {output.basis_line(facts)}",
            *([f"  {sealed} checkpoint{'s' * (sealed > 1)}, with what was signed under them"] if sealed else []),
        ]
        output.emit("\n".join([*lines, *_advice(desk, url, target)]), file)
    else:
        output.emit(output.as_json(said) if form == "json" else output.as_csv(output.flat(said), ["key", "value"]), file)


def _follow(target: Recorder) -> None:
    """What follows the log at the target, made in the copy's own transaction."""
    read_model.rebuild(Log(target))


def _vault(desk: Desk) -> str | None:
    """The URL of the ledger's vault, as it may be printed; None where none is named."""
    return _shown(desk.settings.vault or beside(desk.settings.ledger))


def _shown(url: str | None) -> str | None:
    parts = None if url is None else database.parsed(url)
    return None if parts is None else database.shown(parts)


def _advice(desk: Desk, url: str, target: Recorder) -> list[str]:
    vault, own = _vault(desk), _shown(beside(url))
    lines = ["The vault of employment numbers is a database of its own; it was not copied, and belongs to the copy as it is."]
    if vault is not None:
        lines.append(f"  Use it with: soc --ledger {_shown(url)} --vault {vault}")
    if own is not None:
        lines.append(f"  Or copy it, while nobody imports, to where it is found by itself: {own}")
    if target.on_postgresql:
        lines.append("  Let others in with: soc grant ROLE append|read|vault")
    return [*lines, "From now on record in one of the two only: what is recorded in both can never be brought together."]
