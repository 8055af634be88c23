"""An external auditor's findings on record: whether they are on the sample that was drawn, how many exceptions there are, and
what that says of all lines (ISRS 4400 for the sheet, ISA 530 for the projection)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ledger import audits
from ledger import events as e
from ledger.contract import ContractState
from ledger.facts import Facts
from ledger.money import rounded
from ledger.record import Recorded
from projections.audience import FEWEST, Audience, is_employer
from projections.audit.extrapolation import FEWEST_WITH_DAYS, ErrorRate, error_rate
from projections.audit.sampling import drawn, sample


@dataclass(frozen=True)
class DaysFound:
    """Differences in net days × 100 over a sample: ``difference`` what the evidence shows more than the record, of the
    ``recorded`` that the sampled lines account for (``Line.net_hundredths``). ``stated``: exceptions that state days,
    ``unstated``: those that state none, counted as none. ``ratio``: the first by the second, None where that is 0.

    ``savings_ore``: by how much the determined savings would change if the ratio held for every net day that they were determined
    on, at its month's price: an indication, before sharing, for nobody says that it does. None where fewer than FEWEST_WITH_DAYS
    exceptions state days.
    """

    difference: int
    recorded: int
    persons: int
    stated: int
    unstated: int
    ratio: Fraction | None
    savings_ore: int | None

    def shown_to(self, audience: Audience) -> bool:
        """Whether the audience may see the ratio: not where it rests on few persons."""
        return sees_lines(audience) or self.persons >= FEWEST


@dataclass(frozen=True)
class Found:
    """One record of findings: what it says, its error rate, its differences in days where any is stated, those in öre, and the
    number of the findings that took its place."""

    record: Recorded[e.AuditFindingsRecorded]
    rate: ErrorRate
    days: DaysFound | None
    amount_ore: int | None
    superseded_by: int | None

    @property
    def exceptions(self) -> tuple[e.ItemTested, ...]:
        """The items with an exception."""
        return tuple(one for one in self.record.data.items if one.result == "exception")


def sees_lines(audience: Audience) -> bool:
    """Whether single lines are for the audience: for the employer, who has them, and the auditor, who tests them."""
    return is_employer(audience) or audience == "auditor"


def findings(facts: Facts, contract_id: str, confidence: int = 95) -> list[Found]:
    """All findings on record, in order; ``confidence`` in per cent."""
    folded = facts.contract(contract_id)
    by = {one.data.supersedes: one.data.number for one in folded.audits}
    return [_found(facts, folded, one, confidence, by.get(one.data.number)) for one in folded.audits]


def _found(
    facts: Facts, folded: ContractState, record: Recorded[e.AuditFindingsRecorded], confidence: int, by: int | None
) -> Found:
    event = record.data
    exceptions = [one for one in event.items if one.result == "exception"]
    amounts = [one.amount_ore for one in exceptions if one.amount_ore is not None]
    return Found(
        record=record,
        rate=error_rate(len(exceptions), event.sample, event.population, confidence),
        days=_days(facts, folded, event) if any(one.days_hundredths is not None for one in exceptions) else None,
        amount_ore=sum(amounts) if amounts else None,
        superseded_by=by,
    )


def _days(facts: Facts, folded: ContractState, event: e.AuditFindingsRecorded) -> DaysFound:
    lines = sample(facts.at(event.checkpoint.size), folded.signed.id, event.sample).lines
    recorded = sum(one.net_hundredths for one in lines)
    said = [one.days_hundredths for one in event.items if one.result == "exception"]
    days = [one for one in said if one is not None]
    ratio = Fraction(sum(days), recorded) if recorded else None
    savings = None if ratio is None or len(days) < FEWEST_WITH_DAYS else rounded(-ratio * _at_price(folded))
    persons = len({one.employee for one in lines})
    return DaysFound(sum(days), recorded, persons, len(days), len(said) - len(days), ratio, savings)


def _at_price(folded: ContractState) -> Fraction:
    """Öre: the net days of the measured months of the determinations in force, each at its month's price."""
    months = [line for one in folded.in_force for line in one.months if isinstance(line, e.MonthDetermined)]
    worth = (Fraction(one.actual_hundredths * one.price_ore, 100) * (1 - (one.reimbursed or 0)) for one in months)
    return sum(worth, Fraction(0))


def superseded(facts: Facts, records: Sequence[Recorded[Any]]) -> bool:
    """Whether later findings, or a later sign-off, have taken the place of what these records say: then the same words are
    recorded again (decision 3)."""
    last = records[-1]
    later = (one.data for one in facts.stream(last.stream) if isinstance(one.data, type(last.data)))
    return any(one.supersedes == last.data.number for one in later)


def differences(facts: Facts, contract_id: str, before: ContractState, record: Recorded[Any]) -> Iterator[str]:
    """Where audit work on record is not what can be recomputed of it, in words; nothing for other records."""
    if isinstance(record.data, e.AuditFindingsRecorded):
        yield from _findings_differ(facts, contract_id, before, record)
    if isinstance(record.data, e.EvaluationSignedOff):
        yield from _sign_off_differs(before, record)


def _findings_differ(
    facts: Facts, contract_id: str, before: ContractState, record: Recorded[e.AuditFindingsRecorded]
) -> Iterator[str]:
    event, size = record.data, record.data.checkpoint.size
    if size >= record.position:
        yield f"A{event.number} names record {size} as its checkpoint, which it does not follow"
        return
    at = facts.at(size)
    if at.basis.root != event.checkpoint.root:
        yield f"A{event.number} names record {size} as its checkpoint, which has another fingerprint"
        return
    population, places = drawn(at, contract_id, event.sample)
    if population != event.population:
        yield f"A{event.number} says that there are {event.population} lines up to record {size}; there are {population}"
    if [(one.record, one.line) for one in event.items] != places:
        yield f"the items of A{event.number} are not those drawn from record {size}"
    standing = {one.data.number for one in before.standing_audits}
    if event.number != len(before.audits) + 1 or event.supersedes not in {None, *standing}:
        yield f"A{event.number} is not the next, or takes the place of findings that do not stand"
    yield from (f"A{event.number}: {what}" for what in audits.impossible(event.items))


def _sign_off_differs(before: ContractState, record: Recorded[e.EvaluationSignedOff]) -> Iterator[str]:
    event, earlier = record.data, before.signed_off
    if event.number != len(before.sign_offs) + 1 or event.supersedes != (None if earlier is None else earlier.data.number):
        yield f"S{event.number} is not the next, or does not take the place of the one before it"
    if event.findings != tuple(one.data.number for one in before.standing_audits):
        yield f"S{event.number} does not consider exactly the findings that stood then"
    if event.evaluation not in [one.sha256 for one in record.evidence]:
        yield f"the evaluation that S{event.number} signs off is not among its documents"
    if event.recorded_at_closing != (None if before.closed_on is None else event.evaluation == before.evaluation):
        yield f"S{event.number} says otherwise than the record whether its evaluation is the one of the closing"
    elif event.recorded_at_closing is False and event.reason is None:
        yield f"S{event.number} is on another document than the contract was closed on, and does not say why"
    if (why := audits.too_early(event.on, before)) is not None:
        yield f"S{event.number} is of {event.on}; {why}"
