"""Every type of record with its fields, written by hand: which there must be (those with a ``?`` may be missing), and what each
holds. A record with a field missing, unknown or of another kind does not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.verifier.facts import CAUSES
from cli.verifier.programme_fields import PROGRAMME_FIELDS
from cli.verifier.shapes import Either, Kinds, OneOrMore, checker, faults_of_value
from cli.verifier.tender_fields import TENDER_FIELDS
from cli.verifier.tiered_fields import TIERED_FIELDS
from cli.verifier.together import (
    faults_of_audit,
    faults_of_causes,
    faults_of_item,
    faults_of_methodology,
    faults_of_numbers,
    faults_of_position_said,
    faults_of_prices,
    faults_of_raised,
    faults_of_reimbursement,
    faults_of_signed_off,
    faults_of_terms,
    faults_of_years,
)

DOCUMENT = {"document": "text", "sha256?": "sha256", "obtained_on?": "day", "obtained_how": "text"}
ENVELOPE = {
    "position": "whole",
    "stream": "text",
    "version": "whole",
    "type": "text",
    "recorded_at": "instant",
    "effective_on": "day",
    "recorded_by": {"name": "text", "role": "role"},
    "evidence": [DOCUMENT],
    "submission": "text",
    "data": {"*": "anything"},
}
"""What every record says, whatever its type."""
CLAIM = {"amount_ore": "whole", "payable_on": "day"}
ENTRY = {"amount_ore": "whole", "on": "day"}
SETTLED = {"number": "whole", "amount_ore": "whole", "on": "day"}
AMOUNTS = [{"month": "month", "amount_ore": "whole"}]
PAYMENT_KINDS = ("upfront", "outcome", "recovery")
SOURCES = ("payroll", "health-support", "other")
STATUSES = ("published", "derived", "estimated")
INDICATORS = ("engagement", "work-capacity", "ohs-preventive", "ohs-rehabilitative")
INDICATOR_UNITS = ("index-0-100", "score-0-10", "per-cent", "sek")
TARGETED = ("short-term-days", "long-term-days", "long-term-employees", "risk-group", "healthy-workplaces", *INDICATORS)
CORRECTED = (*PAYMENT_KINDS, *(f"instructed {kind}" for kind in PAYMENT_KINDS), "draw", "repayment", "notice", "acceptance")

COUNTED = {"source": SOURCES, "day_basis": ("weekday",), "extent": ("proportional",)}
METHODOLOGY = {
    "": faults_of_methodology,
    "name": "name60",
    "version": "above zero",
    "measure": Kinds(
        {
            "short-term-net-days@1": COUNTED,
            "net-days@1": {
                "": faults_of_numbers,
                **COUNTED,
                "first_day_counted": "above zero",
                "last_day_counted": "above zero",
            },
        }
    ),
    "reference": Kinds({"reference-years@1": {"": faults_of_years, "from": "day", "to": "day"}}),
    "trend": Kinds(
        {
            "national-index@1": {
                "series": "text",
                "accept": [STATUSES],
                "disrupted?": "period",
                "quarter_split": ("whole-quarter", "previous-year", "refuse"),
            }
        }
    ),
    "price": Kinds({"per-net-day@1": {"": faults_of_prices, "sek": [{"from": "day", "amount": "kronor"}]}}),
    "disruption": OneOrMore(
        Kinds(
            {
                "none@1": {},
                "exclude-cause@1": {"": faults_of_causes, "causes": [CAUSES], "window": "period"},
                "rebase@1": {"": faults_of_years, "from": "day", "to": "day", "window": "period"},
                "freeze-trend@1": {"at": "quarter", "window": "period"},
                "net-of-reimbursement@1": {"reimbursed": ("average", "marginal"), "window": "period"},
                "exclude-months@1": {"window": "period"},
                "deem-average@1": {"window": "period", "of": "period"},
            }
        )
    ),
}
TERMS = {
    "": faults_of_terms,
    "id": "name40",
    "name": "line",
    "currency": ("SEK",),
    "vat": ("excluded",),
    "starts_on": "day",
    "measured_from": "day",
    "months": "months",
    "ramp_up_months": "ramp",
    "assumed": ["text"],
    "derived": ["text"],
    "clauses": {"*": "line"},
    "parties": {"*role": "line"},
    "population": {"employees": "line", "workplaces": "line"},
    "investment": {"total": "kronor", "external_service_value?": "kronor", "at_risk_share": "share"},
    "upfront": {"instalments": [{"on": "day", "amount": "kronor"}]},
    "outcome": {"provider_share": "share", "maximum_payment": "kronor", "bonus_rate": "share", "ceiling": "share"},
    "settlement": {
        "period": ("quarter",),
        "objection_days": "days",
        "payment_days": "days",
        "correction_months": "months",
        "report_days": "days",
        "overpaid": ("set-off", "refund"),
        "interest": ("none",),
    },
    "governance": {"signs": ["role"], "records": ["role"], "determines": "role", "pays": "role", "agrees": ["role"]},
    "absence_codes?": {
        **{f"{code}?": CAUSES for code in ("SMB", *(f"FR{number}" for number in range(1, 10)))},
        "workplace_dimension?": "dimension",
    },
}
POSITION = {
    "": faults_of_position_said,
    "savings?": AMOUNTS,
    "amount_ore?": "count",
    "methodology?": METHODOLOGY,
    "sha256?": "sha256",
    "facts?": {"upto": "whole", "without": ["whole"]},
    "computed_by?": "text",
}
MEASURED = {
    "month": "month",
    "employees": "whole",
    "weekdays": "whole",
    "reference_rate": "ratio",
    "trend": {"quarter": "quarter", "value": "text", "published_on": "day", "status": STATUSES, "factor": "ratio"},
    "expected_days": "ratio",
    "actual_hundredths": "whole",
    "price_ore": "whole",
    "savings_ore": "whole",
    "terms_sha256": "sha256",
    "methodology_sha256": "sha256",
    "findings": ["text"],
}
NETTED = {**MEASURED, "left_out_hundredths?": "whole", "reimbursed?": "ratio"}
NOT_MEASURED = {
    "month": "month",
    "kind": ("exclude-months@1", "deem-average@1"),
    "of?": "period",
    "savings_ore": "whole",
    "terms_sha256": "sha256",
    "methodology_sha256": "sha256",
    "findings": ["text"],
}
DECIDED = {**NOT_MEASURED, "kind": (*NOT_MEASURED["kind"], "resolved"), "dispute?": "whole"}


def _determined(month: Any) -> dict[str, Any]:
    return {
        "number": "whole",
        "months": [month],
        "supersedes": ["whole"],
        "reason?": "text",
        "preliminary": "true or false",
        "basis": {"position": "whole", "root": "sha256"},
        "computed_by": "text",
        "savings": AMOUNTS,
        "entitlement": AMOUNTS,
        "claim_ore": "whole",
    }


AGREED_FROM = {"from_month": "month", "agreed_by": ["role"], "reason": "text"}
ADOPTION = {"methodology": METHODOLOGY, "sha256": "sha256", "from_on": "day", "agreed_by": ["role"]}
ADOPTION_ARGUED = {
    **ADOPTION,
    "proposal?": "whole",
    "accepts?": [{"name": "text", "what": "text", "size_ore?": "whole"}],
}
FIELDS: dict[str, dict[str, Any]] = {
    "LedgerOpened@1": {"simulated": "true or false", "seed?": "text"},
    "ContractSigned@1": {"terms": TERMS, "signed_on": "day"},
    "ContractAmended@1": {"terms": TERMS, **AGREED_FROM},
    "MethodologyProposed@1": {
        "number": "whole",
        "methodology": METHODOLOGY,
        "sha256": "sha256",
        "from_on": "day",
        "by": "role",
        "reason": "text",
    },
    "MethodologyRejected@1": {"proposal": "whole", "by": "role", "reason": "text"},
    "MethodologyAdopted@1": ADOPTION,
    "MethodologyAdopted@2": ADOPTION_ARGUED,
    "MethodologyAdopted@3": {**ADOPTION_ARGUED, "beside?": "period"},
    "FollowUpSuspended@1": AGREED_FROM,
    "FollowUpResumed@1": AGREED_FROM,
    "AbsenceReported@1": {
        "contract": "text",
        "source": SOURCES,
        "scope?": {"complete": "period", "workplaces?": ["text"]},
        "period?": "period",
        "months": ["month"],
        "lines": {"count": "whole", "sha256": "sha256"},
    },
    "WorkforceReported@1": {"contract": "text", "rows": [{"month": "month", "workplace": "text", "employees": "count"}]},
    "ReimbursementsReported@1": {
        "contract": "text",
        "rows": [
            {
                "": faults_of_reimbursement,
                "month": "month",
                "sick_pay_cost_ore": "count",
                "wage_cost_ore": "count",
                "threshold": "share",
                "reimbursed_ore": "count",
            }
        ],
    },
    "TrendPublished@1": {
        "series": "text",
        "values": [{"quarter": "quarter", "value": "index", "published_on": "day", "status": STATUSES, "source": "text"}],
    },
    "SavingsDetermined@1": _determined(MEASURED),
    "SavingsDetermined@2": _determined(Either("kind", NOT_MEASURED, NETTED)),
    "SavingsDetermined@3": _determined(Either("kind", DECIDED, NETTED)),
    "SavingsNotified@1": {"determination": "whole", "on": "day", "objection_until": "day", "claim": CLAIM},
    "DeterminationAccepted@1": {"determination": "whole", "role": "role", "on": "day", "was?": CLAIM, "becomes?": CLAIM},
    "PaymentInstructed@1": {"number": "whole", "kind": PAYMENT_KINDS, "amount_ore": "whole", "on": "day", "invoice": "text"},
    "PaymentMade@1": {
        "number": "whole",
        "kind": PAYMENT_KINDS,
        "amount_ore": "whole",
        "on": "day",
        "invoice": "text",
        "bank_reference": "text",
        "settles?": SETTLED,
    },
    "LoanDrawn@1": {"number": "whole", "amount_ore": "whole", "on": "day", "purpose": ("internal", "upfront")},
    "LoanRepaid@1": {"number": "whole", "amount_ore": "whole", "on": "day"},
    "EntryCorrected@1": {
        "corrects": "whole",
        "entry": CORRECTED,
        "number": "whole",
        "was": ENTRY,
        "becomes?": ENTRY,
        "role?": "role",
        "lifted?": SETTLED,
        "lifts?": SETTLED,
        "reason": "text",
    },
    "DisputeRaised@1": {
        "": faults_of_raised,
        "number": "whole",
        "determination?": "whole",
        "payment?": "whole",
        "payment_kind?": PAYMENT_KINDS,
        "by": "role",
        "on": "day",
        "was_ore": "whole",
        "position": POSITION,
        "grounds": "text",
    },
    "DisputeAnswered@1": {"dispute": "whole", "by": "role", "on": "day", "answer": "text", "position?": POSITION},
    "DisputeWithdrawn@1": {"dispute": "whole", "on": "day", "reason": "text"},
    "DisputeResolved@1": {
        "dispute": "whole",
        "on": "day",
        "outcome": ("upheld", "rejected", "settled"),
        "agreed_by": ["role"],
        "decided_by?": "text",
        "reason": "text",
        "position?": POSITION,
        "determination?": "whole",
        "claim?": CLAIM,
    },
    "ContractClosed@1": {"on": "day"},
    "AuditFindingsRecorded@1": {
        "": faults_of_audit,
        "number": "whole",
        "on": "day",
        "checkpoint": {"size": "above zero", "root": "sha256"},
        "population": "whole",
        "sample": "whole",
        "procedure": "text",
        "items": [
            {
                "": faults_of_item,
                "record": "whole",
                "line": "count",
                "result": ("ok", "exception"),
                "exception?": "text",
                "days_hundredths?": "whole",
                "amount_ore?": "whole",
                "evidence": "text",
            }
        ],
        "supersedes?": "whole",
        "reason?": "text",
    },
    "EvaluationSignedOff@1": {
        "": faults_of_signed_off,
        "number": "whole",
        "by": "role",
        "on": "day",
        "opinion": ("unqualified", "qualified", "adverse", "disclaimer"),
        "text": "text",
        "findings": ["whole"],
        "evaluation": "sha256",
        "recorded_at_closing?": "true or false",
        "supersedes?": "whole",
        "reason?": "text",
    },
    "IndicatorsReported@1": {
        "contract": "text",
        "rows": [
            {
                "indicator": INDICATORS,
                "period": "period",
                "value": "index",
                "unit": INDICATOR_UNITS,
                "respondents?": "count",
                "note?": "line",
            }
        ],
    },
    "TargetsStated@1": {
        "contract": "text",
        "rows": [
            {
                "measure": TARGETED,
                "change": "share",
                "stated_on?": "day",
                "by": "line",
                "from_period?": "period",
                "to_period?": "period",
                "source": "line",
                "note?": "line",
            }
        ],
    },
    **TIERED_FIELDS,
    **PROGRAMME_FIELDS,
    **TENDER_FIELDS,
}
"""The types that this program knows; ``*``: names that the parties give; what stands under ``""`` judges all together."""


def faults_of_body(record: Mapping[str, Any]) -> list[str]:
    """What keeps a record from being read. Of a type that is not known (``FIELDS``), the envelope alone is looked at."""
    try:
        return _faults_of_body(record)
    except (ArithmeticError, ValueError) as error:
        return [f"its days or numbers are such that nothing can be computed with them: {error}"]


def _faults_of_body(record: Mapping[str, Any]) -> list[str]:
    known = _CHECKS.get(record["type"]) if type(record.get("type")) is str else None
    if known is not None and known(record):
        return []
    return faults_of_value({**ENVELOPE, "data": FIELDS[record["type"]]} if known is not None else ENVELOPE, record, "")


_CHECKS = {name: checker({**ENVELOPE, "data": fields}) for name, fields in FIELDS.items()}
