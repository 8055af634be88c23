"""A party's position as users say it: an amount, or a methodology or facts whose consequence is computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, TypeVar

import click

from cli import files
from cli.options import AMOUNT
from ledger.errors import Usage
from ledger.events import Document, OtherFacts, Position
from ledger.facts import Facts
from ledger.methodology import Methodology, read_methodology
from projections.names import record_number

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Said:
    """What the options say. Amounts in öre: ``savings`` of all the determination's months, ``claim`` of what it should claim,
    ``amount`` of a payment."""

    savings: int | None = None
    claim: int | None = None
    amount: int | None = None
    method_file: str | None = None
    facts: str | None = None
    without: tuple[str, ...] = ()

    @property
    def _computed(self) -> bool:
        return self.method_file is not None or self.facts is not None or bool(self.without)

    @property
    def given(self) -> bool:
        """Whether any position is said."""
        return self._computed or not all(one is None for one in (self.savings, self.claim, self.amount))

    def _data(self) -> bytes | None:
        return None if self.method_file is None else files.content(self.method_file)

    def _methodology(self) -> Methodology | None:
        data = self._data()
        return None if data is None else read_methodology(data, self.method_file or "")

    def documents(self, today: date) -> list[Document]:
        """The methodology's file, where there is one."""
        data = self._data()
        return [] if data is None else [files.document(self.method_file or "", data, today)]

    def about(self, facts: Facts, contract_id: str, determination: int | None, computed_by: str) -> Position:
        """The position about a determination, or about a payment where None is given. Raises Usage for one of another kind."""
        if determination is None:
            return self._of_payment()
        return self._of_determination(facts, contract_id, determination, computed_by)

    def _of_payment(self) -> Position:
        if self.amount is None or self.savings is not None or self.claim is not None or self._computed:
            raise Usage("a position about a payment is its right amount: --amount")
        return Position(amount_ore=self.amount)

    def _of_determination(self, facts: Facts, contract_id: str, number: int, computed_by: str) -> Position:
        from projections import positions

        if sum((self.savings is not None, self.claim is not None, self._computed)) != 1 or self.amount is not None:
            raise Usage(
                "say one position: --savings, --claim, or what is to be computed: --methodology, --facts, --without",
                do="--savings is what the months saved, --claim what the provider should get for them",
            )
        folded = facts.contract(contract_id)
        one = folded.determination(number)
        if self.savings is not None:
            return positions.stated(one, self.savings)
        if self.claim is not None:
            return positions.claiming(folded, one, self.claim)
        on = OtherFacts(upto=self._upto(facts, contract_id, number), without=self._without(facts, contract_id))
        return positions.computed(facts, contract_id, number, self._methodology(), on, computed_by)

    def _upto(self, facts: Facts, contract_id: str, number: int) -> int:
        """``then``: the facts that the determination saw; ``now``: all; or those up to a record."""
        from projections.proposals import last_fact

        one = facts.contract(contract_id).determination(number)
        if self.facts in (None, "then"):
            return one.basis
        if self.facts == "now":
            return max(one.basis, last_fact(facts, contract_id, one.period))
        if self.facts is not None and re.fullmatch(r"[0-9]{1,12}", self.facts):
            return int(self.facts)
        raise Usage(f"--facts is then, now or a record number, not {self.facts!r}")

    def _without(self, facts: Facts, contract_id: str) -> tuple[int, ...]:
        return tuple(sorted({record_number(facts, contract_id, one) for one in self.without}))

    def words(self, contract_id: str, number: int | None) -> dict[str, Any]:
        """What of it a submission says; the facts that it computes on are part of it."""
        methodology = self._methodology()
        said: dict[str, Any] = {"savings": self.savings, "claim": self.claim, "amount": self.amount}
        said |= {"methodology": None if methodology is None else methodology.sha256, "without": sorted(self.without) or None}
        words = {key: value for key, value in said.items() if value is not None}
        if number is not None and self._computed:
            words["facts"] = lambda facts: self._upto(facts, contract_id, number)
        return words


def position_options(function: F) -> F:
    """The options that say a position, passed on as ``said``."""
    options = [
        click.option("--methodology", "method_file", metavar="FILE", help="The months by this methodology, computed."),
        click.option("--facts", "facts_upto", metavar="then|now|N", help="On the facts of then, of now, or up to record N."),
        click.option("--without", multiple=True, metavar="ID", help="Leaving out this record of evidence; repeat for each."),
    ]
    return _passing(function, options)


def settlement_options(function: F) -> F:
    """The options that say what is settled, passed on as ``said``."""
    return _passing(function, [])


def _passing(function: F, options: list[Any]) -> F:
    @wraps(function)
    def run(
        *args: Any,
        savings: int | None,
        claim: int | None,
        amount: int | None,
        method_file: str | None = None,
        facts_upto: str | None = None,
        without: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> Any:
        return function(*args, said=Said(savings, claim, amount, method_file, facts_upto, without), **kwargs)

    amounts = [
        click.option("--savings", type=AMOUNT, metavar="AMOUNT", help="What the determination's months saved, in all."),
        click.option("--claim", type=AMOUNT, metavar="AMOUNT", help="What the determination should claim for the provider."),
        click.option("--amount", type=AMOUNT, metavar="AMOUNT", help="Of a payment: its right amount; 0 where none was made."),
    ]
    decorated: Any = run
    for option in reversed([*amounts, *options]):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]
