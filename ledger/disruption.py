"""What parties may agree for months that a disruption makes incomparable, as declarative data: rule kinds that each change one
step of the measurement in a window of months. What each kind computes stands in ``projections/rules/``.

Every kind belongs to one *sort*, the step at which it acts; the steps come in this order: leave out, reference, trend, price,
window (rules 5 to 8). In one month at most one rule of a sort acts; elsewhere the contract's own rule of that sort does.
"""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from ledger.periods import Month, Period, Quarter
from ledger.terms import Cause
from ledger.vocabulary import Day, Frozen

Sort = Literal["leave out", "reference", "trend", "price", "window"]


class Disruption(Frozen):
    """A rule for disrupted months: ``window`` says in which it acts."""

    SORT: ClassVar[Sort]
    kind: str

    def acts_in(self, month: Month) -> bool:
        """Whether the rule acts in a month."""
        window: Period | None = getattr(self, "window", None)
        return window is not None and month in window


class NoDisruption(Disruption):
    """Disrupted months are measured as any other."""

    SORT = "leave out"
    kind: Literal["none@1"]

    def acts_in(self, month: Month) -> bool:
        """It acts nowhere."""
        return False


class ExcludeCause(Disruption):
    """Short-term days with these causes are left out of the window's actual days, after numbering: they keep their numbers
    (rule 5). A day counts in the month that it falls in; the index, the reference years and the price stay as they are."""

    SORT = "leave out"
    kind: Literal["exclude-cause@1"]
    causes: Annotated[tuple[Cause, ...], Field(min_length=1), AfterValidator(lambda causes: tuple(sorted(set(causes))))]
    window: Period


class Years(Frozen):
    """Years to compare with. Both dates are inclusive, whole months, and together whole years."""

    from_: Annotated[Day, Field(alias="from")]
    to: Day

    @property
    def months(self) -> Period:
        """The reference months."""
        return Period(Month.holding(self.from_), Month.holding(self.to))

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.from_.day != 1 or Month.holding(self.to).last_day != self.to:
            raise ValueError("from must be the first of a month and to the last of one")
        if len(self.months) % 12:
            raise ValueError("from and to must span whole years, so that no calendar month is missing")
        return self


class ReferenceYears(Years):
    """The years that the contract's months are compared with (rule 6)."""

    kind: Literal["reference-years@1"]


class Rebase(Disruption, Years):
    """The window's months are compared with other reference years; their index is compared with these years' too (rules 6, 7)."""

    SORT = "reference"
    kind: Literal["rebase@1"]
    window: Period


class FreezeTrend(Disruption):
    """The window's months take the trend factor of a quarter: its index ÷ the mean index of the same quarter of the reference
    years, so that a fourth quarter is not compared with second ones (rule 7)."""

    SORT = "trend"
    kind: Literal["freeze-trend@1"]
    at: Quarter
    window: Period


class NetOfReimbursement(Disruption):
    """A net day is worth less where the state repaid sick pay: price × (1 − the share repaid), from recorded reimbursements.

    ``average``: repaid ÷ sick-pay cost of the month. ``marginal``: what the last krona of sick pay brought back: all of it where
    the cost lies above the threshold, else nothing.
    """

    SORT = "price"
    kind: Literal["net-of-reimbursement@1"]
    reimbursed: Literal["average", "marginal"]
    window: Period


class ExcludeMonths(Disruption):
    """The window's months are not measured and count for nothing: their savings are 0 (rule 9)."""

    SORT = "window"
    kind: Literal["exclude-months@1"]
    window: Period


class DeemAverage(Disruption):
    """The window's months are not measured; each counts for the mean monthly savings of the months ``of``, rounded to the öre."""

    SORT = "window"
    kind: Literal["deem-average@1"]
    window: Period
    of: Period


Rule = Annotated[
    NoDisruption | ExcludeCause | Rebase | FreezeTrend | NetOfReimbursement | ExcludeMonths | DeemAverage,
    Field(discriminator="kind"),
]
Agreed = ExcludeMonths | DeemAverage
"""Rules under which a month is not measured: its savings are what the parties agreed."""

_ORDER = ("leave out", "reference", "trend", "price", "window")


def _listed(value: Any) -> Any:
    """One table or several as several, JSON's arrays as tuples, which strict models take."""
    tables = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    return tuple(
        {key: tuple(one) if isinstance(one, list) else one for key, one in table.items()} if isinstance(table, dict) else table
        for table in tables
    )


def _in_order(rules: tuple[Disruption, ...]) -> tuple[Disruption, ...]:
    """The rules in the order in which they act. Raises ValueError for two that would act at one step in one month."""
    if not rules:
        raise ValueError("must name at least one rule, or none@1")
    if len(rules) > 1 and any(isinstance(rule, NoDisruption) for rule in rules):
        raise ValueError("none@1 stands alone: it says that disrupted months are measured as any other")
    for one, other in combinations(rules, 2):
        both = [month for month in _window(one) if other.acts_in(month)]
        if one.SORT == other.SORT and both:
            raise ValueError(f"{one.kind} and {other.kind} both act on the {one.SORT} of {both[0]}; at most one may")
    agreed = [rule for rule in rules if isinstance(rule, Agreed)]
    for rule in agreed:
        if isinstance(rule, DeemAverage) and any(other.acts_in(month) for other in agreed for month in rule.of):
            raise ValueError("deem-average@1: the months of which the average is taken lie in a window that is not measured")
    return tuple(sorted(rules, key=lambda rule: (_ORDER.index(rule.SORT), min(_window(rule), default=Month(0)))))


def _window(rule: Disruption) -> tuple[Month, ...]:
    window: Period | None = getattr(rule, "window", None)
    return () if window is None else tuple(window)


def _single(rules: tuple[Disruption, ...]) -> Any:
    said = [rule.model_dump(mode="json", by_alias=True, exclude_none=True) for rule in rules]
    return said[0] if len(said) == 1 else said


Disruptions = Annotated[
    tuple[Rule, ...], BeforeValidator(_listed), AfterValidator(_in_order), PlainSerializer(_single, return_type=Any)
]
"""One table, or several; several are kept in the order in which they act, whatever order they were written in."""
