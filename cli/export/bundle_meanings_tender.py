"""What every stored field of a tender means, in words."""

from __future__ import annotations

_OPENED = {
    ("TenderOpened", "terms"): "the tender's terms, with the draft of the contract's",
    ("TenderTerms", "form"): "that it is a tender",
    ("TenderTerms", "id"): "the tender's id",
    ("TenderTerms", "name"): "the tender's name",
    ("TenderTerms", "opens_on"): "the first day on which a bid may be received",
    ("TenderTerms", "closes_on"): "the last day on which a bid may be received",
    ("TenderTerms", "criteria"): "by what bids are compared",
    ("TenderTerms", "unpublished"): "the keys that no source was found for; their values are parameters",
    ("TenderTerms", "clauses"): "where each key stands",
    ("TenderTerms", "at_risk"): "the limits of what may be bid",
    ("TenderTerms", "service"): "what the service costs",
    ("TenderTerms", "provider_share"): "how the provider's share of savings follows from a bid",
    ("TenderTerms", "upfront"): "the instalments of the upfront payment",
    ("TenderTerms", "governance"): "who may do what in the tender",
    ("TenderTerms", "draft"): "the contract's terms without what a bid decides",
    ("AtRisk", "least"): "the least share that may be bid to be paid out of savings",
    ("AtRisk", "most"): "the most that may be bid",
    ("Service", "value"): "what the service costs in all; absent: each bid states its own",
    ("Service", "in_terms"): "whether the contract states the value, or it follows from the maximum payment",
    ("ShareRule", "decimals"): "decimals of the amount at risk ÷ the investment, rounded half away from zero",
    ("ShareRule", "fixed"): "shares that the draft fixes in place of the rule",
    ("FixedShare", "at_risk_share"): "for which share at risk",
    ("FixedShare", "provider_share"): "the provider's share of savings then",
    ("UpfrontPart", "on"): "the day on which it falls due",
    ("UpfrontPart", "part"): "which part of the upfront payment it is",
    ("TenderGovernance", "records"): "who records the tender and its bids",
    ("TenderGovernance", "awards"): "who awards it",
}

_DRAFT = {
    ("DraftTerms", "id"): "the contract's id",
    ("DraftTerms", "name"): "the contract's name",
    ("DraftTerms", "currency"): "the currency of all amounts",
    ("DraftTerms", "vat"): "whether amounts are without value added tax",
    ("DraftTerms", "starts_on"): "the first day of the contract",
    ("DraftTerms", "measured_from"): "the first day that is measured",
    ("DraftTerms", "months"): "how many months are measured",
    ("DraftTerms", "ramp_up_months"): "months until the service has its full effect",
    ("DraftTerms", "assumed"): "the keys that no public source gives",
    ("DraftTerms", "derived"): "the keys that follow from others",
    ("DraftTerms", "clauses"): "where each key stands in the contract",
    ("DraftTerms", "parties"): "the parties by role, but for the external provider",
    ("DraftTerms", "population"): "who is measured",
    ("DraftTerms", "investment"): "what the contract costs",
    ("DraftTerms", "outcome"): "how savings are shared",
    ("DraftTerms", "settlement"): "how determinations are noticed, accepted and paid",
    ("DraftTerms", "governance"): "who may do what in the contract",
    ("DraftTerms", "absence_codes"): "what the payroll's codes mean",
    ("DraftInvestment", "total"): "the investment",
    ("DraftOutcome", "bonus_rate"): "by which the maximum exceeds what is at risk",
    ("DraftOutcome", "ceiling"): "savings beyond this multiple of the investment are the authority's alone",
}

_BIDS = {
    ("BidReceived", "number"): "the bid's number within the tender",
    ("BidReceived", "bidder"): "who bid",
    ("BidReceived", "at_risk_share"): "which share of its service's value is paid only out of savings",
    ("BidReceived", "service_value_ore"): "what the service costs in all, where the tender gives no value",
    ("BidReceived", "on"): "the day on which it was received",
    ("BidWithdrawn", "bid"): "the number of the bid",
    ("BidWithdrawn", "on"): "the day on which it was withdrawn",
    ("TenderAwarded", "bid"): "the number of the bid that it was awarded to",
    ("TenderAwarded", "on"): "the day of the award",
    ("TenderAwarded", "terms_sha256"): "SHA-256 of the contract's terms that follow from the bid",
}

MEANINGS_TENDER = {**_OPENED, **_DRAFT, **_BIDS}
"""(class, field) → meaning."""
