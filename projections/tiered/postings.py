"""Postings of a contract settled by tiers, as its payer would book them: what each record moves, in whole öre; each kind of each
record sums to zero (decision 9). A determination is cumulative, so it posts the difference to the one before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, assert_never

from ledger import events as e
from ledger import tiered
from ledger.events import TieredEvent
from ledger.periods import day_in_stockholm
from ledger.record import Recorded
from ledger.tiered import TieredState
from projections.postings import BANK, OUTCOME_COST, Kind, Posting


def posted(records: Iterable[Recorded[Any]]) -> dict[int, list[Posting]]:
    """The postings of a stream's records, by position."""
    state, found = tiered.Initial, {}
    for record in records:
        found[record.position] = list(postings(state, record))
        state = tiered.evolve(state, record)
    return found


def postings(before: TieredState, record: Recorded[Any]) -> Iterator[Posting]:
    """The postings of one record that comes upon a state; most have none."""
    event: TieredEvent = record.data
    match event:
        case e.TiersDetermined():
            yield from _determined(before, record, event)
        case e.TiersAgreed():
            for claim in event.claims:
                account = f"liabilities:{claim.party}"
                yield from _pair(record, f"{account}:claimed", f"{account}:payable", claim.amount_ore, claim.payable_on)
        case e.TieredPaid():
            yield from _paid(before, record, (event.kind, event.payer, event.payee), event.amount_ore, event.on)
        case e.TieredPaymentCorrected():
            one = before.payments[event.number - 1]
            sides = (one.kind, one.payer, one.payee)
            yield from _paid(before, record, sides, -event.was.amount_ore, event.was.on)
            if event.becomes is not None:
                yield from _paid(before, record, sides, event.becomes.amount_ore, event.becomes.on)
        case e.TieredSigned() | e.TieredAmended() | e.MetricsReported():
            return
        case _:
            assert_never(event)


def _determined(before: TieredState, record: Recorded[Any], event: e.TiersDetermined) -> Iterator[Posting]:
    """Bookable: what each party is entitled to. For information: each amount that is divided, and who gets or keeps it."""
    last = before.determinations[-1].event if before.determinations else None
    pays = before.terms_on(event.on).governance.pays
    for party, amount in _moved(_entitled(event, pays), {} if last is None else _entitled(last, pays)):
        yield from _pair(record, OUTCOME_COST, f"liabilities:{party}:entitled", amount, event.on)
    for (of, how), amount in _moved(_divided(event), {} if last is None else _divided(last)):
        yield from _pair(record, f"memorandum:{of}", f"memorandum:{of}:{how}", amount, event.on, "memorandum")


def _entitled(event: e.TiersDetermined, pays: str) -> dict[str, int]:
    """What each party is given; the payer owes itself nothing."""
    return _sums((one.party, one.amount_ore) for one in event.given if one.party != pays)


def _divided(event: e.TiersDetermined) -> dict[tuple[str, str], int]:
    given = [((one.of, f"to-{one.party}"), one.amount_ore) for one in event.given]
    return _sums([*given, *(((one.of, f"with-{one.party}"), one.amount_ore) for one in event.kept)])


def _sums(pairs: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    sums: dict[Any, int] = {}
    for key, amount in pairs:
        sums[key] = sums.get(key, 0) + amount
    return sums


def _moved(now: Mapping[Any, int], before: Mapping[Any, int]) -> Iterator[tuple[Any, int]]:
    for key in dict.fromkeys([*before, *now]):
        if amount := now.get(key, 0) - before.get(key, 0):
            yield key, amount


def _paid(before: TieredState, record: Recorded[Any], sides: tuple[str, str, str], amount: int, on: date) -> Iterator[Posting]:
    """From or to the payer's bank; between two others it is no matter of the payer's books."""
    kind, payer, payee = sides
    pays = before.terms_on(on).governance.pays
    if payer == pays:
        yield from _pair(record, f"liabilities:{payee}:{_name(kind)}", BANK, amount, on)
    elif payee == pays:
        yield from _pair(record, BANK, f"liabilities:{payer}:{_name(kind)}", amount, on)
    else:
        yield from _pair(
            record, f"memorandum:{payee}:{_name(kind)}", f"memorandum:{payer}:{_name(kind)}", amount, on, "memorandum"
        )


def _name(kind: str) -> str:
    return {"outcome": "paid", "recovery": "recovered"}.get(kind, kind)


def _pair(
    record: Recorded[Any], debit: str, credit: str, amount: int, effective_on: date, kind: Kind = "bookable"
) -> Iterator[Posting]:
    booked_on = day_in_stockholm(record.recorded_at)
    for account, signed in ((debit, amount), (credit, -amount)):
        yield Posting(record.position, record.recorded_at, account, signed, kind, effective_on, booked_on)
