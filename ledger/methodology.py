"""How savings are measured, as declarative data: named rules with versions and parameters (decision 8).

A methodology is identified by the SHA-256 of its canonical form: names, versions and parameters, not source text.
What each kind computes stands in ``projections/rules/``, one file a kind and version.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, ValidationError, model_validator

from ledger.canonical import fingerprint
from ledger.disruption import (
    Agreed,
    Disruption,
    Disruptions,
    ExcludeCause,
    FreezeTrend,
    NetOfReimbursement,
    Rebase,
    ReferenceYears,
    Sort,
)
from ledger.periods import Month, Period, Quarter
from ledger.toml_files import faults_of, read_toml
from ledger.vocabulary import Day, Frozen, Kronor

TrendStatus = Literal["published", "derived", "estimated"]
Source = Literal["payroll", "health-support", "other"]


class Numbers(NamedTuple):
    """The numbers in a sick-pay period of the days that are counted, from ``first`` to ``last``, both included (rule 4)."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"


SHORT_TERM = Numbers(1, 14)
"""The employer's sick-pay period (Sjuklönelagen 7 §)."""


class ShortTermNetDays(Frozen):
    """Which days are counted: short-term net days of one source (rules 2, 4, 5)."""

    kind: Literal["short-term-net-days@1"]
    source: Source
    day_basis: Literal["weekday"]
    extent: Literal["proportional"]

    @property
    def numbers(self) -> Numbers:
        """Days 1 to 14 of each sick-pay period."""
        return SHORT_TERM


class NetDays(Frozen):
    """Which days are counted: net days of one source that have one of these numbers in their sick-pay period (rules 2, 4, 5).
    Absence from its 60th day on is long-term (SKR). Assumed: no public source names such a measure for a contract."""

    kind: Literal["net-days@1"]
    source: Source
    day_basis: Literal["weekday"]
    extent: Literal["proportional"]
    first_day_counted: Annotated[int, Field(ge=1)]
    last_day_counted: Annotated[int, Field(le=365)]

    @model_validator(mode="after")
    def _in_order(self) -> NetDays:
        if self.last_day_counted < self.first_day_counted:
            raise ValueError("last_day_counted must not be less than first_day_counted")
        return self

    @property
    def numbers(self) -> Numbers:
        """The days that the parties agreed on."""
        return Numbers(self.first_day_counted, self.last_day_counted)


Measure = Annotated[ShortTermNetDays | NetDays, Field(discriminator="kind")]


class NationalIndex(Frozen):
    """Adjustment for the national trend (rule 7)."""

    kind: Literal["national-index@1"]
    series: str
    accept: tuple[TrendStatus, ...]
    disrupted: Period | None = None
    quarter_split: Literal["whole-quarter", "previous-year", "refuse"]


class Price(Frozen):
    """A price of a net day from a date on."""

    from_: Annotated[Day, Field(alias="from")]
    amount: Kronor


class PerNetDay(Frozen):
    """What an avoided net day is worth (rule 8)."""

    kind: Literal["per-net-day@1"]
    sek: Annotated[tuple[Price, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ordered(self) -> PerNetDay:
        starts = [price.from_ for price in self.sek]
        if starts != sorted(set(starts)):
            raise ValueError("sek must be in order of date, one price a date")
        if any(price.amount <= 0 for price in self.sek):
            raise ValueError("a price must be above zero")
        return self


class Methodology(Frozen):
    """A methodology: what is measured, against what, adjusted how, at what price."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    version: Annotated[int, Field(gt=0)]
    measure: Measure
    reference: ReferenceYears
    trend: NationalIndex
    price: PerNetDay
    disruption: Disruptions

    def rule(self, sort: Sort, month: Month) -> Disruption | None:
        """The rule for disrupted months that acts at a step in a month; None where the methodology's own does."""
        return next((rule for rule in self.disruption if sort == rule.SORT and rule.acts_in(month)), None)

    def left_out(self, month: Month) -> tuple[str, ...]:
        """The causes whose days are left out of a month's actual days."""
        rule = self.rule("leave out", month)
        return rule.causes if isinstance(rule, ExcludeCause) else ()

    def reference_of(self, month: Month) -> Period:
        """The reference months that a month is compared with."""
        rule = self.rule("reference", month)
        return rule.months if isinstance(rule, Rebase) else self.reference.months

    def frozen_at(self, month: Month) -> Quarter | None:
        """The quarter whose trend factor a month takes in place of its own; None where it takes its own."""
        rule = self.rule("trend", month)
        return rule.at if isinstance(rule, FreezeTrend) else None

    def netting(self, month: Month) -> NetOfReimbursement | None:
        """How a month's price is lowered by what the state repaid; None where it is not."""
        rule = self.rule("price", month)
        return rule if isinstance(rule, NetOfReimbursement) else None

    def agreed(self, month: Month) -> Agreed | None:
        """The rule under which a month is not measured; None for a month that is."""
        rule = self.rule("window", month)
        return rule if isinstance(rule, Agreed) else None

    @cached_property
    def sha256(self) -> str:
        """The identity of this methodology: SHA-256 of its canonical form."""
        return fingerprint(self.model_dump(mode="json", by_alias=True, exclude_none=True))


def read_methodology(content: bytes, file: str) -> Methodology:
    """A methodology from TOML. Raises InputRefused with every fault."""
    try:
        return Methodology.model_validate(read_toml(content, file))
    except ValidationError as error:
        raise faults_of(error, content, file) from None
