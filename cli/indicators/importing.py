"""Files of unpaid outcomes and of targets: read, checked against the calendar and the record, and told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from cli.indicators.words import NAMES, percent, reported_in_unit
from cli.words import counted
from ledger import indicators as decider
from ledger.contract import ContractState
from ledger.errors import Faults
from ledger.events import IndicatorRow, TargetRow
from ledger.facts import Facts, indicator_stream
from ledger.imports import indicators_csv, targets_csv
from ledger.indicators import IndicatorCommand, IndicatorState, ReportIndicators, StateTargets
from ledger.periods import Period
from ledger.vocabulary import decimal_text
from projections.unpaid.paid_metric import reference


@dataclass(frozen=True)
class Sent:
    """What a file says: the command, whether the record says otherwise by now, and how it is told of the record before it."""

    command: IndicatorCommand
    differs: Callable[[Facts], bool]
    said: Callable[[Facts], list[str]]


def indicators(contract_id: str, data: bytes, path: str, today: date) -> Sent:
    """A file of unpaid outcomes, all of whose periods have ended. Raises InputRefused with every fault."""
    rows = tuple(
        IndicatorRow(
            indicator=row.indicator,  # type: ignore[arg-type]  # one of those known
            period=row.period,
            value=row.value,
            unit=row.unit,  # type: ignore[arg-type]  # one of those known
            respondents=row.respondents,
            note=row.note,
        )
        for row in indicators_csv.read(data, path, today).rows
    )

    def differs(facts: Facts) -> bool:
        values = standing(facts, contract_id).values
        return any(values[row.indicator, row.period][1] != row for row in rows)

    def said(before: Facts) -> list[str]:
        values = standing(before, contract_id).values
        lines = [f"{path}: {counted(len(rows), 'value')} of outcomes that are not paid by"]
        lines += [f"{NAMES[row.indicator]}, {row.period}: {reported_in_unit(row)}" for row in rows]
        earlier = [row for row in rows if values.get((row.indicator, row.period), (0, row))[1] != row]
        return lines + _replaces([f"{row.indicator} {row.period}" for row in earlier])

    return Sent(ReportIndicators(contract_id, rows), differs, said)


def targets(contract_id: str, data: bytes, path: str, today: date) -> Sent:
    """A file of targets, none of them stated after today. Raises InputRefused with every fault."""
    read = targets_csv.read(data, path).rows
    late = Faults(path)
    for row in read:
        if row.stated_on is not None and row.stated_on > today:
            late.add(row.line, f"stated_on {row.stated_on} is in the future; today is {today}", "Correct the date.")
    late.refuse()
    rows = tuple(
        TargetRow(
            measure=row.measure,  # type: ignore[arg-type]  # one of those known
            change=decimal_text(row.change),  # type: ignore[arg-type]  # shares are read from text
            stated_on=row.stated_on,
            by=row.by,
            from_period=row.from_period,
            to_period=row.to_period,
            source=row.source,
            note=row.note,
        )
        for row in read
    )

    def differs(facts: Facts) -> bool:
        stated = standing(facts, contract_id).targets
        return any(stated[row.measure, row.source][1] != row for row in rows)

    def said(before: Facts) -> list[str]:
        stated = standing(before, contract_id).targets
        lines = [f"{path}: {counted(len(rows), 'target')}"]
        lines += [f"{NAMES[row.measure]}: {percent(row.change)}, {row.by}, {row.source}" for row in rows]
        earlier = [row for row in rows if stated.get((row.measure, row.source), (0, row))[1] != row]
        lines += _replaces([f"{row.measure} of {row.source}" for row in earlier])
        return lines + [f"finding: {one}" for one in _before_the_reference(before.contract(contract_id), rows, today)]

    return Sent(StateTargets(contract_id, rows), differs, said)


def standing(facts: Facts, contract_id: str) -> IndicatorState:
    """What is on record of a contract's targets and unpaid outcomes."""
    return decider.fold(facts.stream(indicator_stream(contract_id)))


def _before_the_reference(folded: ContractState, rows: Sequence[TargetRow], today: date) -> Iterator[str]:
    """Targets that name months before all that the contract compares with."""
    years = reference(folded, today) or Period(folded.signed.first_month - 12, folded.signed.first_month - 1)
    for row in rows:
        for name, period in (("from_period", row.from_period), ("to_period", row.to_period)):
            if period is not None and period.last < years.first:
                yield f"{row.measure} of {row.source}: {name} {period} lies before the contract's reference years, {years}"


def _replaces(earlier: Sequence[str]) -> list[str]:
    return [f"replaces what was recorded of {', '.join(earlier)}"] if earlier else []
