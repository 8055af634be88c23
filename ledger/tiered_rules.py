"""The rules of a contract settled by tiers: ``decide(command, state) -> events``. Pure: no clock, no I/O; a refusal names the
clause."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import assert_never

from ledger import events as e
from ledger import tiers
from ledger.authority import require, require_agreement
from ledger.commands import Context, Decided
from ledger.errors import Refused
from ledger.tiered import (
    BOND_PAYMENTS,
    AgreeTiers,
    AmendTiered,
    CorrectTieredPayment,
    DetermineTiers,
    PayTiered,
    ReportMetrics,
    SignTiered,
    TierDetermination,
    TieredCommand,
    TieredState,
)
from ledger.tiered_terms import CostDifference, TieredTerms


def decide(command: TieredCommand, state: TieredState, context: Context) -> tuple[Decided, ...]:
    """The events that a command brings about. Raises Refused, naming the clause, where a rule stands against it."""
    if isinstance(command, SignTiered):
        return _sign(command, state, context)
    if state.signed_on is None:
        raise Refused("the contract is not signed", do="sign it with: soc tiered sign TERMS.toml")
    match command:
        case AmendTiered():
            return _amend(command, state, context)
        case ReportMetrics():
            return _report(command, state, context)
        case DetermineTiers():
            return _determine(command, state, context)
        case AgreeTiers():
            return _agree(command, state, context)
        case PayTiered():
            return _pay(command, state, context)
        case CorrectTieredPayment():
            return _correct(command, state, context)
        case _:
            assert_never(command)


def _sign(command: SignTiered, state: TieredState, context: Context) -> tuple[Decided, ...]:
    if state.signed_on is not None:
        raise Refused(f"{command.terms.id} was signed on {state.signed_on}", do="change it with: soc tiered amend")
    require(command.terms, "signs", context.by)
    _require_past(command.on, state, context)
    return (Decided(command.on, e.TieredSigned(terms=command.terms, signed_on=command.on)),)


def _amend(command: AmendTiered, state: TieredState, context: Context) -> tuple[Decided, ...]:
    now, new = state.versions[-1][1], command.terms
    require(now, "signs", context.by)
    require_agreement(now, command.agreed_by)
    if (new.id, new.currency, new.starts_on) != (now.id, now.currency, now.starts_on):
        raise Refused("an amendment keeps the id, the currency and the day on which the contract starts", where="id")
    if new.governance.pays != now.governance.pays and state.money_is_on_record:
        raise Refused(
            f"claims or payments are on record, and the {now.governance.pays} pays them; an amendment cannot make"
            f" the {new.governance.pays} pay",
            where=now.clause("governance.pays"),
            do="keep the role that pays; another party can have the role: change its name in [parties]",
        )
    if command.from_on < state.versions[-1][0]:
        raise Refused(f"the terms were changed from {state.versions[-1][0]} already; changes follow one another")
    agreed = [one.event.on for one in state.determinations if one.claims is not None]
    if agreed and command.from_on <= max(agreed):
        raise Refused(f"what is determined as of {max(agreed)} is agreed; new terms hold from a later day")
    terms = e.TieredAmended(terms=new, from_on=command.from_on, agreed_by=command.agreed_by, reason=command.reason)
    return (Decided(command.from_on, terms),)


def _report(command: ReportMetrics, state: TieredState, context: Context) -> tuple[Decided, ...]:
    terms = state.versions[-1][1]
    require(terms, "records", context.by)
    faults = [fault for row in command.rows for fault in row_faults(row, terms, context.today)]
    keys = [(row.metric, row.group, row.part) for row in command.rows]
    faults += [f"{' '.join(key)} stands twice" for key in sorted({one for one in keys if keys.count(one) > 1})]
    if not command.rows:
        faults.append("there are no rows")
    if faults:
        raise Refused("the metrics do not fit the terms:\n    " + "\n    ".join(faults), where=terms.clause("metrics"))
    return (Decided(max(row.until for row in command.rows), e.MetricsReported(rows=command.rows)),)


def row_faults(row: e.MetricRow, terms: TieredTerms, today: date) -> Iterable[str]:
    """In what a row does not fit the terms."""
    said, metric = f"{row.metric} {row.group} {row.part}", terms.metric(row.metric)
    if metric is None:
        yield f"{said}: the terms know no metric {row.metric}"
        return
    if (metric.unit == "money") != (row.amount_ore is not None):
        yield f"{said}: it is in {metric.unit}, so it says {'an amount' if metric.unit == 'money' else 'a value'}"
    if row.until > today:
        yield f"{said}: {row.until} is in the future; today is {today}"
    differing = [one for one in terms.valuations if isinstance(one, CostDifference) and one.metric == row.metric]
    if differing and row.persons is None:
        yield f"{said}: {differing[0].id} is a cost per person, so it says how many persons it is about"


def _determine(command: DetermineTiers, state: TieredState, context: Context) -> tuple[Decided, ...]:
    terms = state.terms_on(command.on)
    require(terms, "determines", context.by)
    _require_past(command.on, state, context)
    last = state.determinations[-1] if state.determinations else None
    if last is not None and command.on < last.event.on:
        raise Refused(f"what stood as of {last.event.on} is determined; determinations follow one another")
    if last is not None and command.on == last.event.on and command.reason is None:
        raise Refused(f"what stood as of {command.on} is determined by D{last.number}", do="say why anew: --redo --reason TEXT")
    if command.reason is not None and (last is None or command.on > last.event.on):
        raise Refused(f"nothing is determined as of {command.on} yet", do="leave out --redo and its reason")
    given, kept = divided(terms, command.amounts, command.conditions)
    event = e.TiersDetermined(
        number=len(state.determinations) + 1,
        on=command.on,
        amounts=command.amounts,
        conditions=command.conditions,
        given=given,
        kept=kept,
        terms_sha256=terms.sha256,
        basis=command.basis,
        computed_by=command.computed_by,
        reason=command.reason,
    )
    return (Decided(command.on, event),)


def divided(
    terms: TieredTerms, amounts: Iterable[e.AmountFound], conditions: Iterable[e.ConditionFound]
) -> tuple[tuple[e.TierGiven, ...], tuple[e.TierKept, ...]]:
    """What the waterfall gives of the amounts that the valuations gave, and what no tier gives."""
    named = {one.id: one.amount for one in terms.amounts}
    found = {**named, **{one.id: one.amount_ore for one in amounts}}
    division = tiers.divide(terms.waterfall, found, [one.tier for one in conditions if not one.met])
    given = (e.TierGiven(of=one.of, tier=one.tier, party=one.party, amount_ore=one.amount) for one in division.given)
    kept = (e.TierKept(of=one.of, party=one.party, amount_ore=one.amount) for one in division.kept)
    return tuple(given), tuple(kept)


def _agree(command: AgreeTiers, state: TieredState, context: Context) -> tuple[Decided, ...]:
    one = state.determination(command.determination)
    terms = state.terms_on(one.event.on)
    require(terms, "records", context.by, also=(command.role,))
    _require_past(command.on, state, context)
    _require_terms_unchanged(one, state)
    if command.role not in terms.governance.agrees:
        raise Refused(
            f"{command.role} need not agree; governance.agrees names {', '.join(terms.governance.agrees)}",
            where=terms.clause("governance.agrees"),
        )
    if command.role in one.agreed:
        raise Refused(f"{command.role} agreed to D{one.number} on {one.agreed[command.role]}")
    if one.number != len(state.determinations):
        raise Refused(f"D{one.number} was followed by D{len(state.determinations)}; agree to that")
    if command.on < one.event.on:
        raise Refused(f"{command.on} is before what D{one.number} is about, {one.event.on}")
    agreed = {**one.agreed, command.role: command.on}
    falls: tuple[e.PartyClaim, ...] = ()
    if set(terms.governance.agrees) <= agreed.keys():
        falls = claims(one, state, terms, terms.payable_on(max(agreed.values())))
    event = e.TiersAgreed(determination=one.number, role=command.role, on=command.on, claims=falls)
    return (Decided(command.on, event),)


def _require_terms_unchanged(one: TierDetermination, state: TieredState) -> None:
    if one.number == len(state.determinations) and state.is_outdated(one):
        redo = f"soc tiered determine {state.signed.id} --on {one.event.on} --redo --reason TEXT"
        raise Refused(f"the terms of {one.event.on} were changed since D{one.number}", do=f"determine it anew with: {redo}")


def claims(one: TierDetermination, state: TieredState, terms: TieredTerms, payable_on: date) -> tuple[e.PartyClaim, ...]:
    """What each party is given, the payer aside, less what was claimed for it before."""
    parties = {line.party for each in state.determinations for line in each.event.given} - {terms.governance.pays}
    moved = ((party, one.given(party) - state.claimed(party)) for party in sorted(parties))
    return tuple(e.PartyClaim(party=party, amount_ore=amount, payable_on=payable_on) for party, amount in moved if amount)


def _pay(command: PayTiered, state: TieredState, context: Context) -> tuple[Decided, ...]:
    terms = state.terms_on(command.on)
    require(terms, "pays", context.by, also=terms.governance.records)
    _require_past(command.on, state, context)
    if command.amount <= 0:
        raise Refused("an amount that was paid must be above zero")
    for role in (command.payer, command.payee):
        if role not in state.parties:
            raise Refused(f"{role} is not a party", where=terms.clause("parties"))
    if command.payer == command.payee:
        raise Refused("nobody pays itself")
    _require_bond_sides(command, terms)
    pays, side = terms.governance.pays, {"outcome": command.payer, "recovery": command.payee}
    if side.get(command.kind, pays) != pays:
        what = "an outcome is paid from" if command.kind == "outcome" else "what is recovered is paid to"
        raise Refused(f"{what} the {pays}", where=terms.clause("governance.pays"))
    event = e.TieredPaid(
        number=len(state.payments) + 1,
        kind=command.kind,
        payer=command.payer,
        payee=command.payee,
        amount_ore=command.amount,
        on=command.on,
        bank_reference=command.bank_reference,
    )
    return (Decided(command.on, event),)


def _require_bond_sides(command: PayTiered, terms: TieredTerms) -> None:
    """Issue, interest and redemption are of a bond: its holder lends, its issuer pays."""
    if command.kind not in BOND_PAYMENTS:
        return
    if terms.bond is None:
        do = "say what was paid: investment, outcome or recovery"
        raise Refused(f"{command.kind} is paid of a bond; {terms.id} is none: its terms have no [bond]", where="bond", do=do)
    holder, issuer = terms.bond.holder, terms.bond.issuer
    payer, payee = (holder, issuer) if command.kind == "issue" else (issuer, holder)
    if (command.payer, command.payee) != (payer, payee):
        raise Refused(f"{command.kind} is paid by the {payer} to the {payee}", where=terms.clause("bond"))


def _correct(command: CorrectTieredPayment, state: TieredState, context: Context) -> tuple[Decided, ...]:
    if not 1 <= command.number <= len(state.payments):
        raise Refused(f"{state.signed.id} has no payment P{command.number}; it has {len(state.payments)}")
    one = state.payments[command.number - 1]
    terms = state.terms_on(one.on)
    require(terms, "pays", context.by, also=terms.governance.records)
    if not one.open:
        raise Refused(f"P{one.number} was reversed already")
    was, becomes = e.Entry(amount_ore=one.amount, on=one.on), None
    if command.amount is not None or command.on is not None:
        becomes = e.Entry(amount_ore=one.amount if command.amount is None else command.amount, on=command.on or one.on)
        if becomes.amount_ore <= 0 or becomes == was:
            raise Refused("a correction says another amount above zero, or another date; to reverse it, say neither")
        _require_past(becomes.on, state, context)
    event = e.TieredPaymentCorrected(number=one.number, was=was, becomes=becomes, reason=command.reason)
    return (Decided(becomes.on if becomes is not None else one.on, event),)


def _require_past(on: date, state: TieredState, context: Context) -> None:
    if on > context.today:
        raise Refused(f"{on} is in the future; today is {context.today}", do="record it on that day, or date it today or earlier")
    if state.signed_on is not None and on < state.signed_on:
        raise Refused(f"{on} is before the contract was signed on {state.signed_on}", where=state.signed.clause("starts_on"))
