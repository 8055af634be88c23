"""``soc export facts``."""

from __future__ import annotations

from cli.export import facts_absences, facts_other
from cli.export.of_contract import tables_command

command = tables_command(
    "facts",
    "The facts on record: absences line by line, headcounts, the national trend, what the state repaid of sick pay. Lines of "
    "absence are for the payer, as employer, alone; others see net days by month and workplace, where five persons or more are "
    "behind them.",
    "facts",
    {
        "absences": lambda one: facts_absences.absences(one.facts, one.contract_id, one.audience),
        "workforce": lambda one: facts_other.workforce(one.facts, one.contract_id),
        "trend": lambda one: facts_other.trend(one.facts, one.contract_id),
        "reimbursements": lambda one: facts_other.reimbursements(one.facts, one.contract_id),
    },
)
