"""What the valuations of a contract settled by tiers give as of a day, from the rows reported by then, and whether the conditions
hold; with a trace of every step. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, assert_never

from ledger import events as e
from ledger import tiered
from ledger.errors import Refused, Usage
from ledger.facts import Facts, tiered_stream
from ledger.money import rounded
from ledger.tiered import RowKey, TieredState
from ledger.tiered_terms import ContractsSavings, CostDifference, PricePerUnit, ReportedAmount, TieredTerms, Valuation
from ledger.tiers import Condition, Division, divide
from projections.state import state

Rows = Mapping[RowKey, tuple[int, e.MetricRow]]
"""The last reported row of each metric, group and part, with its record."""


@dataclass(frozen=True)
class Trace:
    """One step of a figure: ``what`` it is, its ``value`` (``money`` in öre), ``how`` its ``parts`` give it; ``record``: the one
    that a row stands in, or up to which another contract's savings were taken."""

    what: str
    value: int | Fraction | str | None
    unit: Literal["money", "persons", "value"] = "money"
    how: str = ""
    parts: tuple[Trace, ...] = ()
    record: int | None = None

    def walk(self) -> Iterator[Trace]:
        """This step and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True)
class Valued:
    """What the valuations give as of a day: ``amounts`` in öre by valuation, conditions by tier, and how they came about."""

    on: date
    terms: TieredTerms
    amounts: Mapping[str, int]
    conditions: tuple[e.ConditionFound, ...]
    traces: Mapping[str, Trace]
    notes: tuple[str, ...]

    @property
    def every_amount(self) -> dict[str, int]:
        """What tiers divide and limits refer to: the amounts named in the terms too."""
        return {**{one.id: one.amount for one in self.terms.amounts}, **self.amounts}

    @property
    def division(self) -> Division:
        """Who gets what of it."""
        return divide(self.terms.waterfall, self.every_amount, [one.tier for one in self.conditions if not one.met])


def folded(facts: Facts, contract_id: str) -> TieredState:
    """The contract as recorded. Raises Usage for one that is not on record: silence is an error."""
    records = facts.stream(tiered_stream(contract_id))
    if not records:
        known = ", ".join(facts.named("tiered")) or "none"
        raise Usage(f"no contract settled by tiers named {contract_id} is on record; there are: {known}")
    return tiered.fold(records)


def rows_by(contract: TieredState, as_of: date) -> Rows:
    """The rows that count as of a day: those of what had ended by then."""
    return {key: found for key, found in contract.rows.items() if found[1].until <= as_of}


def no_longer_counting(facts: Facts, contract: TieredState, as_of: date) -> Iterator[str]:
    """The rows of what had ended by a day that were reported again for what ends after it: as of the day nothing stands for
    them."""
    for record in facts.stream(tiered_stream(contract.signed.id)):
        for row in record.data.rows if isinstance(record.data, e.MetricsReported) else ():
            position, now = contract.rows[row.metric, row.group, row.part]
            if row.until <= as_of < now.until:
                said = f"{row.metric}, {row.group}, {row.part} to {row.until} (record {record.position})"
                yield f"{said}, reported again to {now.until} (record {position}), no longer counts as of {as_of}"


def counts(row: e.MetricRow, terms: TieredTerms) -> bool:
    """Whether a valuation or a condition of the terms takes a row."""
    for one in terms.valuations:
        if isinstance(one, ContractsSavings) or one.metric != row.metric:
            continue
        if isinstance(one, CostDifference):
            if row.group in (one.baseline, one.group) and row.part in one.parts:
                return True
        elif row.group == one.group:
            return True
    conditions = [tier.only_if for tier in terms.waterfall.tiers if tier.only_if is not None]
    return any((one.metric, one.group, one.part) == (row.metric, row.group, row.part) for one in conditions)


def valued(facts: Facts, contract: TieredState, terms: TieredTerms, as_of: date) -> Valued:
    """What the terms' valuations give as of a day, from all rows on record about what had ended by then.

    Raises Refused, naming every row that is missing.
    """
    rows = rows_by(contract, as_of)
    faults = [fault for one in terms.valuations for fault in _missing(one, terms, rows, as_of)]
    if faults:
        raise Refused(
            f"what {terms.id} is worth as of {as_of} cannot be told:\n    " + "\n    ".join(faults),
            do=f"report it with: soc tiered report {terms.id} FILE.csv",
        )
    traces = {one.id: _trace(one, terms, rows, facts, as_of) for one in terms.valuations}
    amounts = {key: trace.value for key, trace in traces.items() if isinstance(trace.value, int)}
    conditions = tuple(_condition(one.name, one.only_if, rows) for one in terms.waterfall.tiers if one.only_if is not None)
    notes = (*_notes(terms, rows, conditions), *no_longer_counting(facts, contract, as_of))
    return Valued(as_of, terms, amounts, conditions, traces, notes)


def _condition(tier: str, only_if: Condition, rows: Rows) -> e.ConditionFound:
    found = rows.get((only_if.metric, only_if.group, only_if.part))
    value = None if found is None else found[1].value
    return e.ConditionFound(tier=tier, value=value, met=value is not None and only_if.met(value))


# ── What is missing ──────────────────────────────────────────────────────────────────────────────────────────────────


def _missing(one: Valuation, terms: TieredTerms, rows: Rows, as_of: date) -> Iterable[str]:
    """The rows that a valuation cannot do without as of a day."""
    match one:
        case ReportedAmount() | PricePerUnit():
            if as_of >= terms.starts_on and not _of(rows, one.metric, one.group):
                nothing = "an amount of 0" if isinstance(one, ReportedAmount) else "a value of 0"
                yield f"{one.metric}, {one.group}: no row until {as_of} is reported; where there was nothing, report {nothing}"
        case CostDifference():
            yield from _missing_parts(one, terms, rows, as_of)
        case ContractsSavings():
            return
        case _:
            assert_never(one)


def _missing_parts(one: CostDifference, terms: TieredTerms, rows: Rows, as_of: date) -> Iterable[str]:
    """A part is measured when the group's row is in; then the baseline's must be, and both of every part before. At the
    contract's end every part must be. A baseline may be known long before: alone it says nothing."""
    measured = [number for number, part in enumerate(one.parts, 1) if (one.metric, one.group, part) in rows]
    last = len(one.parts) if as_of >= terms.ends_on else max(measured, default=0)
    for part in one.parts[:last]:
        for group in (one.baseline, one.group):
            if (one.metric, group, part) not in rows:
                yield f"{one.metric}, {group}, {part}: no row until {as_of} is reported"


