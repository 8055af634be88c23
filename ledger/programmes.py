"""The decider of programmes, several contracts looked at as one: who may form and change one, and what it may hold. Pure.

A programme moves no money: each contract has its own terms, cap and payments. Source: the case study, §3 and §4.2, speaks of the
two contracts as one; who decides that a contract belongs to one is not published, so that it is those who sign it [A].
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, assert_never

from pydantic import ValidationError

from ledger import events as e
from ledger.commands import Context, Decided
from ledger.contract import ContractState
from ledger.errors import Refused
from ledger.record import Recorded
from ledger.terms import ContractTerms
from ledger.toml_files import faults_of, read_toml

# ── What it is told ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class FormProgramme:
    """Contracts are looked at as one from a day on."""

    programme: e.ProgrammeFormed

    @property
    def id(self) -> str:
        """The programme's id."""
        return self.programme.id


@dataclass(frozen=True)
class ChangeProgramme:
    """Contracts join a programme, or leave it, from a day on."""

    id: str
    from_on: date
    joins: tuple[str, ...]
    leaves: tuple[str, ...]
    agreed_by: tuple[str, ...]
    reason: str


ProgrammeCommand = FormProgramme | ChangeProgramme


def read_programme(content: bytes, file: str) -> e.ProgrammeFormed:
    """A programme from TOML: id, name, contracts, from_on, what is stated, rates. Raises InputRefused with every fault."""
    try:
        return e.ProgrammeFormed.model_validate(read_toml(content, file))
    except ValidationError as error:
        raise faults_of(error, content, file) from None


# ── What it remembers ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Members:
    """The contracts from a day on, and the record that says so."""

    from_on: date
    contracts: tuple[str, ...]
    record: Recorded[Any]


@dataclass(frozen=True)
class ProgrammeState:
    """A programme as it stands. ``versions``: its contracts, in order of the day from which they are its."""

    formed: e.ProgrammeFormed | None = None
    versions: tuple[Members, ...] = field(default=())

    def on(self, day: date) -> Members | None:
        """What holds on a day; None before it was formed."""
        return next((one for one in reversed(self.versions) if one.from_on <= day), None)

    def holds_from(self, contract: str, day: date) -> bool:
        """Whether a contract is in it on a day, or on any later one."""
        now = self.on(day)
        return any(contract in one.contracts for one in self.versions if one is now or one.from_on > day)


def fold(records: Iterable[Recorded[Any]]) -> ProgrammeState:
    """The state after a stream's records."""
    formed: e.ProgrammeFormed | None = None
    versions: list[Members] = []
    for record in records:
        event: e.ProgrammeEvent = record.data
        match event:
            case e.ProgrammeFormed():
                formed = event
                versions = [Members(event.from_on, event.contracts, record)]
            case e.ProgrammeChanged():
                before = versions[-1].contracts
                stay = (one for one in before if one not in event.leaves)
                versions.append(Members(event.from_on, (*stay, *event.joins), record))
            case _:
                assert_never(event)
    return ProgrammeState(formed, tuple(versions))


# ── The rules ────────────────────────────────────────────────────────────────────────────────────────────────────────


def named(command: ProgrammeCommand, state: ProgrammeState) -> tuple[str, ...]:
    """The contracts that a command is about: those that the programme holds and those that join or leave."""
    held = state.versions[-1].contracts if state.versions else ()
    match command:
        case FormProgramme():
            return command.programme.contracts
        case ChangeProgramme():
            return tuple(dict.fromkeys((*held, *command.joins, *command.leaves)))
        case _:
            assert_never(command)


def decide(
    command: ProgrammeCommand,
    programmes: Mapping[str, ProgrammeState],
    contracts: Mapping[str, ContractState],
    context: Context,
) -> tuple[Decided, ...]:
    """The event that a command brings about. ``programmes``: all on record; ``contracts``: those of them that it names. Raises
    Refused with every fault."""
    state = programmes.get(command.id, ProgrammeState())
    others = {name: one for name, one in programmes.items() if name != command.id}
    event: e.ProgrammeEvent
    match command:
        case FormProgramme():
            event = command.programme
            _refuse(command.id, [*_forming(event, state), *_joining(event.contracts, event.from_on, others, contracts)])
        case ChangeProgramme():
            _refuse(command.id, [*_changing(command, state), *_joining(command.joins, command.from_on, others, contracts)])
            _refuse(command.id, list(_disagreeing(command, contracts)))
            event = _changed(command)
        case _:
            assert_never(command)
    late = [f"{event.from_on} is in the future; today is {context.today}"] if event.from_on > context.today else []
    _refuse(command.id, [*late, *_acting(context, [contracts[one] for one in named(command, state)])])
    return (Decided(event.from_on, event),)


