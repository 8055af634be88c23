"""PAXml's XML, read with expat as a stream: bytes in, the parts that matter for absences out, each with its line.

Names are matched without their namespace, in whatever order the parts stand; what is not known is passed over. A document type
declaration is refused before anything in it is read, so that no entity can be defined; nesting and the length of texts have
limits. Source: PAXml 2.0 (XSD, description) and senders' files.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn
from xml.parsers import expat

from ledger.errors import Fault, Faults, InputRefused
from ledger.imports import fields
from ledger.imports.paxml_codes import AGREED, CAUSE_OF, OTHERS, code_of
from ledger.imports.paxml_encoding import SAVE, decoded

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

    def __post_init__(self) -> None:
        self.faults = Faults(self.file)


def document(content: bytes, file: str) -> Document:
    """The file's parts. Raises InputRefused: no XML, no PAXml 2.x, an encoding or a construct that is not read."""
    text = decoded(content, file)
    found = _Reader(file).read(text)
    if found.version is None:
        found.faults.add(None, "has no <version> in its <header>", _ACCEPTED)
    elif re.fullmatch(r"2\.[0-9]{1,3}(\.[0-9]{1,3})?", found.version[1]) is None:
        what = f"is PAXml version {fields.shown(found.version[1])}"
        found.faults.add(found.version[0], what, _ACCEPTED)
    if not found.has_transactions:
        advice = "Export the time transactions; a month without any has an empty <tidtransaktioner/>."
        found.faults.add(None, "has no <tidtransaktioner>", advice)
    return found


_ACCEPTED = "PAXml 2.0 to 2.3, and any other 2.x, are read: export it as PAXml 2.0, which says <version>2.0</version>."
_DAMAGED = "The file is damaged; export it again."
_CUT_OFF = "ends too early", "The file is cut off; export it again."
_UNREADABLE = {
    "no element found": _CUT_OFF,
    "unclosed token": _CUT_OFF,
    "unclosed CDATA section": _CUT_OFF,
    "undefined entity": (
        "holds a name in place of a character, as &aring;, which the file does not explain",
        "Export it again with the character itself.",
    ),
    "mismatched tag": ("has elements that do not end in the order in which they began", _DAMAGED),
    "duplicate attribute": ("gives an attribute twice", _DAMAGED),
    "reference to invalid character number": ("holds a control character", "Take the character away where it was typed in."),
    "not well-formed (invalid token)": (
        "is not well-formed XML here: a bare & or <, or a control character",
        "Take it away where it was typed in, and export the file again.",
    ),
}
"""Words of expat → what is wrong and what to do."""


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
        self.root = ""
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
            raise InputRefused([Fault(self.file, error.lineno, *self._unreadable(error, text))]) from None
        except UnicodeEncodeError:
            raise InputRefused([Fault(self.file, None, "holds characters that are no text", SAVE)]) from None
        return self.found

    def _refuse(self, what: str, do: str) -> NoReturn:
        raise InputRefused([Fault(self.file, self.parser.CurrentLineNumber, what, do)])

    def _unreadable(self, error: expat.ExpatError, text: str) -> tuple[str, str]:
        """What is wrong and what to do, for an error of expat."""
        said = expat.ErrorString(error.code) or ""
        if said == "junk after document element":
            return f"goes on after </{self.root}>: two files in one?", "Import each file by itself, as it was exported."
        if "\0" in text:
            return "holds a character that is no text (code 0)", _DAMAGED
        return _UNREADABLE.get(said, ("is not well-formed XML", _DAMAGED))

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
        if depth == 1:
            self.root = local
            if local.lower() != "paxml":
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
            self.found.faults.add(self.line, what, "Export one time transaction for each.")
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
            what = f"tidkod {fields.shown(code)} is no code of PAXml" if code else "has no <tidkod>"
            advice = "Export PAXml's own codes, as SJK; a code of your own is agreed as FR1 to FR9."
            self.found.faults.add(self.line, what, advice)
