"""How a dispute ends: its position upheld or rejected, or something between settled, by the parties or a named third person; and
what that does to the determination or the payment (rule 18). Pure; a refusal names the clause."""

from __future__ import annotations

from datetime import timedelta

from ledger import events as e
from ledger.authority import require, require_agreement, require_dated
from ledger.commands import Context, Decided, RecordDetermination, ResolveDispute
from ledger.contract import ContractState
from ledger.determining import determination
from ledger.disputes import payment, require_after, require_open_dispute, require_same_kind
from ledger.errors import Refused
from ledger.events import Claim, MonthAgreed
from ledger.holds import Dispute, disputed
from ledger.payments import corrected
from ledger.terms import ContractTerms


def resolve(command: ResolveDispute, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """The end of a dispute, and with it the determination or the correction that carries it out, where the figure changes."""
    terms = state.terms_on(command.on)
    require(terms, "signs", context.by)
    require_dated(command.on, state, context)
    one = require_open_dispute(state, command.dispute)
    require_after(command.on, one)
    _decided_by_someone(command, terms)
    stands = _what_stands(command, one)
    if stands is None or stands.total == one.raised.was_ore:
        return (Decided(command.on, _event(command, stands)),)
    _alone(command, one, state)
    if one.raised.payment is not None:
        return _correct_payment(command, one, stands, state)
    return _determine_anew(command, one, stands, state)


def _decided_by_someone(command: ResolveDispute, terms: ContractTerms) -> None:
    if command.decided_by is not None and command.agreed_by:
        raise Refused("a dispute is resolved by the parties or by a third person, not by both")
    if command.decided_by is None:
        require_agreement(terms, command.agreed_by)
        return
    named = command.decided_by.strip().casefold()
    if not named or named in {one.casefold() for one in (*terms.parties, *terms.parties.values())}:
        raise Refused(
            f"{command.decided_by!r} is no third person",
            where=terms.clause("governance.agrees"),
            do="name the court, arbitrator or mediator; the parties themselves resolve a dispute with --agreed-by",
        )
    if not command.documented:
        raise Refused("a third person's decision is recorded with the decision itself", do="give it with --evidence FILE")


def _what_stands(command: ResolveDispute, one: Dispute) -> e.Position | None:
    """What is right from then on; None where the dispute is rejected."""
    if (command.position is not None) != (command.outcome == "settled"):
        raise Refused(
            "what is settled says an amount; what is upheld or rejected says none",
            do="say what is settled with --savings, --claim or --amount",
        )
    match command.outcome:
        case "upheld":
            return one.raised.position
        case "settled":
            assert command.position is not None
            require_same_kind(one, command.position)
            return command.position
        case "rejected":
            return None


def _alone(command: ResolveDispute, one: Dispute, state: ContractState) -> None:
    """Refuse a third person's decision that would change what another open dispute is about; where the parties agree, they agree
    on all of it, and the others are moot."""
    about = state.open_disputes(determination=one.raised.determination, payment=one.raised.payment)
    others = ", ".join(other.name for other in about if other != one)
    if others and command.decided_by is not None:
        raise Refused(
            f"{others} is about {disputed(one)} too, which this decision replaces",
            do=f"record first what was decided of {others}: rejected, where nothing of it was upheld",
        )


def _event(
    command: ResolveDispute, stands: e.Position | None, number: int | None = None, claim: Claim | None = None
) -> e.DisputeResolved:
    return e.DisputeResolved(
        dispute=command.dispute,
        on=command.on,
        outcome=command.outcome,
        agreed_by=command.agreed_by,
        decided_by=command.decided_by,
        reason=command.reason,
        position=stands,
        determination=number,
        claim=claim,
    )


def _correct_payment(command: ResolveDispute, one: Dispute, stands: e.Position, state: ContractState) -> tuple[Decided, ...]:
    """The payment becomes what was decided; nothing, where it is found that none was made."""
    assert one.raised.payment is not None
    found = payment(state, one.raised.payment)
    becomes = e.Entry(amount_ore=stands.total, on=found.on) if stands.total else None
    return (corrected(found, becomes, f"resolution of {one.name}", state), Decided(command.on, _event(command, stands)))


def _determine_anew(command: ResolveDispute, one: Dispute, stands: e.Position, state: ContractState) -> tuple[Decided, ...]:
    """A determination takes the place of the disputed one, with the savings decided; its claim needs no notice. What is no longer
    owed leaves the claim on the day it would fall payable, at the earliest on that of the resolution; what is owed beyond falls
    payable as an accepted claim does."""
    assert one.raised.determination is not None
    was = state.determination(one.raised.determination)
    savings = {line.month: line.amount_ore for line in stands.savings or ()}
    months = tuple(
        MonthAgreed(
            month=line.month,
            kind="resolved",
            dispute=one.raised.number,
            savings_ore=savings[line.month],
            terms_sha256=state.terms_of(line.month).sha256,
            methodology_sha256=line.methodology_sha256,
        )
        for line in was.months
    )
    recorded = RecordDetermination(months, False, command.basis, command.computed_by, redo=f"resolution of {one.name}")
    anew = determination(recorded, state, (was,))
    days = 0 if anew.claim_ore < 0 else state.terms_on(command.on).settlement.payment_days
    disputed_on = command.on if was.notice is None else was.notice.claim.payable_on
    payable_on = max(command.on + timedelta(days=days), disputed_on)
    claim = Claim(amount_ore=anew.claim_ore, payable_on=payable_on)
    return (Decided(was.period.last_day, anew), Decided(command.on, _event(command, stands, anew.number, claim)))
