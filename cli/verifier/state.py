"""Balance, break-even and cap of a contract on a day, as known at an instant (rules 9 to 18)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from cli.verifier.calendar import (
    _day,
    _decimal,
    _first_day,
    _instant,
    _kronor,
    _last_day,
    _month,
    _month_of,
    _month_text,
    rounded,
)
from cli.verifier.disputes import Dispute, disputes, held_and_claimed
from cli.verifier.facts import Records, _contract_months, _end, _is_suspended, _of, _terms
from cli.verifier.reaching import PARTIES, _attained, _known_since
from cli.verifier.sharing import _determinations_in_force, _months_in_force, _path, _Shares, _shares


def _entries(records: Records, contract: str) -> list[tuple[str, int, date]]:
    """Every money entry of a contract: account, öre, and the date it is about (rules 13 to 18)."""
    entries: list[tuple[str, int, date]] = []
    for record in records:
        if record["stream"] != f"contract/{contract}":
            continue
        data = record["data"]
        kind = record["type"]
        if kind == "SavingsNotified@1":
            entries.append(("notice", data["claim"]["amount_ore"], _day(data["claim"]["payable_on"])))
        elif kind == "DeterminationAccepted@1" and data.get("becomes") is not None:
            entries.append(("notice", -data["was"]["amount_ore"], _day(data["was"]["payable_on"])))
            entries.append(("notice", data["becomes"]["amount_ore"], _day(data["becomes"]["payable_on"])))
        elif kind == "DisputeResolved@1" and data.get("claim") is not None:
            entries.append(("notice", data["claim"]["amount_ore"], _day(data["claim"]["payable_on"])))
        elif kind == "PaymentInstructed@1":
            entries.append((f"instructed {data['kind']}", data["amount_ore"], _day(data["on"])))
        elif kind == "PaymentMade@1":
            entries.append((data["kind"], data["amount_ore"], _day(data["on"])))
            settles = data.get("settles")
            if settles is not None:
                entries.append((f"instructed {data['kind']}", -settles["amount_ore"], _day(settles["on"])))
        elif kind == "LoanDrawn@1":
            entries.append(("draw", data["amount_ore"], _day(data["on"])))
        elif kind == "LoanRepaid@1":
            entries.append(("repayment", data["amount_ore"], _day(data["on"])))
        elif kind == "EntryCorrected@1":
            account = "notice" if data["entry"] == "acceptance" else data["entry"]
            for settled, sign in ((data.get("lifted"), 1), (data.get("lifts"), -1)):
                if settled is not None:
                    entries.append((f"instructed {account}", sign * settled["amount_ore"], _day(settled["on"])))
            entries.append((account, -data["was"]["amount_ore"], _day(data["was"]["on"])))
            if data.get("becomes") is not None:
                entries.append((account, data["becomes"]["amount_ore"], _day(data["becomes"]["on"])))
    return entries


def state(records: Records, contract: str, as_of: str, known_at: str) -> dict[str, Any]:
    """Balance, break-even and cap of a contract on a day, as known at an instant, in the shape and the number formats of
    ``soc state -O json`` (rules 9 to 18). Raises ValueError before signature."""
    day = _day(as_of)
    known = [record for record in records if _instant(record["recorded_at"]) <= _instant(known_at)]
    upto = _end(known)
    signed = _of(known, f"contract/{contract}", "ContractSigned@1", upto)
    if not signed:
        raise ValueError(f"{contract} is not known to be signed at {known_at}")
    if day < _day(signed[0]["data"]["signed_on"]):
        raise ValueError(f"{contract} was signed on {signed[0]['data']['signed_on']}")
    terms = _terms(known, contract, _month_of(day), upto)
    assert terms is not None
    shares = _shares(terms)

    told = _Told(known, contract, day, terms, shares)
    savings, entitled = told.savings, told.entitled
    return {
        **_months_told(told),
        "investment": {
            name: _kronor(getattr(shares, name)) for name in ("total", "internal", "upfront", "at_risk", "worst_case")
        },
        "savings": {
            "determined": _kronor(savings),
            "ratio_to_investment": _decimal(Fraction(savings, shares.total), 4),
            "to_authority": _kronor(savings - entitled),
            "to_provider": _kronor(entitled),
            "net_days_avoided": _decimal(_days_avoided(told.determined), 2),
        },
        "balance": _balance_told(told),
        **_attained_told(told),
        "disputes": [_dispute_row(one, contract, day) for one in disputes(known, contract, upto) if one.raised_on <= day],
    }


class _Told(NamedTuple):
    """What a state is told of: the record as known, the day, the terms then in force, and the months determined by then."""

    records: Records
    contract: str
    day: date
    terms: Mapping[str, Any]
    shares: _Shares

    @property
    def upto(self) -> int:
        return _end(self.records)

    @property
    def determined(self) -> dict[int, Mapping[str, Any]]:
        every = _months_in_force(self.records, self.contract, self.upto)
        return {month: what for month, what in every.items() if _last_day(month) <= self.day}

    @property
    def savings(self) -> int:
        return sum(what["savings_ore"] for what in self.determined.values())

    @property
    def entitled(self) -> int:
        path = [step for step in _path(self.records, self.contract, self.upto) if _last_day(step[0]) <= self.day]
        return path[-1][2] if path else 0


def _not_measured(determined: Mapping[int, Mapping[str, Any]], kind: str) -> list[str]:
    return [_month_text(month) for month, what in determined.items() if what.get("kind") == kind]


def _days_avoided(determined: Mapping[int, Mapping[str, Any]]) -> Fraction:
    measured = [what for what in determined.values() if "kind" not in what]
    return sum((Fraction(what["expected_days"]) - Fraction(what["actual_hundredths"], 100) for what in measured), Fraction(0))


def _months_told(told: _Told) -> dict[str, Any]:
    """Which months are determined, and which are not, and why; and how the sum would go on."""
    determined, upto = told.determined, told.upto
    preliminary = any(
        record["data"]["preliminary"] and _month(what["month"]) in determined
        for record in _determinations_in_force(told.records, told.contract, upto)
        for what in record["data"]["months"]
    )
    suspended, undetermined = [], []
    for month in _contract_months(told.terms):
        if _is_suspended(told.records, told.contract, month, upto):
            if _first_day(month) <= told.day:
                suspended.append(_month_text(month))
        elif _last_day(month) <= told.day and month not in determined:
            undetermined.append(_month_text(month))
    excluded = _not_measured(determined, "exclude-months@1")
    counted = len(determined) - len(excluded)
    ratio = _decimal(Fraction(told.savings * told.terms["months"], counted * told.shares.total), 2) if counted else None
    return {
        "determined_through": _last_day(max(determined)).isoformat() if determined else None,
        "undetermined_months": undetermined,
        "suspended_months": suspended,
        "excluded_months": excluded,
        "deemed_months": _not_measured(determined, "deem-average@1"),
        "preliminary": preliminary,
        "forecast": {"method": "pro-rata", "months": counted, "ratio_to_investment": ratio},
    }


def _balance_told(told: _Told) -> dict[str, Any]:
    """What is payable, paid, held and due, the upfront payment, and the loan (rules 13 to 18)."""
    accounts: dict[str, int] = {}
    for account, amount, on in _entries(told.records, told.contract):
        if on <= told.day:
            accounts[account] = accounts.get(account, 0) + amount
    names = ("notice", "outcome", "instructed outcome", "recovery", "draw", "repayment")
    payable, paid, instructed, recovered, drawn, repaid = (accounts.get(name, 0) for name in names)
    net = payable - paid - instructed + recovered
    less, claimed_above = held_and_claimed(told.records, told.contract, told.day)
    held = min(less, max(0, payable - paid + recovered))
    provider = {
        "entitled": told.entitled,
        "payable": payable,
        "instructed": instructed,
        "paid": paid,
        "recovered": recovered,
        "held": held,
        "claimed_above": claimed_above,
        "overpaid": max(0, -net),
        "due": max(0, net - held),
    }
    loan = {
        "limit": told.shares.to_repay,
        "drawn": drawn,
        "repaid": repaid,
        "outstanding": drawn - repaid,
        "available_for_repayment": max(0, told.savings - told.entitled - repaid),
    }
    return {
        "provider": {name: _kronor(amount) for name, amount in provider.items()},
        "upfront": {"agreed": _kronor(told.shares.upfront), "paid": _kronor(accounts.get("upfront", 0))},
        "loan": {name: _kronor(amount) for name, amount in loan.items()},
    }


def _attained_told(told: _Told) -> dict[str, Any]:
    """Whether each party's target and the cap are reached, since when, and what remains (rule 11)."""
    shares, savings, entitled = told.shares, told.savings, told.entitled
    attained = _attained(told.records, told.contract, told.day)
    since = _known_since(told.records, told.contract, told.day)
    amounts = {"contract": savings, "authority": savings - entitled, "provider": entitled, "cap": entitled}
    rows: dict[str, dict[str, Any]] = {}
    for party in PARTIES:
        reached, reached_on, lost_on = attained[party]
        at_savings = shares.at_savings(party)
        rows[party] = {
            "at_savings": None if at_savings is None else _kronor(at_savings),
            "reached": reached,
            "reached_on": None if reached_on is None else reached_on.isoformat(),
            "lost_on": None if lost_on is None else lost_on.isoformat(),
            "known_since": since[party] if reached else None,
            "remaining": _kronor(max(0, shares.target(party) - amounts[party])),
        }
    cap = rows.pop("cap")
    return {
        "break_even": {party: rows[party] for party in ("contract", "authority", "provider")},
        "cap": {
            "amount": _kronor(shares.maximum),
            "headroom": cap.pop("remaining"),
            **cap,
            "binding": "ceiling" if cap["at_savings"] is None else "maximum",
            "ceiling_savings": _kronor(rounded(shares.ceiling)),
        },
    }


def _dispute_row(one: Dispute, contract: str, day: date) -> dict[str, Any]:
    """A dispute as it stands on a day."""
    data, is_open = one.record["data"], one.ended_on is None or one.was_open_on(day)
    number = f"P{data['payment']}" if data.get("determination") is None else f"D{data['determination']}"
    return {
        "id": f"{contract}/X{one.number}",
        "against": f"{contract}/{number}",
        "by": one.by,
        "raised_on": one.raised_on.isoformat(),
        "disputed": _kronor(data["was_ore"]),
        "position": _kronor(one.position),
        "status": "open" if is_open else one.how,
        "ended_on": None if is_open or one.ended_on is None else one.ended_on.isoformat(),
        "answers": sum(on <= day for on in one.answered_on),
    }
