"""PAXml's XML, read with expat as a stream: bytes in, the parts that matter for absences out, each with its line.

Names are matched without their namespace, in whatever order the parts stand; what is not known is passed over. A document type
declaration is refused before anything in it is read, so that no entity can be defined; nesting and the length of texts have
limits. Source: PAXml 2.0 (XSD, description) and senders' files.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn
from xml.parsers import expat

from ledger.errors import Fault
from ledger.imports import tables
from ledger.imports.paxml_codes import AGREED, CAUSE_OF, OTHERS, code_of

DEEPEST = 32
"""So deep may elements be nested; PAXml needs six levels."""

LONGEST = 1000
"""So many characters may a value have that is read."""

TEXTS = frozenset({"tidkod", "datum", "datumfrom", "datumtom", "starttid", "sluttid", "timmar", "omfattning"})
"""The parts of a time transaction that are read; ``barn``, ``info``, ``kommentar`` and others are not."""


class Transaction(NamedTuple):
    """One ``tidtrans`` of a code that may be sick leave, its values as they are written. ``employee`` is ``anstid``, None where
    there is none, and ``personal`` whether there is a ``persnr``; ``units`` are dimension and id of each ``resenhet``."""

    line: int
    employee: str | None
    personal: bool
    code: str
    texts: dict[str, str]
    units: list[tuple[str, str]]


class Mark(NamedTuple):
    """A ``klar`` or ``nyexport``: its attributes as they are written."""

    line: int
    values: dict[str, str]


@dataclass
class Document:
    """A PAXml file. ``schedules``: employee → date as written → the day's ``dag`` entries. ``names``: dimension and id of a
    unit → its name. ``done``: its ``klar``. ``left_out``: how many transactions have a code that is no sick leave."""

    file: str
    version: tuple[int, str] | None = None
    transactions: list[Transaction] = field(default_factory=list)
    schedules: dict[str, dict[str, list[Mark]]] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    done: list[Mark] = field(default_factory=list)
    exported_again: Mark | None = None
    has_transactions: bool = False
    left_out: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)


def document(content: bytes, file: str) -> Document:
    """The file's parts. Raises InputRefused: no XML, no PAXml 2.x, an encoding or a construct that is not read."""
    text = decoded(content, file)
    found = _Reader(file).read(text)
    if found.version is None:
        found.faults.append(Fault(file, None, "has no <version> in its <header>", _ACCEPTED))
    elif re.fullmatch(r"2\.[0-9]{1,3}(\.[0-9]{1,3})?", found.version[1]) is None:
        what = f"is PAXml version {tables.shown(found.version[1])}"
        found.faults.append(Fault(file, found.version[0], what, _ACCEPTED))
    if not found.has_transactions:
        advice = "Export the time transactions; a month without any has an empty <tidtransaktioner/>."
        found.faults.append(Fault(file, None, "has no <tidtransaktioner>", advice))
    return found


_ACCEPTED = "PAXml 2.0 to 2.3, and any other 2.x, are read: export it as PAXml 2.0, which says <version>2.0</version>."
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
_LINE_END = re.compile(r"\r\n|\r|\n")
_SAVE = "Export it again; UTF-8, UTF-16, ISO-8859-1 and Windows-1252 are read where the first line declares them."


def decoded(content: bytes, file: str) -> str:
    """The file's text as its byte order mark or its declaration says, UTF-8 without either. Raises InputRefused where they say
    otherwise than the bytes, with the line."""
    marked = _marked(content)
    said = _DECLARATION.search(content[:1000].decode("latin-1"))
    name = (said[1].lower() if said else "utf-8") if marked is None else marked
    name = _ALIASES.get(name, name)
    if name not in _ENCODINGS or (name == "utf-16" and marked is None):
        tables.refuse([Fault(file, 1, f"declares the encoding {tables.shown(name)}, which is not read as such", _SAVE)])
    shown, codec = _ENCODINGS[name]
    try:
        text = content.decode("utf-8-sig" if marked == "utf-8" else codec)
    except UnicodeDecodeError as error:
        line = None if name == "utf-16" else _line_at(content[: error.start].decode("latin-1"))
        declared = "declares" if said or marked else "declares no encoding, and so says"
        tables.refuse([Fault(file, line, f"{declared} {shown}, but holds bytes that are not {shown} text", _SAVE)])
    if name in ("iso-8859-1", "iso-8859-15", "windows-1252") and not content.isascii():
        _refuse_if_utf_8(content, shown, file)
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
    tables.refuse([Fault(file, _line_at(text[:first]), f"declares {shown}, but is written in UTF-8", advice)])


def _line_at(before: str) -> int:
    return len(_LINE_END.findall(before)) + 1


def _dimension(attributes: dict[str, str]) -> str:
    """``1`` for ``01``."""
    return attributes.get("dim", "").strip().lstrip("0")


class _Locals(dict[str, str]):
    """Element names without their namespace."""

    def __missing__(self, name: str) -> str:
        local = self[name] = name.rpartition(":")[2]
        return local


class _Codes(dict[str, str]):
    """Codes as written → as listed."""

    def __missing__(self, text: str) -> str:
        code = self[text] = code_of(text)
        return code


