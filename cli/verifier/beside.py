"""What stands beside the records of absence: the lines that a report is bound to, whole or opened one by one."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cli.verifier.container import BadItem
from cli.verifier.members import HASH_TEXT, WHOLE_LARGEST, encoded_json, is_whole
from cli.verifier.merkle import roots_at
from cli.verifier.records import Report

LINE_CAUSES = ("sick", "work-injury", "covid")
"""Why an employee is absent; columns hold the index."""
LINE_COLUMNS = {
    "employee": WHOLE_LARGEST,
    "workplace": WHOLE_LARGEST,
    "first_day": 99991231,
    "last_day": 99991231,
    "extent": 100,
    "cause": len(LINE_CAUSES) - 1,
}
"""The largest number that each column may hold; none holds one below 0."""

Columns = Mapping[str, Any]


def columns_read(columns: Any) -> bool:
    """Whether these are the columns of a report's lines, each in its form and all of one length."""
    if not isinstance(columns, dict) or columns.keys() != {*LINE_COLUMNS, "workplaces", "secret"}:
        return False
    workplaces, secret = columns["workplaces"], columns["secret"]
    if not isinstance(workplaces, list) or not all(isinstance(name, str) for name in workplaces):
        return False
    if not isinstance(secret, str) or not HASH_TEXT.fullmatch(secret):
        return False
    bounds = {**LINE_COLUMNS, "workplace": len(workplaces) - 1}
    for name, largest in bounds.items():
        column = columns[name]
        if not isinstance(column, list) or not all(is_whole(value) and value <= largest for value in column):
            return False
    return len({len(columns[name]) for name in bounds}) == 1


def line_texts(columns: Columns) -> Iterator[bytes]:
    """The canonical JSON of each line, in order."""
    names = [encoded_json(name) for name in columns["workplaces"]]
    for employee, workplace, first, last, extent, cause in zip(*(columns[name] for name in LINE_COLUMNS), strict=True):
        yield (
            f'{{"cause":"{LINE_CAUSES[cause]}","employee":{employee},"extent":{extent},"first_day":{first},'
            f'"last_day":{last},"workplace":{names[workplace]}}}'
        ).encode()


def line_of(columns: Columns, number: int) -> dict[str, Any]:
    """One line, counted from 0."""
    cause, workplace = LINE_CAUSES[columns["cause"][number]], columns["workplaces"][columns["workplace"][number]]
    line = {name: columns[name][number] for name in LINE_COLUMNS}
    return {**line, "cause": cause, "workplace": workplace}


def is_bound(columns: Columns, report: Report) -> bool:
    """Whether the report's record is bound to exactly these lines: SHA-256 over each SHA-256(salt ‖ line), the salt of line i
    being HMAC-SHA-256(secret, i as 8 bytes)."""
    secret, bound, count = bytes.fromhex(columns["secret"]), hashlib.sha256(), 0
    for count, text in enumerate(line_texts(columns), 1):
        salt = hmac.digest(secret, (count - 1).to_bytes(8, "big"), "sha256")
        bound.update(hashlib.sha256(salt + text).digest())
    return count == report.lines and bound.hexdigest() == report.sha256


def line_faults(report: Report, row: Mapping[str, Any] | None) -> tuple[str, bool]:
    """What is wrong with a report's lines, nothing if all is right; and whether they read."""
    if row is None:
        return f"its {report.lines} lines are missing", False
    if row.keys() != {"lines", "position"} or not columns_read(row["lines"]):
        return "they do not read as lines of absence", False
    if not is_bound(row["lines"], report):
        return "they are not the lines that the record is bound to", True
    return "", True


# --- Opened lines -------------------------------------------------------------------------------------------------------


def opening_faults(report: Report, row: Mapping[str, Any]) -> list[BadItem]:
    """What is wrong with the lines that are opened of a report: with the commitments as a whole, or line by line."""
    whole = f"lines of record {report.position}"
    if row.keys() != {"commitments", "opened", "position"} or not _are_opened(row["opened"], report.lines):
        return [BadItem("intact", whole, "its opened lines do not read: which they are, in order of number")]
    joined = _unhex(row["commitments"])
    if len(joined) != 32 * report.lines or hashlib.sha256(joined).hexdigest() != report.sha256:
        return [BadItem("intact", whole, "the fingerprints of its lines are not those that the record is bound to")]
    return [
        BadItem("intact", f"line {one['number']} of record {report.position}", "it is not the line that the record is bound to")
        for one in row["opened"]
        if not _is_opened(one, joined[32 * one["number"] : 32 * one["number"] + 32])
    ]


def _unhex(text: Any) -> bytes:
    """The bytes of lower-case hexadecimal; none for anything else."""
    try:
        content = bytes.fromhex(text)
    except (TypeError, ValueError):
        return b""
    return content if content.hex() == text else b""


def _are_opened(opened: Any, count: int) -> bool:
    if not isinstance(opened, list) or not opened:
        return False
    if not all(isinstance(one, dict) and is_whole(one.get("number")) for one in opened):
        return False
    numbers = [one["number"] for one in opened]
    return all(before < after for before, after in zip(numbers, [*numbers[1:], count], strict=True))


def _is_opened(one: Mapping[str, Any], commitment: bytes) -> bool:
    if one.keys() != {"line", "number", "salt"}:
        return False
    return hashlib.sha256(_unhex(one["salt"]) + encoded_json(one["line"]).encode()).digest() == commitment


def undrawn_faults(
    reports: Sequence[Report], openings: Mapping[int, Mapping[str, Any]], leaves: Sequence[bytes]
) -> list[BadItem]:
    """Reports of which other lines are opened than the last checkpoint draws, where it draws as many as are opened."""
    wrong: set[int] = set()
    root = roots_at(leaves, {len(leaves)}).get(len(leaves), b"")
    for contract in {report.contract for report in reports if report.position in openings}:
        own = [report for report in reports if report.contract == contract]
        shown = [(one.position, openings[one.position]) for one in own if one.position in openings]
        opened = {(position, each["number"]) for position, row in shown for each in row["opened"]}
        drawn = (line_at(own, item) for item in drawn_lines(root, contract, sum(one.lines for one in own), len(opened)))
        wrong |= {position for position, _ in opened ^ {(report.position, line) for report, line in drawn}}
    what = "the lines that are opened are not those that the last checkpoint draws"
    return [BadItem("intact", f"lines of record {position}", what) for position in sorted(wrong)]


# --- A sample -----------------------------------------------------------------------------------------------------------


def drawn_lines(root: bytes, contract: str, population: int, number: int) -> list[int]:
    """The items drawn from the checkpoint's root, in order of draw: for k = 0, 1, …, SHA-256(root ‖ contract ‖ k as 8 bytes) as
    a number, left out where it would favour small items, modulo the population, unless drawn before."""
    drawn: dict[int, None] = {}
    k, fair = 0, 2**256 // population * population if population else 0
    while len(drawn) < min(number, population):
        found = int.from_bytes(hashlib.sha256(root + contract.encode() + k.to_bytes(8, "big")).digest(), "big")
        if found < fair:
            drawn.setdefault(found % population)
        k += 1
    return list(drawn)


def line_at(reports: Iterable[Report], item: int) -> tuple[Report, int]:
    """The report and the number of the line within it that an item of the population is, counted from 0."""
    for report in reports:
        if item < report.lines:
            return report, item
        item -= report.lines
    raise ValueError("there is no such line")
