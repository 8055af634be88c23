"""``soc init``."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from cli import clock, output
from cli.desk import Desk
from cli.options import answers, with_desk
from ledger.errors import Usage
from ledger.log import Log
from ledger.vault import Vault
from projections import read_model


@click.command("init")
@click.option("--simulated", is_flag=True, help="Time and random numbers come from outside; for good.")
@click.option("--seed", default="", help="What a simulated ledger's random numbers are drawn from.")
@answers
@with_desk
def command(desk: Desk, simulated: bool, seed: str, form: str, file: str) -> None:
    """Open a new ledger, and its vault beside it."""
    now = desk.settings.now
    if now is not None and not simulated:
        raise Usage("--now is for simulated ledgers", do="open it with --simulated, or leave --now (or SOC_NOW) out")
    if seed and not simulated:
        raise Usage("--seed is for simulated ledgers: a real one draws its salts from the machine")
    actor, vault = desk.actor, Vault(desk.vault_url)
    Log.check_free(desk.settings.ledger)
    at = clock.given(now) if now is not None else datetime.now(UTC)
    vault.create()
    log = Log.create(
        desk.settings.ledger, by=actor, at=at, simulated=simulated, seed=seed if simulated else None, follower=read_model
    )
    vault.belongs_to(log.recorder.head_at(1).root.hex())
    facts = log.facts()
    said = {"opened": True, "simulated": simulated, **output.basis_json(facts)}
    if form == "text":
        kind = "simulated ledger" if simulated else "ledger"
        output.emit(f"Opened a {kind} at {log.recorder.place}\n  {output.basis_line(facts)}", file)
    else:
        output.emit(output.as_json(said) if form == "json" else output.as_csv(output.flat(said), ["key", "value"]), file)