class _Reader:
    """One pass over the text. What is read stands at a depth of its own: part 2, transaction 3, its values 4, units 5."""

    def __init__(self, file: str) -> None:
        self.found = Document(file)
        self.file = file
        self.depth = 0
        self.part = ""
        self.locals, self.codes = _Locals(), _Codes()
        self.line = 0
        self.attributes: dict[str, str] | None = None  # of the time transaction that is being read
        self.texts: dict[str, str] = {}
        self.units: list[tuple[str, str]] = []
        self.child = ""
        self.days: dict[str, list[Mark]] | None = None  # of the schedule that is being read
        self.collects, self.collects_at = "", 0
        self.pieces: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def read(self, text: str) -> Document:
        """Everything in the file. Raises InputRefused."""
        try:
            self.parser.Parse(text, True)
        except expat.ExpatError as error:
            advice = "The file is damaged or cut off; export it again."
            tables.refuse([Fault(self.file, error.lineno, f"is not well-formed XML: {expat.ErrorString(error.code)}", advice)])
        except UnicodeEncodeError:
            tables.refuse([Fault(self.file, None, "holds characters that are no text", _SAVE)])
        return self.found

    def _refuse(self, what: str, do: str) -> NoReturn:
        tables.refuse([Fault(self.file, self.parser.CurrentLineNumber, what, do)])

    def _doctype(self, *_: object) -> None:
        self._refuse("declares a document type (DOCTYPE), which no PAXml file needs", "Export it again without the declaration.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        depth = self.depth = self.depth + 1
        if attributes and max(map(len, attributes.values())) > LONGEST:
            self._refuse(f"an attribute of more than {LONGEST} characters", "See whether it is the right file.")
        local = self.locals[name]
        if depth == 4 and self.attributes is not None:
            self.child = local
            if local in TEXTS:
                self._collect(local)
        elif depth == 5 and self.attributes is not None:
            if local == "resenhet" and self.child == "resenheter":
                self.units.append((_dimension(attributes), attributes.get("id", "").strip()))
        elif depth == 3 and self.part == "tidtransaktioner":
            self._transaction(local, attributes)
        elif depth < DEEPEST:
            self._elsewhere(depth, local, attributes)
        else:
            self._refuse(f"elements nested more than {DEEPEST} deep", "See whether it is the right file.")

    def _transaction(self, local: str, attributes: dict[str, str]) -> None:
        """What stands in ``tidtransaktioner``."""
        if local == "tidtrans":
            self.line = self.parser.CurrentLineNumber
            self.attributes, self.texts, self.units = attributes, {}, []
        elif local in ("klar", "klart"):
            self.found.done.append(Mark(self.parser.CurrentLineNumber, attributes))

    def _elsewhere(self, depth: int, local: str, attributes: dict[str, str]) -> None:
        """What stands elsewhere."""
        line = self.parser.CurrentLineNumber
        if depth == 1 and local.lower() != "paxml":
            self._refuse(f"is XML, but not PAXml: it begins with <{local[:40]}>", "PAXml begins with <paxml>.")
        elif depth == 2:
            self.part = local
            self.found.has_transactions |= local == "tidtransaktioner"
        elif self.part == "header" and depth == 3:
            if local == "nyexport":
                self.found.exported_again = Mark(line, attributes)
            elif local == "version":
                self.found.version = (line, "")
                self._collect("version")
        elif self.part == "resultatenheter" and depth == 3:
            self._unit(attributes)
        elif self.part == "schematransaktioner" and depth == 3:
            anstid = attributes.get("anstid", "").strip()
            self.days = self.found.schedules.setdefault(anstid, {}) if anstid and local == "schema" else None
        elif self.part == "schematransaktioner" and depth == 4 and local == "dag" and self.days is not None:
            self.days.setdefault(attributes.get("datum", "").strip()[:10], []).append(Mark(line, attributes))

    def _unit(self, attributes: dict[str, str]) -> None:
        unit, name = (attributes.get(key, "").strip() for key in ("id", "namn"))
        if name and attributes.get("delete", "").strip() not in ("true", "1"):
            self.found.names[_dimension(attributes), unit] = name

    def _collect(self, name: str) -> None:
        self.collects, self.collects_at, self.pieces = name, self.depth, []
        self.parser.CharacterDataHandler = self.pieces.append

    def _end(self, name: str) -> None:
        depth = self.depth
        self.depth = depth - 1
        if self.collects:
            if depth == self.collects_at:
                self._collected()
        elif depth == 3 and self.attributes is not None:
            self._close()
        elif depth == 3:
            self.days = None

    def _collected(self) -> None:
        self.parser.CharacterDataHandler = None
        name, self.collects = self.collects, ""
        text = "".join(self.pieces).strip()
        if len(text) > LONGEST:
            self._refuse(f"a value of more than {LONGEST} characters in <{name}>", "See whether it is the right file.")
        if name == "version":
            self.found.version = (self.parser.CurrentLineNumber, text)
        elif name in self.texts:
            what = f"has <{name}> twice in one time transaction"
            self.found.faults.append(Fault(self.file, self.line, what, "Export one time transaction for each."))
        else:
            self.texts[name] = text

    def _close(self) -> None:
        """Keep the transaction if its code may be sick leave, else count it."""
        attributes, self.attributes = self.attributes or {}, None
        code = self.codes[self.texts.get("tidkod", "")]
        if code in CAUSE_OF or code in AGREED:
            anstid, personal = attributes.get("anstid"), "persnr" in attributes
            self.found.transactions.append(Transaction(self.line, anstid, personal, code, self.texts, self.units))
        elif code in OTHERS:
            self.found.left_out[code] += 1
        else:
            what = f"tidkod {tables.shown(code)} is no code of PAXml" if code else "has no <tidkod>"
            advice = "Export PAXml's own codes, as SJK; a code of your own is agreed as FR1 to FR9."
            self.found.faults.append(Fault(self.file, self.line, what, advice))
