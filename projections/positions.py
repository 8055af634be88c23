"""What a party's position comes to, in savings by month: stated as an amount, or computed under another methodology or on other
facts than the determination that it disputes (rule 18). Pure; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ledger import waterfall
from ledger.contract import ContractState, Determination
from ledger.errors import Refused, Usage
from ledger.events import MonthAmount, OtherFacts, Position
from ledger.facts import Facts, Source
from ledger.methodology import Methodology
from ledger.money import rounded, shown
from ledger.periods import Month
from ledger.record import Recorded
from projections.about import streams
from projections.replays.replay import Lines, Replayer


@dataclass(frozen=True)
class _Without:
    """A source of records that does not hold some of them."""

    source: Source
    hidden: frozenset[int]

    def stream(self, name: str) -> Sequence[Recorded[Any]]:
        """The stream's records in order, without the hidden ones."""
        return [record for record in self.source.stream(name) if record.position not in self.hidden]

    def stored_lines(self, stream: str) -> Mapping[int, bytes]:
        """What stands beside the stream's records, by position."""
        return self.source.stored_lines(stream)

    def contracts(self) -> Sequence[str]:
        """The ids of all contracts."""
        return self.source.contracts()

    def named(self, kind: str) -> Sequence[str]:
        """The names of the streams of a kind, without it."""
        return self.source.named(kind)

    def root(self, position: int) -> bytes:
        """The root of the tree over the records up to that position, hidden ones included: it is the same record."""
        return self.source.root(position)

    def recorded_at(self, position: int) -> Any:
        """When the record at that position was recorded."""
        return self.source.recorded_at(position)

    @property
    def measured(self) -> Any:
        """How the source states days whose lines are not at hand; None where it has the lines."""
        return getattr(self.source, "measured", None)


@dataclass(frozen=True)
class Measuring:
    """A determination's months measured as a position says: on whose facts, by which methodology each, with which result."""

    replayer: Replayer
    methods: Mapping[Month, Methodology]
    lines: Lines


def measured(facts: Facts, contract_id: str, number: int, methodology: Methodology | None, on: OtherFacts) -> Measuring:
    """The determination's months by a methodology (None: its own) on other facts: on those that it saw as it took them, on later
    ones as a redo would. Raises Refused, naming everything that is missing, where they cannot be measured so."""
    one = facts.contract(contract_id).determination(number)
    hidden = replace(facts, source=_Without(facts.source, frozenset(on.without))) if on.without else facts
    then = on.upto == one.basis
    replayer = Replayer(hidden if then else hidden.at(on.upto), contract_id, then=then)
    months = list(one.period)
    folded = facts.contract(contract_id)
    own = {line.month: folded.every_methodology[line.methodology_sha256] for line in one.months}
    methods = {month: methodology or own[month] for month in months}
    lacking = {
        said for method in {m.sha256: m for m in methods.values()}.values() for said in _lacking(replayer, method, methods)
    }
    if lacking:
        raise Refused("the position cannot be computed:\n    " + "\n    ".join(sorted(lacking)))
    return Measuring(replayer, methods, replayer.lines(methods))


def _lacking(replayer: Replayer, method: Methodology, methods: Mapping[Month, Methodology]) -> list[str]:
    found = replayer.lacking(method, [month for month in methods if methods[month] == method])
    return [said for several in found.values() for said in several]


def computed(
    facts: Facts, contract_id: str, number: int, methodology: Methodology | None, on: OtherFacts, computed_by: str
) -> Position:
    """The position that says what ``measured`` gives. Raises Usage for facts that are not on record or no evidence."""
    _check_facts(facts, contract_id, on)
    found = measured(facts, contract_id, number, methodology, on).lines
    savings = tuple(MonthAmount(month=month, amount_ore=line.savings_ore) for month, line in sorted(found.items()))
    sha256 = None if methodology is None else methodology.sha256
    return Position(savings=savings, methodology=methodology, sha256=sha256, facts=on, computed_by=computed_by)


def _check_facts(facts: Facts, contract_id: str, on: OtherFacts) -> None:
    if not 1 <= on.upto <= facts.position:
        raise Usage(f"record {on.upto} is outside the record, which runs from 1 to {facts.position}")
    names = streams(contract_id, facts.contract(contract_id))
    evidence = {record.position for name in names for record in facts.stream(name)}
    if strange := [position for position in on.without if position not in evidence]:
        raise Usage(
            f"record {strange[0]} is no report, headcount, reimbursement or index value that {contract_id} is measured by",
            do=f"list its records with: soc register {contract_id}",
        )


def stated(one: Determination, total: int) -> Position:
    """A position that says the savings in öre of all the determination's months: what it differs by is spread evenly over them,
    odd öre on the first ones."""
    differs, months = total - sum(line.savings_ore for line in one.months), len(one.months)
    each, odd = divmod(differs, months)
    amounts = (line.savings_ore + each + (place < odd) for place, line in enumerate(one.months))
    pairs = zip(one.months, amounts, strict=True)
    return Position(savings=tuple(MonthAmount(month=line.month, amount_ore=amount) for line, amount in pairs))


def claiming(folded: ContractState, one: Determination, claim: int) -> Position:
    """A position that says what the determination should claim, in öre: the savings that give it: claim ÷ share,
    or where that does not, the least sum that does; all other months as they stand. Raises Refused where none do."""
    savings = {month: amount for month, amount in folded.savings.items() if month <= one.period.last}
    savings |= {line.month: line.savings_ore for line in one.months}
    terms, total = folded.terms_of(one.period.last), sum(savings.values())
    wanted = waterfall.entitlement(terms, total) - one.claim_ore + claim
    now, low, high = waterfall.entitlement(terms, total), 0, max(total, 0) + terms.ceiling_savings
    if wanted == now:
        return stated(one, sum(line.savings_ore for line in one.months))
    if not 0 <= wanted <= waterfall.entitlement(terms, high):
        most = waterfall.entitlement(terms, high) - waterfall.entitlement(terms, total) + one.claim_ore
        raise Refused(
            f"no savings give a claim of {shown(claim)}; D{one.number} could claim at most {shown(most)}",
            where=terms.clause("outcome.maximum_payment"),
        )
    straight = rounded(Fraction(wanted) / terms.outcome.provider_share)
    while low < high and waterfall.entitlement(terms, straight) != wanted:
        middle = (low + high) // 2
        low, high = (low, middle) if waterfall.entitlement(terms, middle) >= wanted else (middle + 1, high)
    found = straight if waterfall.entitlement(terms, straight) == wanted else low
    return stated(one, sum(line.savings_ore for line in one.months) - (total - found))
