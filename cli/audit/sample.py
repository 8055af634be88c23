"""``soc audit sample``: lines drawn by a checkpoint's fingerprint, as a findings sheet to be filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import output
from cli.audit.sheet import DRAWN, FILLED_IN, HOW_TO_FILL_IN, NUMBER, SAYS, checkpoint, employment_numbers, row
from cli.desk import Desk
from cli.options import TEXT, answers_in, audience, looking
from ledger.errors import Usage
from projections.audience import Audience, is_employer
from projections.audit.findings import sees_lines
from projections.audit.sampling import sample
from projections.audit.sheet import LARGEST

if TYPE_CHECKING:
    from ledger.facts import Facts
    from projections.audit.sampling import Sample


@click.command("sample")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("number", metavar="N", type=click.IntRange(1, LARGEST))
@click.option(
    "--seed-from-root", is_flag=True, help="Draw by the checkpoint's fingerprint: the only way there is, and the default."
)
@click.option(
    "--checkpoint", "size", type=click.IntRange(min=1), metavar="SIZE", help="The checkpoint to draw from; default: the last."
)
@click.option("--procedure", type=TEXT, metavar="TEXT", help="What will be done with each line, for the column of that name.")
@click.option(
    "--employment-numbers",
    "numbers",
    is_flag=True,
    help="Say who each line is about, for the employer's own hands: with --audience payer, by the vault.",
)
@audience
@answers_in("text", "csv", "xlsx", "json")
@looking
def command(
    desk: Desk,
    contract_id: str,
    number: int,
    seed_from_root: bool,
    size: int | None,
    procedure: str | None,
    numbers: bool,
    audience: Audience,
    form: str,
    file: str,
) -> None:
    """Draw N of a contract's reported absence lines, as anybody can draw them again from a checkpoint, and write the findings
    sheet for them: procedure, evidence, result and exception are filled in by the auditor, and recorded with soc audit record.

    The auditor names the checkpoint, or takes the last. All lines are drawn from as they were reported, also those that later
    reports have replaced. What the lines say is shown to the payer, and with --audience auditor to
    the auditor, who has to test them; to others only which lines were drawn.

    The column line is the line in the record, from 0; it is not the line of the file that was imported. To fetch the documents
    the employer has the employment numbers beside it with --audience payer --employment-numbers: for the employer's own hands. A
    sheet with that column is not recorded.
    """
    if numbers and not is_employer(audience):
        raise Usage("employment numbers are for the employer alone", do="add --audience payer, or leave --employment-numbers out")
    desk.facts.contract(contract_id)
    facts = desk.facts.at(checkpoint(desk, size))
    found = sample(facts, contract_id, number)
    columns = [*DRAWN, *SAYS, *([NUMBER] if numbers else []), *FILLED_IN] if sees_lines(audience) else [*DRAWN]
    who = employment_numbers(desk, found) if numbers else [None] * len(found.lines)
    rows = [{**row(found, line), NUMBER: one, "procedure": procedure} for line, one in zip(found.lines, who, strict=True)]
    rows = [{name: one.get(name) for name in columns} for one in rows]
    _answer(facts, found, rows, columns, audience, form, file)


def _answer(
    facts: Facts, found: Sample, rows: list[dict[str, Any]], columns: list[str], audience: Audience, form: str, file: str
) -> None:
    if form == "xlsx":
        output.emit_bytes(_workbook(facts, found, columns, rows), file)
    elif form == "csv":
        output.emit(output.as_csv(rows, columns), file)
    elif form == "json":
        items = [{name: value for name, value in one.items() if name not in (*DRAWN[:3], *FILLED_IN)} for one in rows]
        head = {"contract": found.contract, **output.basis_json(facts), "population": found.population, "sample": len(items)}
        output.emit(output.as_json({**head, "audience": audience, "items": items}), file)
    else:
        output.emit(_text(facts, found, columns, rows), file)


def _said(facts: Facts, found: Sample) -> list[str]:
    """How it was drawn, in words."""
    lines, basis = f"{found.population} reported lines", facts.basis
    return [
        f"{len(found.lines)} of {lines} of {found.contract}, drawn by checkpoint {basis.position}, fingerprint {basis.root}",
        "All lines are counted from 0, by record and line. Value k, from 0, is SHA-256(fingerprint, contract, k as 8 bytes);",
        "it draws the line of its remainder by their number. Values that favour some and lines drawn before are passed over.",
        "Column line: the line in the record, from 0; it is not the line of the file that was imported.",
    ]


def _text(facts: Facts, found: Sample, columns: list[str], rows: list[dict[str, Any]]) -> str:
    shown = [name for name in columns if name not in (*DRAWN[:3], *FILLED_IN)]
    table = [[output.plain(one[name]) for name in shown] for one in rows]
    right = [place for place, name in enumerate(shown) if name in ("draw", "record", "line", "extent")]
    lines = [f"Sample of {found.contract} · {output.basis_line(facts)}", *_said(facts, found), ""]
    lines += [output.table(table, [name.replace("_", " ") for name in shown], right), ""]
    lines += [HANDS, ""] if NUMBER in columns else []
    last = "The findings sheet to fill in: the same with -O csv or -O xlsx."
    if columns == [*DRAWN]:
        last = (
            "What the lines say is shown to the payer and the auditor: --audience auditor; with -O csv it is the findings sheet."
        )
    return "\n".join([*lines, last])


HANDS = f"{NUMBER}: for the employer's own hands. Take the column out before the sheet is handed on or recorded."
_NUMBERS = ("checkpoint", "sample", "draw", "record", "line", "extent")


def _workbook(facts: Facts, found: Sample, columns: list[str], rows: list[dict[str, Any]]) -> bytes:
    from cli.workbook import Column, Sheet, workbook

    kinds = [Column(name, "number" if name in _NUMBERS else "text") for name in columns]
    notes = [f"Findings sheet of {found.contract}, {output.label(facts)}", *_said(facts, found)]
    notes += [*([HANDS] if NUMBER in columns else []), *HOW_TO_FILL_IN]
    notes += ["Save it as CSV UTF-8, without these lines, and record it with: soc audit record"]
    sheet = Sheet("Findings", kinds, [list(one.values()) for one in rows])
    return workbook([sheet, Sheet("How to fill it in", [Column("note")], [[note] for note in notes])])
