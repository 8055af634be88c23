"""The check finds what is forged in a dispute's records: what was disputed, what a position was computed to be, and what a
resolution decided and claims (rule 18).

D1 determines November and December 2018 at 7 490 and 16 050 SEK, as ``tests/replayed.py`` tells; the payer holds that a net day
costs 1 000 SEK instead of 2 140: 3 500 and 7 500.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from ledger.commands import AnswerDispute, Command, Decided, NotifyDetermination, OfContract, Pay, RaiseDispute, ResolveDispute
from ledger.events import DisputeResolved, Event, MonthAmount, OtherFacts, Position
from ledger.facts import contract_stream
from ledger.periods import Month
from projections import positions
from projections.check import contract_findings
from projections.check_disputes import resolution_of
from tests.replayed import Story, plain, plain_methodology
from tests.test_against_oracle import MANAGER

CHEAPER = plain_methodology(price="1000.00")
NOVEMBER, DECEMBER = Month.parse("2018-11"), Month.parse("2018-12")


def savings(november: int, december: int) -> Position:
    """A position that is stated: öre of both months."""
    pairs = ((NOVEMBER, november), (DECEMBER, december))
    return Position(savings=tuple(MonthAmount(month=month, amount_ore=amount) for month, amount in pairs))


def computed(told: Story) -> Position:
    """The payer's position, computed on the facts that D1 saw but for nothing."""
    return positions.computed(told.facts, told.id, 1, CHEAPER, OtherFacts(upto=36), "by hand")


def done(told: Story, command: Command) -> Story:
    """… with what someone commands."""
    told.submit(lambda _: OfContract(told.id, command))
    return told


def notified() -> Story:
    """D1 and D2 determined, D1 notified."""
    told = plain()
    return done(told, NotifyDetermination(1, told.player.today))


def disputed(position: Position | None = None) -> Story:
    """… and disputed by the payer."""
    told = notified()
    return done(told, RaiseDispute("payer", told.player.today, "too dear", position or computed(told), determination=1))


def answered() -> Story:
    """… and answered with the ledger's own figures."""
    told = disputed()
    own = positions.computed(told.facts, told.id, 1, None, OtherFacts(upto=36), "by hand")
    return done(told, AnswerDispute(1, "external_provider", told.player.today, "as agreed", own))


def resolved(outcome: Any = "upheld", position: Position | None = None) -> Story:
    """… and resolved by the parties."""
    told, agreed = disputed(), ("payer", "external_provider")
    basis = told.facts.basis
    return done(told, ResolveDispute(1, told.player.today, outcome, "agreed", basis, "by hand", agreed, None, position))


def paid() -> Story:
    """An outcome payment that the payer holds to have been more."""
    told = notified()
    today = told.player.today
    done(told, Pay("outcome", 100_000, today, "F-1", made=True, bank_reference="BG"))
    return done(told, RaiseDispute("payer", today, "twice", Position(amount_ore=200_000), payment=1))


def found(told: Story) -> list[str]:
    """What the check finds wrong, in words."""
    said = [one.what for one in contract_findings(told.facts, told.id) if one.sort != "finding"]
    return [one.replace("\u2009", " ") for one in said]


@pytest.mark.parametrize(
    "told",
    [
        disputed,
        answered,
        resolved,
        paid,
        lambda: disputed(savings(0, -100)),
        lambda: resolved("rejected"),
        lambda: resolved("settled", savings(500_000, 500_000)),
        lambda: resolved("settled", savings(749_000, 1_605_000)),
        lambda: payment_corrected(),
    ],
    ids=["raised", "answered", "upheld", "of a payment", "stated", "rejected", "settled", "as determined", "a payment corrected"],
)
def test_what_was_recorded_by_the_rules_is_found_right(told: Callable[[], Story]) -> None:
    assert found(told()) == []


# ── Forged ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def changed(value: Any, path: str, to: Any) -> Any:
    """An event, or something in it, that says something else: ``position.savings`` of a dispute raised."""
    name, _, rest = path.partition(".")
    return value.model_copy(update={name: changed(getattr(value, name), rest, to) if rest else to})


def forged(told: Story, changes: dict[str, Any], of: int = 1) -> Story:
    """The last records taken back and written anew, the first of them ``of`` from the end with changes, as someone could who has
    the database: every digest is right, what the record says is not."""
    records, ledger = told.ledger.records[-of:], notified()
    for record in told.ledger.records[len(ledger.ledger.records) :]:
        event: Event = record.data
        if record.position == records[0].position:
            for path, to in changes.items():
                event = changed(event, path, to)
        at = datetime.combine(ledger.player.today, time(8, tzinfo=UTC))
        decided = Decided(record.effective_on, event)
        ledger.ledger._append((decided,), contract_stream(told.id), record.submission, (), MANAGER, at)
    return ledger


OTHERWISE = savings(350_000, 750_001).savings


def payment_corrected() -> Story:
    """… with the payment's dispute upheld."""
    told, agreed = paid(), ("payer", "external_provider")
    return done(told, ResolveDispute(1, told.player.today, "upheld", "agreed", told.facts.basis, "by hand", agreed))


def by_another_dispute() -> tuple[Any, ...]:
    """The months that X1 decided, as if X9 had."""
    return tuple(month.model_copy(update={"dispute": 9}) for month in resolved().ledger.records[-2].data.months)


