"""``soc replay``: the same facts under other methodologies, side by side. It reads the record and has nothing to write to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import click

from cli import output
from cli.desk import Desk
from cli.options import PERIOD, Parsed, answers, audience, looking, moment
from ledger.errors import Usage
from ledger.facts import Facts
from ledger.periods import Period, stockholm_text

if TYPE_CHECKING:
    from cli.replay.answer import Answer
    from projections.audience import Audience
    from projections.sweep import Sweep


def _sweep(text: str) -> Sweep:
    from projections.sweep import parse

    return parse(text)


NAMED = "A methodology: a TOML file, or one on record by name, by fingerprint, or as a proposal (M1); repeat for each."
VARIED = "Vary a parameter, as price=1900..2400:50 or deem-average.of=2019Q1,2019Q2; repeat for every combination."


@click.command("replay")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--methodology", "methods", multiple=True, required=True, metavar="FILE|NAME", help=NAMED)
@click.option("--periods", type=PERIOD, multiple=True, metavar="PERIOD", help="Replay these months only; repeat for more.")
@moment
@click.option(
    "--facts",
    "when",
    type=click.Choice(("now", "then")),
    default="now",
    show_default=True,
    help="Measure determined months on all facts, or on those that each determination saw.",
)
@click.option("--diff", is_flag=True, help="Why they differ: causes, by month, krona by krona.")
@click.option("--against", metavar="INSTANT", help="With --diff: each also with itself as known at an earlier moment.")
@click.option("--workplaces", is_flag=True, help="Days by workplace; expected ones are allocated by employees.")
@click.option("--sweep", "sweeps", type=Parsed("sweep", _sweep), multiple=True, metavar="PARAM=VALUES", help=VARIED)
@audience
@answers
@looking
def command(
    desk: Desk,
    contract_id: str,
    methods: tuple[str, ...],
    periods: tuple[Period, ...],
    as_of: date | None,
    known_at: str | None,
    when: str,
    diff: bool,
    against: str | None,
    workplaces: bool,
    sweeps: tuple[Sweep, ...],
    audience: Audience,
    form: str,
    file: str,
) -> None:
    """What other methodologies would have given each party over the same facts, side by side.

    A simulation: nothing is recorded, nothing can be paid by it.
    """
    _check(form, against is None or diff, {"--sweep": bool(sweeps), "--diff": diff, "--workplaces": workplaces})
    from cli.replay import answer as replay_answer
    from cli.replay import methods as replay_methods
    from projections.replays.replay import replay

    facts = desk.known_at(known_at)
    earlier = None if against is None else _earlier(desk, facts, against)
    labels = replay_methods.resolved(methods, facts.contract(contract_id))
    months = [month for period in periods for month in period] or None
    one = replay(facts, contract_id, list(labels.values()), months=months, as_of=as_of, then=when == "then")
    asked = replay_answer.Asked(diff, earlier, workplaces, sweeps, audience)
    output.emit(_written(replay_answer.answer(one, labels, asked), form), file)


def _check(form: str, has_diff: bool, asked: Mapping[str, bool]) -> None:
    """Raise Usage for options that do not go together."""
    if not has_diff:
        raise Usage("--against belongs to --diff")
    several = [name for name, given in asked.items() if given]
    if form == "csv" and len(several) > 1:
        raise Usage(f"-O csv is one table: ask for {' or '.join(several)}, or take -O json")


def _earlier(desk: Desk, facts: Facts, against: str) -> Facts:
    then = desk.known_at(against, "--against")
    if then.known_at > facts.known_at:
        raise Usage(
            f"--against {against} is later than what is asked about, known at {stockholm_text(facts.known_at)}",
            do="compare with an earlier moment; --known-at takes the later one",
        )
    return then


def _written(one: Answer, form: str) -> str:
    from cli.replay import as_json as replay_json
    from cli.replay import as_text as replay_text

    if form == "text":
        return replay_text.as_text(one)
    return output.as_json(replay_json.as_json(one)) if form == "json" else replay_json.as_csv(one)
