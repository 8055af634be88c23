"""A second opinion on a ledger of social outcomes contracts, written from the rules of the contract alone.

Slow and plain on purpose: single days, single records, whole numbers of öre and of hundredths of days, exact fractions,
no floats, nothing but the standard library. It shares no code with the ledger that it checks.

``records`` are the decoded bodies in order of position; ``lines`` are the columns of each absence report, by position.
A *position* is the number of the last record that an answer may see. Months are text such as ``2019-04`` at the edges
and counted from year 0 inside (``_month``); quarters likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

Record = Mapping[str, Any]
Records = Sequence[Record]
Lines = Mapping[int, Mapping[str, Any]]
Memo = dict[tuple[Any, ...], Any]

CAUSES = ("sick", "work-injury", "covid")
SHORT_TERM_DAYS = 14
DAYS_TO_RELAPSE = 5
DETERMINED = ("SavingsDetermined@1", "SavingsDetermined@2", "SavingsDetermined@3")
ADOPTED = ("MethodologyAdopted@1", "MethodologyAdopted@2")
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


class Spell(NamedTuple):
    """A spell in force: absent from ``first`` to ``last``, both included. ``position``: the report that says so."""

    employee: int
    workplace: str
    first: date
    last: date
    extent: int
    cause: str
    position: int


# --- Calendar and numbers -----------------------------------------------------------------------------------------------


def _month(text: str) -> int:
    year, month = text.split("-")
    return int(year) * 12 + int(month) - 1


def _month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_text(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _last_day(month: int) -> date:
    return _first_day(month + 1) - timedelta(days=1)


def _weekdays(month: int) -> int:
    """Mondays to Fridays of the month; public holidays are not left out (rule 5)."""
    count = 0
    day = _first_day(month)
    while _month_of(day) == month:
        if day.weekday() < 5:
            count += 1
        day += timedelta(days=1)
    return count


def _quarter_text(quarter: int) -> str:
    return f"{quarter // 4:04d}Q{quarter % 4 + 1}"


def _period(text: str) -> tuple[int, int]:
    """First and last month of ``2020-02``, ``2019Q2`` or ``2018-10..2020-02``."""
    first, _, last = text.partition("..")
    edges = []
    for part in (first, last or first):
        if "Q" in part:
            year, number = part.split("Q")
            begins = int(year) * 12 + (int(number) - 1) * 3
            edges.append((begins, begins + 2))
        else:
            edges.append((_month(part), _month(part)))
    return edges[0][0], edges[1][1]


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _day_number(number: int) -> date:
    return date(number // 10000, number // 100 % 100, number % 100)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


def _recorded_on(record: Record) -> date:
    """The day on which a record was made, in Stockholm: an hour ahead of UTC, in summer two, from 01:00 UTC on the last Sunday of
    March to that of October."""
    instant = _instant(record["recorded_at"]).astimezone(UTC)
    march, october = (
        datetime(instant.year, month, 31 - (date(instant.year, month, 31).weekday() + 1) % 7, 1, tzinfo=UTC) for month in (3, 10)
    )
    return (instant + timedelta(hours=2 if march <= instant < october else 1)).date()


def rounded(exact: Fraction) -> int:
    """The nearest whole number, half away from zero (rules 8 and 10)."""
    size = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return -size if exact < 0 else size


def _ore(kronor: str) -> int:
    amount = Fraction(kronor) * 100
    if amount.denominator != 1:
        raise ValueError(f"{kronor} is not a whole number of öre")
    return int(amount)


def _decimal(exact: Fraction, places: int) -> str:
    units = rounded(exact * 10**places)
    sign = "-" if units < 0 else ""
    return f"{sign}{abs(units) // 10**places}.{abs(units) % 10**places:0{places}d}"


def _kronor(ore: int) -> str:
    return _decimal(Fraction(ore, 100), 2)


# --- The record ---------------------------------------------------------------------------------------------------------


def _of(records: Records, stream: str, kinds: str | tuple[str, ...], upto: int) -> list[Record]:
    """The records of one stream and of these types at or before a position, in order."""
    wanted = (kinds,) if isinstance(kinds, str) else kinds
    found = []
    for record in records:
        if record["stream"] == stream and record["type"] in wanted and record["position"] <= upto:
            found.append(record)
    return found


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


def _rules(methodology: Mapping[str, Any], month: int) -> dict[str, Mapping[str, Any]]:
    """What is agreed for a disrupted month, by the step at which it acts; at a step that is not named, nothing is."""
    agreed = methodology["disruption"]
    found: dict[str, Mapping[str, Any]] = {}
    for rule in [agreed] if isinstance(agreed, Mapping) else agreed:
        if rule["kind"] == "none@1":
            continue
        if rule["kind"] not in STEPS:
            raise NotDeterminable(f"the rule kind {rule['kind']} is not known")
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


# --- Spells (rule 3) ----------------------------------------------------------------------------------------------------


def _reports(records: Records, contract: str, source: str, upto: int) -> list[Record]:
    """The absence reports of one source (rule 2: other sources never replace)."""
    return [
        record for record in _of(records, f"absences/{contract}", "AbsenceReported@1", upto) if record["data"]["source"] == source
    ]


def _is_at(scope: Mapping[str, Any], workplace: str) -> bool:
    """Whether a report of this scope is about the workplace; no workplaces named means all."""
    named = scope.get("workplaces")
    return named is None or workplace in named


def _lines_of(record: Record, lines: Lines) -> list[tuple[int, str, date, date | None, int, str]]:
    """A report's lines: employee, workplace, first day, last day (None: open), extent, cause."""
    count = record["data"]["lines"]["count"]
    columns = lines.get(record["position"])
    if columns is None:
        if count == 0:
            return []
        raise NotDeterminable(f"the {count} lines of record {record['position']} are not at hand")
    if len(columns["employee"]) != count:
        raise NotDeterminable(f"record {record['position']} has {count} lines, {len(columns['employee'])} are at hand")
    found = []
    for number in range(count):
        last = columns["last_day"][number]
        found.append(
            (
                columns["employee"][number],
                columns["workplaces"][columns["workplace"][number]],
                _day_number(columns["first_day"][number]),
                _day_number(last) if last else None,
                columns["extent"][number],
                CAUSES[columns["cause"][number]],
            )
        )
    return found


def spells_in_force(records: Records, lines: Lines, contract: str, source: str, upto: int) -> list[Spell]:
    """The spells of one source that stand after the record at position ``upto``, by employee and first day (rule 3)."""
    in_force: dict[tuple[int, date], Spell] = {}
    complete_before: list[Mapping[str, Any]] = []
    for record in _reports(records, contract, source, upto):
        scope = record["data"].get("scope")
        before = dict(in_force)
        if scope is not None:
            first, last = _period(scope["complete"])
            for key, spell in before.items():
                if first <= _month_of(spell.first) <= last and _is_at(scope, spell.workplace):
                    del in_force[key]
        for employee, workplace, first_day, last_day, extent, cause in _lines_of(record, lines):
            key = (employee, first_day)
            in_force.pop(key, None)
            if extent == 0:
                continue
            if last_day is None:
                last_day = _end_of_period(record)
                if key in before and _restates_an_earlier_month(record, workplace, complete_before):
                    last_day = max(last_day, before[key].last)
            in_force[key] = Spell(employee, workplace, first_day, last_day, extent, cause, record["position"])
        if scope is not None:
            complete_before.append(scope)
    return [in_force[key] for key in sorted(in_force)]


def _end_of_period(record: Record) -> date:
    """The last day of the period of a report, with which its open spells end (rule 3)."""
    period = record["data"].get("period")
    if period is None and record["data"].get("scope") is not None:
        period = record["data"]["scope"]["complete"]
    if period is None:
        raise NotDeterminable(f"record {record['position']} leaves a spell open and names no period")
    return _last_day(_period(period)[1])


def _restates_an_earlier_month(record: Record, workplace: str, complete_before: list[Mapping[str, Any]]) -> bool:
    """Whether the report is complete for the workplace, for months before the latest that an earlier report was complete
    for: it does not shorten a spell that its line leaves open (rule 3)."""
    scope = record["data"].get("scope")
    if scope is None or not _is_at(scope, workplace):
        return False
    last = _period(scope["complete"])[1]
    return any(_is_at(earlier, workplace) and _period(earlier["complete"])[1] > last for earlier in complete_before)


# --- Net days (rules 4 and 5) -------------------------------------------------------------------------------------------


def net_days(spells: Iterable[Spell], causes: Sequence[str] = CAUSES) -> dict[tuple[str, str], int]:
    """Hundredths of net short-term days by month and workplace, numbered whatever their cause; those that take one of
    ``causes`` from the spell that counts them (rules 4 and 5)."""
    by_employee: dict[int, list[Spell]] = {}
    for spell in spells:
        by_employee.setdefault(spell.employee, []).append(spell)
    total: dict[tuple[str, str], int] = {}
    for employee in sorted(by_employee):
        number = 0  # of the latest absent day in its sick-pay period
        latest: int | None = None  # the latest absent day so far, as an ordinal; ordinal 1 was a Monday
        for spell in sorted(by_employee[employee], key=lambda one: one.first):
            for day in range(spell.first.toordinal(), spell.last.toordinal() + 1):
                if latest is not None:
                    if day <= latest:
                        continue  # an earlier spell covers it
                    between = range(latest + 1, day)
                    if day - latest > DAYS_TO_RELAPSE:
                        number = 0
                    elif all((other - 1) % 7 >= 5 for other in between):
                        number += len(between)  # only Saturday and Sunday: absent too
                number += 1
                latest = day
                if number <= SHORT_TERM_DAYS and (day - 1) % 7 < 5 and spell.cause in causes:
                    key = (date.fromordinal(day).isoformat()[:7], spell.workplace)
                    total[key] = total.get(key, 0) + spell.extent
    return total


def _net_days(
    records: Records, lines: Lines, contract: str, source: str, upto: int, memo: Memo, causes: Sequence[str]
) -> dict[tuple[str, str], int]:
    reports = _reports(records, contract, source, upto)
    key = ("net days", contract, source, reports[-1]["position"] if reports else 0, *causes)
    if key not in memo:
        memo[key] = net_days(spells_in_force(records, lines, contract, source, upto), causes)
    found: dict[tuple[str, str], int] = memo[key]
    return found


# --- One month (rules 1 to 8) -------------------------------------------------------------------------------------------


