"""What is to be known when the books of a calendar year are closed: what is earned, claimed, payable and paid on 31 December,
what moved in the year, and what may still come; as known then and as known later (rules 10, 13, 15 to 18).

A municipality's financial year is the calendar year (SFS 2018:597, 1:5). Everything here is a sum over postings, or a figure of
``state``: effective dates say which year an amount is about, the day of recording says in which it was booked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger import events as e
from ledger.contract import ContractState
from ledger.errors import VerificationFailed
from ledger.facts import Facts, contract_stream
from ledger.money import shown
from ledger.record import Recorded
from projections import postings as accounts
from projections.postings import Posting, postings
from projections.since import MOVES, SUMS, Cause, Since, since, sums
from projections.state import State, state

_UNMOVING = (
    *(e.SavingsNotified, e.DeterminationAccepted, e.EntryCorrected, e.ContractAmended, e.ContractClosed),
    *(e.DisputeRaised, e.DisputeWithdrawn, e.DisputeResolved),
)
"""Events that may change a figure of 31 December without moving a sum."""


@dataclass(frozen=True)
class Movement:
    """One sum over the year, in öre: ``opening`` + ``earlier`` + ``own`` = ``closing``.

    ``opening``: on 31 December of the year before, as known when its books were closed; ``earlier``: what was recorded since
    about dates before the year; ``own``: what is dated in the year.
    """

    opening: int
    earlier: int
    own: int
    closing: int


@dataclass(frozen=True)
class Booked:
    """The provider's entitlement in öre, by the months that it is about and the day on which it was recorded.

    ``own``: about the year, recorded by its end; ``own_after``: about the year, recorded after it. About earlier years and
    recorded in the year: ``first``: determined for the first time; ``again``: by determinations that took the place of others.
    """

    own: int
    own_after: int
    first: int
    again: int

    @property
    def about_the_year(self) -> int:
        """What the year's months give, whenever recorded."""
        return self.own + self.own_after

    @property
    def in_the_year(self) -> int:
        """What was recorded in the year, whatever months it is about."""
        return self.own + self.first + self.again


@dataclass(frozen=True)
class Standing:
    """The year's end as known at one moment. ``figures``: öre, by name (``FIGURES``)."""

    state: State
    figures: Mapping[str, int]
    movements: Mapping[str, Movement]
    booked: Booked


@dataclass(frozen=True)
class YearEnd:
    """A contract's year-end. ``then`` None: the contract was not on record then. ``changed``: what the records since moved.
    ``opening`` None: it was not on record when the year before ended."""

    contract: str
    year: int
    then: Standing | None
    now: Standing
    changed: Since | None
    opening: Facts | None

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The records since then that move a sum on 31 December, and those about a day before it that move none and yet change
        what is notified, held or left."""
        on = self.now.state.when.as_of
        found = self.changed.causes if self.changed is not None else ()
        return tuple(
            one for one in found if one.moves or (one.record.effective_on <= on and isinstance(one.record.data, _UNMOVING))
        )


FIGURES = {
    "entitled": "the provider's share of the savings of the months ended (rule 10)",
    "payable": "claimed, and fallen due for payment (rule 16)",
    "earned_not_payable": "entitled less payable: the sum of the next two",
    "determined_not_notified": "entitled, and no notice given by then",
    "notified_not_payable": "notice given, and not fallen due for payment yet",
    "payable_not_instructed": "payable and recovered, less paid and instructed: the sum of the next two",
    "held_by_disputes": "of it, what open disputes hold (rule 18)",
    "due": "of it, what may be paid",
    "instructed_not_paid": "ordered, not paid yet",
    "overpaid": "paid and instructed above what is payable (rule 17)",
    "claimed_above": "what the provider claims above the entitlement in open disputes; neither earned nor due (rule 18)",
    "upfront_due_not_paid": "upfront instalments fallen due, less paid (rule 13)",
    "upfront_not_due": "upfront instalments that fall due later",
    "headroom": "the maximum outcome payment less entitled: what months to come may give the provider at most (rule 11)",
    "worst_case_remaining": "what may still have to be paid at most: the maximum (of a closed contract what is entitled)"
    " less paid, plus recovered, plus the upfront payment agreed and not paid",
}
"""Each figure of a year's end, and what it is."""


def year_end(now: Facts, then: Facts | None, opening: Facts | None, contract_id: str, year: int) -> YearEnd:
    """The year's end as known at ``then`` and at ``now``, after an ``opening`` as known when the year before was closed; None for
    a moment before the ledger was opened.

    Raises Usage for an unknown contract, Refused for a year that ended before its signature, VerificationFailed where opening and
    movements do not make the closing balance.
    """
    last = date(year, 12, 31)
    after = _standing(now, opening, contract_id, last)
    known = then is not None and _on_record(then, contract_id, last)
    before = _standing(then, opening, contract_id, last) if then is not None and known else None
    changed = since(now, then, after.state) if then is not None and known else None
    on_record = opening is not None and _on_record(opening, contract_id, _before(last))
    return YearEnd(contract_id, year, before, after, changed, opening if on_record else None)


def _before(last: date) -> date:
    return last.replace(year=last.year - 1)


