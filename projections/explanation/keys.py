"""Every figure of ``soc state -O json`` by its dotted key, and how it is taken apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches

from ledger.errors import Usage
from projections.explanation import status
from projections.explanation import terms as agreed
from projections.explanation.figure import Figures
from projections.explanation.tree import Node

How = Callable[[Figures, str], Node]
"""A figure of a state taken apart under its key."""

HOW: dict[str, How] = {
    "investment.total": lambda one, key: agreed.total(one.state.terms, key),
    "investment.internal": lambda one, key: agreed.internal(one.state.terms, key),
    "investment.upfront": lambda one, key: agreed.upfront(one.state.terms, key),
    "investment.at_risk": lambda one, key: agreed.at_risk(one.state.terms, key),
    "investment.worst_case": lambda one, key: agreed.worst_case(one.state.terms, key),
    "savings.determined": lambda one, key: one.sum(),
    "savings.ratio_to_investment": lambda one, key: one.ratio(key),
    "savings.to_authority": lambda one, key: one.authority(key),
    "savings.to_provider": lambda one, key: one.entitled(key),
    "savings.net_days_avoided": lambda one, key: one.avoided(key),
    "balance.provider.entitled": lambda one, key: one.entitled(key),
    "balance.provider.payable": lambda one, key: one.balance.payable(),
    "balance.provider.instructed": lambda one, key: one.balance.posted("provider.instructed", one.state.provider.instructed),
    "balance.provider.paid": lambda one, key: one.balance.posted("provider.paid", one.state.provider.paid),
    "balance.provider.recovered": lambda one, key: one.balance.posted("provider.recovered", one.state.provider.recovered),
    "balance.provider.held": lambda one, key: one.balance.disputes.held(),
    "balance.provider.claimed_above": lambda one, key: one.balance.disputes.claimed_above(),
    "balance.provider.overpaid": lambda one, key: one.balance.overpaid(),
    "balance.provider.due": lambda one, key: one.balance.due(),
    "balance.upfront.agreed": lambda one, key: agreed.upfront(one.state.terms, key),
    "balance.upfront.paid": lambda one, key: one.balance.posted("upfront.paid", one.state.upfront_paid),
    "balance.loan.limit": lambda one, key: agreed.loan_limit(one.state.terms, key),
    "balance.loan.drawn": lambda one, key: one.balance.posted("loan.drawn", one.state.loan.drawn),
    "balance.loan.repaid": lambda one, key: one.balance.posted("loan.repaid", one.state.loan.repaid),
    "balance.loan.outstanding": lambda one, key: one.outstanding(key),
    "balance.loan.available_for_repayment": lambda one, key: one.available(key),
    "cap.amount": lambda one, key: agreed.maximum(one.state.terms, key),
    "cap.binding": lambda one, key: agreed.binding(one.state.terms, key),
    "cap.ceiling_savings": lambda one, key: agreed.ceiling(one.state.terms, key),
    "unsettled.facts": lambda one, key: one.unsettled(key),
    "forecast.months": lambda one, key: one.counted(key),
    "forecast.ratio_to_investment": lambda one, key: one.forecast(key),
}

ASK = "what late facts would change is computed only when asked for: soc state CONTRACT --unsettled"

REACHING: dict[str, Callable[[Figures, str, str], Node]] = {
    "at_savings": lambda one, whose, key: one.target(whose).at_savings(key),
    "reached": lambda one, whose, key: one.target(whose).reached(key),
    "reached_on": lambda one, whose, key: one.target(whose).reached_on(key),
    "lost_on": lambda one, whose, key: one.target(whose).lost_on(key),
    "known_since": lambda one, whose, key: one.target(whose).known_since(key),
    "remaining": lambda one, whose, key: one.target(whose).remaining(key),
}
"""What the state says of each break-even and, its remaining called headroom, of the cap."""


def _targets() -> Iterator[tuple[str, How]]:
    for whose in ("contract", "authority", "provider", "cap"):
        under = "cap" if whose == "cap" else f"break_even.{whose}"
        for name, how in REACHING.items():
            said_as = "headroom" if (whose, name) == ("cap", "remaining") else name
            yield f"{under}.{said_as}", lambda one, key, how=how, whose=whose: how(one, whose, key)  # type: ignore[misc]


HOW |= dict(_targets())
HOW |= {
    "contract": lambda one, key: status.asked("Contract", one.state.contract, "what is asked about", key),
    "as_of": lambda one, key: status.asked("As of", one.as_of, "the date asked about, or that of the last record known", key),
    "known_at": lambda one, key: status.asked(
        "Known at", one.state.when.known_at, "when the last record known was recorded", key
    ),
    "basis.position": lambda one, key: status.asked("Record", one.state.basis.position, "the last record known", key),
    "basis.root": lambda one, key: status.asked("Fingerprint", one.state.basis.root, "over all records up to it", key),
    "label": lambda one, key: status.asked("Label", one.label, "how the ledger was opened", key),
    "currency": lambda one, key: status.asked("Currency", one.state.terms.currency, "as the terms say, excluding VAT", key),
    "determined_through": status.determined_through,
    "undetermined_months": status.undetermined,
    "closed_on": status.closed_on,
    "suspended_months": status.suspended,
    "excluded_months": status.excluded,
    "deemed_months": status.deemed,
    "preliminary": status.preliminary,
    "unsettled.savings": lambda one, key: status.asked("Unsettled savings", None, ASK, key),
    "unsettled.entitlement": lambda one, key: status.asked("Unsettled entitlement", None, ASK, key),
    "forecast.method": lambda one, key: status.asked("Method of the forecast", "pro-rata", "over the contract's months", key),
    "methodology": status.methodology,
    "methodology.name": status.methodology,
    "methodology.sha256": status.methodology,
    "disputes": status.disputes,
}


def figure(one: Figures, key: str) -> Node:
    """The figure of that key taken apart. Raises Usage for a key that the state does not have, with near ones."""
    of_dispute = [f"disputes.{place}.{name}" for place, _ in enumerate(one.state.disputes, 1) for name in status.OF_DISPUTE]
    if key in of_dispute:
        return status.of_dispute(one, key)
    if key not in HOW:
        keys = [*HOW, *of_dispute]
        near = [found for found in keys if found.startswith(f"{key}.") or found.endswith(f".{key}")]
        near = near or get_close_matches(key, keys, 5)
        raise Usage(
            f"{key} is not a figure of the state of {one.state.contract}",
            do=f"near it: {', '.join(near)}" if near else "see them all with: soc state CONTRACT -O json",
        )
    return HOW[key](one, key)
