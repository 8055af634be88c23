"""The settlement statement: how savings are shared, what is claimed and paid, break-even and cap."""

from __future__ import annotations

from collections.abc import Iterable

from cli.sections import Section, Table
from cli.statement.terms import place
from cli.statement.words import falls_payable, percent, signed
from cli.words import counted, role, roles, who
from ledger.money import shown
from ledger.periods import stockholm_text
from ledger.waterfall import Target
from projections.state import Reaching
from projections.statements.statement import Statement


def sharing(one: Statement) -> Section:
    """The sum before and after, and how it is shared (rule 10)."""
    terms, outcome = one.terms, one.terms.outcome
    savings, provider = one.savings, one.entitlement
    authority = (savings.before - provider.before, savings.change - provider.change, savings.after - provider.after)
    rows = [
        ["Savings determined", shown(savings.before), signed(savings.change), shown(savings.after)],
        ["Provider's share", shown(provider.before), signed(provider.change), shown(provider.after)],
        ["Authority's share", shown(authority[0]), signed(authority[1]), shown(authority[2])],
    ]
    ceiling = (
        f"{percent(outcome.ceiling)} of the investment of {shown(terms.investment.total)}: {shown(terms.ceiling_savings)} SEK"
    )
    facts = [
        (
            "Provider's share",
            f"{percent(outcome.provider_share)} of the savings, from the first krona{_clause(one, 'provider_share')}",
        ),
        ("Ceiling", f"savings beyond {ceiling} are the authority's alone{_clause(one, 'ceiling')}"),
        ("Maximum", f"{shown(outcome.maximum_payment)} SEK to the provider in all{_clause(one, 'maximum_payment')}"),
    ]
    through = one.path[-1].month
    headers = [f"SEK, all months to {through}", "Before", f"D{one.found.number}", "After"]
    return Section("sharing", "Sum and sharing", facts, [Table("Before and after this determination", headers, rows, [1, 2, 3])])


def _clause(one: Statement, key: str) -> str:
    status = one.terms.status(f"outcome.{key}")
    return f" ({place(one.terms, f'outcome.{key}')}{'' if status == 'published' else f'; {status}'})"


def claim(one: Statement) -> Section:
    """What it claims, and when it is accepted and payable (rule 16)."""
    facts = [("Claim", _amount(one)), *(_unnotified(one) if one.notice is None else _notified(one))]
    return Section("claim", "Notice, objection and payment", facts)


def _amount(one: Statement) -> str:
    claim = one.found.claim_ore
    said = f"{shown(claim)} SEK" if claim >= 0 else f"lowers what is payable by {shown(-claim)} SEK"
    said += ", the change of the provider's entitlement"
    if one.carried:
        said += (
            f" ({signed(one.entitlement.change)}) and {signed(one.carried)} that superseded determinations were never notified of"
        )
    if claim < 0:
        settlement = one.terms.settlement
        how = "set off against later claims" if settlement.overpaid == "set-off" else "to be refunded by the provider"
        said += f"; what is paid above the entitlement is {how} ({place(one.terms, 'settlement.overpaid')})"
    return said


def _unnotified(one: Statement) -> Iterable[tuple[str, str]]:
    if one.superseded_by is not None:
        yield "Notice", f"never notified; D{one.superseded_by.number} claims its amount too"
        return
    settlement = one.terms.settlement
    yield "Notice", f"not yet notified; record it with soc notify {one.contract}/D{one.found.number} --on DATE"
    objection, payment = counted(settlement.objection_days, "day"), counted(settlement.payment_days, "day")
    silence = f"within {objection} of the notice ({place(one.terms, 'settlement.objection_days')}), silence accepts it"
    then = "payable" if one.found.claim_ore >= 0 else "it lowers what is payable"
    yield "If nobody objects", f"{silence}; {then} {payment} later ({place(one.terms, 'settlement.payment_days')})"


