"""Recomputing a bundle: every record of every contract that is shown, and every state that is said of it.

Where the lines of the absence reports are not at hand, stated totals answer in their place, question by question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from cli.verifier.agreeing import faults_of_agreeing
from cli.verifier.calendar import _day, _month
from cli.verifier.checking import faults_of_record
from cli.verifier.counting import NotStated, Question, _without
from cli.verifier.dated import faults_apart, faults_of_day
from cli.verifier.determined import faults_of_differences
from cli.verifier.facts import (
    ADOPTED,
    DETERMINED,
    SHORT_TERM,
    Lines,
    Memo,
    NotDeterminable,
    Record,
    Records,
    UnknownRule,
    _end,
    _methodology,
    _of,
    _recorded_on,
    by_contract,
    fingerprint_of,
    unknown_kinds,
)
from cli.verifier.fields import FIELDS
from cli.verifier.governing import faults_of_acting
from cli.verifier.kinds import RECOMPUTED, belongs_to, may_stand_in
from cli.verifier.members import encoded_json
from cli.verifier.paying import faults_of_money
from cli.verifier.resolving import faults_of_position_recorded
from cli.verifier.state import state
from cli.verifier.tender import faults_of_tenders
from cli.verifier.tiered import by_tiers
from cli.verifier.tiered_faults import faults_of_tiered
from cli.verifier.tiered_state import tiered_state

BROKEN = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What comes of records that contradict each other so that nothing can be computed from them."""
TOTAL = {"causes", "contract", "hundredths", "month", "source", "upto"}
"""What a row of stated totals says; ``without`` besides, where a party's position leaves records out, and ``numbers``, where
other days than 1 to 14 of a sick-pay period count."""

DAYS_MOST = 200
"""States of a contract that are recomputed: no contract lasts as many years."""


class Recomputed(NamedTuple):
    """What was found. ``bad``: where and what, by record, then stated totals, then states. ``determinations`` and ``states``: how
    many were recomputed. ``not_recomputed``: the rule kinds and the types of records that this program does not know."""

    bad: list[tuple[str, str]]
    determinations: int
    states: int
    not_recomputed: list[str]


def recompute(
    records: Records,
    lines: Lines,
    totals: Sequence[Mapping[str, Any]],
    states: Mapping[str, Sequence[Mapping[str, Any]]],
    known_at: str | None = None,
) -> Recomputed:
    """Every determination, notice, payment, dispute and closing, and every state, recomputed from the shown records.

    ``lines``: the columns of each report by position; None: then ``totals`` answer. ``known_at``: when the last record was made,
    where it is not among those shown.
    """
    run = _Run(lines)
    try:
        given = {} if lines is not None else _answers(totals)
    except BROKEN as error:
        given = {}
        run.unanswered.append(f"they do not read: {error}")
    contracts, tiered = by_contract(records), by_tiers(records)
    for contract, own in contracts.items():
        run.look_at(own, {question: answer for question, answer in given.items() if question.contract == contract})
    for contract, own in tiered.items():
        run.look_at_tiered(own, f"tiered/{contract}")
    for record in records:
        run.unknown |= _unknown_in(record)
    run.bad += faults_apart(records, contracts.keys())
    run.bad += faults_of_tenders([record for record in records if record["type"] in FIELDS])
    bad = [(f"record {position}", what) for position, what in sorted(run.bad)]
    unasked = [] if bad or run.unknown else [f"nothing asks for {one}" for one in given if one not in run.asked]
    bad += [("totals", what) for what in [*run.unanswered, *unasked][:1]]
    last = known_at or max((record["recorded_at"] for record in records), default="")
    counted = 0
    shown = [*contracts.items(), *tiered.items()]
    shown += [(name, []) for name in states if name not in contracts and name not in tiered]
    for contract, own in sorted(shown, key=lambda one: one[0]):
        number, faults = _look_at_states(own, contract, states.get(contract, ()), last, tell=not bad)
        counted += number
        bad += faults
    return Recomputed(bad, run.determinations, counted, sorted(run.unknown))


