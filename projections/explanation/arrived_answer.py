"""Who knew what when of whatever is asked about: the months that a record is about, and the figures that it moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger import events as e
from ledger.errors import Usage
from ledger.events import AnyEvent
from ledger.facts import Facts, contract_stream
from ledger.periods import Month
from ledger.record import Recorded
from projections.arrived_withheld import Told, told
from projections.audience import NARROWEST, Audience
from projections.explanation.arrived import Arrived, arrived
from projections.explanation.arrived_figures import Figure, figures_arrived

CLAIMS = ("balance.provider.payable", "balance.provider.entitled")
MADE = {"upfront": "balance.upfront.paid", "outcome": "balance.provider.paid", "recovery": "balance.provider.recovered"}
"""Where a payment counts, and what it rests on."""


@dataclass(frozen=True)
class Answer:
    """Who knew what when of one target: the months that it is about, and figures. ``told``: how the audience is told what arrived
    about the months."""

    months: Arrived | None
    told: Told | None
    figures: tuple[Figure, ...]


def answer(
    earlier: Facts,
    later: Facts,
    contract_id: str,
    target: str | Recorded[Any],
    as_of: date | None = None,
    audience: Audience = NARROWEST,
) -> Answer:
    """Of a dotted key of ``soc state`` the figure. Of a determination, a claim, or a dispute about one, its months, and beside a
    claim what is payable; of a payment what is paid, payable and entitled; of a movement of the loan what is drawn or repaid.

    The moments may come in either order. Raises Usage for a record that says no figure.
    """
    earlier, later = sorted((earlier, later), key=lambda one: one.position)
    if isinstance(target, str):
        return Answer(None, None, figures_arrived(earlier, later, contract_id, [target], as_of))
    event = _about(target.data, later, contract_id)
    months, keys = _months(event, later, contract_id), _keys(event)
    found = None if months is None else arrived(earlier, later, contract_id, months, as_of)
    return Answer(
        found,
        None if found is None else told(found, audience),
        figures_arrived(earlier, later, contract_id, keys, as_of) if keys else (),
    )


def _about(event: AnyEvent, later: Facts, contract_id: str) -> AnyEvent:
    """What a record is about: of a correction the entry corrected, of a dispute the payment disputed."""
    records = later.stream(contract_stream(contract_id))
    if isinstance(event, (e.DisputeAnswered, e.DisputeWithdrawn, e.DisputeResolved)):
        event = later.contract(contract_id).dispute(event.dispute).raised
    if isinstance(event, e.DisputeRaised) and event.payment is not None:
        paid = event.payment
        event = next(one.data for one in records if isinstance(one.data, e.PaymentMade) and one.data.number == paid)
    if isinstance(event, e.EntryCorrected):
        corrects = event.corrects
        event = next(one.data for one in records if one.position == corrects)
    return event


def _months(event: AnyEvent, later: Facts, contract_id: str) -> list[Month] | None:
    """The months of the determination that a record is, claims or disputes."""
    if isinstance(event, e.SavingsDetermined):
        return [line.month for line in event.months]
    if isinstance(event, (e.SavingsNotified, e.DeterminationAccepted, e.DisputeRaised)) and event.determination is not None:
        return list(later.contract(contract_id).determination(event.determination).period)
    return None


def _keys(event: AnyEvent) -> tuple[str, ...]:
    """The figures of the state that a record moves, and those that these rest on. Raises Usage for one that moves none."""
    if isinstance(event, (e.SavingsDetermined, e.DisputeRaised)):
        return ()
    if isinstance(event, (e.SavingsNotified, e.DeterminationAccepted)):
        return CLAIMS[:1]
    if isinstance(event, (e.PaymentInstructed, e.PaymentMade)):
        instructed = isinstance(event, e.PaymentInstructed) and event.kind == "outcome"
        first = "balance.provider.instructed" if instructed else MADE[event.kind]
        return (first,) if event.kind == "upfront" else (first, *CLAIMS)
    if isinstance(event, (e.LoanDrawn, e.LoanRepaid)):
        return ("balance.loan.drawn" if isinstance(event, e.LoanDrawn) else "balance.loan.repaid",)
    raise Usage(
        "that record says no figure", do="name a determination, a claim, a payment, or a figure such as savings.determined"
    )
