"""Answers about a bond in words and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from cli.bond.ground import Ground
from cli.sections import Section, Table, as_text, wrapped
from ledger.bonds import Bond, Flow, LoanPart
from ledger.money import decimals, shown
from ledger.tiered_terms import TieredTerms
from projections.bond import BondState, Scenario, bond_of
from projections.bond_redemption import Redemption

LIMITS = {None: "", "least": "at the least", "most": "at the most"}


def schedule(ground: Ground, flows: Iterable[Flow]) -> str:
    """The schedule as a table."""
    bond = bond_of(ground.terms)
    rows = [[str(one.on), one.part, one.kind, _amount(one.amount), one.formula] for one in flows]
    table = Table(_lent(ground.terms), ["date", "part", "what", "amount", "how"], rows, [3])
    says = [_limits(bond), "No date moves for a weekend or a holiday; each payment is rounded once, half away from zero."]
    return _told(ground.head(), [Section("schedule", "What is paid when", tables=[table], says=says)])


def state(ground: Ground, one: BondState) -> str:
    """Holder, parts, outcome, issuer, scenarios."""
    sections = [_holder(one), _outcome(one), _issuer(one)]
    if one.scenarios:
        sections.append(_scenarios(one.bond, one.scenarios))
    return _told(ground.head(), sections)


def scenarios(ground: Ground, found: Sequence[Scenario]) -> str:
    """What the bond pays at other savings: the whole, then part by part."""
    bond = bond_of(ground.terms)
    headers = ["savings, %"]
    rows = [[_per_cent(one.times)] for one in found]
    for number, part in enumerate(bond.parts):
        paid = [one.redemption.parts[number] for one in found]
        if isinstance(part, LoanPart):
            headers.append(f"{part.id}, interest")
            rows = [[*row, shown(one.interest)] for row, one in zip(rows, paid, strict=True)]
        headers.append(f"{part.id}, at maturity")
        rows = [[*row, shown(one.at_maturity)] for row, one in zip(rows, paid, strict=True)]
    parts = Table("Part by part", headers, rows, range(1, len(headers)))
    return _told(ground.head(simulated=True), [_scenarios(bond, found), Section("parts", "Each part", tables=[parts])])


def _told(head: str, sections: Iterable[Section]) -> str:
    return f"{head}\n\n{as_text(sections)}"


def _holder(one: BondState) -> Section:
    bond = one.bond
    facts = [
        ("lent", f"{shown(one.lent)} of {shown(bond.principal)}"),
        ("interest due", f"{shown(one.interest_due)}, paid {shown(one.paid_interest)}"),
        ("redeemed", shown(one.redeemed)),
        ("due and open", shown(one.open)),
        ("balance", shown(one.balance)),
        ("return so far", "not issued yet" if one.return_so_far is None else _signed(one.return_so_far)),
    ]
    rows = [[each.part.id, *map(shown, (each.part.principal, each.due, each.accrued, each.balance))] for each in one.parts]
    rows.append(["total", *(shown(sum(column)) for column in zip(*_figures(one), strict=True))])
    headers = ["part", "principal", "fell due", "accrued", "not yet due"]
    table = Table("By part; accrued: since interest last fell due, or growth", headers, rows, range(1, 5), total=True)
    says = ["Return so far: of the principal over the time gone by, if no outcome came any more; limits count at maturity alone."]
    if one.not_lent:
        says.append(f"The figures count the principal as lent; by then {shown(one.not_lent)} of it is not on record as paid.")
    return Section("holder", f"What {one.terms.parties[bond.holder]} has ({_role(bond.holder)})", facts, [table], says)


def _figures(one: BondState) -> list[tuple[int, int, int, int]]:
    return [(each.part.principal, each.due, each.accrued, each.balance) for each in one.parts]


def _outcome(one: BondState) -> Section:
    last, bond = one.determination, one.bond
    said = "nothing is determined by then"
    if last is not None:
        waits = ", ".join(map(_role, one.terms.governance.agrees))
        agreed = "agreed" if last.claims is not None else f"not yet agreed by the {waits}"
        said = f"{shown(one.determined.outcome)}, determined as of {last.event.on} (D{last.number}, {agreed})"
    rows = [["least", *_whole(one.least)], ["as determined by then", *_whole(one.determined)]]
    headers = ["over the whole term", "interest", "at maturity", "total", "return", "limit"]
    table = Table(f"What the bond pays, from {bond.issued_on} to {bond.matures_on}", headers, rows, range(1, 5))
    return Section("outcome", "Outcomes", [("given by outcomes", said)], [table], [_limits(bond)])


def _whole(one: Redemption) -> list[str]:
    return [*map(shown, (one.interest, one.at_maturity, one.total)), _signed(one.total_return), LIMITS[one.limit]]


def _issuer(one: BondState) -> Section:
    further = "no limit is agreed" if one.may_be_owed is None else f"at most {shown(one.may_be_owed)}"
    facts = [
        ("owed whatever comes", shown(one.owed_at_least)),
        ("owed by outcomes determined", shown(one.owed_by_outcome)),
        ("outcomes may add", further),
    ]
    issuer = one.bond.issuer
    return Section("issuer", f"What {one.terms.parties[issuer]} owes ({_role(issuer)})", facts)


def _scenarios(bond: Bond, found: Sequence[Scenario]) -> Section:
    kept = found[0].kept.party
    rows = [
        [
            _per_cent(one.times),
            *map(shown, (one.savings, one.redemption.outcome, one.redemption.adjustment, one.redemption.total)),
            _signed(one.redemption.total_return),
            LIMITS[one.redemption.limit],
            shown(one.kept.amount),
        ]
        for one in found
    ]
    headers = ["savings, %", "savings", "given", "limits add", "paid in all", "return", "limit", f"kept by {_role(kept)}"]
    caption = f"Savings in per cent of what was lent against outcomes, {shown(bond.outcome_part.principal)}"
    says = ["Conditions of the waterfall count as met. Return: of the principal over the whole term, not a rate a year."]
    return Section("scenarios", "At other savings (simulation)", tables=[Table(caption, headers, rows, range(1, 6))], says=says)


def _lent(terms: TieredTerms) -> str:
    bond = bond_of(terms)
    parts = " and ".join(f"{one.id} {shown(one.principal)}" for one in bond.parts)
    holder, issuer = (f"{terms.parties[role]} ({_role(role)})" for role in (bond.holder, bond.issuer))
    said = f"{shown(bond.principal)} ({parts}), lent by {holder} to {issuer} on {bond.issued_on}"
    return "\n".join(wrapped(said))


def _limits(bond: Bond) -> str:
    limits = (("least", bond.limit("least"), bond.least_return), ("most", bond.limit("most"), bond.most_return))
    said = [
        f"at {which} {shown(amount)} ({_signed(share)})"
        for which, amount, share in limits
        if amount is not None and share is not None
    ]
    return f"In all, interest counted, the bond pays {' and '.join(said)}." if said else "No limit of the total return is agreed."


def _amount(amount: int | None) -> str:
    return "by outcomes" if amount is None else shown(amount)


def _signed(share: Fraction) -> str:
    text = decimals(share * 100, 2)
    return f"{'+' if share > 0 else ''}{text.replace('-', '−')} %"


def _per_cent(times: Fraction) -> str:
    text = decimals(times * 100, 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _role(name: str) -> str:
    return name.replace("_", " ")
