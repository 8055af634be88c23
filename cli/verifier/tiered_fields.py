"""The types of records of contracts settled by tiers, with their fields."""

from __future__ import annotations

from typing import Any

from cli.verifier.bonds import faults_of_bond
from cli.verifier.shapes import Kinds
from cli.verifier.tiered_together import (
    faults_of_condition,
    faults_of_limit,
    faults_of_metric_row,
    faults_of_tiered_terms,
    faults_of_waterfall,
)

LIMIT = {"": faults_of_limit, "amount?": "kronor", "times?": "share", "of?": "name40"}
CONDITION = {
    "": faults_of_condition,
    "metric": "name40",
    "group": "name40",
    "part": "name40",
    "at_least?": "number",
    "at_most?": "number",
}
TIER = {
    "name": "name40",
    "what": "line",
    "of": "name40",
    "up_to?": LIMIT,
    "shares": [{"party": "role", "share": "share", "most?": LIMIT}],
    "guaranteed": "true or false",
    "only_if?": CONDITION,
}
MEASURED_BY = {"id": "name40", "metric": "name40", "group": "name40"}
VALUATION = Kinds(
    {
        "reported-amount@1": MEASURED_BY,
        "cost-difference@1": {**MEASURED_BY, "baseline": "name40", "parts": ["name40"]},
        "price-per-unit@1": {**MEASURED_BY, "price": "kronor"},
        "contracts-savings@1": {"id": "name40", "contracts": ["name40"]},
    },
    closed=True,
)
LENT_IN = {"id": "name40", "what": "line", "principal": "kronor"}
GROWING = {**LENT_IN, "rate": "share", "day_count": ("30E/360", "A/360", "A/365")}
BOND = {
    "": faults_of_bond,
    "holder": "role",
    "issuer": "role",
    "issued_on": "day",
    "matures_on": "day",
    "parts": [
        Kinds(
            {
                "loan@1": {**GROWING, "interest_months": "interest months", "stub?": ("short", "long")},
                "zero-coupon@1": GROWING,
                "outcome@1": LENT_IN,
            },
            closed=True,
        )
    ],
    "least_return?": "share",
    "most_return?": "share",
}
TIERED_TERMS = {
    "": faults_of_tiered_terms,
    "form": ("tiered",),
    "id": "name40",
    "name": "line",
    "currency": ("SEK", "EUR"),
    "vat": ("excluded", "none"),
    "starts_on": "day",
    "ends_on": "day",
    "assumed": ["text"],
    "derived": ["text"],
    "unpublished": ["text"],
    "clauses": {"*": "line"},
    "parties": {"*role": "line"},
    "amounts": [{"id": "name40", "what": "line", "amount": "kronor"}],
    "metrics": [
        {
            "id": "name40",
            "name": "line",
            "unit": ("money", "days", "count", "per cent", "index"),
            "better": ("lower", "higher"),
            "source": "line",
        }
    ],
    "valuations": [VALUATION],
    "waterfall": {"": faults_of_waterfall, "tiers": [TIER], "remainder": [{"of": "name40", "party": "role"}]},
    "payment_days": "days",
    "governance": {"signs": ["role"], "records": ["role"], "determines": "role", "pays": "role", "agrees": ["role"]},
    "bond?": BOND,
}
PAID_ON = {"amount_ore": "whole", "on": "day"}
TIERED_FIELDS: dict[str, dict[str, Any]] = {
    "TieredSigned@1": {"terms": TIERED_TERMS, "signed_on": "day"},
    "TieredAmended@1": {"terms": TIERED_TERMS, "from_on": "day", "agreed_by": ["role"], "reason": "text"},
    "MetricsReported@1": {
        "rows": [
            {
                "": faults_of_metric_row,
                "metric": "name40",
                "group": "name40",
                "part": "name40",
                "until": "day",
                "persons?": "above zero",
                "amount_ore?": "whole",
                "value?": "number",
            }
        ]
    },
    "TiersDetermined@1": {
        "number": "whole",
        "on": "day",
        "amounts": [{"id": "name40", "amount_ore": "whole"}],
        "conditions": [{"tier": "name40", "value?": "number", "met": "true or false"}],
        "given": [{"of": "name40", "tier": "name40", "party": "role", "amount_ore": "whole"}],
        "kept": [{"of": "name40", "party": "role", "amount_ore": "whole"}],
        "terms_sha256": "sha256",
        "basis": {"position": "whole", "root": "sha256"},
        "computed_by": "text",
        "reason?": "text",
    },
    "TiersAgreed@1": {
        "determination": "whole",
        "role": "role",
        "on": "day",
        "claims": [{"party": "role", "amount_ore": "whole", "payable_on": "day"}],
    },
    "TieredPaid@1": {
        "number": "whole",
        "kind": ("investment", "outcome", "recovery", "issue", "interest", "redemption"),
        "payer": "role",
        "payee": "role",
        "amount_ore": "above zero",
        "on": "day",
        "bank_reference": "text",
    },
    "TieredPaymentCorrected@1": {"number": "whole", "was": PAID_ON, "becomes?": PAID_ON, "reason": "text"},
}
