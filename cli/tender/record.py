"""``soc tender open``, ``bid``, ``withdraw`` and ``award``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import click

from cli import files, output
from cli.desk import Desk
from cli.options import AMOUNT, DATE, TEXT, on, with_desk, writes
from cli.tender.late import late_lines
from cli.tender.shares import SHARE
from ledger.facts import Facts
from ledger.log import Receipt
from ledger.money import rounded, shown
from ledger.record import Recorded
from ledger.tender_terms import TenderTerms, percent, read_tender, share_findings
from ledger.tenders import AwardTender, OfTender, OpenTender, ReceiveBid, TenderCommand, WithdrawBid
from ledger.terms import ContractTerms
from projections.tender import of


@click.command("open")
@click.argument("tender_file", metavar="TENDER.toml")
@writes
@with_desk
def open_(desk: Desk, tender_file: str, dry_run: bool, reference: str | None, form: str, file: str) -> None:
    """Record that a tender opens: the draft of the contract's terms, and what a bid decides."""
    data = files.content(tender_file)
    terms = read_tender(data, tender_file)
    done = desk.submit(
        lambda facts: OfTender(terms.id, OpenTender(terms)),
        {"command": "tender open", "tender": terms.id, "terms": terms.sha256},
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(tender_file, data, desk.today)],
    )
    said = [f"tender {terms.id} opens on {terms.opens_on}, of the contract {terms.draft.id}", *opening_lines(terms)]
    receipt(done, said, form, file)


def opening_lines(terms: TenderTerms) -> list[str]:
    """What a provider must know to bid."""
    limits = (
        f"a provider may bid {percent(terms.at_risk.least)} to {percent(terms.at_risk.most)} at risk, until {terms.closes_on}"
    )
    given = terms.service.value
    value = "each bid states the value of its service" if given is None else f"the value of the service is given: {shown(given)}"
    parameters = [f"not published, a parameter: {key}" for key in terms.parameters]
    return [limits, value, *parameters]


@click.command("bid")
@click.argument("tender_id", metavar="TENDER")
@click.option("--bidder", type=TEXT, required=True, metavar="NAME", help="Who bids.")
@click.option("--at-risk", type=SHARE, required=True, metavar="SHARE", help="Paid only out of savings, as 50% or 0.5.")
@click.option("--value", type=AMOUNT, metavar="AMOUNT", help="What the service costs in all, where the tender does not say.")
@on("The day on which the bid was received.")
@writes
@with_desk
def bid(
    desk: Desk,
    tender_id: str,
    bidder: str,
    at_risk: Fraction,
    value: int | None,
    on: date,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record a provider's bid: the share of its service's value that it is paid only out of savings. After closing, it needs a
    --reference: the document that shows when it was received."""
    words = {"command": "tender bid", "bidder": bidder, "at_risk": str(at_risk), "value": value, "on": on.isoformat()}
    command = ReceiveBid(bidder, at_risk, value, on, reference)
    done = _submitted(desk, tender_id, command, words, dry_run, reference)
    number = done.records[0].data.number
    state = of(done.facts, tender_id)
    told, tender = state.bid(number), state.opened
    said = [f"bid {number} on {tender_id}, {bidder}: {percent(at_risk)} at risk", *money_lines(state.terms_of(told))]
    said += late_lines(told, tender)
    said += [f"finding: {one.what}; {shown(one.size)} SEK apart ({one.clause})" for one in share_findings(tender, at_risk, value)]
    receipt(done, said, form, file)


def money_lines(terms: ContractTerms) -> list[str]:
    """What the terms that follow from a bid say in money."""
    share, most = percent(terms.outcome.provider_share), shown(terms.outcome.maximum_payment)
    value = shown(rounded(terms.service_value))
    upfront = f"{shown(terms.upfront_agreed)} upfront, {shown(terms.at_risk)} at risk of a service of {value}"
    return [f"{upfront}; SEK excluding VAT", f"{share} of savings to the provider, at most {most} out of savings"]


def _terms_of(done: Receipt, tender_id: str, number: int) -> tuple[ContractTerms, TenderTerms]:
    state = of(done.facts, tender_id)
    return state.terms_of(state.bid(number)), state.opened


@click.command("withdraw")
@click.argument("tender_id", metavar="TENDER")
@click.option("--bid", "number", type=click.IntRange(min=1), required=True, metavar="N", help="The number of the bid.")
@click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="Why it was withdrawn.")
@on("The day on which it was withdrawn.")
@writes
@with_desk
def withdraw(
    desk: Desk, tender_id: str, number: int, reason: str, on: date, dry_run: bool, reference: str | None, form: str, file: str
) -> None:
    """Record that a provider withdrew its bid, before the award."""
    words = {"command": "tender withdraw", "bid": number, "reason": reason, "on": on.isoformat()}
    done = _submitted(desk, tender_id, WithdrawBid(number, on, reason), words, dry_run, reference)
    said = [f"bid {number} on {tender_id} withdrawn on {on}: {reason}"]
    receipt(done, said, form, file)


@click.command("award")
@click.argument("tender_id", metavar="TENDER")
@click.option("--bid", "number", type=click.IntRange(min=1), required=True, metavar="N", help="The number of the bid.")
@click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="Why this bid, by the tender's criteria.")
@click.option("--on", type=DATE, required=True, metavar="DATE", help="The day of the award, after bids closed.")
@writes
@with_desk
def award(
    desk: Desk, tender_id: str, number: int, reason: str, on: date, dry_run: bool, reference: str | None, form: str, file: str
) -> None:
    """Record to which bid a tender is awarded. The contract's terms follow from it; sign them with: soc contract sign --award."""
    words = {"command": "tender award", "bid": number, "reason": reason, "on": on.isoformat()}
    done = _submitted(desk, tender_id, AwardTender(number, reason, on), words, dry_run, reference)
    event = done.records[0].data
    terms, tender = _terms_of(done, tender_id, number)
    bidder = terms.parties["external_provider"]
    said = [f"tender {tender_id} awarded to bid {number}, {bidder}, on {on}: {reason}", *money_lines(terms)]
    said += [f"terms {event.terms_sha256} of the contract {tender.draft.id}", f"next: soc contract sign --award {tender_id}"]
    receipt(done, said, form, file)


def _submitted(
    desk: Desk, tender_id: str, command: TenderCommand, words: dict[str, Any], dry_run: bool, reference: str | None
) -> Receipt:
    of(desk.facts, tender_id)
    return desk.submit(
        lambda facts: OfTender(tender_id, command),
        {**words, "tender": tender_id},
        dry_run=dry_run,
        reference=reference,
        replaced=_withdrawn_since if isinstance(command, ReceiveBid) else None,
    )


def _withdrawn_since(facts: Facts, records: Sequence[Recorded[Any]]) -> bool:
    """Whether the bid was withdrawn since: then the same bid is a new one."""
    stream = records[-1].stream.removeprefix("tender/")
    return not of(facts, stream).bid(records[-1].data.number).stands


def receipt(done: Receipt, said: Sequence[str], form: str, file: str) -> None:
    """What a write to a tender did. No contract has a balance by it."""
    output.receipts([output.Receipted(done, None, said)], form, file)
