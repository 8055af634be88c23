"""``soc grant``."""

from __future__ import annotations

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, with_desk
from ledger import roles, seal
from ledger.schema import seals
from ledger.vault import Vault
from projections import read_model

FOLLOWING = (seals.name, *read_model.metadata.tables)
"""The tables beside the log's; who may append writes them with it."""

_SAID = {
    "append": "may append to the ledger at {}, and neither change nor remove what is recorded",
    "read": "may read the ledger at {}, and write nothing",
    "vault": "may work with the vault at {}",
}


@click.command("grant")
@click.argument("role", metavar="ROLE")
@click.argument("right", type=click.Choice(["append", "read", "vault"]))
@answers
@with_desk
def command(desk: Desk, role: str, right: str, form: str, file: str) -> None:
    """Give a database role a right on PostgreSQL: to append to the ledger, to read it, or to work with the vault. The role is
    made if there is none; a right given again replaces the one before. Only the owner can."""
    if right == "vault":
        vault = Vault(desk.vault_url, wait=desk.wait)
        place, made = vault.place, vault.grant(role)
    else:
        recorder = desk.log.recorder
        if recorder.on_postgresql:
            seal.prepare(recorder)
        place, made = recorder.place, roles.grant(recorder, role, "append" if right == "append" else "read", FOLLOWING)
    if form == "text":
        lines = [f"{role} {_SAID[right].format(place)}."]
        if made:
            lines.append(f"  The role was made, without login; let a user in with SQL: GRANT {role} TO user")
        output.emit("\n".join(lines), file)
        return
    said = {"role": role, "right": right, "place": place, "made": made}
    output.emit(output.as_json(said) if form == "json" else output.as_csv(output.flat(said), ["key", "value"]), file)
