"""``soc init``."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import click

from cli import clock, output
from cli.desk import Desk
from cli.grant import FOLLOWING
from cli.options import answers, with_desk
from ledger import roles
from ledger.errors import LedgerError, Usage
from ledger.log import Log
from ledger.vault import Vault
from projections import read_model


@click.command("init")
@click.option("--simulated", is_flag=True, help="Time and random numbers come from outside; for good.")
@click.option("--seed", default="", help="What a simulated ledger's random numbers are drawn from.")
@click.option("--append-role", metavar="NAME", help="A database role that may append to it (PostgreSQL).")
@click.option("--read-role", metavar="NAME", help="A database role that may read it (PostgreSQL).")
@answers
@with_desk
def command(desk: Desk, simulated: bool, seed: str, append_role: str | None, read_role: str | None, form: str, file: str) -> None:
    """Open a new ledger, and its vault beside it."""
    now = desk.settings.now
    if now is not None and not simulated:
        raise Usage("--now is for simulated ledgers", do="open it with --simulated, or leave --now (or SOC_NOW) out")
    if seed and not simulated:
        raise Usage("--seed is for simulated ledgers: a real one draws its random numbers from the machine")
    actor, vault = desk.actor, Vault(desk.vault_url)
    recorder, given = Log.check_free(desk.settings.ledger), _given(append_role, read_role)
    for role in given:
        roles.prepare(recorder, role)
    at = clock.given(now) if now is not None else datetime.now(UTC)
    vault.create()
    log = Log.create(
        desk.settings.ledger, by=actor, at=at, simulated=simulated, seed=seed if simulated else None, follower=read_model
    )
    with suppress(LedgerError):  # the ledger is open; an empty vault is taken into use by whoever needs it first
        vault.belongs_to(log.recorder.head_at(1).root.hex())
    for role, right in given.items():
        roles.grant(log.recorder, role, right, FOLLOWING)
    facts = log.facts()
    said = {"opened": True, "simulated": simulated, **({"roles": given} if given else {}), **output.basis_json(facts)}
    if form == "text":
        kind = "simulated ledger" if simulated else "ledger"
        lines = [f"Opened a {kind} at {log.recorder.place}", f"  {output.basis_line(facts)}"]
        output.emit("\n".join(lines + [f"  {role} may {right}" for role, right in given.items()]), file)
    else:
        output.emit(output.as_json(said) if form == "json" else output.as_csv(output.flat(said), ["key", "value"]), file)


def _given(append_role: str | None, read_role: str | None) -> dict[str, roles.Right]:
    """Each role with its right."""
    if append_role is not None and append_role == read_role:
        raise Usage("a role may append or only read, not both", do="give two roles")
    named: list[tuple[str | None, roles.Right]] = [(append_role, "append"), (read_role, "read")]
    return {role: right for role, right in named if role is not None}
