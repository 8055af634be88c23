"""``soc export tables``."""

from __future__ import annotations

from cli.export import tables_determined, tables_money
from cli.export.of_contract import tables_command

command = tables_command(
    "tables",
    "What follows from the facts: postings with account and both dates, determinations month by month with all that was "
    "measured, payments with invoice and bank reference, the loan, disputes.",
    "table",
    {
        "postings": lambda one: tables_money.postings(one.facts, one.contract_id, one.book()),
        "determinations": lambda one: tables_determined.determinations(one.facts, one.contract_id, one.audience),
        "payments": lambda one: tables_money.payments(one.facts, one.contract_id),
        "loan": lambda one: tables_money.loan(one.facts, one.contract_id),
        "disputes": lambda one: tables_money.disputes(one.facts, one.contract_id),
    },
)
