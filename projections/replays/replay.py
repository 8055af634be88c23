"""The same facts under other methodologies: what each month, entitlement and balance would be. A replay reads facts, decides
anew in memory, and is handed nothing that it could write to; its figures are simulations (decision 11).

What it shows is what adopting the methodology for these months and determining them, on the same facts, would record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from ledger.contract import ContractState, Determination
from ledger.errors import Refused
from ledger.events import AnyMonth, MonthDetermined
from ledger.facts import Facts, evidence_streams
from ledger.methodology import Methodology
from ledger.periods import Month, day_in_stockholm
from projections import measured as reports
from projections.about import About, abouts
from projections.as_of import AsOf
from projections.book import Folded
from projections.measured import Measured
from projections.postings import INSTRUCTED, PAID, RECOVERED
from projections.proposals import is_preliminary, locked_at, measured
from projections.savings import Standing, in_order, missing, standing
from projections.state import Reaching, Reachings

Lines = Mapping[Month, AnyMonth]


class Replayer:
    """A contract's facts, to be measured under any methodology. ``then``: each determined month on the facts that its
    determination saw, as it took them; else on all facts, as a redo would take them. Reports are read and numbered once."""

    def __init__(self, facts: Facts, contract_id: str, *, then: bool = False) -> None:
        self.facts, self.folded, self.then = facts, facts.contract(contract_id), then
        self.determined = {line.month: one for one in self.folded.in_force for line in one.months}
        self._measured: dict[str, Measured] = {}
        self._settled: dict[date, int] = {}
        self._then: dict[int, Lines] = {}
        self._stood: dict[int, dict[Month, int]] = {}
        self._standings: dict[tuple[str, int, int, bool], Standing] = {}

    @cached_property
    def abouts(self) -> tuple[About, ...]:
        """What the contract's evidence is about, record by record."""
        streams = evidence_streams(self.folded.signed.id)
        return tuple(one for name in streams for record in self.facts.stream(name) for one in abouts(record))

    def measured(self, source: str) -> Measured:
        """What the source's reports say."""
        if source not in self._measured:
            self._measured[source] = reports.measured(self.facts, self.folded.signed.id, source)
        return self._measured[source]

    def standing(self, methodology: Methodology, month: Month) -> Standing:
        """The methodology on the facts that the month is measured on."""
        position, locked = self.positions(methodology, month)
        one = self.determined.get(month)
        redo = one is not None and (one.redo or not self.then)
        key = (methodology.sha256, position, locked, redo)
        if key not in self._standings:
            facts, measured = self.facts.at(position), self.measured(methodology.measure.source)
            now = measured.at(facts)
            self._standings[key] = standing(facts, self.facts.at(locked), self.folded, methodology, redo=redo, now=now)
        return self._standings[key]

    def positions(self, methodology: Methodology, month: Month) -> tuple[int, int]:
        """The records up to which the month is measured, and up to which its reference values are taken."""
        one = self.determined.get(month)
        position = one.basis if one is not None and self.then else self.facts.position
        return position, self._locked(methodology, month) or position

    def _locked(self, methodology: Methodology, month: Month) -> int | None:
        """Up to where reference rates and values are taken: where the methodology locked them, or, on the facts of the time,
        where the one that the month was determined by did (rules 6, 7)."""
        if month in self.determined and self.then:
            return locked_at(self.folded, self.in_force(month))
        return locked_at(self.folded, methodology)

    def in_force(self, month: Month) -> Methodology:
        """The methodology that a month was determined by, or is to be."""
        one = self.determined.get(month)
        if one is None:
            return self.folded.methodology_of(month)
        recorded = next(line for line in one.months if line.month == month).methodology_sha256
        return self.folded.every_methodology[recorded]

    def settled(self, as_of: date) -> int:
        """Öre paid and instructed to the provider by a date, less what was recovered."""
        if as_of not in self._settled:
            sums = Folded(self.facts).sums(self.folded.signed.id, as_of)
            self._settled[as_of] = sums.get(PAID, 0) + sums.get(f"{INSTRUCTED}:outcome", 0) + sums.get(RECOVERED, 0)
        return self._settled[as_of]

    def _as_it_was(self, month: Month) -> AnyMonth:
        """A determined month by its own methodology on the facts of then, averages taken of what stood then."""
        one = self.determined[month]
        if one.resolves is not None:  # a dispute's resolution decided it, nobody measured it
            return next(line for line in one.months if line.month == month)
        if one.number not in self._then:
            facts, before = self.facts.at(one.basis), self.facts.at(one.position - 1).contract(self.folded.signed.id)
            self._then[one.number] = {line.month: line for line in measured(facts, before, one.period, redo=one.redo)}
        return self._then[one.number][month]

    def lines(self, methods: Mapping[Month, Methodology]) -> Lines:
        """The months, each under its methodology; averages are taken of them before any determined ones."""
        found = self._lines(methods)
        if not self.then:
            return found
        own = {month for month, method in methods.items() if month in self.determined and method == self.in_force(month)}
        return {month: self._as_it_was(month) if month in own else line for month, line in found.items()}

    def _lines(self, methods: Mapping[Month, Methodology]) -> Lines:
        on = {
            month: replace(self.standing(method, month), settled=self._averageable(month, methods))
            for month, method in methods.items()
        }
        return dict(zip(methods, in_order(methods, on, self.folded.terms_of), strict=True))

    def _averageable(self, month: Month, within: Collection[Month]) -> dict[Month, int]:
        """The savings of months outside that an average may be taken of: as they stand or, on the facts of the time, as they
        stood when the month was determined, those determined with it among them."""
        one = self.determined.get(month)
        if one is None or not self.then:
            found = self.folded.averageable
        else:
            if one.number not in self._stood:
                stood = self.facts.at(one.position - 1).contract(self.folded.signed.id).averageable
                together = {line.month: line.savings_ore for line in one.months if isinstance(line, MonthDetermined)}
                self._stood[one.number] = stood | together
            found = self._stood[one.number]
        return {other: amount for other, amount in found.items() if other not in within}

    def lacking(self, methodology: Methodology, months: Sequence[Month]) -> dict[Month, list[str]]:
        """What is missing before each of the months can be measured, in words; months without anything missing are left out."""
        within = frozenset(month for month in months if methodology.agreed(month) is None)
        found = {
            month: missing(replace(self.standing(methodology, month), settled=self._averageable(month, months)), month, within)
            for month in months
        }
        return {month: said for month, said in found.items() if said}


