"""Changes to a file that keep most of its form, so that they reach what lies behind the reader: fields, lines and tags move, go,
double, or take odd values."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

_PIECES = {"csv": re.compile(rb"([,;\r\n]+)"), "paxml": re.compile(rb'(<[^<>]*>|"[^"]*")')}
_LINES = re.compile(rb"(?<=\n)")
_ALIKE = (
    (
        re.compile(rb"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}"),
        b"2019-09-16 2019-09-19 2019-09-20 2019-09-23 2019-08-31 2019-09-01 2019-09-30 2019-10-01 2020-02-29 2018-01-01".split()
        + b"2020-06-01 2020-06-30".split(),
    ),
    (re.compile(rb"(?<=[>;,\"])-?[0-9]{1,3}(?=[<;,\"])"), b"100 50 1 99 0 25 -50 -100 101 8 4".split()),
    (re.compile(rb"10482|20977|31560|31871"), b"10482 20977 31560 S7001 H7001 new".split()),
    (
        re.compile(rb"SJK[A-Z_]*|ASK|FR1|SEM|sick|work-injury|covid"),
        b"SJK SJK_KAR ASK FR1 SMB SEM sick covid work-injury".split(),
    ),
    (re.compile("Förskolan Ängen|Hemtjänsten Norr|Skolan".encode()), [b"Skolan", "Förskolan Ängen".encode(), b"X"]),
)
_COMMON = b"""
    0 1 -1 50 100 100,00 101 0.5 1e2 99999999999999999999 \xd9\xa1\xd9\xa2 2019-02-29 1990-01-01 2100-12-31
    1989-12-31 2101-01-01 2020-06-02 0001-01-01 20190916 811218-9876 8112189876 811218\xe2\x80\x939876
    19811218\xe2\x80\x919876 1,23E+11 =1+1 @x skolan \xc2\xa0 \xe2\x80\xae \xef\xbb\xbf \x00 \xff \xc3 a\xcc\x88
    \xed\xa0\x80""".split()
_WORDS = b"published estimated employee workplace first_day last_day extent cause month employees series quarter value".split()
_OWN = {
    "csv": [b"", b'"', b'""', b'"a"b', *b", ; \t \r \n \r\n".split(b" "), b"x" * 5000, *b"2019-09 2019Q3 3,41".split(), *_WORDS],
    "paxml": b"""<tidtrans> </tidtrans> <tidtrans/> <klar/> <!DOCTYPE> &amp; &#0; &x; <![CDATA[a]]> <!--a--> <?a?> SCH 2.0 2.9 3.0
        7.5 7,5 6.01666666666667 8 24 25 0.4 0.004 "101" "102" "1" "01" "2" "" <timmar>4</timmar> <timmar>-4</timmar> <dag/>
        <omfattning>50</omfattning> <omfattning>-50</omfattning> <datum>2019-09-17</datum> <datum>2019-09-17T00:00:00Z</datum>
        <datumfrom>2019-08-30</datumfrom> <datumtom>2019-10-02</datumtom> <starttid>2019-09-17T22:00:00</starttid>
        <sluttid>2019-09-18T06:00:00</sluttid> "2019-09-01" "2019-10-31" <resenhet> <nyexport/> <version>2.1</version>
        <schema>""".split(),
}
ENCODINGS = ("utf-8-sig", "utf-16", "latin-1", "cp1252", "cp850", "utf-16-le")


def mutated(form: str, content: bytes, random: Random, other: bytes = b"") -> bytes:
    """The file, changed in one to four ways; ``other`` is a file to take lines from."""
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        content = random.choice(_CHANGES)(form, content, random, other)
    return content


def _alike(form: str, content: bytes, random: Random, other: bytes) -> bytes:
    """A day, number, employee, code or name becomes another one."""
    pattern, values = random.choice(_ALIKE)
    found = list(pattern.finditer(content))
    if not found:
        return content
    match = random.choice(found)
    return content[: match.start()] + random.choice(values) + content[match.end() :]


def _piece(form: str, content: bytes, random: Random, other: bytes) -> bytes:
    """A field, text or tag replaced by an odd value, doubled or dropped."""
    pieces = _PIECES[form].split(content)
    place = random.randrange(len(pieces))
    value = random.choice(_COMMON + _OWN[form])
    pieces[place] = random.choice((value, value, value, pieces[place] * 2, b"", pieces[place] + value))
    return b"".join(pieces)


def _swap(form: str, content: bytes, random: Random, other: bytes) -> bytes:
    """Two fields, texts or tags change places."""
    pieces = _PIECES[form].split(content)
    one, two = random.randrange(len(pieces)), random.randrange(len(pieces))
    pieces[one], pieces[two] = pieces[two], pieces[one]
    return b"".join(pieces)


def _copy(form: str, content: bytes, random: Random, other: bytes) -> bytes:
    """A field, text or tag takes what stands in another."""
    pieces = _PIECES[form].split(content)
    pieces[random.randrange(len(pieces))] = random.choice(pieces)
    return b"".join(pieces)


def _lines(form: str, content: bytes, random: Random, other: bytes) -> bytes:
    """A line goes, doubles, moves, or comes from the other file."""
    lines = _LINES.split(content)
    place = random.randrange(len(lines))
    lines[place] = random.choice((b"", lines[place] * 2, random.choice(lines), random.choice(_LINES.split(other))))
    return b"".join(lines)


def _added(form: str, content: bytes, random: Random, other: bytes) -> bytes:
    """A line again, with something else in it."""
    lines = _LINES.split(content)
    place = random.randrange(len(lines))
    lines.insert(place + 1, _alike(form, _alike(form, lines[place], random, other), random, other))
    return b"".join(lines)


def _cut(form: str, content: bytes, random: Random, other: bytes) -> bytes:
    """The file ends early, or goes on with the other one."""
    place = random.randrange(len(content) + 1)
    return content[:place] + (other[random.randrange(len(other) + 1) :] if random.random() < 0.5 else b"")


def _byte(form: str, content: bytes, random: Random, other: bytes) -> bytes:
    """A byte changes."""
    place = random.randrange(len(content) + 1)
    return content[:place] + bytes([random.randrange(256)]) + content[place + 1 :]


def _encoded(form: str, content: bytes, random: Random, other: bytes) -> bytes:
    """The same text in another encoding, whatever it says of itself."""
    return content.decode("utf-8", "replace").encode(random.choice(ENCODINGS), "replace")


_CHANGES: tuple[Callable[[str, bytes, Random, bytes], bytes], ...] = (
    *[_alike] * 6,
    *[_added] * 4,
    *[_piece] * 3,
    *[_copy] * 2,
    *[_lines] * 2,
    _swap,
    _cut,
    _byte,
    _encoded,
)
