"""``soc``: the ledger's command line. Commands are imported when they run, so that ``--help`` imports click alone."""

from __future__ import annotations

import errno
import io
import os
import sys
from importlib import import_module

import click

from cli.settings import STOPPED_A_WRITE, Settings

COMMANDS = {
    "init": "Open a new ledger.",
    "tender": "Providers bid their share at risk: try, open, bid, compare, award.",
    "contract": "Sign, show, list, amend and close contracts.",
    "methodology": "Propose, reject, adopt, show, list and compare methodologies.",
    "import": "Record absences, workforce, the trend, reimbursements, unpaid outcomes and targets from files.",
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
    "indicators": "What is paid by beside what is not, the targets, and a warning where the two part ways.",
    "risk-group": "Employees with more than three absences in twelve months, as a group: size, cost, risk.",
    "target-population": "Workplaces with high or increasing short-term sick absence.",
    "forecast": "What the savings may come to by the end of the term, three ways, tried on the record.",
    "portfolio": "All contracts, one line each, and totals.",
    "programme": "Several contracts as one: sums, break-even and cap of the whole and of each.",
    "party": "What a party is given, pays, lends and keeps, role by role, over all contracts.",
    "tiered": "Contracts settled by tiers: sign, report, determine, agree, pay, explain, what if.",
    "bond": "A bond whose return follows outcomes: schedule, state, scenarios.",
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
    "import": ("import_", "command"),
    "risk-group": ("risk_group", "command"),
    "target-population": ("target_workplaces", "command"),
    "year-end": ("year_end", "command"),
    "suspend": ("suspension", "suspend"),
    "resume": ("suspension", "resume"),
    **{
        name: (f"{name}.main", "command")
        for name in (
            *("audit", "bond", "dossier", "explain", "export", "forecast", "indicators", "programme", "replay", "statement"),
            *("tender", "tiered"),
        )
    },
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
    except click.Abort as error:
        click.echo("; ".join(filter(None, ["soc: interrupted", _stands(error.__cause__, "nothing was recorded")])), err=True)
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
    from ledger.errors import InputRefused, LedgerError

    if isinstance(error, LedgerError):
        first, *faults = str(error).split("\n")
        first += ", nothing recorded" if isinstance(error, InputRefused) and _stopped_a_write(error) else ""
        click.echo("\n".join([f"soc: {first}", *faults]), err=True)
        return error.exit_code
    if isinstance(error, OSError) and error.errno in _CANNOT_WRITE and not _recorded():
        where = f" {error.filename}" if error.filename else ""
        again = _stands(error, "send the same again: nothing was recorded") or "run it again"
        click.echo(f"soc: cannot write{where}: {error.strerror}\n  → Make room or see to the permissions, then {again}", err=True)
        return 1
    if os.environ.get("SOC_TRACE"):
        raise error
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "unknown"
    again = "Run it again with SOC_TRACE=1 and send us what it prints"
    advice = _stands(error, f"Nothing was recorded. {again}") or again
    click.echo(f"soc: a fault of ours, at {place}: {type(error).__name__}: {error}\n  → {advice}", err=True)
    return 70


def _stands(error: BaseException | None, nothing: str) -> str:
    """What stands in spite of a fault or an interruption: ``nothing`` of a write that was stopped; empty where none was tried."""
    if not (positions := _recorded()):
        return nothing if _stopped_a_write(error) else ""
    said = ", ".join(f"record {position}" for position in positions)
    return f"{said} was recorded and stands; only the answer failed: look with soc register"


def _stopped_a_write(error: BaseException | None) -> bool:
    return STOPPED_A_WRITE in getattr(error, "__notes__", ())


def _recorded() -> list[int]:
    """The positions of what this process has recorded."""
    desk = sys.modules.get("cli.desk")
    return desk.RECORDED if desk is not None else []
