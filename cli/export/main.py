"""``soc export``."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

MODULES = {
    "bundle": ("cli.export.bundle", "One zip for an auditor, who verifies and recomputes it offline, trusting nobody."),
    "history": ("cli.export.history", "Who recorded what, when, on which document, what corrected what and why."),
    "facts": ("cli.export.facts", "The facts on record: absences, workforce, trend, reimbursements."),
    "tables": ("cli.export.tables", "Postings, determinations by month and payments, as tables."),
    "indigo": ("cli.export.indigo", "The contract in the shape of INDIGO, the impact bond dataset."),
    "sie": ("cli.export.sie", "Bookable postings as SIE 4I vouchers."),
    "hledger": ("cli.export.hledger", "Bookable postings as an hledger journal."),
    "beancount": ("cli.export.beancount", "Bookable postings as a beancount file, with balance assertions."),
}


@click.group("export", cls=LazyGroup, modules=MODULES)
def command() -> None:
    """What leaves the ledger: bundles for auditors, vouchers for accounting, data for analysis."""
