"""``exclude-cause@1``: days with some causes are left out of a month's actual days, after numbering (rule 5).

Argued for in the COVID negotiation: what the national authorities ordered is not what the service could prevent. The days keep
their numbers, so that a spell that follows is numbered as if they stood; index, reference years and price stay as they are, which
is a finding where the index measured the same days.
"""

from __future__ import annotations

import numpy as np

from ledger.lines import CAUSES
from projections.absences import Spells
from projections.columns import Marks


def with_causes(spells: Spells, causes: tuple[str, ...]) -> Marks:
    """Which of the spells have one of the causes; a day counts by the spell that it takes its extent from (rule 4)."""
    found: Marks = np.isin(spells.cause, [CAUSES.index(cause) for cause in causes])
    return found
