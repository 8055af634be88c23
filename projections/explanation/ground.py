"""What an explanation draws on: one contract's record, read, folded and measured once, however many figures ask."""

from __future__ import annotations

from collections.abc import Callable, Collection
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ledger import contract
from ledger.contract import ContractState, Determination
from ledger.events import AnyMonth, ContractAmended, ContractSigned, IndexValue, SavingsDetermined
from ledger.facts import (
    Facts,
    contract_stream,
    evidence_streams,
    indicator_stream,
    reimbursement_stream,
    trend_stream,
    workforce_stream,
)
from ledger.methodology import Measure, Methodology
from ledger.periods import Month, Quarter
from ledger.record import Recorded
from ledger.terms import ContractTerms
from projections.explanation.tree import Node, RestsOn, Unit
from projections.proposals import locked_at

if TYPE_CHECKING:
    from projections.absences import Reports
    from projections.audience import Audience
    from projections.facts_used import EveryReport


class Ground:
    """One contract as known at the facts. ``audience``: who will read; ``lines``: single report lines are wanted."""

    def __init__(self, facts: Facts, contract_id: str, audience: Audience, *, lines: bool = False) -> None:
        self.facts, self.contract, self.audience, self.lines = facts, contract_id, audience, lines
        records = facts.stream(contract_stream(contract_id))
        if not records:
            facts.contract(contract_id)  # which says that there is none
        self.records = {record.position: record for record in records}
        self.before: dict[int, ContractState] = {}
        self.after: dict[int, ContractState] = {}
        self.history: list[tuple[Recorded[Any], ContractState]] = []
        self.folded = self._fold()
        self._told: dict[str, tuple[Node, int]] = {}
        self._seen: set[object] = set()
        self._at: dict[int, Facts] = {}
        self._every: dict[str, Reports] = {}
        self._earlier: dict[tuple[str, int], Reports] = {}
        self._reports: dict[tuple[Measure, int, tuple[Month, ...]], EveryReport] = {}

    def _fold(self) -> ContractState:
        """The contract as it stands; on the way just before and just after each determination, and after each record that
        can move a sum or its targets."""
        state = contract.Initial
        for record in self.records.values():
            was, state = state, contract.evolve(state, record)
            if isinstance(record.data, (ContractSigned, ContractAmended, SavingsDetermined)):
                self.history.append((record, state))
            if isinstance(record.data, SavingsDetermined):
                self.before[record.data.number], self.after[record.data.number] = was, state
        return state

    def once(self, key: str, make: Callable[[], Node]) -> Node:
        """The node of that key, taken apart where the tree first comes to it; afterwards only named."""
        if key in self._told:
            first, times = self._told[key]
            self._told[key] = (first, times + 1)
            return Node(f"{key}~{times + 1}", first.what, first.value, first.unit, see=first.see or first.key)
        node = make()
        self._told[key] = (node, 1)
        return node

    def told(self, key: str) -> bool:
        """Whether the tree has come to that key."""
        return key in self._told

    def first_seen(self, fact: object) -> bool:
        """Whether the tree comes to a fact for the first time."""
        if fact in self._seen:
            return False
        self._seen.add(fact)
        return True

    def at(self, position: int) -> Facts:
        """The facts as they stood at a record."""
        if position not in self._at:
            self._at[position] = self.facts.at(position)
        return self._at[position]

    # Records

    @cached_property
    def evidence(self) -> dict[int, Recorded[Any]]:
        """The contract's evidence and the national series that it is measured by, by position."""
        series = {trend_stream(one.trend.series) for one in self.folded.every_methodology.values()}
        streams = (*evidence_streams(self.contract), *sorted(series))
        return {record.position: record for name in streams for record in self.facts.stream(name)}

    def record(self, position: int) -> Recorded[Any]:
        """A record of the contract, of its evidence, or of its targets and unpaid outcomes."""
        found = self.records.get(position) or self.evidence.get(position)
        return found or next(one for one in self.facts.stream(indicator_stream(self.contract)) if one.position == position)

    def rests(self, position: int, what: str) -> RestsOn:
        """A record as what a figure rests on, with its document."""
        evidence = self.record(position).evidence
        document = evidence[0] if evidence else None
        return RestsOn(position, what, *((document.document, document.sha256) if document else (None, None)))

    def determined(self, one: Determination) -> RestsOn:
        """A determination as what a figure rests on."""
        return self.rests(one.position, f"D{one.number} determines {one.period}")

    def index_record(self, series: str, value: IndexValue, upto: int, *, last: bool) -> int:
        """The record that gave a value of a national series: the first with it, or the last."""
        records = [one for one in self.facts.stream(trend_stream(series)) if one.position <= upto and value in one.data.values]
        return int(records[-1 if last else 0].position)

    @cached_property
    def _headcounts(self) -> dict[Month, dict[str, list[tuple[int, int]]]]:
        """Month → workplace → record and employees, in order of recording."""
        found: dict[Month, dict[str, list[tuple[int, int]]]] = {}
        for record in self.facts.stream(workforce_stream(self.contract)):
            for row in record.data.rows:
                found.setdefault(row.month, {}).setdefault(row.workplace, []).append((record.position, row.employees))
        return found

    def headcounts(self, month: Month, upto: int) -> dict[str, tuple[int, int]]:
        """The last headcount of each workplace by then: its record, and employees (rule 1)."""
        known = {name: [one for one in said if one[0] <= upto] for name, said in sorted(self._headcounts.get(month, {}).items())}
        return {name: said[-1] for name, said in known.items() if said}

    def reimbursement(self, month: Month, upto: int) -> RestsOn:
        """The last record by then that says what the state repaid of a month's sick pay."""
        records = [
            one
            for one in self.facts.stream(reimbursement_stream(self.contract))
            if one.position <= upto and any(row.month == month for row in one.data.rows)
        ]
        return self.rests(records[-1].position, f"sick pay repaid by the state, {month}")

    def count_headcounts(self, month: Month, upto: int) -> int:
        """How many headcounts of a month are on record by then."""
        return sum(position <= upto for said in self._headcounts.get(month, {}).values() for position, _ in said)

    def count_values(self, series: str, quarter: Quarter, upto: int) -> int:
        """How many values of a quarter are on record by then."""
        records = (one for one in self.facts.stream(trend_stream(series)) if one.position <= upto)
        return sum(value.quarter == quarter for record in records for value in record.data.values)

    def count_reimbursements(self, month: Month, upto: int) -> int:
        """How many records by then say what the state repaid of a month's sick pay."""
        records = (one for one in self.facts.stream(reimbursement_stream(self.contract)) if one.position <= upto)
        return sum(row.month == month for record in records for row in record.data.rows)

    # Measuring

    def method(self, line: AnyMonth) -> Methodology:
        """What a month was determined by."""
        return self.folded.every_methodology[line.methodology_sha256]

    def locked(self, one: Determination, methodology: Methodology) -> int:
        """The record up to which reference rates and values were taken (rules 6, 7)."""
        return locked_at(self.folded, methodology) or one.basis

    def reports(self, measure: Measure, position: int, months: Collection[Month]) -> EveryReport:
        """What became of every report line of those months, as known at a record; single lines are told by their own numbers."""
        source, key = measure.source, (measure, position, tuple(months))
        if key not in self._reports:
            from projections.explanation.reports import about
            from projections.facts_used import EveryReport
            from projections.measured import Measured

            found = Measured(self.at(position), self.contract, source)
            reported = self._read(source, position)
            found.reported = reported if self.lines else about(reported, months, measure.numbers)
            self._reports[key] = EveryReport(found)
        return self._reports[key]

    def _read(self, source: str, position: int) -> Reports:
        """A source's reports, read once, as known at a record."""
        if source not in self._every:
            from projections.absences import reports

            self._every[source] = reports(self.facts, self.contract, source)
        every = self._every[source]
        known = sum(record.position <= position for record in every.records)
        if (source, known) not in self._earlier:
            self._earlier[source, known] = every if known == len(every.records) else every.earlier(known)
        return self._earlier[source, known]


def place(terms: ContractTerms, key: str) -> str:
    """Where a key stands in the contract: its clause or, where none is given, its key in the terms."""
    return terms.clauses.get(key, f"terms: {key}")


def term(terms: ContractTerms, clause: str, what: str, value: int | Fraction, unit: Unit, key: str) -> Node:
    """A leaf: what the contract says under a key of its terms, where, and whether it is published, derived or assumed."""
    return Node(key, what, value, unit, clause=place(terms, clause), status=terms.status(clause))
