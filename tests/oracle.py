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
DETERMINED = ("SavingsDetermined@1", "SavingsDetermined@2")
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


def _together(
    records: Records, lines: Lines, contract: str, months: list[int], basis: int, memo: Memo, *, redo: bool
) -> dict[int, dict[str, Any] | NotDeterminable]:
    """Each month of one determination: its figures, or why it cannot be determined."""
    found: dict[int, dict[str, Any] | NotDeterminable] = {}
    averages: dict[int, dict[str, Any]] = {}
    for month in months:
        try:
            terms, methodology, sha256 = _agreed(records, contract, month, basis)
            rule = _rules(methodology, month).get("window")
            if rule is None:
                found[month] = _measured(records, lines, contract, terms, methodology, sha256, month, basis, memo, redo=redo)
                continue
            figures = {"kind": rule["kind"], "of": rule.get("of"), "savings_ore": 0, "methodology_sha256": sha256}
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
        if month not in months and measured_as_agreed:
            settled[month] = recorded["savings_ore"]
    _average(averages, found, settled)
    return {month: found[month] for month in months}


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


def _measured(
    records: Records,
    lines: Lines,
    contract: str,
    terms: Mapping[str, Any],
    methodology: Mapping[str, Any],
    sha256: str,
    month: int,
    basis: int,
    memo: Memo,
    *,
    redo: bool,
) -> dict[str, Any]:
    """A month's figures. The steps: number days, leave out, net days, reference, trend, price (rules 4 to 8)."""
    source, rules = methodology["measure"]["source"], _rules(methodology, month)
    locked = _locked_at(records, contract, sha256, basis)

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
    """Whether a determination was noticed. A notice recorded in error and reversed is none; the last correction decides."""
    stands: dict[int, bool] = {}
    original: dict[int, int] = {}  # of each correction, which notice it is about in the end
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        if record["type"] == "SavingsNotified@1" and record["data"]["determination"] == number:
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


# --- Checking a record --------------------------------------------------------------------------------------------------


def check(records: Records, lines: Lines) -> list[str]:
    """Every determination recomputed from the facts that it rests on, and every notice; each difference as a line of text."""
    memo: Memo = {}
    differences: list[str] = []
    closed: set[str] = set()
    for record in records:
        contract = record["stream"].split("/", 1)[-1]
        where = f"record {record['position']}"
        if record["stream"] in closed and not _moves_money(record):
            differences.append(f"{where}: {record['type']} of {contract}, which is closed")
        if record["type"] in DETERMINED:
            where += f" ({contract}/D{record['data']['number']})"
            differences += [f"{where}: {what}" for what in _faults_of_determination(records, lines, record, memo)]
        elif record["type"] == "SavingsNotified@1":
            where += f" (notice of {contract}/D{record['data']['determination']})"
            differences += [f"{where}: {what}" for what in _faults_of_notice(records, record)]
        elif record["type"] == "DeterminationAccepted@1":
            where += f" (acceptance of {contract}/D{record['data']['determination']})"
            differences += [f"{where}: {what}" for what in _faults_of_acceptance(records, record)]
        elif record["type"] == "EntryCorrected@1" and record["data"]["entry"] in ("notice", "acceptance"):
            where += f" (corrected {record['data']['entry']} of {contract}/D{record['data']['number']})"
            differences += [f"{where}: {what}" for what in _faults_of_correction(records, record)]
        elif record["type"] == "ContractClosed@1":
            closed.add(record["stream"])
            differences += [f"{where} (end of {contract}): {what}" for what in _faults_of_closing(records, record)]
    return differences


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
    """No month counts twice; months are determined in order, and a redo takes whole determinations (rule 9)."""
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
    runs, an entitlement that nobody was noticed of; and an evaluation that is not there (rule 21)."""
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
    if not record.get("evidence"):
        faults.append("no final evaluation is recorded with it")
    return faults


def _accepted_on(records: Records, contract: str, number: int, upto: int) -> date:
    """The day on which a noticed determination counts as accepted, by all that must agree or by silence (rule 16)."""
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
    """When the last of those that must agree has accepted, the claim falls payable that many days later (rules 16, 20)."""
    contract = record["stream"].split("/", 1)[1]
    accepted = _accepted(records, contract, record["data"]["determination"], record["position"])
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


# --- State (rules 9 to 17) ----------------------------------------------------------------------------------------------


def _entries(records: Records, contract: str) -> list[tuple[str, int, date]]:
    """Every money entry of a contract: account, öre, and the date it is about (rules 13 to 17)."""
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
    ``soc state -O json`` (rules 9 to 17). Raises ValueError before signature."""
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
    not_measured: dict[str, list[str]] = {"exclude-months@1": [], "deem-average@1": []}
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
                "held": _kronor(0),
                "claimed_above": _kronor(0),
                "overpaid": _kronor(max(0, -net)),
                "due": _kronor(max(0, net)),
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
    }
