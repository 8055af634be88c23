"""One contract's balance, break-even and cap state under an AsOf: sums over postings, and the run of months in which each
target held (rules 9 to 19). Exactly the figures of ``soc state -O json``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from ledger import contract, waterfall
from ledger.contract import ContractState
from ledger.errors import Refused, VerificationFailed
from ledger.events import (
    AnyMonth,
    Basis,
    ContractAmended,
    ContractSigned,
    EvaluationSignedOff,
    MonthAgreed,
    MonthDetermined,
    SavingsDetermined,
)
from ledger.facts import Facts
from ledger.holds import Claims, Dispute
from ledger.methodology import Methodology
from ledger.periods import Month, Period, day_in_stockholm
from ledger.record import Recorded
from ledger.terms import ContractTerms
from ledger.waterfall import Target
from projections import postings as accounts
from projections.as_of import AsOf
from projections.book import Book, Folded, Sums


@dataclass(frozen=True)
class Provider:
    """The provider's balance in öre (rules 16 to 18)."""

    entitled: int
    payable: int
    instructed: int
    paid: int
    recovered: int
    held: int
    claimed_above: int
    overpaid: int
    due: int


@dataclass(frozen=True)
class Loan:
    """The internal loan in öre (rule 14)."""

    limit: int
    drawn: int
    repaid: int
    outstanding: int
    available_for_repayment: int


@dataclass(frozen=True)
class Reaching:
    """A break-even or the cap (rule 11): attained or not, since which month's end, lost when, and known since when."""

    target: Target
    reached: bool
    reached_on: date | None
    lost_on: date | None
    known_since: datetime | None
    remaining: int


@dataclass(frozen=True)
class Forecast:
    """Pro rata over the contract's months; ``ratio`` to the investment, None while nothing is determined."""

    months: int
    ratio: Fraction | None


@dataclass(frozen=True)
class Coming:
    """A claim that is not payable yet at the as-of date, in öre. ``notified_on`` None: no notice is recorded; ``settled``: it is
    accepted, or could no longer be objected to, as far as is known."""

    determination: int
    period: Period
    amount: int
    notified_on: date | None = None
    payable_on: date | None = None
    objection_until: date | None = None
    settled: bool = False


@dataclass(frozen=True)
class State:
    """Everything that a party is paid by, at one AsOf. Amounts in öre."""

    contract: str
    when: AsOf
    basis: Basis
    simulated: bool
    terms: ContractTerms
    methodology: Methodology | None
    determined_through: Month | None
    undetermined: tuple[Month, ...]
    closed_on: date | None
    suspended: tuple[Month, ...]
    excluded: tuple[Month, ...]
    deemed: tuple[Month, ...]
    resolved: tuple[Month, ...]
    preliminary: bool
    savings: int
    net_days_avoided: Fraction
    upfront_paid: int
    provider: Provider
    loan: Loan
    break_even_contract: Reaching
    break_even_authority: Reaching
    break_even_provider: Reaching
    cap: Reaching
    binding: str
    unsettled_facts: int
    forecast: Forecast
    upfront_due: int
    above_entitlement: int
    coming: tuple[Coming, ...]
    disputes: tuple[Dispute, ...]
    signed_off: EvaluationSignedOff | None = None

    @property
    def ratio(self) -> Fraction:
        """Savings ÷ investment."""
        return self.share_of_investment(self.savings)

    def share_of_investment(self, amount: int) -> Fraction:
        """An amount in öre ÷ the investment."""
        return Fraction(amount, self.terms.investment.total)

    @property
    def to_provider(self) -> int:
        """The provider's share of the savings, E."""
        return self.provider.entitled

    @property
    def to_authority(self) -> int:
        """The authority's share of the savings, S − E."""
        return self.savings - self.provider.entitled


