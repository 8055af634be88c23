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


def _of(records: Records, stream: str, kind: str, upto: int) -> list[Record]:
    """The records of one stream and type at or before a position, in order."""
    found = []
    for record in records:
        if record["stream"] == stream and record["type"] == kind and record["position"] <= upto:
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
    for record in _of(records, f"contract/{contract}", "MethodologyAdopted@1", upto):
        if _day(record["data"]["from_on"]) <= _first_day(month):
            found = (record["data"]["methodology"], record["data"]["sha256"])
    return found


def _is_suspended(records: Records, contract: str, month: int, upto: int) -> bool:
    """Whether follow-up of the month is suspended: from a month until the month of resumption (rule 19)."""
    suspended = False
    for record in records:
        if record["stream"] == f"contract/{contract}" and record["position"] <= upto:
            if record["type"] == "FollowUpSuspended@1" and _month(record["data"]["from_month"]) <= month:
                suspended = True
            elif record["type"] == "FollowUpResumed@1" and _month(record["data"]["from_month"]) <= month:
                suspended = False
    return suspended


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


def net_days(spells: Iterable[Spell]) -> dict[tuple[str, str], int]:
    """Hundredths of net short-term days by month and workplace (rules 4 and 5)."""
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
                if number <= SHORT_TERM_DAYS and (day - 1) % 7 < 5:
                    key = (date.fromordinal(day).isoformat()[:7], spell.workplace)
                    total[key] = total.get(key, 0) + spell.extent
    return total


def _net_days(records: Records, lines: Lines, contract: str, source: str, upto: int, memo: Memo) -> dict[tuple[str, str], int]:
    reports = _reports(records, contract, source, upto)
    key = ("net days", contract, source, reports[-1]["position"] if reports else 0)
    if key not in memo:
        memo[key] = net_days(spells_in_force(records, lines, contract, source, upto))
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


def _counted(records: Records, lines: Lines, contract: str, source: str, month: int, upto: int, memo: Memo) -> tuple[int, int]:
    """Employees of a month and hundredths of net days at the workplaces that have any, every one of them covered by a
    complete report of the source (rules 1, 2 and 5)."""
    key = ("counted", contract, source, month, upto)
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
    days = _net_days(records, lines, contract, source, upto, memo)
    hundredths = 0
    for workplace in employees:
        if not any(_is_at(scope, workplace) for scope in scopes):
            raise NotDeterminable(f"no complete report of {source} covers {workplace} in {_month_text(month)}")
        hundredths += days.get((_month_text(month), workplace), 0)
    memo[key] = (sum(employees.values()), hundredths)
    return sum(employees.values()), hundredths


def _locked_at(records: Records, contract: str, sha256: str, basis: int) -> int:
    """What the reference values of a methodology rest on: the basis of the first determination under it (rules 6, 7)."""
    for record in _of(records, f"contract/{contract}", "SavingsDetermined@1", basis):
        for month in record["data"]["months"]:
            if month["methodology_sha256"] == sha256:
                return int(record["data"]["basis"]["position"])
    return basis


