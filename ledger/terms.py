"""The contract as data: each field with the clause it stands for, and what follows from it."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from ledger.canonical import fingerprint
from ledger.money import rounded
from ledger.periods import Month
from ledger.tiers import Waterfall
from ledger.toml_files import faults_of, read_toml
from ledger.vocabulary import Day, Frozen, Kronor, Role, Share, printable

Status = Literal["published", "derived", "assumed"]
Days = Annotated[int, Field(ge=0, le=3650)]
"""A number of calendar days, ten years at most."""

Months = Annotated[int, Field(gt=0, le=600)]
"""A number of months, fifty years at most."""

Text = Annotated[str, Field(max_length=300), AfterValidator(printable)]
"""One line of text."""


PROVIDER, PAYER = "external_provider", "payer"
"""Between whom savings are shared (rule 10)."""

SAVINGS, INVESTMENT = "savings", "investment"
"""What the tiers divide, and what their limits refer to."""


class Population(Frozen):
    """Who is measured (rule 1); the ledger cannot check it and says so."""

    employees: Text
    workplaces: Text


class Investment(Frozen):
    """What the contract costs. ``external_service_value`` may be absent: then it is derived from the maximum."""

    total: Kronor
    external_service_value: Kronor | None = None
    at_risk_share: Share


class Instalment(Frozen):
    """One upfront payment, paid whatever the outcome (rule 13)."""

    on: Day
    amount: Kronor


class Upfront(Frozen):
    """The upfront payment, in instalments."""

    instalments: tuple[Instalment, ...]


class Outcome(Frozen):
    """How savings are shared (rule 10)."""

    provider_share: Share
    maximum_payment: Kronor
    bonus_rate: Share
    ceiling: Share


class Settlement(Frozen):
    """How determinations are noticed, accepted and paid (rules 9, 15, 16, 17). Days are calendar days."""

    period: Literal["quarter"]
    objection_days: Days
    payment_days: Days
    correction_months: Months
    report_days: Days
    overpaid: Literal["set-off", "refund"]
    interest: Literal["none"]


class Governance(Frozen):
    """Who may do what (rule 20): roles, keys of [parties]."""

    signs: tuple[Role, ...]
    records: tuple[Role, ...]
    determines: Role
    pays: Role
    agrees: tuple[Role, ...]


Cause = Literal["sick", "work-injury", "covid"]
"""What an absence may be caused by."""


class AbsenceCodes(Frozen):
    """What PAXml's codes mean that sender and receiver agree on, and which dimension of its units is the workplace.

    A code that is not named is no sick leave. Every key may be left out.
    """

    SMB: Cause | None = None
    FR1: Cause | None = None
    FR2: Cause | None = None
    FR3: Cause | None = None
    FR4: Cause | None = None
    FR5: Cause | None = None
    FR6: Cause | None = None
    FR7: Cause | None = None
    FR8: Cause | None = None
    FR9: Cause | None = None
    workplace_dimension: Annotated[int, Field(ge=1, le=99)] | None = None


class ContractTerms(Frozen):
    """A social outcomes contract as the parties agreed it.

    Money in kronor as text, shares as exact decimals; ``assumed`` and ``derived`` name the keys that no public
    source gives. ``clauses`` says where a key stands in the contract; without it the key itself is shown.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
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
    investment: Investment
    upfront: Upfront
    outcome: Outcome
    settlement: Settlement
    governance: Governance
    absence_codes: AbsenceCodes | None = None

    @model_validator(mode="after")
    def _consistent(self) -> ContractTerms:
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> list[str]:
        investment, outcome = self.investment, self.outcome
        value = investment.external_service_value
        checks = [
            (self.measured_from.day == 1, "measured_from must be the first of a month"),
            (self.measured_from >= self.starts_on.replace(day=1), "measured_from lies before starts_on"),
            (investment.total > 0, "investment.total must be above zero"),
            (value is None or value > 0, "investment.external_service_value must be above zero"),
            (0 < investment.at_risk_share < 1, "investment.at_risk_share must lie between 0 and 1"),
            (0 < outcome.provider_share < 1, "outcome.provider_share must lie between 0 and 1"),
            (outcome.maximum_payment > 0, "outcome.maximum_payment must be above zero"),
            (outcome.bonus_rate >= 0, "outcome.bonus_rate cannot be negative"),
            (outcome.ceiling > 0, "outcome.ceiling must be above zero"),
            (all(part.amount > 0 for part in self.upfront.instalments), "upfront.instalments must be above zero"),
        ]
        faults = [message for holds, message in checks if not holds]
        if not faults and self.service_value > investment.total:
            faults.append("investment.external_service_value: the service costs more than investment.total")
        roles = {*self.governance.signs, *self.governance.records, *self.governance.agrees}
        roles |= {self.governance.determines, self.governance.pays}
        faults += [f"governance names {role}, which is not in [parties]" for role in sorted(roles - self.parties.keys())]
        for name in ("signs", "records", "agrees"):
            if not getattr(self.governance, name):
                faults.append(f"governance.{name} must name at least one role")
        for listed in ("assumed", "derived", "clauses"):
            faults += [
                f"{listed} names {key}, which the terms do not have" for key in getattr(self, listed) if not _has(self, key)
            ]
        return faults

    def __hash__(self) -> int:
        return hash(self.sha256)

    @cached_property
    def sha256(self) -> str:
        """The identity of these terms: SHA-256 of their canonical form."""
        return fingerprint(self.model_dump(mode="json", exclude_none=True))

    @cached_property
    def waterfall(self) -> Waterfall:
        """Who gets what of the savings, as tiers: the provider its share up to the ceiling, at most the maximum (rule 10)."""
        outcome = self.outcome.model_dump(mode="json")
        most = {"amount": outcome["maximum_payment"]}
        tier = {
            "name": "share",
            "what": "the provider's share of each krona saved",
            "of": SAVINGS,
            "up_to": {"times": outcome["ceiling"], "of": INVESTMENT},
            "shares": ({"party": PROVIDER, "share": outcome["provider_share"], "most": most},),
        }
        return Waterfall.model_validate({"tiers": (tier,), "remainder": ({"of": SAVINGS, "party": PAYER},)})

    @property
    def first_month(self) -> Month:
        """The first month that is measured."""
        return Month.holding(self.measured_from)

    @property
    def last_month(self) -> Month:
        """The last month that is measured."""
        return self.first_month + (self.months - 1)

    @property
    def value_is_derived(self) -> bool:
        """Whether the service value follows from the maximum (rule 11)."""
        return self.investment.external_service_value is None

    @property
    def at_risk_exact(self) -> Fraction:
        """Öre: share at risk × value, or maximum ÷ (1 + bonus rate) where the value is derived (rule 11)."""
        value = self.investment.external_service_value
        if value is None:
            return self.outcome.maximum_payment / (1 + self.outcome.bonus_rate)
        return self.investment.at_risk_share * value

    @property
    def service_value(self) -> Fraction:
        """Öre, exact: what the external provider's service costs."""
        value = self.investment.external_service_value
        return Fraction(value) if value is not None else self.at_risk_exact / self.investment.at_risk_share

    @property
    def at_risk(self) -> int:
        """Öre, rounded once: what the provider is paid only out of savings."""
        return rounded(self.at_risk_exact)

    @property
    def upfront_agreed(self) -> int:
        """Öre, rounded once: value − at risk, paid whatever the outcome."""
        return rounded(self.service_value - self.at_risk_exact)

    @property
    def internal(self) -> int:
        """Öre, rounded once: total − value, the authority's own cost."""
        return rounded(self.investment.total - self.service_value)

    @property
    def loan_limit(self) -> int:
        """Öre, rounded once: internal + upfront, what the HR department may borrow (rule 14)."""
        return rounded(self.investment.total - self.at_risk_exact)

    @property
    def worst_case(self) -> int:
        """Öre, rounded once: internal + upfront + maximum, what the authority may have to pay in all (rule 12)."""
        return rounded(self.investment.total - self.at_risk_exact + self.outcome.maximum_payment)

    @property
    def ceiling_savings(self) -> int:
        """Öre: savings beyond this are the authority's alone."""
        return rounded(self.outcome.ceiling * self.investment.total)

    def instalments_until(self, day: Any) -> int:
        """Öre of upfront instalments that have fallen due by that date."""
        return sum(part.amount for part in self.upfront.instalments if part.on <= day)

    def clause(self, key: str) -> str:
        """Where a key stands in the contract; its own name where no clause is given."""
        return self.clauses.get(key, key)

    def status(self, key: str) -> Status:
        """Whether a key's value was *published*, *derived* from others, or *assumed*."""
        names = {key, *(key.rsplit(".", cut)[0] for cut in range(1, key.count(".") + 1))}
        if names & set(self.assumed):
            return "assumed"
        return "derived" if names & set(self.derived) else "published"


def _has(terms: ContractTerms, key: str) -> bool:
    value: Any = terms
    for part in key.split("."):
        if isinstance(value, dict):
            value = value.get(part, _MISSING)
        else:
            value = getattr(value, part, _MISSING) if part in getattr(type(value), "model_fields", {}) else _MISSING
        if value is _MISSING:
            return False
    return True


_MISSING = object()


def read_terms(content: bytes, file: str) -> ContractTerms:
    """Contract terms from TOML. Raises InputRefused with every fault."""
    try:
        return ContractTerms.model_validate(read_toml(content, file))
    except ValidationError as error:
        raise faults_of(error, content, file) from None