@dataclass(frozen=True)
class Outcome:
    """What a contract would stand at. Amounts in öre; ``settled``: paid and instructed less recovered by the as-of date; ``due``
    and ``overpaid``: if the whole entitlement were payable."""

    label: str
    methodology: Methodology | None
    lines: Lines
    folded: ContractState
    as_of: date
    settled: int = 0

    @cached_property
    def savings(self) -> dict[Month, int]:
        """Savings by month that ended by the as-of date."""
        return {month: amount for month, amount in sorted(self.folded.savings.items()) if month.last_day <= self.as_of}

    @property
    def sum(self) -> int:
        """S: the sum of savings."""
        return sum(self.savings.values())

    @cached_property
    def entitlements(self) -> dict[Month, int]:
        """E at each month's end."""
        return {step.month: step.entitlement for step in self.folded.path if step.month in self.savings}

    @property
    def entitled(self) -> int:
        """E: the provider's entitlement."""
        return next(reversed(self.entitlements.values()), 0)

    @property
    def to_authority(self) -> int:
        """S − E."""
        return self.sum - self.entitled

    @property
    def _unpaid(self) -> int:
        return self.entitled - self.settled

    @property
    def due(self) -> int:
        """What would be due to the provider (rule 17)."""
        return max(0, self._unpaid)

    @property
    def overpaid(self) -> int:
        """What would have been paid too much."""
        return max(0, -self._unpaid)

    @property
    def preliminary(self) -> bool:
        """Whether a month rests on an index value that is not published."""
        return any(is_preliminary(line) for line in self.lines.values())

    @cached_property
    def reaching(self) -> dict[str, Reaching]:
        """The break-evens of contract, authority and provider, and the cap (rule 11)."""
        found = Reachings((), self.folded, self.as_of)
        targets = {"contract": "savings", "authority": "authority", "provider": "provider", "cap": "provider"}
        return {target: found.of(target, party) for target, party in targets.items()}


@dataclass(frozen=True)
class Replay:
    """Methodologies side by side over the same months and facts. ``recorded``: what stands on record for the months that are
    determined. ``stopped``: why later months that have ended are not replayed, by the methodology's SHA-256."""

    contract: str
    facts: Facts
    when: AsOf
    then: bool
    months: tuple[Month, ...]
    replayer: Replayer
    recorded: Outcome
    outcomes: tuple[Outcome, ...]
    stopped: Mapping[str, tuple[str, ...]]

    @property
    def suspended(self) -> tuple[Month, ...]:
        """Months whose follow-up is suspended: a replay counts them all the same."""
        return tuple(month for month in self.months if self.replayer.folded.suspended(month))


