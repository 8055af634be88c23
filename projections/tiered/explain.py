"""A determination by tiers taken apart: from what each party is given down to tier, valuation, rows and their records, computed
anew on the facts that it rested on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger import events as e
from ledger.events import Basis
from ledger.facts import Facts
from ledger.money import decimals, kronor, shown
from ledger.tiered import TierDetermination
from ledger.tiered_terms import TieredTerms
from ledger.tiers import Condition, Limit, Part
from projections.tiered.state import TierStanding, standings
from projections.tiered.valuation import Trace, Valued, folded, valued


@dataclass(frozen=True)
class Explanation:
    """A determination, what each party is given and what stays as traces; ``differs``: where computing it anew gives another
    figure."""

    contract: str
    determination: TierDetermination
    basis: Basis
    simulated: bool
    terms: TieredTerms
    traces: tuple[Trace, ...]
    conditions: tuple[e.ConditionFound, ...]
    notes: tuple[str, ...]
    differs: tuple[str, ...]


def explain(facts: Facts, contract_id: str, number: int) -> Explanation:
    """The explanation of a determination. Raises Refused where there is no such number."""
    one = folded(facts, contract_id).determination(number)
    seen = facts.at(one.event.basis.position)
    contract = folded(seen, contract_id)
    terms = contract.terms_on(one.event.on)
    anew = valued(seen, contract, terms, one.event.on)
    return Explanation(
        contract=contract_id,
        determination=one,
        basis=facts.basis,
        simulated=facts.opened.simulated,
        terms=terms,
        traces=tuple(_traces(terms, one.event, anew)),
        conditions=one.event.conditions,
        notes=anew.notes,
        differs=tuple(_differs(one.event, anew)),
    )


def _traces(terms: TieredTerms, event: e.TiersDetermined, anew: Valued) -> Iterator[Trace]:
    """What each party is given, and then what no tier gives."""
    every = list(standings(terms, {one.id: one.amount_ore for one in event.amounts}, event))
    for party in dict.fromkeys(one.party for one in event.given):
        own = tuple(_tier(terms, one, party, anew) for one in every if party in one.given)
        total = sum(line.amount_ore for line in event.given if line.party == party)
        yield Trace(f"given to the {_role(party)}", total, how="the sum of its tiers", parts=own)
    for kept in event.kept:
        less = sum(line.amount_ore for line in event.given if line.of == kept.of)
        how = f"{kept.of} less {shown(less)} that its tiers give"
        what = f"{kept.of} kept or borne by the {_role(kept.party)}"
        yield Trace(what, kept.amount_ore, how=how, parts=(anew.traces[kept.of],))


def _tier(terms: TieredTerms, one: TierStanding, party: str, anew: Valued) -> Trace:
    [part] = [part for part in one.tier.shares if part.party == party]
    slice_ = f"{one.tier.of} from {shown(one.begins)} to {shown(one.ends)}"
    how = f"{share(part)} of {slice_}{most(part, terms, anew)}"
    if one.met is not None:
        only_if = one.tier.only_if
        assert only_if is not None
        found = "not reported" if one.value is None else one.value
        how += f"; its condition, {condition(only_if)}, is {'met' if one.met else 'not met'}: {found}"
    parts = [anew.traces[one.tier.of]]
    parts += [anew.traces[of] for of in _limits(one) if of in anew.traces and of != one.tier.of]
    return Trace(f"{one.tier.name}: {one.tier.what}", one.given[party], how=how, parts=tuple(parts))


def _limits(one: TierStanding) -> Iterator[str]:
    limits = [one.tier.up_to, *(part.most for part in one.tier.shares)]
    yield from dict.fromkeys(limit.of for limit in limits if limit is not None and limit.of is not None)


def share(part: Part) -> str:
    """A share in per cent."""
    exact = part.share * 100
    places = next(places for places in range(13) if (exact * 10**places).denominator == 1)
    return f"{decimals(exact, places)} %"


def most(part: Part, terms: TieredTerms, anew: Valued) -> str:
    """At most how much a part is, with the amount that it comes to; nothing where it has no limit."""
    return "" if part.most is None else f", at most {limit(part.most)} = {shown(int(part.most.exact(anew.every_amount)))}"


def limit(one: Limit) -> str:
    """A limit in words."""
    if one.of is None or one.times is None:
        return kronor(one.amount or 0)
    times = one.times * 100
    return one.of if times == 100 else f"{decimals(times, 0 if times.denominator == 1 else 2)} % of {one.of}"


def condition(one: Condition) -> str:
    """A condition in words."""
    bound = f"at least {one.at_least}" if one.at_least is not None else f"at most {one.at_most}"
    return f"{one.metric} ({one.group}, {one.part}) {bound}"


def _differs(event: e.TiersDetermined, anew: Valued) -> Iterator[str]:
    for one in event.amounts:
        if anew.amounts.get(one.id) != one.amount_ore:
            yield f"{one.id}: recorded {shown(one.amount_ore)}, computed anew {shown(anew.amounts.get(one.id, 0))}"
    if event.conditions != anew.conditions:
        yield "the conditions are found otherwise"
    recorded = {(one.tier, one.party): one.amount_ore for one in event.given}
    computed = {(one.tier, one.party): one.amount for one in anew.division.given}
    for tier, party in dict.fromkeys((*recorded, *computed)):
        was, now = (one.get((tier, party)) for one in (recorded, computed))
        if was != now:
            said = " and ".join(f"{how} {_given(found)}" for how, found in (("recorded", was), ("computed anew", now)))
            yield f"{tier} gives the {_role(party)} otherwise: {said}"


def _given(amount: int | None) -> str:
    return "nothing" if amount is None else shown(amount)


def _role(party: str) -> str:
    return party.replace("_", " ")
