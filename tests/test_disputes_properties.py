"""What holds whatever is disputed and however it ends (rules 16 to 18), on random histories: bounds of what is held, what a
decision moves, that withdrawing leaves nothing, that no instruction takes what is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cli.state import as_json
from ledger.contract import ContractState
from ledger.errors import Refused
from ledger.events import (
    DisputeAnswered,
    DisputeRaised,
    DisputeResolved,
    DisputeWithdrawn,
    EntryCorrected,
    PaymentInstructed,
)
from ledger.holds import Dispute as Disputed
from projections import positions, read_model
from projections.state import Provider, state
from tests import histories, oracle
from tests.histories import Act, Dispute, History, Step
from tests.memory import Memory
from tests.test_against_oracle import (
    TIMES,
    Player,
    a_day,
    answer,
    counted,
    differences,
    every,
    memory,
    played_on_disk,
    shares_of,
)

DISPUTES = (DisputeRaised, DisputeAnswered, DisputeWithdrawn, DisputeResolved)


@pytest.fixture(autouse=True)
def _count_anew() -> None:
    counted.clear()


def balance(ledger: Memory, player: Player, on: date) -> Provider:
    """What is payable, held and due on a day, as known now."""
    return state(ledger.facts(), player.id, on).provider


def unpaid(one: Provider) -> int:
    """Öre payable that are not paid: no more can be held (rule 18)."""
    return max(0, one.payable - one.paid + one.recovered)


def signed_by(player: Player, day: date) -> bool:
    """Whether the contract was signed by that day."""
    return bool(player.id) and player.folded.signed_on is not None and player.folded.signed_on <= day


# What is held


def bounds_fault(history: History) -> str | None:
    """Whether what is held is ever below nothing or above what is payable and not paid, takes from what is due anything but
    itself, or is there without an open position below what is on record."""
    ledger = memory()
    player = Player(ledger)
    for number, step in enumerate(history):
        if player.play(step) is None or not player.folded.disputes:
            continue
        day = days_of_disputes(player)[number % 5 :: 5]
        found = held_fault(player.folded, balance(ledger, player, day[0]), day[0]) if day else None
        if found is not None:
            return f"{found} as of {day[0]}"
    return None


def days_of_disputes(player: Player) -> list[date]:
    """Days on which a dispute may hold something: from when what is disputed is payable until before it ended."""
    folded, days = player.folded, {player.today}
    for one in folded.disputes:
        days.add(one.raised.on)
        if one.ended is not None:
            days.add(max(one.raised.on, one.ended.on - timedelta(days=1)))
        if one.raised.determination is not None:
            notice = folded.determination(one.raised.determination).notice
            days |= {notice.claim.payable_on} if notice is not None else set()
    return sorted(days)


def held_fault(folded: ContractState, one: Provider, day: date) -> str | None:
    """What is wrong about a balance on a day."""
    counted["balances"] += 1
    counted["balances with something held"] += one.held > 0
    balance = one.payable - one.paid - one.instructed + one.recovered
    if not 0 <= one.held <= unpaid(one):
        return f"bound: {one.held} is held, {unpaid(one)} is payable and not paid"
    if one.due != max(0, balance - one.held) or one.overpaid != max(0, -balance) or one.due + one.held > unpaid(one):
        return f"due: {one.due} is due and {one.held} held of {balance}"
    standing = [dispute for dispute in folded.disputes if dispute.open_on(day)]
    if one.held and not any(lowers(folded, dispute) for dispute in standing):
        return f"ground: {one.held} is held, and nobody says less"
    if one.claimed_above and all(lowers(folded, dispute) for dispute in standing):
        return f"ground: {one.claimed_above} is claimed above, and nobody says more"
    return None


def lowers(folded: ContractState, dispute: Disputed) -> bool:
    """Whether the provider would be owed less by a position than by what is on record."""
    raised = dispute.raised
    if raised.payment is None:
        return raised.position.total < raised.was_ore
    ends = [one.ended for one in folded.disputes if one.raised.payment == raised.payment]
    decided = [how.says.total for how in ends if how is not None and how.says is not None]
    more = raised.position.total - (decided[-1] if decided else raised.was_ore)
    return more > 0 if raised.payment_kind == "outcome" else more < 0


def test_what_is_held_is_within_its_bounds_and_has_its_ground() -> None:
    every(histories.contested, bounds_fault, 100)
    assert counted["balances with something held"] > 200 * TIMES


# Instructions


def instruction_fault(history: History) -> str | None:
    """Whether an instruction is ever recorded above what is due on its day. Not of one dated back to when another stood that was
    carried out since: it stood then, and no longer counts."""
    ledger = memory()
    player = Player(ledger)
    for step in history:
        if not (isinstance(step, Act) and step.what == "instruct" and step.kind == "outcome" and not step.role):
            player.play(step)
            continue
        before = len(ledger.records)
        done = player.play(step)
        on = player.today - timedelta(days=step.back)
        if not signed_by(player, on) or (step.back and any(one.settles for one in player.folded.payments)):
            continue
        instant = ledger.recorded_at(before).isoformat()
        due = oracle.state(ledger.plain[:before], player.id, str(on), instant)["balance"]["provider"]["due"]
        if done is None:
            continue
        event = done.records[-1].data
        assert isinstance(event, PaymentInstructed)
        counted["instructions"] += 1
        counted["instructions of all that is due"] += event.amount_ore == Fraction(due) * 100
        counted["instructions with something held"] += balance(ledger, player, on).held > 0
        if event.amount_ore > Fraction(due) * 100:
            return f"above: {event.amount_ore} is instructed for {on}, {due} was due"
    return None


def test_no_instruction_takes_what_is_held() -> None:
    every(histories.contested, instruction_fault, 120)
    assert counted["instructions with something held"] > 40 * TIMES


# Decisions


def decision_fault(history: History) -> str | None:
    """Whether deciding for the only open position below what is on record moves what is due: it was held already; and whether
    ending one otherwise releases all that it held."""
    ledger = memory()
    player = Player(ledger)
    for step in history:
        if not isinstance(step, Dispute) or step.what not in ("resolve", "withdraw") or not player.id:
            player.play(step)
            continue
        player.play(Act("wait", wait=step.wait))
        standing = [one for one in player.folded.disputes if one.open]
        if len(standing) != 1 or not lowers(player.folded, standing[0]):
            player.play(replace(step, wait=0))
            continue
        then = balance(ledger, player, player.today)
        done = player.play(replace(step, wait=0))
        if done is None:
            continue
        now, event = balance(ledger, player, player.today), done.records[-1].data
        upheld = isinstance(event, DisputeResolved) and event.outcome == "upheld"
        settled = isinstance(event, DisputeResolved) and event.outcome == "settled"
        counted["decisions for a lower position"] += upheld
        counted["decisions that released something"] += now.due > then.due
        if upheld and (now.due, now.held) != (then.due, 0):
            return f"upheld: {then.due} was due and {then.held} held, {now.due} is due and {now.held} held"
        all_of_it = max(0, now.payable - now.paid - now.instructed + now.recovered)
        if not upheld and not settled and (now.due, now.held) != (all_of_it, 0):
            return f"released: {now.due} is due and {now.held} held of {all_of_it}"
    return None


def test_a_decision_moves_what_was_held_and_nothing_else() -> None:
    every(histories.contested, decision_fault, 300)
    assert counted["decisions for a lower position"] > 8 * TIMES
    assert counted["decisions that released something"] > 8 * TIMES


# Withdrawing


def withdrawn(history: History) -> list[Step]:
    """The history in which every dispute that is not moot is withdrawn in the end, and none resolved."""
    steps = [replace(one, what="withdraw") if isinstance(one, Dispute) and one.what == "resolve" else one for one in history]
    number = sum(isinstance(one, Dispute) for one in steps)
    return [*steps, *(Dispute("withdraw") for _ in range(number))]


def restored_fault(history: History) -> str | None:
    """Whether withdrawing everything leaves a state other than that of the record without the disputes, on and after the last day
    on which one was open; on earlier days anything but what is held and due; and whether the ledger then decides otherwise."""
    ledger = memory()
    player = Player(ledger)
    for step in withdrawn(history):
        player.play(step)
    if not player.id or not player.folded.disputes:
        return None
    if any(one.open for one in player.folded.disputes):
        return "open: a dispute was not withdrawn"
    counted["histories whose disputes are withdrawn"] += 1
    without = ledger.without(DISPUTES)
    ended = max(one.ended.on for one in player.folded.disputes if one.ended is not None)
    days = {a_day(ledger, player, histories.Ask(number)) for number in range(0, 40, 13)} | {ended, ended + timedelta(days=100)}
    for day in sorted(days):
        found = twins_differ(ledger, without, player.id, day, whole=day >= ended)
        if found is not None:
            return f"restored: as of {day}, the last ended on {ended}: {found}"
    return goes_on_fault(ledger, without, player)


def twins_differ(one: Memory, other: Memory, contract_id: str, day: date, *, whole: bool) -> str | None:
    """How the state with disputes that ended differs from that without."""
    said, expected = (answer(each, contract_id, day, each.recorded_at(len(each.records))) for each in (one, other))
    if said is None or expected is None:
        return None if said is expected else "only one of them answers"
    expected = {key: value for key, value in expected.items() if key not in ("basis", "known_at", "disputes")}
    if not whole:
        for key in ("held", "claimed_above", "due"):
            del expected["balance"]["provider"][key]
    counted["states as without the disputes"] += 1
    return "; ".join(differences(expected, said)) or None


def goes_on_fault(ledger: Memory, without: Memory, player: Player) -> str | None:
    """Whether what follows is decided as if nothing had been disputed."""
    other = Player(without)
    other.id, other.today, other.steps = player.id, player.today, player.steps
    draw = Random(len(ledger.records))
    for _ in range(8):
        step = histories._step(draw)
        if isinstance(step, Act):
            step = replace(step, back=0)  # dated back, it would meet what was held then
        if rests_on_a_notice(player, step):
            continue
        done = [one.play(step) is not None for one in (player, other)]
        if done[0] != done[1]:
            return f"goes on: {step} is {'recorded' if done[0] else 'refused'}, without the disputes it is not"
        counted["steps decided as without the disputes"] += 1
    found = twins_differ(ledger, without, player.id, player.today, whole=True)
    return f"goes on: {found}" if found else None


def rests_on_a_notice(player: Player, step: Step) -> bool:
    """Whether a step corrects a notice upon which a dispute was raised: it was acted upon, and stays, withdrawn or not."""
    if not (isinstance(step, Act) and step.what == "correct"):
        return False
    disputed = {one.raised.determination for one in player.folded.disputes}
    notices = {one.notice.position for one in player.folded.determinations if one.number in disputed and one.notice is not None}
    try:
        return player._correction(step, player.today).position in notices
    except Exception:  # nothing to correct
        return False


def test_withdrawing_everything_restores_the_state_without_the_disputes() -> None:
    every(histories.contested, restored_fault, 60)
    every(histories.money, restored_fault, 60)
    every(histories.renegotiated, restored_fault, 10)
    assert counted["states as without the disputes"] > 250 * TIMES
    assert counted["steps decided as without the disputes"] > 300 * TIMES


def unheard_fault(history: History) -> str | None:
    """Whether the same history without its disputes, where all else is recorded alike, ends otherwise."""
    played = []
    steps_with = withdrawn(history)
    steps_without = [Act("wait", wait=one.wait) if isinstance(one, Dispute) else one for one in steps_with]
    for steps in (steps_with, steps_without):
        ledger = memory()
        player = Player(ledger)
        done = [player.play(step) for step in steps]
        said = [None if one is None else [record.data for record in one.records] for one in done]
        kept = [None if isinstance(step, Dispute) else one for step, one in zip(steps_with, said, strict=True)]
        played.append((ledger, player, kept))
    (ledger, player, with_disputes), (other, _, without) = played
    if not player.id or not player.folded.disputes or [bare(one) for one in with_disputes] != [bare(one) for one in without]:
        return None
    counted["histories played without their disputes"] += 1
    ended = max(one.ended.on for one in player.folded.disputes if one.ended is not None)
    day = max(ended, player.today)
    states = [answer(one, player.id, day, one.recorded_at(len(one.records))) for one in (other, ledger)]
    found = "; ".join(differences(*map(without_instants, states)))
    return f"unheard: as of {day}: {found}" if found else None


def without_instants(value: Any) -> Any:
    """A state but for its disputes, and for when and where in the record something was learned, which the disputes shift."""
    if not isinstance(value, dict):
        return value
    kept = {key: inner for key, inner in value.items() if key not in ("basis", "known_at", "known_since", "disputes")}
    return {key: without_instants(inner) for key, inner in kept.items()}


def bare(events: list[Any] | None) -> Any:
    """What was recorded, but for where in the record it stands."""
    if events is None:
        return None
    return [one.model_dump(exclude={"basis"} | ({"corrects"} if isinstance(one, EntryCorrected) else set())) for one in events]


def test_a_history_without_its_withdrawn_disputes_ends_alike() -> None:
    every(histories.contested, unheard_fault, 100)
    assert counted["histories played without their disputes"] > 20 * TIMES


# Positions


def position_fault(history: History) -> str | None:
    """Whether a stated position is spread evenly, and one that says a claim gives it through the sharing (rule 10): what is
    determined where that claims it already, else the claim by the share, or the smallest sum that gives it."""
    player = Player(memory())
    for step in history:
        player.play(step)
    if not player.id or not player.folded.determinations:
        return None
    folded, draw = player.folded, Random(len(history))
    one = draw.choice(folded.determinations)
    was = [line.savings_ore for line in one.months]
    total = draw.randint(-(10**9), 10**9)
    said = [line.amount_ore for line in positions.stated(one, total).savings or ()]
    off = [now - then for now, then in zip(said, was, strict=True)]
    if sum(said) != total or max(off) - min(off) > 1:
        return f"stated: {total} is said as {said} of {was}"
    shares = shares_of(folded.terms_of(one.period.last))
    others = sum(amount for month, amount in folded.savings.items() if month <= one.period.last and month not in one.period)
    claim = draw.choice(
        (0, one.claim_ore, one.claim_ore - 1, one.claim_ore // 2, one.claim_ore + 1, draw.randint(0, shares.maximum))
    )
    wanted = shares.entitlement(others + sum(was)) - one.claim_ore + claim
    possible = 0 <= wanted <= min(shares.maximum, shares.entitlement(oracle.rounded(shares.ceiling) + 1))
    try:
        saved = positions.claiming(folded, one, claim).total
    except Refused:
        return f"claiming: {claim} is refused, {wanted} can be entitled" if possible else None
    counted["positions that say a claim"] += 1
    entitled = shares.entitlement(others + saved)
    if not possible or entitled != wanted:
        return f"claiming: {claim} is said as savings of {saved}, which entitle to {entitled}, not {wanted}"
    if claim == one.claim_ore:
        return None if saved == sum(was) else f"claiming: {claim} is what is determined, and is said as savings of {saved}"
    by_share = others + saved == oracle.rounded(wanted / shares.share)
    if wanted and not by_share and shares.entitlement(others + saved - 1) == wanted:
        return f"claiming: {saved} is neither the share of {claim} nor the smallest sum that gives it"
    return None


def test_a_position_says_what_it_was_asked_to() -> None:
    every(histories.money, position_fault, 100)
    assert counted["positions that say a claim"] > 40 * TIMES


# Tables


@pytest.mark.parametrize("seed", range(4))
def test_disputes_are_told_alike_live_and_rebuilt(seed: int, tmp_path: Path) -> None:
    make = histories.money if seed % 3 else histories.renegotiated
    found = (history for history in map(make, range(100 * seed, 10**6)) if disputes_in(history))
    ledger, log, contract_id = played_on_disk(next(found), tmp_path / "ledger.db")
    days = sorted({record.effective_on for record in ledger.records if isinstance(record.data, DISPUTES)})
    asked = [(facts, day) for facts in (log.facts(), log.facts().at(len(ledger.records) // 2)) for day in (*days[:3], *days[-3:])]
    answers: list[list[Any]] = []
    for _ in range(2):
        assert list(read_model.differences(log)) == []
        answers.append([told(read_model.Book(log.recorder, facts), facts, contract_id, day) for facts, day in asked])
        read_model.rebuild(log)
    assert answers[0] == answers[1] == [told(None, facts, contract_id, day) for facts, day in asked]


def told(book: Any, facts: Any, contract_id: str, day: date) -> Any:
    """The state as JSON; the refusal, where there is none."""
    try:
        return as_json(state(facts, contract_id, day, book))
    except Refused as error:
        return error.what


def disputes_in(history: History) -> int:
    """How many disputes of a history are recorded."""
    if not any(isinstance(step, Dispute) for step in history):
        return 0
    player = Player(memory())
    for step in history:
        player.play(step)
    return len(player.folded.disputes)
