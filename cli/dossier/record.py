"""The dossier: what is held, what happened on both time axes, what was known when each decision was made, what arrived since, and
every document relied on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from cli.explain.arrived_as_json import said
from cli.sections import Section, Table
from cli.statement.words import signed
from cli.words import told, who
from ledger.holds import disputed
from ledger.money import shown
from ledger.periods import day_in_stockholm, stockholm_text
from ledger.record import Recorded
from projections.arrived_withheld import Told
from projections.audience import WITHHELD
from projections.dossier import Dossier, held_by_day
from projections.explanation.arrived import Amounts, total
from projections.statements.people import FEW


def held(one: Dossier) -> Section:
    """What is held and claimed above, day by day where it changes, and how that is computed (rule 18)."""
    rows = [[str(day), shown(held), shown(above)] for day, held, above in held_rows(one)]
    table = Table("Held and claimed above, in all disputes of the contract, SEK", ["On", "Held", "Claimed above"], rows, [1, 2])
    says = [
        "Held is what the provider would be owed less if every open lower position prevailed, through share, ceiling and "
        "maximum, and never more than is payable and unpaid; it is computed anew whenever the sum of savings moves.",
        "A position above what is determined holds nothing: it is shown as claimed above, and is not due.",
    ]
    if not rows:
        says.append("The dispute was raised after the day asked about; nothing is held.")
    return Section("held", "What is held", tables=[table] if rows else [], says=says)


def held_rows(one: Dossier) -> list[tuple[date, int, int]]:
    """The days on which what is held or claimed above changed, and the last: öre of both."""
    days = [*sorted(day for day in _days(one) if day <= one.when.as_of), one.when.as_of]
    found = held_by_day(one.facts.contract(one.contract), days)
    rows: list[tuple[date, int, int]] = []
    for day in dict.fromkeys(days):
        if not rows or found[day] != rows[-1][1:] or day == one.when.as_of:
            rows.append((day, *found[day]))
    return rows


def _days(one: Dossier) -> Iterable[date]:
    """The days on which what is held may change: of this dispute's records, and when the claim falls payable."""
    raised, ended = one.dispute.raised, one.dispute.ended
    yield raised.on
    if one.disputed is not None and one.disputed.notice is not None:
        payable = one.disputed.notice.claim.payable_on
        yield from (payable - timedelta(days=1), payable)
    if ended is not None:
        yield from (ended.on - timedelta(days=1), ended.on)


def timeline(one: Dossier) -> Section:
    """What happened, by the day that it is about and the moment at which the ledger learned it."""
    rows = [
        [
            stockholm_text(record.recorded_at)[:16],
            str(_about(record)),
            str(record.position),
            told(record),
            who(record.recorded_by),
        ]
        for record in one.timeline
    ]
    headers = ["Recorded, Stockholm", "About", "Record", "What", "Recorded by"]
    table = Table("Every record about what is disputed, in the order in which it became known", headers, rows, [2])
    late = [record for record in one.timeline if day_in_stockholm(record.recorded_at) > _about(record) + timedelta(days=1)]
    says = [
        "Each record is about one day and was recorded on another: no day that something is about is proof of when it was known."
    ]
    if late:
        says.append(f"Recorded more than a day after the day that it is about: {_positions(late)}.")
    return Section("timeline", "What happened, on both time axes", tables=[table], says=says)


def _about(record: Recorded[Any]) -> date:
    on: date = getattr(record.data, "on", record.effective_on)
    return on


def _positions(records: Iterable[Recorded[Any]]) -> str:
    return ", ".join(f"record {record.position}" for record in records)


def known(one: Dossier) -> Section | None:
    """What was known when each decision was made."""
    if one.arrived is None:
        return None
    rows = []
    for decision in one.decisions:
        record = decision.record
        since = _positions(decision.arrived) or "nothing"
        seen = [str(record.position), stockholm_text(record.recorded_at)[:16], told(record)]
        rows.append([*seen, since, *_signed(decision.off)])
    headers = ["Record", "Recorded", "Decision", "Facts arrived since the one before", "Savings off", "Entitlement off"]
    caption = "By how much the facts on record at each decision give other amounts than was determined, SEK"
    table = Table(caption, headers, rows, [0, 4, 5])
    says = [PARTED] if any(decision.off is None for decision in one.decisions) else []
    return Section("known", "What was known when each decision was made", tables=[table], says=says)


