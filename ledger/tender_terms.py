"""A tender as data: the draft of a contract's terms without what a bid decides, and the terms that follow from a bid. Pure.

Source: the case study (§4.2, §4.3): providers bid 25 % to 75 % of the estimated cost of delivery to be paid out of outcomes; the
rest is paid upfront, and the performance bonus is a part of what is at risk.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from ledger.canonical import canonical, fingerprint
from ledger.findings import TermsFinding
from ledger.money import kronor, rounded
from ledger.terms import PROVIDER, AbsenceCodes, ContractTerms, Governance, Months, Population, Settlement, Text
from ledger.tiers import Key
from ledger.toml_files import faults_of, read_toml
from ledger.vocabulary import Day, Frozen, Kronor, Role, Share, decimal_text


class AtRisk(Frozen):
    """The least and the most that a provider may bid to be paid out of outcomes, as shares of its service's value."""

    least: Share
    most: Share


class Service(Frozen):
    """What the service costs: ``value`` given, or bid where it is absent. ``in_terms``: whether the contract states the value, or
    leaves it to follow from the maximum payment (rule 11)."""

    value: Kronor | None = None
    in_terms: Literal["stated", "derived"]


class FixedShare(Frozen):
    """The provider's share of savings that the draft fixes for one at-risk share, whatever the rule gives."""

    at_risk_share: Share
    provider_share: Share


class ShareRule(Frozen):
    """The provider's share of savings: the amount at risk ÷ the investment, to so many ``decimals``, half away from zero."""

    decimals: Annotated[int, Field(ge=2, le=12)]
    fixed: tuple[FixedShare, ...] = ()


class UpfrontPart(Frozen):
    """An instalment of the upfront payment: which part of it falls due on which day; the last takes what rounding leaves."""

    on: Day
    part: Share


class TenderGovernance(Frozen):
    """Who may record the tender and its bids, and who awards: roles of the draft's parties."""

    records: tuple[Role, ...]
    awards: tuple[Role, ...]


class DraftInvestment(Frozen):
    """What the contract costs in all."""

    total: Kronor


class DraftOutcome(Frozen):
    """How savings are shared, but for what a bid decides (rule 10)."""

    bonus_rate: Share
    ceiling: Share


class DraftTerms(Frozen):
    """A contract's terms without what a bid decides: the external provider, the at-risk share, the upfront payment, the
    provider's share and the maximum payment."""

    id: Key
    name: Text
    currency: Literal["SEK"]
    vat: Literal["excluded"]
    starts_on: Day
    measured_from: Day
    months: Months
    ramp_up_months: Annotated[int, Field(ge=0, le=600)]
    assumed: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    clauses: dict[str, Text] = Field(default_factory=dict)
    parties: dict[Role, Text]
    population: Population
    investment: DraftInvestment
    outcome: DraftOutcome
    settlement: Settlement
    governance: Governance
    absence_codes: AbsenceCodes | None = None


class TenderTerms(Frozen):
    """A tender of the agreement with an external provider. Money in kronor as text, shares as exact decimals.

    ``unpublished`` names the keys that no public source gives: they are parameters, and said to be. ``clauses`` says where a key
    stands; without it the key itself is shown.
    """

    form: Literal["tender"]
    id: Key
    name: Text
    opens_on: Day
    closes_on: Day
    criteria: tuple[Text, ...]
    unpublished: tuple[str, ...] = ()
    clauses: dict[str, Text] = Field(default_factory=dict)
    at_risk: AtRisk
    service: Service
    provider_share: ShareRule
    upfront: tuple[UpfrontPart, ...]
    governance: TenderGovernance
    draft: DraftTerms

    @model_validator(mode="after")
    def _consistent(self) -> TenderTerms:
        faults = list(self._faults()) or list(self._draft_faults())
        if faults:
            raise ValueError("; ".join(dict.fromkeys(faults)))
        return self

    def _faults(self) -> Iterator[str]:
        checks = [
            (self.closes_on >= self.opens_on, "closes_on lies before opens_on"),
            (0 < self.at_risk.least <= self.at_risk.most < 1, "at_risk must lie between 0 and 1, the least first"),
            (self.service.value is None or self.service.value > 0, "service.value must be above zero"),
            (
                self.service.in_terms == "stated" or self.service.value is not None,
                "service.value is missing: what each provider bids must be stated in its terms, so that in_terms is not derived",
            ),
            (bool(self.upfront), "upfront must name at least one instalment"),
            (all(one.part > 0 for one in self.upfront), "upfront: each part must be above zero"),
            (sum(one.part for one in self.upfront) == 1, "upfront: the parts must sum to 1"),
            (PROVIDER not in self.draft.parties, f"draft.parties names the {PROVIDER}, whom the award decides"),
            (self.draft.investment.total > 0, "draft.investment.total must be above zero"),
            (self.draft.outcome.bonus_rate >= 0, "draft.outcome.bonus_rate cannot be negative"),
        ]
        yield from (message for holds, message in checks if not holds)
        shares = [one.at_risk_share for one in self.provider_share.fixed]
        if len(set(shares)) < len(shares):
            yield "provider_share.fixed names one at-risk share twice"
        for name in ("records", "awards"):
            named = getattr(self.governance, name)
            yield from [] if named else [f"governance.{name} must name at least one role"]
            strange = [role for role in named if role not in self.draft.parties]
            yield from (f"governance.{name} names {role}, which is not in [draft.parties]" for role in strange)
        yield from (f"unpublished names {key}, which the tender does not have" for key in self.unpublished if not has(self, key))
        yield from (f"clauses names {key}, which the tender does not have" for key in self.clauses if not has(self, key))

    def _draft_faults(self) -> Iterator[str]:
        """What keeps the draft from becoming terms at the least and the most that may be bid."""
        value = None if self.service.value is not None else self.draft.investment.total
        for share in (self.at_risk.least, self.at_risk.most):
            try:
                awarded(self, "a bidder", share, value)
            except ValueError as error:
                yield from (f"draft: {fault}" for fault in faults_in(error))

    def __hash__(self) -> int:
        return hash(self.sha256)

    @cached_property
    def sha256(self) -> str:
        """The identity of these terms: SHA-256 of their canonical form."""
        return fingerprint(self.model_dump(mode="json", exclude_none=True))

    def clause(self, key: str) -> str:
        """Where a key stands, one of the draft by the draft's own clauses; its own name where no clause is given."""
        return self.clauses.get(key) or self.draft.clauses.get(key.removeprefix("draft."), key)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The keys that no public source gives, each with where its value is from, if that is said."""
        return tuple(key if self.clause(key) == key else f"{key} ({self.clause(key)})" for key in self.unpublished)


def has(model: Frozen, key: str) -> bool:
    """Whether a dotted key names something that is said there."""
    value: Any = model
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
        if value is None:
            return False
    return True


def faults_in(error: ValueError) -> list[str]:
    """What speaks against terms, fault by fault."""
    if not isinstance(error, ValidationError):
        return [str(error)]
    said = [(".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")) for one in error.errors(include_url=False)]
    return [fault for key, what in said for fault in ([f"{key}: {what}"] if key else what.split("; "))]


def share_by_rule(tender: TenderTerms, at_risk_share: Fraction, value: int) -> Fraction:
    """The amount at risk ÷ the investment, to the decimals of the tender; ``value`` in öre."""
    scale = 10**tender.provider_share.decimals
    return Fraction(rounded(at_risk_share * value * scale / tender.draft.investment.total), scale)


def provider_share(tender: TenderTerms, at_risk_share: Fraction, value: int) -> Fraction:
    """The provider's share of savings: what the draft fixes for that at-risk share, or what the rule gives."""
    fixed = {one.at_risk_share: one.provider_share for one in tender.provider_share.fixed}
    return fixed.get(at_risk_share, share_by_rule(tender, at_risk_share, value))


