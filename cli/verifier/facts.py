"""What is on record: records by stream and position, the terms and the methodology in force, suspensions (rules 19, 20)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cli.verifier.calendar import _day, _first_day, _instant, _month, _month_of, _month_text, _period
from cli.verifier.kinds import belongs_to

Record = Mapping[str, Any]

Records = Sequence[Record]

Lines = Mapping[int, Mapping[str, Any]] | None
"""The columns of each absence report, by position; None where totals are stated in their place (``counting.py``)."""

Memo = dict[Any, Any]
"""What one record gave, so that it is computed once: never handed on to another record."""

CAUSES = ("sick", "work-injury", "covid")

DETERMINED = ("SavingsDetermined@1", "SavingsDetermined@2", "SavingsDetermined@3")

ADOPTED = ("MethodologyAdopted@1", "MethodologyAdopted@2", "MethodologyAdopted@3")

STEPS = {
    "exclude-cause@1": "leave out",
    "rebase@1": "reference",
    "freeze-trend@1": "trend",
    "net-of-reimbursement@1": "price",
    "exclude-months@1": "window",
    "deem-average@1": "window",
}
"""What parties may agree for disrupted months, and the step of the measurement at which it acts."""

RESOLVED = "resolved"
"""The kind of a month that the resolution of a dispute decided (rule 18)."""


class NotDeterminable(Exception):
    """A month cannot be determined, and why."""


class UnknownRule(NotDeterminable):
    """A month is measured by a rule kind that this program does not know: that is not judged, and said."""


def _recorded_on(record: Record) -> date:
    """The day on which a record was made, in Stockholm: an hour ahead of UTC, in summer two, from 01:00 UTC on the last Sunday of
    March to that of October."""
    instant = _instant(record["recorded_at"]).astimezone(UTC)
    march, october = (
        datetime(instant.year, month, 31 - (date(instant.year, month, 31).weekday() + 1) % 7, 1, tzinfo=UTC) for month in (3, 10)
    )
    return (instant + timedelta(hours=2 if march <= instant < october else 1)).date()


def _of(records: Records, stream: str, kinds: str | tuple[str, ...], upto: int) -> list[Record]:
    """The records of one stream and of these types at or before a position, in order."""
    wanted = (kinds,) if isinstance(kinds, str) else kinds
    found = []
    for record in records:
        if record["stream"] == stream and record["type"] in wanted and record["position"] <= upto:
            found.append(record)
    return found


def fingerprint_of(value: Any) -> str:
    """The SHA-256 of the canonical JSON of terms or a methodology."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def by_contract(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Of each contract measured by sick leave that has a stream, the records that it rests on, in order: those of its own streams
    and of the national series. These contracts share nothing else."""
    found: dict[str, list[Record]] = {}
    shared: list[Record] = []
    for record in records:
        kind, name = belongs_to(record["stream"])
        if kind == "contract":
            found.setdefault(name, []).append(record)
        elif record["stream"].startswith("trend/"):
            shared.append(record)
    signed = {name: own for name, own in found.items() if any(one["stream"] == f"contract/{name}" for one in own)}
    return {name: sorted([*own, *shared], key=lambda one: one["position"]) for name, own in sorted(signed.items())}


def _end(records: Records) -> int:
    return max((record["position"] for record in records), default=0)


def _terms(records: Records, contract: str, month: int, upto: int) -> Mapping[str, Any] | None:
    """The terms in force on the first day of a month (rule 20): the last recorded that begin no later."""
    terms: Mapping[str, Any] | None = None
    for record in records:
        if record["stream"] == f"contract/{contract}" and record["position"] <= upto:
            amended = record["type"] == "ContractAmended@1" and _month(record["data"]["from_month"]) <= month
            if amended or record["type"] == "ContractSigned@1":
                terms = record["data"]["terms"]
    return terms


def _methodology(records: Records, contract: str, month: int, upto: int) -> tuple[Mapping[str, Any], str] | None:
    """The methodology in force on the first day of a month and its hash (rule 20): the last recorded that begins no later."""
    found: tuple[Mapping[str, Any], str] | None = None
    for record in _of(records, f"contract/{contract}", ADOPTED, upto):
        if _day(record["data"]["from_on"]) <= _first_day(month):
            found = (record["data"]["methodology"], record["data"]["sha256"])
    return found


KINDS = {
    "measure": ("short-term-net-days@1", "net-days@1"),
    "reference": ("reference-years@1",),
    "trend": ("national-index@1",),
    "price": ("per-net-day@1",),
}
"""The kinds that each of the four tables may have that every methodology has."""

Numbers = tuple[int, int]
"""The numbers in a sick-pay period of the days that are counted, from one to the other, both included (rule 4)."""
SHORT_TERM: Numbers = (1, 14)


def _numbers(methodology: Mapping[str, Any]) -> Numbers:
    """The numbers of the days that a methodology counts."""
    measure = methodology["measure"]
    return (measure["first_day_counted"], measure["last_day_counted"]) if measure["kind"] == "net-days@1" else SHORT_TERM


def unknown_kinds(methodology: Mapping[str, Any]) -> list[str]:
    """The rule kinds of a methodology that this program cannot compute."""
    agreed = methodology["disruption"]
    known = {"none@1", *STEPS}
    disruption = [rule["kind"] for rule in ([agreed] if isinstance(agreed, Mapping) else agreed) if rule["kind"] not in known]
    tables = [methodology[name].get("kind", kinds[0]) for name, kinds in KINDS.items()]
    return [kind for kind, kinds in zip(tables, KINDS.values(), strict=True) if kind not in kinds] + disruption


def _rules(methodology: Mapping[str, Any], month: int) -> dict[str, Mapping[str, Any]]:
    """What is agreed for a disrupted month, by the step at which it acts; at a step that is not named, nothing is."""
    agreed = methodology["disruption"]
    found: dict[str, Mapping[str, Any]] = {}
    for rule in [agreed] if isinstance(agreed, Mapping) else agreed:
        if rule["kind"] == "none@1":
            continue
        if rule["kind"] not in STEPS:
            raise UnknownRule(f"the rule kind {rule['kind']} is not known")
        first, last = _period(rule["window"])
        if first <= month <= last:
            step = STEPS[rule["kind"]]
            if step in found:
                raise NotDeterminable(f"{found[step]['kind']} and {rule['kind']} both act in {_month_text(month)}")
            found[step] = rule
    return found


def _suspensions(records: Records, contract: str, upto: int) -> tuple[list[tuple[int, int]], int | None]:
    """The suspensions that have ended, each from a month until the month of resumption, which counts again; and the month
    from which follow-up is suspended now (rule 19)."""
    ended = []
    since: int | None = None
    for record in _of(records, f"contract/{contract}", ("FollowUpSuspended@1", "FollowUpResumed@1"), upto):
        month = _month(record["data"]["from_month"])
        if record["type"] == "FollowUpSuspended@1":
            since = month
        elif since is not None:
            ended.append((since, month))
            since = None
    return ended, since


def _is_suspended(records: Records, contract: str, month: int, upto: int) -> bool:
    """Whether follow-up of the month is suspended. When it has resumed, a month inside counts for what the methodology in force
    says that months which are not measured count for; where it says nothing of the month, it stays suspended (rule 19)."""
    ended, since = _suspensions(records, contract, upto)
    if since is not None and since <= month:
        return True
    if not any(first <= month < resumed for first, resumed in ended):
        return False
    adopted = _methodology(records, contract, month, upto)
    return adopted is None or "window" not in _rules(adopted[0], month)


def _contract_months(terms: Mapping[str, Any]) -> list[int]:
    first = _month_of(_day(terms["measured_from"]))
    return list(range(first, first + terms["months"]))
