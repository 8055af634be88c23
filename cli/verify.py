"""``soc verify``: the verdict on a bundle, by this program's own code. It needs no ledger."""

from __future__ import annotations

import gc
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.options import answers_in
from ledger.errors import Usage

if TYPE_CHECKING:
    from projections.verification.sealed import Given
    from projections.verification.verdict import Verdict


@click.command("verify")
@click.argument("bundle", metavar="BUNDLE")
@click.option("--key", "vkeys", multiple=True, metavar="VKEY", help="A key that must have signed: NAME+ID+KEY; repeat for each.")
@click.option("--keys", "keys_file", metavar="FILE", help="A file of such keys, one a line.")
@click.option("--checkpoint", "notes", multiple=True, metavar="NOTE", help="A checkpoint that you kept from before; repeat.")
@click.option("--tsa-certificate", "certificates", multiple=True, metavar="PEM", help="The time-stamping authority's; repeat.")
@answers_in("text", "json")
@click.pass_context
def command(
    ctx: click.Context,
    bundle: str,
    vkeys: tuple[str, ...],
    keys_file: str | None,
    notes: tuple[str, ...],
    certificates: tuple[str, ...],
    form: str,
    file: str,
) -> None:
    """Verify a bundle and compute again what it says: is it intact, complete up to its checkpoint, recomputed, authorised by the
    keys you give, anchored in time? Exits with 3 where a part fails, and names what is bad.

    Keys, earlier checkpoints and the certificate must have come to you another way than the bundle.
    """
    from cli.export.bundle_states import stated
    from projections.verification.verdict import verify

    sys.set_int_max_str_digits(4300)  # whatever the surroundings say: the same bytes get the same verdict
    content, given = _content(bundle), _given(vkeys, keys_file, notes, certificates)
    gc.disable()  # a million records are read, and none of them is garbage before the end
    try:
        verdict = verify(content, given, stated)
    finally:
        gc.enable()
    output.emit(output.as_json(verdict.as_json()) if form == "json" else _text(bundle, verdict), file)
    if not verdict.verified:
        ctx.exit(3)


def _content(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise Usage(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _given(vkeys: tuple[str, ...], keys_file: str | None, notes: tuple[str, ...], certificates: tuple[str, ...]) -> Given:
    """What the auditor has from elsewhere. Raises Usage for what is not what it should be."""
    from cryptography.x509 import load_pem_x509_certificates

    from ledger.notes import CheckpointText, Note, VerifierKey
    from projections.verification.sealed import Given

    more = _content(keys_file).decode(errors="replace").splitlines() if keys_file else []
    kept, pem = [_content(path) for path in notes], b"\n".join(map(_content, certificates))
    try:
        keys = [VerifierKey.parse(text.strip()) for text in [*vkeys, *more] if text.strip()]
        for content in kept:
            CheckpointText.parse(Note.parse(content).text)
        if certificates:
            load_pem_x509_certificates(pem)
    except ValueError as error:
        raise Usage(f"what was given to verify with does not read: {error}", do="ask for it again") from None
    return Given(tuple(dict.fromkeys(keys)), tuple(kept), pem if certificates else None)


_BAD_SHOWN = 200


def _text(path: str, verdict: Verdict) -> str:
    """The verdict for a reader."""
    lines = [_on_one_line(path), f"SHA-256 {verdict.bundle}", "", _headline(verdict), ""]
    lines += [_wrapped(said["says"], f"  {name:<13}{said['status']:<13}") for name, said in verdict.parts.items()]
    if verdict.bad:
        lines += ["", f"Bad ({len(verdict.bad)}); look at the first one first, for others may follow from it:"]
        lines += [_wrapped(f"{one.where} ({one.part}): {one.what}", "  ") for one in verdict.bad[:_BAD_SHOWN]]
        lines += [f"  and {len(verdict.bad) - _BAD_SHOWN} more; -O json names all"] if len(verdict.bad) > _BAD_SHOWN else []
    lines += ["", "Not proven:", *(_wrapped(one, "  ") for one in verdict.not_proven)]
    return "\n".join(lines)


def _headline(verdict: Verdict) -> str:
    """The verdict in a line: without a key nobody vouches for the bundle, however well it fits together."""
    if not verdict.verified:
        return "FAILED"
    unchecked = [name for name, said in verdict.parts.items() if said["status"] == "not checked"]
    less = [f"not checked: {', '.join(unchecked)}"] if unchecked else []
    if verdict.parts["recomputed"]["status"] == "partly":
        less.append("recomputed in part")
    if verdict.parts["complete"]["status"] == "partly":
        less.append("not all records are shown")
    signed = verdict.parts["authorised"]["status"] == "yes"
    return "; ".join(["VERIFIED" if signed else "NOTHING BAD FOUND, BUT NOBODY VOUCHES FOR IT: give --key", *less])


def _wrapped(text: str, first: str) -> str:
    return textwrap.fill(_on_one_line(text), 100, initial_indent=first, subsequent_indent=" " * len(first))


def _on_one_line(text: str) -> str:
    """A bundle's words may be a stranger's: without what would move a terminal's cursor."""
    text = text.replace("\u2009", " ").replace("\u00a0", " ")
    return "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in text)
