"""What became of every headcount, index value and reimbursement that speaks of what a month is determined from: used, left out by
a rule, or replaced by a later record (rules 1, 6, 7, 8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from ledger.contract import ContractState
from ledger.events import Headcount, IndexValue, Reimbursement
from ledger.facts import Facts, reimbursement_stream, trend_stream, workforce_stream
from ledger.methodology import Methodology
from ledger.money import shown
from ledger.periods import Month, Quarter
from ledger.record import Recorded
from projections.facts_window import AGREED, Fate, Reason
from projections.rules import freeze_trend_1, national_index_1, reference_years_1

Kind = Literal["headcount", "index", "reimbursement"]


@dataclass(frozen=True)
class OtherFact:
    """A fact other than an absence: ``what`` it says and its ``value``, in words; the record's position and document; its fate,
    why, by which rule, and ``by`` which record it was replaced."""

    kind: Kind
    what: str
    value: str
    position: int
    document: str | None
    sha256: str | None
    fate: Fate
    why: str
    rule: int | None
    by: int | None


HOLDS = Reason("used", "the last recorded holds", None)
FIRST = Reason("used", "the first recorded holds", None)
LATER = Reason("replaced", "a later record says it anew", None)
LATER_HEADCOUNT = LATER._replace(rule=1)
NOT_FIRST = Reason("left out", "not the first recorded", 7)
NOT_LAST = Reason("replaced", "a redo takes the last recorded", 7)
AFTER_LOCK = Reason("left out", "recorded after the reference rates were locked", 6)
AFTER_LOCKED_VALUE = Reason("left out", "recorded after the reference values were locked", 7)
NOT_NETTED = Reason("left out", "the methodology does not lower the price by what the state repaid", 8)

TO_COMPARE = ", to compare with"
"""Said of what speaks of a reference month."""


class _Row(NamedTuple):
    """One thing that a record says."""

    record: Recorded[Any]
    kind: Kind
    what: str
    value: str


def other_facts(
    facts: Facts, locked_facts: Facts, folded: ContractState, methodology: Methodology, month: Month, redo: bool
) -> tuple[OtherFact, ...]:
    """The headcounts and reimbursements of the month, the index values of the quarters that it takes and is compared with, and
    the headcounts of its reference months. ``facts``: as the determination saw them; ``locked_facts``: as known when the
    methodology's first month was determined; ``redo``: whether the month was determined anew. Of a month that is not measured
    nothing is taken, and no other month is looked at."""
    contract_id = folded.signed.id
    agreed = methodology.agreed(month) is not None
    found = list(_headcounts(facts, contract_id, month, AGREED if agreed else HOLDS))
    if not agreed:
        years = methodology.reference_of(month)
        for one in reference_years_1.months_like(month, years):
            found += _reference_headcounts(facts, locked_facts, contract_id, one)
        found += _index(facts, locked_facts, folded, methodology, month, redo)
    netted = HOLDS if methodology.netting(month) is not None else NOT_NETTED
    return (*found, *_reimbursements(facts, contract_id, month, AGREED if agreed else netted))


def _fact(row: _Row, reason: Reason, by: int | None = None) -> OtherFact:
    document, sha256 = next(((one.document, one.sha256) for one in row.record.evidence), (None, None))
    said = (row.kind, row.what, row.value, row.record.position, document, sha256)
    return OtherFact(*said, reason.fate, reason.why, reason.rule, by)


def _last_holds(rows: Sequence[_Row], last: Reason, earlier: Reason) -> Iterator[OtherFact]:
    """Of rows that say one thing, in order of recording, the last stands; the next replaces each of the others."""
    for row, after in pairwise(rows):
        yield _fact(row, earlier, after.record.position)
    for row in rows[-1:]:
        yield _fact(row, last)


def _first_holds(rows: Sequence[_Row]) -> Iterator[OtherFact]:
    """Of rows that say one thing, in order of recording, the first stands."""
    for number, row in enumerate(rows):
        yield _fact(row, NOT_FIRST if number else FIRST)


# Headcounts: rule 1


def _heads(facts: Facts, contract_id: str, month: Month, added: str = "") -> Iterator[list[_Row]]:
    """The headcounts of a month by workplace, each in order of recording."""
    said: dict[str, list[_Row]] = {}
    for record in facts.stream(workforce_stream(contract_id)):
        one: Headcount
        for one in record.data.rows:
            if one.month == month:
                row = _Row(record, "headcount", f"employees at {one.workplace}, {month}{added}", str(one.employees))
                said.setdefault(one.workplace, []).append(row)
    for workplace in sorted(said):
        yield said[workplace]


def _headcounts(facts: Facts, contract_id: str, month: Month, last: Reason) -> Iterator[OtherFact]:
    for rows in _heads(facts, contract_id, month):
        yield from _last_holds(rows, last, LATER_HEADCOUNT)


def _reference_headcounts(facts: Facts, locked: Facts, contract_id: str, month: Month) -> Iterator[OtherFact]:
    """Those of a reference month: what was known when the rates were locked (rule 6)."""
    for rows in _heads(facts, contract_id, month, TO_COMPARE):
        yield from _last_holds([row for row in rows if row.record.position <= locked.position], HOLDS, LATER_HEADCOUNT)
        yield from (_fact(row, AFTER_LOCK) for row in rows if row.record.position > locked.position)


# The national index: rule 7


def _index(
    facts: Facts, locked: Facts, folded: ContractState, method: Methodology, month: Month, redo: bool
) -> Iterator[OtherFact]:
    """The values of the month's quarter, and of those that it is compared with."""
    years, held = method.reference_of(month), method.frozen_at(month)
    quarter = held or national_index_1.quarter_for(month, method.trend.disrupted, method.trend.quarter_split)
    compared = freeze_trend_1.reference_months(held, years) if held else reference_years_1.months_like(month, years)
    if quarter is not None:
        kept = quarter < folded.signed.first_month.quarter and any(one.quarter == quarter for one in years)
        yield from _values(facts, method, quarter, "", locked.position if kept else None, redo)
    for one in sorted({each.quarter for each in compared}):
        yield from _values(facts, method, one, TO_COMPARE, locked.position, redo)