def state(facts: Facts, contract_id: str, as_of: date | None = None, book: Book | None = None) -> State:
    """The contract's state, from the ``book`` (by default the facts, folded). Raises Usage for an unknown contract, Refused for a
    date before its signature."""
    book = book or Folded(facts)
    records = book.shaping(contract_id)
    folded = contract.fold(records) if records else facts.contract(contract_id)
    when = AsOf.latest(facts, as_of)
    assert folded.signed_on is not None
    if when.as_of < folded.signed_on:
        raise Refused(
            f"{contract_id} was signed on {folded.signed_on}; it has no state as of {when.as_of}",
            where=folded.signed.clause("starts_on"),
        )
    terms = folded.terms_on(when.as_of)
    sums = book.sums(contract_id, when.as_of)
    months = [one for found in folded.in_force for one in found.months if one.month.last_day <= when.as_of]
    savings, entitled = sums.get(accounts.SAVINGS, 0), -sums.get(accounts.ENTITLED, 0)
    reaching = Reachings(records, folded, when.as_of)
    if (savings, entitled, -sums.get(accounts.PAYABLE, 0)) != (*reaching.carried, folded.payable(when.as_of)):
        raise VerificationFailed(
            f"the postings of {contract_id} are not those of its determinations and notices",
            do="see what differs with soc check, and make the tables anew with soc rebuild",
        )
    through = months[-1].month if months else None
    agreed = [one for one in months if isinstance(one, MonthAgreed)]
    excluded = tuple(one.month for one in agreed if one.kind == "exclude-months@1")
    return State(
        contract=contract_id,
        when=when,
        basis=facts.basis,
        simulated=facts.opened.simulated,
        terms=terms,
        methodology=_methodology(folded, months, terms.first_month),
        determined_through=through,
        undetermined=tuple(one for one in _ended(folded, when.as_of) if one not in folded.savings and not folded.suspended(one)),
        closed_on=folded.closed_on if folded.closed_on is not None and folded.closed_on <= when.as_of else None,
        suspended=tuple(one for one in _months(folded) if folded.suspended(one) and one.first_day <= when.as_of),
        preliminary=any(found.preliminary and found.months[0].month.last_day <= when.as_of for found in folded.in_force),
        savings=savings,
        excluded=excluded,
        deemed=tuple(one.month for one in agreed if one.kind == "deem-average@1"),
        resolved=tuple(one.month for one in agreed if one.kind == "resolved"),
        net_days_avoided=sum((_avoided(one) for one in months if isinstance(one, MonthDetermined)), Fraction(0)),
        upfront_paid=sums.get(accounts.UPFRONT, 0),
        provider=_provider(sums, entitled, folded.disputed(when.as_of)),
        loan=_loan(sums, terms, savings - entitled),
        break_even_contract=reaching.of("contract", "savings"),
        break_even_authority=reaching.of("authority", "authority"),
        break_even_provider=reaching.of("provider", "provider"),
        cap=reaching.of("cap", "provider"),
        binding=waterfall.targets(terms).binding,
        unsettled_facts=len(book.unsettled(contract_id, folded, when.as_of)),
        forecast=_forecast(savings, sum(one.month not in excluded for one in months), terms),
        upfront_due=_upfront_due(sums, terms, when.as_of),
        above_entitlement=_above_entitlement(book, folded, _provider(sums, entitled, folded.disputed(when.as_of))),
        coming=tuple(_coming(folded, when)),
        disputes=tuple(one for one in folded.disputes if one.raised.on <= when.as_of),
        signed_off=next((one.data for one in reversed(folded.sign_offs) if one.data.on <= when.as_of), None),
    )


def _avoided(month: MonthDetermined) -> Fraction:
    return month.expected_days - Fraction(month.actual_hundredths, 100)


def _above_entitlement(book: Book, folded: ContractState, provider: Provider) -> int:
    """Öre of what is due that may not be instructed, because paid would come to exceed the entitlement (rule 15): a redo has
    lowered it, and its own claim is not payable yet."""
    if not provider.due:
        return 0
    settled = _provider(book.sums(folded.signed.id, date.max), folded.entitled, Claims(0, 0))
    free = folded.entitled - provider.held - settled.paid - settled.instructed + settled.recovered
    return max(0, provider.due - max(0, free))


def _coming(folded: ContractState, when: AsOf) -> Iterable[Coming]:
    """What the entitlement holds beyond what is payable, determination by determination; of months that had ended by then."""
    known_on = day_in_stockholm(when.known_at)
    for one in folded.determinations:
        notice = one.notice
        if one.period.first.last_day > when.as_of:
            continue
        if notice is None:
            if one.superseded_by is None and one.claim_ore:
                yield Coming(one.number, one.period, one.claim_ore)
        elif notice.claim.payable_on > when.as_of:
            settled = notice.accepted_on is not None or notice.objection_until < min(known_on, when.as_of)
            claim = notice.claim
            yield Coming(one.number, one.period, claim.amount_ore, notice.on, claim.payable_on, notice.objection_until, settled)


def _provider(sums: Sums, entitled: int, disputed: Claims) -> Provider:
    payable, paid = -sums.get(accounts.PAYABLE, 0), sums.get(accounts.PAID, 0)
    instructed = sums.get(f"{accounts.INSTRUCTED}:outcome", 0)
    recovered = -sums.get(accounts.RECOVERED, 0)
    balance = payable - paid - instructed + recovered
    held = min(disputed.lower, max(0, payable - paid + recovered))
    due = max(0, balance - held)
    return Provider(entitled, payable, instructed, paid, recovered, held, disputed.above, max(0, -balance), due)


def _upfront_due(sums: Sums, terms: ContractTerms, as_of: date) -> int:
    settled = sums.get(accounts.UPFRONT, 0) + sums.get(f"{accounts.INSTRUCTED}:upfront", 0)
    return max(0, terms.instalments_until(as_of) - settled)


