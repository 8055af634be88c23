"""Money entries as they stand: claims, payments, instructions and the loan; how much may be instructed (rules 13 to 18)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from cli.verifier.calendar import _day, _month_of, _ore
from cli.verifier.disputes import disputes, held_and_claimed
from cli.verifier.facts import DETERMINED, Records, _of, _terms
from cli.verifier.notices import _determination
from cli.verifier.sharing import _path


class Entry(NamedTuple):
    """A payment, an instruction, or a movement of the loan, after corrections. ``stands``: not reversed, and of an instruction
    that no payment carried it out; ``settles``: the instruction that a payment carried out."""

    number: int
    position: int
    sort: str
    amount: int
    on: date
    invoice: str
    stands: bool = True
    settles: Mapping[str, Any] | None = None


PAID = ("PaymentInstructed@1", "PaymentMade@1")
LENT = ("LoanDrawn@1", "LoanRepaid@1")


def entries_standing(records: Records, contract: str, kinds: tuple[str, ...], upto: int) -> dict[int, Entry]:
    """The entries of these types by number: payments and instructions share one numbering, the loan has its own."""
    found: dict[int, Entry] = {}
    for record in _of(records, f"contract/{contract}", (*kinds, "EntryCorrected@1"), upto):
        data = record["data"]
        if record["type"] == "EntryCorrected@1":
            one = found.get(data["number"])
            if one is not None and one.sort == data["entry"]:
                found[one.number] = _corrected(one, data)
            continue
        settles = data.get("settles")
        if settles is not None and settles["number"] in found:
            found[settles["number"]] = found[settles["number"]]._replace(stands=False)
        sort = {"LoanDrawn@1": "draw", "LoanRepaid@1": "repayment"}.get(record["type"]) or data["kind"]
        sort = f"instructed {sort}" if record["type"] == "PaymentInstructed@1" else sort
        said = (data["number"], record["position"], sort, data["amount_ore"], _day(data["on"]), data.get("invoice", ""))
        found[data["number"]] = Entry(*said, settles=settles)
    return found


def _corrected(one: Entry, data: Mapping[str, Any]) -> Entry:
    becomes = data.get("becomes")
    if becomes is None:
        return one._replace(stands=False)
    return one._replace(amount=becomes["amount_ore"], on=_day(becomes["on"]), settles=data.get("lifts") or one.settles)


def claim_standing(records: Records, contract: str, number: int, upto: int) -> tuple[int, date] | None:
    """What the notice of a determination claims, and when it falls payable; None where nobody is noticed."""
    found: tuple[int, date] | None = None
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        data, kind = record["data"], record["type"]
        said: Mapping[str, Any] | None = None
        if kind in ("SavingsNotified@1", "DisputeResolved@1") and data.get("determination") == number:
            said = data["claim"]
        elif kind == "DeterminationAccepted@1" and data["determination"] == number:
            said = data.get("becomes")
        elif kind == "EntryCorrected@1" and data["entry"] in ("notice", "acceptance") and data["number"] == number:
            becomes = data.get("becomes")
            found = None if becomes is None else (becomes["amount_ore"], _day(becomes["on"]))
        if said is not None:
            found = said["amount_ore"], _day(said["payable_on"])
    return found


class Account:
    """What a contract's balance was as the record stood at a position: what may be instructed on a day (rules 13, 15, 17)."""

    def __init__(self, records: Records, contract: str, upto: int, without: int | None = None) -> None:
        self._records = [record for record in records if record["position"] <= upto]
        self._contract = contract
        self._upto = upto
        every = list(entries_standing(records, contract, PAID, upto).values())
        self._payments = [one for one in every if one.number != without]
        self._dates = {one.on for one in every}
        numbers = [record["data"]["number"] for record in _of(records, f"contract/{contract}", DETERMINED, upto)]
        self._claims = [one for one in (claim_standing(records, contract, number, upto) for number in numbers) if one]
        self._disputed = disputes(self._records, contract, upto)

    def limit(self, kind: str, on: date) -> int:
        """The most in öre that may be instructed on a day."""
        if kind == "upfront":
            return self._least(on, self._upfront_due)
        if kind == "recovery":
            return self._least(on, lambda day: -self._balance(day) - self._sum("instructed recovery", day))
        path = _path(self._records, self._contract, self._upto)
        entitled = path[-1][2] if path else 0
        settled = self._sum("outcome") + self._sum("instructed outcome") - self._sum("recovery")
        free = self._least(on, lambda day: self._balance(day) - self._held(day))
        return max(0, min(free, entitled - self._held(on) - settled))

    def _sum(self, sort: str, day: date = date.max) -> int:
        return sum(one.amount for one in self._payments if one.stands and one.sort == sort and one.on <= day)

    def _payable(self, day: date) -> int:
        return sum(amount for amount, payable_on in self._claims if payable_on <= day)

    def _balance(self, day: date) -> int:
        return self._payable(day) - self._sum("outcome", day) - self._sum("instructed outcome", day) + self._sum("recovery", day)

    def _held(self, day: date) -> int:
        if not any(one.was_open_on(day) for one in self._disputed):
            return 0
        unpaid = self._payable(day) - self._sum("outcome", day) + self._sum("recovery", day)
        return min(held_and_claimed(self._records, self._contract, day)[0], max(0, unpaid))

    def _upfront_due(self, day: date) -> int:
        terms = _terms(self._records, self._contract, _month_of(day), self._upto)
        assert terms is not None
        fallen_due = sum(_ore(one["amount"]) for one in terms["upfront"]["instalments"] if _day(one["on"]) <= day)
        return fallen_due - self._sum("upfront", day) - self._sum("instructed upfront", day)

    def _least(self, on: date, free: Callable[[date], int]) -> int:
        """The least that is free on a day and on every later one with a payment, or from which a dispute holds: a payment dated
        earlier must not take what others have taken, or what is held."""
        days = {on, *self._dates}
        for one in self._disputed:
            if one.how == "open":
                days.add(one.raised_on)
                if one.disputed[0] == "determination":
                    days |= self._payable_from(one.disputed[1])
        return max(0, min(free(day) for day in days if on <= day))

    def _payable_from(self, number: int) -> set[date]:
        """From when anything of a determination's months is payable: by its own notice, or by that of one that it superseded."""
        determination = _determination(self._records, self._contract, number, self._upto)
        if determination is None:
            return set()
        claimed = claim_standing(self._records, self._contract, number, self._upto)
        days = set() if claimed is None else {claimed[1]}
        for earlier in determination["data"].get("supersedes", ()):
            days |= self._payable_from(earlier)
        return {min(days)} if days else set()
