"""What a bundle says, computed again: every record that rests on others, and every state that it states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from ledger import contract
from ledger.canonical import canonical
from ledger.contract import ContractState
from ledger.events import ContractClosed, ContractSigned, SavingsDetermined, TieredSigned
from ledger.facts import Facts, contract_stream, streams_of, tiered_stream
from ledger.periods import day_in_stockholm
from ledger.record import Recorded
from projections import check, check_disputes
from projections.audit import findings as audit_findings
from projections.state import State, state
from projections.tiered import state as tiered_state
from projections.verification import dated as verifying_dated
from projections.verification import decided as verifying_decided
from projections.verification import tender as verifying_tender
from projections.verification import tiered as verifying_tiered
from projections.verification.items import Items
from projections.verification.kinds import belongs_to
from projections.verification.source import Shown
from projections.verification.stated import NOT_STATED, Totals

AsJson = Callable[[State | tiered_state.State], Mapping[str, Any]]
"""A state as a bundle states it."""
DAYS_MOST = 200
"""States of a contract that are computed again: no contract lasts as many years."""


@dataclass
class Recomputed:
    """How much was computed again, and what was not because this version does not know how."""

    determinations: int = 0
    states: int = 0
    not_recomputed: list[str] = field(default_factory=list)


def recomputed(
    facts: Facts,
    states: Mapping[str, Sequence[Mapping[str, Any]]],
    totals: Totals | None,
    unknown: Mapping[str, str],
    as_json: AsJson,
    items: Items,
) -> Recomputed:
    """Every record against what the rules give, in order; then every state. ``totals``: days where there are no lines;
    ``unknown``: types of records and methodologies (by SHA-256) that this version does not know, with their names."""
    found = Recomputed(not_recomputed=sorted(set(unknown.values())))
    wrong = [each for one in facts.source.contracts() for each in _Contract(facts, one, totals, unknown, found).wrong()]
    for one in facts.source.named("tiered"):
        wrong += verifying_tiered.wrong(facts, one)
        found.determinations += verifying_tiered.determinations(facts, one)
    wrong += [each for one in facts.source.named("tender") for each in verifying_tender.wrong(facts, one)]
    if isinstance(facts.source, Shown) and (states or facts.source.of_contracts):
        wrong += _apart(facts.source.apart(), facts)
    for position, what in sorted(wrong, key=lambda one: one[0]):
        items.add("recomputed", f"record {position}", what)
    if totals is not None and totals.missed:
        _, _, upto, month, *_ = totals.missed[0]
        items.add("recomputed", "totals", f"the days of {month} known at record {upto} are not stated")
    elif totals is not None and totals.unasked and not unknown and not wrong:
        _, _, upto, month, *_ = totals.unasked[0]
        items.add("recomputed", "totals", f"nothing asks for the days of {month} known at record {upto}")
    contradicted = any(one.part in ("intact", "recomputed") for one in items)
    for one in sorted({*facts.source.contracts(), *facts.source.named("tiered"), *states}):
        for day, odd in _states(facts, one, states.get(one, ()), as_json, found, contradicted=contradicted):
            items.add("recomputed", f"state of {one} as of {day}", odd)
    return found


def _apart(records: Sequence[Recorded[Any]], facts: Facts) -> Iterator[tuple[int, str]]:
    """Position and what of every record of no contract that says another day than it is about, and of every report of a contract
    of which nothing else is shown."""
    for record in records:
        of_nobody = not belongs_to(record.stream)[0]
        odd = (
            verifying_dated.differences(facts, record) if of_nobody else [f"it is of no contract that is shown: {record.stream}"]
        )
        yield from ((record.position, what) for what in odd)


@dataclass
class _Contract:
    """One contract's records, computed again in order."""

    facts: Facts
    name: str
    totals: Totals | None
    unknown: Mapping[str, str]
    found: Recomputed

    def wrong(self) -> Iterator[tuple[int, str]]:
        """Position and what of every record that differs."""
        folded = contract.Initial
        for together in self._submissions():
            own = together[0].stream == contract_stream(self.name)
            decided = self._listed(verifying_decided.differences(folded, together, self.facts)) if own else []
            for record in together:
                if differs := [*decided, *self._listed(self._differences(record, folded))]:
                    yield record.position, "; ".join(differs)
                try:
                    folded = contract.evolve(folded, record) if own else folded
                except Exception as error:  # whatever a stranger's record brings about
                    yield record.position, f"it does not follow from those before it: {error!r}"
                    return

    def _submissions(self) -> Iterator[list[Recorded[Any]]]:
        """The contract's records and its reports, in order, those together that came of one submission."""
        records = sorted((one for name in streams_of(self.name) for one in self.facts.stream(name)), key=lambda one: one.position)
        for _, group in groupby(records, key=lambda one: (one.stream, one.submission)):
            yield list(group)

    def _listed(self, differences: Iterator[str]) -> list[str]:
        try:
            found = list(differences)
        except Exception as error:  # whatever a stranger's record brings about
            found = [f"it cannot be computed again: {getattr(error, 'what', repr(error))}"]
        return [one for one in found if not one.endswith(NOT_STATED)]

    def _differences(self, record: Recorded[Any], before: ContractState) -> Iterator[str]:
        event = record.data
        if record.stream != contract_stream(self.name):
            yield from verifying_decided.evidence(before, record)
            yield from verifying_dated.differences(self.facts, record)
            return
        findings = list(check._balanced(self.name, record))
        if isinstance(event, SavingsDetermined):
            findings += check.basis(self.name, record)
        if isinstance(event, SavingsDetermined) and not any(one.methodology_sha256 in self.unknown for one in event.months):
            findings += [] if any(check.basis(self.name, record)) else check._determination(self.facts, self.name, before, record)
            self.found.determinations += 1
        elif isinstance(event, ContractClosed) and not record.evidence:
            yield "no final evaluation is recorded with it"
        # What stands beside a figure is words, for a reader; no figure rests on them.
        yield from (one.what for one in findings if not one.what.endswith("recomputed otherwise in findings"))
        yield from check_disputes.differences(self.facts, self.name, before, record)
        yield from audit_findings.differences(self.facts, self.name, before, record)


