"""How savings are measured, as declarative data: named rules with versions and parameters (decision 8).

A methodology is identified by the SHA-256 of its canonical form: names, versions and parameters, not source text.
What each kind computes stands in ``projections/rules/``, one file a kind and version.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from ledger.canonical import fingerprint
from ledger.periods import Month, Period
from ledger.toml_files import faults_of, read_toml
from ledger.vocabulary import Day, Frozen, Kronor

TrendStatus = Literal["published", "derived", "estimated"]
Source = Literal["payroll", "health-support", "other"]


class ShortTermNetDays(Frozen):
    """Which days are counted: short-term net days of one source (rules 2, 4, 5)."""

    kind: Literal["short-term-net-days@1"]
    source: Source
    day_basis: Literal["weekday"]
    extent: Literal["proportional"]


class ReferenceYears(Frozen):
    """The years that the contract's months are compared with (rule 6). Both dates are inclusive, whole months."""

    kind: Literal["reference-years@1"]
    from_: Annotated[Day, Field(alias="from")]
    to: Day

    @property
    def months(self) -> Period:
        """The reference months."""
        return Period(Month.holding(self.from_), Month.holding(self.to))

    @model_validator(mode="after")
    def _whole_months(self) -> ReferenceYears:
        if self.from_.day != 1 or Month.holding(self.to).last_day != self.to:
            raise ValueError("from must be the first of a month and to the last of one")
        if len(self.months) % 12:
            raise ValueError("from and to must span whole years, so that no calendar month is missing")
        return self


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


class NoDisruption(Frozen):
    """Disrupted months are measured as any other."""

    kind: Literal["none@1"]


class Methodology(Frozen):
    """A methodology: what is measured, against what, adjusted how, at what price."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    version: Annotated[int, Field(gt=0)]
    measure: ShortTermNetDays
    reference: ReferenceYears
    trend: NationalIndex
    price: PerNetDay
    disruption: NoDisruption

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
