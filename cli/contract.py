"""``soc contract``: sign, show, list, amend; close stands in ``cli/closing.py``."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import click

from cli import closing, files, output
from cli.desk import Desk
from cli.options import DATE, MONTH, TEXT, agreed_by, answers, with_desk, writes
from cli.tender import award as tender_award
from cli.tiered.tables import of_sick_leave
from cli.words import signed_off
from ledger.commands import AmendTerms, OfContract, SignContract
from ledger.contract import ContractState
from ledger.events import ContractAmended, ContractSigned, EvaluationSignedOff
from ledger.facts import Facts, contract_stream, is_tiered
from ledger.findings import TermsFinding, findings
from ledger.money import decimals, kronor, parse_kronor, shown
from ledger.periods import Month, stockholm_text
from ledger.terms import ContractTerms, read_terms
from ledger.waterfall import targets
from projections.replaced import agreed_since


@click.group("contract")
def command() -> None:
    """Sign, show, list, amend and close contracts."""


command.add_command(closing.close)


@command.command("sign")
@click.argument("terms_file", metavar="[TERMS.toml]", required=False)
@click.option("--award", "tender_id", metavar="TENDER", help="In place of a file: sign the terms awarded in this tender.")
@click.option("--on", type=DATE, metavar="DATE", help="The day of signature; default: the day the terms start.")
@writes
@with_desk
def sign(
    desk: Desk,
    terms_file: str | None,
    tender_id: str | None,
    on: date | None,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record that the parties signed the terms: those of a file, or those awarded in a tender."""
    terms, evidence = tender_award.signed_terms(desk, terms_file, tender_id)
    signed_on = on or terms.starts_on
    words = {"command": "contract sign", "terms": terms.sha256, "on": signed_on.isoformat()}
    done = desk.submit(
        lambda facts: OfContract(terms.id, SignContract(terms, signed_on)),
        words,
        dry_run=dry_run,
        reference=reference,
        documents=[evidence],
    )
    said = [f"{terms.name}, signed on {signed_on}, terms {terms.sha256[:16]}"]
    said += [f"finding: {one.what}; {shown(one.size)} SEK apart ({one.clause})" for one in findings(terms)]
    output.receipt(done, terms.id, said, form, file)


