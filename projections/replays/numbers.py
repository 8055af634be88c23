"""Which day numbers others than the employer may see measured, month by month, and how the employer alone sees the rest.

A measure that counts days 348 to 348 has a month's total that rests on whoever is absent so long; one that counts days 1 to 15
beside one of days 1 to 14 tells, by what they differ, of those absent on day 15. So others see only numbers that a methodology
on record counts, adopted or proposed; and since anybody may propose one, only where the pieces that the numbers are cut into by
all that others see rest each on nobody or on at least five persons. What is told then is a sum of such pieces.

What a month is paid by is told always, and so are reference months by what was adopted: rates are on record. The others follow in
order of record, so that a later proposal withholds nothing that was told before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from ledger.contract import ContractState
from ledger.errors import Refused
from ledger.lines import CAUSES
from ledger.methodology import Methodology, NetDays, Numbers
from ledger.periods import Month
from projections.audience import FEWEST
from projections.measured import Measured
from projections.replays.replay import Replayer
from projections.rules.reference_years_1 import months_like
from projections.statements.people import Behind, may_rest_on_few


def pieces(several: Iterable[Numbers]) -> frozenset[Numbers]:
    """What the numbers are cut into where any of them begins or ends."""
    every = list(several)
    edges = sorted({edge for one in every for edge in (one.first, one.last + 1)})
    cut = (Numbers(first, after - 1) for first, after in pairwise(edges))
    return frozenset(piece for piece in cut if any(one.first <= piece.first and piece.last <= one.last for one in every))


def told(always: Iterable[Numbers], others: Iterable[Numbers], few: Callable[[Numbers], bool]) -> list[Numbers]:
    """The numbers that others than the employer may see: ``always`` these, and of ``others`` in order those that cut what is told
    already into no piece that rests on few persons."""
    found = list(always)
    for one in others:
        if not any(map(few, pieces([*found, one]) - pieces(found))):
            found.append(one)
    return found


def counting(method: Methodology, numbers: Numbers) -> Methodology:
    """The methodology, counting days with these numbers."""
    measure = {**method.measure.model_dump(include={"source", "day_basis", "extent"}), "kind": "net-days@1"}
    counted = NetDays(**measure, first_day_counted=numbers.first, last_day_counted=numbers.last)
    return method.model_copy(update={"measure": counted})


def on_record(folded: ContractState) -> tuple[Numbers, ...]:
    """The numbers that any methodology on record counts: those adopted, then those proposed."""
    every = [*folded.every_methodology.values(), *(one.methodology for one in folded.proposals)]
    return tuple(dict.fromkeys(one.measure.numbers for one in every))


class Tellable:
    """Whose numbers others than the employer may see in which months. ``measured``: what a source's reports say, all of them."""

    def __init__(self, folded: ContractState, behind: Behind, measured: Callable[[str], Measured]) -> None:
        self._folded, self._behind, self._measured = folded, behind, measured

    def hidden(self, method: Methodology, month: Month, position: int, locked: int) -> Iterator[Month]:
        """Of a month, and of those that it is compared with, the ones whose days are not to be told. ``position``, ``locked``:
        the records up to which it is measured, and up to which its reference values are taken."""
        if method.agreed(month) is not None:  # nothing of it is measured
            return
        if not self._told(method, month, position, self._paid_by(month), method.left_out(month)):
            yield month
        adopted = list(self._folded.every_methodology.values())
        for one in months_like(month, method.reference_of(month)):
            if not self._told(method, one, locked, adopted, ()):
                yield one

    def _paid_by(self, month: Month) -> list[Methodology]:
        """What the month was determined by or is to be; none before one is adopted."""
        recorded = [line.methodology_sha256 for one in self._folded.in_force for line in one.months if line.month == month]
        if recorded:
            return [self._folded.every_methodology[recorded[-1]]]
        return [one for start, one in self._folded.methodologies if start <= month.first_day][-1:]

    def _told(
        self, method: Methodology, month: Month, position: int, always: Sequence[Methodology], left_out: Sequence[str]
    ) -> bool:
        source, numbers = method.measure.source, method.measure.numbers
        known = list(dict.fromkeys(one.measure.numbers for one in always if one.measure.source == source))
        if numbers in known:
            return True
        latest = self._measured(source)
        reports, causes = latest.at(latest.facts.at(position)), set(CAUSES) - set(left_out)

        def few(piece: Numbers) -> bool:
            counted = reports.counting(piece)
            days = counted.hundredths(month) - counted.left_out(month, tuple(left_out))
            if not days or not may_rest_on_few(days, month):
                return False
            return len(self._behind.with_causes(counting(method, piece), position, month, causes)) < FEWEST

        return numbers in told(known, on_record(self._folded), few)


def check(replayer: Replayer, behind: Behind, methods: Iterable[Methodology], months: Sequence[Month]) -> None:
    """Return where others than the employer may see the months by all of the methodologies. Raises Refused with every fault:
    numbers that no methodology on record counts, and months in which they would tell of fewer than five persons."""
    known, tellable = on_record(replayer.folded), Tellable(replayer.folded, behind, replayer.measured)
    said: dict[str, None] = {}
    for method in methods:
        counts = f"{method.name} counts days {method.measure.numbers}"
        if method.measure.numbers not in known:
            said[f"{counts}; those on record: {', '.join(map(str, sorted(known))) or 'none'}"] = None
        elif hidden := {each for month in months for each in tellable.hidden(method, month, *replayer.positions(method, month))}:
            said[f"{counts}, which would tell of fewer than five persons in {', '.join(map(str, sorted(hidden)))}"] = None
    if said:
        contract = replayer.folded.signed.id
        raise Refused(
            "numbers of days that nothing is paid by may tell of single persons, and are the employer's to replay:\n    "
            + "\n    ".join(said),
            do=f"ask with --audience payer, or put numbers on record with: soc methodology propose {contract} FILE; where months "
            "are named, leave them out with --periods",
        )
