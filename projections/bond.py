"""A bond as its holder and its issuer see it on a day: what was lent and paid, what is owed whatever comes, what depends on
outcomes, and what it would pay at other savings. Pure.

Payments are told by what they are for, not by part; so what was paid stands for the whole bond alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ledger.bonds import Bond, BondPart, LoanPart, OutcomePart, ZeroCouponPart, accrued, grown, schedule
from ledger.errors import Refused, Usage
from ledger.facts import Facts, tiered_stream
from ledger.money import rounded
from ledger.tiered import TierDetermination, TieredPayment, TieredState, fold
from ledger.tiered_terms import TieredTerms
from ledger.tiers import Kept, divide
from projections.as_of import AsOf
from projections.bond_redemption import Redemption, redemption

SCENARIOS = tuple(Fraction(number, 2) for number in (0, 1, 2, 4))
"""Savings of nothing, half, all and twice what was lent against outcomes."""


def bond_of(terms: TieredTerms) -> Bond:
    """The terms' bond. Raises Refused where there is none."""
    if terms.bond is None:
        raise Refused(f"{terms.id} is no bond: its terms have no [bond]", do="see it with: soc tiered state")
    return terms.bond


def signed_bond(facts: Facts, contract: str, on: date) -> tuple[TieredState, TieredTerms]:
    """What is on record of a bond, and its terms on a day. Raises Usage where nothing is, Refused before signature."""
    records = facts.stream(tiered_stream(contract))
    if not records:
        known = ", ".join(facts.named("tiered")) or "none"
        raise Usage(f"no bond {contract} is on record; contracts settled by tiers: {known}", do="or name a file: TERMS.toml")
    state = fold(records)
    if state.signed_on is None or on < state.signed_on:
        raise Refused(f"{contract} was signed on {state.signed_on}; there is no state before, as of {on}")
    return state, state.terms_on(on)


# ── The state ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class PartState:
    """A part on a day, in öre. ``due``: interest and redemption that fell due by then; ``accrued``: interest since, or growth of
    a zero-coupon part; ``balance``: what the holder has in it and is not due, of outcomes what is determined."""

    part: BondPart
    due: int
    accrued: int
    balance: int


@dataclass(frozen=True)
class BondState:
    """A bond as of a day, in öre. ``lent``, ``paid_interest`` and ``redeemed`` by then, less what the holder paid back;
    ``determination``: the one that holds; ``determined``: what the bond pays over its term at that outcome, ``least`` at none."""

    contract: str
    terms: TieredTerms
    bond: Bond
    when: AsOf
    lent: int
    paid_interest: int
    redeemed: int
    interest_due: int
    parts: tuple[PartState, ...]
    determination: TierDetermination | None
    determined: Redemption
    least: Redemption
    scenarios: tuple[Scenario, ...]

    @property
    def paid(self) -> int:
        """Öre paid to the holder."""
        return self.paid_interest + self.redeemed

    @property
    def due(self) -> int:
        """Öre that fell due to the holder."""
        return sum(one.due for one in self.parts)

    @property
    def open(self) -> int:
        """Öre due and not paid; below zero: paid too much, or before it fell due."""
        return self.due - self.paid

    @property
    def balance(self) -> int:
        """What the holder has in the bond, in öre: what is not yet due, and what is due and open."""
        return sum(one.balance for one in self.parts) + self.open

    @property
    def not_lent(self) -> int:
        """What should be lent by then and is not, in öre; the figures count it as lent. Below zero: lent too much, or early."""
        return (self.bond.principal if self.when.as_of >= self.bond.issued_on else 0) - self.lent

    @property
    def return_so_far(self) -> Fraction | None:
        """Total return by then, if no outcome came any more: what was paid, and the balance, over the principal; None before
        issue. The limits count at maturity alone."""
        if self.when.as_of < self.bond.issued_on:
            return None
        return Fraction(self.paid + self.balance - self.bond.principal, self.bond.principal)

    @property
    def owed_at_least(self) -> int:
        """The issuer's liability whatever the outcome, in öre: the least that the bond pays, less what was paid."""
        return max(self.least.total - self.paid, 0)

    @property
    def owed_by_outcome(self) -> int:
        """The issuer's liability that the outcome determined by then adds, in öre."""
        return max(self.determined.total - max(self.least.total, self.paid), 0)

    @property
    def may_be_owed(self) -> int | None:
        """What outcomes could still add up to the most total return, in öre; None where there is no such limit."""
        most = self.bond.limit("most")
        return None if most is None else most - self.determined.total


