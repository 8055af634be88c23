"""The settlement statement's figures, against amounts worked out by hand (Botkyrka: 18.4 %, investment 22.9 m)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.contract import ContractState
from ledger.disruption import DeemAverage
from ledger.errors import Refused
from ledger.events import AnyMonth, Event, MonthAgreed, MonthDetermined, SavingsDetermined
from ledger.facts import Facts
from ledger.periods import Month, Period
from projections.statements.findings import Finding, findings
from projections.statements.reference import Mean
from projections.statements.statement import Moved, Statement, statement
from tests import spec
from tests.spec import CONTRACT_2018, accepted, adopted, claim_of, determined, given, months, notified, paid, signed

FIRST = determined(1, months("2018Q4", "1 000 000"), claim="184 000", recorded="2019-03-15")
SECOND = determined(2, months("2019Q1", "2 000 000"), claim="368 000", recorded="2019-06-12")
REDO = determined(
    3, months("2018Q4", "500 000"), claim="-92 000", recorded="2019-06-20", supersedes=[1], reason="late sick notes of October"
)
NOTICE = notified(1, on="2019-03-20", objection_until="2019-04-19", claim="184 000", payable_on="2019-05-20")


def changed_months(happened: spec.Happened, change: Callable[[ContractState, AnyMonth], AnyMonth]) -> spec.Happened:
    """The determination with other months; anything else as it is."""

    def upon(before: ContractState) -> Event:
        event = happened.upon(before)
        if not isinstance(event, SavingsDetermined):
            return event
        return event.model_copy(update={"months": tuple(change(before, month) for month in event.months)})

    return replace(happened, event=upon)


def as_agreed(before: ContractState, month: AnyMonth) -> AnyMonth:
    """The month as determined by the methodology in force; deemed where that says so."""
    method = before.methodology_of(month.month)
    rule, sha256 = method.agreed(month.month), method.sha256
    if not isinstance(rule, DeemAverage):
        return month.model_copy(update={"methodology_sha256": sha256})
    said = {"savings_ore": month.savings_ore, "terms_sha256": month.terms_sha256, "methodology_sha256": sha256}
    return MonthAgreed(month=month.month, kind=rule.kind, of=rule.of, **said)


def told(number: int, *happened: spec.Happened, known_at: int | None = None) -> Statement:
    record = given(signed(), adopted(), *(changed_months(one, as_agreed) for one in happened))
    facts: Facts = record.facts() if known_at is None else spec.at(record, known_at)
    return statement(facts, "botkyrka", number)


def test_a_first_determination_moves_sum_and_entitlement_from_nothing() -> None:
    one = told(1, FIRST)
    assert one.savings == Moved(0, 100_000_000)
    assert one.entitlement == Moved(0, 18_400_000)
    assert (one.determined, one.entitlement.change, one.found.claim_ore, one.carried) == (100_000_000, 18_400_000, 18_400_000, 0)
    assert (one.redone, one.superseded, one.superseded_by, one.notice, one.accepted) == ((), (), None, None, False)
    assert [(part.methodology.name, part.period) for part in one.measured] == [("contract-2018", Period.parse("2018Q4"))]


def test_before_and_after_are_those_of_the_determination_whatever_came_later() -> None:
    alone, later = told(1, FIRST), told(1, FIRST, SECOND)
    assert (alone.savings, alone.entitlement, alone.path, alone.standing) == (
        later.savings,
        later.entitlement,
        later.path,
        later.standing,
    )
    second = told(2, FIRST, SECOND)
    assert second.savings == Moved(100_000_000, 300_000_000)
    assert second.entitlement == Moved(18_400_000, 55_200_000)
    assert [step.month for step in second.path] == list(Period.parse("2018-10..2019-03"))


def test_break_even_is_told_as_it_stood_after_the_determination() -> None:
    one = told(1, FIRST, SECOND)
    assert one.standing.break_even_contract.remaining == 2_290_000_000 - 100_000_000
    assert one.standing.cap.remaining == 630_000_000 - 18_400_000
    assert one.standing.when.as_of == date(2018, 12, 31)


def test_a_redo_says_what_stood_before_and_why() -> None:
    one = told(3, FIRST, SECOND, REDO)
    assert one.record.data.reason == "late sick notes of October"
    assert [earlier.number for earlier in one.superseded] == [1]
    assert [(str(month.now.month), month.difference) for month in one.redone] == [
        ("2018-10", -50_000_000),
        ("2018-11", 0),
        ("2018-12", 0),
    ]
    assert one.savings == Moved(300_000_000, 250_000_000)
    assert one.entitlement == Moved(55_200_000, 46_000_000)


def test_a_redo_of_what_was_never_notified_claims_that_too() -> None:
    never = replace(REDO, event=determined(3, months("2018Q4", "500 000"), claim="92 000", supersedes=[1], reason="r").event)
    one = told(3, FIRST, SECOND, never)
    assert (one.entitlement.change, one.found.claim_ore, one.carried) == (-9_200_000, 9_200_000, 18_400_000)


def test_a_superseded_determination_names_the_later_one() -> None:
    one = told(1, FIRST, SECOND, REDO)
    assert one.superseded_by is not None
    assert (one.superseded_by.number, one.superseded_by.period) == (3, Period.parse("2018Q4"))
    assert one.superseded_by.reason == "late sick notes of October"
    assert told(1, FIRST, SECOND, REDO, known_at=5).superseded_by is None


def test_silence_accepts_the_day_after_the_last_to_object() -> None:
    before = told(1, FIRST, NOTICE)
    assert before.notice is not None
    assert (before.accepted, before.notice.by_silence, before.notice.deemed_on) == (False, True, date(2019, 4, 20))
    after = told(1, FIRST, NOTICE, SECOND)
    assert (after.as_of, after.accepted) == (date(2019, 6, 12), True)
    assert after.notice is not None
    assert (after.notice.claim, after.notice.closed_on) == (claim_of("184 000", "2019-05-20"), date(2020, 4, 20))


def test_the_last_party_to_accept_makes_it_payable_earlier() -> None:
    moved = {"was": claim_of("184 000", "2019-05-20"), "becomes": claim_of("184 000", "2019-05-01")}
    first = accepted(1, "payer", "2019-03-25")
    one = told(1, FIRST, NOTICE, first, accepted(1, "external_provider", "2019-04-01", **moved))
    assert one.notice is not None
    assert (one.accepted, one.notice.by_silence, one.notice.deemed_on) == (True, False, date(2019, 4, 1))
    assert [(by.role, by.on) for by in one.notice.acceptances] == [
        ("payer", date(2019, 3, 25)),
        ("external_provider", date(2019, 4, 1)),
    ]
    assert str(one.notice.claim.payable_on) == "2019-05-01"
    half = told(1, FIRST, NOTICE, first)
    assert half.notice is not None
    assert (half.accepted, half.notice.by_silence) == (False, True)


def test_what_is_paid_is_told_as_of_the_last_record() -> None:
    one = told(1, FIRST, NOTICE, paid(1, "outcome", "100 000", on="2019-05-21"))
    provider = one.now.provider
    assert (provider.payable, provider.paid, provider.due) == (18_400_000, 10_000_000, 8_400_000)
    assert told(1, FIRST, NOTICE, paid(1, "outcome", "100 000", on="2019-05-21"), known_at=5).now.provider.payable == 0


def test_equal_trend_values_are_told_once() -> None:
    (value,) = told(1, FIRST).trend
    assert (str(value.quarter), value.value, value.status) == ("2018Q4", "2.38", "published")
    assert value.months == tuple(Period.parse("2018Q4"))


def test_without_evidence_there_are_no_references() -> None:
    assert told(1, FIRST).references == (None, None, None)


def test_equal_findings_are_told_once() -> None:
    gap = "absences of the 70 days before are not complete, so days may be numbered too low"
    october, november, december = spec.measured(months("2018Q4"))

    def found(month: Any, *said: str) -> Any:
        return month.model_copy(update={"findings": said})

    grouped = findings(
        [
            found(october, gap, f"reference month 2015-10: {gap}", f"reference month 2016-10: {gap}"),
            found(november, f"reference month 2015-11: {gap}"),
            found(december, "12 people were absent from Skolan, which had 10 employees"),
        ]
    )
    assert grouped == [
        Finding(gap, (Month.parse("2018-10"),)),
        Finding(
            gap,
            (Month.parse("2018-10"), Month.parse("2018-11")),
            tuple(Month.parse(text) for text in ("2015-10", "2015-11", "2016-10")),
        ),
        Finding("12 people were absent from Skolan, which had 10 employees", (Month.parse("2018-12"),)),
    ]


DEEMED = spec.methodology(
    name="deemed", disruption={"kind": "deem-average@1", "window": "2018-12..2019-02", "of": "2018-10..2018-11"}
)
"""December to February count for the mean of October and November."""


def test_a_month_is_told_by_what_it_was_determined_by_not_by_what_was_agreed_since() -> None:
    one = told(1, FIRST, adopted(DEEMED, recorded="2019-04-01"))
    assert [part.methodology.name for part in one.measured] == ["contract-2018"]
    assert one.methodology_of(one.months[2]) == CONTRACT_2018
    assert (len(one.months_measured), one.months_agreed, one.means) == (3, (), ())
    assert [record.data.methodology.name for record in one.unsettled] == ["deemed"]


def test_months_that_are_agreed_stand_beside_those_that_are_measured() -> None:
    first = determined(1, months("2018Q4", "1 000 000", "500 000.01", "750 000.01"), claim="414 000", recorded="2019-03-15")
    one = told(1, adopted(DEEMED, recorded="2018-10-02"), first)
    assert [str(month.month) for month in one.months_measured] == ["2018-10", "2018-11"]
    assert [str(month.month) for month in one.months_agreed] == ["2018-12"]
    assert one.determined == sum(month.savings_ore for month in one.months) == 225_000_002
    # 1 500 000.01 ÷ 2 = 750 000.005, rounded away from zero
    assert one.means == (Mean(Period.parse("2018-10..2018-11"), (Month.parse("2018-12"),), 150_000_001),)
    assert [value.months for value in one.trend] == [(Month.parse("2018-10"), Month.parse("2018-11"))]
    assert len(one.references) == 2


def test_a_mean_is_that_of_the_savings_in_force_when_it_was_taken() -> None:
    second = determined(2, months("2019-01..2019-02", "500 000", "500 000"), claim="184 000", recorded="2019-06-12")
    again = determined(3, months("2018Q4", "1 600 000"), claim="0", recorded="2019-06-20", supersedes=[1], reason="late")
    agreed = adopted(DEEMED, from_="2019-01-01", recorded="2019-04-01")
    one = told(2, FIRST, agreed, second, again)
    assert one.means == (Mean(Period.parse("2018-10..2018-11"), tuple(Period.parse("2019-01..2019-02")), 100_000_000),)
    assert one.trend == one.references == ()


def test_a_mean_that_does_not_give_what_is_recorded_is_not_told() -> None:
    second = determined(2, months("2019-01..2019-02", "500 000", "500 000.01"), claim="184 000", recorded="2019-06-12")
    (mean,) = told(2, FIRST, adopted(DEEMED, from_="2019-01-01", recorded="2019-04-01"), second).means
    assert mean.total is None


def test_a_redo_tells_what_was_measured_before_and_is_agreed_now() -> None:
    again = determined(2, months("2018Q4", "1 000 000", "0", "500 000"), claim="92 000", supersedes=[1], reason="agreed anew")
    one = told(2, FIRST, adopted(DEEMED, recorded="2019-04-01"), replace(again, recorded_on="2019-04-02"))
    assert [part.methodology.name for part in one.measured_before] == ["contract-2018"]
    assert [part.methodology.name for part in one.measured] == ["deemed"]
    december = one.redone[2]
    assert (type(december.before), type(december.now)) == (MonthDetermined, MonthAgreed)
    assert december.difference == 50_000_000
    assert told(1, FIRST).measured_before == ()


def test_there_is_no_statement_of_what_was_not_determined() -> None:
    with pytest.raises(Refused, match="no determination D2"):
        told(2, FIRST)
