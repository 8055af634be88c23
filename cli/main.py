"""``soc``: the ledger's command line. Commands are imported when they run, so that ``--help`` imports click alone."""

from __future__ import annotations

import errno
import io
import os
import sys
from importlib import import_module

import click

from cli.settings import Settings

COMMANDS = {
    "init": "Open a new ledger.",
    "contract": "Sign, show, list, amend and close contracts.",
    "methodology": "Propose, reject, adopt, show and list methodologies.",
    "import": "Record absences, workforce, the trend and reimbursements from files.",
    "evidence": "Which reports are in: complete, partial, missing, late, restated.",
    "determine": "Determine a period's savings, or determine it again.",
    "notify": "Record that the parties were notified of a determination.",
    "accept": "Record that a party accepted a determination.",
    "statement": "A determination's settlement statement: two pages that both sides can file.",
    "explain": "From any figure down to the facts that it rests on, and what has arrived since.",
    "replay": "What other methodologies would have given, side by side, krona by krona.",
    "pay": "Instruct and record payments: upfront, outcome, recover, list.",
    "dispute": "Object to a determination or payment: raise, answer, withdraw, resolve, list, show.",
    "dossier": "A dispute on one page for both sides: positions, differences, what was known when, what is held.",
    "loan": "Draw on and repay the internal loan.",
    "correct": "Reverse or replace a money entry recorded in error.",
    "suspend": "Suspend follow-up from a month on, by agreement.",
    "resume": "Resume follow-up from a month on, by agreement.",
    "state": "A contract's balance, break-even and cap, at any date, as known at any moment.",
    "forecast": "What the savings may come to by the end of the term, three ways, tried on the record.",
    "portfolio": "All contracts, one line each, and totals.",
    "fleet": "Many contracts at once: build invented ones, measure all in parallel.",
    "year-end": "What to know when a year is closed: earned, claimed, payable, paid; then and now.",
    "reconcile": "Counted days at their real cost beside the sick pay that payroll booked.",
    "register": "A contract's records in order, with their postings.",
    "check": "Recompute everything and compare; silent when all is well.",
    "seal": "Sign checkpoints of the record, have others sign them, prove that one follows from another.",
    "export": "Bundles for auditors, vouchers for accounting, data for analysis.",
    "verify": "Verify a bundle offline, and recompute what it says.",
    "audit": "Audit work: the report of day one, samples, findings, sign-off.",
    "test": "Run given/when/then cases of methodologies and sharing.",
    "rebuild": "Make the tables of postings and determinations anew from the record.",
    "copy": "Copy the ledger, byte for byte, to SQLite or PostgreSQL.",
    "grant": "Let a database role append, read or work with the vault (PostgreSQL).",
    "forget": "Erase a person from the vault.",
    "demo": "Build and show the story of both Swedish contracts.",
}
"""Each command with its line in ``soc --help``; it is ``command`` in the module of its name, unless ELSEWHERE says so."""

ELSEWHERE = {
    "year-end": ("year_end", "command"),
    "import": ("import_", "command"),
    "suspend": ("suspension", "suspend"),
    "resume": ("suspension", "resume"),
    "export": ("export.main", "command"),
    "audit": ("audit.main", "command"),
}


class Lazy(click.Group):
    """A group whose commands are imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of a contract's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, from its module."""
        if cmd_name not in COMMANDS:
            return None
        module, name = ELSEWHERE.get(cmd_name, (cmd_name, "command"))
        command: click.Command = getattr(import_module(f"cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in ``--help``, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--ledger", envvar="SOC_LEDGER", default="sqlite:///soc-ledger.db", show_default=True, help="The ledger (SQLAlchemy URL)."
)
@click.option("--vault", envvar="SOC_VAULT", help="The vault of employment numbers (URL); default beside a SQLite ledger.")
@click.option("--actor", envvar="SOC_ACTOR", help='Who acts: "NAME, ROLE"; every write needs it.')
@click.option("--now", envvar="SOC_NOW", help="The instant, on a ledger opened with --simulated only.")
@click.version_option(package_name="soc-ledger", prog_name="soc")
@click.pass_context
def soc(ctx: click.Context, ledger: str, vault: str | None, actor: str | None, now: str | None) -> None:
    """A ledger for social outcomes contracts.

    Facts go in once and stay; every figure that anyone is paid by is computed from them, for any date, as known at any moment.
    """
    ctx.obj = Settings(ledger, vault, actor, now)


def main() -> None:
    """Run ``soc``; exit codes are those of the README."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")  # amounts have thin spaces
    try:
        code = soc.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.Abort:
        click.echo(f"soc: interrupted; {_recorded('nothing was recorded')}", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        sys.exit(_told(error))


_CANNOT_WRITE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS),
    *(errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EISDIR),
}


def _told(error: Exception) -> int:
    """Say what went wrong; the exit code."""
    from ledger.errors import LedgerError

    if isinstance(error, LedgerError):
        click.echo(f"soc: {error}", err=True)
        return error.exit_code
    if isinstance(error, OSError) and error.errno in _CANNOT_WRITE and not _recorded(""):
        where = f" {error.filename}" if error.filename else ""
        advice = "Make room or see to the permissions, then send the same again: nothing was recorded"
        click.echo(f"soc: cannot write{where}: {error.strerror}\n  → {advice}", err=True)
        return 1
    if os.environ.get("SOC_TRACE"):
        raise error
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "unknown"
    advice = _recorded("Nothing was recorded; run it again with SOC_TRACE=1 and send us what it prints")
    click.echo(f"soc: a fault of ours, at {place}: {type(error).__name__}: {error}\n  → {advice}", err=True)
    return 70


def _recorded(otherwise: str) -> str:
    """What stands in spite of a fault or an interruption; ``otherwise`` where nothing does."""
    desk = sys.modules.get("cli.desk")
    positions = desk.RECORDED if desk is not None else []
    if not positions:
        return otherwise
    said = ", ".join(f"record {position}" for position in positions)
    return f"{said} was recorded and stands; only the answer failed: look with soc register"
