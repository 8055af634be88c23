"""``soc dispute list`` and ``show``, and what a write about a dispute answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking, moment
from cli.words import role, roles
from ledger.events import DisputeAnswered, Position
from ledger.facts import Facts
from ledger.holds import Dispute, disputed
from ledger.log import Receipt
from ledger.money import kronor, shown
from projections.as_of import AsOf
from projections.names import dispute_number
from projections.state import State, state

COLUMNS = ["id", "against", "by", "raised_on", "disputed", "position", "status", "ended_on", "answers"]


def as_json(contract_id: str, one: Dispute, as_of: date | None = None) -> dict[str, Any]:
    """A dispute in one row, as of a date: what is disputed and the party's position, in kronor."""
    ended = None if one.ended is None or (as_of is not None and one.open_on(as_of)) else one.ended
    return {
        "id": f"{contract_id}/{one.name}",
        "against": f"{contract_id}/{disputed(one)}",
        "by": one.raised.by,
        "raised_on": str(one.raised.on),
        "disputed": kronor(one.raised.was_ore),
        "position": kronor(one.raised.position.total),
        "status": "open" if ended is None else ended.how,
        "ended_on": None if ended is None else str(ended.on),
        "answers": sum(as_of is None or answer.on <= as_of for answer in one.answers),
    }


@click.command("list")
@click.argument("contract_id", metavar="CONTRACT")
@answers
@looking
def list_(desk: Desk, contract_id: str, form: str, file: str) -> None:
    """A contract's disputes, open and ended."""
    facts = desk.facts
    rows = [as_json(contract_id, one) for one in facts.contract(contract_id).disputes]
    if form == "json":
        output.emit(output.as_json({"contract": contract_id, **output.basis_json(facts), "disputes": rows}), file)
    elif form == "csv":
        output.emit(output.as_csv(rows, COLUMNS), file)
    else:
        cells = [[output.plain(row[key]) for key in COLUMNS] for row in rows]
        table = output.table(cells, [key.replace("_", " ") for key in COLUMNS], right=(4, 5))
        head = f"Disputes of {contract_id}, {output.basis_line(facts)}"
        output.emit(f"{head}\n\n{table if rows else 'None is on record.'}", file)


@click.command("show")
@click.argument("dispute", metavar="DISPUTE")
@moment
@answers
@looking
def show(desk: Desk, dispute: str, as_of: date | None, known_at: str | None, form: str, file: str) -> None:
    """A dispute: positions, grounds, answers, what is held, how it ended."""
    facts = desk.known_at(known_at)
    contract_id, number = dispute_number(facts, dispute)
    now = state(facts, contract_id, as_of, desk.book(facts))
    one = facts.contract(contract_id).dispute(number)
    value = {**output.basis_json(facts), "as_of": str(now.when.as_of), **whole_json(facts, contract_id, one, now)}
    if form == "json":
        output.emit(output.as_json(value), file)
    elif form == "csv":
        output.emit(output.as_csv(output.flat(value), ["key", "value"]), file)
    else:
        head = f"{contract_id}/{one.name}, as of {now.when.as_of} · {output.basis_line(facts)}\nSEK excluding VAT"
        output.emit("\n".join([head, "", *_lines(one, now)]), file)


def whole_json(facts: Facts, contract_id: str, one: Dispute, now: State) -> dict[str, Any]:
    """The dispute with everything that was said, and what is held and claimed above in the contract."""
    ended = one.ended
    return {
        **as_json(contract_id, one, now.when.as_of),
        "grounds": one.raised.grounds,
        "position_by_month": _by_month(one.raised.position),
        "position_rests_on": _rests_on(one.raised.position),
        "said": [
            {"by": answer.by, "on": str(answer.on), "answer": answer.answer}
            | ({} if answer.says is None else {"position": kronor(answer.says.total), "rests_on": _rests_on(answer.says)})
            for answer in one.answers
        ],
        "ended": None
        if ended is None
        else {
            "how": ended.how,
            "on": str(ended.on),
            "reason": ended.reason,
            "agreed_by": list(ended.agreed_by),
            "decided_by": ended.decided_by,
            "stands": None if ended.says is None else kronor(ended.says.total),
            "determination": None if ended.determination is None else f"{contract_id}/D{ended.determination}",
        },
        "held": kronor(now.provider.held),
        "claimed_above": kronor(now.provider.claimed_above),
    }


