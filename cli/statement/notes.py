"""The settlement statement: what a reader must know, where to check it, and who signs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cli.changes import reports
from cli.methodology_words import TAKEN
from cli.sections import Section, Table
from cli.statement.reference import OTHERWISE, locked, not_published
from cli.statement.terms import named_terms
from cli.statement.words import grouped, named
from cli.words import role, told
from ledger.periods import stockholm_text
from ledger.record import Recorded
from projections.statements.findings import Finding
from projections.statements.people import FEW
from projections.statements.statement import Statement


def caveats(one: Statement) -> Section:
    """What is preliminary, assumed, derived, found and unsettled."""
    facts = [
        ("Preliminary", _preliminary(one)),
        ("Reference index", _reference(one)),
        ("Assumed", _terms(one, one.terms.assumed, "terms that no public source gives")),
        *([("Derived", _terms(one, one.terms.derived, "derived from other terms"))] if one.terms.derived else []),
        *([("Finding", _finding(found)) for found in one.findings] or [("Findings", "none")]),
        ("Unsettled", _unsettled(one)),
    ]
    if one.simulated:
        facts.insert(0, ("Simulated", "the ledger's clock comes from outside: an exercise, not the record of a contract"))
    return Section("caveats", "What a reader must know", facts)


def _preliminary(one: Statement) -> str:
    soft = [value for value in one.trend if value.status != "published"]
    said = "no: the index that its months take is published" if one.trend else "no: none of its months takes an index"
    if soft:
        values = ", ".join(f"{value.quarter} ({value.status})" for value in soft)
        said = f"yes: the index of {values} is not published; noticed, accepted and paid as any other, redone when published"
    if one.preliminary_others:
        names = ", ".join(f"D{number}" for number in one.preliminary_others)
        said += f". The sums also count what is preliminary: {names}"
    return said


def _reference(one: Statement) -> str:
    """Which values of the reference years are no published figures."""
    if not one.references:
        return "none: its months are compared with no reference years"
    if None in one.references:
        return OTHERWISE
    kept = f"; kept as known at record {locked(one)}, and changed by agreement alone"
    soft = ", ".join(f"{value.quarter} {grouped(value.value)} ({value.status})" for value in not_published(one))
    return f"not published: {soft}{kept}" if soft else f"every value of the reference years is published{kept}"


def _terms(one: Statement, keys: Sequence[str], why: str) -> str:
    return f"{named_terms(one.terms, keys)}: {why}" if keys else "nothing"


_SPLIT = re.compile(r"(.*) \((whole-quarter|previous-year|refuse)\)", re.DOTALL)


def _finding(found: Finding) -> str:
    split = _SPLIT.fullmatch(found.what)
    what = found.what if split is None else f"{split[1]}; {TAKEN[split[2]]}"
    about = f", about the reference months {named(found.reference)}" if found.reference else ""
    return f"{named(found.months)}{about}: {what}"


def _unsettled(one: Statement) -> str:
    if one.superseded_by is not None:
        return f"superseded: see D{one.superseded_by.number}"
    if not one.unsettled:
        return f"nothing: no later report is about these months, as of {one.as_of}"
    listed = "; ".join(
        f"record {record.position}, {stockholm_text(record.recorded_at)[:10]}: {_late(one, record)}"
        for record in one.unsettled[:3]
    )
    more = f"; and {len(one.unsettled) - 3} more" if len(one.unsettled) > 3 else ""
    since = f"{reports(one.unsettled)} recorded since"
    return f"{since}, which no figure here counts until the months are determined again: {listed}{more}"


def _late(one: Statement, record: Recorded[Any]) -> str:
    """What a late report says; not how many absences it holds where they are of few."""
    said = told(record)
    return f"absences from {said.partition(' from ')[2]} ({FEW})" if record.position in one.hidden.reports else said


def checking(one: Statement) -> Section:
    """The commands that show what each figure rests on."""
    contract, period = one.contract, one.found.period
    again = f"soc statement {contract}/D{one.found.number} --known-at {one.basis.position}"
    again += " --audience payer" if one.for_the_employer else ""
    facts = [
        ("Every record, with its postings", f"soc register {contract}"),
        ("The reports behind each month", f"soc evidence {contract} {period} --known-at {one.record.data.basis.position}"),
        ("All figures computed anew", "soc check"),
        ("This statement again", again),
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
        disputed = ", ".join(each.name for each in one.disputes if each.open_on(one.as_of))
        if disputed:
            return f"What {disputed} disputes is not accepted. A signature here confirms receipt and gives up no objection."
        return "It counts as accepted already. A signature here confirms receipt."
    accept = f"soc accept {one.contract}/D{one.found.number} --by ROLE --on DATE"
    if one.notice is None:
        return f"A signature counts from the notice on, once it is recorded as an acceptance: {accept}"
    return f"A signature counts once it is recorded as an acceptance, at latest on {one.notice.objection_until}: {accept}"
