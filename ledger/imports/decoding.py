"""Bytes → text, or what they are instead: a workbook, a web page, letters that were garbled on the way."""

from __future__ import annotations

import codecs
import re

from ledger.errors import Fault, InputRefused
from ledger.imports.fields import shown

SAVE = "Export it again as CSV UTF-8."

_OPEN = "Open it in the spreadsheet program, and save it as CSV UTF-8."
_UNPACK = "Unpack it, and import the file in it."
_FORMATS = (
    (b"PK\x03\x04", "is a compressed file (zip), not text", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook (.xls), not text", _OPEN),
    (b"\x1f\x8b", "is a compressed file (gzip), not text", _UNPACK),
    (b"BZh", "is a compressed file (bzip2), not text", _UNPACK),
    (b"\xfd7zXZ", "is a compressed file (xz), not text", _UNPACK),
    (b"7z\xbc\xaf", "is a compressed file (7z), not text", _UNPACK),
    (b"%PDF", "is a PDF document, not an export", SAVE),
    (b"{\\rtf", "is a text document (RTF), not an export", SAVE),
)
_IN_ZIP = (
    (b"xl/", "is an Excel workbook (.xlsx), not text", _OPEN),
    (b"opendocument.spreadsheet", "is an OpenDocument spreadsheet (.ods), not text", _OPEN),
    (b"word/", "is a Word document (.docx), not an export", SAVE),
)
_BEFORE = r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
_WEB_PAGE = re.compile(_BEFORE + r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]])")
_ENDS = 65_536

_UTF_8_AS_1252 = re.compile("Ã[¥¤¶…„\u2013©\x85\x84\x96]")
_850_AS_1252 = re.compile("(?<=[A-Za-z])[†„”](?=[a-z])")
_LINE_END = re.compile(r"\r\n|\r|\n")


def refuse_other_formats(content: bytes, file: str) -> None:
    """Raises InputRefused for what is neither delimited text nor XML, and for a web page; it says what it is."""
    found = _other_format(content)
    if found is not None:
        raise InputRefused([Fault(file, None, *found)])


def _other_format(content: bytes) -> tuple[str, str] | None:
    if content.startswith(b"PK\x03\x04"):
        ends = content[:_ENDS] + content[-_ENDS:]
        return next(((what, do) for mark, what, do in _IN_ZIP if mark in ends), _FORMATS[0][1:])
    for mark, what, do in _FORMATS:
        if content.startswith(mark):
            return what, do
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    head = content[:2000].removeprefix(codecs.BOM_UTF8).decode("utf-16" if wide else "latin-1", "replace")
    if _WEB_PAGE.match(head):
        advice = "Log in and export the file again: the session had probably ended."
        return "is a web page, not an export", advice
    return ("is JSON, not CSV", SAVE) if _JSON.match(head) else None


def decoded(content: bytes, file: str) -> str:
    """The text of a CSV file without its byte order mark. Raises InputRefused: another format, or an encoding that is not
    UTF-8, UTF-16 with its mark or Windows-1252."""
    refuse_other_formats(content, file)
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text, encoding, line = _attempt(content, "utf-16" if marked else "utf-8-sig")
    if text is None and not marked and not content.startswith(codecs.BOM_UTF8):
        text, encoding, line = _attempt(content, "cp1252")
    if text is None:
        raise InputRefused([Fault(file, line, f"bytes that are not {_ENCODING_NAMES[encoding]} text", SAVE)])
    if text.startswith("\ufeff"):
        advice = f"Delete the first character of the file. {SAVE}"
        raise InputRefused([Fault(file, 1, "has the mark of its encoding (byte order mark) twice", advice)])
    if "\0" in text:
        _refuse_nul(content, text, file)
    refuse_garbled(text, file, mixed=encoding == "cp1252")
    return text


_ENCODING_NAMES = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "UTF-8 or Windows-1252"}


def line_at(before: str) -> int:
    """The line that begins after so much text."""
    return len(_LINE_END.findall(before)) + 1


def _attempt(content: bytes, encoding: str) -> tuple[str | None, str, int | None]:
    """The text; or None with the line of the first byte that is not text, where that can be counted."""
    try:
        return content.decode(encoding), encoding, None
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("latin-1")  # of the object: it has no byte order mark
        return None, encoding, None if encoding == "utf-16" else line_at(before)


def _refuse_nul(content: bytes, text: str, file: str) -> None:
    head = content[:200]
    if 5 * max(head[::2].count(0), head[1::2].count(0)) >= 2 * len(head):  # nearly every other byte
        what, line = "is UTF-16 text without the mark that says so", None
    else:
        what, line = "holds a character that is no text (code 0): damaged, or not a text file", line_at(text[: text.index("\0")])
    raise InputRefused([Fault(file, line, what, SAVE)])


def refuse_garbled(text: str, file: str, mixed: bool) -> None:
    """Raises InputRefused where å, ä or ö was garbled on the way, or lost. ``mixed``: the text is read as Windows-1252."""
    if mixed and (found := _850_in(text)):
        what, do = "has å, ä or ö in the encoding of DOS programs (code page 850)", SAVE
    elif "Ã" in text and (found := _UTF_8_AS_1252.search(text)):
        what = "has å, ä or ö in UTF-8 and other letters in Windows-1252" if mixed else f"says {shown(found[0])} for å, ä or ö"
        garbled = "It was garbled before this file was made: export it again from the payroll system, as CSV UTF-8."
        do = "Export it again in one encoding, as CSV UTF-8; two exports were perhaps pasted together." if mixed else garbled
    elif (place := text.find("\ufffd")) >= 0:
        advice = "Export it again from the payroll system, as CSV UTF-8."
        raise InputRefused([Fault(file, line_at(text[:place]), "says \ufffd for a letter that was lost on the way", advice)])
    else:
        return
    raise InputRefused([Fault(file, line_at(text[: found.start()]), what, do)])


def _850_in(text: str) -> re.Match[str] | None:
    # Whoever writes å, ä and ö rightly elsewhere may well put ” before a letter.
    if any(mark in text for mark in "†„”") and not any(letter in text for letter in "åäöÅÄÖ"):
        return _850_AS_1252.search(text)
    return None