def _by_month(position: Position) -> list[dict[str, str]]:
    return [{"month": str(one.month), "savings": kronor(one.amount_ore)} for one in position.savings or ()]


def _rests_on(position: Position) -> str:
    return "; ".join(resting(position)) or "stated"


def resting(position: Position) -> Iterable[str]:
    """What a position rests on, in words; nothing where it is stated."""
    if position.methodology is not None:
        yield f"methodology {position.methodology.name} (version {position.methodology.version}), {(position.sha256 or '')[:16]}"
    if position.facts is not None:
        yield f"the facts up to record {position.facts.upto}"
        if position.facts.without:
            yield f"without record {', '.join(map(str, position.facts.without))}"


def _lines(one: Dispute, now: State) -> Iterable[str]:
    raised = one.raised
    what = "the savings of its months" if raised.determination is not None else "the payment"
    yield f"{role(raised.by).capitalize()} objected on {raised.on} to {disputed(one)}: {raised.grounds}"
    yield ""
    rows = [("recorded", raised.was_ore), ("its position", raised.position.total), ("difference", one.at_stake)]
    rows += [(f"position of the {role(answer.by)}", answer.says.total) for answer in one.answers if answer.says is not None]
    cells = [[name, shown(amount)] for name, amount in rows]
    yield output.table(cells, [what, "SEK"], right=(1,))
    if rests := list(resting(raised.position)):
        yield f"Computed: {'; '.join(rests)}"
    yield ""
    for answer in one.answers:
        yield f"{role(answer.by).capitalize()} answered on {answer.on}: {answer.answer}"
    yield from _ended(one)
    if one.open_on(now.when.as_of):
        yield f"Held in this contract's disputes on {now.when.as_of}: {shown(now.provider.held)}"
        yield f"Claimed above what is determined: {shown(now.provider.claimed_above)}"


def _ended(one: Dispute) -> Iterable[str]:
    ended = one.ended
    if ended is None:
        yield "It is open."
        return
    by = ended.decided_by or roles(ended.agreed_by)
    at = "" if ended.says is None else f" at {shown(ended.says.total)}"
    yield f"{ended.how.capitalize()}{at} on {ended.on}{f' by {by}' if by else ''}: {ended.reason}"
    if ended.determination is not None:
        yield f"D{ended.determination} stands in its place."


def told(done: Receipt, contract_id: str, number: int) -> output.Receipted:
    """What a write about a dispute answers: what was said, and what is held and claimed above from now on."""
    one = done.facts.contract(contract_id).dispute(number)
    after = state(done.facts, contract_id, max(AsOf.latest(done.facts, None).as_of, one.raised.on))
    said = [_said(done, one)]
    if isinstance(done.records[-1].data, DisputeAnswered):
        said.append("an answer holds nothing")
    elif one.open and one.at_stake:
        said.append(_effect(done.facts, contract_id, one))
    more = {"dispute": whole_json(done.facts, contract_id, one, after)}
    return output.Receipted(done, contract_id, said, more)


def _said(done: Receipt, one: Dispute) -> str:
    from cli.words import told as in_words

    return in_words(done.records[-1])


def _effect(facts: Facts, contract_id: str, one: Dispute) -> str:
    folded = facts.contract(contract_id)
    if one.raised.determination is None:
        return f"the payment would differ by {shown(one.at_stake)} SEK"
    from_on = max(one.raised.on, folded.payable_from(one.raised.determination))
    alone = replace(folded, disputes=(one,)).disputed(from_on)
    what = f"by itself it claims {shown(alone.above)} SEK above"
    if one.lowers:
        until = f"from {from_on}" if from_on < date.max else "once its claim is payable"
        held = f"; in all disputes {shown(folded.held(from_on))} SEK is held then" if from_on < date.max else ""
        what = f"by itself it holds {shown(alone.lower)} SEK {until}{held}"
    return f"its position is {shown(one.at_stake)} SEK of savings off what is determined; through the sharing {what}"
