"""A second opinion on a ledger of social outcomes contracts, written from the rules of the contract alone: the parts of
``verify.py`` that recompute (``cli/verifier``), under the names that the tests use.

Slow and plain on purpose: single days, single records, whole numbers of öre and of hundredths of days, exact fractions,
no floats, nothing but the standard library. It shares no code with the ledger that it checks.

``records`` are the decoded bodies in order of position; ``lines`` are the columns of each absence report, by position.
A *position* is the number of the last record that an answer may see. Months are text such as ``2019-04`` at the edges
and counted from year 0 inside (``_month``); quarters likewise.
"""

from __future__ import annotations

from cli.verifier.calendar import _last_day, _month_of, _period, rounded
from cli.verifier.checking import _faults_of_closing, check
from cli.verifier.counting import _employees
from cli.verifier.disputes import _payment, closed_on, disputes, position_by_month
from cli.verifier.disputing import _determination_disputed, _payment_disputed
from cli.verifier.facts import CAUSES, STEPS, NotDeterminable, _recorded_on
from cli.verifier.measuring import determine
from cli.verifier.notices import _determination, _payable_on, claim, notice_dates
from cli.verifier.resolving import faults_of_dispute
from cli.verifier.sharing import _path, _Shares, _shares, entitlement_differences, next_period
from cli.verifier.spells import Spell, _end_of_period, _is_at, _lines_of, _reports, net_days, spells_in_force
from cli.verifier.state import _entries, state

__all__ = [
    "CAUSES",
    "STEPS",
    "NotDeterminable",
    "Spell",
    "_Shares",
    "_determination",
    "_determination_disputed",
    "_employees",
    "_end_of_period",
    "_entries",
    "_faults_of_closing",
    "_is_at",
    "_last_day",
    "_lines_of",
    "_month_of",
    "_path",
    "_payable_on",
    "_payment",
    "_payment_disputed",
    "_period",
    "_recorded_on",
    "_reports",
    "_shares",
    "check",
    "claim",
    "closed_on",
    "determine",
    "disputes",
    "entitlement_differences",
    "faults_of_dispute",
    "net_days",
    "next_period",
    "notice_dates",
    "position_by_month",
    "rounded",
    "spells_in_force",
    "state",
]
