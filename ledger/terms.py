"""The contract as data: each field with the clause it stands for, what follows from it, and where it does not close."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from ledger.canonical import fingerprint
from ledger.errors import Fault, InputRefused
from ledger.money import decimals, rounded, shown
from ledger.periods import Month
from ledger.vocabulary import Day, Frozen, Kronor, Role, Share

if TYPE_CHECKING:
    from ledger.waterfall import Targets

Status = Literal["published", "derived", "assumed"]
Positive = Annotated[int, Field(gt=0)]


class Population(Frozen):
    """Who is measured (rule 1); the ledger cannot check it and says so."""

    employees: str
    workplaces: str


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
    objection_days: Positive
    payment_days: Annotated[int, Field(ge=0)]
    correction_months: Positive
    report_days: Positive
    overpaid: Literal["set-off", "refund"]
    interest: Literal["none"]


class Governance(Frozen):
    """Who may do what (rule 20): roles, keys of [parties]."""

    signs: tuple[Role, ...]
    records: tuple[Role, ...]
    determines: Role
    pays: Role
    agrees: tuple[Role, ...]


class ContractTerms(Frozen):
    """A social outcomes contract as the parties agreed it.

    Money in kronor as text, shares as exact decimals; ``assumed`` and ``derived`` name the keys that no public
    source gives. ``clauses`` says where a key stands in the contract; without it the key itself is shown.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
    name: str
    currency: Literal["SEK"]
    vat: Literal["excluded"]
    starts_on: Day
    measured_from: Day
    months: Positive
    ramp_up_months: Annotated[int, Field(ge=0)]
    assumed: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    clauses: dict[str, str] = Field(default_factory=dict)
    parties: dict[Role, str]
    population: Population
    investment: Investment
    upfront: Upfront
    outcome: Outcome
    settlement: Settlement
    governance: Governance

    @model_validator(mode="after")
    def _consistent(self) -> ContractTerms:
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> list[str]:
        checks = [
            (self.measured_from.day == 1, "measured_from must be the first of a month"),
            (self.measured_from >= self.starts_on.replace(day=1), "measured_from lies before starts_on"),
            (self.investment.total > 0, "investment.total must be above zero"),
            (0 < self.investment.at_risk_share < 1, "investment.at_risk_share must lie between 0 and 1"),
            (0 < self.outcome.provider_share < 1, "outcome.provider_share must lie between 0 and 1"),
            (self.outcome.maximum_payment > 0, "outcome.maximum_payment must be above zero"),
            (self.outcome.bonus_rate >= 0, "outcome.bonus_rate cannot be negative"),
            (self.outcome.ceiling > 0, "outcome.ceiling must be above zero"),
            (self.service_value <= self.investment.total, "the external service costs more than investment.total"),
            (all(part.amount > 0 for part in self.upfront.instalments), "upfront.instalments must be above zero"),
        ]
        faults = [message for holds, message in checks if not holds]
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

    @cached_property
    def sha256(self) -> str:
        """The identity of these terms: SHA-256 of their canonical form."""
        return fingerprint(self.model_dump(mode="json", exclude_none=True))

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

    @cached_property
    def targets(self) -> Targets:
        """The break-evens and the cap that follow (rule 11)."""
        from ledger.waterfall import targets

        return targets(self)

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


def read_toml(content: bytes, file: str) -> dict[str, Any]:
    """A TOML document as plain values. Raises InputRefused with the line that TOML's own reader names."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputRefused([Fault(file, None, "is not UTF-8 text", "TOML files are UTF-8; save it so")]) from None
    except tomllib.TOMLDecodeError as error:
        raise InputRefused([Fault(file, None, f"is not valid TOML: {error}")]) from None


def faults_of(error: ValidationError, file: str) -> InputRefused:
    """Every fault that pydantic found, by its key."""
    faults = []
    for one in error.errors(include_url=False):
        key = ".".join(str(part) for part in one["loc"])
        message = one["msg"].removeprefix("Value error, ")
        faults += [Fault(file, None, f"{key}: {part}" if key else part) for part in message.split("; ")]
    return InputRefused(faults)


def read_terms(content: bytes, file: str) -> ContractTerms:
    """Contract terms from TOML. Raises InputRefused with every fault."""
    try:
        return ContractTerms.model_validate(tuples(read_toml(content, file)))
    except ValidationError as error:
        raise faults_of(error, file) from None


def tuples(value: Any) -> Any:
    """Lists as tuples, so that strict models take them."""
    if isinstance(value, dict):
        return {key: tuples(inner) for key, inner in value.items()}
    return tuple(tuples(inner) for inner in value) if isinstance(value, list) else value


@dataclass(frozen=True)
class TermsFinding:
    """Where published numbers do not close (rule 12). ``size`` in öre."""

    what: str
    size: int
    clause: str


def findings(terms: ContractTerms) -> list[TermsFinding]:
    """The findings at signature, each with its size in öre (rule 12)."""
    outcome, total = terms.outcome, terms.investment.total
    found = []

    def note(what: str, size: int, key: str) -> None:
        if size:
            found.append(TermsFinding(what, abs(size), terms.clause(key)))

    at_ceiling = rounded(outcome.provider_share * terms.ceiling_savings)
    binds = outcome.maximum_payment / outcome.provider_share / total * 100
    note(
        f"the maximum payment binds at {decimals(binds, 1)} % of the investment, the ceiling at "
        f"{decimals(outcome.ceiling * 100, 1)} %: {shown(at_ceiling)} at the ceiling, {shown(outcome.maximum_payment)} at most",
        at_ceiling - outcome.maximum_payment,
        "outcome.maximum_payment",
    )
    provider, authority = terms.targets.provider.at_savings, terms.targets.authority.at_savings
    if provider is not None and authority is not None:
        note(
            f"the parties do not break even at the same savings: provider at {shown(provider)}, authority at {shown(authority)}",
            authority - provider,
            "outcome.provider_share",
        )
    by_share = outcome.provider_share * total / terms.investment.at_risk_share
    implied = rounded(outcome.provider_share * total * (1 + outcome.bonus_rate))
    note(
        f"the service value is {shown(rounded(terms.service_value))}"
        f"{' from the maximum' if terms.value_is_derived else ''}, or {shown(rounded(by_share))} from share × investment "
        f"÷ at-risk share; the maximum payment would then be {shown(implied)}",
        implied - outcome.maximum_payment,
        "investment.external_service_value",
    )
    from_bonus = rounded(terms.at_risk_exact * (1 + outcome.bonus_rate))
    note(
        f"the amount at risk with its bonus is {shown(from_bonus)}, the maximum payment {shown(outcome.maximum_payment)}",
        from_bonus - outcome.maximum_payment,
        "outcome.bonus_rate",
    )
    agreed = sum(part.amount for part in terms.upfront.instalments)
    note(
        f"the upfront instalments sum to {shown(agreed)}, value less amount at risk is {shown(terms.upfront_agreed)}",
        agreed - terms.upfront_agreed,
        "upfront",
    )
    return found