def _employees(records: Records, contract: str, month: int, upto: int) -> dict[str, int]:
    """Workplaces with employees in the month, by head (rule 1). A workplace that had employees when it last reported and
    does not say 0 has not ended: without its row the month cannot be determined."""
    rows: dict[str, dict[int, int]] = {}
    for record in _of(records, f"workforce/{contract}", "WorkforceReported@1", upto):
        for row in record["data"]["rows"]:
            rows.setdefault(row["workplace"], {})[_month(row["month"])] = row["employees"]
    if not any(month in by_month for by_month in rows.values()):
        raise NotDeterminable(f"no workforce is recorded for {_month_text(month)}")
    found = {}
    for workplace in sorted(rows):
        by_month = rows[workplace]
        if month in by_month:
            if by_month[month] > 0:
                found[workplace] = by_month[month]
            continue
        earlier = [other for other in by_month if other < month]
        if earlier and by_month[max(earlier)] > 0:
            raise NotDeterminable(f"no workforce is recorded for {workplace} in {_month_text(month)}")
    return found


def _counted(
    records: Records,
    lines: Lines,
    contract: str,
    source: str,
    month: int,
    upto: int,
    memo: Memo,
    causes: Sequence[str] = CAUSES,
) -> tuple[int, int]:
    """Employees of a month and hundredths of net days, those of ``causes``, at the workplaces that have any, every one of them
    covered by a complete report of the source (rules 1, 2 and 5)."""
    key = ("counted", contract, source, month, upto, *causes)
    if key in memo:
        known: tuple[int, int] = memo[key]
        return known
    employees = _employees(records, contract, month, upto)
    scopes = []
    for record in _reports(records, contract, source, upto):
        scope = record["data"].get("scope")
        if scope is not None:
            first, last = _period(scope["complete"])
            if first <= month <= last:
                scopes.append(scope)
    days = _net_days(records, lines, contract, source, upto, memo, causes)
    hundredths = 0
    for workplace in employees:
        if not any(_is_at(scope, workplace) for scope in scopes):
            raise NotDeterminable(f"no complete report of {source} covers {workplace} in {_month_text(month)}")
        hundredths += days.get((_month_text(month), workplace), 0)
    memo[key] = (sum(employees.values()), hundredths)
    return sum(employees.values()), hundredths


def _locked_at(records: Records, contract: str, sha256: str, basis: int) -> int:
    """What the reference values of a methodology rest on: the basis of the first determination under it (rules 6, 7)."""
    for record in _of(records, f"contract/{contract}", DETERMINED, basis):
        for month in record["data"]["months"]:
            if month["methodology_sha256"] == sha256 and "kind" not in month:
                return int(record["data"]["basis"]["position"])
    return basis


def _reference_years(methodology: Mapping[str, Any], month: int) -> list[int]:
    """The months of the years that a month is compared with: the methodology's, or others agreed for it (rule 6)."""
    years = _rules(methodology, month).get("reference", methodology["reference"])
    first, last = _day(years["from"]), _day(years["to"])
    return [
        other for other in range(_month_of(first), _month_of(last) + 1) if first <= _first_day(other) and _last_day(other) <= last
    ]


def _months_like(month: int, years: list[int]) -> list[int]:
    """The months of those years with the same name as this one."""
    return [other for other in years if other % 12 == month % 12]


def _index(records: Records, trend: Mapping[str, Any], quarter: int, upto: int, *, latest: bool) -> Mapping[str, Any]:
    """The first recorded value of a quarter with an accepted status, or the latest (rule 7)."""
    found: Mapping[str, Any] | None = None
    for record in _of(records, f"trend/{trend['series']}", "TrendPublished@1", upto):
        for value in record["data"]["values"]:
            if value["quarter"] == _quarter_text(quarter) and value["status"] in trend["accept"] and (found is None or latest):
                found = value
    if found is None:
        raise NotDeterminable(f"{trend['series']} has no accepted value for {_quarter_text(quarter)}")
    return found


