"""The state of a contract settled by tiers for a controller."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cli.sections import Section, Table, wrapped
from cli.sections import as_text as sections
from cli.tiered.receipt import money_line, parameters, sources
from cli.words import role, roles
from ledger.money import shown
from projections.tiered.state import PartyBalance, State, TierStanding


def as_text(one: State, basis: str) -> str:
    """What it is worth, who gets what, and what each party is due, below the head."""
    head = [f"{one.terms.name} — {one.contract}", f"As of {one.when.as_of} · {basis}", money_line(one.terms)]
    notes = [line for said in _notes(one) for line in wrapped(said)]
    return "\n".join([*head, "", sections(_sections(one)), "", *notes])


def _sections(one: State) -> Iterator[Section]:
    if one.determination is None:
        yield Section("worth", "What it is worth", says=["Nothing is determined."])
    else:
        yield Section("worth", "What it is worth", facts=[_determined(one)], tables=[_amounts(one)])
        yield Section("tiers", "Who gets what", tables=[_tiers(one.tiers), _kept(one)])
    if one.parties:
        yield Section("parties", "Entitled, payable, paid", tables=[_parties(one.parties)], says=list(map(_even, _lenders(one))))


def _determined(one: State) -> tuple[str, str]:
    assert one.determination is not None
    event = one.determination.event
    return "Determined", f"D{event.number}, as of {event.on}, from the beginning"


def _amounts(one: State) -> Table:
    return Table(
        "By amount:", ["amount", one.terms.currency], [[key, shown(amount)] for key, amount in one.amounts.items()], (1,)
    )


def _tiers(tiers: Sequence[TierStanding]) -> Table:
    rows = [
        [
            tier.tier.name,
            f"{tier.tier.of}, {shown(tier.begins)} to {shown(tier.ends)}",
            "; ".join(f"{role(party)} {shown(amount)}" for party, amount in tier.given.items()) or "nothing",
            _limit(tier),
            _condition(tier),
        ]
        for tier in tiers
    ]
    return Table("Tier by tier:", ["tier", "slice", "gives", "limit", "condition"], rows, ())


def _limit(one: TierStanding) -> str:
    if one.limit is None:
        return ""
    return f"{shown(one.limit)}: reached" if one.reached else f"{shown(one.limit)}: {shown(one.remaining or 0)} below the limit"


def _condition(one: TierStanding) -> str:
    if one.tier.guaranteed:
        return "guaranteed"
    if one.met is None:
        return ""
    return "not met: not reported" if one.value is None else f"{'met' if one.met else 'not met'}: {one.value}"


def _kept(one: State) -> Table:
    rows = [[kept.of, role(kept.party), shown(kept.amount_ore)] for kept in one.kept]
    return Table("What no tier gives, or what lies below zero, is kept or borne:", ["of", "by", one.terms.currency], rows, (2,))


def _parties(parties: Sequence[PartyBalance]) -> Table:
    figures = {
        "entitled": "Entitled",
        "guaranteed": "of which guaranteed",
        "unagreed": "not agreed to yet",
        "coming": "agreed, payable later",
        "payable": "Payable",
        "paid": "Paid",
        "recovered": "Paid back",
        "by_bond": "Met by the bond's redemption or limits",
        "due": "Due",
        "overpaid": "Overpaid",
        "lent": "Lent by it",
    }
    if all(party.by_bond is None for party in parties):
        del figures["by_bond"]
    rows = [[name, *(shown(getattr(party, key) or 0) for party in parties)] for key, name in figures.items()]
    return Table("By party:", ["", *(role(party.party) for party in parties)], rows, range(1, len(parties) + 1))


def _lenders(one: State) -> list[PartyBalance]:
    return [party for party in one.parties if party.lent]


def _even(one: PartyBalance) -> str:
    short = shown(one.lent - one.entitled)
    said = "covers what it lent" if one.breaks_even else f"is {short} short of what it lent"
    return f"What the {role(one.party)} is entitled to {said}."


def _notes(one: State) -> Iterator[str]:
    """What a reader must know beside the figures."""
    if one.determination is not None:
        missing = [party for party in one.terms.governance.agrees if party not in one.agreed_by]
        agreed = ", ".join(f"{role(party)} on {on}" for party, on in one.agreed_by.items()) or "nobody yet"
        yield f"D{one.determination.number} agreed to by {agreed}" + (f"; still to agree: {roles(missing)}." if missing else ".")
    if one.undetermined:
        yield f"Reported and not determined: {', '.join(f'record {position}' for position in one.undetermined)}."
    yield from (f"Note: {note}." for note in one.notes)
    yield from parameters(one.terms)
    yield from sources(one.terms)
