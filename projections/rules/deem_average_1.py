"""``deem-average@1``: a window's months are not measured; each counts for the mean monthly savings of others.

Argued for in the COVID negotiation, as the medium scenario: the service goes on working as it did before the window. The months
averaged are those of the determinations in force, or of the same determination. Assumed: each month weighs the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ledger.money import rounded


def savings_ore(savings: Sequence[int]) -> int:
    """Öre: the mean of the months' savings in öre, rounded half away from zero; at least one month."""
    return rounded(Fraction(sum(savings), len(savings)))
