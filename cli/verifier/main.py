"""The command line of the verifier: a bundle, and what the auditor has from elsewhere; nothing is written but the verdict."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from cli.verifier.checkpoints import Given
from cli.verifier.notes import read_key, read_note
from cli.verifier.report import sample_text, verdict_text
from cli.verifier.timestamps import read_certificates
from cli.verifier.verdict import SampleFault, Verdict, draw_sample, verify_bundle

GivenValue = TypeVar("GivenValue")
VERIFIED, MISUSED, FAILED = 0, 2, 3
DESCRIPTION = """Verify a bundle and compute again what it says: is it intact, complete up to its last checkpoint, recomputed,
authorised by the keys that you give, anchored in time? Exits with 0 where it is verified, with 3 where a part fails, and names
what is bad, with 2 where it was called wrongly. Keys, earlier checkpoints and certificates must have come to you in another way
than with the bundle."""


class Misuse(Exception):
    """Something was given that cannot be used, and which."""


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="verify.py", description=DESCRIPTION)
    parser.add_argument("bundle", metavar="BUNDLE", help="the zip; - for what comes in")
    parser.add_argument(
        "--key", action="append", default=[], metavar="KEY", help="one that must have signed, NAME+ID+KEY; repeat"
    )
    parser.add_argument("--keys", metavar="FILE", help="a file of such keys, one a line")
    parser.add_argument("--checkpoint", action="append", default=[], metavar="NOTE", help="a checkpoint kept from before; repeat")
    parser.add_argument(
        "--tsa-certificate", action="append", default=[], metavar="PEM", help="the time-stamping authority's certificate; repeat"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="draw N absence lines by the fingerprint of the last checkpoint")
    parser.add_argument("--contract", metavar="ID", help="the contract whose lines are drawn")
    parser.add_argument("-O", dest="form", choices=("text", "json"), default="text", help="how to answer; default: text")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify, print, and say with what to exit."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.set_int_max_str_digits(4300)  # whatever the surroundings say: the same bytes get the same verdict
    parser = _arguments()
    asked = parser.parse_args(arguments)
    try:
        return _answer(asked)
    except Misuse as fault:
        parser.exit(MISUSED, f"verify.py: {fault}\n")


def _answer(asked: argparse.Namespace) -> int:
    if asked.sample is not None and asked.sample < 1:
        raise Misuse("--sample: draw at least one line")
    given = _given(asked)
    content = _content_of(asked.bundle)
    verdict, looked = verify_bundle(content, given, _progress)
    _progress(0)
    sample = None
    if asked.sample is not None and looked is not None:
        try:
            sample = draw_sample(looked, asked.contract, asked.sample)
        except SampleFault as fault:
            raise Misuse(f"--sample: {fault}") from None
    if asked.form == "json":
        sys.stdout.write(_as_json(verdict, sample) + "\n")
    else:
        sys.stdout.write(verdict_text(asked.bundle, verdict, given) + (sample_text(sample) if sample else ""))
    return FAILED if verdict.failed else VERIFIED


def _as_json(verdict: Verdict, sample: dict[str, Any] | None) -> str:
    said = verdict.as_json() | ({"sample": sample} if sample else {})
    return json.dumps(said, ensure_ascii=False, indent=1)


def _progress(done: int) -> None:
    """Tell someone who waits how far it is; 0 when it is done."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} records\x1b[K" if done else "\r\x1b[K")
        sys.stderr.flush()


# --- What the auditor gives ---------------------------------------------------------------------------------------------


def _content_of(place: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
    except (OSError, ValueError) as error:
        raise Misuse(f"{place} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _each_read(option: str, read: Callable[[bytes], GivenValue], contents: Iterable[bytes]) -> list[GivenValue]:
    """What each content says. Raises Misuse, naming the option."""
    found = []
    for content in contents:
        try:
            found.append(read(content))
        except ValueError as fault:
            raise Misuse(f"{option}: {fault}") from None
    return found


def _given(asked: argparse.Namespace) -> Given:
    """Keys, checkpoints and certificates as they were given. Raises Misuse."""
    keys = _each_read("--key", read_key, [text.encode(errors="replace") for text in asked.key])
    if asked.keys is not None:
        rows = [row for row in _content_of(asked.keys).splitlines() if row.strip()]
        keys += _each_read(f"--keys {asked.keys}", read_key, rows)
    notes = _each_read("--checkpoint", read_note, map(_content_of, asked.checkpoint))
    certificates = _each_read("--tsa-certificate", read_certificates, map(_content_of, asked.tsa_certificate))
    return Given(tuple(dict.fromkeys(keys)), tuple(notes), tuple(chain.from_iterable(certificates)))
