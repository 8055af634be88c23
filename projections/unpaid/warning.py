"""The warning that the case study calls for (§3): what is paid by improves while what is not paid by gets worse, as when
people work while they are sick.

The rule: net short-term days per employee are below what was expected, as savings are counted, by more than ``PAID_BETTER``;
and at least one of the measures compared is worse than before by more than its margin. No source gives margins: they are
assumed [A], and said wherever the warning or its absence is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from projections.unpaid.indicator import Indicator, Measure
from projections.unpaid.paid_metric import PaidMetric

PAID_BETTER = Fraction(0)
"""By how much what is paid by must have improved, as a part of what was expected."""

MARGINS: Mapping[Measure, Fraction] = {
    "long-term-days": Fraction(5, 100),
    "risk-group": Fraction(5, 100),
    "engagement": Fraction(2, 100),
    "work-capacity": Fraction(2, 100),
}
"""By how much each may be worse than before, as a part of that. [A]"""


@dataclass(frozen=True)
class Comparison:
    """A measure that the warning looks at. ``beyond``: whether it is worse than before by more than its margin; None where that
    cannot be said."""

    indicator: Indicator
    margin: Fraction

    @property
    def beyond(self) -> bool | None:
        """Worse by more than the margin; equality is not."""
        by = self.indicator.worse_by
        return None if by is None else by > self.margin


@dataclass(frozen=True)
class Warned:
    """What was compared. ``paid``: what is paid by, in all the months determined."""

    paid: PaidMetric
    comparisons: tuple[Comparison, ...]

    @property
    def paid_better(self) -> bool | None:
        """Whether what is paid by improved; None where no month is determined."""
        change = self.paid.adjusted
        return None if change is None else change < -PAID_BETTER

    @property
    def worse(self) -> tuple[Comparison, ...]:
        """The measures that are worse by more than their margins."""
        return tuple(one for one in self.comparisons if one.beyond)

    @property
    def unknown(self) -> tuple[Comparison, ...]:
        """The measures that cannot be compared."""
        return tuple(one for one in self.comparisons if one.beyond is None)

    @property
    def warns(self) -> bool:
        """Whether what is paid by improves while something that is not gets worse."""
        return bool(self.paid_better and self.worse)


def warned(paid: PaidMetric, indicators: Iterable[Indicator], margin: Fraction | None = None) -> Warned:
    """What the rule says. ``margin``: for all measures, in place of their own."""
    comparisons = (
        Comparison(one, MARGINS[one.measure] if margin is None else margin) for one in indicators if one.measure in MARGINS
    )
    return Warned(paid, tuple(comparisons))
