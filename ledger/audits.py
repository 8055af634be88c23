"""The external auditor's work on record: findings on a sample, and the sign-off of the final evaluation. Pure; a refusal names
the clause. Both may come after the contract's end, and move no money.

That the sample is the one drawn, ``projections/sampling.py`` sees to before, and ``soc check`` after.
"""

from __future__ import annotations

from ledger import events as e
from ledger.authority import require_auditor, require_dated
from ledger.commands import Context, Decided, RecordAuditFindings, SignOffEvaluation
from ledger.contract import ContractState
from ledger.errors import Refused


def record(command: RecordAuditFindings, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """Findings on a sample, numbered; perhaps in place of earlier ones."""
    require_auditor(state.terms_on(command.on), context.by)
    require_dated(command.on, state, context)
    if command.on < command.recorded_on:
        size = command.checkpoint.size
        raise Refused(
            f"the sample is drawn from record {size} of {command.recorded_on}; nothing was tested before, on {command.on}"
        )
    _require_superseding(command.supersedes, command.reason, state)
    event = e.AuditFindingsRecorded(
        number=len(state.audits) + 1,
        on=command.on,
        checkpoint=command.checkpoint,
        population=command.population,
        sample=len(command.items),
        procedure=command.procedure,
        items=command.items,
        supersedes=command.supersedes,
        reason=command.reason,
    )
    return (Decided(command.on, event),)


def _require_superseding(number: int | None, reason: str | None, state: ContractState) -> None:
    if (number is None) != (reason is None):
        raise Refused("findings that take the place of earlier ones name them, and say why", do="give --supersedes and --reason")
    if number is not None and number not in {one.data.number for one in state.standing_audits}:
        standing = ", ".join(f"A{one.data.number}" for one in state.standing_audits) or "none"
        raise Refused(f"{state.signed.id} has no findings A{number} that stand; those that do: {standing}")


def sign_off(command: SignOffEvaluation, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """The sign-off of the final evaluation, on all findings that stand; a second one says why."""
    require_auditor(state.terms_on(command.on), context.by)
    require_dated(command.on, state, context)
    earlier = state.signed_off
    if earlier is None and command.reason is not None:
        raise Refused(f"the evaluation of {state.signed.id} was not signed off before; there is nothing to give a reason for")
    if earlier is not None and command.reason is None:
        said = f"S{earlier.data.number} of {earlier.data.on}: {earlier.data.opinion}"
        raise Refused(f"the evaluation was signed off in {said}; what takes its place says why", do="give --reason TEXT")
    event = e.EvaluationSignedOff(
        number=len(state.sign_offs) + 1,
        by=context.by.role,
        on=command.on,
        opinion=command.opinion,
        text=command.text,
        findings=tuple(one.data.number for one in state.standing_audits),
        evaluation=command.evaluation,
        recorded_at_closing=None if state.closed_on is None else command.evaluation == state.evaluation,
        supersedes=None if earlier is None else earlier.data.number,
        reason=command.reason,
    )
    return (Decided(command.on, event),)
