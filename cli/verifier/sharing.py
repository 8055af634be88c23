"""How savings are shared: figures of the terms, determinations in force, entitlement month by month (rules 9 to 12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from cli.verifier.calendar import _day, _month, _month_of, _month_text, _ore, rounded
from cli.verifier.facts import DETERMINED, Record, Records, _contract_months, _is_suspended, _of, _terms


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
