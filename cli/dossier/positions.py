"""The dossier: what is disputed, what each side says, what separates them, and what every end would give."""

from __future__ import annotations

from collections.abc import Iterable

from cli import output
from cli.dispute_view import resting
from cli.replay.differences import NOT_TOLD_APART, Compared
from cli.sections import Section, Table
from cli.statement.terms import TERMS, place
from cli.statement.words import months_of, percent, signed
from cli.words import role, roles
from ledger.holds import disputed
from ledger.money import shown
from ledger.terms import ContractTerms
from projections.dossier import Dossier, Side
from projections.statements.people import FEW

CAUSES = {
    "facts recorded since": "reports and headcounts recorded since, or left out",
    "trend revisions": "index values recorded since",
    "days left out": "absences left out",
    "days counted": "which absences and employees are counted",
    "reference years": "which years are compared with",
    "trend": "the trend factor",
    "price": "the price of a day",
    "window": "months that are agreed, not measured",
    "resolution": "what a dispute's resolution decided",
    "rounding": "rounding to whole öre",
    "cap and ceiling": "the maximum and the ceiling",
    NOT_TOLD_APART: NOT_TOLD_APART,
}
"""Each cause of a difference, for a reader."""


def subject(one: Dossier) -> str:
    """What is disputed, in words."""
    if one.disputed is None:
        return f"the payment {disputed(one.dispute)}"
    return f"the savings of {months_of(one.disputed.period)} ({disputed(one.dispute)})"


def in_short(one: Dossier) -> list[str]:
    """What it comes to, in a few sentences."""
    raised, ended = one.dispute.raised, one.dispute.ended
    recorded, position = one.sides[0], one.sides[1]
    who = one.state.terms.parties.get(raised.by, role(raised.by))
    said = [f"{who}, the {role(raised.by)}, objected on {raised.on} to {subject(one)}: {raised.grounds}."]
    if one.disputed is None:
        said.append(f"Recorded: {shown(raised.was_ore)} SEK. Its position: {shown(raised.position.total)} SEK.")
    else:
        off = position.entitled - recorded.entitled
        said.append(
            f"Determined: {shown(recorded.total)} SEK of savings. Its position: {shown(position.total)} SEK, which is "
            f"{signed(position.total - recorded.total)} SEK of savings and {signed(off)} SEK of the provider's entitlement."
        )
    if ended is None or one.dispute.open_on(one.when.as_of):
        held, above = one.state.provider.held, one.state.provider.claimed_above
        return [*said, f"It is open. On {one.when.as_of}, {shown(held)} SEK is held and {shown(above)} SEK is claimed above."]
    by = ended.decided_by or roles(ended.agreed_by)
    at = "" if ended.says is None else f" at {shown(ended.says.total)} SEK"
    return [*said, f"It ended on {ended.on}: {ended.how}{at}{f', by {by}' if by else ''}: {ended.reason}."]


def parties(one: Dossier) -> Section:
    """Who the parties are."""
    facts = [(role(key).capitalize(), name) for key, name in one.state.terms.parties.items()]
    return Section("parties", "Parties", facts)


IN_PLAY = (
    "investment.total",
    "outcome.provider_share",
    "outcome.ceiling",
    "outcome.maximum_payment",
    "settlement.objection_days",
    "settlement.payment_days",
    "settlement.correction_months",
    "settlement.overpaid",
    "governance.determines",
    "governance.agrees",
)


def clauses(one: Dossier) -> Section:
    """The terms in play, where each stands, and whether it is published."""
    terms = one.state.terms
    rows = [[TERMS[key], _value(terms, key), place(terms, key), _standing(terms, key)] for key in IN_PLAY]
    table = Table("Terms that this dispute turns on", ["Term", "What it says", "Where", "Published?"], rows, [])
    return Section("clauses", "Terms and clauses in play", tables=[table])


def _value(terms: ContractTerms, key: str) -> str:
    outcome, settlement = terms.outcome, terms.settlement
    values = {
        "investment.total": f"{shown(terms.investment.total)} SEK",
        "outcome.provider_share": percent(outcome.provider_share),
        "outcome.ceiling": f"{percent(outcome.ceiling)} of the investment, {shown(terms.ceiling_savings)} SEK",
        "outcome.maximum_payment": f"{shown(outcome.maximum_payment)} SEK",
        "settlement.objection_days": f"{settlement.objection_days} days",
        "settlement.payment_days": f"{settlement.payment_days} days",
        "settlement.correction_months": f"{settlement.correction_months} months",
        "settlement.overpaid": settlement.overpaid,
        "governance.determines": role(terms.governance.determines),
        "governance.agrees": roles(terms.governance.agrees),
    }
    return values[key]


def _standing(terms: ContractTerms, key: str) -> str:
    for named, said in ((terms.assumed, "assumed"), (terms.derived, "derived")):
        if key in named or key.partition(".")[0] in named:
            return said
    return "published"


def said(one: Dossier) -> Section:
    """Grounds, answers and the end, in the parties' own words."""
    raised = one.dispute.raised
    facts = [(f"{role(raised.by).capitalize()}, {raised.on}", raised.grounds)]
    for answer in one.dispute.answers:
        own = "" if answer.says is None else f". Its position: {shown(answer.says.total)} SEK"
        facts.append((f"{role(answer.by).capitalize()}, {answer.on}", f"{answer.answer}{own}"))
    if one.dispute.ended is not None:
        ended = one.dispute.ended
        facts.append((f"{ended.how.capitalize()}, {ended.on}", ended.reason))
    return Section("said", "What the parties say", facts)


