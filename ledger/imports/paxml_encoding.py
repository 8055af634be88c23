"""The encoding of an XML file: what its byte order mark or its declaration says, held against its bytes."""

from __future__ import annotations

import codecs
import re

from ledger.errors import Fault, InputRefused
from ledger.imports import decoding, fields
from ledger.imports.decoding import line_at

_DECLARATION = re.compile(r"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._:\-]{1,40})[\"']")
_ENCODINGS = {
    "utf-8": ("UTF-8", "utf-8"),
    "utf-16": ("UTF-16", "utf-16"),
    "iso-8859-1": ("ISO-8859-1", "latin-1"),
    "iso-8859-15": ("ISO-8859-15", "iso8859-15"),
    "windows-1252": ("Windows-1252", "cp1252"),
    "us-ascii": ("US-ASCII", "ascii"),
}
_ALIASES = {"utf8": "utf-8", "cp1252": "windows-1252", "ascii": "us-ascii"} | dict.fromkeys(
    ("latin1", "latin-1", "iso8859-1", "iso_8859-1"), "iso-8859-1"
)
SAVE = "Export it again; UTF-8, UTF-16, ISO-8859-1 and Windows-1252 are read where the first line declares them."


def decoded(content: bytes, file: str) -> str:
    """The file's text as its byte order mark or its declaration says, UTF-8 without either. Raises InputRefused where they say
    otherwise than the bytes, with the line."""
    decoding.refuse_other_formats(content, file)
    marked = _marked(content)
    said = _DECLARATION.search(content[:1000].decode("latin-1"))
    name = (said[1].lower() if said else "utf-8") if marked is None else marked
    name = _ALIASES.get(name, name)
    if name not in _ENCODINGS or (name == "utf-16" and marked is None):
        raise InputRefused([Fault(file, 1, f"declares the encoding {fields.shown(name)}, which is not read as such", SAVE)])
    shown, codec = _ENCODINGS[name]
    try:
        text = content.decode("utf-8-sig" if marked == "utf-8" else codec)
    except UnicodeDecodeError as error:
        line = None if name == "utf-16" else line_at(content[: error.start].decode("latin-1"))
        declared = "declares" if said or marked else "declares no encoding, and so says"
        raise InputRefused([Fault(file, line, f"{declared} {shown}, but holds bytes that are not {shown} text", SAVE)]) from None
    if name in ("iso-8859-1", "iso-8859-15", "windows-1252") and not content.isascii():
        _refuse_if_utf_8(content, shown, file)
    decoding.refuse_garbled(text, file, mixed=False)
    return text


def _marked(content: bytes) -> str | None:
    """The encoding that a byte order mark speaks for."""
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8"
    return "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else None


def _refuse_if_utf_8(content: bytes, shown: str, file: str) -> None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return
    first = next(place for place, char in enumerate(text) if not char.isascii())
    advice = 'Let its first line say encoding="utf-8", or export it again.'
    raise InputRefused([Fault(file, line_at(text[:first]), f"declares {shown}, but is written in UTF-8", advice)])
