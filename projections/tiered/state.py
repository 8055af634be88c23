"""The state of a contract settled by tiers under an AsOf: what it is worth, who is given what, what was claimed and paid, how far
each tier's limit is. Amounts in öre."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ledger import events as e
from ledger.bonds import Bond
from ledger.errors import Refused
from ledger.events import Basis
from ledger.facts import Facts, contract_stream, tiered_stream
from ledger.money import rounded
from ledger.tiered import TierDetermination, TieredPayment, TieredState
from ledger.tiered_terms import ContractsSavings, TieredTerms
from ledger.tiers import Tier, spans
from projections.as_of import AsOf
from projections.bond_redemption import redemption
from projections.tiered.valuation import counts, folded, no_longer_counting


@dataclass(frozen=True)
class PartyBalance:
    """What a party is given and has had: ``entitled`` by the determination in force, ``guaranteed`` of it; ``payable``: claimed
    by agreed determinations and fallen due; ``coming``: claimed, payable later; ``lent`` by it; ``by_bond``: what a bond's other
    payments and its limits have met of what is payable to its holder; None for whoever holds no bond."""

    party: str
    entitled: int
    guaranteed: int
    payable: int
    coming: int
    paid: int
    recovered: int
    lent: int
    by_bond: int | None

    @property
    def unagreed(self) -> int:
        """What the determination in force moves beyond what was agreed; below zero where it lowers it."""
        return self.entitled - self.payable - self.coming

    @property
    def due(self) -> int:
        """What is payable and was not paid."""
        return max(0, -self._beyond)

    @property
    def overpaid(self) -> int:
        """What was paid beyond what is payable."""
        return max(0, self._beyond)

    @property
    def _beyond(self) -> int:
        return self.paid + (self.by_bond or 0) - self.recovered - self.payable

    @property
    def breaks_even(self) -> bool | None:
        """Whether what it is given covers what it lent; None for a party that lent nothing."""
        return self.entitled >= self.lent if self.lent else None


@dataclass(frozen=True)
class TierStanding:
    """A tier: its slice of the amount, ``begins`` to ``ends``; its ``limit`` (None: none); what it gives each party; whether its
    condition is ``met`` (None: it has none), and the ``value`` found."""

    tier: Tier
    begins: int
    ends: int
    limit: int | None
    given: Mapping[str, int]
    met: bool | None
    value: str | None

    @property
    def reached(self) -> bool | None:
        """Whether the amount has come to the tier's limit."""
        return None if self.limit is None else self.ends >= self.limit

    @property
    def remaining(self) -> int | None:
        """What its amount is short of the limit."""
        return None if self.limit is None else max(0, self.limit - self.ends)


@dataclass(frozen=True)
class State:
    """One contract settled by tiers at one AsOf. ``names``: every role that its terms name or named, with its party's name;
    ``notes``: what a reader must know of the determination."""

    contract: str
    when: AsOf
    basis: Basis
    simulated: bool
    terms: TieredTerms
    names: Mapping[str, str]
    signed_on: date
    determination: TierDetermination | None
    amounts: Mapping[str, int]
    tiers: tuple[TierStanding, ...]
    kept: tuple[e.TierKept, ...]
    parties: tuple[PartyBalance, ...]
    agreed_by: Mapping[str, date]
    undetermined: tuple[int, ...]
    notes: tuple[str, ...]


def state(facts: Facts, contract_id: str, as_of: date | None = None) -> State:
    """The contract's state. Raises Usage for one that is not on record, Refused for a date before its signature."""
    contract, when = folded(facts, contract_id), AsOf.latest(facts, as_of)
    assert contract.signed_on is not None
    if when.as_of < contract.signed_on:
        what = f"{contract_id} was signed on {contract.signed_on}; it has no state as of {when.as_of}"
        raise Refused(what, where=contract.signed.clause("starts_on"))
    one, terms = contract.in_force(when.as_of), contract.terms_on(when.as_of)
    if one is not None:
        terms = next(found for _, found in contract.versions if found.sha256 == one.event.terms_sha256)
    amounts = {} if one is None else {found.id: found.amount_ore for found in one.event.amounts}
    return State(
        contract=contract_id,
        when=when,
        basis=facts.basis,
        simulated=facts.opened.simulated,
        terms=terms,
        names={**contract.parties, **terms.parties},
        signed_on=contract.signed_on,
        determination=one,
        amounts=amounts,
        tiers=() if one is None else tuple(standings(terms, amounts, one.event)),
        kept=() if one is None else one.event.kept,
        parties=tuple(_balances(contract, terms, one, when.as_of)),
        agreed_by={} if one is None else {role: on for role, on in one.agreed.items() if on <= when.as_of},
        undetermined=tuple(_undetermined(facts, contract_id, terms, one, when.as_of)),
        notes=tuple(_notes(facts, contract, one, when.as_of)),
    )


