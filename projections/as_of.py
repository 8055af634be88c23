"""Two times: ``as_of``, a date in the world, and ``known_at``, an instant of the ledger's knowledge; both inclusive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from ledger.facts import Facts
from ledger.periods import day_in_stockholm

if TYPE_CHECKING:
    from projections.postings import Posting


@dataclass(frozen=True)
class AsOf:
    """A question's two times. The known-at side is the facts' own; this carries both, for headers and selection."""

    as_of: date
    known_at: datetime

    @classmethod
    def latest(cls, facts: Facts, as_of: date | None = None) -> AsOf:
        """As known at the last of the facts, and as of its date in Stockholm unless another is asked for."""
        return cls(as_of or day_in_stockholm(facts.known_at), facts.known_at)


def visible(postings: Iterable[Posting], when: AsOf) -> list[Posting]:
    """The postings that count under both times: effective by ``as_of``, recorded by ``known_at``."""
    return [one for one in postings if one.effective_on <= when.as_of and one.recorded_at <= when.known_at]