def _name(side: Side) -> str:
    return "Determined" if side.role is None else f"{role(side.role).capitalize()}'s position"


def side_by_side(one: Dossier) -> Section:
    """The positions month by month, the sums, and what follows through the sharing."""
    if one.disputed is None:
        rows = [["Recorded", shown(one.dispute.raised.was_ore)]]
        rows += [[_name(side), shown(side.position.total)] for side in one.sides[1:] if side.position is not None]
        return Section("positions", "The positions side by side", tables=[Table("The payment", ["", "SEK"], rows, [1])])
    headers = ["Savings, SEK"]
    for side in one.sides:
        headers += [_name(side)] if side.role is None else [_name(side), "difference"]
    rows = [_row(one, str(month), [side.savings[month] for side in one.sides]) for month in one.months]
    rows.append(_row(one, "In all", [side.total for side in one.sides]))
    savings = Table("What the disputed months saved", headers, rows, range(1, len(headers)), total=True)
    path = [_row(one, "Sum of all months determined", [side.path[-1].savings for side in one.sides])]
    path.append(_row(one, "Provider's entitlement in all", [side.entitled for side in one.sides]))
    rest = [side.path[-1].savings - side.entitled for side in one.sides]
    path.append(_row(one, "The authority's part", rest))
    through = f"through the sharing if it stood, as of {one.when.as_of}"
    sharing = Table(f"What follows {through}", ["SEK", *headers[1:]], path, range(1, len(headers)))
    return Section("positions", "The positions side by side", tables=[savings, sharing], says=list(_computed(one)))


def _row(one: Dossier, name: str, amounts: list[int]) -> list[str]:
    cells = [name, shown(amounts[0])]
    for amount in amounts[1:]:
        cells += [shown(amount), signed(amount - amounts[0])]
    return cells


def _computed(one: Dossier) -> Iterable[str]:
    for side in one.sides[1:]:
        if side.position is None:
            continue
        rests = list(resting(side.position))
        how = (
            f"computed by the ledger: {'; '.join(rests)}"
            if rests
            else "stated by the party, not computed; spread over the months"
        )
        yield f"The position of the {role(side.role or '')} is {how}."


def causes(one: Dossier) -> Section | None:
    """Why each computed position differs from what was determined, cause by cause, nothing left over."""
    tables = []
    for side in one.sides[1:]:
        found = compared(side)
        if found is None:
            continue
        rows = [[CAUSES[name], signed(moved.savings), signed(moved.to_provider)] for name, moved in found.causes.items()]
        rows.append(["In all", signed(found.total.savings), signed(found.total.to_provider)])
        caption = f"From what was determined to the position of the {role(side.role or '')}, SEK"
        tables.append(Table(caption, ["Cause", "Savings", "Provider's entitlement"], rows, [1, 2], total=True))
    if not tables:
        return None
    tables += [table for side in one.sides[1:] if (table := _rules(one, side)) is not None]
    both = [found for side in one.sides[1:] if (found := compared(side)) is not None]
    left = max(abs(amount) for found in both for amount in (found.residual.savings, found.residual.to_provider))
    says = [
        f"The causes sum to the difference; left over: {shown(left)} SEK. The entitlement is that of the disputed months, when "
        "the dispute was raised."
    ]
    says += [f"{', '.join(map(str, sorted(found.whole)))}: {NOT_TOLD_APART}, {FEW}." for found in both if found.whole]
    return Section("causes", "Why they differ", tables=tables, says=says)


def compared(side: Side) -> Compared | None:
    """Why a computed position differs from what was determined, in whole öre; of the months whose causes are not told apart as
    one."""
    return None if side.causes is None else Compared("determined", "position", side.causes, whole=side.whole)


def _rules(one: Dossier, side: Side) -> Table | None:
    """Where a position's methodology says something else than the one that the months were determined by."""
    if side.position is None or side.position.methodology is None or one.disputed is None:
        return None
    folded = one.facts.contract(one.contract)
    measured = folded.every_methodology[one.disputed.months[-1].methodology_sha256]
    was, now = (
        {row["key"]: output.plain(row["value"]) for row in output.flat(method.model_dump(mode="json", by_alias=True))}
        for method in (measured, side.position.methodology)
    )
    differs = [key for key in dict.fromkeys([*was, *now]) if was.get(key) != now.get(key) and key not in ("name", "version")]
    rows = [[key, str(was.get(key, "")), str(now.get(key, ""))] for key in differs]
    headers = ["Rule or parameter", measured.name, side.position.methodology.name]
    return Table("Where the two methodologies differ", headers, rows, [])


def alternatives(one: Dossier) -> Section | None:
    """What each end would give."""
    if not one.alternatives:
        return None
    recorded = one.recorded
    rows, says = [], []
    for each in one.alternatives:
        if each.amounts is None:
            why = FEW if each.why_not == FEW else f"cannot be computed: {each.why_not}"
            says.append(f"{each.name[0].upper()}{each.name[1:]}: {why}")
            continue
        savings, entitled = each.amounts.savings, each.amounts.entitlement
        moved = signed(entitled - recorded.entitled)
        rows.append([each.name, shown(savings), signed(savings - recorded.total), shown(entitled), moved])
    if later := one.averaging:
        says.append(
            f"{later} later months count for the mean of months that include these. What they would change by, once determined "
            "again, is in none of these figures."
        )
    headers = ["If the dispute ends", "Savings", "difference", "Provider's entitlement in all", "difference"]
    table = Table("What each end, and each methodology on the table, would give, SEK", headers, rows, [1, 2, 3, 4])
    return Section("alternatives", "What the alternatives would give", tables=[table], says=says)
