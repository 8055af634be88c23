"""``soc audit``."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

MODULES = {
    "report": ("cli.audit.report", "What an auditor asks on day one."),
    "sample": ("cli.audit.sample", "Draw a sample of reported lines that anyone can draw again."),
    "record": ("cli.audit.record", "Record a findings sheet as it was filled in."),
    "findings": ("cli.audit.findings", "Findings on record, and the error rate with its interval."),
    "sign-off": ("cli.audit.sign_off", "Record the auditor's sign-off of the final evaluation."),
}


@click.group("audit", cls=LazyGroup, modules=MODULES)
def command() -> None:
    """Audit work: the report of day one, samples, findings, sign-off."""