def _values(
    facts: Facts, method: Methodology, quarter: Quarter, added: str, locked: int | None, redo: bool
) -> Iterable[OtherFact]:
    """The values of one quarter, in order of recording. ``locked``: the record up to which they count, the first of them; None:
    all do, the first of them or, in a redo, the last."""
    said = list(_of_quarter(facts, method.trend.series, quarter, added))
    accepted = [row for row, status in said if status in method.trend.accept]
    refused = (_fact(row, _not_accepted(status)) for row, status in said if status not in method.trend.accept)
    late = [row for row in accepted if locked is not None and row.record.position > locked]
    taken = [row for row in accepted if row not in late]
    counts = _last_holds(taken, HOLDS, NOT_LAST) if redo and locked is None else _first_holds(taken)
    found = (*counts, *(_fact(row, AFTER_LOCKED_VALUE) for row in late), *refused)
    return sorted(found, key=lambda one: one.position)


def _not_accepted(status: str) -> Reason:
    return Reason("left out", f"the methodology does not accept a value that is {status}", 7)


def _of_quarter(facts: Facts, series: str, quarter: Quarter, added: str) -> Iterator[tuple[_Row, str]]:
    """Every value of a quarter with its status, in order of recording."""
    for record in facts.stream(trend_stream(series)):
        one: IndexValue
        for one in record.data.values:
            if one.quarter == quarter:
                yield _Row(record, "index", f"index {series}, {quarter}{added}", f"{one.value} ({one.status})"), one.status


# What the state repaid


def _reimbursements(facts: Facts, contract_id: str, month: Month, last: Reason) -> Iterable[OtherFact]:
    rows = []
    for record in facts.stream(reimbursement_stream(contract_id)):
        one: Reimbursement
        for one in record.data.rows:
            if one.month == month:
                value = f"{shown(one.reimbursed_ore)} of {shown(one.sick_pay_cost_ore)} SEK"
                rows.append(_Row(record, "reimbursement", f"sick pay repaid by the state, {month}", value))
    return _last_holds(rows, last, LATER)
