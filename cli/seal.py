"""``soc seal``: checkpoints of the record, signed by one party and then by the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli import files, output
from cli.desk import Desk
from cli.options import Parsed, answers, answers_in, looking, with_desk
from cli.seal_files import VERIFIER, as_note, check_free, parsed, signing, write_new
from cli.seal_list import list_
from ledger import cosigning, keys, notes, seal, stamps
from ledger.errors import Usage
from ledger.imports.personal_numbers import holds_personal_number
from ledger.notes import Note, Proof, VerifierKey
from ledger.periods import instant_text, stockholm_text

_HAND = "Hand this note to the other parties, to sign and to keep: its worth is that it is not only here."
_NOT_COMPARED = (
    "Nothing was compared: this is the first note that the key signs here. It is kept beside the key; from now on, only what is "
    "proved to contain it is signed. What you signed before elsewhere is compared with --previous NOTE --proof FILE."
)
_NOBODY = "Nobody's signature under it was checked: give the verifier key of who sealed it, with --verifier KEY."


def _name(text: str) -> str:
    if holds_personal_number(text):
        raise ValueError("it holds a personal number, which must not stand in notes")
    return notes.check_name(text)


NAME = Parsed("name", _name)
_key = click.option("--key", metavar="FILE", envvar="SOC_KEY", help="The file of the key to sign with; also SOC_KEY.")


def _who(signatures: tuple[notes.Signature, ...]) -> str:
    return ", ".join(one.name for one in signatures) or "nobody"


def _emit_note(note: Note, more: dict[str, Any], form: str, file: str) -> None:
    """The note itself as text, or what it says as JSON."""
    if form == "text":
        output.emit(note.content().decode(), file)
        return
    said = notes.CheckpointText.parse(note.text)
    signed = [{"name": one.name, "key_id": one.key_id.hex()} for one in note.signatures]
    value = {"origin": said.origin, "records": said.size, "root": said.root.hex(), "signatures": signed}
    output.emit(output.as_json({**more, **value, "note": note.content().decode()}), file)


# ── Signing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@click.group("seal", invoke_without_command=True)
@_key
@answers_in("text", "json")
@with_desk
def command(desk: Desk, key: str | None, form: str, file: str) -> None:
    """Sign a checkpoint of the record as it stands: a note that says how many records there are and their fingerprint.

    The note is printed, and kept beside the record. Its worth is that it leaves this machine: hand it to the other parties, who
    sign it and keep it. From then on nothing that it covers can be changed unnoticed.

    The last note that a key signed is kept beside it, in KEYFILE.last: a ledger that does not contain it, such as an old copy
    that was put back, is not sealed with that key. Keep a copy of both.
    """
    ctx = click.get_current_context()
    if ctx.invoked_subcommand is None:
        _seal(desk, key, form, file)
    elif any(_on_command_line(ctx, name) for name in ("key", "form", "file")):
        raise click.UsageError(f"options of soc seal {ctx.invoked_subcommand} stand after it", ctx)


def _on_command_line(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _seal(desk: Desk, key: str | None, form: str, file: str) -> None:
    with signing(key, file) as (secret, memory):
        done = seal.sign(desk.log.recorder, secret, memory)
    found, new = done.checkpoint, bool(done.added)
    records = f"{found.size} record{'s' * (found.size > 1)}, fingerprint {found.root.hex()[:16]}"
    _emit_note(Note.parse(found.note()), {"added": new}, form, file)
    if new:
        click.echo(f"Sealed {records}, as {secret.verifier.name}. {_HAND}", err=True)
    else:
        click.echo(f"{secret.verifier.name} has signed {records}, already; nothing was added.", err=True)


@command.command("new-key")
@click.argument("name", type=NAME, metavar="NAME")
@click.argument("file", metavar="FILE")
def new_key(name: str, file: str) -> None:
    """Make a key to sign with.

    Its verifier key is printed: others check its signatures by that. NAME says whose it is, such as botkyrka.se/economy. FILE is
    new; keep it where the others who use the ledger cannot read it, and keep a copy. Give the verifier key to the other parties
    and the auditor by another way than the notes themselves.
    """
    made = keys.make(name, Path(file))
    click.echo(str(made.verifier))
    click.echo(f"The key is in {file}, which only you can read. Above is its verifier key, for everybody.", err=True)


@command.command("cosign")
@click.argument("note", metavar="NOTE")
@_key
@click.option("--previous", metavar="NOTE", help="The last note that you signed; default: the one kept beside the key.")
@click.option("--proof", metavar="FILE", help="Shows that it is contained in the new one; from soc seal prove.")
@click.option(
    "--verifier", "verifiers", type=VERIFIER, multiple=True, metavar="KEY", help="Who must have signed it before you; repeatable."
)
@answers_in("text", "json")
def cosign(
    note: str,
    key: str | None,
    previous: str | None,
    proof: str | None,
    verifiers: tuple[VerifierKey, ...],
    form: str,
    file: str,
) -> None:
    """Sign a checkpoint that another party handed you. Needs no ledger.

    The last note that you signed is kept beside the key, in KEYFILE.last. From then on only what is proved to contain it is
    signed, with a proof from exactly that one. A key signs for one ledger. Keep a copy of both files: with the key alone
    everything begins anew.
    """
    with signing(key, file) as (secret, memory):
        handed, last = parsed(note, Note.parse), memory.last()
        if proof is not None and previous is None and last is None:
            raise Usage("--proof needs the note that it begins from: --previous NOTE")
        cosigning.check_signed(handed, verifiers)
        before = cosigning.before(handed, last, None if previous is None else parsed(previous, Note.parse))
        signed, new = cosigning.cosign(handed, secret, before, None if proof is None else parsed(proof, Proof.parse))
        memory.keep(signed)
    _emit_note(signed, {"added": new, "compared": before is not None}, form, file)
    if not new:
        click.echo(f"{secret.verifier.name} has signed this note already; nothing was added.", err=True)
    click.echo(_NOT_COMPARED if before is None else "What you signed before is contained in it.", err=True)
    if not verifiers:
        click.echo(_NOBODY, err=True)


@command.command("add")
@click.argument("note", metavar="NOTE")
@click.option(
    "--verifier", "verifiers", type=VERIFIER, multiple=True, required=True, metavar="KEY", help="Who signed; repeat for each."
)
@answers
@with_desk
def add(desk: Desk, note: str, verifiers: tuple[VerifierKey, ...], form: str, file: str) -> None:
    """Take the signatures of others into the ledger.

    They stand under a note of one of its checkpoints. Every new one must be right, by one of the verifier keys; else none is
    taken.
    """
    check_free(file)
    done = seal.add(desk.log.recorder, parsed(note, Note.parse), verifiers)
    found = done.checkpoint
    said = {"records": found.size, "added": [one.name for one in done.added], "signed": [one.name for one in found.signatures]}
    text = f"Added to the checkpoint of {found.size} records: {_who(done.added)}. Signed by {_who(found.signatures)}."
    if not done.added:
        text = f"All signatures are here already; nothing was added. Signed by {_who(found.signatures)}."
    _answer(said, text, form, file)


def _answer(said: dict[str, Any], text: str, form: str, file: str) -> None:
    rows = {"text": lambda: text, "json": lambda: output.as_json(said)}
    output.emit(rows.get(form, lambda: output.as_csv(output.flat(said), ["key", "value"]))(), file)


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@command.command("show")
@click.argument("size", type=click.IntRange(min=1), metavar="RECORDS")
@answers_in("text", "json")
@looking
def show(desk: Desk, size: int, form: str, file: str) -> None:
    """Print a checkpoint's note with all signatures."""
    check_free(file, as_note)
    found = seal.checkpoint(desk.log.recorder, size)
    _emit_note(Note.parse(found.note()), {}, form, file)