def bond_state(facts: Facts, contract: str, as_of: date | None = None) -> BondState:
    """The bond as of a day, as known. Raises Usage or Refused where there is none by then."""
    when = AsOf.latest(facts, as_of)
    state, terms = signed_bond(facts, contract, when.as_of)
    bond = bond_of(terms)
    paid = [one for one in state.payments if one.open and one.on <= when.as_of]
    last = state.in_force(when.as_of)
    outcome = 0 if last is None else last.given(bond.holder)
    determined = redemption(bond, outcome)
    due = [flow for flow in schedule(bond) if flow.on <= when.as_of]
    return BondState(
        contract=contract,
        terms=terms,
        bond=bond,
        when=when,
        lent=sum(one.amount for one in paid if one.payer == bond.holder and one.kind in ("issue", "investment")),
        paid_interest=sum(one.amount for one in paid if one.payee == bond.holder and one.kind == "interest"),
        redeemed=sum(_redeeming(paid, bond)),
        interest_due=sum(flow.amount or 0 for flow in due if flow.kind == "interest"),
        parts=tuple(_part(one, bond, determined, when.as_of) for one in bond.parts),
        determination=last,
        determined=determined,
        least=redemption(bond, 0),
        scenarios=scenarios(terms, SCENARIOS) if len(terms.waterfall.divided) == 1 else (),
    )


def bond_if_any(facts: Facts, contract: str, as_of: date) -> BondState | None:
    """The bond of a contract on record, None where its terms of the day have none. Raises as ``bond_state``."""
    has = signed_bond(facts, contract, as_of)[1].bond is not None
    return bond_state(facts, contract, as_of) if has else None


def _redeeming(paid: Iterable[TieredPayment], bond: Bond) -> Iterator[int]:
    """What was paid to the holder, interest aside; below zero what it paid back."""
    for one in paid:
        if one.payee == bond.holder and one.kind in ("redemption", "outcome"):
            yield one.amount
        elif one.payer == bond.holder and one.kind == "recovery":
            yield -one.amount


def _part(part: BondPart, bond: Bond, determined: Redemption, on: date) -> PartState:
    at_maturity = next(one.at_maturity for one in determined.parts if one.part == part)
    interest = sum(
        flow.amount or 0 for flow in schedule(bond) if (flow.part, flow.kind) == (part.id, "interest") and flow.on <= on
    )
    if on < bond.issued_on:
        return PartState(part, 0, 0, 0)
    if on >= bond.matures_on:
        return PartState(part, interest + at_maturity, 0, 0)
    match part:
        case LoanPart():
            since = rounded(accrued(part, bond.issued_on, bond.matures_on, on))
            return PartState(part, interest, since, part.principal + since)
        case ZeroCouponPart():
            growth = rounded(grown(part, bond.issued_on, on)) - part.principal
            return PartState(part, 0, growth, part.principal + growth)
        case OutcomePart():
            return PartState(part, 0, 0, determined.outcome)


# ── What other savings would pay ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Scenario:
    """What the bond pays over its term at ``savings`` öre, which are ``times`` what was lent against outcomes; ``kept``: what the
    waterfall leaves with others. Conditions count as met."""

    times: Fraction
    savings: int
    kept: Kept
    redemption: Redemption


def scenarios(terms: TieredTerms, times: Sequence[Fraction]) -> tuple[Scenario, ...]:
    """The bond at savings of so many times what was lent against outcomes. Raises Refused where several amounts are divided."""
    if len(terms.waterfall.divided) > 1:
        raise Refused(
            f"the waterfall of {terms.id} divides {', '.join(terms.waterfall.divided)}; a scenario moves one amount",
            do="see what is determined with: soc bond state",
        )
    return tuple(_scenario(terms, one) for one in times)


def _scenario(terms: TieredTerms, times: Fraction) -> Scenario:
    bond, [of] = bond_of(terms), terms.waterfall.divided
    savings = rounded(times * bond.outcome_part.principal)
    amounts = {one.id: one.amount for one in terms.amounts} | {one.id: 0 for one in terms.valuations} | {of: savings}
    division = divide(terms.waterfall, amounts)
    return Scenario(times, savings, division.kept[0], redemption(bond, division.entitled(bond.holder)))
