"""Short names: ``D5`` the fifth determination, ``N5`` its notice, ``P3`` a payment or instruction, ``L2`` a loan
movement, ``M2`` a methodology proposed, ``X1`` a dispute, ``A1`` an auditor's findings, ``S1`` a sign-off; ``B2`` a bid."""

from __future__ import annotations

import re
from typing import Any, assert_never

from ledger import events as e
from ledger.errors import Usage
from ledger.events import AnyEvent
from ledger.facts import Facts, contract_stream, streams_of
from ledger.record import Recorded


def short_name(record: Recorded[Any]) -> str | None:
    """The record's short name within its contract, where it has one."""
    event: AnyEvent = record.data
    match event:
        case e.SavingsDetermined(number=number):
            return f"D{number}"
        case e.SavingsNotified(determination=number):
            return f"N{number}"
        case e.PaymentInstructed(number=number) | e.PaymentMade(number=number):
            return f"P{number}"
        case e.LoanDrawn(number=number) | e.LoanRepaid(number=number):
            return f"L{number}"
        case e.MethodologyProposed(number=number):
            return f"M{number}"
        case e.DisputeRaised(number=number):
            return f"X{number}"
        case e.AuditFindingsRecorded(number=number):
            return f"A{number}"
        case e.EvaluationSignedOff(number=number):
            return f"S{number}"
        case e.TiersDetermined(number=number):
            return f"D{number}"
        case e.TieredPaid(number=number):
            return f"P{number}"
        case e.BidReceived(number=number):
            return f"B{number}"
        case (
            e.LedgerOpened()
            | e.ContractSigned()
            | e.ContractAmended()
            | e.MethodologyRejected()
            | e.MethodologyAdopted()
            | e.FollowUpSuspended()
            | e.FollowUpResumed()
            | e.AbsenceReported()
            | e.WorkforceReported()
            | e.ReimbursementsReported()
            | e.TrendPublished()
            | e.DeterminationAccepted()
            | e.EntryCorrected()
            | e.DisputeAnswered()
            | e.DisputeWithdrawn()
            | e.DisputeResolved()
            | e.ContractClosed()
            | e.TieredSigned()
            | e.TieredAmended()
            | e.MetricsReported()
            | e.TiersAgreed()
            | e.TieredPaymentCorrected()
            | e.IndicatorsReported()
            | e.TargetsStated()
            | e.ProgrammeFormed()
            | e.ProgrammeChanged()
            | e.TenderOpened()
            | e.BidWithdrawn()
            | e.TenderAwarded()
        ):
            return None
        case _:
            assert_never(event)


def resolve(facts: Facts, text: str) -> tuple[str, Recorded[Any]]:
    """The contract and the record that an ID names: ``botkyrka/812`` or ``botkyrka/D5``. Raises Usage where there is none."""
    match = re.fullmatch(r"([a-z][a-z0-9-]*)/([DNPLMXAS]?)(\d+)", text)
    if match is None:
        raise Usage(f"{text!r} is not an ID such as botkyrka/D5 or botkyrka/812")
    contract_id, letter, number = match[1], match[2], int(match[3])
    facts.contract(contract_id)
    records = list(facts.stream(contract_stream(contract_id)))
    if letter:
        found = [record for record in records if short_name(record) == f"{letter}{number}"]
    else:
        records = [record for name in streams_of(contract_id) for record in facts.stream(name)]
        found = [record for record in records if record.position == number]
    if not found:
        raise Usage(
            f"{contract_id} has no {letter}{number} on record, as known at record {facts.position}",
            do=f"list its records with: soc register {contract_id}",
        )
    return contract_id, found[-1]


def dispute_number(facts: Facts, text: str) -> tuple[str, int]:
    """The contract and the number of the dispute that an ID names. Raises Usage for anything else."""
    contract_id, record = resolve(facts, text)
    if not isinstance(record.data, e.DisputeRaised):
        raise Usage(f"{text} is not a dispute", do="name it by its short name, such as botkyrka/X1")
    return contract_id, record.data.number


def record_number(facts: Facts, contract_id: str, text: str) -> int:
    """The position that a record number says, alone or with its contract: ``812`` or ``botkyrka/812``. Raises Usage."""
    digits = text.removeprefix(f"{contract_id}/")
    if not re.fullmatch(r"[0-9]{1,12}", digits) or not 1 <= int(digits) <= facts.position:
        raise Usage(f"{text!r} is not a record of {contract_id}", do=f"list its records with: soc register {contract_id}")
    return int(digits)


def determination_number(facts: Facts, text: str) -> tuple[str, int]:
    """The contract and the number of the determination that an ID names. Raises Usage for anything else."""
    contract_id, record = resolve(facts, text)
    if not isinstance(record.data, e.SavingsDetermined):
        raise Usage(f"{text} is not a determination", do="name it by its short name, such as botkyrka/D5")
    return contract_id, record.data.number