PARTED = f"{WITHHELD.capitalize()} where it would part records that are told together, below."
"""Why what was known at a decision is not told."""


def _signed(amounts: Amounts | None) -> list[str]:
    return [WITHHELD, WITHHELD] if amounts is None else [signed(amounts.savings), signed(amounts.entitlement)]


def arrived(one: Dossier) -> Section | None:
    """What has arrived about the months since the determination, and what each would change."""
    if one.arrived is None or one.told is None:
        return None
    since = one.disputed.position if one.disputed else 0
    found = [row for row in one.told.rows if row.arrival.record.position > since]
    if not found:
        return Section("arrived", "What has arrived since", says=[f"Nothing about the months of {disputed(one.dispute)}."])
    rows = []
    for row in found:
        each = row.arrival
        recorded = total(each.on_record.values())
        counted = f"D{each.counted_by}" if each.counted_by is not None else ""
        cells = [str(each.record.position), stockholm_text(each.record.recorded_at)[:10], said(each.record, one.told), counted]
        rows.append([*cells, *_signed(row.given), signed(recorded.savings)])
    headers = [
        "Record",
        "Recorded",
        "What",
        "Counted by",
        "Savings by the facts",
        "Entitlement by the facts",
        "Savings on record",
    ]
    table = Table("Each record that bears on the months, and what it changes, SEK", headers, rows, [0, 4, 5, 6])
    by_facts, on_record = one.arrived.residual
    left = f"Left over: {shown(by_facts.savings)} and {shown(on_record.savings)} SEK."
    return Section("arrived", "What has arrived since", tables=[table], says=[*_together(one.told), left])


def _together(how: Told) -> Iterable[str]:
    """Which records are told as one, and why."""
    for row in how.rows:
        if row.together and row.given is not None:
            yield f"{_positions(row.together)}: told together, at the last; alone {FEW}."
    if how.few:
        yield "All together change the days of fewer than five absent persons: only their sum is told."


def documents(one: Dossier) -> Section:
    """Every document relied on, with its fingerprint."""
    unseen = "named, its bytes not seen"
    rows = [
        [row["document"] or "", str(row["record"]), str(row["recorded_on"]), row["sha256"] or unseen] for row in documents_of(one)
    ]
    table = Table("Documents, in the order of their records", ["Document", "Record", "Recorded", "SHA-256"], rows, [1])
    says = ["Whoever has a document can compute its SHA-256 and see that it is the one relied on: sha256sum FILE"]
    return Section("documents", "Documents relied on", tables=[table], says=says)


def documents_of(one: Dossier) -> list[dict[str, Any]]:
    """Each document with its record, the day in Stockholm on which it was recorded, and its SHA-256."""
    return [
        {
            "document": document.document,
            "record": record.position,
            "recorded_on": str(day_in_stockholm(record.recorded_at)),
            "sha256": document.sha256,
        }
        for record in _relied_on(one)
        for document in record.evidence
    ]


def _relied_on(one: Dossier) -> list[Recorded[Any]]:
    found = {record.position: record for record in one.timeline}
    if one.arrived is not None:
        found |= {record.position: record for several in one.arrived.then.rests_on.values() for record in several}
        found |= {index.record.position: index.record for index in one.arrived.then.index}
        found |= {each.record.position: each.record for each in one.arrived.arrivals}
    return [found[position] for position in sorted(found)]


def checking(one: Dossier) -> Section:
    """How to see that it is the same for both parties, and where to look further."""
    contract, name, position = one.contract, one.dispute.name, one.facts.position
    facts = [
        ("This dossier again", f"soc dossier {contract}/{name} --as-of {one.when.as_of} --known-at {position} -o FILE"),
        ("What is disputed", f"soc explain {contract}/{disputed(one.dispute)} --known-at {position}"),
        ("All figures computed anew", "soc check"),
        ("Fingerprint of the record", one.facts.basis.root),
    ]
    says = [
        "The same record gives the same dossier, byte for byte, whoever makes it: both parties hold one version. It shows no "
        "figure that rests on fewer than five absent persons and no single absence; totals are exact.",
    ]
    return Section("checking", "Where to check it", facts, says=says)