def value_of(tender: TenderTerms, value: int | None) -> int:
    """Öre: the service value that the tender gives, or else the one that was bid. Raises ValueError for both, or neither."""
    given = tender.service.value
    if (given is None) == (value is None):
        raise ValueError("the service value is given by the tender" if value is not None else "a bid states its service value")
    return given if given is not None else value or 0


def awarded(tender: TenderTerms, bidder: str, at_risk_share: Fraction, value: int | None) -> ContractTerms:
    """The contract's terms as they follow from a bid: r·V at risk, (1 − r)·V upfront, at most (1 + bonus rate)·r·V.

    ``value`` in öre where the tender gives none. Raises ValueError where terms cannot be so.
    """
    draft, amount = tender.draft, value_of(tender, value)
    maximum = rounded((1 + draft.outcome.bonus_rate) * at_risk_share * amount)
    stated = tender.service.in_terms == "stated"
    at_risk = at_risk_share * amount if stated else maximum / (1 + draft.outcome.bonus_rate)
    upfront = rounded((amount if stated else at_risk / at_risk_share) - at_risk)
    said = draft.model_dump(mode="json", exclude_none=True)
    said["parties"][PROVIDER] = bidder
    said["investment"] |= {"at_risk_share": decimal_text(at_risk_share)}
    said["investment"] |= {"external_service_value": kronor(amount)} if stated else {}
    said["upfront"] = {"instalments": _instalments(tender, upfront)}
    share = provider_share(tender, at_risk_share, amount)
    said["outcome"] |= {"provider_share": decimal_text(share), "maximum_payment": kronor(maximum)}
    return ContractTerms.model_validate_json(canonical(said))


def _instalments(tender: TenderTerms, upfront: int) -> list[dict[str, str]]:
    amounts = [rounded(one.part * upfront) for one in tender.upfront[:-1]]
    amounts.append(upfront - sum(amounts))
    return [{"on": one.on.isoformat(), "amount": kronor(amount)} for one, amount in zip(tender.upfront, amounts, strict=True)]


def share_findings(tender: TenderTerms, at_risk_share: Fraction, value: int | None) -> list[TermsFinding]:
    """Where the draft fixes another share than the rule gives, with the difference in öre at savings of the investment."""
    amount = value_of(tender, value)
    fixed, ruled = provider_share(tender, at_risk_share, amount), share_by_rule(tender, at_risk_share, amount)
    if fixed == ruled:
        return []
    exact = at_risk_share * amount / tender.draft.investment.total
    what = (
        f"the provider's share is fixed at {percent(fixed)} of savings; the amount at risk ÷ the investment is "
        f"{percent(Fraction(rounded(exact * 10**6), 10**6))}, by the tender's rule {percent(ruled)}"
    )
    size = abs(rounded((fixed - ruled) * tender.draft.investment.total))
    return [TermsFinding(what, size, tender.clause("provider_share.fixed"))]


def percent(share: Fraction) -> str:
    """``18.4 %``: an exact share in per cent."""
    return f"{decimal_text(share * 100)} %"


def read_tender(content: bytes, file: str) -> TenderTerms:
    """A tender from TOML. Raises InputRefused with every fault."""
    try:
        return TenderTerms.model_validate(read_toml(content, file))
    except ValidationError as error:
        raise faults_of(error, content, file) from None
