"""The figures of a contract's state taken apart: savings and their parts, forecast, loan, what is unsettled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial

from ledger.events import MonthAgreed
from ledger.periods import Month
from projections.explanation import terms as agreed
from projections.explanation.balance import Balance
from projections.explanation.ground import Ground
from projections.explanation.month import savings
from projections.explanation.sharing import entitlement
from projections.explanation.targets import Target
from projections.explanation.tree import Node, added, computed, exact, number
from projections.state import State
from projections.unsettled import late_facts


@dataclass(frozen=True)
class Figures:
    """The figures of one state, to be taken apart on the ground that it stands on."""

    ground: Ground
    state: State

    @property
    def as_of(self) -> date:
        """The date in the world that the state is of."""
        return self.state.when.as_of

    @property
    def label(self) -> str:
        """What kind of record the figures stand on (decision 11)."""
        return "recorded (simulated ledger)" if self.state.simulated else "recorded"

    @cached_property
    def balance(self) -> Balance:
        """What is payable, paid and due."""
        return Balance(self.ground, self.ground.folded, self.state.provider, self.as_of, self.ground.facts.position)

    # Savings

    def months(self, through: Month | None = None) -> list[Node]:
        """The savings of each determined month that ended by then, taken apart."""
        return [
            savings(self.ground, one, line)
            for one in self.ground.folded.in_force
            for line in one.months
            if line.month.last_day <= self.as_of and (through is None or line.month <= through)
        ]

    def sum(self, through: Month | None = None) -> Node:
        """The sum of savings: all of it, or at an earlier month's end."""
        key = "savings.determined" if through is None else f"savings.through.{through}"
        value = self.state.savings if through is None else None
        return self.ground.once(key, lambda: added(key, f"Savings determined{_through(through)}", self.months(through), value))

    def entitled(self, key: str, through: Month | None = None) -> Node:
        """The provider's entitlement: now, or at an earlier month's end."""
        steps = [step for step in self.ground.folded.path if step.month.last_day <= self.as_of]
        steps = [step for step in steps if through is None or step.month <= through]
        what = f"The provider's entitlement{_through(through)}"
        if not steps:
            return Node(key, what, 0, "SEK", given=0, how="no month is determined")
        value = self.state.provider.entitled if through is None else steps[-1].entitlement
        return entitlement(key, what, self.ground.folded.terms_of(steps[-1].month), self.sum(through), value)

    def authority(self, key: str, through: Month | None = None) -> Node:
        """The authority's part of the savings."""
        parts = (self.sum(through), self.entitled(f"{key}.entitled", through))
        given = number(parts[0]) - number(parts[1])
        value, how = self.state.to_authority if through is None else given, "savings − the provider's entitlement"
        return computed(key, f"The authority's part{_through(through)}", value, given, parts, unit="SEK", how=how)

    def own(self, whose: str, key: str, through: Month | None = None) -> Node:
        """What counts towards a break-even or the cap."""
        if whose == "contract":
            return self.sum(through)
        return self.authority(key, through) if whose == "authority" else self.entitled(key, through)

    def target(self, whose: str) -> Target:
        """A break-even or the cap."""
        reaching = {
            "contract": self.state.break_even_contract,
            "authority": self.state.break_even_authority,
            "provider": self.state.break_even_provider,
            "cap": self.state.cap,
        }[whose]
        return Target(self.ground, whose, reaching, self.state.terms, self.as_of, partial(self.own, whose))

    def avoided(self, key: str) -> Node:
        """Net days avoided in the months that are measured."""
        parts = [part for month in self.months() for part in month.parts if part.key.endswith(".avoided")]
        return added(key, "Net days avoided in the months that are measured", parts, self.state.net_days_avoided, unit="net days")

    def ratio(self, key: str) -> Node:
        """Savings ÷ investment."""
        parts = (self.sum(), agreed.total(self.state.terms, "investment.total"))
        given = exact(parts[0]) / exact(parts[1])
        return computed(key, "Savings ÷ investment", self.state.ratio, given, parts, unit="share", how="savings ÷ investment")

    def forecast(self, key: str) -> Node:
        """The savings pro rata over the contract's months ÷ investment."""
        if self.state.forecast.ratio is None:
            return Node(key, "Pro rata: savings ÷ investment at the contract's end", None, how="no month is determined")
        counted = self.counted("forecast.months")
        parts = (self.sum(), Node("terms.months", "Months of the contract", self.state.terms.months, "count"), counted)
        total = agreed.total(self.state.terms, "investment.total")
        given = exact(parts[0]) * exact(parts[1]) / exact(counted) / exact(total)
        how = "savings × months of the contract ÷ months counted ÷ investment"
        what = "Pro rata: savings ÷ investment at the contract's end"
        return computed(key, what, self.state.forecast.ratio, given, (*parts, total), unit="share", how=how)

    def counted(self, key: str) -> Node:
        """How many months the forecast rests on."""
        lines = [line for one in self.ground.folded.in_force for line in one.months if line.month.last_day <= self.as_of]
        excluded = [line for line in lines if isinstance(line, MonthAgreed) and line.kind == "exclude-months@1"]
        parts = (
            Node(f"{key}.determined", "Months determined", len(lines), "count"),
            Node(f"{key}.excluded", "Of them left out by agreement", len(excluded), "count"),
        )
        given, how = number(parts[0]) - number(parts[1]), "months determined − months left out"
        return computed(key, "Months that the forecast counts", self.state.forecast.months, given, parts, unit="count", how=how)

    # What is paid and lent

    def outstanding(self, key: str) -> Node:
        """The loan outstanding."""
        loan = self.state.loan
        parts = (self.balance.posted("loan.drawn", loan.drawn), self.balance.posted("loan.repaid", loan.repaid))
        given = number(parts[0]) - number(parts[1])
        return computed(key, "Loan outstanding", loan.outstanding, given, parts, unit="SEK", how="drawn − repaid")

    def available(self, key: str) -> Node:
        """Avoided cost that has not been used to repay."""
        loan = self.state.loan
        parts = (self.authority("savings.to_authority"), self.balance.posted("loan.repaid", loan.repaid))
        given = max(0, number(parts[0]) - number(parts[1]))
        how = "the authority's part of the savings − repaid, never below zero"
        return computed(key, "Available for repayment", loan.available_for_repayment, given, parts, unit="SEK", how=how)

    def unsettled(self, key: str) -> Node:
        """Facts about determined months that their determination did not see."""
        late = late_facts(self.ground.facts, self.ground.folded, self.ground.contract, self.as_of)
        about: dict[int, list[int]] = {}
        for determination, records in late.items():
            for record in records:
                about.setdefault(record.position, []).append(determination)
        parts = [
            Node(
                f"{key}.{position}",
                f"Record {position}, recorded after {', '.join(f'D{one}' for one in numbers)}",
                1,
                "count",
                rests_on=(self.ground.rests(position, "recorded late"),),
            )
            for position, numbers in sorted(about.items())
        ]
        what = "Records about determined months that no figure counts until they are determined again"
        return added(key, what, parts, self.state.unsettled_facts, unit="count")


def _through(through: Month | None) -> str:
    return "" if through is None else f" at the end of {through}"
