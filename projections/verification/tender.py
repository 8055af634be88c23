"""Whether the rules bring about what is recorded of a tender, and of the contract that was signed upon its award."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.facts import Facts
from projections import check_tender


def wrong(facts: Facts, tender_id: str) -> Iterator[tuple[int, str]]:
    """Position and what of every record that differs, as far as the records of a stranger can be decided again."""
    last = 0
    try:
        for position, what in check_tender.differences(facts, tender_id):
            last = position
            yield position, what
    except Exception as error:  # whatever a stranger's record brings about
        position = max(last, *(record.position for record in facts.stream(f"tender/{tender_id}")))
        yield position, f"it cannot be computed again: {getattr(error, 'what', repr(error))}"
