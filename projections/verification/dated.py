"""The day that a report, an index or the opening of the ledger is about; of what is decided, the rules give it themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ledger.errors import VerificationFailed
from ledger.events import (
    AbsenceReported,
    IndicatorsReported,
    LedgerOpened,
    ReimbursementsReported,
    TargetsStated,
    TrendPublished,
    WorkforceReported,
)
from ledger.facts import Facts
from ledger.periods import day_in_stockholm
from ledger.record import Recorded


def differences(facts: Facts, record: Recorded[Any]) -> Iterator[str]:
    """What speaks against the day that the record says it is about; nothing where the bundle does not tell which it is."""
    about = _about(facts, record)
    if about is not None and about != record.effective_on:
        yield f"it is about {about}, and says {record.effective_on}"


def _about(facts: Facts, record: Recorded[Any]) -> date | None:
    event = record.data
    if isinstance(event, LedgerOpened):
        return day_in_stockholm(record.recorded_at)
    if isinstance(event, TrendPublished):
        return max((one.published_on for one in event.values), default=None)
    if isinstance(event, WorkforceReported | ReimbursementsReported) and event.rows:
        return max(row.month for row in event.rows).last_day
    if isinstance(event, IndicatorsReported):
        return max((row.period.last_day for row in event.rows), default=None)
    if isinstance(event, TargetsStated):
        stated = [row.stated_on for row in event.rows if row.stated_on is not None]
        return max(stated, default=day_in_stockholm(record.recorded_at))
    if isinstance(event, AbsenceReported):
        last = event.period.last_day if event.period is not None else _last_absence(facts, record)
        return None if last is None else min(last, day_in_stockholm(record.recorded_at))
    return None


def _last_absence(facts: Facts, record: Recorded[Any]) -> date | None:
    try:
        lines = facts.lines(record)
    except VerificationFailed:  # not in this bundle
        return None
    days = [*lines.first_day, *lines.last_day]
    last = max(days, default=0)
    return date(last // 10000, last // 100 % 100, last % 100) if last else None
