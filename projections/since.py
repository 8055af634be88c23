"""What changed between two moments of the ledger's knowledge, for one as-of date: every figure that differs, and what each
record since has moved. The moves sum to the difference of every figure that is a sum of postings (decisions 4, 9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from ledger import contract
from ledger.contract import ContractState, Determination
from ledger.errors import VerificationFailed
from ledger.events import AbsenceReported, Basis, ReimbursementsReported, SavingsDetermined, WorkforceReported
from ledger.facts import Facts, contract_stream
from ledger.money import shown
from ledger.periods import Period
from ledger.record import Recorded
from projections import postings as accounts
from projections.about import abouts, is_about, rests_on
from projections.as_of import AsOf, visible
from projections.postings import postings
from projections.state import Reaching, State, state
from projections.unsettled import evidence, late_facts

Value = int | Fraction | bool | date | datetime | str | None
"""Öre; days and ratios; whether and when something was reached."""

SUMS = {
    accounts.SAVINGS: ("savings", 1),
    accounts.ENTITLED: ("entitled", -1),
    accounts.PAYABLE: ("payable", -1),
    f"{accounts.INSTRUCTED}:outcome": ("instructed", 1),
    accounts.PAID: ("paid", 1),
    accounts.RECOVERED: ("recovered", -1),
    accounts.UPFRONT: ("upfront_paid", 1),
    accounts.DRAWN: ("loan_drawn", -1),
    accounts.REPAID: ("loan_repaid", 1),
}
"""Account → the figure that it adds up to, and the sign that makes it count upwards."""

MOVES = tuple(name for name, _ in SUMS.values())
BALANCE = {"payable": 1, "paid": -1, "instructed": -1, "recovered": 1}
"""What the balance x of rule 17 consists of; due and overpaid follow from it."""


@dataclass(frozen=True)
class Change:
    """A figure under its dotted JSON key, before and after; ``before`` None where nothing was on record. ``parts``: of due and
    overpaid, by how much each part of the balance moved it, in öre; what is due is never below zero, so these may say more."""

    figure: str
    before: Value
    after: Value
    parts: Mapping[str, int] | None = None

    @property
    def difference(self) -> int | Fraction | None:
        """After less before; None where it is not an amount, or only one of them is known."""
        if isinstance(self.after, bool) or not isinstance(self.after, (int, Fraction)):
            return None
        return self.after - self.before if isinstance(self.before, (int, Fraction)) else None


@dataclass(frozen=True)
class Cause:
    """One record of the contract, and by how many öre it moved each sum. ``later``: it moves money, but as of a later date than
    the one asked about. ``rests_on``: of a redo, the records that the determinations before it had not seen."""

    record: Recorded[Any]
    moves: Mapping[str, int]
    later: bool
    rests_on: tuple[Recorded[Any], ...]


@dataclass(frozen=True)
class Since:
    """What changed since an earlier moment. ``before`` None: the contract was not on record then. ``uncounted``: reports,
    headcounts and index values recorded since that no determination recorded since counts."""

    known_at: datetime
    basis: Basis
    before: State | None
    after: State
    changes: tuple[Change, ...]
    causes: tuple[Cause, ...]
    uncounted: tuple[Recorded[Any], ...]


def since(facts: Facts, then: Facts, after: State) -> Since:
    """What changed from ``then`` to the state ``after``, which is that of ``facts``, both as of the same date.

    Raises VerificationFailed where the records since do not sum to a difference: then the record is not what it was.
    """
    before = state(then, after.contract, after.when.as_of) if after.contract in then.contracts else None
    records = facts.stream(contract_stream(after.contract))
    causes = tuple(_cause(facts, record, after.when, after.contract) for record in records if record.position > then.position)
    _check(before, after, causes)
    folded = contract.fold(records)
    return Since(
        known_at=then.known_at,
        basis=then.basis,
        before=before,
        after=after,
        changes=tuple(_changes(before, after)),
        causes=causes,
        uncounted=tuple(_uncounted(facts, then, folded, after.contract)),
    )


def sums(one: State) -> dict[str, int]:
    """The figures that are sums of postings, in öre, by the names that moves use."""
    provider, loan = one.provider, one.loan
    amounts = (one.savings, provider.entitled, provider.payable, provider.instructed, provider.paid, provider.recovered)
    return dict(zip(MOVES, (*amounts, one.upfront_paid, loan.drawn, loan.repaid), strict=True))


def _check(before: State | None, after: State, causes: Iterable[Cause]) -> None:
    was, now = sums(before) if before else dict.fromkeys(MOVES, 0), sums(after)
    for name in MOVES:
        moved = sum(cause.moves.get(name, 0) for cause in causes)
        if was[name] + moved != now[name]:
            raise VerificationFailed(
                f"{after.contract}: {name.replace('_', ' ')} went from {shown(was[name])} to {shown(now[name])}, but the records "
                f"between move it by {shown(moved)}",
                do="see what differs with: soc check",
            )


def _cause(facts: Facts, record: Recorded[Any], when: AsOf, contract_id: str) -> Cause:
    moves: dict[str, int] = {}
    for one in visible(postings(record), when):
        if one.account in SUMS:
            name, sign = SUMS[one.account]
            moves[name] = moves.get(name, 0) + sign * one.amount
    moved = {name: moves[name] for name in MOVES if moves.get(name)}
    later = any(one.effective_on > when.as_of for one in postings(record))
    return Cause(record, moved, later and not moved, tuple(_rests_on(facts, record, contract_id)))


def _rests_on(facts: Facts, record: Recorded[Any], contract_id: str) -> list[Recorded[Any]]:
    """What a redo counts that the determinations which it supersedes had not seen."""
    if not isinstance(record.data, SavingsDetermined) or not record.data.supersedes:
        return []
    seen = facts.at(record.position - 1)
    late = late_facts(seen, seen.contract(contract_id), contract_id, record.effective_on)
    found = {one.position: one for number in record.data.supersedes for one in late.get(number, ())}
    return [found[position] for position in sorted(found)]


def _changes(before: State | None, after: State) -> Iterable[Change]:
    was = {} if before is None else figures(before)
    for figure, value in figures(after).items():
        if value != was[figure] if before else value:
            yield Change(figure, was.get(figure), value, _parts(before, after, figure))


def _parts(before: State | None, after: State, figure: str) -> dict[str, int] | None:
    """What moved the balance that due and overpaid follow from; what is held lowers due alone (rule 17)."""
    if figure not in ("balance.provider.due", "balance.provider.overpaid"):
        return None
    was, now = sums(before) if before else dict.fromkeys(MOVES, 0), sums(after)
    moved = {name: sign * (now[name] - was[name]) for name, sign in BALANCE.items()}
    if figure == "balance.provider.due":
        moved["held"] = (before.provider.held if before else 0) - after.provider.held
    return {name: amount for name, amount in moved.items() if amount}


def figures(one: State) -> dict[str, Value]:
    """Every figure of savings, balance, break-even and cap by its dotted JSON key, and how far it is determined."""
    through, provider, loan = one.determined_through, vars(one.provider), vars(one.loan)
    return {
        "determined_through": None if through is None else through.last_day,
        "preliminary": one.preliminary,
        "investment.worst_case": one.terms.worst_case,
        "savings.determined": one.savings,
        "savings.ratio_to_investment": one.ratio,
        "savings.to_authority": one.to_authority,
        "savings.to_provider": one.to_provider,
        "savings.net_days_avoided": one.net_days_avoided,
        **{f"balance.provider.{name}": amount for name, amount in provider.items()},
        "balance.upfront.agreed": one.terms.upfront_agreed,
        "balance.upfront.paid": one.upfront_paid,
        **{f"balance.loan.{name}": amount for name, amount in loan.items()},
        **_reaching("break_even.contract", one.break_even_contract),
        **_reaching("break_even.authority", one.break_even_authority),
        **_reaching("break_even.provider", one.break_even_provider),
        "cap.amount": one.cap.target.amount,
        **_reaching("cap", one.cap, "headroom"),
        "cap.binding": one.binding,
        "cap.ceiling_savings": one.terms.ceiling_savings,
    }


def _reaching(key: str, one: Reaching, remaining: str = "remaining") -> dict[str, Value]:
    return {
        f"{key}.at_savings": one.target.at_savings,
        f"{key}.reached": one.reached,
        f"{key}.reached_on": one.reached_on,
        f"{key}.lost_on": one.lost_on,
        f"{key}.known_since": one.known_since,
        f"{key}.{remaining}": one.remaining,
    }


def _uncounted(facts: Facts, then: Facts, folded: ContractState, contract_id: str) -> Iterable[Recorded[Any]]:
    determined = [one for one in folded.determinations if one.position > then.position]
    for record in evidence(facts, folded, contract_id):
        if record.position > then.position and not any(_counts(one, record, folded) for one in determined):
            yield record


def _counts(one: Determination, record: Recorded[Any], folded: ContractState) -> bool:
    """Whether a determination rests on a record: about its months, or about the reference years that it was the first to use."""
    if record.position > one.basis:
        return False
    for month in one.months:
        resting = rests_on(month, folded)
        if resting is None:
            continue
        if any(is_about(about, resting) for about in abouts(record)):
            return True
        years = folded.every_methodology[month.methodology_sha256].reference_of(month.month)
        if _first_by(folded, month.methodology_sha256) == one.number and _is_about_years(record, years):
            return True
    return False


def _first_by(folded: ContractState, methodology: str) -> int:
    """The number of the determination that locked a methodology's reference years (rule 6)."""
    using = (one for one in folded.determinations for month in one.months if month.methodology_sha256 == methodology)
    return next(using).number


def _is_about_years(record: Recorded[Any], years: Period) -> bool:
    event = record.data
    if isinstance(event, AbsenceReported):
        return any(month in years for month in event.months)
    if isinstance(event, (WorkforceReported, ReimbursementsReported)):
        return any(row.month in years for row in event.rows)
    return any(month in years for value in event.values for month in value.quarter.months)
