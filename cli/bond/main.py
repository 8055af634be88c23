"""``soc bond``: a bond's schedule, what its holder and its issuer have on a day, and what it would pay at other savings. It is
signed and paid as every contract settled by tiers: ``soc tiered``."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import click

from cli import files, output
from cli.bond import as_json as bond_json
from cli.bond import as_text as bond_text
from cli.bond.ground import Ground
from cli.desk import Desk
from cli.options import Parsed, answers, looking, moment, with_desk
from ledger.bonds import schedule
from ledger.errors import Usage
from ledger.money import parse_share
from ledger.tiered_terms import read_tiered_terms
from projections.as_of import AsOf
from projections.bond import bond_of, bond_state, scenarios, signed_bond

PER_CENT_MAX = 100_000


@click.group("bond")
def command() -> None:
    """A bond whose return follows outcomes: schedule, state, scenarios."""


@command.command("schedule")
@click.argument("terms_or_id", metavar="TERMS.toml|ID")
@answers
@with_desk
def schedule_(desk: Desk, terms_or_id: str, form: str, file: str) -> None:
    """What the bond pays when, and how each amount comes about.

    No payment moves for a weekend or a holiday; each is rounded once, half away from zero.
    """
    ground = _ground(desk, terms_or_id)
    flows = schedule(bond_of(ground.terms))
    if form == "csv":
        output.emit(output.as_csv([bond_json.flow(one) for one in flows], bond_json.FLOW), file)
        return
    text = form == "text"
    output.emit(bond_text.schedule(ground, flows) if text else output.as_json(bond_json.schedule(ground, flows)), file)


@command.command("state")
@click.argument("contract_id", metavar="ID")
@moment
@answers
@looking
def state(desk: Desk, contract_id: str, as_of: date | None, known_at: str | None, form: str, file: str) -> None:
    """What the holder has in the bond and the issuer owes: as of a date in the world, as known at a moment."""
    facts = desk.known_at(known_at)
    one = bond_state(facts, contract_id, as_of)
    ground = Ground(one.terms, facts, one.when.as_of)
    if form == "text":
        output.emit(bond_text.state(ground, one), file)
        return
    value = bond_json.state(ground, one)
    output.emit(output.as_json(value) if form == "json" else output.as_csv(output.flat(value), ["key", "value"]), file)


def _per_cents(text: str) -> tuple[Fraction, ...]:
    """``0,50,100`` as shares of the whole. Raises ValueError."""
    found = [parse_share(one.strip()) for one in text.split(",")]
    if any(not 0 <= one <= PER_CENT_MAX for one in found):
        raise ValueError(f"per cents lie from 0 to {PER_CENT_MAX}, as 0,50,100,150,200")
    return tuple(one / 100 for one in found)


@command.command("scenarios")
@click.argument("terms_or_id", metavar="TERMS.toml|ID")
@click.option(
    "--at",
    "times",
    type=Parsed("per cents", _per_cents),
    default="0,50,100,150,200",
    show_default=True,
    metavar="PER-CENTS",
    help="Savings, in per cent of what was lent against outcomes.",
)
@answers
@with_desk
def scenarios_(desk: Desk, terms_or_id: str, times: tuple[Fraction, ...], form: str, file: str) -> None:
    """What the bond would pay over its term at other savings, whole and part by part. Nothing is recorded."""
    ground = _ground(desk, terms_or_id)
    found = scenarios(ground.terms, times)
    if form == "text":
        output.emit(bond_text.scenarios(ground, found), file)
        return
    if form == "csv":
        rows = [row for one in found for row in bond_json.scenario_rows(one)]
        output.emit(output.as_csv(rows, bond_json.SCENARIO), file)
        return
    value = {**ground.as_json(simulated=True), "scenarios": [bond_json.scenario(one) for one in found]}
    output.emit(output.as_json(value), file)


def _ground(desk: Desk, terms_or_id: str) -> Ground:
    """The terms in a file, or those in force of a bond on record."""
    if terms_or_id.endswith(".toml"):
        return Ground(read_tiered_terms(files.content(terms_or_id), terms_or_id), None, None)
    if "/" in terms_or_id or "." in terms_or_id:
        raise Usage(f"{terms_or_id} is neither a file TERMS.toml nor the id of a bond")
    with desk.log.recorder.view():
        facts = desk.facts
        when = AsOf.latest(facts)
        return Ground(signed_bond(facts, terms_or_id, when.as_of)[1], facts, when.as_of)
