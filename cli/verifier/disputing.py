"""Checking the records by which a dispute is raised and answered (rules 16, 18)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from cli.verifier.calendar import _day, _month_of, _month_text
from cli.verifier.disputes import _by_month, _payment, _total, closed_on, disputes, position_by_month
from cli.verifier.facts import Lines, Memo, NotDeterminable, Record, Records, UnknownRule, _of, _recorded_on, _terms
from cli.verifier.notices import _accepted, _determination, _resolves, notice_dates
from cli.verifier.sharing import _determinations_in_force


def _faults_of_party(records: Records, contract: str, data: Mapping[str, Any], upto: int) -> list[str]:
    """Those whose agreement is needed dispute and answer (rules 16, 20)."""
    terms = _terms(records, contract, _month_of(_day(data["on"])), upto)
    assert terms is not None
    agrees = terms["governance"]["agrees"]
    return [] if data["by"] in agrees else [f"{data['by']} is none of {', '.join(agrees)}"]


def _faults_of_raising(records: Records, contract: str, record: Record) -> list[str]:
    data, upto = record["data"], record["position"] - 1
    faults = _faults_of_party(records, contract, data, upto)
    number = len(_of(records, f"contract/{contract}", "DisputeRaised@1", upto)) + 1
    if data["number"] != number:
        faults.append(f"it is X{data['number']}, the next is X{number}")
    look = _payment_disputed if data.get("determination") is None else _determination_disputed
    was, until, more = look(records, contract, data, upto)
    faults += more + _faults_of_anew(records, contract, data, upto)
    if until is not None and _recorded_on(record) > until and not record.get("evidence"):
        faults.append(f"it is recorded after {until}, without a document that shows its date")
    if was is None:
        return faults
    if data["was_ore"] != was:
        faults.append(f"it disputes {data['was_ore']}, recorded is {was}")
    if _total(data["position"]) == was:
        faults.append(f"its position is {was}, as is recorded")
    if data.get("determination") is not None:
        closed = closed_on(records, contract, data["determination"], upto)
        if closed is not None and closed <= _recorded_on(record):
            faults.append(f"D{data['determination']} is closed since {closed}")
    return faults + _faults_of_position(records, contract, data, data["position"], upto)


def _faults_of_anew(records: Records, contract: str, data: Mapping[str, Any], upto: int) -> list[str]:
    """What was settled or upheld is final for all, what was rejected for the party that raised it."""
    sort = "payment" if data.get("determination") is None else "determination"
    return [
        f"X{one.number} about it was {one.how}"
        for one in disputes(records, contract, upto)
        if one.disputed == (sort, data[sort])
        and (one.how in ("settled", "upheld") or (one.how == "rejected" and one.by == data["by"]))
    ]


def _determination_disputed(
    records: Records, contract: str, data: Mapping[str, Any], upto: int
) -> tuple[int | None, date | None, list[str]]:
    """The savings that are disputed, the last day to object, and what stands against it: the determination is not in force or
    decides a dispute itself, the party accepted it, nobody was noticed, or it is not the time to object (rule 16). Who disputed
    what it supersedes need not wait for the notice, lest what was held be paid meanwhile."""
    number, on = data["determination"], _day(data["on"])
    one = _determination(records, contract, number, upto)
    if one is None:
        return None, None, [f"there is no D{number}"]
    faults = []
    if one not in _determinations_in_force(records, contract, upto):
        faults.append(f"D{number} is superseded")
    if _resolves(one) is not None:
        faults.append(f"D{number} carries out the resolution of X{_resolves(one)}")
    if data["by"] in _accepted(records, contract, number, upto):
        faults.append(f"{data['by']} accepted D{number}")
    first, last = _objection(records, contract, number, upto) or (None, None)
    if _made_moot(records, contract, one, data["by"], upto):
        first = _recorded_on(one)
    if first is None:
        faults.append(f"D{number} is not noticed")
    elif on < first or (last is not None and on > last):
        until = "on" if last is None else f"until {last}"
        faults.append(f"D{number} could be objected to from {first} {until}, not on {on}")
    return sum(month["savings_ore"] for month in one["data"]["months"]), last, faults


def _made_moot(records: Records, contract: str, determination: Record, by: str, upto: int) -> bool:
    """Whether a determination made a dispute of this party moot."""
    before = determination["position"] - 1
    was_open = [one.number for one in disputes(records, contract, before) if one.how == "open" and one.by == by]
    after = {one.number: one.how for one in disputes(records, contract, determination["position"])}
    return any(after[number] == "moot" for number in was_open)


def _objection(records: Records, contract: str, number: int, upto: int) -> tuple[date, date] | None:
    """From when until when a determination could be objected to, as its notice or the last correction of it said; None where
    nobody is noticed."""
    found: tuple[date, date] | None = None
    for record in _of(records, f"contract/{contract}", ("SavingsNotified@1", "EntryCorrected@1"), upto):
        data = record["data"]
        if record["type"] == "SavingsNotified@1" and data["determination"] == number:
            found = _day(data["on"]), _day(data["objection_until"])
        elif record["type"] == "EntryCorrected@1" and data["entry"] == "notice" and data["number"] == number:
            on = _day(record["effective_on"])
            terms = _terms(records, contract, _month_of(on), record["position"])
            assert terms is not None
            until = notice_dates(on, terms["settlement"]["objection_days"], 0)[0]
            found = None if data.get("becomes") is None else (on, until)
    return found


def _payment_disputed(
    records: Records, contract: str, data: Mapping[str, Any], upto: int
) -> tuple[int | None, date | None, list[str]]:
    """The amount that is disputed, the last day to object, and what stands against it: no such payment was made, it was reversed,
    or it is not the time to object, which runs from its date or the day on which it was recorded, whichever is later."""
    number, on = data["payment"], _day(data["on"])
    one = _payment(records, contract, number, upto)
    if one is None:
        return None, None, [f"there is no payment P{number} that was made"]
    faults = [] if one.stands else [f"P{number} was reversed"]
    if data["payment_kind"] != one.kind:
        faults.append(f"P{number} is {one.kind}, not {data['payment_kind']}")
    known_on = max(one.on, one.recorded_on)
    terms = _terms(records, contract, _month_of(known_on), upto)
    assert terms is not None
    until = known_on + timedelta(days=terms["settlement"]["objection_days"])
    if not one.on <= on <= until:
        faults.append(f"P{number} could be objected to from {one.on} until {until}, not on {on}")
    return one.amount, until, faults


def _faults_of_position(
    records: Records, contract: str, disputed: Mapping[str, Any], position: Mapping[str, Any], upto: int
) -> list[str]:
    """A position says what is disputed, month by month or as an amount."""
    if disputed.get("determination") is None:
        return [] if position.get("amount_ore") is not None else ["a position about a payment says no amount"]
    determination = _determination(records, contract, disputed["determination"], upto)
    if determination is None:
        return [f"there is no D{disputed['determination']}"]
    months = [month["month"] for month in determination["data"]["months"]]
    said = [line["month"] for line in position.get("savings") or ()]
    return [] if said == months else [f"a position about {', '.join(months)} speaks of {', '.join(said) or 'no month'}"]


def _faults_of_computing(
    records: Records,
    lines: Lines,
    contract: str,
    disputed: Mapping[str, Any],
    position: Mapping[str, Any],
    upto: int,
    memo: Memo | None,
) -> list[str]:
    """A position about a determination that was computed is computed again."""
    determination = _determination(records, contract, disputed.get("determination") or 0, upto)
    if position.get("facts") is None or determination is None:
        return []
    faults, said = [], _by_month(position)
    for month, figures in position_by_month(records, lines, contract, determination, position, memo).items():
        name = _month_text(month)
        if isinstance(figures, UnknownRule):
            continue
        if isinstance(figures, NotDeterminable):
            faults.append(f"the position's {name} cannot be computed: {figures}")
        elif figures["savings_ore"] != said.get(name):
            faults.append(f"the position's {name} is {said.get(name)}, recomputed {figures['savings_ore']}")
    return faults
