"""A ledger in memory with contracts, determinations of given savings, and a programme over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from ledger import commands as c
from ledger import events as e
from ledger.commands import OfContract
from ledger.dispatch import AnyCommand
from ledger.periods import Month, Period
from ledger.programmes import ChangeProgramme, FormProgramme
from ledger.terms import ContractTerms
from tests import spec
from tests.memory import Memory

MANAGER = e.Actor(name="M. Lind", role="performance_manager")
BOTH = ("payer", "external_provider")
FROM = date(2018, 11, 1)
THIRD = spec.changed(spec.BOTKYRKA, id="tredje", name="A third contract")
TERMS = {one.id: one for one in (spec.BOTKYRKA, spec.ORNSKOLDSVIK, THIRD)}


class Programmes:
    """What a user does, in order of date."""

    def __init__(self, *terms: ContractTerms) -> None:
        self.ledger = Memory(by=MANAGER, at=datetime(2018, 9, 1, 8, tzinfo=UTC), seed="programmes")
        self._steps = 0
        for one in sorted(terms or (spec.BOTKYRKA, spec.ORNSKOLDSVIK), key=lambda one: one.starts_on):
            on = one.starts_on
            self.do(on, OfContract(one.id, c.SignContract(one, on)))
            self.do(on, OfContract(one.id, c.AdoptMethodology(spec.CONTRACT_2018, one.measured_from, BOTH)))

    def do(self, on: date, command: AnyCommand, by: e.Actor = MANAGER) -> Programmes:
        """Record a command on a day. Raises Refused."""
        self._steps += 1
        at = datetime.combine(on, time(9), UTC)
        self.ledger.submit(lambda facts: command, {"step": self._steps}, by=by, at=at)
        return self

    def formed(self, *contracts: str, on: date = FROM, from_on: date = FROM, **more: Any) -> Programmes:
        """The programme is formed."""
        return self.do(on, FormProgramme(formed(*contracts, from_on=from_on, **more)))

    def changed(self, on: date, joins: Sequence[str] = (), leaves: Sequence[str] = ()) -> Programmes:
        """Contracts join or leave on a day."""
        return self.do(on, ChangeProgramme("halsa", on, tuple(joins), tuple(leaves), BOTH, "agreed"))

    def determined(self, contract: str, on: date, savings: Mapping[Month, int], redo: str | None = None) -> Programmes:
        """Savings in öre are determined of whole quarters, as if measured."""
        position = len(self.ledger.records)
        months = spec.measured(savings)
        basis = self.ledger.facts(position).basis
        return self.do(on, OfContract(contract, c.RecordDetermination(months, False, basis, "by hand", redo)))


def formed(*contracts: str, from_on: date = FROM, **more: Any) -> e.ProgrammeFormed:
    """A programme of these contracts, by default of the two."""
    named = contracts or ("botkyrka", "ornskoldsvik")
    return e.ProgrammeFormed(id="halsa", name="Health at work", contracts=named, from_on=from_on, **more)


def quarter(text: str, *ore: int) -> dict[Month, int]:
    """Savings of a period by month, in öre; nothing where none is said."""
    return {month: ore[number] if number < len(ore) else 0 for number, month in enumerate(Period.parse(text))}