def _reference_months(methodology: Mapping[str, Any], month: int) -> list[int]:
    """The months of the reference years with the same name as this one."""
    first = _day(methodology["reference"]["from"])
    last = _day(methodology["reference"]["to"])
    return [
        other
        for other in range(_month_of(first), _month_of(last) + 1)
        if other % 12 == month % 12 and first <= _first_day(other) and _last_day(other) <= last
    ]


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
    """The index value that a month rests on and the trend factor (rule 7)."""
    trend = methodology["trend"]
    same_name = _reference_months(methodology, month)
    if not same_name:
        raise NotDeterminable(f"the reference years hold no month like {_month_text(month)}")
    total = Fraction(0)
    for other in same_name:
        total += Fraction(_index(records, trend, other // 3, locked, latest=False)["value"])
    mean = total / len(same_name)
    if mean == 0:
        raise NotDeterminable(f"the mean index of the reference quarters of {_month_text(month)} is 0")

    quarter = month // 3
    value_from_reference = False
    if trend.get("disrupted") is not None:
        first, last = _period(trend["disrupted"])
        holds_disrupted = any(first <= other <= last for other in range(quarter * 3, quarter * 3 + 3))
        if holds_disrupted and not first <= month <= last:
            if trend["quarter_split"] == "refuse":
                raise NotDeterminable(f"{_quarter_text(quarter)} holds disrupted months and {_month_text(month)} is not one")
            if trend["quarter_split"] == "previous-year":
                quarter -= 4
                in_contract = quarter >= _month_of(_day(terms["measured_from"])) // 3
                in_reference = any(quarter == other // 3 for other in same_name)
                value_from_reference = in_reference and not in_contract
    if value_from_reference:
        used = _index(records, trend, quarter, locked, latest=False)
    else:
        used = _index(records, trend, quarter, basis, latest=redo)
    return used, Fraction(used["value"]) / mean


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


def determine(
    records: Records, lines: Lines, contract: str, months: Iterable[str], basis: int, *, redo: bool
) -> dict[str, dict[str, Any]]:
    """The savings of each month on the facts up to position ``basis`` (rules 1 to 8). Raises NotDeterminable.

    Beside the figures each month says what they rest on: ``trend`` (the index value) and ``methodology_sha256``.
    """
    memo: Memo = {}
    return {month: _determine(records, lines, contract, _month(month), basis, memo, redo=redo) for month in months}


def _determine(
    records: Records, lines: Lines, contract: str, month: int, basis: int, memo: Memo, *, redo: bool
) -> dict[str, Any]:
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
    methodology, sha256 = adopted
    source = methodology["measure"]["source"]
    locked = _locked_at(records, contract, sha256, basis)

    employees, actual_hundredths = _counted(records, lines, contract, source, month, basis, memo)
    reference_hundredths = 0
    reference_capacity = 0
    for other in _reference_months(methodology, month):
        heads, hundredths = _counted(records, lines, contract, source, other, locked, memo)
        reference_hundredths += hundredths
        reference_capacity += heads * _weekdays(other)
    if reference_capacity == 0:
        raise NotDeterminable(f"nobody was employed in the reference months of {name}")
    rate = Fraction(reference_hundredths, 100 * reference_capacity)

    used, factor = _trend(records, methodology, terms, month, basis, locked, redo=redo)
    expected = rate * employees * _weekdays(month) * factor
    avoided = expected - Fraction(actual_hundredths, 100)
    price_ore = _price(methodology, month)
    return {
        "employees": employees,
        "weekdays": _weekdays(month),
        "reference_rate": rate,
        "factor": factor,
        "expected": expected,
        "actual_hundredths": actual_hundredths,
        "price_ore": price_ore,
        "savings_ore": rounded(avoided * price_ore),
        "trend": {name: used[name] for name in ("quarter", "value", "published_on", "status")},
        "methodology_sha256": sha256,
    }


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
    all_of_them = _of(records, f"contract/{contract}", "SavingsDetermined@1", upto)
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
    for record in _of(records, f"contract/{contract}", "SavingsDetermined@1", earlier):
        number = record["data"]["number"]
        if number in superseded and not _is_noticed(records, contract, number, earlier):
            total += claim(records, record)
    return total


# --- Checking a record --------------------------------------------------------------------------------------------------


def check(records: Records, lines: Lines) -> list[str]:
    """Every determination recomputed from the facts that it rests on, and every notice; each difference as a line of text."""
    memo: Memo = {}
    differences: list[str] = []
    for record in records:
        contract = record["stream"].split("/", 1)[-1]
        if record["type"] == "SavingsDetermined@1":
            where = f"record {record['position']} ({contract}/D{record['data']['number']})"
            differences += [f"{where}: {what}" for what in _faults_of_determination(records, lines, record, memo)]
        elif record["type"] == "SavingsNotified@1":
            where = f"record {record['position']} (notice of {contract}/D{record['data']['determination']})"
            differences += [f"{where}: {what}" for what in _faults_of_notice(records, record)]
        elif record["type"] == "DeterminationAccepted@1":
            where = f"record {record['position']} (acceptance of {contract}/D{record['data']['determination']})"
            differences += [f"{where}: {what}" for what in _faults_of_acceptance(records, record)]
        elif record["type"] == "EntryCorrected@1" and record["data"]["entry"] in ("notice", "acceptance"):
            where = f"record {record['position']} (corrected {record['data']['entry']} of {contract}/D{record['data']['number']})"
            differences += [f"{where}: {what}" for what in _faults_of_correction(records, record)]
    return differences


def _faults_of_determination(records: Records, lines: Lines, record: Record, memo: Memo) -> list[str]:
    contract = record["stream"].split("/", 1)[1]
    data = record["data"]
    basis = data["basis"]["position"]
    faults = []
    if basis >= record["position"]:
        faults.append(f"basis {basis} is not before it")
    redo = data.get("reason") is not None
    preliminary = False
    for month in data["months"]:
        try:
            ours = _determine(records, lines, contract, _month(month["month"]), basis, memo, redo=redo)
        except NotDeterminable as error:
            faults.append(f"{month['month']} cannot be determined: {error}")
            continue
        preliminary = preliminary or ours["trend"]["status"] != "published"
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
            ("price_ore", month["price_ore"], ours["price_ore"]),
            ("savings_ore", month["savings_ore"], ours["savings_ore"]),
            ("methodology_sha256", month["methodology_sha256"], ours["methodology_sha256"]),
        ]
        for name, theirs, our in pairs:
            if theirs != our:
                faults.append(f"{month['month']} {name} is {theirs}, recomputed {our}")
    if not any("cannot be determined" in fault for fault in faults) and data["preliminary"] != preliminary:
        faults.append(f"preliminary is {data['preliminary']}, recomputed {preliminary}")

    superseded = set(data.get("supersedes", ()))
    seen: set[str] = set()
    for month in data["months"]:
        if month["month"] in seen:
            faults.append(f"{month['month']} counts twice")
        seen.add(month["month"])
    for other in _determinations_in_force(records, contract, record["position"] - 1):
        for month in other["data"]["months"]:
            if other["data"]["number"] in superseded:
                if month["month"] not in seen:
                    faults.append(f"{month['month']} of D{other['data']['number']} is superseded and not determined anew")
            elif month["month"] in seen:
                faults.append(f"{month['month']} counts twice, also in D{other['data']['number']}")

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
    determinations = _of(records, f"contract/{contract}", "SavingsDetermined@1", record["position"])
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
    changing = ("ContractSigned@1", "ContractAmended@1", "SavingsDetermined@1")
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
    for what in determined.values():
        avoided += Fraction(what["expected_days"]) - Fraction(what["actual_hundredths"], 100)

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
    if determined:
        forecast = _decimal(Fraction(savings * terms["months"], len(determined) * shares.total), 2)
    return {
        "determined_through": _last_day(max(determined)).isoformat() if determined else None,
        "undetermined_months": undetermined,
        "suspended_months": suspended,
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
        "forecast": {"method": "pro-rata", "months": len(determined), "ratio_to_investment": forecast},
    }
