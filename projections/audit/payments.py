"""Payments as an auditor asks about them: what was paid, on what, and what about it needs an answer (rules 13, 16, 17, 18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from ledger import contract
from ledger.contract import ContractState, MoneyEntry
from ledger.events import EntryCorrected, PaymentInstructed, PaymentMade
from ledger.money import shown
from ledger.record import Recorded
from projections.audit.paid import Above, above, paid_late, what_became
from projections.audit.records import person, recorded_on

Sort = Literal[
    "overpaid",
    "before acceptance",
    "before it fell payable",
    "disputed",
    "paid late",
    "no instruction",
    "other amount than instructed",
    "invoice used twice",
    "bank reference used twice",
    "reversed",
    "corrected",
    "unsettled instruction",
    "no document",
]
"""What about a payment needs an answer."""


@dataclass(frozen=True)
class Flag:
    """``ore``: how much it is about; None where it is about the whole payment. ``what`` in words. ``days``: how late."""

    sort: Sort
    what: str
    ore: int | None = None
    days: int | None = None


@dataclass(frozen=True)
class Payment:
    """A payment made, or an instruction that none carries out. ``entry``: as it stands after corrections; ``above_then`` and
    ``above_now``: öre above what was payable on its day, as known when it was recorded and now, without what an earlier payment
    had overpaid already."""

    record: Recorded[PaymentMade] | Recorded[PaymentInstructed]
    entry: MoneyEntry
    above_then: int
    above_now: int
    flags: tuple[Flag, ...]

    @property
    def made(self) -> bool:
        """Whether money moved; else it is an instruction."""
        return isinstance(self.record.data, PaymentMade)

    @property
    def stands(self) -> bool:
        """Whether it was neither reversed nor cancelled."""
        return self.entry.open


def payments(records: Sequence[Recorded[Any]], now: ContractState, today: date, days: int) -> list[Payment]:
    """Every payment made, and every instruction that no payment carries out, in order of recording. ``days``: after how many an
    open instruction is old."""
    own = [record for record in records if record.stream.startswith("contract/")]
    corrections: dict[int, list[Recorded[EntryCorrected]]] = {}
    for record in own:
        if isinstance(record.data, EntryCorrected):
            corrections.setdefault(record.data.corrects, []).append(record)
    entries = {one.number: one for one in now.payments}
    settled = {one.settles.number for one in now.payments if one.settles is not None}
    found, state = [], contract.Initial
    for record in own:
        state = contract.evolve(state, record)
        if isinstance(record.data, (PaymentMade, PaymentInstructed)) and record.data.number not in settled:
            then = above(state, record.data.number) if isinstance(record.data, PaymentMade) else Above(0)
            found.append(_payment(record, entries[record.data.number], then, now, today, corrections))
    found = [_with(one, _unsettled(one, today, days)) for one in found]
    return _used_twice(found)


def _payment(
    record: Recorded[Any],
    entry: MoneyEntry,
    then: Above,
    now: ContractState,
    today: date,
    corrections: Mapping[int, Sequence[Recorded[EntryCorrected]]],
) -> Payment:
    made = isinstance(record.data, PaymentMade)
    stands = made and entry.open
    known = above(now, entry.number) if stands else Above(0)
    flags = [*_above_flags(then, known, what_became(now, entry.number, today) if stands else "")]
    flags += _late_flags(now, entry) if stands else ()
    if made and entry.settles is None:
        flags.append(Flag("no instruction", "carries out no instruction"))
    if made and entry.settles is not None and entry.settles.amount_ore != record.data.amount_ore:
        ordered = entry.settles.amount_ore
        what = f"P{entry.settles.number} instructed {shown(ordered)}"
        flags.append(Flag("other amount than instructed", what, record.data.amount_ore - ordered))
    for one in corrections.get(record.position, ()):
        flags.append(_corrected(one))
    if not record.evidence:
        flags.append(Flag("no document", "rests on no document"))
    return Payment(record, entry, then.own, known.own, tuple(flags))


def _above_flags(then: Above, now: Above, became: str) -> Iterator[Flag]:
    if then.own or now.own:
        said = f"{shown(then.own)} above what was payable that day as known then, {shown(now.own)} as known now"
        yield Flag("overpaid", f"{said}; {became}" if became else said, max(then.own, now.own))
    known, one = ("then", then) if then.waits else ("now", now)
    if one.unaccepted:
        yield Flag("before acceptance", f"before {_named(one.unaccepted)} counted as accepted, as known {known}", one.ore)
    if waits := [number for number in one.waits if number not in one.unaccepted]:
        yield Flag(
            "before it fell payable", f"before {_named(waits)}, which was accepted, fell payable, as known {known}", one.ore
        )
    if then.held or now.held:
        said = f"{shown(then.held)} held by an open dispute as known then, {shown(now.held)} as known now"
        yield Flag("disputed", said, max(then.held, now.held))


def _late_flags(now: ContractState, entry: MoneyEntry) -> Iterator[Flag]:
    for one in paid_late(now, entry.number):
        days = (entry.on - one.since).days
        what = f"{days} {'day' if days == 1 else 'days'} after {one.since} ({one.why})"
        yield Flag("paid late", what, one.ore, days)


def _named(numbers: Iterable[int]) -> str:
    return ", ".join(f"D{number}" for number in numbers)


def _corrected(record: Recorded[EntryCorrected]) -> Flag:
    event = record.data
    if event.becomes is None:
        return Flag("reversed", f"by record {record.position} on {recorded_on(record)}: {event.reason}", event.was.amount_ore)
    was, becomes = (f"{shown(one.amount_ore)} on {one.on}" for one in (event.was, event.becomes))
    what = f"by record {record.position}, was {was}, now {becomes}: {event.reason}"
    return Flag("corrected", what, event.becomes.amount_ore - event.was.amount_ore)


def _unsettled(one: Payment, today: date, days: int) -> list[Flag]:
    age = (today - one.entry.on).days
    if one.made or not one.stands or age <= days:
        return []
    return [Flag("unsettled instruction", f"no payment carries it out after {age} days", one.entry.amount)]


def _with(one: Payment, flags: Sequence[Flag]) -> Payment:
    return replace(one, flags=(*one.flags, *flags)) if flags else one


def _used_twice(found: Sequence[Payment]) -> list[Payment]:
    """References that several payments that stand have, compared as names are."""
    references: dict[tuple[Sort, str], list[str]] = {}
    for one in found:
        for sort, reference in _references(one):
            references.setdefault((sort, person(reference)), []).append(one.entry.name)
    return [_with(one, list(_repeated(one, references))) for one in found]


def _references(one: Payment) -> Iterator[tuple[Sort, str]]:
    if one.stands:
        yield "invoice used twice", one.entry.invoice
        if isinstance(one.record.data, PaymentMade):
            yield "bank reference used twice", one.record.data.bank_reference


def _repeated(one: Payment, references: Mapping[tuple[Sort, str], Sequence[str]]) -> Iterator[Flag]:
    for sort, reference in _references(one):
        others = [name for name in references[sort, person(reference)] if name != one.entry.name]
        if others:
            yield Flag(sort, f"{reference}, also of {', '.join(others)}", one.entry.amount)


def flagged(found: Iterable[Payment]) -> dict[Sort, list[tuple[Payment, Flag]]]:
    """The flags by what they are about, those first that are about money paid too much or too early."""
    by_sort: dict[Sort, list[tuple[Payment, Flag]]] = {sort: [] for sort in Sort.__args__}  # type: ignore[attr-defined]
    for one in found:
        for flag in one.flags:
            by_sort[flag.sort].append((one, flag))
    return {sort: several for sort, several in by_sort.items() if several}