def questions_asked(records: Records, lines: Lines) -> list[dict[str, Any]]:
    """The rows of stated totals: each question that recomputing without lines asks, answered from the lines."""
    run = _Run(lines)
    for own in by_contract(records).values():
        run.look_at(own, {})
    rows = []
    for question in sorted(run.asked):
        row = {**question._asdict(), "causes": list(question.causes), "hundredths": run.asked[question]}
        del row["without"], row["numbers"]
        row |= {"without": list(question.without)} if question.without else {}
        rows.append(row if question.numbers == SHORT_TERM else {**row, "numbers": list(question.numbers)})
    return rows


def days_of_states(records: Records, contract: str, known_at: str) -> list[str]:
    """Of which days states are said: the last of each year from signature on, and the day in Stockholm of the last record."""
    signed = _of(records, f"contract/{contract}", "ContractSigned@1", _end(records))
    signed = signed or _of(records, f"tiered/{contract}", "TieredSigned@1", _end(records))
    if not signed:
        return []
    last = _recorded_on({"recorded_at": known_at})
    first = _day(signed[0]["data"]["signed_on"])
    days = {date(year, 12, 31) for year in range(first.year, last.year + 1)} | {last}
    return [day.isoformat() for day in sorted(days) if first <= day <= last]


def _answers(totals: Sequence[Mapping[str, Any]]) -> dict[Question, int]:
    found: dict[Question, int] = {}
    for row in totals:
        said = (row["contract"], row["source"], row["upto"], row["month"], tuple(row["causes"]), tuple(row.get("without", ())))
        first, last = row.get("numbers", SHORT_TERM)
        question = Question(*said, (first, last))
        if set(row) - {"without", "numbers"} != TOTAL or type(row["hundredths"]) is not int or question in found:
            raise ValueError(f"{dict(row)}")
        found[question] = row["hundredths"]
    return found


@dataclass
class _Run:
    """One pass over the contracts, and what it found."""

    lines: Lines
    bad: list[tuple[int, str]] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    determinations: int = 0
    unknown: set[str] = field(default_factory=set)
    asked: dict[Question, int] = field(default_factory=dict)

    def look_at(self, own: Records, given: Mapping[Question, int]) -> None:
        """Every record of one contract, of which ``own`` are all that it rests on."""
        own, memo = [_named_by_content(record) for record in own], dict[Any, Any]()
        for question, hundredths in given.items():
            _without(memo, question.without)["answer", question] = hundredths
        for record in own:
            if record["type"] in FIELDS and not record["stream"].startswith("trend/"):
                self._record(own, record, memo)
        self._tell_submissions(own)
        inner = [each for key, each in memo.items() if key[0] == "without"]
        for each in (memo, *inner):
            self.asked |= {key[1]: each["answer", key[1]] for key in each if key[0] == "asked" and ("answer", key[1]) in each}

    def look_at_tiered(self, own: Records, stream: str) -> None:
        """Every record of one contract settled by tiers, of which ``own`` are all that it rests on."""
        for record in own:
            if record["stream"] != stream or record["type"] not in FIELDS:
                continue
            self.determinations += record["type"] == "TiersDetermined@1"
            try:
                faults = faults_of_tiered(own, record)
            except BROKEN as error:
                faults = [f"it cannot be recomputed: {error or type(error).__name__}"]
            if faults:
                self.bad.append((record["position"], "; ".join(faults)))

    def _tell_submissions(self, own: Records) -> None:
        """What was recorded together is wrong together."""
        wrong = {position for position, _ in self.bad}
        for one, other in pairwise(own):
            if (one["stream"], one["submission"]) == (other["stream"], other["submission"]):
                for this, that in ((one["position"], other["position"]), (other["position"], one["position"])):
                    if this not in wrong and that in wrong:
                        self.bad.append((this, f"it was recorded together with record {that}, which is wrong"))

    def _record(self, own: Records, record: Record, memo: Memo) -> None:
        faults: list[str] = []
        is_own = record["stream"].startswith("contract/")
        if is_own and not may_stand_in(record["type"].partition("@")[0], "contract", known=True):
            self.bad.append((record["position"], f"a contract has no {record['type']}"))
            return
        try:
            self.determinations += record["type"] in DETERMINED and not _rests_on_unknown(own, record)
            faults += faults_of_day(own, self.lines, record)
            faults += [what.removeprefix(": ") for what in faults_of_record(own, self.lines, record, memo)]
            faults += faults_of_acting(own, record)
            if is_own:
                faults += faults_of_position_recorded(own, record) + faults_of_agreeing(own, record)
                faults += faults_of_differences(own, record) if record["type"] in DETERMINED else faults_of_money(own, record)
        except NotStated as error:
            self.unanswered.append(f"record {record['position']}: {error}")
        except UnknownRule:
            pass  # named with what is not recomputed
        except (NotDeterminable, *BROKEN) as error:
            faults.append(f"it cannot be recomputed: {error or type(error).__name__}")
        if faults:
            self.bad.append((record["position"], "; ".join(one.strip() for one in faults)))


