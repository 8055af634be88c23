"""What a payment settles, as far as the record says so: the claims in the books whose sum is exactly what was paid.

No payment names its claims. Where the amount is that of one claim, or of all that is open, nothing else can be meant, and the
voucher says it; otherwise it says nothing, and what was paid stays open beside the claims.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger import events as e
from ledger.money import kronor
from ledger.record import Recorded


@dataclass(frozen=True)
class Item:
    """A claim that is not settled (``N4``, or ``X1`` of a resolution), or a payment that settled nothing whole (``P7``).

    ``amount`` in öre: above zero what the provider is owed.
    """

    name: str
    amount: int
    payable_on: date


@dataclass
class Open:
    """What is open between payer and provider, record by record; ``settled``: payment → what it settled."""

    items: dict[str, Item] = field(default_factory=dict)
    settled: dict[int, tuple[Item, ...]] = field(default_factory=dict)

    def learn(self, record: Recorded[Any]) -> None:
        """Take in the next record of the contract."""
        event = record.data
        if isinstance(event, e.SavingsNotified):
            self._move(f"N{event.determination}", event.claim.amount_ore, event.claim.payable_on)
        elif isinstance(event, e.DeterminationAccepted) and event.was is not None and event.becomes is not None:
            difference = event.becomes.amount_ore - event.was.amount_ore
            self._move(f"N{event.determination}", difference, event.becomes.payable_on)
        elif isinstance(event, e.DisputeResolved) and event.claim is not None:
            self._move(f"X{event.dispute}", event.claim.amount_ore, event.claim.payable_on)
        elif isinstance(event, e.PaymentMade) and event.kind != "upfront":
            self._pay(event)
        elif isinstance(event, e.EntryCorrected):
            self._correct(event)

    def _move(self, name: str, amount: int, on: date) -> None:
        before = self.items.pop(name, None)
        left = amount + (before.amount if before is not None else 0)
        if left:
            self.items[name] = Item(name, left, on)

    def _pay(self, event: e.PaymentMade) -> None:
        amount = event.amount_ore if event.kind == "outcome" else -event.amount_ore
        found = next((some for some in self._together(event.on) if some and sum(one.amount for one in some) == amount), ())
        self.settled[event.number] = found
        for one in found:
            del self.items[one.name]
        if not found:
            self._move(f"P{event.number}", -amount, event.on)

    def _together(self, on: date) -> Iterator[tuple[Item, ...]]:
        """What may be settled together on a day: all that is payable less all that lowers it (rule 15); all that is payable; all;
        or one claim alone, where no other has its amount."""
        every = tuple(self.items.values())
        yield tuple(one for one in every if one.payable_on <= on or one.amount < 0)
        yield tuple(one for one in every if one.payable_on <= on)
        yield every
        amounts = [one.amount for one in every]
        yield from ((one,) for one in every if amounts.count(one.amount) == 1)

    def _correct(self, event: e.EntryCorrected) -> None:
        difference = (event.becomes.amount_ore if event.becomes is not None else 0) - event.was.amount_ore
        on = (event.becomes or event.was).on
        if event.entry in ("notice", "acceptance"):
            self._move(f"N{event.number}", difference, on)
        elif event.entry == "outcome":
            self._move(f"P{event.number}", -difference, on)
        elif event.entry == "recovery":
            self._move(f"P{event.number}", difference, on)


def settled_text(items: tuple[Item, ...]) -> str:
    """``settles N1``, or ``settles N3 331296.39, N4 29630.44 set off``; empty where nothing can be said."""
    if not items:
        return ""
    if len(items) == 1:
        return f"settles {items[0].name}"
    owed = sorted(items, key=lambda one: (one.amount < 0, one.payable_on))
    return "settles " + ", ".join(f"{one.name} {kronor(abs(one.amount))}{_how(one, owed)}" for one in owed)


def _how(one: Item, owed: list[Item]) -> str:
    """What lowers the sum is said to: the sign of the whole is that of the payment."""
    if (one.amount > 0) == (sum(each.amount for each in owed) > 0):
        return ""
    return " already paid" if one.name.startswith("P") else " set off"