def days(facts: Facts, one: str) -> list[date]:
    """The days that a bundle states a contract's state as of: the last of each year from signature on, and that of the last
    record."""
    records = [*facts.stream(contract_stream(one)), *facts.stream(tiered_stream(one))]
    signed = next((record.data.signed_on for record in records if isinstance(record.data, ContractSigned | TieredSigned)), None)
    last = day_in_stockholm(facts.known_at)
    ends = () if signed is None else (date(year, 12, 31) for year in range(signed.year, last.year + 1))
    return [day for day in sorted({*ends, last}) if signed is not None and signed <= day <= last]


def state_of(facts: Facts, one: str, day: date) -> State | tiered_state.State:
    """A contract's state as of a day, of either sort. Raises as ``state`` does."""
    return tiered_state.state(facts, one, day) if facts.stream(tiered_stream(one)) else state(facts, one, day)


def _states(
    facts: Facts, one: str, stated: Sequence[Mapping[str, Any]], as_json: AsJson, found: Recomputed, *, contradicted: bool
) -> Iterator[tuple[str, str]]:
    """Day and what of every state that is stated otherwise, or on another day. ``contradicted``: something is bad already, from
    which it may follow that a state cannot be computed; then that is not told."""
    every, said = [str(day) for day in days(facts, one)], {each["as_of"]: each for each in stated}
    wanted = every[:DAYS_MOST]
    yield from ((day, "nothing is to be said of that day") for day in said if day not in wanted)
    if [each["as_of"] for each in stated if each["as_of"] in wanted] != [day for day in wanted if day in said]:
        yield stated[0]["as_of"], "the days are not each there once, in order"
    yield from ((day, f"more than {DAYS_MOST} states are to be said") for day in every[DAYS_MOST : DAYS_MOST + 1])
    for day in wanted:
        try:
            ours = as_json(state_of(facts, one, date.fromisoformat(day)))
        except Exception as error:  # whatever a stranger's records bring about
            if not contradicted:
                yield day, f"it cannot be computed again: {getattr(error, 'what', repr(error))}"
            continue
        found.states += 1
        if day not in said:
            yield day, "it is not said"
        elif odd := list(_differing(said[day], ours)):
            yield day, "; ".join(odd[:5])


def _differing(said: Any, ours: Any, key: str = "") -> Iterator[str]:
    """Each figure of a state that differs, by its dotted key."""
    if isinstance(said, Mapping) and isinstance(ours, Mapping):
        for name in sorted({*said, *ours}):
            inner = f"{key}.{name}" if key else name
            if name in said and name in ours:
                yield from _differing(said[name], ours[name], inner)
            else:
                yield f"{inner} is {'not to be said' if name in said else 'not said'}"
    elif canonical(said) != canonical(ours):  # 1 is not true
        yield f"{key} is {said}, recomputed {ours}"