def _named_by_content(record: Record) -> Record:
    """An adopted methodology under the SHA-256 of what it says; whether that is the one stated is told elsewhere."""
    if record["type"] not in ADOPTED:
        return record
    return {**record, "data": {**record["data"], "sha256": fingerprint_of(record["data"]["methodology"])}}


def _unknown_in(record: Record) -> set[str]:
    """The type of a record, and the rule kinds that it brings, as far as this program does not know them."""
    if record["type"] not in FIELDS or belongs_to(record["stream"])[0] not in ("", *RECOMPUTED):
        return {record["type"]}
    brought = [record["data"].get("methodology"), (record["data"].get("position") or {}).get("methodology")]
    return {kind for one in brought if one is not None for kind in unknown_kinds(one)}


def _rests_on_unknown(own: Records, determination: Record) -> bool:
    """Whether a determination measures a month by a rule kind that this program does not know."""
    contract, data = determination["stream"].partition("/")[2], determination["data"]
    basis, upto = data["basis"]["position"], determination["position"]
    adopted = {one["data"]["sha256"]: one["data"]["methodology"] for one in _of(own, determination["stream"], ADOPTED, upto)}
    found = [adopted[month["methodology_sha256"]] for month in data["months"] if month["methodology_sha256"] in adopted]
    in_force = [_methodology(own, contract, _month(month["month"]), basis) for month in data["months"]]
    return any(unknown_kinds(one) for one in [*found, *(one[0] for one in in_force if one is not None)])


def _look_at_states(
    own: Records, contract: str, stated: Sequence[Mapping[str, Any]], known_at: str, *, tell: bool
) -> tuple[int, list[tuple[str, str]]]:
    """The states of one contract: how many were recomputed, and where they differ. ``tell``: that one cannot be recomputed, which
    follows from what is bad already where anything is."""
    days = days_of_states(own, contract, known_at) if known_at else []
    too_many, days = days[DAYS_MOST : DAYS_MOST + 1], days[:DAYS_MOST]
    by_day = {one["as_of"]: one for one in stated}
    faults = [(f"state of {contract} as of {day}", "nothing is to be said of that day") for day in by_day if day not in days]
    if [one["as_of"] for one in stated if one["as_of"] in days] != [day for day in days if day in by_day]:
        faults.append((f"state of {contract} as of {stated[0]['as_of']}", "the days are not each there once, in order"))
    faults += [(f"state of {contract} as of {day}", f"more than {DAYS_MOST} states are to be said") for day in too_many]
    counted = 0
    for day in days:
        where = f"state of {contract} as of {day}"
        try:
            ours = {"contract": contract, "as_of": day, "known_at": known_at, **_state_of(own, contract, day, known_at)}
        except UnknownRule:
            continue
        except (NotDeterminable, *BROKEN) as error:
            if tell:
                faults.append((where, f"it cannot be recomputed: {error or type(error).__name__}"))
            continue
        counted += 1
        if day not in by_day:
            faults.append((where, "it is not said"))
        elif encoded_json(by_day[day]) != encoded_json(ours):
            faults.append((where, "; ".join(_differing(ours, by_day[day], ""))))
    return counted, faults


def _state_of(own: Records, contract: str, day: str, known_at: str) -> dict[str, Any]:
    is_tiered = any(record["stream"] == f"tiered/{contract}" for record in own)
    return tiered_state(own, contract, day, known_at) if is_tiered else state(own, contract, day, known_at)


def _differing(ours: Any, theirs: Any, key: str) -> Iterator[str]:
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for name in sorted({*ours, *theirs}):
            yield from _differing(ours.get(name, "nothing"), theirs.get(name, "nothing"), f"{key}.{name}" if key else name)
    elif encoded_json(ours) != encoded_json(theirs):  # 1 is not true
        yield f"{key} is {theirs}, recomputed {ours}"
