"""``soc state`` for a controller: what is saved, owed and paid, and how far from break-even and the cap, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from cli import output
from ledger.events import EvaluationSignedOff
from ledger.holds import disputed
from ledger.money import decimals, shown
from ledger.periods import Month, day_in_stockholm, stockholm_text
from projections.state import Coming, Reaching, State


def head(one: State, basis: str) -> list[str]:
    """Which contract, both dates, and what the figures rest on."""
    lines = [f"{one.terms.name} — {one.contract}", f"As of {one.when.as_of} · {basis}", "SEK excluding VAT"]
    if _beyond_the_record(one):
        lines.append(
            f"{one.when.as_of} lies after all that is known: this assumes that nobody objects and nothing else is recorded."
        )
    return lines


def as_text(one: State, basis: str, first: Sequence[str] = ()) -> str:
    """The state for a controller. ``first``: notes that stand before all others."""
    terms, lines = one.terms, [*head(one, basis), ""]
    for title, block in [
        ("Savings", _savings_block(one)),
        (f"Provider: {terms.parties.get('external_provider', 'the provider')}", _provider_block(one)),
        ("Break-even and cap", _targets_block(one)),
        ("Upfront payment and internal loan", _loan_block(one)),
        ("Forecast and notes", [*first, *_notes(one)]),
    ]:
        lines += [title, *(f"  {line}" for line in block), ""]
    return "\n".join(lines).rstrip()


def _amounts(rows: list[tuple[str, int, str]]) -> list[str]:
    width = max(len(name) for name, _, _ in rows) + 2
    figures = [shown(amount) for _, amount, _ in rows]
    right = max(16, *(len(figure) for figure in figures))
    return [f"{name:<{width}}{figure:>{right}}  {note}".rstrip() for (name, _, note), figure in zip(rows, figures, strict=True)]


def _savings_block(one: State) -> list[str]:
    total = one.terms.investment.total
    if one.determined_through is None:
        return ["No month is determined."]
    rows = [
        ("Savings determined", one.savings, f"{_percent(one, one.savings)} of the investment of {shown(total)}"),
        ("of which the authority's", one.to_authority, f"{_percent(one, one.to_authority)} of the investment"),
        ("of which the provider's", one.to_provider, f"{_percent(one, one.to_provider)} of the investment"),
    ]
    in_measured = " in the months that are measured" if one.deemed or one.excluded or one.resolved else ""
    status = "; preliminary: it rests on trend values that are not published figures" if one.preliminary else ""
    return [
        f"Determined through {one.determined_through.last_day}{status}",
        *_amounts(rows),
        f"Net sick days avoided{in_measured}: {decimals(one.net_days_avoided, 2)}",
    ]


def _percent(one: State, amount: int) -> str:
    return decimals(one.share_of_investment(amount) * 100, 1) + " %"


def _provider_block(one: State) -> list[str]:
    provider = one.provider
    rows = [("Entitled", provider.entitled, "its share of the savings so far")]
    rows.append(("Payable", provider.payable, _payable_note(one)))
    rows.append(("Paid", provider.paid, ""))
    for name, amount, note in [
        ("Instructed", provider.instructed, "ordered, not yet paid"),
        ("Recovered", provider.recovered, "paid back by the provider"),
        ("Overpaid", provider.overpaid, _overpaid(one)),
    ]:
        if amount:
            rows.append((name, amount, note))
    if provider.held:
        rows.append(("Held", provider.held, f"disputed, not to be paid while {_open(one, lower=True)} is open"))
    less = ", instructed and held" if provider.held else " and instructed"
    rows.append((f"Due on {one.when.as_of}", provider.due, f"payable and recovered, less paid{less}"))
    if provider.claimed_above:
        rows.append(("Claimed above", provider.claimed_above, f"in {_open(one, lower=False)}; it is not due"))
    if one.above_entitlement:
        rows.append(("of which not to be paid", one.above_entitlement, "paid would exceed the entitlement"))
    return [*_amounts(rows), *(_coming(one, coming) for coming in one.coming)]


def _open(one: State, *, lower: bool) -> str:
    names = [dispute.name for dispute in one.disputes if dispute.open_on(one.when.as_of) and dispute.lowers == lower]
    return ", ".join(names) or "a dispute"


def _payable_note(one: State) -> str:
    if _beyond_the_record(one):
        return f"accepted, or nobody objects, and fallen due for payment by {one.when.as_of}"
    return f"accepted, by act or by silence, and fallen due for payment by {one.when.as_of}"


def _beyond_the_record(one: State) -> bool:
    return one.when.as_of > day_in_stockholm(one.when.known_at)


def _coming(state: State, one: Coming) -> str:
    """What the provider is entitled to and that is not payable yet, and why."""
    what = f"{shown(one.amount)} of D{one.determination} ({one.period})"
    if one.notified_on is None:
        return f"Not yet notified: {what}"
    how = "accepted" if one.settled else f"if nobody objects by {one.objection_until}"
    about = (each for each in state.disputes if each.raised.determination == one.determination)
    names = ", ".join(each.name for each in about if each.open_on(state.when.as_of) and each.lowers)
    if names:
        how = f"less what {names} then holds"
    return f"Not yet payable: {what}, notified {one.notified_on}; payable on {one.payable_on}, {how}"


def _overpaid(one: State) -> str:
    return "set off against later claims" if one.terms.settlement.overpaid == "set-off" else "to be refunded by the provider"


def _targets_block(one: State) -> list[str]:
    rows = []
    for name, reaching in [
        ("Contract breaks even", one.break_even_contract),
        ("Authority breaks even", one.break_even_authority),
        ("Provider breaks even", one.break_even_provider),
        ("Cap on outcome payments", one.cap),
    ]:
        at = reaching.target.at_savings
        rows.append([name, "never" if at is None else shown(at), _reached(reaching), shown(reaching.remaining)])
    text = output.table(rows, ["", "at savings of", "reached", "missing, in its own kronor"], right=(1, 3))
    at_most = f"At most {shown(one.cap.target.amount)} to the provider; the {one.binding} binds first."
    return [*text.splitlines(), at_most, f"Savings above {shown(one.terms.ceiling_savings)} are the authority's alone."]


def _reached(reaching: Reaching) -> str:
    if reaching.reached:
        assert reaching.known_since is not None
        return f"on {reaching.reached_on}, known since {stockholm_text(reaching.known_since)[:10]}"
    return f"no; held from {reaching.reached_on}, lost on {reaching.lost_on}" if reaching.lost_on else "no"


def _loan_block(one: State) -> list[str]:
    loan = one.loan
    return _amounts(
        [
            ("Upfront payment agreed", one.terms.upfront_agreed, "paid whatever the outcome"),
            ("Upfront payment paid", one.upfront_paid, f"{shown(one.upfront_due)} is due" if one.upfront_due else ""),
            ("Loan drawn", loan.drawn, f"of at most {shown(loan.limit)}"),
            ("Loan outstanding", loan.outstanding, ""),
            (
                "Available for repayment",
                loan.available_for_repayment,
                "avoided cost less what is repaid; not cash",
            ),
        ]
    )


def _notes(one: State) -> list[str]:
    lines = []
    if one.closed_on is not None:
        lines.append(f"The contract was closed on {one.closed_on}: what it settled is final.")
    if one.signed_off is not None:
        lines.append(_signed_off(one.signed_off))
    if one.forecast.ratio is not None:
        percent = decimals(one.forecast.ratio * 100, 0)
        counted = f"{one.forecast.months} determined{' and not left out' if one.excluded else ''}"
        of = f"{one.terms.months} months from the {counted}"
        lines.append(f"Pro rata over {of}: {percent} % of the investment.")
    for dispute in one.disputes:
        if dispute.open_on(one.when.as_of):
            by, what = dispute.raised.by.replace("_", " "), disputed(dispute)
            lines.append(f"{dispute.name} is open since {dispute.raised.on}: the {by} disputes {what}.")
    if one.undetermined:
        lines.append(f"Ended, not determined: {_months(one.undetermined)}.")
    if one.suspended:
        lines.append(f"Follow-up suspended by agreement: {_months(one.suspended)}.")
    if one.excluded:
        lines.append(f"Left out by agreement, counting for nothing: {_months(one.excluded)}.")
    if one.deemed:
        lines.append(f"Counting for the mean of other months by agreement: {_months(one.deemed)}.")
    if one.resolved:
        lines.append(f"Decided by the resolution of a dispute, not measured: {_months(one.resolved)}.")
    if one.unsettled_facts:
        late = "1 report or agreement" if one.unsettled_facts == 1 else f"{one.unsettled_facts} reports or agreements"
        lines.append(f"Unsettled: {late} recorded after the months they are about were determined;")
        until = "until those months are determined again" if one.closed_on is None else "any more: the contract is closed"
        lines.append(f"  no figure here counts them {until}.")
    if one.methodology is not None:
        lines.append(f"Measured by {one.methodology.name}, fingerprint {one.methodology.sha256[:16]}.")
    if one.terms.assumed:
        lines.append(f"Assumed, not published: {', '.join(one.terms.assumed)}.")
    if one.terms.derived:
        lines.append(f"Derived, not published: {', '.join(one.terms.derived)}.")
    return lines


def _signed_off(event: EvaluationSignedOff) -> str:
    said = f"{event.on} by the {event.by.replace('_', ' ')}: {event.opinion} (S{event.number})"
    other = ", on another document than the contract was closed on" if event.recorded_at_closing is False else ""
    return f"The final evaluation was signed off on {said}{other}."


def _months(months: tuple[Month, ...]) -> str:
    names = [str(month) for month in months]
    return ", ".join(names) if len(names) <= 4 else f"{names[0]} to {names[-1]} ({len(names)} months)"
