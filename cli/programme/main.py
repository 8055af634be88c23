"""``soc programme``: several contracts looked at as one; each command is imported when it runs."""

from __future__ import annotations

import click

from cli.tiered.main import TieredGroup as Several

MODULES = {
    "form": ("cli.programme.record:form", "Record that several contracts are looked at as one."),
    "join": ("cli.programme.record:join", "Record that contracts join, by agreement."),
    "leave": ("cli.programme.record:leave", "Record that contracts leave, by agreement."),
    "state": ("cli.programme.state:state", "Sums, break-even and cap of the whole and of each."),
    "show": ("cli.programme.show:show", "What was agreed and stated, with its sources."),
    "list": ("cli.programme.show:list_", "The programmes on record."),
    "demo": ("cli.programme.demo:demo", "Build the seven authorities that were planned, invented."),
}
"""Each command: its module, its name there, and its line in the list."""


@click.group("programme", cls=Several, modules=MODULES)
def command() -> None:
    """Several contracts as one: form, join, leave, state, show, list."""