def _of(rows: Rows, metric: str, group: str) -> list[tuple[int, e.MetricRow]]:
    found = [(row.until, row.part, position) for (name, of, _), (position, row) in rows.items() if (name, of) == (metric, group)]
    return [rows[metric, group, part] for _, part, _ in sorted(found)]


# ── What they give ───────────────────────────────────────────────────────────────────────────────────────────────────


def _trace(one: Valuation, terms: TieredTerms, rows: Rows, facts: Facts, as_of: date) -> Trace:
    match one:
        case ReportedAmount():
            parts = tuple(_row(found) for found in _of(rows, one.metric, one.group))
            total = sum(found[1].amount_ore or 0 for found in _of(rows, one.metric, one.group))
            return Trace(f"{one.id}: {_name(terms, one.metric)}", total, how="the sum of what was reported", parts=parts)
        case CostDifference():
            return _difference(one, terms, rows)
        case PricePerUnit():
            return _priced(one, terms, rows)
        case ContractsSavings():
            parts = tuple(_savings(facts, contract, as_of) for contract in one.contracts)
            total = sum(part.value for part in parts if isinstance(part.value, int))
            return Trace(f"{one.id}: savings of {', '.join(one.contracts)}", total, how="their sum", parts=parts)
        case _:
            assert_never(one)


