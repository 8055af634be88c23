"""``soc tiered``: contracts settled by tiers; each command is imported when it runs."""

from __future__ import annotations

from importlib import import_module

import click

from cli.lazy import LazyGroup

MODULES = {
    "sign": ("cli.tiered.agreed:sign", "Record that the parties signed the terms."),
    "amend": ("cli.tiered.agreed:amend", "Record new terms from a day on, by agreement."),
    "show": ("cli.tiered.show:show", "What is measured, what it is worth, who gets what."),
    "list": ("cli.tiered.show:list_", "The contracts settled by tiers."),
    "report": ("cli.tiered.report:report", "Record what was measured, from a file."),
    "determine": ("cli.tiered.determine:determine", "Determine what it is worth and who gets what."),
    "agree": ("cli.tiered.agreed:agree", "Record that a party agreed to a determination."),
    "pay": ("cli.tiered.money:pay", "Record a payment between two parties."),
    "correct": ("cli.tiered.money:correct", "Reverse or replace a payment recorded in error."),
    "state": ("cli.tiered.state:state", "What it is worth, who gets what, what is due."),
    "register": ("cli.tiered.show:register", "The contract's records in order, with their postings."),
    "explain": ("cli.tiered.state:explain", "From what a party is given down to the reported rows."),
    "what-if": ("cli.tiered.what_if:what_if", "The same facts under other terms: a simulation."),
}
"""Each command: its module, its name there, and its line in the list."""


class TieredGroup(LazyGroup):
    """A lazy group in which a module may hold several commands."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, from its module."""
        if cmd_name not in self._modules:
            return None
        module, _, name = self._modules[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group("tiered", cls=TieredGroup, modules=MODULES)
def command() -> None:
    """Contracts settled by tiers: sign, report, determine, agree, pay, explain, what if."""