@command.command("amend")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("terms_file", metavar="TERMS.toml")
@click.option("--from", "from_month", type=MONTH, required=True, metavar="MONTH", help="The first month under the new terms.")
@agreed_by
@click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="Why the parties changed the terms.")
@writes
@with_desk
def amend(
    desk: Desk,
    contract_id: str,
    terms_file: str,
    from_month: Month,
    agreed_by: tuple[str, ...],
    reason: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record new terms from a month on: dates, parties, settlement, maximum and ceiling."""
    desk.facts.contract(contract_id)
    data = files.content(terms_file)
    terms = read_terms(data, terms_file)
    words = {
        "command": "contract amend",
        "contract": contract_id,
        "terms": terms.sha256,
        "from": str(from_month),
        "agreed_by": list(agreed_by),
        "reason": reason,
    }
    done = desk.submit(
        lambda facts: OfContract(contract_id, AmendTerms(terms, from_month, agreed_by, reason)),
        words,
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(terms_file, data, desk.today)],
        replaced=agreed_since,
    )
    said = [f"new terms of {contract_id} from {from_month}, terms {terms.sha256[:16]}"]
    said += [f"finding: {one.what}; {shown(one.size)} SEK apart ({one.clause})" for one in findings(terms)]
    output.receipt(done, contract_id, said, form, file)


@command.command("list")
@answers
@with_desk
def list_(desk: Desk, form: str, file: str) -> None:
    """All contracts on record."""
    rows = []
    for contract_id in desk.facts.contracts:
        folded = desk.facts.contract(contract_id)
        terms = folded.versions[-1][1]
        rows.append(
            {
                "contract": contract_id,
                "name": terms.name,
                "provider": terms.parties.get("external_provider", ""),
                "signed_on": str(folded.signed_on),
                "months": f"{terms.first_month}..{terms.last_month}",
                "investment": kronor(terms.investment.total),
                "maximum_payment": kronor(terms.outcome.maximum_payment),
            }
        )
    if form == "json":
        output.emit(output.as_json({**output.basis_json(desk.facts), "contracts": rows}), file)
    elif form == "csv":
        columns = ["contract", "name", "provider", "signed_on", "months", "investment", "maximum_payment"]
        output.emit(output.as_csv(rows, columns), file)
    else:
        headers = ["contract", "name", "provider", "signed", "months", "investment", "maximum payment"]
        table = [[*list(row.values())[:5], _grouped(row["investment"]), _grouped(row["maximum_payment"])] for row in rows]
        text = output.table(table, headers, right=(5, 6)) if rows else "No contract is on record."
        output.emit(f"Contracts, {output.basis_line(desk.facts)}\nSEK excluding VAT\n\n{text}", file)


@command.command("show")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number.")
@answers
@with_desk
def show(desk: Desk, contract_id: str, known_at: str | None, form: str, file: str) -> None:
    """A contract's terms, each figure with its clause and whether it is published, derived or assumed."""
    facts = desk.known_at(known_at)
    if is_tiered(facts, contract_id):
        output.emit(_of_tiered(facts, contract_id, form), file)
        return
    folded = facts.contract(contract_id)
    terms = folded.versions[-1][1]
    rows, found = list(_terms_rows(terms)), findings(terms)
    shape = of_sick_leave(terms, folded.methodologies)
    if form == "json":
        value = {
            "contract": contract_id,
            **output.basis_json(facts),
            "signed_on": str(folded.signed_on),
            "closed_on": None if folded.closed_on is None else str(folded.closed_on),
            "signed_off": _signed_off(contract_id, folded),
            "awarded_in": tender_award.trail(facts, contract_id),
            "terms_sha256": terms.sha256,
            "terms": terms.model_dump(mode="json", exclude_none=True),
            "figures": rows,
            **shape.as_json(),
            "findings": [{"what": one.what, "size": kronor(one.size), "clause": one.clause} for one in found],
        }
        output.emit(output.as_json(value), file)
    elif form == "csv":
        output.emit(output.as_csv(rows, ["key", "value", "status", "clause"]), file)
    else:
        text = _show_text(facts, folded, terms, rows, found)
        output.emit("\n".join([text, *shape.as_text()]), file)


def _of_tiered(facts: Facts, contract_id: str, form: str) -> str:
    from cli.tiered.show import answer

    return answer(facts, contract_id, form)


def _terms_rows(terms: ContractTerms) -> Any:
    def row(key: str, value: str, status: str | None = None, clause: str | None = None) -> dict[str, str]:
        return {"key": key, "value": value, "status": status or terms.status(key), "clause": clause or terms.clause(key)}

    yield row("starts_on", str(terms.starts_on))
    yield row("measured_from", str(terms.measured_from))
    yield row("months", f"{terms.months}, {terms.first_month} to {terms.last_month}")
    yield row("ramp_up_months", str(terms.ramp_up_months))
    for role, name in terms.parties.items():
        yield row(f"parties.{role}", name, terms.status("parties"), terms.clause("parties"))
    yield row("population.employees", terms.population.employees)
    yield row("population.workplaces", terms.population.workplaces)
    yield row("investment.total", kronor(terms.investment.total))
    value = terms.investment.external_service_value
    said = kronor(value) if value is not None else decimals(terms.service_value / 100, 2)
    yield row("investment.external_service_value", said, "derived" if value is None else None)
    yield row("investment.at_risk_share", decimals(terms.investment.at_risk_share * 100, 2) + " %")
    yield row("amount at risk", kronor(terms.at_risk), "derived", _at_risk_from(terms))
    yield row("upfront payment", kronor(terms.upfront_agreed), "derived", "service value − amount at risk")
    for part in terms.upfront.instalments:
        yield row("upfront.instalments", f"{kronor(part.amount)} on {part.on}")
    yield row("internal cost", kronor(terms.internal), "derived", "investment.total − service value")
    yield row("worst case", kronor(terms.worst_case), "derived", "internal + upfront + maximum payment")
    yield row("outcome.provider_share", decimals(terms.outcome.provider_share * 100, 2) + " % of savings")
    yield row("outcome.maximum_payment", kronor(terms.outcome.maximum_payment))
    yield row("outcome.bonus_rate", decimals(terms.outcome.bonus_rate * 100, 0) + " % of the amount at risk")
    yield row("outcome.ceiling", decimals(terms.outcome.ceiling * 100, 0) + " % of the investment")
    yield from _target_rows(terms, row)
    for key, value_ in terms.settlement.model_dump(mode="json").items():
        yield row(f"settlement.{key}", str(value_))
    for key, value_ in terms.governance.model_dump(mode="json").items():
        yield row(f"governance.{key}", value_ if isinstance(value_, str) else ", ".join(value_))
    codes = terms.absence_codes.model_dump(exclude_none=True) if terms.absence_codes else {}
    for key, value_ in codes.items():
        yield row(f"absence_codes.{key}", str(value_), terms.status("absence_codes"), terms.clause("absence_codes"))


def _at_risk_from(terms: ContractTerms) -> str:
    return "maximum ÷ (1 + bonus rate)" if terms.value_is_derived else "service value × share at risk"


def _target_rows(terms: ContractTerms, row: Any) -> Any:
    found = targets(terms)
    for key, target, how in [
        ("contract breaks even at savings of", found.contract, "savings = investment"),
        ("provider breaks even at savings of", found.provider, "entitlement = amount at risk"),
        ("authority breaks even at savings of", found.authority, "savings − entitlement = internal + upfront"),
        ("cap is reached at savings of", found.cap, "entitlement = maximum payment"),
    ]:
        said = "never: the ceiling prevents it" if target.at_savings is None else kronor(target.at_savings)
        yield row(key, said, "derived", how)


def _show_text(
    facts: Facts, folded: ContractState, terms: ContractTerms, rows: list[dict[str, str]], found: list[TermsFinding]
) -> str:
    closed = "" if folded.closed_on is None else f", closed on {folded.closed_on}"
    lines = [
        f"{terms.name} — {terms.id}, signed on {folded.signed_on}{closed}",
        output.basis_line(facts),
        "SEK excluding VAT",
        "",
    ]
    table = [[row["key"], _grouped(row["value"]), row["status"], _source(terms, row)] for row in rows]
    lines.append(output.table(table, ["term", "value", "status", "clause, or how it is derived"]))
    lines += tender_award.trail_lines(facts, terms.id)
    lines += _amendments(facts, terms.id)
    if folded.signed_off is not None:
        said = signed_off(folded.signed_off.data)
        lines += ["", f"S{folded.signed_off.data.number}: {said}; {folded.signed_off.evidence[0].document}"]
    for start, methodology in folded.methodologies:
        lines += ["", f"Methodology {methodology.name} from {start}, {methodology.sha256[:16]}"]
    if found:
        lines += ["", "Findings: the published figures do not agree with each other"]
        lines += [f"  {one.what}: {shown(one.size)} SEK apart ({one.clause})" for one in found]
    lines += ["", "The ledger cannot check that payroll and headcounts are made for this population."]
    return "\n".join(lines)


def _source(terms: ContractTerms, row: dict[str, str]) -> str:
    """The clause of a term, or of what it is part of, or how it is derived."""
    parts = row["key"].split(".")
    keys = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    if row["clause"] not in keys:
        return row["clause"]
    return next((terms.clauses[key] for key in keys if key in terms.clauses), "no source named")


def _signed_off(contract_id: str, folded: ContractState) -> dict[str, Any] | None:
    """The sign-off of the final evaluation that holds."""
    if folded.signed_off is None:
        return None
    event: EvaluationSignedOff = folded.signed_off.data
    said = {"id": f"{contract_id}/S{event.number}", "on": str(event.on), "opinion": event.opinion}
    return {**said, "evaluation_sha256": event.evaluation, "recorded_at_closing": event.recorded_at_closing}


def _amendments(facts: Facts, contract_id: str) -> list[str]:
    """What each amendment changed, from what, who agreed, and why."""
    lines: list[str] = []
    before: ContractTerms | None = None
    for record in facts.stream(contract_stream(contract_id)):
        event = record.data
        if isinstance(event, ContractAmended) and before is not None:
            recorded, agreed = stockholm_text(record.recorded_at), ", ".join(event.agreed_by)
            lines += ["", f"Amended from {event.from_month}, recorded {recorded}, agreed by {agreed}: {event.reason}"]
            lines += [f"  {key}: {was} → {now}" for key, was, now in _differences(before, event.terms)]
        if isinstance(event, (ContractSigned, ContractAmended)):
            before = event.terms
    return lines


def _differences(before: ContractTerms, after: ContractTerms) -> list[tuple[str, str, str]]:
    old, new = ({row["key"]: row["value"] for row in output.flat(one.model_dump(mode="json"))} for one in (before, after))
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [(key, _grouped(str(old.get(key, "nothing"))), _grouped(str(new.get(key, "nothing")))) for key in keys]


def _grouped(value: str) -> str:
    """Kronor with thin spaces, where a value begins with an amount."""
    head, _, tail = value.partition(" ")
    if not re.fullmatch(r"\d+\.\d{2}", head) or tail.startswith("%"):
        return value
    return f"{shown(parse_kronor(head))} {tail}".rstrip()
