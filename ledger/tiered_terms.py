"""The terms of a contract settled by tiers, as data: what is measured (metrics), what it is worth (valuation), and who gets what
(waterfall), three separate things. The contracts measured by sick leave (``terms.py``) are instances of the same waterfall."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from ledger.bonds import Bond, faults_within
from ledger.canonical import fingerprint
from ledger.terms import Days, Governance, Status, Text
from ledger.tiers import Key, Waterfall
from ledger.toml_files import faults_of, read_toml
from ledger.vocabulary import Day, Frozen, Kronor, Role

Unit = Literal["money", "days", "count", "per cent", "index"]


class Metric(Frozen):
    """What is measured: reported by ``group`` and ``part`` (a follow-up year, a school year), with the persons it is about.

    ``better`` says which way is better; ``source`` who reports it, and how it is defined.
    """

    id: Key
    name: Text
    unit: Unit
    better: Literal["lower", "higher"]
    source: Text


class ReportedAmount(Frozen):
    """The sum of the amounts reported of a metric of money, such as the cost of activity."""

    kind: Literal["reported-amount@1"]
    id: Key
    metric: Key
    group: Key


class CostDifference(Frozen):
    """What a ``group`` would have cost at the ``baseline`` group's cost per person, less what it cost, over the ``parts``
    (follow-up years): for each part round(cost ÷ persons of the baseline × persons of the group) − cost of the group."""

    kind: Literal["cost-difference@1"]
    id: Key
    metric: Key
    baseline: Key
    group: Key
    parts: Annotated[tuple[Key, ...], Field(min_length=1)]


class PricePerUnit(Frozen):
    """The values reported of a metric, summed, times a ``price`` a unit, rounded once, half away from zero."""

    kind: Literal["price-per-unit@1"]
    id: Key
    metric: Key
    group: Key
    price: Kronor


class ContractsSavings(Frozen):
    """The savings determined in other contracts of the same ledger, as of the same date, as known then."""

    kind: Literal["contracts-savings@1"]
    id: Key
    contracts: Annotated[tuple[Key, ...], Field(min_length=1)]


Valuation = Annotated[ReportedAmount | CostDifference | PricePerUnit | ContractsSavings, Field(discriminator="kind")]


class NamedAmount(Frozen):
    """An amount of the terms that limits refer to, such as the most that is invested."""

    id: Key
    what: Text
    amount: Kronor


class TieredTerms(Frozen):
    """A contract settled by tiers, as the parties agreed it. Money as text with two decimals, in the terms' currency.

    ``assumed`` and ``derived`` name the keys that no public source gives, ``unpublished`` those that no source was found for and
    that are required parameters; ``clauses`` says where a key stands in the contract.
    """

    form: Literal["tiered"]
    id: Key
    name: Text
    currency: Literal["SEK", "EUR"]
    vat: Literal["excluded", "none"]
    starts_on: Day
    ends_on: Day
    assumed: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    unpublished: tuple[str, ...] = ()
    clauses: dict[str, Text] = Field(default_factory=dict)
    parties: dict[Role, Text]
    amounts: tuple[NamedAmount, ...] = ()
    metrics: tuple[Metric, ...] = ()
    valuations: Annotated[tuple[Valuation, ...], Field(min_length=1)]
    waterfall: Waterfall
    payment_days: Days
    governance: Governance
    bond: Bond | None = None

    @model_validator(mode="after")
    def _consistent(self) -> TieredTerms:
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        if self.ends_on <= self.starts_on:
            yield "ends_on must lie after starts_on"
        yield from self._role_faults()
        named = [one.id for one in self.amounts] + [one.id for one in self.valuations]
        yield from (f"{key} is named twice" for key in sorted({one for one in named if named.count(one) > 1}))
        yield from self._metric_faults()
        valued = {one.id for one in self.valuations}
        yield from (f"waterfall divides {key}, which no valuation gives" for key in self.waterfall.divided if key not in valued)
        if self.currency != "SEK" and any(isinstance(one, ContractsSavings) for one in self.valuations):
            yield f"valuations: savings of other contracts are in SEK, these terms are in {self.currency}"
        if self.bond is not None:
            yield from faults_within(self.bond, self.parties, self.waterfall)
        referred = sorted(self.waterfall.referred - set(named))
        yield from (f"waterfall: a limit refers to {key}, which neither amounts nor valuations give" for key in referred)
        yield from self._guarantee_faults()

    def _guarantee_faults(self) -> Iterator[str]:
        """What is guaranteed must not move with the outcome."""
        outcomes = {one.id for one in self.valuations if not isinstance(one, ReportedAmount)}
        for tier in self.waterfall.tiers:
            limits = [tier.up_to, *(part.most for part in tier.shares)]
            rests_on = {tier.of, *(limit.of for limit in limits if limit is not None and limit.of is not None)}
            if tier.guaranteed and rests_on & outcomes:
                yield f"tier {tier.name} is guaranteed, so it cannot rest on {', '.join(sorted(rests_on & outcomes))}, an outcome"

    def _role_faults(self) -> Iterator[str]:
        governance = self.governance
        roles = {*governance.signs, *governance.records, *governance.agrees, governance.determines, governance.pays}
        yield from (f"governance names {role}, which is not in [parties]" for role in sorted(roles - self.parties.keys()))
        for name in ("signs", "records", "agrees"):
            if not getattr(governance, name):
                yield f"governance.{name} must name at least one role"
        shares = {part.party for tier in self.waterfall.tiers for part in tier.shares}
        shares |= set(self.waterfall.left_with.values())
        yield from (f"waterfall names {role}, which is not in [parties]" for role in sorted(shares - self.parties.keys()))

    def _metric_faults(self) -> Iterator[str]:
        metrics = {one.id: one for one in self.metrics}
        if len(metrics) < len(self.metrics):
            yield "metrics name one id twice"
        for one in self.valuations:
            if isinstance(one, ContractsSavings):
                continue
            if one.metric not in metrics:
                yield f"valuation {one.id} is of {one.metric}, which is no metric"
            elif (metrics[one.metric].unit == "money") != (not isinstance(one, PricePerUnit)):
                yield f"valuation {one.id}: {one.kind} of a metric in {metrics[one.metric].unit}"
        for tier in self.waterfall.tiers:
            if tier.only_if is not None and (found := metrics.get(tier.only_if.metric)) is None:
                yield f"tier {tier.name} is conditional on {tier.only_if.metric}, which is no metric"
            elif tier.only_if is not None and found is not None and found.unit == "money":
                yield f"tier {tier.name} is conditional on {tier.only_if.metric}, whose values are money"

    def __hash__(self) -> int:
        return hash(self.sha256)

    @cached_property
    def sha256(self) -> str:
        """The identity of these terms: SHA-256 of their canonical form."""
        return fingerprint(self.model_dump(mode="json", exclude_none=True))

    def metric(self, key: str) -> Metric | None:
        """The metric of that id."""
        return next((one for one in self.metrics if one.id == key), None)

    def clause(self, key: str) -> str:
        """Where a key stands in the contract; its own name where no clause is given."""
        return self.clauses.get(key, key)

    def status(self, key: str) -> Status | Literal["not published"]:
        """Whether a key's value was *published*, *derived* from others, *assumed*, or is one that no source was found for."""
        names = {key, *(key.rsplit(".", cut)[0] for cut in range(1, key.count(".") + 1))}
        if names & set(self.unpublished):
            return "not published"
        if names & set(self.assumed):
            return "assumed"
        return "derived" if names & set(self.derived) else "published"

    def payable_on(self, agreed_on: date) -> date:
        """The day on which what the last party agreed to on a day falls payable; of a bond not before it matures."""
        falls = agreed_on + timedelta(days=self.payment_days)
        return falls if self.bond is None else max(falls, self.bond.matures_on)


def read_tiered_terms(content: bytes, file: str) -> TieredTerms:
    """Terms from TOML. Raises InputRefused with every fault."""
    try:
        return TieredTerms.model_validate(read_toml(content, file))
    except ValidationError as error:
        raise faults_of(error, content, file) from None
