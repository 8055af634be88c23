"""``soc tender show`` and ``list``."""

from __future__ import annotations

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking
from cli.sections import wrapped
from cli.tender.as_json import tender_json
from cli.tender.late import late_lines
from ledger.facts import Facts
from ledger.money import decimals, kronor, parse_kronor, shown
from ledger.periods import day_in_stockholm
from ledger.tender_terms import TenderTerms, percent
from ledger.tenders import Bid, TenderState
from projections.tender import of


@click.command("show")
@click.argument("tender_id", metavar="TENDER")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number.")
@answers
@looking
def show(desk: Desk, tender_id: str, known_at: str | None, form: str, file: str) -> None:
    """A tender's terms, each with where it stands; its bids; to which it was awarded, and why."""
    facts = desk.known_at(known_at)
    state = of(facts, tender_id)
    if form == "text":
        output.emit(_text(facts, state), file)
        return
    value = {**tender_json(state), "as_of": str(day_in_stockholm(facts.known_at)), **output.basis_json(facts)}
    output.emit(output.as_json(value) if form == "json" else output.as_csv(output.flat(value), ["key", "value"]), file)


def _text(facts: Facts, state: TenderState) -> str:
    terms = state.opened
    head = [f"{terms.name} — tender {terms.id} of the contract {terms.draft.id}, {_status(state)}"]
    head += [f"As of {day_in_stockholm(facts.known_at)} · {output.basis_line(facts)}", "SEK excluding VAT", ""]
    table = output.table([[key, _grouped(value), clause] for key, value, clause in _clauses(terms)], ["term", "value", "clause"])
    bids = output.table([_row(bid, terms) for bid in state.bids], ["bid", "bidder", "at risk", "received", "record", ""])
    lines = [*head, table, "", bids if state.bids else "No bid is on record."]
    if state.award is not None and state.awarded_terms is not None:
        event, awarded = state.award.event, state.awarded_terms
        lines += ["", f"Awarded to bid {event.bid} on {event.on}, record {state.award.position}: {event.reason}"]
        lines += [
            f"  terms {event.terms_sha256}",
            f"  share of savings {decimals(awarded.outcome.provider_share * 100, 2)} %, at",
        ]
        lines[-1] += f" most {shown(awarded.outcome.maximum_payment)}, {shown(awarded.upfront_agreed)} upfront"
    if terms.unpublished:
        lines += ["", *wrapped(f"Not published, so parameters here: {', '.join(terms.parameters)}.")]
    return "\n".join(lines)


def _status(state: TenderState) -> str:
    """Where a tender stands, in words."""
    standing = sum(bid.stands for bid in state.bids)
    if state.award is not None:
        return f"awarded on {state.award.event.on} to bid {state.award.event.bid}"
    return f"{standing} bid{'s' if standing != 1 else ''} standing, not awarded"


def _clauses(terms: TenderTerms) -> list[tuple[str, str, str]]:
    """Key, value and where it stands, of what a bidder must know."""
    given = terms.service.value
    pairs = [
        ("opens_on", str(terms.opens_on)),
        ("closes_on", str(terms.closes_on)),
        ("criteria", "; ".join(terms.criteria)),
        ("at_risk.least", decimals(terms.at_risk.least * 100, 2) + " %"),
        ("at_risk.most", decimals(terms.at_risk.most * 100, 2) + " %"),
        ("service.value", "each bid states its own" if given is None else kronor(given)),
        ("service.in_terms", terms.service.in_terms),
        ("provider_share.decimals", str(terms.provider_share.decimals)),
        ("draft.investment.total", kronor(terms.draft.investment.total)),
        ("draft.outcome.bonus_rate", decimals(terms.draft.outcome.bonus_rate * 100, 2) + " % of the amount at risk"),
        ("draft.outcome.ceiling", decimals(terms.draft.outcome.ceiling * 100, 2) + " % of the investment"),
        ("governance.records", ", ".join(terms.governance.records)),
        ("governance.awards", ", ".join(terms.governance.awards)),
    ]
    fixed = [
        (
            "provider_share.fixed",
            f"{decimals(one.provider_share * 100, 2)} % for {decimals(one.at_risk_share * 100, 2)} % at risk",
        )
        for one in terms.provider_share.fixed
    ]
    return [(key, value, terms.clause(key)) for key, value in [*pairs, *fixed]]


def _grouped(value: str) -> str:
    try:
        return shown(parse_kronor(value)) if "." in value else value
    except ValueError:
        return value


def _row(bid: Bid, terms: TenderTerms) -> list[str]:
    value = [] if bid.value is None else [f"service {shown(bid.value)}"]
    said = [*(value if bid.stands else [f"withdrawn on {bid.withdrawn_on}"]), *late_lines(bid, terms)]
    return [str(bid.number), bid.bidder, percent(bid.at_risk_share), str(bid.on), str(bid.position), "; ".join(said)]


@click.command("list")
@answers
@looking
def list_(desk: Desk, form: str, file: str) -> None:
    """All tenders on record: when they were open, how many bids stand, to whom they were awarded."""
    facts = desk.facts
    rows = [_listed(of(facts, one)) for one in facts.named("tender")]
    if form == "json":
        output.emit(output.as_json({**output.basis_json(facts), "tenders": rows}), file)
    elif form == "csv":
        output.emit(output.as_csv(rows, COLUMNS), file)
    else:
        table = output.table([list(map(output.plain, row.values())) for row in rows], [one.replace("_", " ") for one in COLUMNS])
        output.emit(f"Tenders, {output.basis_line(facts)}\n\n{table if rows else 'No tender is on record.'}", file)


COLUMNS = ["tender", "contract", "opens_on", "closes_on", "bids_standing", "awarded_on", "awarded_to", "record"]


def _listed(state: TenderState) -> dict[str, object]:
    terms, award = state.opened, state.award
    values: list[object] = [terms.id, terms.draft.id, str(terms.opens_on), str(terms.closes_on)]
    values.append(sum(bid.stands for bid in state.bids))
    to = [None, None, None]
    if award is not None:
        values += [str(award.event.on), state.bid(award.event.bid).bidder, award.position]
        to = []
    return dict(zip(COLUMNS, [*values, *to], strict=True))