def _difference(one: CostDifference, terms: TieredTerms, rows: Rows) -> Trace:
    """The parts whose rows are in, each: expected at the baseline's cost per person, less what the group cost."""
    parts = []
    for part in one.parts:
        if (one.metric, one.group, part) in rows:
            baseline, actual = rows[one.metric, one.baseline, part], rows[one.metric, one.group, part]
            parts.append(_of_part(part, baseline, actual))
    total = sum(part.value for part in parts if isinstance(part.value, int))
    how = "the sum over its parts" if parts else "nothing is measured yet"
    return Trace(f"{one.id}: {_name(terms, one.metric)}", total, how=how, parts=tuple(parts))


def _of_part(part: str, baseline: tuple[int, e.MetricRow], actual: tuple[int, e.MetricRow]) -> Trace:
    cost, cost_of, persons = baseline[1].amount_ore, baseline[1].persons, actual[1].persons
    assert cost is not None
    assert cost_of is not None
    assert persons is not None
    assert actual[1].amount_ore is not None
    expected = rounded(Fraction(cost, cost_of) * persons)
    found = Trace(
        "expected at the baseline's cost per person",
        expected,
        how=f"cost of the baseline ÷ {cost_of} persons × {persons} persons, rounded to the öre",
        parts=(_row(baseline), Trace(f"persons of {actual[1].group}", persons, "persons", record=actual[0])),
    )
    parts = (found, _row(actual))
    saved = expected - actual[1].amount_ore
    return Trace(f"saved in {part}", saved, how="expected less what it cost", parts=parts)


def _priced(one: PricePerUnit, terms: TieredTerms, rows: Rows) -> Trace:
    found = _of(rows, one.metric, one.group)
    units = sum((Fraction(row.value or 0) for _, row in found), Fraction(0))
    worth = rounded(units * one.price)
    parts = (
        Trace(
            f"{_name(terms, one.metric)}, in all",
            units,
            "value",
            how="the sum of what was reported",
            parts=tuple(map(_row, found)),
        ),
        Trace("price of one", one.price),
    )
    return Trace(f"{one.id}: {_name(terms, one.metric)}", worth, how="units × price, rounded to the öre", parts=parts)


def _savings(facts: Facts, contract_id: str, as_of: date) -> Trace:
    one = state(facts, contract_id, as_of)
    through = (
        "no month is determined" if one.determined_through is None else f"determined through {one.determined_through.last_day}"
    )
    return Trace(f"{contract_id}: savings, {through}", one.savings, record=facts.position)


def _row(found: tuple[int, e.MetricRow]) -> Trace:
    position, row = found
    what = f"{row.metric}, {row.group}, {row.part} to {row.until}"
    what += "" if row.persons is None else f", {row.persons} persons"
    if row.amount_ore is None:
        return Trace(what, row.value, "value", record=position)
    return Trace(what, row.amount_ore, record=position)


def _name(terms: TieredTerms, metric: str) -> str:
    found = terms.metric(metric)
    return metric if found is None else found.name


def _notes(terms: TieredTerms, rows: Rows, conditions: Iterable[e.ConditionFound]) -> Iterator[str]:
    """What a reader must know beside the amounts."""
    for one in terms.valuations:
        if isinstance(one, CostDifference):
            measured = [part for part in one.parts if (one.metric, one.group, part) in rows]
            if not measured:
                yield f"{one.id}: nothing is measured yet; it counts as 0"
            elif len(measured) < len(one.parts):
                yield f"{one.id}: measured for {', '.join(measured)} of {', '.join(one.parts)}"
    for found in conditions:
        if found.value is None:
            yield f"{found.tier}: what it is conditional on is not reported yet, so it gives nothing"
