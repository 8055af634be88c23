"""``net-of-reimbursement@1``: a net day is worth less where the state repaid sick pay.

Argued for in the COVID negotiation: what the state pays back the municipality does not save. Sources: förordning 2020:195 (all of
the sick-pay cost, April to July 2020), 2020:510 (from August what lies above a share of the month's wage cost, 1.07 per cent for
the largest employers). That the whole price of a day is lowered in the same proportion is assumed: no source says which part of
it is sick pay.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, assert_never

from ledger.events import Reimbursement


def repaid(row: Reimbursement, how: Literal["average", "marginal"]) -> Fraction:
    """The share of a day's price that the state bore, 0 to 1.

    ``average``: repaid ÷ sick-pay cost, 0 in a month without cost. ``marginal``: 1 where the cost lies above the threshold, so
    that the last krona was repaid whole, else 0: an avoided day saves the municipality nothing there, though it did on average.
    """
    match how:
        case "average":
            return Fraction(row.reimbursed_ore, row.sick_pay_cost_ore) if row.sick_pay_cost_ore else Fraction(0)
        case "marginal":
            return Fraction(int(row.sick_pay_cost_ore > row.threshold * row.wage_cost_ore))
        case never:
            assert_never(never)


def worth(avoided_days: Fraction, price: int, share: Fraction) -> Fraction:
    """Öre, exact: avoided net days × price × what the state did not bear."""
    return avoided_days * price * (1 - share)