def _on_record(facts: Facts, contract_id: str, on: date) -> bool:
    """Whether the contract was on record, and signed by that day."""
    if contract_id not in facts.contracts:
        return False
    signed_on = facts.contract(contract_id).signed_on
    return signed_on is not None and signed_on <= on


def _standing(facts: Facts, opening: Facts | None, contract_id: str, last: date) -> Standing:
    one = state(facts, contract_id, last)
    records = facts.stream(contract_stream(contract_id))
    return Standing(
        state=one,
        figures=_figures(one, facts.contract(contract_id), records),
        movements=_movements(one, records, opening, last),
        booked=_booked(records, last),
    )


# ── What stands on 31 December ───────────────────────────────────────────────────────────────────────────────────────


def _figures(one: State, folded: ContractState, records: tuple[Recorded[Any], ...]) -> dict[str, int]:
    provider, terms, on = one.provider, one.terms, one.when.as_of
    not_notified, not_payable = _unclaimed(folded, records, on)
    balance = provider.payable - provider.paid - provider.instructed + provider.recovered
    most = provider.entitled if one.closed_on is not None else one.cap.target.amount
    upfront_left = max(0, terms.upfront_agreed - one.upfront_paid)
    upfront_due = min(upfront_left, max(0, terms.instalments_until(on) - one.upfront_paid))
    return {
        "entitled": provider.entitled,
        "payable": provider.payable,
        "earned_not_payable": provider.entitled - provider.payable,
        "determined_not_notified": not_notified,
        "notified_not_payable": not_payable,
        "payable_not_instructed": max(0, balance),
        "held_by_disputes": max(0, balance) - provider.due,
        "due": provider.due,
        "instructed_not_paid": provider.instructed,
        "overpaid": provider.overpaid,
        "claimed_above": provider.claimed_above,
        "upfront_due_not_paid": upfront_due,
        "upfront_not_due": upfront_left - upfront_due,
        "headroom": one.cap.remaining,
        "worst_case_remaining": max(0, most - provider.paid + provider.recovered) + upfront_left,
    }


def _unclaimed(folded: ContractState, records: tuple[Recorded[Any], ...], on: date) -> tuple[int, int]:
    """Öre entitled and not payable on a day: of determinations without a notice by then, and of those with one."""
    left: dict[int, int] = {}
    for record in records:
        event = record.data
        if isinstance(event, e.SavingsDetermined):
            number = _claimed_by(folded, event.number)
            left[number] = left.get(number, 0) + sum(one.amount_ore for one in event.entitlement if one.month.last_day <= on)
    notified = 0
    for one in folded.determinations:
        if one.notice is not None and one.notice.claim.payable_on <= on:
            left[one.number] = left.get(one.number, 0) - one.notice.claim.amount_ore
        if one.notice is not None and one.notice.on <= on:
            notified += left.get(one.number, 0)
    return sum(left.values()) - notified, notified


def _claimed_by(folded: ContractState, number: int) -> int:
    """The determination whose claim holds what this one moved: its own, or that of the one which superseded it unnotified."""
    one = folded.determination(number)
    return number if one.notice is not None or one.superseded_by is None else _claimed_by(folded, one.superseded_by)


# ── What moved in the year ───────────────────────────────────────────────────────────────────────────────────────────


def _movements(one: State, records: tuple[Recorded[Any], ...], opening: Facts | None, last: date) -> dict[str, Movement]:
    """Each sum of ``since.MOVES``. Raises VerificationFailed where it does not close."""
    before, known = _before(last), 0
    opened, closing = dict.fromkeys(MOVES, 0), sums(one)
    if opening is not None and _on_record(opening, one.contract, before):
        opened, known = sums(state(opening, one.contract, before)), opening.position
    earlier, own = dict.fromkeys(MOVES, 0), dict.fromkeys(MOVES, 0)
    for posting in (each for record in records for each in postings(record) if each.account in SUMS):
        name, sign = SUMS[posting.account]
        if before < posting.effective_on <= last:
            own[name] += sign * posting.amount
        elif posting.effective_on <= before and posting.position > known:
            earlier[name] += sign * posting.amount
    found = {name: Movement(opened[name], earlier[name], own[name], closing[name]) for name in MOVES}
    for name, moved in found.items():
        if moved.opening + moved.earlier + moved.own != moved.closing:
            raise VerificationFailed(
                f"{one.contract}: {name.replace('_', ' ')} of {last.year} closes with {shown(moved.closing)}, but opening balance"
                f" and movements make {shown(moved.opening + moved.earlier + moved.own)}",
                do="see what differs with: soc check",
            )
    return found


def _booked(records: tuple[Recorded[Any], ...], last: date) -> Booked:
    found = {"own": 0, "own_after": 0, "first": 0, "again": 0}
    for record in records:
        for posting in postings(record):
            sort = _sort(posting, record.data, last)
            if sort is not None:
                found[sort] -= posting.amount
    return Booked(**found)


def _sort(posting: Posting, event: Any, last: date) -> str | None:
    """Which part of ``Booked`` a posting of entitlement belongs to; None for others."""
    before = _before(last)
    if posting.account != accounts.ENTITLED or posting.effective_on > last:
        return None
    if posting.effective_on > before:
        return "own" if posting.booked_on <= last else "own_after"
    if not before < posting.booked_on <= last:
        return None
    return "again" if isinstance(event, e.SavingsDetermined) and event.supersedes else "first"