def _trend(
    records: Records, methodology: Mapping[str, Any], terms: Mapping[str, Any], month: int, basis: int, locked: int, *, redo: bool
) -> tuple[Mapping[str, Any], Fraction]:
    """The index value that a month rests on and the trend factor (rule 7).

    Where a quarter's factor is agreed on instead of the month's own, its index is compared with that of the same quarter of the
    reference years: in each of them, the one that begins in it.
    """
    trend = methodology["trend"]
    years = _reference_years(methodology, month)
    frozen = _rules(methodology, month).get("trend")
    if frozen is None:
        quarter, compared = _quarter_taken(trend, month), _months_like(month, years)
    else:
        first = _period(frozen["at"])[0]
        quarter, compared = first // 3, _months_like(first, years)
    if not compared:
        raise NotDeterminable(f"the reference years hold no month like {_month_text(month)}")
    total = Fraction(0)
    for other in compared:
        total += Fraction(_index(records, trend, other // 3, locked, latest=False)["value"])
    mean = total / len(compared)
    if mean == 0:
        raise NotDeterminable(f"the mean index of the reference quarters of {_month_text(month)} is 0")

    before_the_contract = quarter < _month_of(_day(terms["measured_from"])) // 3
    if before_the_contract and any(quarter == other // 3 for other in years):
        used = _index(records, trend, quarter, locked, latest=False)
    else:
        used = _index(records, trend, quarter, basis, latest=redo)
    return used, Fraction(used["value"]) / mean


def _quarter_taken(trend: Mapping[str, Any], month: int) -> int:
    """The quarter whose index a month takes: its own, or what is said for undisturbed months of a disrupted one (rule 7)."""
    quarter = month // 3
    if trend.get("disrupted") is None:
        return quarter
    first, last = _period(trend["disrupted"])
    holds_disrupted = any(first <= other <= last for other in range(quarter * 3, quarter * 3 + 3))
    if not holds_disrupted or first <= month <= last or trend["quarter_split"] == "whole-quarter":
        return quarter
    if trend["quarter_split"] == "previous-year":
        return quarter - 4
    raise NotDeterminable(f"{_quarter_text(quarter)} holds disrupted months and {_month_text(month)} is not one")


def _price(methodology: Mapping[str, Any], month: int) -> int:
    """Öre for a net day, in force on the first day of the month (rules 8, 20)."""
    price: int | None = None
    since: date | None = None
    for step in methodology["price"]["sek"]:
        begins = _day(step["from"])
        if begins <= _first_day(month) and (since is None or begins >= since):
            price, since = _ore(step["amount"]), begins
    if price is None:
        raise NotDeterminable(f"no price of a net day is in force in {_month_text(month)}")
    return price


def _reimbursed(records: Records, contract: str, how: str, month: int, upto: int) -> Fraction:
    """The share of a month's sick pay that the state repaid, on average or at the margin; the last recorded of a month holds."""
    row: Mapping[str, Any] | None = None
    for record in _of(records, f"reimbursements/{contract}", "ReimbursementsReported@1", upto):
        for one in record["data"]["rows"]:
            if _month(one["month"]) == month:
                row = one
    if row is None:
        raise NotDeterminable(f"no reimbursement is recorded for {_month_text(month)}")
    cost = row["sick_pay_cost_ore"]
    if how == "average":
        return Fraction(row["reimbursed_ore"], cost) if cost else Fraction(0)
    if how == "marginal":
        return Fraction(1) if cost > Fraction(row["threshold"]) * row["wage_cost_ore"] else Fraction(0)
    raise NotDeterminable(f"reimbursed = {how} is not known")


def determine(
    records: Records, lines: Lines, contract: str, months: Iterable[str], basis: int, *, redo: bool
) -> dict[str, dict[str, Any]]:
    """The savings of the months of one determination on the facts up to position ``basis`` (rules 1 to 9).
    Raises NotDeterminable.

    Beside the figures a month says what they rest on: ``trend`` (the index value) and ``methodology_sha256``. One that is not
    measured says by which ``kind`` of rule, and ``of`` which months it takes the average.
    """
    found = _together(records, lines, contract, [_month(month) for month in months], basis, {}, redo=redo)
    for figures in found.values():
        if isinstance(figures, NotDeterminable):
            raise figures
    return {_month_text(month): figures for month, figures in found.items() if not isinstance(figures, NotDeterminable)}


class _Way(NamedTuple):
    """How a month is measured: under which terms, by which methodology, with reference values of which position (rules 6, 7),
    and whether it is determined anew."""

    terms: Mapping[str, Any]
    methodology: Mapping[str, Any]
    sha256: str
    locked: int
    redo: bool


def _together(
    records: Records, lines: Lines, contract: str, months: list[int], basis: int, memo: Memo, *, redo: bool
) -> dict[int, dict[str, Any] | NotDeterminable]:
    """Each month of one determination: its figures, or why it cannot be determined."""
    ways: dict[int, _Way | NotDeterminable] = {}
    for month in months:
        try:
            terms, methodology, sha256 = _agreed(records, contract, month, basis)
            ways[month] = _Way(terms, methodology, sha256, _locked_at(records, contract, sha256, basis), redo)
        except NotDeterminable as error:
            ways[month] = error
    return _figures(records, lines, contract, ways, basis, memo)


def _figures(
    records: Records, lines: Lines, contract: str, ways: Mapping[int, _Way | NotDeterminable], basis: int, memo: Memo
) -> dict[int, dict[str, Any] | NotDeterminable]:
    """Each month in its way: its figures, or why it cannot be determined."""
    found: dict[int, dict[str, Any] | NotDeterminable] = {}
    averages: dict[int, dict[str, Any]] = {}
    for month, way in ways.items():
        try:
            if isinstance(way, NotDeterminable):
                raise way
            rule = _rules(way.methodology, month).get("window")
            if rule is None:
                found[month] = _measured(records, lines, contract, way, month, basis, memo)
                continue
            figures = {"kind": rule["kind"], "of": rule.get("of"), "savings_ore": 0, "methodology_sha256": way.sha256}
            if rule["kind"] == "exclude-months@1":
                found[month] = figures
            else:
                averages[month] = figures
        except NotDeterminable as error:
            found[month] = error
    settled = {}
    for month, recorded in _months_in_force(records, contract, basis).items():
        adopted = _methodology(records, contract, month, basis)
        measured_as_agreed = "kind" not in recorded and adopted is not None and adopted[1] == recorded["methodology_sha256"]
        if month not in ways and (measured_as_agreed or recorded.get("kind") == RESOLVED):
            settled[month] = recorded["savings_ore"]
    _average(averages, found, settled)
    return {month: found[month] for month in ways}


def _average(
    averages: dict[int, dict[str, Any]], found: dict[int, dict[str, Any] | NotDeterminable], settled: Mapping[int, int]
) -> None:
    """Find what the months in ``averages`` count for: the mean monthly savings of others, which are measured in the same
    determination, or else settled by one in force that measured them by what is agreed for them; half away from zero."""
    measured = {month: one["savings_ore"] for month, one in found.items() if isinstance(one, dict) and "kind" not in one}
    known = {**settled, **measured}
    for month, figures in averages.items():
        first, last = _period(figures["of"])
        if all(other in known for other in range(first, last + 1)):
            total = sum(known[other] for other in range(first, last + 1))
            found[month] = {**figures, "savings_ore": rounded(Fraction(total, last - first + 1))}
        else:
            found[month] = NotDeterminable(
                f"{_month_text(month)} is the mean of {figures['of']}, not all of it measured as agreed"
            )


def _agreed(records: Records, contract: str, month: int, basis: int) -> tuple[Mapping[str, Any], Mapping[str, Any], str]:
    """The terms, the methodology and its hash under which a month is determined. Raises NotDeterminable where it is not."""
    name = _month_text(month)
    terms = _terms(records, contract, month, basis)
    if terms is None:
        raise NotDeterminable(f"{contract} is not signed")
    if month not in _contract_months(terms):
        raise NotDeterminable(f"{name} is not a month of the contract")
    if _is_suspended(records, contract, month, basis):
        raise NotDeterminable(f"follow-up of {name} is suspended")
    adopted = _methodology(records, contract, month, basis)
    if adopted is None:
        raise NotDeterminable(f"no methodology is in force in {name}")
    return terms, *adopted


def _measured(records: Records, lines: Lines, contract: str, way: _Way, month: int, basis: int, memo: Memo) -> dict[str, Any]:
    """A month's figures. The steps: number days, leave out, net days, reference, trend, price (rules 4 to 8)."""
    terms, methodology, sha256, locked, redo = way
    source, rules = methodology["measure"]["source"], _rules(methodology, month)

    employees, actual_hundredths = _counted(records, lines, contract, source, month, basis, memo)
    left_out_hundredths: int | None = None
    if "leave out" in rules:
        causes = rules["leave out"]["causes"]
        left_out_hundredths = _counted(records, lines, contract, source, month, basis, memo, causes)[1]
        actual_hundredths -= left_out_hundredths

    rate = _reference_rate(records, lines, contract, methodology, month, locked, memo)
    used, factor = _trend(records, methodology, terms, month, basis, locked, redo=redo)
    expected = rate * employees * _weekdays(month) * factor
    avoided = expected - Fraction(actual_hundredths, 100)
    price_ore = _price(methodology, month)
    reimbursed: Fraction | None = None
    if "price" in rules:
        reimbursed = _reimbursed(records, contract, rules["price"]["reimbursed"], month, basis)
    return {
        "employees": employees,
        "weekdays": _weekdays(month),
        "reference_rate": rate,
        "factor": factor,
        "expected": expected,
        "actual_hundredths": actual_hundredths,
        "left_out_hundredths": left_out_hundredths,
        "price_ore": price_ore,
        "reimbursed": reimbursed,
        "savings_ore": rounded(avoided * price_ore * (1 - (reimbursed or 0))),
        "trend": {name: used[name] for name in ("quarter", "value", "published_on", "status")},
        "methodology_sha256": sha256,
    }


def _reference_rate(
    records: Records, lines: Lines, contract: str, methodology: Mapping[str, Any], month: int, locked: int, memo: Memo
) -> Fraction:
    """Net days per employee and weekday in the months of the reference years with the same name: a ratio of sums (rule 6)."""
    source = methodology["measure"]["source"]
    total_hundredths = 0
    capacity = 0
    for other in _months_like(month, _reference_years(methodology, month)):
        heads, hundredths = _counted(records, lines, contract, source, other, locked, memo)
        total_hundredths += hundredths
        capacity += heads * _weekdays(other)
    if capacity == 0:
        raise NotDeterminable(f"nobody was employed in the reference months of {_month_text(month)}")
    return Fraction(total_hundredths, 100 * capacity)


# --- Sharing (rules 9 to 12) --------------------------------------------------------------------------------------------


class _Shares(NamedTuple):
    """The figures of the terms, each exact until it is rounded once, in öre (rule 11)."""

    total: int
    internal: int
    upfront: int
    at_risk: int
    to_repay: int  # internal + upfront
    worst_case: int
    maximum: int
    share: Fraction
    ceiling: Fraction  # of savings, in öre

    def entitlement(self, savings: int) -> int:
        """What the provider is entitled to at a sum of savings (rule 10)."""
        return min(self.maximum, rounded(self.share * min(Fraction(max(savings, 0)), self.ceiling)))

    def target(self, party: str) -> int:
        """The amount that a party, or the cap, has to attain (rule 11)."""
        return {"contract": self.total, "provider": self.at_risk, "authority": self.to_repay, "cap": self.maximum}[party]

    @cache  # noqa: B019 -- a tuple, kept as long as the run
    def at_savings(self, party: str) -> int | None:
        """The smallest whole-öre sum of savings that attains the target; None where none does (rule 11)."""
        target = self.target(party)
        amounts: dict[str, Callable[[int], int]] = {
            "contract": lambda savings: savings,
            "provider": self.entitlement,
            "authority": lambda savings: savings - self.entitlement(savings),
            "cap": self.entitlement,
        }
        amount = amounts[party]
        low, high = 0, max(target, 0) + self.maximum + rounded(self.ceiling) + 1  # amounts never fall as savings rise
        if amount(high) < target:
            return None
        while low < high:
            middle = (low + high) // 2
            if amount(middle) >= target:
                high = middle
            else:
                low = middle + 1
        return low


def _shares(terms: Mapping[str, Any]) -> _Shares:
    investment, outcome = terms["investment"], terms["outcome"]
    return _shares_of(
        investment["total"],
        investment["at_risk_share"],
        investment.get("external_service_value"),
        outcome["maximum_payment"],
        outcome["bonus_rate"],
        outcome["provider_share"],
        outcome["ceiling"],
    )


@cache
def _shares_of(
    investment: str, share_at_risk: str, value: str | None, maximum_payment: str, bonus_rate: str, share: str, ceiling: str
) -> _Shares:
    total = Fraction(_ore(investment))
    at_risk_share = Fraction(share_at_risk)
    maximum = Fraction(_ore(maximum_payment))
    if value is not None:
        service = Fraction(_ore(value))
        at_risk = at_risk_share * service
    else:
        at_risk = maximum / (1 + Fraction(bonus_rate))
        service = at_risk / at_risk_share
    return _Shares(
        total=rounded(total),
        internal=rounded(total - service),
        upfront=rounded(service - at_risk),
        at_risk=rounded(at_risk),
        to_repay=rounded(total - at_risk),
        worst_case=rounded(total - at_risk + maximum),
        maximum=rounded(maximum),
        share=Fraction(share),
        ceiling=Fraction(ceiling) * total,
    )


def _determinations_in_force(records: Records, contract: str, upto: int) -> list[Record]:
    """The determinations that no later one supersedes (rules 9, 15)."""
    all_of_them = _of(records, f"contract/{contract}", DETERMINED, upto)
    superseded: set[int] = set()
    for record in all_of_them:
        superseded.update(record["data"].get("supersedes", ()))
    return [record for record in all_of_them if record["data"]["number"] not in superseded]


def _months_in_force(records: Records, contract: str, upto: int) -> dict[int, Mapping[str, Any]]:
    """The determined months in force, in order, each with what was recorded about it."""
    found: dict[int, Mapping[str, Any]] = {}
    for record in _determinations_in_force(records, contract, upto):
        for month in record["data"]["months"]:
            found[_month(month["month"])] = month
    return {month: found[month] for month in sorted(found)}


def next_period(records: Records, contract: str, upto: int) -> tuple[str, str] | None:
    """First and last month of the next determination: the earliest month that is neither determined nor suspended, on to the
    end of its quarter or of the contract, or until one that is; None where no month is left (rules 9, 19)."""
    signed = _of(records, f"contract/{contract}", "ContractSigned@1", upto)
    if not signed:
        return None
    determined = _months_in_force(records, contract, upto)
    months: list[int] = []
    month = _month_of(_day(signed[0]["data"]["terms"]["measured_from"]))
    while (terms := _terms(records, contract, month, upto)) is not None and month in _contract_months(terms):
        left = month not in determined and not _is_suspended(records, contract, month, upto)
        if months and (not left or month // 3 != months[0] // 3):
            break
        if left:
            months.append(month)
        month += 1
    return (_month_text(months[0]), _month_text(months[-1])) if months else None


def _path(records: Records, contract: str, upto: int) -> list[tuple[int, int, int]]:
    """At each determined month's end: the month, the sum of savings and the entitlement, in öre (rules 9, 10)."""
    return _path_of(_months_in_force(records, contract, upto), records, contract, upto)


def _path_of(
    months: Mapping[int, Mapping[str, Any]], records: Records, contract: str, terms_upto: int
) -> list[tuple[int, int, int]]:
    path = []
    savings = 0
    for month in sorted(months):
        savings += months[month]["savings_ore"]
        terms = _terms(records, contract, month, terms_upto)
        if terms is None:
            raise ValueError(f"{contract} has determinations and no terms")
        path.append((month, savings, _shares(terms).entitlement(savings)))
    return path


def _movements(path: list[tuple[int, int, int]]) -> dict[int, int]:
    """How the entitlement moves at each month's end."""
    moves = {}
    before = 0
    for month, _, entitlement in path:
        moves[month] = entitlement - before
        before = entitlement
    return moves


def entitlement_differences(records: Records, determination: Record) -> dict[str, int]:
    """How a determination moves the entitlement at each month's end: the path after less the path before, without zeros
    (rules 10, 15)."""
    contract = determination["stream"].split("/", 1)[1]
    earlier = determination["position"] - 1
    superseded = set(determination["data"].get("supersedes", ()))
    months: dict[int, Mapping[str, Any]] = {}
    for record in [*_determinations_in_force(records, contract, earlier), determination]:
        if record["data"]["number"] not in superseded:
            for month in record["data"]["months"]:
                months[_month(month["month"])] = month
    after = _movements(_path_of(months, records, contract, earlier))
    before = _movements(_path(records, contract, earlier))
    differences = {}
    for month in sorted(set(after) | set(before)):
        difference = after.get(month, 0) - before.get(month, 0)
        if difference != 0:
            differences[_month_text(month)] = difference
    return differences


# --- Notices (rules 15, 16) ---------------------------------------------------------------------------------------------


def notice_dates(on: date, objection_days: int, payment_days: int) -> tuple[date, date, date]:
    """The last day to object, the day when silence makes the determination accepted, and the day when it falls payable
    (rule 16). No date moves for a weekend."""
    objection_until = on + timedelta(days=objection_days)
    accepted_on = objection_until + timedelta(days=1)
    return objection_until, accepted_on, accepted_on + timedelta(days=payment_days)


def _is_noticed(records: Records, contract: str, number: int, upto: int) -> bool:
    """Whether a determination was noticed. A notice recorded in error and reversed is none; the last correction decides. One that
    carries out a resolution needs none: the resolution claims it (rule 18)."""
    stands: dict[int, bool] = {}
    original: dict[int, int] = {}  # of each correction, which notice it is about in the end
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        if record["type"] in ("SavingsNotified@1", "DisputeResolved@1") and record["data"].get("determination") == number:
            stands[record["position"]] = True
        elif record["type"] == "EntryCorrected@1" and record["data"]["entry"] == "notice":
            corrects = record["data"]["corrects"]
            original[record["position"]] = original.get(corrects, corrects)
            if original[record["position"]] in stands:
                stands[original[record["position"]]] = record["data"].get("becomes") is not None
    return any(stands.values())


def claim(records: Records, determination: Record) -> int:
    """What the notice of a determination claims: its own differences and those of what it supersedes and nobody was ever
    noticed of (rule 15)."""
    contract = determination["stream"].split("/", 1)[1]
    earlier = determination["position"] - 1
    total = sum(entitlement_differences(records, determination).values())
    superseded = set(determination["data"].get("supersedes", ()))
    for record in _of(records, f"contract/{contract}", DETERMINED, earlier):
        number = record["data"]["number"]
        if number in superseded and not _is_noticed(records, contract, number, earlier):
            total += claim(records, record)
    return total


# --- Disputes (rules 16 and 18) -----------------------------------------------------------------------------------------


class Dispute(NamedTuple):
    """A dispute as a record raised it, and how it ended, on which day; ``how`` is ``open`` while nothing has ended it."""

    record: Record
    how: str = "open"
    ended_on: date | None = None
    answered_on: tuple[date, ...] = ()

    @property
    def number(self) -> int:
        return int(self.record["data"]["number"])

    @property
    def by(self) -> str:
        return str(self.record["data"]["by"])

    @property
    def raised_on(self) -> date:
        return _day(self.record["data"]["on"])

    @property
    def position(self) -> int:
        """What the party holds to be right, in öre: the savings of all the months, or the payment."""
        return _total(self.record["data"]["position"])

    @property
    def disputed(self) -> tuple[str, int]:
        """What it is about: ``determination`` or ``payment``, and its number."""
        data = self.record["data"]
        sort = "payment" if data.get("determination") is None else "determination"
        return sort, int(data[sort])

    def moot(self, on: date) -> Dispute:
        """The same, moot from a day, or from when it was raised."""
        return self._replace(how="moot", ended_on=max(self.raised_on, on))

    def was_open_on(self, day: date) -> bool:
        """From the day on which it was raised until the day on which it ended, which no longer counts."""
        return self.raised_on <= day and (self.ended_on is None or day < self.ended_on)


def _total(position: Mapping[str, Any]) -> int:
    if position.get("savings") is None:
        return int(position["amount_ore"])
    return sum(line["amount_ore"] for line in position["savings"])


def _by_month(position: Mapping[str, Any]) -> dict[str, int]:
    return {line["month"]: line["amount_ore"] for line in position.get("savings") or ()}


def disputes(records: Records, contract: str, upto: int) -> list[Dispute]:
    """Every dispute raised, and what became of it. One is moot from the day on which a determination is recorded that supersedes
    the disputed one, or on which the resolution of another changes what both are about."""
    found: dict[int, Dispute] = {}
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        data, kind = record["data"], record["type"]
        if kind == "DisputeRaised@1":
            found[data["number"]] = Dispute(record)
        elif kind in ("DisputeAnswered@1", "DisputeWithdrawn@1", "DisputeResolved@1") and data["dispute"] in found:
            one, on = found[data["dispute"]], _day(data["on"])
            if kind == "DisputeAnswered@1":
                found[one.number] = one._replace(answered_on=(*one.answered_on, on))
                continue
            found[one.number] = one._replace(how=data.get("outcome", "withdrawn"), ended_on=on)
            if data.get("position") is not None and _total(data["position"]) != one.record["data"]["was_ore"]:
                found |= {
                    other.number: other.moot(on)
                    for other in found.values()
                    if other.how == "open" and other.disputed == one.disputed
                }
        elif kind in DETERMINED and _resolves(record) is None:
            gone = [("determination", number) for number in data.get("supersedes", ())]
            on = _recorded_on(record)
            found |= {one.number: one.moot(on) for one in found.values() if one.how == "open" and one.disputed in gone}
    return list(found.values())


def _open_disputes(records: Records, contract: str, sort: str, number: int, upto: int) -> list[Dispute]:
    """Those about a ``determination`` or a ``payment`` that nothing has ended."""
    return [one for one in disputes(records, contract, upto) if one.how == "open" and one.disputed == (sort, number)]


def _resolves(determination: Record) -> int | None:
    """The dispute whose resolution a determination carries out."""
    for month in determination["data"]["months"]:
        if month.get("kind") == RESOLVED:
            return int(month["dispute"])
    return None


def _resolution_of(records: Records, contract: str, number: int, upto: int) -> Record | None:
    """The resolution that a determination carries out."""
    for record in _of(records, f"contract/{contract}", "DisputeResolved@1", upto):
        if record["data"].get("determination") == number:
            return record
    return None


def _determination(records: Records, contract: str, number: int, upto: int) -> Record | None:
    for record in _of(records, f"contract/{contract}", DETERMINED, upto):
        if record["data"]["number"] == number:
            return record
    return None


def _payable_on(records: Records, contract: str, number: int, upto: int) -> date | None:
    """When the claim of a determination falls payable, as its notice, the last acceptance or the last correction says; None
    where nobody is noticed."""
    payable_on: date | None = None
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        data = record["data"]
        if record["type"] in ("SavingsNotified@1", "DisputeResolved@1") and data.get("determination") == number:
            payable_on = _day(data["claim"]["payable_on"])
        elif record["type"] == "DeterminationAccepted@1" and data["determination"] == number:
            if data.get("becomes") is not None:
                payable_on = _day(data["becomes"]["payable_on"])
        elif record["type"] == "EntryCorrected@1" and data["entry"] in ("notice", "acceptance") and data["number"] == number:
            payable_on = None if data.get("becomes") is None else _day(data["becomes"]["on"])
    return payable_on


def _claimed_by(records: Records, contract: str, number: int, upto: int, day: date) -> dict[int, int]:
    """The savings of a determination's months as they are claimed and payable by a day: its own once its claim is; before that
    those of the determinations that it superseded, whose claims stand (rule 15)."""
    determination = _determination(records, contract, number, upto)
    assert determination is not None
    payable_on = _payable_on(records, contract, number, upto)
    if payable_on is not None and payable_on <= day:
        return {_month(month["month"]): month["savings_ore"] for month in determination["data"]["months"]}
    found: dict[int, int] = {}
    for superseded in determination["data"].get("supersedes", ()):
        found.update(_claimed_by(records, contract, superseded, upto, day))
    return found


class _Payment(NamedTuple):
    """A payment as it stands after corrections; one that was reversed is 0."""

    kind: str
    amount: int
    on: date
    recorded_on: date
    stands: bool


def _payment(records: Records, contract: str, number: int, upto: int) -> _Payment | None:
    found: _Payment | None = None
    for record in _of(records, f"contract/{contract}", ("PaymentMade@1", "EntryCorrected@1"), upto):
        data = record["data"]
        if data["number"] != number:
            continue
        if record["type"] == "PaymentMade@1":
            found = _Payment(data["kind"], data["amount_ore"], _day(data["on"]), _recorded_on(record), True)
        elif found is not None and data["entry"] == found.kind:
            becomes = data.get("becomes")
            amount, on = (0, found.on) if becomes is None else (becomes["amount_ore"], _day(becomes["on"]))
            found = found._replace(amount=amount, on=on, stands=becomes is not None)
    return found


def _owed_less(records: Records, contract: str, about: list[Dispute], upto: int) -> tuple[int, int]:
    """By how much less, and by how much more, the provider would be owed if one of these positions about a payment prevailed:
    less where more was paid, or less recovered, than was disputed, or than was decided since, for that counts from the day of the
    payment. An upfront payment is no part of it (rule 13)."""
    decided = {
        one.number: _total(record["data"]["position"])
        for record in _of(records, f"contract/{contract}", "DisputeResolved@1", upto)
        for one in disputes(records, contract, upto)
        if one.number == record["data"]["dispute"] and one.disputed == about[0].disputed and record["data"].get("position")
    }
    less = []
    for one in about:
        data = one.record["data"]
        stands = list(decided.values())[-1] if decided else data["was_ore"]
        less.append({"outcome": 1, "recovery": -1, "upfront": 0}[data["payment_kind"]] * (one.position - stands))
    return max(0, *less), max(0, *(-one for one in less))


def held_and_claimed(records: Records, contract: str, day: date) -> tuple[int, int]:
    """By how much less, and by how much more, the provider would be owed on a day if the positions open then prevailed: E - E⁻
    and E⁺ - E, and the payments disputed (rule 18).

    Of several about one determination or payment one can prevail: the lowest holds, against what is claimed and payable of its
    months by then; the highest claims, from the day on which it was raised, against what was determined.
    """
    upto = _end(records)
    said: dict[str, dict[int, list[Dispute]]] = {"determination": {}, "payment": {}}
    for one in disputes(records, contract, upto):
        if one.was_open_on(day):
            sort, number = one.disputed
            said[sort].setdefault(number, []).append(one)
    savings = {month: what["savings_ore"] for month, what in _months_in_force(records, contract, upto).items()}
    savings = {month: amount for month, amount in savings.items() if _last_day(month) <= day}
    payable = dict(savings)
    lowest = highest = 0
    for number, about in said["determination"].items():
        determination = _determination(records, contract, number, upto)
        assert determination is not None
        own = {_month(month["month"]): month["savings_ore"] for month in determination["data"]["months"]}
        savings |= own
        claimed_by_then = _claimed_by(records, contract, number, upto, day)
        payable |= {**own, **claimed_by_then}
        least = min(about, key=lambda one: one.position)
        if least.position < sum(own.values()):
            said_of = _by_month(least.record["data"]["position"]).items()
            within = sum(amount for month, amount in said_of if _month(month) in claimed_by_then)
            lowest += min(0, within - sum(claimed_by_then.values()))
        highest += max(0, *(one.position - sum(own.values()) for one in about))
    held = claimed = 0
    if said["determination"]:
        terms = _terms(records, contract, max(savings), upto)
        assert terms is not None
        shares, total, base = _shares(terms), sum(savings.values()), sum(payable.values())
        held = max(0, shares.entitlement(base) - shares.entitlement(base + lowest))
        claimed = max(0, shares.entitlement(total + highest) - shares.entitlement(total))
    for about in said["payment"].values():
        less, more = _owed_less(records, contract, about, upto)
        held, claimed = held + less, claimed + more
    return held, claimed


def position_by_month(
    records: Records, lines: Lines, contract: str, determination: Record, position: Mapping[str, Any], memo: Memo | None = None
) -> dict[int, dict[str, Any] | NotDeterminable]:
    """The months of a determination as a position computes them: by its methodology, else by that of the determination, on its
    facts (rule 18). On the facts that the determination saw they are taken as it took them, reference values and averages
    included; on others as a determination made there would take them, anew where the months were determined by then.
    """
    data, facts = determination["data"], position["facts"]
    left_out = set(facts.get("without", ()))
    seen = [record for record in records if record["position"] not in left_out]
    basis = facts["upto"]
    then = basis == data["basis"]["position"]
    determined = _months_in_force(seen, contract, basis)
    adopted = {
        record["data"]["sha256"]: record["data"]["methodology"]
        for record in _of(records, f"contract/{contract}", ADOPTED, determination["position"])
    }
    ways: dict[int, _Way | NotDeterminable] = {}
    for line in data["months"]:
        month, own = _month(line["month"]), line["methodology_sha256"]
        methodology, sha256 = position.get("methodology") or adopted[own], position.get("sha256") or own
        terms = _terms(seen, contract, month, basis)
        if terms is None:
            ways[month] = NotDeterminable(f"{contract} is not signed")
            continue
        locked = _locked_at(seen, contract, own if then else sha256, basis)
        redo = data.get("reason") is not None if then else month in determined
        ways[month] = _Way(terms, methodology, sha256, locked, redo)
    return _figures(seen, lines, contract, ways, basis, {} if left_out or memo is None else memo)


def closed_on(records: Records, contract: str, number: int, upto: int) -> date | None:
    """From when a determination can no longer be made anew (rules 15, 18): for good from the day on which a dispute about it was
    settled or upheld; else when the correction time after its acceptance has passed, or a later rejection ended a dispute; None
    while it is not noticed, or disputed."""
    if not _is_noticed(records, contract, number, upto):
        return None
    resolution = _resolution_of(records, contract, number, upto)
    if resolution is not None:
        return _day(resolution["data"]["on"])
    about = [one for one in disputes(records, contract, upto) if one.disputed == ("determination", number)]
    decided = [one.ended_on for one in about if one.how in ("settled", "upheld") and one.ended_on is not None]
    if decided:
        return min(decided)
    if any(one.how == "open" for one in about):
        return None
    accepted_on = _accepted_on(records, contract, number, upto)
    terms = _terms(records, contract, _month_of(accepted_on), upto)
    assert terms is not None
    months = terms["settlement"].get("correction_months")
    if months is None:
        return None
    month = _month_of(accepted_on) + months
    by_time = min(_first_day(month) + timedelta(days=accepted_on.day - 1), _last_day(month))
    return max([by_time, *(one.ended_on for one in about if one.how == "rejected" and one.ended_on is not None)])


# --- Checking the records of a dispute -----------------------------------------------------------------------------------


def faults_of_dispute(records: Records, lines: Lines, record: Record, memo: Memo | None = None) -> list[str]:
    """What the rules have against a record by which a dispute is raised, answered, withdrawn or resolved."""
    contract, kind = record["stream"].split("/", 1)[1], record["type"]
    data, earlier = record["data"], record["position"] - 1
    if kind == "DisputeRaised@1":
        faults = _faults_of_raising(records, contract, record)
        return faults or _faults_of_computing(records, lines, contract, data, data["position"], earlier, memo)
    found = [one for one in disputes(records, contract, earlier) if one.number == data["dispute"]]
    if not found:
        return [f"there is no X{data['dispute']}"]
    one = found[0]
    if one.how != "open":
        return [f"X{one.number} is {one.how} since {one.ended_on}"]
    faults = []
    if _day(data["on"]) < one.raised_on:
        faults.append(f"X{one.number} was raised on {one.raised_on}, after {data['on']}")
    if kind == "DisputeAnswered@1":
        faults += _faults_of_party(records, contract, data, earlier)
        if data["by"] == one.by:
            faults.append(f"{data['by']} raised X{one.number} and answers it")
        if data.get("position") is not None:
            faults += _faults_of_position(records, contract, one.record["data"], data["position"], earlier)
            faults += _faults_of_computing(records, lines, contract, one.record["data"], data["position"], earlier, memo)
    elif kind == "DisputeWithdrawn@1" and record["recorded_by"]["role"] != one.by and not record.get("evidence"):
        faults.append(f"{record['recorded_by']['role']} records that {one.by} withdraws it, without a document that says so")
    elif kind == "DisputeResolved@1":
        faults += _faults_of_decision(records, contract, record, one)
    return faults


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
        if isinstance(figures, NotDeterminable):
            faults.append(f"the position's {name} cannot be computed: {figures}")
        elif figures["savings_ore"] != said.get(name):
            faults.append(f"the position's {name} is {said.get(name)}, recomputed {figures['savings_ore']}")
    return faults


def _faults_of_decision(records: Records, contract: str, record: Record, one: Dispute) -> list[str]:
    """Who decided, and whether what is to stand is what the outcome says. A third person decides one dispute alone; where the
    parties agree on what several are about, the others are moot."""
    data, upto = record["data"], record["position"] - 1
    faults = _faults_of_who_decided(records, contract, record)
    position = data.get("position")
    if (position is None) != (data["outcome"] == "rejected"):
        return [*faults, f"it is {data['outcome']} at {'nothing' if position is None else _total(position)}"]
    if position is None:
        return faults
    raised = one.record["data"]
    if data["outcome"] == "upheld" and (_total(position), _by_month(position)) != (one.position, _by_month(raised["position"])):
        faults.append(f"it is upheld at {_total(position)}, raised was {one.position}")
    faults += _faults_of_position(records, contract, raised, position, upto)
    others = [other for other in _open_disputes(records, contract, *one.disputed, upto) if other.number != one.number]
    if others and data.get("decided_by") is not None and _total(position) != raised["was_ore"]:
        faults.append(f"what is decided changes what {', '.join(f'X{other.number}' for other in others)} disputes too")
    return faults


def _faults_of_who_decided(records: Records, contract: str, record: Record) -> list[str]:
    """All whose agreement is needed, or somebody else, with the decision."""
    data = record["data"]
    terms = _terms(records, contract, _month_of(_day(data["on"])), record["position"] - 1)
    assert terms is not None
    decided_by = data.get("decided_by")
    if decided_by is None:
        missing = set(terms["governance"]["agrees"]) - set(data.get("agreed_by", ()))
        return [f"{', '.join(sorted(missing))} did not agree, and no third person decided"] if missing else []
    faults = []
    if data.get("agreed_by"):
        faults.append("both the parties and a third person decided")
    parties = terms.get("parties", {})
    if decided_by.strip().lower() in {"", *(name.lower() for names in parties.items() for name in names)}:
        faults.append(f"{decided_by!r} is no third person")
    if not record.get("evidence"):
        faults.append("a third person decided, and the decision is not recorded with it")
    return faults


def faults_of_carrying_out(records: Records, record: Record) -> list[str]:
    """Whether a resolution is carried out with it: a determination of the savings decided, with its claim, or a payment corrected
    to the amount decided; neither where nothing changes (rule 18)."""
    contract, data = record["stream"].split("/", 1)[1], record["data"]
    before = [one for one in records if one["stream"] == record["stream"] and one["position"] < record["position"]]
    (one,) = [one for one in disputes(before, contract, record["position"]) if one.number == data["dispute"]]
    raised, position = one.record["data"], data.get("position")
    last = before[-1]
    changes = position is not None and _total(position) != raised["was_ore"]
    if raised.get("determination") is None:
        right = (raised["payment_kind"], raised["payment"])
        carried_out = last["type"] == "EntryCorrected@1" and (last["data"]["entry"], last["data"]["number"]) == right
        if not changes or position is None:
            return [f"P{raised['payment']} is corrected, and nothing else was decided"] if carried_out else []
        return _faults_of_corrected_payment(last, _total(position)) if carried_out else [f"P{raised['payment']} is not corrected"]
    if not changes or position is None:
        said = data.get("determination") is not None or data.get("claim") is not None
        return [f"D{data.get('determination')} is recorded, and nothing else was decided"] if said else []
    if data.get("determination") is None or _resolves(last) != one.number or last["data"]["number"] != data["determination"]:
        return [f"no determination puts what was decided in the place of D{raised['determination']}"]
    faults = []
    savings = {month["month"]: month["savings_ore"] for month in last["data"]["months"]}
    if savings != _by_month(position):
        faults.append(f"D{data['determination']} is {savings}, decided was {_by_month(position)}")
    if list(last["data"].get("supersedes", ())) != [raised["determination"]]:
        faults.append(f"D{data['determination']} does not supersede D{raised['determination']} alone")
    return faults + _faults_of_resolved_claim(records, contract, data, raised["determination"], last)


def _faults_of_corrected_payment(correction: Record, amount: int) -> list[str]:
    becomes, was = correction["data"].get("becomes"), correction["data"]["was"]
    if becomes is None:
        return [] if amount == 0 else [f"the payment is reversed, decided was {amount}"]
    right = {"amount_ore": amount, "on": was["on"]}
    return [] if dict(becomes) == right else [f"the payment becomes {becomes}, decided was {right}"]


def _faults_of_resolved_claim(
    records: Records, contract: str, data: Mapping[str, Any], disputed: int, determination: Record
) -> list[str]:
    """What is no longer owed leaves the claim on the day on which the disputed claim is payable, at the earliest on that of the
    resolution; what is owed beyond falls payable as an accepted claim does, and not before the disputed one (rules 16, 18)."""
    on, amount = _day(data["on"]), claim(records, determination)
    earlier = determination["position"] - 1
    terms = _terms(records, contract, _month_of(on), earlier)
    assert terms is not None
    claimed_on = _payable_on(records, contract, disputed, earlier) or on
    days = 0 if amount < 0 else terms["settlement"]["payment_days"]
    payable_on = max(on + timedelta(days=days), claimed_on)
    faults = []
    if data["claim"]["amount_ore"] != amount:
        faults.append(f"claim is {data['claim']['amount_ore']}, recomputed {amount}")
    if _day(data["claim"]["payable_on"]) != payable_on:
        faults.append(f"payable_on is {data['claim']['payable_on']}, recomputed {payable_on}")
    return faults


# --- Checking a record --------------------------------------------------------------------------------------------------


def check(records: Records, lines: Lines) -> list[str]:
    """Every determination recomputed from the facts that it rests on, every notice and every dispute; each difference as a line
    of text."""
    memo: Memo = {}
    differences: list[str] = []
    closed: set[str] = set()
    for record in records:
        contract = record["stream"].split("/", 1)[-1]
        where = f"record {record['position']}"
        if record["stream"] in closed and not _moves_money(record):
            differences.append(f"{where}: {record['type']} of {contract}, which is closed")
        name, faults = _faults_of(records, lines, record, memo)
        differences += [f"{where} ({name}): {what}" for what in faults]
        if record["type"] == "ContractClosed@1":
            closed.add(record["stream"])
    return differences


def _faults_of(records: Records, lines: Lines, record: Record, memo: Memo) -> tuple[str, list[str]]:
    """What a record is, in words, and what the rules have against it."""
    contract, data, kind = record["stream"].split("/", 1)[-1], record["data"], record["type"]
    if kind in DETERMINED:
        return f"{contract}/D{data['number']}", _faults_of_determination(records, lines, record, memo)
    if kind == "SavingsNotified@1":
        return f"notice of {contract}/D{data['determination']}", _faults_of_notice(records, record)
    if kind == "DeterminationAccepted@1":
        return f"acceptance of {contract}/D{data['determination']}", _faults_of_acceptance(records, record)
    if kind == "EntryCorrected@1" and data["entry"] in ("notice", "acceptance"):
        return f"corrected {data['entry']} of {contract}/D{data['number']}", _faults_of_correction(records, record)
    if kind == "EntryCorrected@1" and data["entry"] in ("upfront", "outcome", "recovery"):
        return f"corrected {contract}/P{data['number']}", _faults_while_disputed(records, record, "payment", data["number"])
    if kind == "DisputeRaised@1":
        return f"{contract}/X{data['number']}", faults_of_dispute(records, lines, record, memo)
    if kind in ("DisputeAnswered@1", "DisputeWithdrawn@1", "DisputeResolved@1"):
        faults = faults_of_dispute(records, lines, record, memo)
        if not faults and kind == "DisputeResolved@1":
            faults = faults_of_carrying_out(records, record)
        return f"{contract}/X{data['dispute']}", faults
    if kind == "ContractClosed@1":
        return f"end of {contract}", _faults_of_closing(records, record)
    return "", []


def _moves_money(record: Record) -> bool:
    """Whether a record says that money moved, or was to: what may still come when a contract is closed and its sums are final."""
    of_money = ("PaymentInstructed@1", "PaymentMade@1", "LoanDrawn@1", "LoanRepaid@1", "EntryCorrected@1")
    return record["type"] in of_money and record["data"].get("entry") not in ("notice", "acceptance")


def _faults_of_determination(records: Records, lines: Lines, record: Record, memo: Memo) -> list[str]:
    contract = record["stream"].split("/", 1)[1]
    data = record["data"]
    basis = data["basis"]["position"]
    faults = []
    if basis >= record["position"]:
        faults.append(f"basis {basis} is not before it")
    if _resolves(record) is not None:
        return faults + _faults_of_resolved(records, record) + _faults_of_sharing(records, record)
    preliminary = False
    every = [_month(month["month"]) for month in data["months"]]
    computed = _together(records, lines, contract, every, basis, memo, redo=data.get("reason") is not None)
    for month in data["months"]:
        ours = computed[_month(month["month"])]
        if isinstance(ours, NotDeterminable):
            faults.append(f"{month['month']} cannot be determined: {ours}")
            continue
        preliminary = preliminary or ("trend" in ours and ours["trend"]["status"] != "published")
        faults += [f"{month['month']} {what}" for what in _faults_of_month(month, ours)]
    if not any("cannot be determined" in fault for fault in faults) and data["preliminary"] != preliminary:
        faults.append(f"preliminary is {data['preliminary']}, recomputed {preliminary}")
    return faults + _faults_of_order(records, record) + _faults_of_sharing(records, record)


def _faults_of_resolved(records: Records, record: Record) -> list[str]:
    """A determination that carries out a resolution stands before it, and takes the place of what was disputed, month by month,
    each named as measured as before; what the months saved, the resolution says (rule 18)."""
    contract, data = record["stream"].split("/", 1)[1], record["data"]
    found = [one for one in disputes(records, contract, record["position"]) if one.number == _resolves(record)]
    if not found or not _is_followed_by_resolution(records, record, found[0]):
        return [f"X{_resolves(record)} is not resolved with it"]
    disputed = _determination(records, contract, found[0].record["data"].get("determination"), record["position"])
    if disputed is None:
        return [f"X{_resolves(record)} is about no determination"]
    faults = [] if data["preliminary"] is False else ["preliminary is True, and nothing is left to measure"]
    was = [(month["month"], month["methodology_sha256"]) for month in disputed["data"]["months"]]
    months = [(month["month"], month["methodology_sha256"]) for month in data["months"]]
    if was != months or {month.get("kind") for month in data["months"]} != {RESOLVED}:
        faults.append(f"it determines {', '.join(month for month, _ in months)}, disputed is D{disputed['data']['number']}")
    return faults


def _is_followed_by_resolution(records: Records, record: Record, dispute: Dispute) -> bool:
    """Whether the next record of the stream resolves the dispute."""
    following = [one for one in records if one["stream"] == record["stream"] and one["position"] > record["position"]]
    return bool(following) and following[0]["type"] == "DisputeResolved@1" and following[0]["data"]["dispute"] == dispute.number


def _faults_while_disputed(records: Records, record: Record, sort: str, number: int) -> list[str]:
    """What is disputed is not corrected meanwhile, but by what ends the dispute; what was decided of a payment, not at all."""
    contract = record["stream"].split("/", 1)[1]
    about = [one for one in disputes(records, contract, record["position"]) if one.disputed == (sort, number)]
    decided = [f"X{one.number}" for one in about if sort == "payment" and one.how in ("settled", "upheld")]
    if decided:
        return [f"it is corrected, and {', '.join(decided)} decided what it is"]
    standing = [one for one in about if one.how == "open"]
    if any(_is_followed_by_resolution(records, record, one) for one in standing):
        return []
    names = ", ".join(f"X{one.number}" for one in standing)
    return [f"it is corrected while {names} disputes it"] if names else []


def _faults_of_month(month: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    kind, our_kind = month.get("kind", "measured"), ours.get("kind", "measured")
    if kind != our_kind:
        return [f"is {kind}, recomputed {our_kind}"]
    pairs: list[tuple[str, Any, Any]]
    if kind == "measured":
        reimbursed = month.get("reimbursed")
        pairs = [
            ("employees", month["employees"], ours["employees"]),
            ("weekdays", month["weekdays"], ours["weekdays"]),
            ("reference_rate", Fraction(month["reference_rate"]), ours["reference_rate"]),
            ("trend.quarter", month["trend"]["quarter"], ours["trend"]["quarter"]),
            ("trend.value", month["trend"]["value"], ours["trend"]["value"]),
            ("trend.published_on", month["trend"]["published_on"], ours["trend"]["published_on"]),
            ("trend.status", month["trend"]["status"], ours["trend"]["status"]),
            ("trend.factor", Fraction(month["trend"]["factor"]), ours["factor"]),
            ("expected_days", Fraction(month["expected_days"]), ours["expected"]),
            ("actual_hundredths", month["actual_hundredths"], ours["actual_hundredths"]),
            ("left_out_hundredths", month.get("left_out_hundredths"), ours["left_out_hundredths"]),
            ("price_ore", month["price_ore"], ours["price_ore"]),
            ("reimbursed", None if reimbursed is None else Fraction(reimbursed), ours["reimbursed"]),
        ]
    else:
        pairs = [("of", month.get("of"), ours["of"])]
    pairs += [(name, month[name], ours[name]) for name in ("savings_ore", "methodology_sha256")]
    return [f"{name} is {theirs}, recomputed {our}" for name, theirs, our in pairs if theirs != our]


def _faults_of_order(records: Records, record: Record) -> list[str]:
    """No month counts twice; months are determined in order, and a redo takes whole determinations (rule 9) that are not closed
    (rules 15, 18)."""
    contract = record["stream"].split("/", 1)[1]
    earlier = record["position"] - 1
    superseded = set(record["data"].get("supersedes", ()))
    faults = []
    seen: set[str] = set()
    for month in record["data"]["months"]:
        if month["month"] in seen:
            faults.append(f"{month['month']} counts twice")
        seen.add(month["month"])
    for other in _determinations_in_force(records, contract, earlier):
        for month in other["data"]["months"]:
            if other["data"]["number"] in superseded:
                if month["month"] not in seen:
                    faults.append(f"{month['month']} of D{other['data']['number']} is superseded and not determined anew")
            elif month["month"] in seen:
                faults.append(f"{month['month']} counts twice, also in D{other['data']['number']}")
    for number in sorted(superseded):
        closed = closed_on(records, contract, number, earlier)
        if closed is not None and closed <= _recorded_on(record):
            faults.append(f"D{number} is superseded, and closed since {closed}")
    following = next_period(records, contract, earlier)
    first = record["data"]["months"][0]["month"]
    if not superseded and not faults and (following is None or first != following[0]):
        faults.append(f"{first} is determined, and the next is {following[0] if following else 'none'}")
    return faults


def _faults_of_sharing(records: Records, record: Record) -> list[str]:
    data = record["data"]
    faults = []
    theirs_by_month: dict[str, int] = {}
    for line in data["entitlement"]:
        theirs_by_month[line["month"]] = theirs_by_month.get(line["month"], 0) + line["amount_ore"]
    ours_by_month = entitlement_differences(records, record)
    for name in sorted(set(theirs_by_month) | set(ours_by_month)):
        theirs, our = theirs_by_month.get(name, 0), ours_by_month.get(name, 0)
        if theirs != our:
            faults.append(f"entitlement of {name} moves by {theirs}, recomputed {our}")
    if data["claim_ore"] != claim(records, record):
        faults.append(f"claim_ore is {data['claim_ore']}, recomputed {claim(records, record)}")
    return faults


def _faults_of_closing(records: Records, record: Record) -> list[str]:
    """What stands against the end of a contract: a month that is neither determined nor excluded by agreement, a notice that
    runs, an entitlement that nobody was noticed of, an open dispute; and an evaluation that is not there (rule 21)."""
    contract = record["stream"].split("/", 1)[1]
    earlier = record["position"] - 1
    on = _day(record["data"]["on"])
    terms = _terms(records, contract, _month_of(on), earlier)
    if terms is None:
        return [f"{contract} is not signed"]
    determined = _months_in_force(records, contract, earlier)
    _, since = _suspensions(records, contract, earlier)
    faults = []
    for month in _contract_months(terms):
        excluded = _is_suspended(records, contract, month, earlier) and (since is None or month < since)
        if month not in determined and not excluded:
            faults.append(f"{_month_text(month)} is neither determined nor excluded")
    in_force = _determinations_in_force(records, contract, earlier)
    for other in _of(records, f"contract/{contract}", DETERMINED, earlier):
        number = other["data"]["number"]
        if _is_noticed(records, contract, number, earlier):
            accepted_on = _accepted_on(records, contract, number, earlier)
            if accepted_on > on:
                faults.append(f"the notice of D{number} runs until {accepted_on}")
        elif other in in_force and claim(records, other) != 0:
            faults.append(f"D{number} claims {claim(records, other)}, and nobody was noticed")
    for dispute in disputes(records, contract, earlier):
        if dispute.how == "open" or dispute.was_open_on(on):
            faults.append(f"X{dispute.number} is open")
    if not record.get("evidence"):
        faults.append("no final evaluation is recorded with it")
    return faults


def _accepted_on(records: Records, contract: str, number: int, upto: int) -> date:
    """The day on which a noticed determination counts as accepted, by all that must agree or by silence (rule 16); of one that
    carries out a resolution, that of the resolution."""
    resolution = _resolution_of(records, contract, number, upto)
    if resolution is not None:
        return _day(resolution["data"]["on"])
    by_silence: date | None = None
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        data = record["data"]
        if record["type"] == "SavingsNotified@1" and data["determination"] == number:
            by_silence = _day(data["objection_until"]) + timedelta(days=1)
        elif record["type"] == "EntryCorrected@1" and data["entry"] == "notice" and data["number"] == number:
            on = _day(record["effective_on"])
            terms = _terms(records, contract, _month_of(on), upto)
            if data.get("becomes") is not None and terms is not None:
                by_silence = notice_dates(on, terms["settlement"]["objection_days"], 0)[1]
    if by_silence is None:
        raise ValueError(f"{contract}/D{number} is not noticed")
    accepted = _accepted(records, contract, number, upto)
    if not accepted:
        return by_silence
    last = max(accepted.values())
    terms = _terms(records, contract, _month_of(last), upto)
    all_agree = terms is not None and set(terms["governance"]["agrees"]) <= set(accepted)
    return last if all_agree else by_silence


def _faults_of_notice(records: Records, record: Record) -> list[str]:
    contract = record["stream"].split("/", 1)[1]
    data = record["data"]
    on = _day(data["on"])
    terms = _terms(records, contract, _month_of(on), record["position"])
    if terms is None:
        return [f"{contract} is not signed"]
    settlement = terms["settlement"]
    objection_until, _, payable_on = notice_dates(on, settlement["objection_days"], settlement["payment_days"])
    faults = []
    if _day(data["objection_until"]) != objection_until:
        faults.append(f"objection_until is {data['objection_until']}, recomputed {objection_until}")
    if _day(data["claim"]["payable_on"]) != payable_on:
        faults.append(f"payable_on is {data['claim']['payable_on']}, recomputed {payable_on}")
    determinations = _of(records, f"contract/{contract}", DETERMINED, record["position"])
    named = [one for one in determinations if one["data"]["number"] == data["determination"]]
    if not named:
        faults.append("there is no such determination")
    elif data["claim"]["amount_ore"] != claim(records, named[0]):
        faults.append(f"claim is {data['claim']['amount_ore']}, recomputed {claim(records, named[0])}")
    return faults


def _faults_of_correction(records: Records, record: Record) -> list[str]:
    """A notice dated anew falls payable as one of that date would; one whose acceptance is withdrawn, as its notice said
    (rules 16, 20)."""
    contract = record["stream"].split("/", 1)[1]
    data = record["data"]
    becomes = data.get("becomes")
    if data["entry"] == "notice" and (faults := _faults_while_disputed(records, record, "determination", data["number"])):
        return faults
    if data["entry"] == "acceptance":
        payable_on = _payable_by_silence(records, contract, data["number"], record["position"])
        if becomes is None:
            return ["an acceptance is withdrawn, and the claim falls payable on no day"]
    elif becomes is None:
        return []
    else:
        on = _day(record["effective_on"])
        terms = _terms(records, contract, _month_of(on), record["position"])
        assert terms is not None
        payable_on = notice_dates(on, terms["settlement"]["objection_days"], terms["settlement"]["payment_days"])[2]
    faults = []
    if _day(becomes["on"]) != payable_on:
        faults.append(f"payable_on is {becomes['on']}, recomputed {payable_on}")
    if becomes["amount_ore"] != data["was"]["amount_ore"]:
        faults.append(f"claim is {becomes['amount_ore']}, was {data['was']['amount_ore']}")
    return faults


def _payable_by_silence(records: Records, contract: str, number: int, upto: int) -> date:
    """When the claim of the notice that stands falls payable if nobody accepts, as it or its correction said."""
    payable_on: date | None = None
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        data = record["data"]
        if record["type"] == "SavingsNotified@1" and data["determination"] == number:
            payable_on = _day(data["claim"]["payable_on"])
        elif record["type"] == "EntryCorrected@1" and data["entry"] == "notice" and data["number"] == number:
            payable_on = None if data.get("becomes") is None else _day(data["becomes"]["on"])
    if payable_on is None:
        raise ValueError(f"{contract}/D{number} is not noticed")
    return payable_on


def _accepted(records: Records, contract: str, number: int, upto: int) -> dict[str, date]:
    """By whom a determination is accepted, and when; acceptances withdrawn are none."""
    withdrawn = {
        record["data"]["corrects"]
        for record in _of(records, f"contract/{contract}", "EntryCorrected@1", upto)
        if record["data"]["entry"] == "acceptance"
    }
    return {
        record["data"]["role"]: _day(record["data"]["on"])
        for record in _of(records, f"contract/{contract}", "DeterminationAccepted@1", upto)
        if record["data"]["determination"] == number and record["position"] not in withdrawn
    }


def _faults_of_acceptance(records: Records, record: Record) -> list[str]:
    """When the last of those that must agree has accepted, the claim falls payable that many days later (rules 16, 20). Who
    disputes does not accept; a resolution is not accepted, for it was agreed or decided (rule 18)."""
    contract, number = record["stream"].split("/", 1)[1], record["data"]["determination"]
    if _resolution_of(records, contract, number, record["position"]) is not None:
        return [f"D{number} carries out a resolution"]
    for one in disputes(records, contract, record["position"]):
        its_own = one.disputed == ("determination", number) and one.by == record["data"]["role"]
        if its_own and (one.how == "open" or one.was_open_on(_day(record["data"]["on"]))):
            return [f"{one.by} disputes it in X{one.number}"]
    accepted = _accepted(records, contract, number, record["position"])
    last = max(accepted.values())
    terms = _terms(records, contract, _month_of(last), record["position"])
    assert terms is not None
    all_agree = set(terms["governance"]["agrees"]) <= set(accepted)
    becomes = record["data"].get("becomes")
    if (becomes is not None) != all_agree:
        return [f"the claim {'moves' if becomes else 'stays'}, and {', '.join(sorted(accepted))} accepted"]
    if becomes is None:
        return []
    faults = []
    payable_on = last + timedelta(days=terms["settlement"]["payment_days"])
    if _day(becomes["payable_on"]) != payable_on:
        faults.append(f"payable_on is {becomes['payable_on']}, recomputed {payable_on}")
    if becomes["amount_ore"] != record["data"]["was"]["amount_ore"]:
        faults.append(f"claim is {becomes['amount_ore']}, was {record['data']['was']['amount_ore']}")
    return faults


# --- State (rules 9 to 18) ----------------------------------------------------------------------------------------------


def _entries(records: Records, contract: str) -> list[tuple[str, int, date]]:
    """Every money entry of a contract: account, öre, and the date it is about (rules 13 to 18)."""
    entries: list[tuple[str, int, date]] = []
    for record in records:
        if record["stream"] != f"contract/{contract}":
            continue
        data = record["data"]
        kind = record["type"]
        if kind == "SavingsNotified@1":
            entries.append(("notice", data["claim"]["amount_ore"], _day(data["claim"]["payable_on"])))
        elif kind == "DeterminationAccepted@1" and data.get("becomes") is not None:
            entries.append(("notice", -data["was"]["amount_ore"], _day(data["was"]["payable_on"])))
            entries.append(("notice", data["becomes"]["amount_ore"], _day(data["becomes"]["payable_on"])))
        elif kind == "DisputeResolved@1" and data.get("claim") is not None:
            entries.append(("notice", data["claim"]["amount_ore"], _day(data["claim"]["payable_on"])))
        elif kind == "PaymentInstructed@1":
            entries.append((f"instructed {data['kind']}", data["amount_ore"], _day(data["on"])))
        elif kind == "PaymentMade@1":
            entries.append((data["kind"], data["amount_ore"], _day(data["on"])))
            settles = data.get("settles")
            if settles is not None:
                entries.append((f"instructed {data['kind']}", -settles["amount_ore"], _day(settles["on"])))
        elif kind == "LoanDrawn@1":
            entries.append(("draw", data["amount_ore"], _day(data["on"])))
        elif kind == "LoanRepaid@1":
            entries.append(("repayment", data["amount_ore"], _day(data["on"])))
        elif kind == "EntryCorrected@1":
            account = "notice" if data["entry"] == "acceptance" else data["entry"]
            for settled, sign in ((data.get("lifted"), 1), (data.get("lifts"), -1)):
                if settled is not None:
                    entries.append((f"instructed {account}", sign * settled["amount_ore"], _day(settled["on"])))
            entries.append((account, -data["was"]["amount_ore"], _day(data["was"]["on"])))
            if data.get("becomes") is not None:
                entries.append((account, data["becomes"]["amount_ore"], _day(data["becomes"]["on"])))
    return entries


PARTIES = ("contract", "authority", "provider", "cap")


def _attained(records: Records, contract: str, as_of: date) -> dict[str, tuple[bool, date | None, date | None]]:
    """For each party and the cap: whether the target is reached, since which month's end, and when it was lost (rule 11).

    At every month's end up to ``as_of`` by the terms of that month, and for the month running then by its terms, which are in
    force from its first day (rule 20); a month without a determination leaves sums as they are.
    """
    upto = _end(records)
    result: dict[str, tuple[bool, date | None, date | None]] = {}
    signed = _of(records, f"contract/{contract}", "ContractSigned@1", upto)
    if not signed:
        return dict.fromkeys(PARTIES, (False, None, None))
    ends: list[tuple[date, _Shares, int, int]] = []
    path = {month: (savings, entitlement) for month, savings, entitlement in _path(records, contract, upto)}
    month = min([_month_of(_day(signed[0]["data"]["terms"]["measured_from"])), *path])
    savings = entitlement = 0
    while _first_day(month) <= as_of:
        if month in path and _last_day(month) <= as_of:
            savings, entitlement = path[month]
        terms = _terms(records, contract, month, upto)
        assert terms is not None
        ends.append((_last_day(month), _shares(terms), savings, entitlement))
        month += 1
    for party in PARTIES:
        held_before = False
        reached_on: date | None = None
        lost_on: date | None = None
        for day, shares, saved, entitled in ends:
            amount = {"contract": saved, "authority": saved - entitled, "provider": entitled, "cap": entitled}[party]
            holds = amount >= shares.target(party)
            if holds and not held_before:
                reached_on, lost_on = day, None
            elif held_before and not holds:
                lost_on = day
            held_before = holds
        result[party] = (held_before, reached_on, lost_on)
    return result


def _known_since(records: Records, contract: str, as_of: date) -> dict[str, str | None]:
    """Since which instant, without interruption, the ledger could say of this same day that the target is reached."""
    since: dict[str, str | None] = dict.fromkeys(PARTIES)
    changing = ("ContractSigned@1", "ContractAmended@1", *DETERMINED)
    for number, record in enumerate(records):
        if record["stream"] != f"contract/{contract}" or record["type"] not in changing:
            continue
        then = _attained(records[: number + 1], contract, as_of)
        for party in PARTIES:
            if not then[party][0]:
                since[party] = None
            elif since[party] is None:
                since[party] = record["recorded_at"]
    return since


def state(records: Records, contract: str, as_of: str, known_at: str) -> dict[str, Any]:
    """Balance, break-even and cap of a contract on a day, as known at an instant, in the shape and the number formats of
    ``soc state -O json`` (rules 9 to 18). Raises ValueError before signature."""
    day = _day(as_of)
    known = [record for record in records if _instant(record["recorded_at"]) <= _instant(known_at)]
    upto = _end(known)
    signed = _of(known, f"contract/{contract}", "ContractSigned@1", upto)
    if not signed:
        raise ValueError(f"{contract} is not known to be signed at {known_at}")
    if day < _day(signed[0]["data"]["signed_on"]):
        raise ValueError(f"{contract} was signed on {signed[0]['data']['signed_on']}")
    terms = _terms(known, contract, _month_of(day), upto)
    assert terms is not None
    shares = _shares(terms)

    determined = {month: what for month, what in _months_in_force(known, contract, upto).items() if _last_day(month) <= day}
    preliminary = False
    for record in _determinations_in_force(known, contract, upto):
        for what in record["data"]["months"]:
            if record["data"]["preliminary"] and _month(what["month"]) in determined:
                preliminary = True
    path = [step for step in _path(known, contract, upto) if step[0] in determined]
    savings, entitled = (path[-1][1], path[-1][2]) if path else (0, 0)
    avoided = Fraction(0)
    not_measured: dict[str, list[str]] = {"exclude-months@1": [], "deem-average@1": [], RESOLVED: []}
    for month, what in determined.items():
        if "kind" in what:
            not_measured[what["kind"]].append(_month_text(month))
        else:
            avoided += Fraction(what["expected_days"]) - Fraction(what["actual_hundredths"], 100)
    excluded = not_measured["exclude-months@1"]

    suspended = []
    undetermined = []
    for month in _contract_months(terms):
        if _is_suspended(known, contract, month, upto):
            if _first_day(month) <= day:
                suspended.append(_month_text(month))
        elif _last_day(month) <= day and month not in determined:
            undetermined.append(_month_text(month))

    accounts: dict[str, int] = {}
    for account, amount, on in _entries(known, contract):
        if on <= day:
            accounts[account] = accounts.get(account, 0) + amount
    payable = accounts.get("notice", 0)
    paid = accounts.get("outcome", 0)
    instructed = accounts.get("instructed outcome", 0)
    recovered = accounts.get("recovery", 0)
    drawn = accounts.get("draw", 0)
    repaid = accounts.get("repayment", 0)
    net = payable - paid - instructed + recovered
    less, claimed_above = held_and_claimed(known, contract, day)
    held = min(less, max(0, payable - paid + recovered))

    attained = _attained(known, contract, day)
    since = _known_since(known, contract, day)
    amounts = {"contract": savings, "authority": savings - entitled, "provider": entitled, "cap": entitled}

    def reaching(party: str) -> dict[str, Any]:
        reached, reached_on, lost_on = attained[party]
        at_savings = shares.at_savings(party)
        return {
            "at_savings": None if at_savings is None else _kronor(at_savings),
            "reached": reached,
            "reached_on": None if reached_on is None else reached_on.isoformat(),
            "lost_on": None if lost_on is None else lost_on.isoformat(),
            "known_since": since[party] if reached else None,
        }

    def remaining(party: str) -> str:
        return _kronor(max(0, shares.target(party) - amounts[party]))

    ceiling_savings = rounded(shares.ceiling)
    cap_at = shares.at_savings("cap")
    forecast = None
    counted = len(determined) - len(excluded)
    if counted:
        forecast = _decimal(Fraction(savings * terms["months"], counted * shares.total), 2)
    return {
        "determined_through": _last_day(max(determined)).isoformat() if determined else None,
        "undetermined_months": undetermined,
        "suspended_months": suspended,
        "excluded_months": excluded,
        "deemed_months": not_measured["deem-average@1"],
        "preliminary": preliminary,
        "investment": {
            "total": _kronor(shares.total),
            "internal": _kronor(shares.internal),
            "upfront": _kronor(shares.upfront),
            "at_risk": _kronor(shares.at_risk),
            "worst_case": _kronor(shares.worst_case),
        },
        "savings": {
            "determined": _kronor(savings),
            "ratio_to_investment": _decimal(Fraction(savings, shares.total), 4),
            "to_authority": _kronor(savings - entitled),
            "to_provider": _kronor(entitled),
            "net_days_avoided": _decimal(avoided, 2),
        },
        "balance": {
            "provider": {
                "entitled": _kronor(entitled),
                "payable": _kronor(payable),
                "instructed": _kronor(instructed),
                "paid": _kronor(paid),
                "recovered": _kronor(recovered),
                "held": _kronor(held),
                "claimed_above": _kronor(claimed_above),
                "overpaid": _kronor(max(0, -net)),
                "due": _kronor(max(0, net - held)),
            },
            "upfront": {"agreed": _kronor(shares.upfront), "paid": _kronor(accounts.get("upfront", 0))},
            "loan": {
                "limit": _kronor(shares.to_repay),
                "drawn": _kronor(drawn),
                "repaid": _kronor(repaid),
                "outstanding": _kronor(drawn - repaid),
                "available_for_repayment": _kronor(max(0, savings - entitled - repaid)),
            },
        },
        "break_even": {
            party: {**reaching(party), "remaining": remaining(party)} for party in ("contract", "authority", "provider")
        },
        "cap": {
            "amount": _kronor(shares.maximum),
            **reaching("cap"),
            "headroom": remaining("cap"),
            "binding": "ceiling" if cap_at is None else "maximum",
            "ceiling_savings": _kronor(ceiling_savings),
        },
        "forecast": {"method": "pro-rata", "months": counted, "ratio_to_investment": forecast},
        "disputes": [_dispute_row(one, contract, day) for one in disputes(known, contract, upto) if one.raised_on <= day],
    }


def _dispute_row(one: Dispute, contract: str, day: date) -> dict[str, Any]:
    """A dispute as it stands on a day."""
    data, is_open = one.record["data"], one.ended_on is None or one.was_open_on(day)
    number = f"P{data['payment']}" if data.get("determination") is None else f"D{data['determination']}"
    return {
        "id": f"{contract}/X{one.number}",
        "against": f"{contract}/{number}",
        "by": one.by,
        "raised_on": one.raised_on.isoformat(),
        "disputed": _kronor(data["was_ore"]),
        "position": _kronor(one.position),
        "status": "open" if is_open else one.how,
        "ended_on": None if is_open or one.ended_on is None else one.ended_on.isoformat(),
        "answers": sum(on <= day for on in one.answered_on),
    }