def replay(
    facts: Facts,
    contract_id: str,
    methodologies: Sequence[Methodology],
    *,
    months: Iterable[Month] | None = None,
    as_of: date | None = None,
    then: bool = False,
    replayer: Replayer | None = None,
) -> Replay:
    """The methodologies over the months asked for, others standing as determined; by default over the contract's months from the
    first to the last that ended by ``as_of`` and that all of them can measure.

    Raises Usage for an unknown contract, Refused for months that are not of the contract, have not ended or lack evidence.
    """
    replayer = replayer or Replayer(facts, contract_id, then=then)
    when = AsOf.latest(facts, as_of)
    ended = _ended(replayer.folded, when.as_of)
    stopped: dict[str, tuple[str, ...]] = {}
    if months is None:
        asked, stopped = _run(replayer, methodologies, ended)
    else:
        asked = tuple(sorted(set(months)))
        _check(replayer, methodologies, asked, ended, when.as_of)
    outcomes = tuple(outcome(replayer, dict.fromkeys(asked, one), when.as_of, one.name, one) for one in methodologies)
    standing_as_it_is = {line.month: line for one in replayer.folded.in_force for line in one.months}
    recorded = Outcome("recorded", None, standing_as_it_is, replayer.folded, when.as_of, replayer.settled(when.as_of))
    return Replay(contract_id, facts, when, then, asked, replayer, recorded, outcomes, stopped)


def outcome(
    replayer: Replayer, methods: Mapping[Month, Methodology], as_of: date, label: str, methodology: Methodology | None = None
) -> Outcome:
    """The contract as it would stand with these months measured so."""
    lines = replayer.lines(methods)
    return Outcome(label, methodology, lines, _as_if(replayer, lines), as_of, replayer.settled(as_of))


def _as_if(replayer: Replayer, lines: Lines) -> ContractState:
    """The contract with one determination of the lines in place of what is determined of their months."""
    folded = replayer.folded
    kept = (replace(one, months=tuple(line for line in one.months if line.month not in lines)) for one in folded.in_force)
    standing = tuple(one for one in kept if one.months)
    simulated = Determination(
        number=len(folded.determinations) + 1,
        position=replayer.facts.position,
        determined_on=day_in_stockholm(replayer.facts.known_at),
        basis=replayer.facts.position,
        months=tuple(lines.values()),
        preliminary=any(map(is_preliminary, lines.values())),
        claim_ore=0,
    )
    determinations = (*standing, simulated) if lines else standing
    return replace(folded, determinations=determinations, suspensions=(), suspended_from=None)


def _ended(folded: ContractState, as_of: date) -> tuple[Month, ...]:
    """The contract's months that ended by a date."""
    months = []
    month = folded.signed.first_month
    while month <= folded.terms_of(month).last_month and month.last_day <= as_of:
        months.append(month)
        month = month + 1
    return tuple(months)


def _run(
    replayer: Replayer, methodologies: Sequence[Methodology], ended: tuple[Month, ...]
) -> tuple[tuple[Month, ...], dict[str, tuple[str, ...]]]:
    """The months from the first on that all methodologies can measure, and why each cannot go on."""
    lacking = {one.sha256: replayer.lacking(one, ended) for one in methodologies}
    first = min((min(found) for found in lacking.values() if found), default=None)
    if first is None:
        return ended, {}
    stopped = {one: tuple(found[first]) for one, found in lacking.items() if first in found}
    asked = tuple(month for month in ended if month < first)
    if not asked:
        said = "\n    ".join(dict.fromkeys(one for found in stopped.values() for one in found))
        raise Refused(f"no month can be replayed under every methodology:\n    {said}")
    again, more = _run(replayer, methodologies, asked)  # an average may need a month that is left out now
    return again, {**stopped, **more}


def _check(
    replayer: Replayer, methodologies: Sequence[Methodology], asked: tuple[Month, ...], ended: tuple[Month, ...], as_of: date
) -> None:
    terms = replayer.folded.versions[-1][1]
    if strange := [month for month in asked if month not in ended]:
        named = ", ".join(map(str, strange))
        raise Refused(
            f"{named}: not a month of the contract ({terms.first_month} to {terms.last_month}) that ended by {as_of}",
            where=terms.clause("months"),
        )
    faults = [
        f"{one.name}: {said}"
        for one in methodologies
        for found in replayer.lacking(one, asked).values()
        for said in dict.fromkeys(found)
    ]
    if faults:
        raise Refused(
            "these months cannot be replayed:\n    " + "\n    ".join(dict.fromkeys(faults)),
            do=f"see what is in with: soc evidence {terms.id}, or leave --periods out",
        )
