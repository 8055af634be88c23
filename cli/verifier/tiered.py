"""A contract settled by tiers as it stands after its records: terms, reported rows, determinations, claims, payments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cli.verifier.calendar import _day
from cli.verifier.facts import Record, Records

Terms = Mapping[str, Any]
Said = dict[str, Any]
RowKey = tuple[str, str, str]


@dataclass
class Determined:
    """A determination by tiers: the ``terms`` that it was divided under; ``agreed`` by whom and when; ``claims`` once all that
    must have agreed."""

    position: int
    data: Mapping[str, Any]
    terms: Terms
    agreed: dict[str, date] = field(default_factory=dict)
    claims: Sequence[Mapping[str, Any]] | None = None

    @property
    def on(self) -> date:
        """The day as of which it is."""
        return _day(self.data["on"])

    def given(self, party: str) -> int:
        """Öre that it gives a party, from the beginning."""
        return sum(one["amount_ore"] for one in self.data["given"] if one["party"] == party)


@dataclass
class Paid:
    """A payment as it stands after corrections; ``stands`` unless it was reversed."""

    data: Mapping[str, Any]
    amount: int
    on: date
    stands: bool = True


@dataclass
class Tiered:
    """A contract after some of its records. ``versions``: each terms with the day from which they hold."""

    signed_on: date | None = None
    versions: list[tuple[date, Terms]] = field(default_factory=list)
    rows: dict[RowKey, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)
    determined: list[Determined] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)

    @property
    def latest(self) -> Terms:
        """The terms that the parties agreed on last, from whatever day they hold."""
        return self.versions[-1][1]

    def terms_on(self, day: date) -> Terms:
        """The terms in force on a day: those agreed on last of those that hold by then; before all, those signed."""
        return [terms for number, (begins, terms) in enumerate(self.versions) if begins <= day or not number][-1]

    @property
    def roles(self) -> list[str]:
        """Every role that any version of the terms names, in their order."""
        return list(dict.fromkeys(role for _, terms in self.versions for role in terms["parties"]))

    def rows_by(self, day: date) -> dict[RowKey, Mapping[str, Any]]:
        """The last recorded row of each metric, group and part, of what had ended by a day."""
        return {key: row for key, (_, row) in self.rows.items() if _day(row["until"]) <= day}

    def in_force(self, day: date) -> Determined | None:
        """The determination that holds as of a day: of those as of the latest day by then, the last recorded."""
        by_then = [one for one in self.determined if one.on <= day]
        return max(by_then, key=lambda one: (one.on, one.position), default=None)

    def claims_falling(self, one: Determined, agreed: Mapping[str, date]) -> list[Said]:
        """What falls payable when these have agreed to a determination: to each party but the payer what it is given less what
        was claimed for it before, that many days after the last agreement, of a bond not before it matures. Nothing before all
        that must have agreed."""
        terms = self.terms_on(one.on)
        if not set(terms["governance"]["agrees"]) <= agreed.keys():
            return []
        payable_on = max(agreed.values()) + timedelta(days=terms["payment_days"])
        if "bond" in terms:
            payable_on = max(payable_on, _day(terms["bond"]["matures_on"]))
        before = [claim for other in self.determined for claim in other.claims or ()]
        found = []
        for party in sorted({line["party"] for other in self.determined for line in other.data["given"]}):
            claimed = sum(claim["amount_ore"] for claim in before if claim["party"] == party)
            if party != terms["governance"]["pays"] and one.given(party) != claimed:
                amount = one.given(party) - claimed
                found.append({"party": party, "amount_ore": amount, "payable_on": payable_on.isoformat()})
        return found


def by_tiers(records: Records) -> dict[str, list[Record]]:
    """Of each contract settled by tiers the records that it rests on, in order: its own, and those of the contracts whose savings
    it divides."""
    found: dict[str, list[Record]] = {}
    for stream in sorted({record["stream"] for record in records if record["stream"].startswith("tiered/")}):
        own = [record for record in records if record["stream"] == stream]
        every = [record["data"]["terms"] for record in own if record["type"] in ("TieredSigned@1", "TieredAmended@1")]
        valuations = [one for terms in every for one in terms["valuations"]]
        streams = {stream, *(f"contract/{name}" for one in valuations for name in one.get("contracts", ()))}
        found[stream.partition("/")[2]] = [record for record in records if record["stream"] in streams]
    return found


def tiered_after(records: Records, stream: str, upto: int) -> Tiered:
    """The contract of a stream after its records up to a position. Raises LookupError where they refer to what there is not."""
    found = Tiered()
    for record in records:
        if record["stream"] == stream and record["position"] <= upto:
            _take_in_tiered(found, record)
    return found


def _take_in_tiered(found: Tiered, record: Record) -> None:
    data, kind = record["data"], record["type"]
    if kind == "TieredSigned@1":
        found.signed_on, found.versions = _day(data["signed_on"]), [(_day(data["terms"]["starts_on"]), data["terms"])]
    elif kind == "TieredAmended@1":
        found.versions.append((_day(data["from_on"]), data["terms"]))
    elif kind == "MetricsReported@1":
        found.rows |= {(row["metric"], row["group"], row["part"]): (record["position"], row) for row in data["rows"]}
    elif kind == "TiersDetermined@1":
        found.determined.append(Determined(record["position"], data, found.terms_on(_day(data["on"]))))
    elif kind == "TiersAgreed@1":
        one = found.determined[data["determination"] - 1]
        one.agreed[data["role"]] = _day(data["on"])
        if set(found.terms_on(one.on)["governance"]["agrees"]) <= one.agreed.keys():
            one.claims = data["claims"]
    elif kind == "TieredPaid@1":
        found.paid.append(Paid(data, data["amount_ore"], _day(data["on"])))
    elif kind == "TieredPaymentCorrected@1":
        paid, becomes = found.paid[data["number"] - 1], data.get("becomes")
        paid.stands = becomes is not None
        if becomes is not None:
            paid.amount, paid.on = becomes["amount_ore"], _day(becomes["on"])
