"""Disputes: what is disputed, what a position holds and claims, when a determination is closed (rules 16 and 18)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from cli.verifier.calendar import _day, _first_day, _last_day, _month, _month_of
from cli.verifier.counting import _without
from cli.verifier.facts import ADOPTED, DETERMINED, Lines, Memo, NotDeterminable, Record, Records, _end, _of, _recorded_on, _terms
from cli.verifier.measuring import _figures, _Way
from cli.verifier.notices import _accepted_on, _determination, _is_noticed, _payable_on, _resolution_of, _resolves
from cli.verifier.sharing import _months_in_force, _Shares, _shares
from cli.verifier.values import _locked_at


class Dispute(NamedTuple):
    """A dispute as a record raised it, and how it ended, on which day; ``how`` is ``open`` while nothing has ended it."""

    record: Record
    how: str = "open"
    ended_on: date | None = None
    answered_on: tuple[date, ...] = ()

    @property
    def number(self) -> int:
        """Disputes of a contract are counted from 1."""
        return int(self.record["data"]["number"])

    @property
    def by(self) -> str:
        """The role of the party that raised it."""
        return str(self.record["data"]["by"])

    @property
    def raised_on(self) -> date:
        """The day from which it holds."""
        return _day(self.record["data"]["on"])

    @property
    def position(self) -> int:
        """What the party holds to be right, in öre: the savings of all the months, or the payment."""
        return _total(self.record["data"]["position"])

    @property
    def disputed(self) -> tuple[str, int]:
        """What it is about: ``determination`` or ``payment``, and its number."""
        data = self.record["data"]
        sort = "payment" if data.get("determination") is None else "determination"
        return sort, int(data[sort])

    def moot(self, on: date) -> Dispute:
        """The same, moot from a day, or from when it was raised."""
        return self._replace(how="moot", ended_on=max(self.raised_on, on))

    def was_open_on(self, day: date) -> bool:
        """From the day on which it was raised until the day on which it ended, which no longer counts."""
        return self.raised_on <= day and (self.ended_on is None or day < self.ended_on)


def _total(position: Mapping[str, Any]) -> int:
    if position.get("savings") is None:
        return int(position["amount_ore"])
    return sum(line["amount_ore"] for line in position["savings"])


def _by_month(position: Mapping[str, Any]) -> dict[str, int]:
    return {line["month"]: line["amount_ore"] for line in position.get("savings") or ()}


def disputes(records: Records, contract: str, upto: int) -> list[Dispute]:
    """Every dispute raised, and what became of it. One is moot from the day on which a determination is recorded that supersedes
    the disputed one, or on which the resolution of another changes what both are about."""
    found: dict[int, Dispute] = {}
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        data, kind = record["data"], record["type"]
        if kind == "DisputeRaised@1":
            found[data["number"]] = Dispute(record)
        elif kind in ("DisputeAnswered@1", "DisputeWithdrawn@1", "DisputeResolved@1") and data["dispute"] in found:
            one, on = found[data["dispute"]], _day(data["on"])
            if kind == "DisputeAnswered@1":
                found[one.number] = one._replace(answered_on=(*one.answered_on, on))
                continue
            found[one.number] = one._replace(how=data.get("outcome", "withdrawn"), ended_on=on)
            if data.get("position") is not None and _total(data["position"]) != one.record["data"]["was_ore"]:
                found |= {
                    other.number: other.moot(on)
                    for other in found.values()
                    if other.how == "open" and other.disputed == one.disputed
                }
        elif kind in DETERMINED and _resolves(record) is None:
            gone = [("determination", number) for number in data.get("supersedes", ())]
            on = _recorded_on(record)
            found |= {one.number: one.moot(on) for one in found.values() if one.how == "open" and one.disputed in gone}
    return list(found.values())


def _open_disputes(records: Records, contract: str, sort: str, number: int, upto: int) -> list[Dispute]:
    """Those about a ``determination`` or a ``payment`` that nothing has ended."""
    return [one for one in disputes(records, contract, upto) if one.how == "open" and one.disputed == (sort, number)]


def _claimed_by(records: Records, contract: str, number: int, upto: int, day: date) -> dict[int, int]:
    """The savings of a determination's months as they are claimed and payable by a day: its own once its claim is; before that
    those of the determinations that it superseded, whose claims stand (rule 15)."""
    determination = _determination(records, contract, number, upto)
    assert determination is not None
    payable_on = _payable_on(records, contract, number, upto)
    if payable_on is not None and payable_on <= day:
        return {_month(month["month"]): month["savings_ore"] for month in determination["data"]["months"]}
    found: dict[int, int] = {}
    for superseded in determination["data"].get("supersedes", ()):
        found.update(_claimed_by(records, contract, superseded, upto, day))
    return found


class _Payment(NamedTuple):
    """A payment as it stands after corrections; one that was reversed is 0."""

    kind: str
    amount: int
    on: date
    recorded_on: date
    stands: bool


def _payment(records: Records, contract: str, number: int, upto: int) -> _Payment | None:
    found: _Payment | None = None
    for record in _of(records, f"contract/{contract}", ("PaymentMade@1", "EntryCorrected@1"), upto):
        data = record["data"]
        if data["number"] != number:
            continue
        if record["type"] == "PaymentMade@1":
            found = _Payment(data["kind"], data["amount_ore"], _day(data["on"]), _recorded_on(record), True)
        elif found is not None and data["entry"] == found.kind:
            becomes = data.get("becomes")
            amount, on = (0, found.on) if becomes is None else (becomes["amount_ore"], _day(becomes["on"]))
            found = found._replace(amount=amount, on=on, stands=becomes is not None)
    return found


def _owed_less(records: Records, contract: str, about: list[Dispute], upto: int) -> tuple[int, int]:
    """By how much less, and by how much more, the provider would be owed if one of these positions about a payment prevailed:
    less where more was paid, or less recovered, than was disputed, or than was decided since, for that counts from the day of the
    payment. An upfront payment is no part of it (rule 13)."""
    decided = {
        one.number: _total(record["data"]["position"])
        for record in _of(records, f"contract/{contract}", "DisputeResolved@1", upto)
        for one in disputes(records, contract, upto)
        if one.number == record["data"]["dispute"] and one.disputed == about[0].disputed and record["data"].get("position")
    }
    less = []
    for one in about:
        data = one.record["data"]
        stands = list(decided.values())[-1] if decided else data["was_ore"]
        less.append({"outcome": 1, "recovery": -1, "upfront": 0}[data["payment_kind"]] * (one.position - stands))
    return max(0, *less), max(0, *(-one for one in less))


def held_and_claimed(records: Records, contract: str, day: date) -> tuple[int, int]:
    """By how much less, and by how much more, the provider would be owed on a day if the positions open then prevailed: E - E⁻
    and E⁺ - E, and the payments disputed (rule 18).

    Of several about one determination or payment one can prevail: the lowest holds, against what is claimed and payable of its
    months by then; the highest claims, from the day on which it was raised, against what was determined.
    """
    upto = _end(records)
    said: dict[str, dict[int, list[Dispute]]] = {"determination": {}, "payment": {}}
    for one in disputes(records, contract, upto):
        if one.was_open_on(day):
            sort, number = one.disputed
            said[sort].setdefault(number, []).append(one)
    every = _months_in_force(records, contract, upto).items()
    savings = {month: what["savings_ore"] for month, what in every if _last_day(month) <= day}
    payable = dict(savings)
    lowest = highest = 0
    for number, about in said["determination"].items():
        determination = _determination(records, contract, number, upto)
        assert determination is not None
        own = {_month(month["month"]): month["savings_ore"] for month in determination["data"]["months"]}
        savings |= own
        claimed_by_then = _claimed_by(records, contract, number, upto, day)
        payable |= {**own, **claimed_by_then}
        least = min(about, key=lambda one: one.position)
        if least.position < sum(own.values()):
            said_of = _by_month(least.record["data"]["position"]).items()
            within = sum(amount for month, amount in said_of if _month(month) in claimed_by_then)
            lowest += min(0, within - sum(claimed_by_then.values()))
        highest += max(0, *(one.position - sum(own.values()) for one in about))
    held = claimed = 0
    if said["determination"]:
        shares, total, base = _shares_in(records, contract, max(savings), upto), sum(savings.values()), sum(payable.values())
        held = max(0, shares.entitlement(base) - shares.entitlement(base + lowest))
        claimed = max(0, shares.entitlement(total + highest) - shares.entitlement(total))
    for about in said["payment"].values():
        less, more = _owed_less(records, contract, about, upto)
        held, claimed = held + less, claimed + more
    return held, claimed


def _shares_in(records: Records, contract: str, month: int, upto: int) -> _Shares:
    terms = _terms(records, contract, month, upto)
    assert terms is not None
    return _shares(terms)


def position_by_month(
    records: Records, lines: Lines, contract: str, determination: Record, position: Mapping[str, Any], memo: Memo | None = None
) -> dict[int, dict[str, Any] | NotDeterminable]:
    """The months of a determination as a position computes them: by its methodology, else by that of the determination, on its
    facts (rule 18). On the facts that the determination saw they are taken as it took them, reference values and averages
    included; on others as a determination made there would take them, anew where the months were determined by then.
    """
    data, facts = determination["data"], position["facts"]
    left_out = set(facts.get("without", ()))
    seen = [record for record in records if record["position"] not in left_out]
    basis = facts["upto"]
    then = basis == data["basis"]["position"]
    determined = _months_in_force(seen, contract, basis)
    adopted = {
        record["data"]["sha256"]: record["data"]["methodology"]
        for record in _of(records, f"contract/{contract}", ADOPTED, determination["position"])
    }
    ways: dict[int, _Way | NotDeterminable] = {}
    for line in data["months"]:
        month, own = _month(line["month"]), line["methodology_sha256"]
        methodology, sha256 = position.get("methodology") or adopted[own], position.get("sha256") or own
        terms = _terms(seen, contract, month, basis)
        if terms is None:
            ways[month] = NotDeterminable(f"{contract} is not signed")
            continue
        locked = _locked_at(seen, contract, own if then else sha256, basis)
        redo = data.get("reason") is not None if then else month in determined
        ways[month] = _Way(terms, methodology, sha256, locked, redo)
    return _figures(seen, lines, contract, ways, basis, _without(memo, left_out))


def closed_on(records: Records, contract: str, number: int, upto: int) -> date | None:
    """From when a determination can no longer be made anew (rules 15, 18): for good from the day on which a dispute about it was
    settled or upheld; else when the correction time after its acceptance has passed, or a later rejection ended a dispute; None
    while it is not noticed, or disputed."""
    if not _is_noticed(records, contract, number, upto):
        return None
    resolution = _resolution_of(records, contract, number, upto)
    if resolution is not None:
        return _day(resolution["data"]["on"])
    about = [one for one in disputes(records, contract, upto) if one.disputed == ("determination", number)]
    decided = [one.ended_on for one in about if one.how in ("settled", "upheld") and one.ended_on is not None]
    if decided:
        return min(decided)
    if any(one.how == "open" for one in about):
        return None
    accepted_on = _accepted_on(records, contract, number, upto)
    terms = _terms(records, contract, _month_of(accepted_on), upto)
    assert terms is not None
    months = terms["settlement"].get("correction_months")
    if months is None:
        return None
    month = _month_of(accepted_on) + months
    by_time = min(_first_day(month) + timedelta(days=accepted_on.day - 1), _last_day(month))
    return max([by_time, *(one.ended_on for one in about if one.how == "rejected" and one.ended_on is not None)])
