"""Which decider answers a command, and in which stream its events stand. Pure: facts in, events out."""

from __future__ import annotations

from ledger import contract, decisions, evidence, indicators, programmes, tendering, tenders, tiered, tiered_rules
from ledger.commands import Context, Decided, OfContract, SignContract
from ledger.errors import Refused
from ledger.evidence import PublishTrend, ReportAbsences, ReportReimbursements, ReportWorkforce
from ledger.facts import (
    Facts,
    absence_stream,
    contract_stream,
    indicator_stream,
    programme_stream,
    reimbursement_stream,
    tender_stream,
    tiered_stream,
    trend_stream,
    workforce_stream,
)
from ledger.indicators import ReportIndicators, StateTargets
from ledger.programmes import ChangeProgramme, FormProgramme, ProgrammeCommand
from ledger.tenders import OfTender, TenderState
from ledger.tiered import OfTiered

AnyCommand = (
    OfContract
    | OfTiered
    | OfTender
    | ReportAbsences
    | ReportWorkforce
    | ReportReimbursements
    | ReportIndicators
    | StateTargets
    | FormProgramme
    | ChangeProgramme
    | PublishTrend
)


def answered_from(command: AnyCommand) -> str:
    """The stream that tells what came of a command."""
    if isinstance(command, OfTiered):
        return tiered_stream(command.contract)
    if isinstance(command, OfTender):
        return tender_stream(command.tender)
    if isinstance(command, ProgrammeCommand):
        return programme_stream(command.id)
    return contract_stream("" if isinstance(command, PublishTrend) else command.contract)


def stream_of(command: AnyCommand) -> str:
    """The stream that a command writes."""
    match command:
        case OfContract():
            return contract_stream(command.contract)
        case OfTiered():
            return tiered_stream(command.contract)
        case OfTender():
            return tender_stream(command.tender)
        case ReportAbsences():
            return absence_stream(command.contract)
        case ReportWorkforce():
            return workforce_stream(command.contract)
        case ReportReimbursements():
            return reimbursement_stream(command.contract)
        case ReportIndicators() | StateTargets():
            return indicator_stream(command.contract)
        case FormProgramme() | ChangeProgramme():
            return programme_stream(command.id)
        case PublishTrend():
            return trend_stream(command.series)


def decide(command: AnyCommand, facts: Facts, context: Context) -> tuple[Decided, ...]:
    """The events that a command brings about on the facts as they stand, by its decider. Raises Refused."""
    match command:
        case OfContract():
            if isinstance(command.command, SignContract):
                _check_signature(command.command, facts, context)
            state = contract.fold(facts.stream(contract_stream(command.contract)))
            return decisions.decide(command.command, state, context)
        case OfTiered():
            return tiered_rules.decide(command.command, tiered.fold(facts.stream(tiered_stream(command.contract))), context)
        case OfTender():
            every = _tenders(facts)
            state_of = every.get(command.tender, tenders.Initial)
            return tendering.decide(command.command, state_of, context, facts.contracts, every)
        case ReportIndicators() | StateTargets():
            held = indicators.fold(facts.stream(indicator_stream(command.contract)))
            return indicators.decide(command, facts.contract(command.contract), held, context)
        case FormProgramme() | ChangeProgramme():
            return _decide_programme(command, facts, context)
        case PublishTrend():
            return evidence.decide(command, contract.Initial, context)
        case _:
            return evidence.decide(command, facts.contract(command.contract), context)


def _check_signature(command: SignContract, facts: Facts, context: Context) -> None:
    """Refuse an id that a contract settled by tiers has, and terms that differ from what was awarded."""
    if command.terms.id in facts.named("tiered"):
        raise Refused(f"{command.terms.id} is the id of a contract settled by tiers", where="id", do="give the terms another id")
    tendering.check_signature(command.terms, _tenders(facts), context.today)


def _tenders(facts: Facts) -> dict[str, TenderState]:
    """Every tender on record, by its id."""
    return {name: tenders.fold(facts.stream(tender_stream(name))) for name in facts.named("tender")}


def _decide_programme(command: ProgrammeCommand, facts: Facts, context: Context) -> tuple[Decided, ...]:
    every = {name: programmes.fold(facts.stream(programme_stream(name))) for name in facts.named("programme")}
    wanted = programmes.named(command, every.get(command.id, programmes.ProgrammeState()))
    known = set(facts.contracts)
    return programmes.decide(command, every, {one: facts.contract(one) for one in wanted if one in known}, context)


def recorders(command: AnyCommand, facts: Facts) -> frozenset[str]:
    """The roles that record in every contract that measures by a national series, or else in any contract at all."""
    if not isinstance(command, PublishTrend):
        return frozenset()
    states = [facts.contract(one) for one in facts.contracts]
    using = [one for one in states if any(found.trend.series == command.series for _, found in one.methodologies)]
    roles = [frozenset(one.versions[-1][1].governance.records) for one in using or states]
    if not roles:
        return frozenset()
    return frozenset.intersection(*roles) if using else frozenset.union(*roles)
