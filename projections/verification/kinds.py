"""The kinds of streams that a bundle may hold: what stands in them, and whose they are. A kind more is a line more here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, get_args

from ledger import events as e
from ledger.facts import OPENED


class Kind(NamedTuple):
    """Streams of one kind, named ``kind/whose``. ``of``: the kind of the stream that they belong to, their own where they are it;
    none for what is of nobody. ``sorts``: of records that stand there and nowhere else. ``key``: the field that says whose it is
    too."""

    of: str
    sorts: frozenset[str]
    key: str = "contract"


def _sorts(events: Iterable[Any]) -> frozenset[str]:
    return frozenset(event.TYPE.partition("@")[0] for event in events)


KINDS = {
    OPENED: Kind("", _sorts([e.LedgerOpened])),
    "trend": Kind("", _sorts([e.TrendPublished]), "series"),
    "contract": Kind("contract", _sorts(get_args(e.ContractEvent))),
    "absences": Kind("contract", _sorts([e.AbsenceReported])),
    "workforce": Kind("contract", _sorts([e.WorkforceReported])),
    "reimbursements": Kind("contract", _sorts([e.ReimbursementsReported])),
    "indicators": Kind("contract", _sorts(get_args(e.IndicatorEvent))),
    "tiered": Kind("tiered", _sorts(get_args(e.TieredEvent))),
    "programme": Kind("programme", _sorts(get_args(e.ProgrammeEvent)), "id"),
    "tender": Kind("tender", _sorts(get_args(e.TenderEvent))),
}
CONTRACTS = ("contract", "tiered")
"""The kinds whose streams are contracts: the manifest names them, states are said of them."""
RECOMPUTED = (*CONTRACTS, "tender")
"""The kinds whose records are computed again; what is of others is named as not recomputed."""
_KIND_OF_SORT = {sort: kind for kind, one in KINDS.items() for sort in one.sorts}


def may_stand_in(sort: str, kind: str) -> bool:
    """Whether records of a sort stand in streams of a kind; of a sort that is not known, wherever a later version may put it."""
    return kind == _KIND_OF_SORT[sort] if sort in _KIND_OF_SORT else kind not in KINDS or kind in CONTRACTS


def belongs_to(stream: str) -> tuple[str, str]:
    """What a stream belongs to: the kind of that, and its name. No kind for what is of nobody, its own for one not known."""
    kind, _, whose = stream.partition("/")
    return (KINDS[kind].of if kind in KINDS else kind), whose


def contracts_in(streams: Iterable[str]) -> list[str]:
    """The contracts whose own streams are among these, in order."""
    return sorted(whose for kind, _, whose in (name.partition("/") for name in streams) if kind in CONTRACTS)
