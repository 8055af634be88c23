"""``soc fleet``: many contracts at once: invented ones to try the ledger on, and all of a ledger's measured in parallel."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, with_desk
from cli.words import counted
from ledger.errors import Refused, Usage
from ledger.money import decimals, kronor, shown
from ledger.periods import Period

if TYPE_CHECKING:
    from ledger.log import Log, Propose
    from projections.fleet import Answer, Place
    from projections.fleet_measure import Measurement

OPENED_AT = datetime(2018, 12, 3, 8, tzinfo=UTC)


@click.group("fleet")
def command() -> None:
    """Many contracts at once: build invented ones, measure all of a ledger."""


# ── Build ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@command.command("build")
@click.argument("number", metavar="N", type=click.IntRange(1, 9999))
@click.option("--employees", type=click.IntRange(10, 50_000), default=600, show_default=True, help="Of a contract on average.")
@click.option("--months", type=click.IntRange(1, 120), default=12, show_default=True, help="Of each contract that have passed.")
@click.option("--seed", type=click.IntRange(0, 10**6), default=1, show_default=True, help="Another seed, another fleet.")
@click.option("--to", "folder", required=True, metavar="DIR", help="Where the ledger goes.")
def build(number: int, employees: int, months: int, seed: int, folder: str) -> None:
    """Build a simulated ledger of N invented contracts, each with three reference years of absences before its months.

    Sizes run from 40 to 160 per cent of --employees. The same numbers build the same ledger.
    """
    from fixtures import fleet, fleet_records

    target = Path(folder)
    url = f"sqlite:///{target / 'ledger.db'}"
    if (target / "ledger.db").exists():
        raise Refused(f"there is a ledger in {target} already", do="name another folder with --to, or remove it")
    target.mkdir(parents=True, exist_ok=True)
    made = fleet.fleet(number, employees, months, seed)
    log = opened(url, seed)
    length = fleet_records.count(made)
    with click.progressbar(length=length, label="Recording", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for recorded in fleet_records.record_all(log, fleet_records.steps(made, determination)):
            bar.update(recorded)
    facts = log.facts()
    people = sum(member.employees for member in made.members)
    click.echo(
        f"Built {counted(number, 'contract')} of {people} employees in {target}, {made.contract_months}\n"
        f"  {output.basis_line(facts)}\n  next: soc --ledger {url} fleet measure"
    )


def opened(url: str, seed: int) -> Log:
    """A new simulated ledger for a fleet, and its vault beside a SQLite one; the fleet's people have no employment numbers,
    so the vault is empty."""
    from fixtures import fleet_records
    from ledger.log import Log
    from ledger.vault import Vault, beside
    from projections import read_model

    log = Log.create(url, by=fleet_records.MANAGER, at=OPENED_AT, simulated=True, seed=f"fleet {seed}", follower=read_model)
    if (vault_url := beside(url)) is not None:
        vault = Vault(vault_url)
        vault.create()
        vault.belongs_to(log.recorder.head_at(1).root.hex())
    return log


def determination(contract_id: str, period: Period, today: date) -> Propose:
    """The proposal of a period's determination, as ``soc determine`` makes it."""
    from cli import source
    from projections import proposals

    return lambda facts: proposals.determination(facts, contract_id, period, today=today, computed_by=source.computed_by())


