"""``soc tender compare`` and ``try``: what each bid would pay, and who breaks even where."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from cli import files, output
from cli.desk import Desk
from cli.options import AMOUNT, answers_in, looking
from cli.tender.shares import SHARES
from ledger.errors import Usage
from ledger.facts import Facts
from ledger.periods import day_in_stockholm
from ledger.tender_terms import TenderTerms, read_tender
from ledger.tenders import Bid
from projections.tender import Comparison, compared, of, offer

STEP = click.option(
    "--step",
    type=click.IntRange(1, 200),
    default=10,
    show_default=True,
    metavar="PERCENT",
    help="From step to step, in per cent of the investment.",
)


@click.command("compare")
@click.argument("tender_id", metavar="TENDER")
@STEP
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@answers_in("text", "json", "csv", "html")
@looking
def compare(desk: Desk, tender_id: str, step: int, known_at: str | None, form: str, file: str) -> None:
    """What each standing bid would pay at savings of 0 to 200 % of the investment, and who breaks even where."""
    facts = desk.known_at(known_at)
    one = compared(of(facts, tender_id), step)
    as_of = day_in_stockholm(facts.known_at)
    head = [*_head(one), f"As of {as_of} · {output.basis_line(facts)}", "SEK excluding VAT"]
    _answer(one, head, {"as_of": as_of.isoformat(), **output.basis_json(facts)}, _basis(facts), form, file)


@click.command("try")
@click.argument("tender_file", metavar="TENDER.toml")
@click.option("--at-risk", type=SHARES, required=True, metavar="SHARES", help="Shares to try, such as 25%,50%,75%.")
@click.option("--value", type=AMOUNT, metavar="AMOUNT", help="What the service costs in all, where the tender does not say.")
@STEP
@answers_in("text", "json", "csv", "html")
def try_(tender_file: str, at_risk: tuple[Fraction, ...], value: int | None, step: int, form: str, file: str) -> None:
    """What bids would give, each of a nameless provider. A simulation: it needs no ledger, and records nothing."""
    tender = read_tender(files.content(tender_file), tender_file)
    one = tried(tender, at_risk, value, step)
    said = f"A simulation from {tender_file}, terms of the tender {tender.sha256[:16]}: nothing is recorded"
    basis: dict[str, Any] = {"as_of": None, "known_at": None, "basis": None, "label": "simulation"}
    _answer(one, [*_head(one), said, "SEK excluding VAT"], basis, "simulation", form, file)


def tried(tender: TenderTerms, at_risk: tuple[Fraction, ...], value: int | None, step: int) -> Comparison:
    """Bids of nobody, numbered as they are given. Raises Refused outside the tender's limits."""
    bids = [Bid(number, 0, "tried", share, value, tender.closes_on) for number, share in enumerate(at_risk, 1)]
    return Comparison(tender, tuple(offer(tender, bid, step) for bid in bids))


def _head(one: Comparison) -> list[str]:
    return [f"Bids on {one.tender.id} — {one.tender.name}"]


def _basis(facts: Facts) -> str:
    return f"record {facts.basis.position} · fingerprint {facts.basis.root[:16]}"


def _answer(one: Comparison, head: list[str], basis: dict[str, Any], foot: str, form: str, file: str) -> None:
    from cli.tender import as_json as tender_json
    from cli.tender import as_text as tender_text

    if form == "json":
        output.emit(output.as_json({**tender_json.as_json(one), **basis}), file)
    elif form == "csv":
        output.emit(output.as_csv(tender_json.rows(one), tender_json.COLUMNS), file)
    elif form == "html":
        from cli.tender.as_html import as_html

        if len(one.offers) > 8:
            raise Usage("a chart holds eight bids; ask for text, json or csv")
        output.emit(as_html(one, head, foot), file)
    else:
        output.emit(tender_text.as_text(one, head), file)
