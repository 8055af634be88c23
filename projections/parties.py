"""What each party is given, pays, lends, borrows and keeps, by its name and role, over every contract. Amounts in öre.

A party is known by its name in the terms in force on the day; a department, named after a comma, is of its party. What stands in
two roles is two lines: what one department lends, another borrows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.contract import fold
from ledger.errors import Usage
from ledger.facts import Facts
from ledger.terms import PAYER, PROVIDER
from projections.as_of import AsOf
from projections.bond import BondState, bond_if_any
from projections.book import Book, Folded
from projections.state import State, state
from projections.tiered import state as tiered_state
from projections.tiered.valuation import folded as folded_tiered

INVESTOR, BORROWER = "investor", "internal_provider"
"""Between whom the internal loan is (rule 14)."""

Side = Literal["receives", "pays", "lends", "borrows"]
"""On which side of the money a role is."""

FIGURES = (
    *("entitled", "payable", "paid", "held", "due", "overpaid", "upfront"),
    *("savings_kept", "loan_drawn", "loan_repaid", "loan_outstanding"),
    *("bond_lent", "bond_owed", "bond_owed_by_outcomes"),
)
"""What is said of a party: of outcome payments; the upfront payment; its share of the savings; the loan; of a bond what is lent,
what is owed whatever comes, and what outcomes determined by then add."""


@dataclass(frozen=True)
class Line:
    """A party in one role of one contract. ``figures``: those that its role has. ``side`` None: no money is on record of it."""

    name: str
    role: str
    contract: str
    currency: str
    side: Side | None
    figures: Mapping[str, int]


@dataclass(frozen=True)
class Together:
    """A party in one role, over contracts of one currency."""

    lines: tuple[Line, ...]

    @property
    def first(self) -> Line:
        """Any of them: name, role, side and currency are the same."""
        return self.lines[0]

    @property
    def contracts(self) -> tuple[str, ...]:
        """Of which contracts."""
        return tuple(line.contract for line in self.lines)

    @property
    def figures(self) -> dict[str, int]:
        """Sums over the contracts."""
        return {
            key: sum(line.figures.get(key, 0) for line in self.lines)
            for key in FIGURES
            if any(key in line.figures for line in self.lines)
        }


def of_state(one: State) -> Iterator[Line]:
    """Every party of a contract measured by sick leave, in the terms' order."""
    for role, name in one.terms.parties.items():
        side, figures = _of_role(one, role)
        yield Line(name, role, one.contract, one.terms.currency, side, figures)


def _of_role(one: State, role: str) -> tuple[Side | None, Mapping[str, int]]:
    provider, loan = one.provider, one.loan
    outcome = {key: getattr(provider, key) for key in ("entitled", "payable", "held", "due", "overpaid")}
    outcome |= {"paid": provider.paid - provider.recovered, "upfront": one.upfront_paid}
    lent = {"loan_drawn": loan.drawn, "loan_repaid": loan.repaid, "loan_outstanding": loan.outstanding}
    kept = {"savings_kept": one.to_authority} if role == PAYER else {}
    if role == PROVIDER:
        return "receives", outcome
    if role == one.terms.governance.pays:
        return "pays", outcome | kept
    if role in (INVESTOR, BORROWER):
        return ("lends" if role == INVESTOR else "borrows"), lent
    return None, kept


def of_tiered(one: tiered_state.State, bond: BondState | None = None) -> Iterator[Line]:
    """Every party of a contract settled by tiers, those that earlier terms named too where money is on record of them; of a bond
    what its holder has lent and is owed, which its issuer owes."""
    balances = {found.party: found for found in one.parties}
    keys = ("entitled", "payable", "due", "overpaid")
    for role, name in one.names.items():
        if role not in one.terms.parties and role not in balances:
            continue
        side: Side | None = None
        figures: dict[str, int] = {}
        if role in balances:
            found = balances[role]
            side = "receives"
            figures = {key: getattr(found, key) for key in keys} | {"paid": found.paid - found.recovered}
            figures |= {"loan_drawn": found.lent} if found.lent else {}
        elif role == one.terms.governance.pays:
            side = "pays"
            figures = {key: sum(getattr(found, key) for found in one.parties) for key in keys}
            figures["paid"] = sum(found.paid - found.recovered for found in one.parties)
        if bond is not None and role in (bond.bond.holder, bond.bond.issuer):
            side = side or ("lends" if role == bond.bond.holder else "borrows")
            figures |= {"bond_lent": bond.lent, "bond_owed": bond.owed_at_least, "bond_owed_by_outcomes": bond.owed_by_outcome}
        yield Line(name, role, one.contract, one.terms.currency, side, figures)


def together(lines: Iterable[Line]) -> list[Together]:
    """The lines of one name, role, side and currency as one, in order of name and role."""
    of: dict[tuple[str, str, str, str], list[Line]] = {}
    for line in lines:
        of.setdefault((line.name, line.role, line.side or "", line.currency), []).append(line)
    return [Together(tuple(of[key])) for key in sorted(of)]


def every(facts: Facts, as_of: date | None = None, book: Book | None = None) -> list[Line]:
    """Every party of every contract signed by the day."""
    book = book or Folded(facts)
    when = AsOf.latest(facts, as_of)
    signed = [one for one in book.contracts() if (fold(book.shaping(one)).signed_on or date.max) <= when.as_of]
    found = [line for one in signed for line in of_state(state(facts, one, when.as_of, book))]
    tiered = [one for one in facts.named("tiered") if (folded_tiered(facts, one).signed_on or date.max) <= when.as_of]
    for one in tiered:
        bond = bond_if_any(facts, one, when.as_of)
        found += of_tiered(tiered_state.state(facts, one, when.as_of), bond)
    return found


def of_party(lines: Sequence[Line], name: str) -> list[Line]:
    """The lines of a party and of its departments, whatever the case. Raises Usage for one that no contract names."""
    wanted = name.strip().casefold()
    found = [line for line in lines if (said := line.name.casefold()) == wanted or said.startswith(f"{wanted},")]
    if not found:
        known = ", ".join(dict.fromkeys(f'"{line.name}"' for line in lines)) or "none"
        raise Usage(f"no party of a contract is called {name!r}; parties: {known}", do="see them with: soc party")
    return found