@command.command("prove")
@click.argument("first", type=click.IntRange(min=1), metavar="FROM")
@click.argument("second", type=click.IntRange(min=1), metavar="TO")
@answers_in("json")
@with_desk
def prove(desk: Desk, first: int, second: int, form: str, file: str) -> None:
    """Prove that one checkpoint contains another.

    The first FROM records are the beginning of the first TO: none of them was changed, moved or removed. Both are numbers of
    records, of checkpoints or any other. Who holds the two fingerprints can check the proof by himself.
    """
    check_free(file, Proof.parse)
    output.emit(seal.prove(desk.log.recorder, first, second).content().decode(), file)


# ── Time stamps ──────────────────────────────────────────────────────────────────────────────────────────────────────


@command.command("stamp")
@click.argument("size", type=click.IntRange(min=1), metavar="RECORDS")
@click.option("--request", "request", metavar="FILE", help="Write the request to send (RFC 3161).")
@click.option("--response", "response", metavar="FILE", help="The authority's answer.")
@click.option("--certificate", metavar="PEM", help="Its certificate, and those it rests on.")
@answers
@with_desk
def stamp(
    desk: Desk, size: int, request: str | None, response: str | None, certificate: str | None, form: str, file: str
) -> None:
    """Have an authority witness a checkpoint's time.

    First write the request and send it to the authority; then add its answer, which is kept if the certificate, that you have
    from another place, shows that it is right.
    """
    check_free(file)
    if (request is None) == (response is None) or (response is None) != (certificate is None):
        raise Usage("give either --request FILE, or --response FILE with --certificate PEM")
    if request is not None:
        write_new(Path(request), stamps.request(seal.checkpoint(desk.log.recorder, size).text))
        _answer({"records": size, "request": request}, f"The request is in {request}; send it to the authority.", form, file)
        return
    assert response is not None
    assert certificate is not None
    found, new = seal.add_stamp(desk.log.recorder, size, files.content(response), files.content(certificate))
    said = {"records": size, "stamped_at": instant_text(found.at), "added": new}
    done = "kept" if new else "here already; nothing was added"
    _answer(said, f"The checkpoint of {size} records was stamped at {stockholm_text(found.at)}; {done}.", form, file)


command.add_command(list_)
