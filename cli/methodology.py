"""``soc methodology``: adopt, show, list."""

from __future__ import annotations

from datetime import date

import click

from cli import files, output
from cli.desk import Desk
from cli.options import DATE, agreed_by, answers, with_desk, writes
from ledger.contract import AdoptMethodology
from ledger.errors import Usage
from ledger.log import OfContract
from ledger.methodology import read_methodology
from projections.replaced import agreed_since


@click.group("methodology")
def command() -> None:
    """Adopt, show and list methodologies."""


@command.command("adopt")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("method_file", metavar="METHOD.toml")
@click.option("--from", "from_on", type=DATE, required=True, metavar="DATE", help="From when it holds.")
@agreed_by
@writes
@with_desk
def adopt(
    desk: Desk,
    contract_id: str,
    method_file: str,
    from_on: date,
    agreed_by: tuple[str, ...],
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record that the parties adopted a methodology."""
    desk.facts.contract(contract_id)
    data = files.content(method_file)
    methodology = read_methodology(data, method_file)
    words = {
        "command": "methodology adopt",
        "contract": contract_id,
        "methodology": methodology.sha256,
        "from": from_on.isoformat(),
        "agreed_by": list(agreed_by),
    }
    done = desk.submit(
        lambda facts: OfContract(contract_id, AdoptMethodology(methodology, from_on, agreed_by)),
        words,
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(method_file, data, desk.today)],
        replaced=agreed_since,
    )
    said = [
        f"{contract_id} measures by {methodology.name} (version {methodology.version}) from {from_on}, {methodology.sha256[:16]}"
    ]
    output.receipt(done, contract_id, said, form, file)


@command.command("list")
@click.argument("contract_id", metavar="CONTRACT")
@answers
@with_desk
def list_(desk: Desk, contract_id: str, form: str, file: str) -> None:
    """The methodologies that a contract adopted, and from when."""
    rows = [
        {"from": str(start), "name": one.name, "version": one.version, "sha256": one.sha256}
        for start, one in desk.facts.contract(contract_id).methodologies
    ]
    if form == "json":
        output.emit(output.as_json({"contract": contract_id, **output.basis_json(desk.facts), "methodologies": rows}), file)
    elif form == "csv":
        output.emit(output.as_csv(rows, ["from", "name", "version", "sha256"]), file)
    else:
        text = output.table([list(row.values()) for row in rows], ["from", "name", "version", "fingerprint"])
        output.emit(
            f"Methodologies of {contract_id}, {output.basis_line(desk.facts)}\n\n{text if rows else 'None is adopted.'}", file
        )


@command.command("show")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("name", required=False)
@answers
@with_desk
def show(desk: Desk, contract_id: str, name: str | None, form: str, file: str) -> None:
    """A methodology's rules and parameters; the one adopted last, or the one named."""
    adopted = desk.facts.contract(contract_id).methodologies
    found = [one for one in adopted if name is None or one[1].name == name or one[1].sha256.startswith(name)]
    if not found:
        raise Usage(f"{contract_id} has adopted no methodology{f' {name}' if name else ''}")
    start, methodology = found[-1]
    value = {
        "contract": contract_id,
        **output.basis_json(desk.facts),
        "from": str(start),
        "sha256": methodology.sha256,
        "methodology": methodology.model_dump(mode="json", by_alias=True, exclude_none=True),
    }
    if form == "json":
        output.emit(output.as_json(value), file)
    elif form == "csv":
        output.emit(output.as_csv(output.flat(value), ["key", "value"]), file)
    else:
        rows = [[row["key"], output.plain(row["value"])] for row in output.flat(value["methodology"])]
        head = f"{methodology.name}, adopted by {contract_id} from {start}, {methodology.sha256}"
        output.emit(f"{head}\n{output.basis_line(desk.facts)}\n\n{output.table(rows, ['rule or parameter', 'value'])}", file)
