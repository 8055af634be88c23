"""Break-even and cap: what each party has attained, since when, and since when the ledger could say so (rule 11)."""

from __future__ import annotations

from datetime import date

from cli.verifier.calendar import _day, _first_day, _last_day, _month_of
from cli.verifier.facts import DETERMINED, Records, _end, _of, _terms
from cli.verifier.sharing import _path, _Shares, _shares

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