def _loan(sums: Sums, terms: ContractTerms, to_authority: int) -> Loan:
    drawn, repaid = -sums.get(accounts.DRAWN, 0), sums.get(accounts.REPAID, 0)
    return Loan(terms.loan_limit, drawn, repaid, drawn - repaid, max(0, to_authority - repaid))


def _methodology(folded: ContractState, months: list[AnyMonth], first: Month) -> Methodology | None:
    """What the last of the determined months was determined by; before any, what is agreed for the first."""
    if months:
        return folded.every_methodology[months[-1].methodology_sha256]
    return folded.methodology_of(first) if any(start <= first.first_day for start, _ in folded.methodologies) else None


def _months(folded: ContractState) -> Iterable[Month]:
    terms = folded.versions[-1][1]
    return (terms.first_month + offset for offset in range(terms.months))


def _ended(folded: ContractState, as_of: date) -> Iterable[Month]:
    return (month for month in _months(folded) if month.last_day <= as_of)


def _forecast(savings: int, months: int, terms: ContractTerms) -> Forecast:
    if not months:
        return Forecast(0, None)
    return Forecast(months, Fraction(savings * terms.months, months * terms.investment.total))


@dataclass(frozen=True)
class MonthEnd:
    """A month's end: the sum and the entitlement carried to it, and the targets of the terms in force then."""

    month: Month
    savings: int
    entitlement: int
    targets: waterfall.Targets

    def amount(self, party: str) -> int:
        """A party's own amount in öre: ``savings`` is the contract's."""
        return {
            "savings": self.savings,
            "authority": self.savings - self.entitlement,
            "provider": self.entitlement,
        }[party]

    def attained(self, party: str, target: str) -> bool:
        """Whether the party's amount has attained its target (rule 11)."""
        wanted: Target = getattr(self.targets, target)
        return self.amount(party) >= wanted.amount


def month_ends(folded: ContractState, as_of: date) -> list[MonthEnd]:
    """Every month's end up to ``as_of``, and the month running then, whose terms are in force already; sum and entitlement
    move at determined months' ends and are carried through others."""
    steps = {step.month: step for step in folded.path}
    savings = entitled = 0
    standings = []
    month = folded.signed.first_month
    while month.first_day <= as_of:
        if month in steps and month.last_day <= as_of:
            savings, entitled = steps[month].savings, steps[month].entitlement
        standings.append(MonthEnd(month, savings, entitled, waterfall.targets(folded.terms_of(month))))
        month = month + 1
    return standings


class Reachings:
    """The run of months in which a target held, and since when the ledger could say so (rule 11). ``records``: the contract's;
    without them since when is not told."""

    def __init__(self, records: Iterable[Recorded[Any]], folded: ContractState, as_of: date) -> None:
        self._targets = waterfall.targets(folded.terms_on(as_of))
        self._now = month_ends(folded, as_of)
        self._history = list(history(records, as_of))

    @property
    def carried(self) -> tuple[int, int]:
        """The sum and the entitlement carried to the last month's end."""
        return (self._now[-1].savings, self._now[-1].entitlement) if self._now else (0, 0)

    def of(self, target: str, party: str) -> Reaching:
        """The target's state for a party."""
        held = [one.attained(party, target) for one in self._now]
        own = self._now[-1].amount(party) if self._now else 0
        reached_on, lost_on = _latest_run(held, self._now)
        reached = bool(held and held[-1])
        known_since = None
        for recorded_at, last in reversed(self._history) if reached else ():
            if last is None or not last.attained(party, target):
                break
            known_since = recorded_at
        wanted: Target = getattr(self._targets, target)
        return Reaching(wanted, reached, reached_on, lost_on, known_since, max(0, wanted.amount - own))


def history(records: Iterable[Recorded[Any]], as_of: date) -> Iterable[tuple[datetime, MonthEnd | None]]:
    """The last month's end after each record that can move it, with the instant from which it was known."""
    folded = contract.Initial
    for record in records:
        folded = contract.evolve(folded, record)
        if isinstance(record.data, (ContractSigned, ContractAmended, SavingsDetermined)):
            standings = month_ends(folded, as_of)
            yield record.recorded_at, standings[-1] if standings else None


def _latest_run(held: list[bool], path: list[MonthEnd]) -> tuple[date | None, date | None]:
    """The last day of the first month of the latest run in which it held, and of the first month after it."""
    if True not in held:
        return None, None
    last = len(held) - 1 - held[::-1].index(True)
    first = last
    while first > 0 and held[first - 1]:
        first -= 1
    lost = path[last + 1].month.last_day if last + 1 < len(path) else None
    return path[first].month.last_day, lost