FORGED: list[tuple[str, Callable[[], Story], int, dict[str, Any], str]] = [
    ("what is disputed", disputed, 1, {"was_ore": 2_354_001}, "X1 disputes 23 540.01, but 23 540.00 was recorded"),
    ("a position", disputed, 1, {"position.savings": OTHERWISE}, "the position says 11 000.01, recomputed it is 11 000.00"),
    (
        "months of a position that sum to the same",
        disputed,
        1,
        {"position.savings": savings(350_001, 749_999).savings},
        "the position says 11 000.00, recomputed it is 11 000.00",
    ),
    ("its methodology", disputed, 1, {"position.methodology": plain_methodology(price="1100.00")}, "has another fingerprint"),
    ("its methodology's fingerprint", disputed, 1, {"position.sha256": "0" * 64}, "has another fingerprint"),
    ("its facts", disputed, 1, {"position.facts.upto": 35}, "the position cannot be recomputed: the position cannot be computed"),
    ("facts left out", disputed, 1, {"position.facts.without": (33,)}, "the position cannot be recomputed"),
    ("facts that are none", disputed, 1, {"position.facts.without": (37,)}, "cannot be recomputed: record 37 is no report"),
    ("facts of the future", disputed, 1, {"position.facts.upto": 99}, "cannot be recomputed: record 99 is outside the record"),
    (
        "an answer's position",
        answered,
        1,
        {"position.savings": OTHERWISE},
        "the position says 11 000.01, recomputed it is 23 540.00",
    ),
    ("a payment disputed", paid, 1, {"was_ore": 100_001}, "X1 disputes 1 000.01, but 1 000.00 was recorded"),
    ("the payment that is disputed", paid, 1, {"payment": 7}, "X1 disputes 1 000.00, but 0.00 was recorded"),
    ("what is upheld", resolved, 1, {"position": savings(350_001, 749_999)}, "X1 is upheld at another position than was raised"),
    (
        "what is decided",
        resolved,
        1,
        {"position": savings(350_001, 750_000)},
        "D3 does not say what the resolution of X1 decided",
    ),
    ("what it claims", resolved, 1, {"claim.amount_ore": -1}, "the resolution of X1 does not claim what D3 says"),
    ("a claim left out", resolved, 1, {"claim": None}, "the resolution of X1 does not claim what D3 says"),
    ("what carries it out", resolved, 1, {"determination": 2}, "D2 does not say what the resolution of X1 decided"),
    ("when it falls payable", resolved, 1, {"claim.payable_on": date(2030, 1, 1)}, "the rules give another record"),
    ("how it ended", resolved, 1, {"outcome": "rejected"}, "the rules give another record"),
    ("who agreed", resolved, 1, {"agreed_by": ("payer",)}, "the rules refuse it: agreement is missing from external_provider"),
    ("which dispute decided a month", resolved, 2, {"months": by_another_dispute()}, "the rules give another record"),
    (
        "a settlement that nothing carries out",
        lambda: resolved("settled", savings(749_000, 1_605_000)),
        1,
        {"position": savings(0, 0)},
        "the rules give another record",
    ),
    (
        "an upholding that nothing carries out",
        lambda: resolved("rejected"),
        1,
        {"outcome": "upheld"},
        "the rules give another record",
    ),
    ("the dispute's number", disputed, 1, {"number": 7}, "the rules give another record"),
    ("who objected", disputed, 1, {"by": "investor"}, "the rules refuse it: investor is no party to what is disputed"),
    ("when", disputed, 1, {"on": date(2019, 3, 9)}, "the rules refuse it: D1 (2018-11..2018-12) was notified on 2019-03-10"),
    ("who answered", answered, 1, {"by": "payer"}, "the rules refuse it: payer raised X1; another party answers it"),
    ("the kind of payment", paid, 1, {"payment_kind": "recovery"}, "the rules give another record"),
    ("what a payment became", payment_corrected, 2, {"becomes.amount_ore": 150_000}, "the rules give another record"),
    ("the claim of the determination", resolved, 2, {"claim_ore": -1}, "its claim is not the difference in entitlement"),
]


@pytest.mark.parametrize(("told", "of", "changes", "said"), [row[1:] for row in FORGED], ids=[row[0] for row in FORGED])
def test_what_is_forged_is_found(told: Callable[[], Story], of: int, changes: dict[str, Any], said: str) -> None:
    assert found(forged(told(), {}, of)) == []
    assert any(said in one for one in found(forged(told(), changes, of)))


def test_months_that_no_resolution_decided_are_found() -> None:
    """A determination that says a dispute decided it, and nothing that follows says so."""
    told, whole = notified(), resolved()
    determination = whole.ledger.records[-2].data.model_copy(update={"basis": told.facts.basis})
    at = datetime.combine(told.player.today, time(8, tzinfo=UTC))
    stream = contract_stream(told.id)
    told.ledger._append((Decided(date(2018, 12, 31), determination),), stream, "0" * 64, (), MANAGER, at)
    said = found(told)
    assert any("2018-11: recorded savings 3 500.00, recomputed 7 490.00" in one for one in said)
    assert any("2018-12: recorded savings 7 500.00, recomputed 16 050.00" in one for one in said)


def test_the_resolution_that_a_determination_carries_out_is_the_next_record() -> None:
    told = resolved()
    determination, resolution = told.ledger.records[-2:]
    assert isinstance(resolution.data, DisputeResolved)
    assert resolution_of(told.facts, told.id, determination) == resolution.data
    measured = told.ledger.records[36]
    assert measured.data.number == 1
    assert resolution_of(told.facts, told.id, measured) is None