def _notes(facts: Facts, contract: TieredState, one: TierDetermination | None, as_of: date) -> Iterator[str]:
    if one is not None and one.claims is None and contract.is_outdated(one):
        yield f"the terms of {one.event.on} were changed since D{one.number}: it cannot be agreed to, and must be determined anew"
    yield from no_longer_counting(facts, contract, as_of)


def standings(terms: TieredTerms, amounts: Mapping[str, int], event: e.TiersDetermined) -> Iterator[TierStanding]:
    """Each tier's slice of what was determined, and what it gives."""
    every = {**{one.id: one.amount for one in terms.amounts}, **amounts}
    conditions = {one.tier: one for one in event.conditions}
    for of in terms.waterfall.divided:
        for tier, begins, ends in spans(terms.waterfall, of, every):
            found = conditions.get(tier.name)
            yield TierStanding(
                tier=tier,
                begins=rounded(begins),
                ends=rounded(ends),
                limit=None if tier.up_to is None else rounded(tier.up_to.exact(every)),
                given={one.party: one.amount_ore for one in event.given if one.tier == tier.name},
                met=None if found is None else found.met,
                value=None if found is None else found.value,
            )


def _balances(contract: TieredState, terms: TieredTerms, one: TierDetermination | None, as_of: date) -> Iterator[PartyBalance]:
    """Every party but the payer that the terms give something, that was claimed for, or that money moved to or from: those of
    the terms in their order, then those that other versions name."""
    payments = [found for found in contract.payments if found.open and found.on <= as_of]
    shares = {part.party for tier in terms.waterfall.tiers for part in tier.shares}
    moved = {role for found in payments for role in (found.payer, found.payee)}
    guaranteed = {tier.name for tier in terms.waterfall.tiers if tier.guaranteed}
    claims = [claim for each in contract.determinations if _agreed_by(each, as_of) for claim in each.claims or ()]
    for party in {**terms.parties, **contract.parties}:
        if party == terms.governance.pays or party not in shares | moved | {claim.party for claim in claims}:
            continue
        given = [] if one is None else [line for line in one.event.given if line.party == party]
        own = [claim for claim in claims if claim.party == party]
        payable = sum(claim.amount_ore for claim in own if claim.payable_on <= as_of)
        bond = terms.bond if terms.bond is not None and terms.bond.holder == party else None
        yield PartyBalance(
            party=party,
            entitled=sum(line.amount_ore for line in given),
            guaranteed=sum(line.amount_ore for line in given if line.tier in guaranteed),
            payable=payable,
            coming=sum(claim.amount_ore for claim in own if claim.payable_on > as_of),
            paid=sum(found.amount for found in payments if (found.kind, found.payee) == ("outcome", party)),
            recovered=sum(found.amount for found in payments if (found.kind, found.payer) == ("recovery", party)),
            lent=sum(found.amount for found in payments if (found.kind, found.payer) == ("investment", party)),
            by_bond=None if bond is None else _by_bond(bond, payments, payable),
        )


def _by_bond(bond: Bond, payments: Iterable[TieredPayment], payable: int) -> int:
    """What was paid as interest and redemption beyond what the bond pays whatever comes, and what its limits take of what is
    payable: money of the one bond, which is not due once more as an outcome."""
    paid = sum(found.amount for found in payments if found.payee == bond.holder and found.kind in ("interest", "redemption"))
    least = redemption(bond, 0).total
    added = redemption(bond, max(0, payable)).total - least
    return max(0, paid - least) + max(0, payable) - added


def _agreed_by(one: TierDetermination, as_of: date) -> bool:
    """Whether all that must agree had by a day."""
    return one.claims is not None and max(one.agreed.values()) <= as_of


def _undetermined(
    facts: Facts, contract_id: str, terms: TieredTerms, one: TierDetermination | None, as_of: date
) -> Iterable[int]:
    """The records about what had ended by then that the determination in force did not count: recorded after it, or about what
    ended after it."""
    basis = 0 if one is None else one.event.basis.position
    through = None if one is None else one.event.on
    for record in facts.stream(tiered_stream(contract_id)):
        if isinstance(record.data, e.MetricsReported):
            ended = [row.until for row in record.data.rows if row.until <= as_of and counts(row, terms)]
            if ended and (record.position > basis or through is None or max(ended) > through):
                yield record.position
    others = [name for found in terms.valuations if isinstance(found, ContractsSavings) for name in found.contracts]
    for name in others:
        for record in facts.stream(contract_stream(name)):
            if isinstance(record.data, e.SavingsDetermined) and record.position > basis and record.effective_on <= as_of:
                yield record.position
