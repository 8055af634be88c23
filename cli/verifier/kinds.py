"""The kinds of streams that there are: what stands in them, and whose they are. A kind more is a line more here."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """Streams of one kind, named ``kind/whose``. ``of``: the kind of the stream that they belong to, their own where they are it;
    none for what is of nobody. ``sorts``: of records that stand there and nowhere else. ``key``: the field that says whose it is
    too."""

    of: str
    sorts: tuple[str, ...]
    key: str = "contract"


_TIERED = ("TieredSigned", "TieredAmended", "MetricsReported", "TiersDetermined", "TiersAgreed", "TieredPaid")

STREAM_KINDS = {
    "ledger": Kind("", ("LedgerOpened",)),
    "trend": Kind("", ("TrendPublished",), "series"),
    "contract": Kind("contract", ()),  # all sorts that are known and stand nowhere else
    "absences": Kind("contract", ("AbsenceReported",)),
    "workforce": Kind("contract", ("WorkforceReported",)),
    "reimbursements": Kind("contract", ("ReimbursementsReported",)),
    "indicators": Kind("contract", ("IndicatorsReported", "TargetsStated")),
    "tiered": Kind("tiered", (*_TIERED, "TieredPaymentCorrected")),
    "programme": Kind("programme", ("ProgrammeFormed", "ProgrammeChanged"), "id"),
    "tender": Kind("tender", ("TenderOpened", "BidReceived", "BidWithdrawn", "TenderAwarded")),
}
CONTRACTS = ("contract", "tiered")
"""The kinds whose streams are contracts: the manifest names them, states are said of them."""
RECOMPUTED = (*CONTRACTS, "tender")
"""The kinds whose records are computed again; what is of others is named as not recomputed."""
_KIND_OF_SORT = {sort: kind for kind, one in STREAM_KINDS.items() for sort in one.sorts}


def may_stand_in(sort: str, kind: str, *, known: bool) -> bool:
    """Whether records of a sort stand in streams of a kind. Of a sort that is not ``known``: wherever others than those named
    here may stand."""
    if sort in _KIND_OF_SORT:
        return kind == _KIND_OF_SORT[sort]
    return kind == "contract" or (not known and (kind not in STREAM_KINDS or kind in CONTRACTS))


def belongs_to(stream: str) -> tuple[str, str]:
    """What a stream belongs to: the kind of that, and its name. No kind for what is of nobody, its own for one not known."""
    kind, _, whose = stream.partition("/")
    return (STREAM_KINDS[kind].of if kind in STREAM_KINDS else kind), whose