def _notified(one: Statement) -> Iterable[tuple[str, str]]:
    notice, terms = one.notice, one.terms
    assert notice is not None
    if one.found.resolves is not None:
        claim, recorded = notice.claim, f"recorded {stockholm_text(notice.recorded_at)} by {who(notice.recorded_by)}"
        yield f"Resolution of X{one.found.resolves}", f"{notice.on}, final; {recorded}"
        yield "Payable", falls_payable(claim.amount_ore, claim.payable_on, fallen=claim.payable_on <= one.as_of)
        return
    yield "Notified", f"{notice.on}; recorded {stockholm_text(notice.recorded_at)} by {who(notice.recorded_by)}"
    objection = counted((notice.objection_until - notice.on).days, "day")
    yield (
        "Last day to object",
        f"{notice.objection_until}, {objection} after the notice ({place(terms, 'settlement.objection_days')})",
    )
    for acceptance in notice.acceptances:
        yield f"Accepted by {role(acceptance.role)}", f"{acceptance.on}; recorded by {who(acceptance.recorded_by)}"
    if one.accepted:
        agreed = roles(terms.governance.agrees)
        how = "by silence: nobody objected" if notice.by_silence else f"by act of all that must agree: {agreed}"
        if notice.by_silence and one.disputes:
            how = f"by silence, but for what is disputed in {', '.join(dispute.name for dispute in one.disputes)}"
        yield "Accepted", f"{notice.deemed_on}, {how}"
    else:
        agrees = roles(terms.governance.agrees)
        said = f"silence accepts it on {notice.deemed_on} ({agrees}; {place(terms, 'governance.agrees')})"
        yield "If nobody objects", said
    claim = notice.claim
    moved = falls_payable(claim.amount_ore, claim.payable_on, fallen=one.accepted and claim.payable_on <= one.as_of)
    payment = counted((claim.payable_on - notice.deemed_on).days, "day")
    yield "Payable", f"{moved} ({payment}; {place(terms, 'settlement.payment_days')})"
    if notice.closed_on is not None and one.superseded_by is None:
        yield (
            "Closed from",
            f"{notice.closed_on}; until then it can be determined again ({place(terms, 'settlement.correction_months')})",
        )


LESS = "payable and recovered, less paid and instructed"


def balance(one: Statement) -> Section:
    """What is payable and paid, of all determinations together (rule 17)."""
    provider = one.now.provider
    rows = [
        ("Entitled", provider.entitled, "its share of all savings determined"),
        ("Payable", provider.payable, "claims accepted and fallen payable"),
        ("Paid", provider.paid, "outcome payments made"),
        ("Instructed", provider.instructed, "ordered, not yet paid"),
        ("Recovered", provider.recovered, "paid back by the provider"),
        ("Held", provider.held, "disputed"),
        ("Claimed above", provider.claimed_above, "claimed beyond what is determined"),
        ("Overpaid", provider.overpaid, "set off against later claims" if _sets_off(one) else "to be refunded"),
        ("Due", provider.due, "payable and recovered, less paid, instructed and held" if provider.held else LESS),
    ]
    always = ("Entitled", "Payable", "Paid", "Due")
    kept = [[name, shown(amount), note] for name, amount, note in rows if amount or name in always]
    if one.now.above_entitlement:
        kept.append(["of which not payable now", shown(one.now.above_entitlement), _above(one)])
    caption = f"All determinations together, as of {one.as_of}"
    says = ["The upfront payment is not part of these amounts: it is paid whatever the outcome."]
    table = Table(caption, ["Outcome payment", "SEK", "What it is"], kept, [1])
    return Section("balance", "Payable and paid", tables=[table], says=says)


def _above(one: Statement) -> str:
    """Why part of what is due may not be paid (rule 15), and what changes that."""
    said = f"paid would come above the entitlement of {shown(one.now.provider.entitled)}"
    for coming in one.now.coming:
        if coming.amount < 0:
            when = f"on {coming.payable_on}" if coming.payable_on else "once it is notified and accepted"
            said += f"; D{coming.determination} lowers what is payable {when}"
    return said


def _sets_off(one: Statement) -> bool:
    return one.terms.settlement.overpaid == "set-off"


def targets(one: Statement) -> Section:
    """Break-even and cap just after the determination (rule 11)."""
    at = one.standing
    rows = [
        _target("Contract breaks even", at.break_even_contract),
        _target("Authority breaks even", at.break_even_authority),
        _target("Provider breaks even", at.break_even_provider),
        _target("Maximum is reached (cap)", at.cap),
    ]
    through = one.path[-1].month.last_day
    headers = ["Target", "At savings of", "Reached", "Still missing, in the party's own kronor"]
    caption = f"After this determination, at the end of {through:%Y-%m}: savings {shown(one.savings.after)} SEK"
    return Section("targets", "Break-even and cap", tables=[Table(caption, headers, rows, [1, 3])])


def _target(name: str, reaching: Reaching) -> list[str]:
    target: Target = reaching.target
    at = "never: the ceiling comes first" if target.at_savings is None else shown(target.at_savings)
    reached = f"on {reaching.reached_on}" if reaching.reached else "no"
    if reaching.lost_on is not None:
        reached = f"no; from {reaching.reached_on}, lost on {reaching.lost_on}"
    return [name, at, reached, shown(reaching.remaining)]


def sums(one: Statement) -> Section:
    """The sum and the entitlement at each month's end: the figures of the chart, half a year or a year a table."""
    size = 6 if len(one.path) <= 18 else 12  # three tables beside each other on paper
    parts = [one.path[start : start + size] for start in range(0, len(one.path), size)]
    tables = [
        Table(
            f"{part[0].month} to {part[-1].month}",
            ["Month", "Savings, sum", "Provider's share"],
            [[str(step.month), shown(step.savings), shown(step.entitlement)] for step in part],
            [1, 2],
            shown_in="page",
        )
        for part in parts
    ]
    return Section("sums", "Sum by month", tables=tables)
