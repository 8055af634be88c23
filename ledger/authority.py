"""Who may act, who must have agreed, and what may be dated when (rule 20). Pure; a refusal names the clause."""

from __future__ import annotations

from datetime import date

from ledger.commands import Context
from ledger.contract import ContractState
from ledger.errors import Refused
from ledger.events import Actor
from ledger.terms import ContractTerms
from ledger.tiered_terms import TieredTerms

AUDITOR = "external_auditor"
"""The role whose work the record keeps as audit work."""


def require(terms: ContractTerms | TieredTerms, may: str, by: Actor, also: tuple[str, ...] = ()) -> None:
    """Refuse an actor whose role the terms do not let do this (rule 20)."""
    named = getattr(terms.governance, may)
    roles = tuple(dict.fromkeys(((named,) if isinstance(named, str) else named) + also))
    if by.role not in roles:
        raise Refused(
            f"{by.role} may not do this; governance.{may} names {', '.join(roles)}",
            where=terms.clause(f"governance.{may}"),
            do='say who acts with: --actor "NAME, ROLE"',
        )


def require_auditor(terms: ContractTerms, by: Actor) -> None:
    """Refuse audit work recorded by anybody but the external auditor, and where the parties have named none."""
    if AUDITOR not in terms.parties:
        raise Refused(
            f"{terms.id} names no {AUDITOR} among its parties, and nobody else records audit work",
            where=terms.clause("parties"),
            do=f"name one while the contract is open: soc contract amend {terms.id} TERMS.toml --from MONTH ...",
        )
    if by.role != AUDITOR:
        raise Refused(
            f"{by.role} may not do this; audit work is recorded by the {AUDITOR}, {terms.parties[AUDITOR]}",
            where=terms.clause(f"parties.{AUDITOR}"),
            do=f'say who acts with: --actor "NAME, {AUDITOR}"',
        )


def require_agreement(terms: ContractTerms | TieredTerms, roles: tuple[str, ...]) -> None:
    """Refuse where a party that must agree has not, or one that is named is none."""
    for role in roles:
        if role not in terms.parties:
            raise Refused(f"{role} is not a party", where=terms.clause("parties"))
    missing = [role for role in terms.governance.agrees if role not in roles]
    if missing:
        raise Refused(
            f"agreement is missing from {', '.join(missing)}",
            where=terms.clause("governance.agrees"),
            do=f"name every party that agreed: {' '.join(f'--agreed-by {role}' for role in terms.governance.agrees)}",
        )


def require_dated(on: date, state: ContractState, context: Context) -> None:
    """Refuse a date in the future, or before the contract was signed."""
    if on > context.today:
        raise Refused(f"{on} is in the future; today is {context.today}", do="record it on that day, or date it today or earlier")
    if state.signed_on is not None and on < state.signed_on:
        raise Refused(f"{on} is before the contract was signed on {state.signed_on}", where=state.signed.clause("starts_on"))


def require_open(state: ContractState) -> None:
    """Refuse what would change a contract that was closed (rule 21)."""
    if state.closed_on is not None:
        raise Refused(
            f"{state.signed.id} was closed on {state.closed_on}; what it settled stands",
            where=state.signed.clause("settlement.correction_months"),
        )