# ── Measure ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@command.command("measure")
@click.argument("contracts", metavar="[CONTRACT]...", nargs=-1)
@click.option("--processes", type=click.IntRange(1, 256), metavar="K", help="Share the work among K processes of this machine.")
@click.option("--scheduler", metavar="URL", help="Share it among a Dask scheduler's workers, such as tcp://host:8786.")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@answers
@with_desk
@click.pass_context
def measure(
    ctx: click.Context,
    desk: Desk,
    contracts: tuple[str, ...],
    processes: int | None,
    scheduler: str | None,
    known_at: str | None,
    form: str,
    file: str,
) -> None:
    """Measure contracts from all their evidence, one line each, and totals; default: every contract on record.

    Savings are those that determining every month again would give. On a Dask scheduler each worker opens the ledger itself:
    --ledger must be a URL that leads every worker to it, so a PostgreSQL server's, or a file that all machines see under one
    path. Recorded meanwhile: left out. Exits with 3 where a contract's records do not read; the others are answered.
    """
    from projections import fleet
    from projections.fleet_measure import measurement

    if processes is not None and scheduler is not None:
        raise click.UsageError("--processes shares the work on this machine, --scheduler beyond it; give one of them")
    facts = desk.known_at(known_at)
    known = fleet.signed(desk.log, facts.position)
    if unknown := [one for one in contracts if one not in known]:
        raise Usage(f"no contract {', '.join(unknown)} is on record", do="see which there are with: soc contract list")
    wanted = list(dict.fromkeys(contracts)) or known
    if not wanted:
        raise Usage("no contract is on record then", do="sign one with: soc contract sign TERMS.toml")
    asked = fleet.ask(_everywhere(desk.settings.ledger), facts.basis, measurement, wanted, _place(processes, scheduler))
    with click.progressbar(asked, length=len(wanted), label="Measuring", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        found = list(bar)
    head = f"{counted(sum(one.error is None for one in found), 'contract')} measured · {output.basis_line(facts)}"
    output.emit(_text(head, found) if form == "text" else _written(form, output.basis_json(facts), found), file)
    failed = [one for one in found if one.error is not None]
    for one in failed:
        click.echo(f"soc: {one.contract}: {one.error}", err=True)
    if failed:
        ctx.exit(3 if any(one.exit_code == 3 for one in failed) else failed[0].exit_code)


def _place(processes: int | None, scheduler: str | None) -> Place:
    from projections import fleet

    if scheduler is not None:
        return fleet.scheduler(scheduler)
    return fleet.here if processes is None else fleet.processes(processes)


def _everywhere(url: str) -> str:
    """The URL with a SQLite file's whole path: workers stand elsewhere."""
    from ledger import database

    at = database.parsed(url)
    if at is None or at.get_backend_name() != "sqlite" or not at.database:
        return url
    return at.set(database=str(Path(at.database).resolve())).render_as_string(hide_password=False)


COLUMNS = ["contract", "first", "last", "months", "employees", "lines", "spells", "net_days", "determinable", "savings"]


def _row(contract: str, value: Measurement) -> dict[str, Any]:
    """``employees`` are those of the last month."""
    return {
        "contract": contract,
        "first": str(value.months[0].month) if value.months else None,
        "last": str(value.months[-1].month) if value.months else None,
        "months": len(value.months),
        "employees": value.months[-1].employees if value.months else 0,
        "lines": value.lines,
        "spells": value.spells,
        "net_days": value.hundredths,
        "determinable": value.determinable,
        "savings": value.savings_ore,
    }


SUMMED = ["employees", "lines", "spells", "net_days", "savings"]


def _rows(found: Sequence[Answer[Measurement]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    rows = [_row(one.contract, one.value) for one in found if one.value is not None]
    return rows, {"contract": "total", **{key: sum(row[key] for row in rows) for key in SUMMED}}


def _exact(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "net_days": decimals(Fraction(row["net_days"], 100), 2), "savings": kronor(row["savings"])}


def _text(head: str, found: Sequence[Answer[Measurement]]) -> str:
    rows, totals = _rows(found)
    body = [
        [
            row["contract"],
            f"{row['first']}..{row['last']}",
            str(row["employees"]),
            str(row["spells"]),
            decimals(Fraction(row["net_days"], 100), 2),
            str(row["determinable"]),
            shown(row["savings"]),
        ]
        for row in rows
    ]
    days = decimals(Fraction(totals["net_days"], 100), 2)
    body.append(["total", "", str(totals["employees"]), str(totals["spells"]), days, "", shown(totals["savings"])])
    headers = ["contract", "evidence of", "employees", "spells in force", "net days", "months with savings", "savings SEK"]
    lines = [head, "", output.table(body, headers, right=tuple(range(2, 7)))]
    if failed := sum(one.error is not None for one in found):
        lines += ["", f"{counted(failed, 'contract')} could not be measured, and {_is(failed)} not in the totals."]
    return "\n".join([*lines, "", *_lacking(found)]).rstrip()


def _lacking(found: Sequence[Answer[Measurement]], most: int = 5) -> list[str]:
    """What stands against months of contracts, and of which; ``-O json`` names all."""
    of: dict[str, list[str]] = {}
    for one in found:
        for said in one.value.missing if one.value else ():
            of.setdefault(said, []).append(one.contract)
    return [
        f"{said} ({', '.join(names[:most])}{f' and {len(names) - most} more' if len(names) > most else ''})"
        for said, names in of.items()
    ]


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _written(form: str, basis: dict[str, Any], found: Sequence[Answer[Measurement]]) -> str:
    rows, totals = _rows(found)
    if form == "csv":
        return output.as_csv([_exact(row) for row in [*rows, totals]], COLUMNS)
    values = {one.contract: one.value for one in found if one.value is not None}
    said = [
        {**_exact(row), "missing": list(values[row["contract"]].missing), **_by_month(values[row["contract"]])} for row in rows
    ]
    errors = [{"contract": one.contract, "error": one.error} for one in found if one.error is not None]
    return output.as_json({**basis, "contracts": said, "totals": _exact(totals), "errors": errors})


def _by_month(value: Measurement) -> dict[str, Any]:
    return {
        "by_month": [
            {
                "month": str(one.month),
                "employees": one.employees,
                "net_days": decimals(Fraction(one.hundredths, 100), 2),
                "savings": None if one.savings_ore is None else kronor(one.savings_ore),
            }
            for one in value.months
        ]
    }
