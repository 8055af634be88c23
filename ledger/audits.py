"""The external auditor's work on record: findings on a sample, and the sign-off of the final evaluation. Pure; a refusal names
the clause. Both may come after the contract's end, and move no money.

That the sample is the one drawn, ``projections/sampling.py`` sees to before, and ``soc check`` after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ledger import events as e
from ledger.authority import require_auditor, require_dated
from ledger.commands import Context, Decided, RecordAuditFindings, SignOffEvaluation
from ledger.contract import ContractState
from ledger.errors import Refused

MOST_DAYS = 262 * 100
"""So many net days × 100 a line may account for, or differ by, at most: the weekdays of the longest year, at full extent."""


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
    for what in impossible(command.items):
        raise Refused(what)
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


def impossible(items: Iterable[e.ItemTested]) -> Iterator[str]:
    """What cannot be of items tested, whatever their lines say: more days than a year has, an exception without words."""
    for one in items:
        place = f"record {one.record}, line {one.line}"
        if abs(one.days_hundredths or 0) > MOST_DAYS:
            yield f"{place} differs by more than the {MOST_DAYS // 100} weekdays of a year"
        if one.exception is not None and not says_something(one.exception):
            yield f"{place} has an exception that is not described"


def says_something(text: str) -> bool:
    """Whether a text has a letter or a digit."""
    return any(map(str.isalnum, text))


def _require_superseding(number: int | None, reason: str | None, state: ContractState) -> None:
    if (number is None) != (reason is None):
        raise Refused("findings that take the place of earlier ones name them, and say why", do="give --supersedes and --reason")
    if number is not None and number not in {one.data.number for one in state.standing_audits}:
        standing = ", ".join(f"A{one.data.number}" for one in state.standing_audits) or "none"
        raise Refused(f"{state.signed.id} has no findings A{number} that stand; those that do: {standing}")


def sign_off(command: SignOffEvaluation, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """The sign-off of the final evaluation, on all findings that stand and after all that it is about; a second one says why,
    and so does one of another document than the contract was closed on."""
    require_auditor(state.terms_on(command.on), context.by)
    require_dated(command.on, state, context)
    if (why := too_early(command.on, state)) is not None:
        raise Refused(f"{why}; nothing was signed off before, on {command.on}", do="date it on the day of the signature")
    earlier = state.signed_off
    at_closing = None if state.closed_on is None else command.evaluation == state.evaluation
    if earlier is None and command.reason is not None and at_closing is not False:
        raise Refused(f"the evaluation of {state.signed.id} was not signed off before; there is nothing to give a reason for")
    if earlier is not None and command.reason is None:
        said = f"S{earlier.data.number} of {earlier.data.on}: {earlier.data.opinion}"
        raise Refused(f"the evaluation was signed off in {said}; what takes its place says why", do="give --reason TEXT")
    if at_closing is False and command.reason is None:
        raise Refused(
            f"{state.signed.id} was closed on another document, {(state.evaluation or '')[:16]}",
            do="sign off the evaluation that it was closed on, or say why this one with: --reason TEXT",
        )
    event = e.EvaluationSignedOff(
        number=len(state.sign_offs) + 1,
        by=context.by.role,
        on=command.on,
        opinion=command.opinion,
        text=command.text,
        findings=tuple(one.data.number for one in state.standing_audits),
        evaluation=command.evaluation,
        recorded_at_closing=at_closing,
        supersedes=None if earlier is None else earlier.data.number,
        reason=command.reason,
    )
    return (Decided(command.on, event),)


def too_early(on: date, state: ContractState) -> str | None:
    """What a sign-off on that day would come before, in words: findings that stand, the closing, or, of a contract that is not
    closed, what was determined last."""
    ends = [(one.data.on, f"findings A{one.data.number} are of {one.data.on}") for one in state.standing_audits]
    if state.closed_on is not None:
        ends.append((state.closed_on, f"{state.signed.id} was closed on {state.closed_on}"))
    else:
        ends += [(one.determined_on, f"D{one.number} was determined on {one.determined_on}") for one in state.in_force]
    last, what = max(ends, default=(on, ""))
    return what if on < last else None
