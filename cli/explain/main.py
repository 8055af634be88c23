"""``soc explain``: any figure, determination, payment or posting, down to the facts that it rests on."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import click

from cli import output
from cli.desk import Desk
from cli.options import DATE, Parsed, answers_in, audience, looking
from ledger.errors import Usage, VerificationFailed
from ledger.facts import Facts

if TYPE_CHECKING:
    from projections.audience import Audience
    from projections.explanation.answer import Explanation


def _depth(text: str) -> int | str:
    if text != "all" and not re.fullmatch(r"[0-9]{1,3}", text):
        raise ValueError(f"{text!r} is not a number of levels, nor all")
    return text if text == "all" else int(text)


DEPTH = Parsed("depth", _depth)


@click.command("explain")
@click.argument("ident", metavar="ID")
@click.argument("figure", required=False)
@click.option("--as-of", type=DATE, metavar="DATE", help="Of a figure: the date in the world; default: that of the last record.")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@click.option("--against", metavar="INSTANT", help="What it rested on at another moment, and what each record between changes.")
@click.option("--depth", type=DEPTH, metavar="N|all", help="How many levels the text shows; default: what a reader can take in.")
@click.option("--lines", is_flag=True, help="Down to single report lines; for the payer alone.")
@audience
@answers_in("text", "json", "csv", "html")
@looking
def command(
    desk: Desk,
    ident: str,
    figure: str | None,
    as_of: date | None,
    known_at: str | None,
    against: str | None,
    depth: int | str | None,
    lines: bool,
    audience: Audience,
    form: str,
    file: str,
) -> None:
    """Down to the facts: botkyrka/D5, P3, N5, record 812 or its second posting botkyrka/812.2; or botkyrka FIGURE.

    FIGURE is a dotted key of soc state -O json, as in botkyrka balance.provider.due; with a record a key of its explanation.
    """
    facts = desk.known_at(known_at)
    if against is not None:
        if lines or depth is not None:
            raise Usage("--lines and --depth are of an explanation; --against tells what has arrived", do="leave them out")
        output.emit(_arrived(facts, desk.known_at(against, "--against"), ident, figure, as_of, form, audience), file)
        return
    from projections.explanation.answer import explain

    one = explain(facts, ident, figure, as_of=as_of, audience=audience, lines=lines)
    output.emit(_answer(facts, one, "all" if lines and depth is None else depth, form), file)
    if not one.coverage.sound:
        raise VerificationFailed(
            f"the explanation of {one.asked} does not come out: it says where", do="see what differs with: soc check"
        )


def _answer(facts: Facts, one: Explanation, depth: int | str | None, form: str) -> str:
    basis = output.basis_line(facts)
    if form == "html":
        from cli.explain.as_html import as_html

        return as_html(one, basis)
    if form == "text":
        from cli.explain.as_text import as_text

        return as_text(one, basis, depth)
    from cli.explain.as_json import COLUMNS, as_json, rows

    if form == "csv":
        return output.as_csv(list(rows(one.top)), COLUMNS)
    return output.as_json({**as_json(one), **output.basis_json(facts)})


def _arrived(
    facts: Facts, other: Facts, ident: str, figure: str | None, as_of: date | None, form: str, audience: Audience
) -> str:
    """What it rested on at the earlier moment, and what has arrived since."""
    from cli.explain.arrived import arrived_answer

    contract_id, _, rest = ident.partition("/")
    of_record = re.fullmatch(r"[DNPLMXAS]?[0-9]+", rest) is not None
    key = ".".join(part for part in (rest, figure) if part)
    if not key or (of_record and figure is not None):
        raise Usage(f"{ident}{f' {figure}' if figure else ''} is neither a record nor a figure", do="name one, as botkyrka/D5")
    target, told_as = ident if of_record else key, "text" if form == "html" else form
    answer = arrived_answer(facts, other, contract_id, target, as_of, told_as, audience)
    if form != "html":
        return answer
    from cli.explain.as_html import arrived_html

    return arrived_html(f"{contract_id} {key}", answer)
