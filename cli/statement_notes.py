"""The settlement statement: what a reader must know, where to check it, and who signs."""

from __future__ import annotations

from collections.abc import Sequence

from cli.sections import Section, Table
from cli.statement_words import named, role
from cli.words import counted, told
from ledger.periods import stockholm_text
from projections.statement import Finding, Statement

ASSUMED = {
    "population": "who is measured",
    "upfront": "when the upfront payment is paid",
    "settlement": "the settlement period, the days to object and to pay, the months to correct",
    "governance": "who records, determines, pays and agrees",
}
"""What the common keys of [terms] hold, in words."""


def caveats(one: Statement) -> Section:
    """What is preliminary, assumed, derived, found and unsettled."""
    facts = [
        ("Preliminary", _preliminary(one)),
        ("Assumed", _keys(one.terms.assumed)),
        *([("Derived", _keys(one.terms.derived))] if one.terms.derived else []),
        *([("Finding", _finding(found)) for found in one.findings] or [("Findings", "none")]),
        ("Unsettled", _unsettled(one)),
    ]
    if one.simulated:
        facts.insert(
            0, ("Simulated", "this ledger takes its clock from outside: it is an exercise, not the record of a contract")
        )
    return Section("caveats", "What a reader must know", facts)


def _preliminary(one: Statement) -> str:
    soft = [value for value in one.trend if value.status != "published"]
    if not soft:
        return "no: every trend value is published"
    values = ", ".join(f"{value.quarter} ({value.status})" for value in soft)
    return (
        f"yes: the trend value of {values} is no published figure; noticed, accepted and paid as any other, redone when published"
    )


def _keys(keys: Sequence[str]) -> str:
    said = [f"{key} ({ASSUMED[key]})" if key in ASSUMED else key for key in keys]
    return f"{'; '.join(said)}: terms that no public source gives" if said else "nothing"


def _finding(found: Finding) -> str:
    about = f", about the reference months {named(found.reference)}" if found.reference else ""
    return f"{found.what} ({named(found.months)}{about})"


def _unsettled(one: Statement) -> str:
    if one.superseded_by is not None:
        return f"superseded: see D{one.superseded_by.number}"
    if not one.unsettled:
        return f"nothing: no later report is about these months, as of {one.as_of}"
    listed = "; ".join(
        f"record {record.position}, {stockholm_text(record.recorded_at)[:10]}: {told(record)}" for record in one.unsettled[:3]
    )
    more = f"; and {len(one.unsettled) - 3} more" if len(one.unsettled) > 3 else ""
    number = counted(len(one.unsettled), "report")
    return f"{number} recorded since, which no figure here counts until the months are determined again: {listed}{more}"


def checking(one: Statement) -> Section:
    """The commands that show what each figure rests on."""
    contract, period = one.contract, one.found.period
    facts = [
        ("Every record, with its postings", f"soc register {contract}"),
        ("The reports behind each month", f"soc evidence {contract} {period} --known-at {one.record.data.basis.position}"),
        ("All figures computed anew", "soc check"),
        ("This statement again", f"soc statement {contract}/D{one.found.number} --known-at {one.basis.position}"),
    ]
    return Section("checking", "Where to check it", facts)


def signatures(one: Statement) -> Section:
    """A place for both parties to sign on paper."""
    parties = [(role(key).capitalize(), one.terms.parties[key]) for key in one.terms.governance.agrees]
    rows = [[f"{name}, {what.lower()}", "_" * 12, "_" * 40] for what, name in parties]
    says = [_signing(one)]
    table = Table("For the parties", ["Party", "Date", "Signature and name"], rows, [])
    return Section("signatures", "Signatures", tables=[table], says=says)


def _signing(one: Statement) -> str:
    """What a signature on paper does in the ledger."""
    if one.superseded_by is not None:
        return f"Superseded: what the parties accept is D{one.superseded_by.number}. A signature here confirms receipt."
    if one.accepted:
        return "It counts as accepted already. A signature here confirms receipt."
    accept = f"soc accept {one.contract}/D{one.found.number} --by ROLE --on DATE"
    if one.notice is None:
        return f"A signature counts from the notice on, once it is recorded as an acceptance: {accept}"
    return f"A signature counts once it is recorded as an acceptance, at latest on {one.notice.objection_until}: {accept}"
