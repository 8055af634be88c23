"""Employees of a month, and its net days at the workplaces that have any (rules 1, 2 and 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from cli.verifier.calendar import _month, _month_text, _period
from cli.verifier.facts import CAUSES, SHORT_TERM, Lines, Memo, NotDeterminable, Numbers, Records, _numbers, _of
from cli.verifier.spells import Standing, Tally, _is_at, _reports


class NotStated(Exception):
    """A question about the days of a month that no stated total answers."""


class Question(NamedTuple):
    """Which days are asked about: those of a month and of these causes, at the workplaces with employees in it, as the reports of
    a source known at ``upto`` give; ``without``: records that a party's position leaves out; ``numbers``: of the days with these
    numbers in their sick-pay period."""

    contract: str
    source: str
    upto: int
    month: str
    causes: tuple[str, ...]
    without: tuple[int, ...] = ()
    numbers: Numbers = SHORT_TERM


def _net_days(records: Records, lines: Lines, asked: Question, memo: Memo) -> Tally:
    """The net days that the reports known then give. Asked again later, what was reported since is read on."""
    reports = _reports(records, asked.contract, asked.source, asked.upto)
    last = reports[-1]["position"] if reports else 0
    key = ("net days", asked.contract, asked.source, asked.numbers, last)
    if key not in memo:
        own = ("standing", asked.contract, asked.source, asked.numbers)
        standing = memo.get(own)
        if standing is None:
            standing = memo[own] = Standing(asked.numbers)
        elif standing.position > last:
            standing = Standing(asked.numbers)
        for record in reports:
            if record["position"] > standing.position:
                standing.read(record, lines)
        memo[key] = standing.total()
    found: Tally = memo[key]
    return found


def _without(memo: Memo | None, left_out: Iterable[int]) -> Memo:
    """What is remembered where these records are left out: another record, of which nothing that is known holds."""
    own: Memo = {} if memo is None else memo
    if left_out := tuple(sorted(left_out)):
        own = own.setdefault(("without", left_out), {"without": left_out})
    return own


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
    methodology: Mapping[str, Any],
    month: int,
    upto: int,
    memo: Memo,
    causes: Sequence[str] = CAUSES,
) -> tuple[int, int]:
    """Employees of a month and hundredths of the net days that a methodology counts, those of ``causes``, at the workplaces that
    have any, every one of them covered by a complete report of its source (rules 1, 2 and 5)."""
    source, wanted = methodology["measure"]["source"], tuple(one for one in CAUSES if one in causes)
    left_out = memo.get("without", ())
    question = Question(contract, source, upto, _month_text(month), wanted, left_out, _numbers(methodology))
    key = ("counted", *question)
    if key in memo:
        known: tuple[int, int] = memo[key]
        return known
    employees = _employees(records, contract, month, upto)
    _require_covered(records, contract, source, month, upto, employees)
    answer = ("answer", question)
    memo["asked", question] = True
    if answer not in memo:
        if lines is None:
            raise NotStated(f"no total is stated of {question.month} of {contract} upto record {upto}")
        days = _net_days(records, lines, question, memo)
        memo[answer] = sum(days.get((question.month, place, cause), 0) for place in employees for cause in question.causes)
    memo[key] = (sum(employees.values()), memo[answer])
    return sum(employees.values()), memo[answer]


def _require_covered(records: Records, contract: str, source: str, month: int, upto: int, employees: Iterable[str]) -> None:
    """Raise NotDeterminable for a workplace that no complete report of the source covers (rule 2)."""
    scopes = []
    for record in _reports(records, contract, source, upto):
        scope = record["data"].get("scope")
        if scope is not None:
            first, last = _period(scope["complete"])
            if first <= month <= last:
                scopes.append(scope)
    for workplace in employees:
        if not any(_is_at(scope, workplace) for scope in scopes):
            raise NotDeterminable(f"no complete report of {source} covers {workplace} in {_month_text(month)}")