def _changed(command: ChangeProgramme) -> e.ProgrammeChanged:
    return e.ProgrammeChanged(
        id=command.id,
        from_on=command.from_on,
        joins=command.joins,
        leaves=command.leaves,
        agreed_by=command.agreed_by,
        reason=command.reason,
    )


def _refuse(programme: str, faults: Sequence[str]) -> None:
    if faults:
        what = "\n    ".join([f"the programme {programme} cannot be recorded so:", *faults])
        raise Refused(what, do="see what is on record with: soc contract list, and soc programme list")


def _forming(event: e.ProgrammeFormed, state: ProgrammeState) -> Iterator[str]:
    if state.formed is not None:
        yield "there is a programme of this id already; contracts join it and leave it"
    if not event.name.strip():
        yield "it has no name"
    yield from _twice("contracts", event.contracts)
    yield from _twice("stated", [f"{one.figure} in {one.unit} by {one.source}" for one in event.stated])
    yield from _twice("rates", [one.currency for one in event.rates])


def _changing(command: ChangeProgramme, state: ProgrammeState) -> Iterator[str]:
    if not state.versions:
        yield "there is no programme of this id on record"
        return
    last = state.versions[-1]
    if command.from_on < last.from_on:
        yield f"it was last changed from {last.from_on} on; a change dated {command.from_on} would come before that"
    if not (command.joins or command.leaves):
        yield "no contract joins and none leaves"
    yield from _twice("contracts that join", command.joins)
    yield from _twice("contracts that leave", command.leaves)
    yield from (f"{one} is in it already" for one in command.joins if one in last.contracts)
    yield from (f"{one} is not in it" for one in command.leaves if one not in last.contracts)
    if not {*last.contracts, *command.joins} - {*command.leaves}:
        yield "no contract would be left in it"


def _joining(
    joins: Iterable[str], on: date, others: Mapping[str, ProgrammeState], contracts: Mapping[str, ContractState]
) -> Iterator[str]:
    """What keeps contracts from coming in: not on record, not signed by then, in another programme."""
    for contract in dict.fromkeys(joins):
        found = contracts.get(contract)
        if found is None or found.signed_on is None:
            yield f"no contract {contract} that is measured by sick leave is on record"
            continue
        if found.signed_on > on:
            yield f"{contract} was signed on {found.signed_on}, after {on}"
        yield from (f"{contract} is in the programme {name} then" for name, one in others.items() if one.holds_from(contract, on))


def _disagreeing(command: ChangeProgramme, contracts: Mapping[str, ContractState]) -> Iterator[str]:
    """Who has not agreed of those that must in a contract that joins or leaves, and who is no party of any of them."""
    moved = [_terms(contracts[one]) for one in (*command.joins, *command.leaves)]
    for terms in moved:
        missing = [role for role in terms.governance.agrees if role not in command.agreed_by]
        if missing:
            yield f"{terms.id}: agreement is missing from {', '.join(missing)} ({terms.clause('governance.agrees')})"
    parties = {role for terms in moved for role in terms.parties}
    yield from (f"{role} is no party of a contract that joins or leaves" for role in command.agreed_by if role not in parties)


def _acting(context: Context, contracts: Collection[ContractState]) -> Iterator[str]:
    for terms in map(_terms, contracts):
        if context.by.role not in terms.governance.signs:
            signs = ", ".join(terms.governance.signs)
            yield f"{terms.id}: {context.by.role} may not do this; {signs} sign it ({terms.clause('governance.signs')})"


def _terms(contract: ContractState) -> ContractTerms:
    return contract.versions[-1][1]


def _twice(where: str, keys: Sequence[str]) -> Iterator[str]:
    yield from (f"{where}: {key} stands twice" for key in dict.fromkeys(keys) if keys.count(key) > 1)
