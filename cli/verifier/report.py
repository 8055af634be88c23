"""The verdict and a sample as text, for an auditor who has nothing but this."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from cli.verifier.checkpoints import Given
from cli.verifier.verdict import Verdict

REPORT_WIDTH = 100
SAID_INDENT = 29
BAD_SHOWN = 200
"""Bad items that the text names; the JSON names all."""


def one_line(text: str) -> str:
    """The text without anything that could move a terminal's cursor or turn its writing."""
    text = text.replace("\u2009", " ").replace("\u00a0", " ")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _wrapped(text: str, first: str, indent: int) -> str:
    return textwrap.fill(
        one_line(text), REPORT_WIDTH, initial_indent=first.ljust(indent), subsequent_indent=" " * indent, break_on_hyphens=False
    )


def verdict_text(place: str, verdict: Verdict, given: Given) -> str:
    """The whole verdict: each part, every bad item, what is not proven, and what to do next."""
    lines = [
        f"bundle   {one_line(place)}",
        f"SHA-256  {verdict.bundle}",
        _wrapped(_headline(verdict), "verdict  ", 9),
        "",
    ]
    for part, said in verdict.parts.items():
        lines.append(_wrapped(said["says"], f"  {part:<13}{said['status']:<12}", SAID_INDENT))
    if verdict.bad:
        lines += ["", f"What is bad ({len(verdict.bad)}). Look at the first one first: others may follow from it."]
        for number, item in enumerate(verdict.bad[:BAD_SHOWN], 1):
            lines.append(_wrapped(f"{item.where} ({item.part}): {item.what}", f"{number:>4}. ", 6))
        if len(verdict.bad) > BAD_SHOWN:
            lines.append(f"      and {len(verdict.bad) - BAD_SHOWN} more: -O json names them all")
    lines += ["", "What this does not prove"]
    lines += [_wrapped(sentence, "  - ", 4) for sentence in verdict.not_proven]
    steps = list(_next_steps(verdict, given))
    lines += ["", "Next steps", *(_wrapped(step, "  - ", 4) for step in steps)] if steps else []
    return "\n".join(lines) + "\n"


def _headline(verdict: Verdict) -> str:
    """The verdict in a line: without a key nobody vouches for the bundle, however well it fits together."""
    if verdict.failed:
        return "FAILED"
    status = {part: said["status"] for part, said in verdict.parts.items()}
    open_ = [part for part, said in status.items() if said == "not checked"]
    less = [f"not checked: {', '.join(open_)}"] if open_ else []
    less += ["recomputed in part"] if status["recomputed"] == "partly" else []
    less += ["not all records are shown"] if status["complete"] == "partly" else []
    found = "VERIFIED" if status["authorised"] == "yes" else "NOTHING BAD FOUND, BUT NOBODY VOUCHES FOR IT: no key was given"
    return "; ".join([found, *less])


def _next_steps(verdict: Verdict, given: Given) -> Iterator[str]:
    if verdict.bad:
        yield "Keep this zip as it is, and ask another party for theirs: one version writes one record in the same bytes."
    if verdict.parts["intact"]["says"].startswith("container"):
        return
    if not given.keys:
        yield "Have each party tell you its key in another way than with this zip, and give it: --key NAME+ID+KEY."
    elif "no key was given" in verdict.parts["authorised"]["says"]:
        yield "There are signatures of others: have them tell you their keys, and give those too."
    if not given.notes:
        yield "Give checkpoints that were kept from before: --checkpoint FILE. They show that nothing before them has changed."
    if verdict.parts["anchored"]["at"] and not given.certificates:
        yield "Get the certificate from the authority that stamped, and give it: --tsa-certificate FILE."
    if not verdict.failed and verdict.parts["recomputed"]["determinations"]:
        yield "Draw absence lines to compare with their documents, such as 60: --sample 60."


def sample_text(sample: Mapping[str, Any]) -> str:
    """The drawn lines, one a row, in the order in which they were drawn."""
    drawn = sample["drawn"]
    lines = [
        "",
        f"Sample of {len(drawn)} from the {sample['population']} absence lines of {one_line(sample['contract'])}, drawn by",
        f"the fingerprint of checkpoint {sample['checkpoint']}: {sample['root']}",
        "",
        "  draw  record  line*   employee    workplace                       first day   last day    extent  cause",
    ]
    for one in drawn:
        lines.append(f"{one['draw']:>6}  {one['record']:>6}  {one['line']:>6}  {_line_text(one['shown'])}".rstrip())
    lines += ["", "* in the record, counted from 0; not the line of the file that was sent."]
    if not all(one["shown"] for one in drawn):
        lines.append("Those that are left blank are not in this bundle: ask for them to be opened.")
    return "\n".join(lines) + "\n"


def _line_text(line: Mapping[str, Any] | None) -> str:
    if line is None:
        return ""
    shown = {name: one_line(str(value)) for name, value in line.items()}
    for name in ("first_day", "last_day"):
        day = shown.get(name, "")
        shown[name] = "open" if day == "0" else f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else day
    return (
        f"{shown.get('employee', ''):<10}  {shown.get('workplace', ''):<30}  {shown.get('first_day', ''):<10}  "
        f"{shown.get('last_day', ''):<10}  {shown.get('extent', ''):>6}  {shown.get('cause', '')}"
    )
