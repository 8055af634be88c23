"""``soc test``: given/when/then cases of methodologies and of sharing, as negotiators write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import files, output
from cli.options import answers
from cli.words import counted
from ledger.errors import InputRefused
from ledger.money import kronor, shown
from ledger.vocabulary import decimal_text

if TYPE_CHECKING:
    from ledger.cases import CaseFile
    from ledger.terms import ContractTerms
    from ledger.waterfall import Step
    from projections.cases import Outcome


@click.command("test")
@click.argument("case_files", metavar="FILE...", nargs=-1, required=True)
@answers
@click.pass_context
def command(ctx: click.Context, case_files: tuple[str, ...], form: str, file: str) -> None:
    """Run given/when/then cases of methodologies and sharing.

    A file names its title, the contract's terms and a methodology: files beside it, or written out. [given] is what all its cases
    share. Each [[case]] has a name, the rule that it shows, and

    \b
      given  employees, net_days, of_which, reimbursements, savings, by month
             or period; index, by quarter; absences, the lines of a CSV file
      when   determined, the months that are determined
      then   reference_rate, trend_factor, expected, left_out, actual,
             avoided, reimbursed, savings, entitlement, to_authority, by month
             or period; break_even and cap_reached_on; or words of a refusal,
             refused

    Days and ratios are compared at the decimals given, kronor exactly. Needs no ledger. Exits with 1 where a case fails, and says
    how its figures were computed; with 4 where a file is refused.
    """
    from projections.cases import run

    ran = [(one, [run(case, one.terms, one.methodology) for case in one.cases]) for one in read_all(case_files)]
    outcomes = [outcome for _, several in ran for outcome in several]
    failing = sum(not outcome.holds for outcome in outcomes)
    if form == "text":
        said = "all hold" if not failing else f"{failing} of them {'fails' if failing == 1 else 'fail'}"
        last = f"{counted(len(outcomes), 'case')} in {counted(len(ran), 'file')}: {said}"
        output.emit("\n".join([*(line for one, several in ran for line in _text(one, several)), last]), file)
    elif form == "json":
        found = [_file_json(one, several) for one, several in ran]
        output.emit(output.as_json({"cases": len(outcomes), "failing": failing, "files": found}), file)
    else:
        rows = [row for one, several in ran for outcome in several for row in _rows(one, outcome)]
        output.emit(output.as_csv(rows, ["file", "case", "rule", "holds", "what", "expected", "found"]), file)
    if failing:
        ctx.exit(1)


def read_all(paths: Sequence[str]) -> list[CaseFile]:
    """The case files, with what they name beside them. Raises InputRefused with every fault of all."""
    read, refusals = [], []
    for path in paths:
        try:
            read.append(read_file(path))
        except InputRefused as refusal:
            refusals.append(refusal)
    if refusals:
        raise InputRefused.together(refusals)
    return read


def read_file(path: str) -> CaseFile:
    """One case file, with the terms and methodology that it names beside it. Raises InputRefused."""
    from ledger.cases import read_cases

    def beside(name: str) -> tuple[bytes, str]:
        other = str(Path(path).parent / name)
        return files.content(other), other

    return read_cases(files.content(path), path, beside)


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _text(one: CaseFile, outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield f"{one.title} ({one.file})"
    for outcome in outcomes:
        yield f"  {'holds' if outcome.holds else 'FAILS'}  {outcome.case.name}"
        if not outcome.holds:
            yield f"         rule: {outcome.case.rule}"
            for found in outcome.differences:
                came = found.found.replace("\n", "\n         ")
                yield f"         {found.what}: the case says {found.expected}; came out: {came}"
            for line in how(outcome, one.terms):
                yield f"         {line}"
    yield ""


def how(outcome: Outcome, terms: ContractTerms) -> list[str]:
    """How a case's figures were computed, step by step: each month determined, and the sharing where the case is about it."""
    from cli.determine import month_line

    then = outcome.case.then
    shares = {"entitlement", "to_authority", "break_even", "cap_reached_on"} & {*then.named}
    steps = outcome.state.path if shares and outcome.refused is None else ()
    return [*(month_line(month, outcome.state) for month in outcome.months), *(_step_line(step, terms) for step in steps)]


def _step_line(step: Step, terms: ContractTerms) -> str:
    """One month's end in words and figures: rule 10, step by step."""
    outcome = terms.outcome
    shared = f"min(max({shown(step.savings)}, 0), {shown(terms.ceiling_savings)})"
    entitlement = f"min({shown(outcome.maximum_payment)}, {decimal_text(outcome.provider_share)} × {shared})"
    rest = shown(step.savings - step.entitlement)
    return f"{step.month}  entitlement {shown(step.entitlement)} = {entitlement}; to the authority {rest}"


def _file_json(one: CaseFile, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    method = one.methodology
    return {
        "file": one.file,
        "title": one.title,
        "contract": one.terms.id,
        "methodology": {"name": method.name, "sha256": method.sha256} if method else None,
        "cases": [
            {
                "name": outcome.case.name,
                "rule": outcome.case.rule,
                "holds": outcome.holds,
                "differences": [vars(found) for found in outcome.differences],
                "savings": {str(month.month): kronor(month.savings_ore) for month in outcome.months},
                "computed": how(outcome, one.terms),
            }
            for outcome in outcomes
        ],
    }


def _rows(one: CaseFile, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """The case's differences, a row each; one row where it holds."""
    row = {"file": one.file, "case": outcome.case.name, "rule": outcome.case.rule, "holds": outcome.holds}
    yield from ({**row, **vars(found)} for found in outcome.differences) if outcome.differences else [row]
