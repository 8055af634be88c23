"""Which rule kind counts the days with the agreed numbers in a sick-pay period (rules 4, 5): those of the employer's fourteen
days are ``short-term-net-days@1``'s, all others ``net-days@1``'s, which gives the same where both can be asked."""

from __future__ import annotations

from ledger.methodology import SHORT_TERM, Numbers
from projections.absences import Spells
from projections.columns import Ints, Marks
from projections.rules import net_days_1, short_term_net_days_1
from projections.rules.short_term_net_days_1 import NetDays


def net_days(spells: Spells, numbers: Numbers, among: Marks | None = None) -> NetDays:
    """Net days × 100 by month and workplace; ``among``: of these spells alone, numbered among all."""
    if numbers == SHORT_TERM:
        return short_term_net_days_1.net_days(spells, among)
    return net_days_1.net_days(spells, *numbers, among)


def numbered(spells: Spells, numbers: Numbers) -> tuple[Ints, Ints]:
    """For each spell the first day that it counts itself with one of the numbers, and how many days from there on have one. Where
    they begin with 1 that is the first day that no earlier spell covers."""
    if numbers == SHORT_TERM:
        return short_term_net_days_1.short_term(spells)
    return net_days_1.numbered(spells, *numbers)


def reach(numbers: Numbers) -> int:
    """Days before a window that its numbering may depend on."""
    return short_term_net_days_1.NUMBERING_REACH if numbers == SHORT_TERM else net_days_1.reach(numbers.last)
