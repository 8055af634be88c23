"""PAXml in: what is read from good files in many guises, and what a clerk is told about bad ones."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import FAULTS_LISTED, Fault, InputRefused
from ledger.imports import paxml, paxml_scope, paxml_xml
from ledger.imports.paxml import Correction, Spoken
from ledger.imports.paxml_codes import AGREED, CAUSE_OF, OTHERS
from ledger.periods import Period
from ledger.terms import AbsenceCodes

GOOD = sorted((Path(__file__).parents[2] / "fixtures" / "imports" / "good").glob("*.[xp][ma][lx]"))
Row = tuple[int, str, str, int, int, int, int]


def read(content: str | bytes, codes: AbsenceCodes | None = None) -> Spoken:
    data = content.encode() if isinstance(content, str) else content
    return paxml.spoken(paxml_xml.document(data, "f.xml"), codes)


def rows(content: str | bytes, codes: AbsenceCodes | None = None) -> list[Row]:
    found = read(content, codes).rows
    columns = (found.line, found.employee, found.workplace, found.first_day, found.last_day, found.extent, found.cause)
    return list(zip(*columns, strict=True))


def faults_of(content: str | bytes, codes: AbsenceCodes | None = None) -> list[Fault]:
    with pytest.raises(InputRefused) as refused:
        read(content, codes)
    return list(refused.value.faults)


UNIT = '<resenheter><resenhet dim="1" id="W"/></resenheter>'


def file(*transactions: str, head: str = "", tail: str = "", version: str = "2.0") -> str:
    """A file whose first transaction stands in line 4."""
    lines = [f"<paxml><header><version>{version}</version></header>", head, "<tidtransaktioner>"]
    return "\n".join([*lines, *transactions, "</tidtransaktioner>", tail, "</paxml>"])


def sick(when: str, code: str = "SJK", who: str = "7", unit: str = UNIT) -> str:
    return f'<tidtrans anstid="{who}"><tidkod>{code}</tidkod>{when}{unit}</tidtrans>'


def day(date: str, more: str = "") -> str:
    return f"<datum>{date}</datum>{more}"


def span(first: str, last: str, more: str = "") -> str:
    return f"<datumfrom>{first}</datumfrom><datumtom>{last}</datumtom>{more}"


def times(first: str, last: str) -> str:
    return f"<starttid>{first}</starttid><sluttid>{last}</sluttid>"


def scheduled(*days: str, who: str = "7") -> str:
    return f'<schematransaktioner><schema anstid="{who}">{"".join(days)}</schema></schematransaktioner>'


EIGHT = scheduled('<dag datum="2019-09-16" timmar="8"/>')

# ── Good files ───────────────────────────────────────────────────────────────────────────────────────────────────────

ONE = file(sick(day("2019-09-16"), code="SJK_LÖN"))
ONE_ROW = [(4, "7", "W", 20190916, 20190916, 100, 0)]
DECLARED = '<?xml version="1.0" encoding="{}"?>'


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(ONE.encode(), id="no declaration"),
        pytest.param(b'<?xml version="1.0"?>' + ONE.encode(), id="no encoding declared"),
        pytest.param((DECLARED.format("utf-8") + ONE).encode(), id="utf-8"),
        pytest.param((DECLARED.format("UTF-8") + ONE).encode("utf-8-sig"), id="utf-8 with mark"),
        pytest.param(ONE.encode("utf-8-sig"), id="mark, no declaration"),
        pytest.param((DECLARED.format("iso-8859-1") + ONE).encode("latin-1"), id="iso-8859-1"),
        pytest.param((DECLARED.format("windows-1252") + ONE).encode("cp1252"), id="windows-1252"),
        pytest.param((DECLARED.format("utf-16") + ONE).encode("utf-16"), id="utf-16"),
        pytest.param((DECLARED.format("utf-8") + ONE).encode("utf-16"), id="utf-16 by its mark, whatever it declares"),
        pytest.param(ONE.replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param(ONE.replace("Ö", "O\u0308").encode(), id="Ö taken apart"),
        pytest.param(ONE.replace("SJK_LÖN", " sjk_lön ").encode(), id="small letters"),
        pytest.param(ONE.replace("<paxml>", '<paxml xmlns="http://www.paxml.se/2.2/">').encode(), id="a namespace"),
        pytest.param(ONE.replace("</", "</p:").replace("<t", "<p:t").replace("<d", "<p:d").replace("<r", "<p:r")
                     .replace("<h", "<p:h").replace("<v", "<p:v").replace("<paxml", '<p:paxml xmlns:p="x"').encode(),
                     id="prefixes"),
        pytest.param(ONE.replace("2.0", "2.3").encode(), id="2.3"),
        pytest.param(ONE.replace("</tidkod>", "</tidkod><kommentar>ring &amp; fråga</kommentar><okänt><datum>1</datum></okänt>")
                     .encode(), id="unknown elements"),
        pytest.param(ONE.replace("</tidkod>", "</tidkod><barn>201701012380</barn><info>811218-9876</info>").encode(), id="child"),
        pytest.param(ONE.replace("2019-09-16", "<![CDATA[2019-09-16]]>").encode(), id="cdata"),
        pytest.param(ONE.replace("2019-09-16", " 2019-09-16+02:00\n").replace("\n</", "</").encode(), id="a zone"),
        pytest.param(file(sick(span("2019-09-16", "2019-09-16"))).encode(), id="from-to"),
        pytest.param(file(sick(day("2019-09-16", "<omfattning>100,00</omfattning>"))).encode(), id="extent"),
        pytest.param(file(sick(day("2019-09-16", "<timmar>8</timmar>")), tail=EIGHT).encode(), id="hours"),
        pytest.param(file(sick(times("2019-09-16T08:00:00", "2019-09-16T16:00:00+02:00")), tail=EIGHT).encode(), id="times"),
        pytest.param(file(sick(times("2019-09-16T00:00:00", "2019-09-17T00:00:00"))).encode(), id="midnight to midnight"),
    ],
)  # fmt: skip
def test_one_day_in_many_guises(content: bytes) -> None:
    assert rows(content) == ONE_ROW


def test_the_parts_stand_in_any_order() -> None:
    content = file(sick(day("2019-09-16", "<timmar>4</timmar>")), tail=EIGHT)
    start, end = content.index("<tidtrans"), content.index("<schematrans")
    turned = f"<paxml>{EIGHT}{content[start:end]}<header><version>2.0</version></header></paxml>"
    assert [row[1:] for row in rows(turned)] == [("7", "W", 20190916, 20190916, 50, 0)]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_good_samples_are_read(path: Path) -> None:
    codes = AbsenceCodes(FR3="covid", workplace_dimension=1)
    assert rows(path.read_bytes(), codes)


def test_there_are_good_samples() -> None:
    assert {path.suffix for path in GOOD} == {".xml", ".pax"}


def test_lines_are_exact_beyond_65535() -> None:
    content = file(sick(day("2019-09-16")), *[""] * 70_000, sick("", who="8"))
    assert [fault.line for fault in faults_of(content)] == [70_005]


# ── How much ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("hours", "schedule", "extent"),
    [
        ("4", "8", 50),
        ("4,0", "8.0", 50),
        ("6.01666666666667", "8", 75),
        ("2,7", "8", 34),
        ("0.01", "8", 1),
        ("9.5", "8", 100),
        (".5", "1", 50),
        ("0.36", "8", 5),  # 4.5 exactly, away from zero
        ("1.2375", "7.5", 17),  # 16.5 exactly
    ],
)
def test_hours_are_a_share_of_the_hours_scheduled(hours: str, schedule: str, extent: int) -> None:
    tail = scheduled(f'<dag datum="2019-09-16" timmar="{schedule}"/>')
    assert rows(file(sick(day("2019-09-16", f"<timmar>{hours}</timmar>")), tail=tail))[0][5] == extent


def test_a_day_scheduled_twice_and_over_midnight() -> None:
    shifts = (
        '<dag datum="2019-09-16" starttid="08:00:00" sluttid="12:00"/><dag datum="2019-09-16" starttid="22:00" sluttid="02:00"/>'
    )
    assert rows(file(sick(day("2019-09-16", "<timmar>2</timmar>")), tail=scheduled(shifts)))[0][5] == 25


def test_no_hours_say_nothing() -> None:
    found = read(file(sick(day("2019-09-16", "<timmar>0</timmar>"))))
    assert (len(found.rows), found.without_hours) == (0, 1)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param([day("2019-09-16", "<omfattning>25</omfattning>")] * 2, [(20190916, 20190916, 50)], id="add up"),
        pytest.param([day("2019-09-16", "<omfattning>75</omfattning>")] * 2, [(20190916, 20190916, 100)], id="to 100 at most"),
        pytest.param([day("2019-09-16"), day("2019-09-17")], [(20190916, 20190917, 100)], id="days in a row"),
        pytest.param([day("2019-09-20"), day("2019-09-23")], [(20190920, 20190920, 100), (20190923, 20190923, 100)],
                     id="not over a weekend"),
        pytest.param([day("2019-09-19"), day("2019-09-23")], [(20190919, 20190919, 100), (20190923, 20190923, 100)],
                     id="not over a Friday"),
        pytest.param([span("2019-09-16", "2019-09-20"), day("2019-09-18", "<omfattning>-50</omfattning>")],
                     [(20190916, 20190917, 100), (20190919, 20190920, 100)], id="not where values below zero change the record"),
        pytest.param([day("2019-09-16"), day("2019-09-16", "<omfattning>-100</omfattning>")], [], id="taken back"),
        pytest.param([span("2019-09-16", "2019-09-18", "<omfattning>50</omfattning>"),
                      span("2019-09-18", "2019-09-20", "<omfattning>33.4</omfattning>")],
                     [(20190916, 20190917, 50), (20190918, 20190918, 83), (20190919, 20190920, 33)], id="overlapping"),
        pytest.param([times("2019-09-16T22:00:00", "2019-09-18T06:00:00")], [(20190916, 20190918, 100)], id="whole days"),
        pytest.param([span("2019-09-20", "2019-10-02")], [(20190920, 20191002, 100)], id="over the month's end"),
    ],
)  # fmt: skip
def test_days_unite(said: list[str], expected: list[tuple[int, int, int]]) -> None:
    transactions = [sick(when) for when in said]
    for turned in (transactions, transactions[::-1]):
        assert sorted(row[3:6] for row in rows(file(*turned))) == expected


def test_a_day_with_two_causes_or_workplaces_takes_the_greater_and_is_told() -> None:
    other = UNIT.replace("W", "A")
    part = [
        sick(day("2019-09-16", "<omfattning>30</omfattning>")),
        sick(day("2019-09-16", "<omfattning>60</omfattning>"), code="ASK", unit=other),
        sick(day("2019-09-17", "<omfattning>50</omfattning>"), code="ASK"),
        sick(day("2019-09-17", "<omfattning>50</omfattning>"), unit=other),
    ]
    for turned in (part, part[::-1]):
        found = read(file(*turned)).rows
        assert sorted(zip(found.first_day, found.workplace, found.extent, found.cause, strict=True)) == [
            (20190916, "A", 90, 1),
            (20190917, "A", 100, 0),
        ]
        assert read(file(*turned)).mixed == 2


def test_what_the_file_cannot_take_from_itself_corrects_what_was_said_before() -> None:
    found = read(
        file(sick(day("2019-09-16", "<omfattning>20</omfattning>")), sick(day("2019-09-16", "<timmar>-4</timmar>")), tail=EIGHT)
    )
    assert len(found.rows) == 0
    assert found.corrections == (Correction(5, "7", 20190916, 20190916, 30, 0, found.corrections[0].workplace, False),)
    [one] = read(file(sick(span("2019-08-05", "2019-08-09", "<omfattning>-12,5</omfattning>")))).corrections
    assert one[2:5] == (20190805, 20190809, Fraction(25, 2))


# ── Codes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_codes_of_sick_leave_others_and_agreed_ones() -> None:
    codes = [*CAUSE_OF, *AGREED, "VAB", "SEM_FÖR", "ARB", "JS1", "OS5"]
    content = file(*(sick(day(f"2019-09-{number:02d}"), code=code) for number, code in enumerate(codes, 1)))
    found = read(content, AbsenceCodes(FR3="covid", SMB="work-injury"))
    assert len(found.rows) < len(CAUSE_OF) + 2  # days in a row are one spell
    assert sorted(set(found.rows.cause)) == [0, 1, 2]
    assert found.unmapped == dict.fromkeys(sorted(set(AGREED) - {"FR3", "SMB"}), 1)
    assert found.left_out == {"VAB": 1, "SEM_FÖR": 1, "ARB": 1, "JS1": 1, "OS5": 1}


def test_what_is_left_out_need_not_read() -> None:
    assert (
        len(
            read(
                file(
                    "<tidtrans><tidkod>VAB</tidkod></tidtrans>", '<tidtrans persnr="198112189876"><tidkod>FR1</tidkod></tidtrans>'
                )
            ).rows
        )
        == 0
    )


def test_every_code_of_the_format_is_known_once() -> None:
    known = [*CAUSE_OF, *AGREED, *OTHERS]
    assert len(known) == len(set(known)) == 6 + 10 + 21 + 8 + 9 + 5 * 5 + 3 * 4 + 3 + 18
    assert {"NÄR", "ÖT5", "ATF", "NV9", "RE3", "HLG", "TID"} <= set(known)


# ── Workplaces ───────────────────────────────────────────────────────────────────────────────────────────────────────


def units(*pairs: tuple[str, str]) -> str:
    held = "".join(f'<resenhet dim="{dim}" id="{unit}"/>' for dim, unit in pairs)
    return f"<resenheter>{held}</resenheter>"


def test_a_workplace_is_called_as_the_file_names_it() -> None:
    named = '<resultatenhet dim="01" id="5" namn="Åsens  skola"/><resultatenhet dim="6" id="5" namn="X"/>'
    head = f"<resultatenheter>{named}</resultatenheter>"
    content = file(
        sick(day("2019-09-16"), unit=units(("1", "5"), ("6", "5"))), sick(day("2019-09-18"), unit=units(("1", "9"))), head=head
    )
    assert [row[2] for row in rows(content, AbsenceCodes(workplace_dimension=1))] == ["Åsens skola", "9"]


UNSAID = "and the terms do not say which is the workplace"
SETTLE = "Say in the terms which dimension is the workplace, as [absence_codes] workplace_dimension = 1 (soc contract amend)."


@pytest.mark.parametrize(
    ("said", "line", "what"),
    [
        ([units(("1", "5")), units(("1", "5"), ("6", "5"))], 5, f"has several units (resenhet), {UNSAID}"),
        ([units(("1", "5")), ""], 5, f"has no unit (resenhet), {UNSAID}"),
        ([units(("1", "5")), units(("6", "5"))], 4,
         f"has a unit (resenhet) of another dimension than others in the file, {UNSAID}"),
    ],
)  # fmt: skip
def test_which_unit_is_the_workplace_must_be_settled(said: list[str], line: int, what: str) -> None:
    assert faults_of(file(*(sick(day("2019-09-16"), unit=unit) for unit in said))) == [Fault("f.xml", line, what, SETTLE)]


@pytest.mark.parametrize(
    ("unit", "what"),
    [
        (units(("6", "5")), "has no unit (resenhet) of dimension 1, which is the workplace"),
        (units(("1", "5"), ("1", "6")), "has two units (resenhet) of dimension 1, which is the workplace"),
        (units(("1", "")), "the workplace '' is empty"),
        (units(("1", "811218-9876")), "the workplace '…' holds a personal number"),
    ],
)
def test_a_workplace_that_is_none(unit: str, what: str) -> None:
    [fault] = faults_of(file(sick(day("2019-09-16"), unit=unit)), AbsenceCodes(workplace_dimension=1))
    assert (fault.line, fault.what) == (4, what)


def test_two_workplaces_of_one_name_are_refused() -> None:
    head = (
        "<resultatenheter>" + "".join(f'<resultatenhet dim="1" id="{unit}" namn="Norr"/>' for unit in "56") + "</resultatenheter>"
    )
    [fault] = faults_of(
        file(sick(day("2019-09-16"), unit=units(("1", "5"))), sick(day("2019-09-16"), unit=units(("1", "6"))), head=head)
    )
    assert (fault.line, fault.what) == (5, "<resultatenheter> calls the units '5' and '6' both 'Norr'")


# ── Bad transactions ─────────────────────────────────────────────────────────────────────────────────────────────────

BAD = [
    (f'<tidtrans persnr="198112189876"><tidkod>SJK</tidkod><datum>2019-09-16</datum>{UNIT}</tidtrans>',
     "names its employee by persnr only: anstid is missing"),
    (f"<tidtrans><tidkod>SJK</tidkod><datum>2019-09-16</datum>{UNIT}</tidtrans>", "names no employee: anstid is missing"),
    (sick(day("2019-09-16"), who=" "), "names no employee: anstid is missing"),
    (sick(day("2019-09-16"), who="811218-9876"), "anstid '…' looks like a personal identity number"),
    (sick(day("2019-09-16"), who="1,5E+11"), "anstid '1,5E+11' is a number that a spreadsheet has shortened"),
    (sick(day("2019-09-16"), code="SJUK"), "tidkod 'SJUK' is no code of PAXml"),
    (sick(day("2019-09-16"), code=""), "has no <tidkod>"),
    (sick(day("2019-02-30")), "datum '2019-02-30' is no day in the calendar"),
    (sick(day("16/9")), "datum '16/9' is not a date"),
    (sick(day("1919-09-16")), "datum '1919-09-16' is not in the years 1990 to 2100"),
    (sick(""), "gives none of datum, datumfrom with datumtom, starttid with sluttid"),
    (sick(day("2019-09-16") + span("2019-09-16", "2019-09-17")),
     "gives more than one of datum, datumfrom with datumtom, starttid with sluttid"),
    (sick("<datumfrom>2019-09-16</datumfrom>"), "gives datumfrom without datumtom"),
    (sick("<sluttid>2019-09-16T08:00:00</sluttid>"), "gives sluttid without starttid"),
    (sick(day("2019-09-16") * 2), "has <datum> twice in one time transaction"),
    (sick(span("2019-09-17", "2019-09-16")), "datumtom '2019-09-16' is before datumfrom '2019-09-17'"),
    (sick(span("2019-09-16", "2019-09-17", "<timmar>8</timmar>")), "gives timmar over a range of days"),
    (sick(day("2019-09-16", "<timmar>8</timmar><omfattning>50</omfattning>")), "gives both timmar and omfattning"),
    (sick(day("2019-09-16", "<timmar>8</timmar>")), "gives hours, and the file schedules none for that employee and day"),
    (sick(day("2019-09-16", "<timmar>8h</timmar>")), "timmar '8h' is no decimal number"),
    (sick(day("2019-09-16", "<timmar/>")), "timmar is empty"),
    (sick(day("2019-09-16", "<omfattning>0</omfattning>")), "omfattning '0' is no per cent above 0 and up to 100"),
    (sick(day("2019-09-16", "<omfattning>100.01</omfattning>")), "omfattning '100.01' is no per cent above 0 and up to 100"),
    (sick(times("2019-09-16T08:00:00", "2019-09-16T08:00:00")), "sluttid is not after starttid"),
    (sick(times("2019-09-16T08:00:00", "2019-09-16T25:00:00")), "sluttid '2019-09-16T25:00:00' is no time of day"),
    (sick(times("kl 8", "kl 9")), "starttid 'kl 8' is no date and time"),
    (sick(times("2019-09-16T08:00:00", "2019-09-16T16:00:00")),
     "gives hours, and the file schedules none for that employee and day"),
    (sick(times("2019-09-16T08:00:00", "2019-09-16T16:00:00") + "<timmar>8</timmar>"),
     "gives timmar beside starttid and sluttid, which say how long already"),
]  # fmt: skip


@pytest.mark.parametrize(("transaction", "what"), BAD)
def test_a_bad_transaction_is_refused_with_its_line(transaction: str, what: str) -> None:
    [fault] = faults_of(file(sick(day("2019-09-02"), who="1"), transaction))
    assert (fault.line, fault.what) == (5, what)
    assert fault.do
    assert "8112189876" not in str(fault)
    assert "811218-9876" not in str(fault)


def test_a_schedule_that_does_not_read_is_named() -> None:
    tail = scheduled('<dag datum="2019-09-16" timmar="åtta"/>')
    [fault] = faults_of(file(sick(day("2019-09-16", "<timmar>8</timmar>")), tail=tail))
    assert (fault.line, fault.what) == (4, "rests on the schedule in line 6: timmar 'åtta' is no decimal number")


def test_all_faults_are_listed_in_order_and_long_lists_end_with_how_many_more() -> None:
    many = [sick(day("x")), sick(day("2019-09-16"), code="?")] * (FAULTS_LISTED // 2) + [sick("")] * 3
    faults = faults_of(file(*many))
    assert [fault.line for fault in faults[:3]] == [4, 5, 6]
    assert faults[-1].what == "3 more faults are not listed"


# ── Bad files ────────────────────────────────────────────────────────────────────────────────────────────────────────

BOMB = '<!DOCTYPE paxml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
HOSTILE = {
    "billion laughs": (ONE.replace("<paxml>", f"{BOMB}<paxml>").replace(">7<", ">&b;<"), "declares a document type"),
    "quadratic blowup": (f'<!DOCTYPE paxml [<!ENTITY a "{"a" * 100_000}">]>{ONE}', "declares a document type"),
    "external entity": (f'<!DOCTYPE paxml [<!ENTITY x SYSTEM "file:///etc/passwd">]>{ONE}', "declares a document type"),
    "parameter entity": (f'<!DOCTYPE paxml [<!ENTITY % x SYSTEM "http://x/">%x;]>{ONE}', "declares a document type"),
    "external subset": (f'<!DOCTYPE paxml SYSTEM "http://x/paxml.dtd">{ONE}', "declares a document type"),
    "undefined entity": (ONE.replace("2019-09-16", "&x;"), "holds a name in place of a character"),
    "deep nesting": (f"<paxml>{'<a>' * 200_000}", "elements nested more than 32 deep"),
    "deep nesting in a value": (ONE.replace("2019-09-16", "<a>" * 100_000), "elements nested more than 32 deep"),
    "a huge attribute": (ONE.replace('"7"', f'"{"7" * 10_000_000}"'), "an attribute of more than 1000 characters"),
    "a huge text": (ONE.replace("2019-09-16", "2" * 10_000_000), "a value of more than 1000 characters in <datum>"),
    "cut off": (ONE[:-30], "ends too early"),
    "not PAXml": ("<data/>", "is XML, but not PAXml: it begins with <data>"),
    "a web page": ("<!-- x -->\n<HTML/>", "is a web page, not an export"),
    "two files": (ONE + ONE, "goes on after </paxml>: two files in one?"),
    "crossed": (ONE.replace("</paxml>", "</pax>"), "has elements that do not end in the order in which they began"),
    "a bare &": (ONE.replace("2019-09-16", "&"), "is not well-formed XML here: a bare & or <"),
    "letters garbled": (ONE.replace("2019-09-16", "FÃ¶r"), "says 'Ã¶' for å, ä or ö"),
    "nothing below": ("<paxml/>", "has no <version> in its <header>"),
    "version 1": (ONE.replace("2.0", "1.0"), "is PAXml version '1.0'"),
    "version 3": (ONE.replace("2.0", "3.0"), "is PAXml version '3.0'"),
    "no version": (ONE.replace("<version>2.0</version>", ""), "has no <version> in its <header>"),
    "no time transactions": ("<paxml><header><version>2.0</version></header></paxml>", "has no <tidtransaktioner>"),
    "a NUL": (ONE.replace("2019", "\0"), "holds a character that is no text (code 0)"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_and_broken_files_are_refused(case: str) -> None:
    content, what = HOSTILE[case]
    faults = faults_of(content)
    assert what in faults[0].what
    assert len(str(faults)) < 1000
    assert faults[0].do


ENCODED: list[tuple[bytes, int | None, str]] = [
    (ONE.encode("latin-1"), 4, "declares no encoding, and so says UTF-8, but holds bytes that are not UTF-8 text"),
    ((DECLARED.format("utf-8") + ONE).encode("cp1252"), 4, "declares UTF-8, but holds bytes that are not UTF-8 text"),
    ((DECLARED.format("iso-8859-1") + ONE).encode(), 4, "declares ISO-8859-1, but is written in UTF-8"),
    ((DECLARED.format("us-ascii") + ONE).encode(), 4, "declares US-ASCII, but holds bytes that are not US-ASCII text"),
    ((DECLARED.format("ebcdic") + ONE).encode(), 1, "declares the encoding 'ebcdic', which is not read as such"),
    ((DECLARED.format("utf-16") + ONE).encode(), 1, "declares the encoding 'utf-16', which is not read as such"),
    ((DECLARED.format("rot13") + ONE).encode(), 1, "declares the encoding 'rot13', which is not read as such"),
    (ONE.encode("utf-16")[:-1], None, "declares UTF-16, but holds bytes that are not UTF-16 text"),
]


@pytest.mark.parametrize(("content", "line", "what"), ENCODED)
def test_an_encoding_declared_wrongly_is_refused_with_the_line(content: bytes, line: int | None, what: str) -> None:
    [fault] = faults_of(content)
    assert (fault.line, fault.what) == (line, what)
    assert fault.do


# ── What a file is complete for ──────────────────────────────────────────────────────────────────────────────────────


def complete(content: str, said: str | None = None, period: str | None = None) -> tuple[str | None, list[str]]:
    wanted = [Period.parse(text) if text else None for text in (said, period)]
    found, notes = paxml_scope.complete_for(paxml_xml.document(content.encode(), "f.xml"), *wanted)
    return str(found) if found else None, notes


KLAR = '<klar datumfrom="{}" datumtom="{}"/>'
SEPTEMBER = KLAR.format("2019-09-01", "2019-09-30")
OCTOBER = KLAR.format("2019-10-01", "2019-10-31")
UNCLEAR = "finding: its <klar> gives no whole months, so it does not say for which months the file is complete"


@pytest.mark.parametrize(
    ("marks", "found", "notes"),
    [
        ([], None, []),
        ([SEPTEMBER], "2019-09", []),
        ([SEPTEMBER.replace("klar", "klart")], "2019-09", []),
        ([OCTOBER, SEPTEMBER], "2019-09..2019-10", []),
        ([KLAR.format("2019-09-01", "2019-09-15"), KLAR.format("2019-09-16", "2019-09-30")], "2019-09", []),
        ([KLAR.format("2019-09-02", "2019-09-30")], None, [UNCLEAR]),
        ([KLAR.format("2019-08-01", "2019-08-31"), OCTOBER], None, [UNCLEAR]),
        (['<klar datum="2019-10-01"/>'], None, [UNCLEAR]),
        ([SEPTEMBER.replace("klar ", 'klar anstid="7" ')], None, []),
    ],
)
def test_klar_says_for_which_months_a_file_is_complete(marks: list[str], found: str | None, notes: list[str]) -> None:
    assert complete(file(*marks)) == (found, notes)


def refused_scope(content: str, said: str | None = None, period: str | None = None) -> str:
    with pytest.raises(InputRefused) as refused:
        complete(content, said, period)
    [fault] = refused.value.faults
    assert fault.do
    return fault.what


def again(first: str, last: str) -> str:
    return file().replace("</version>", f'</version><nyexport datum="2019-10-02" datumfrom="{first}" datumtom="{last}"/>')


def test_the_command_line_and_the_file_must_agree() -> None:
    assert complete(file(SEPTEMBER), "2019-09") == ("2019-09", [])
    assert complete(file(SEPTEMBER), period="2019-09") == ("2019-09", [])
    assert complete(file(), "2019-09") == ("2019-09", [])
    assert complete(file(), period="2019-09") == (None, [])
    assert refused_scope(file(SEPTEMBER), "2019-10") == "says itself that it is complete for 2019-09, but --complete says 2019-10"
    assert (
        refused_scope(file(SEPTEMBER), period="2019-10")
        == "says itself that it is complete for 2019-09, but --period says 2019-10"
    )
    assert refused_scope(file(KLAR.format("2019-09-31", "2019-09-30"))) == "datumfrom '2019-09-31' is no day in the calendar"
    assert refused_scope(file(KLAR.format("2019-09-30", "2019-09-01"))) == "datumtom is before datumfrom"


def test_a_re_export_replaces_whole_months_or_what_the_command_line_says() -> None:
    assert complete(again("2019-09-01", "2019-09-30")) == ("2019-09", [])
    what = "is a re-export (nyexport) whose datumfrom and datumtom make no whole months"
    assert refused_scope(again("2019-09-03", "2019-09-30")) == what
    assert refused_scope(again("", "")) == what
    assert refused_scope(again("2019-09-01", "2019-08-31")) == "datumtom is before datumfrom"
    assert complete(again("2019-09-03", "2019-09-30"), "2019-09") == ("2019-09", [])
    assert complete(again("2019-09-03", "2019-09-30"), period="2019-09") == (None, [])
    mixed = again("2019-09-01", "2019-09-30").replace("<tidtransaktioner>", f"<tidtransaktioner>{OCTOBER}")
    assert refused_scope(mixed) == "its <nyexport> replaces 2019-09, its <klar> is about 2019-10"


# ── Whatever bytes come ──────────────────────────────────────────────────────────────────────────────────────────────


def mutated(content: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 6)):
        at, much = chance.randrange(len(content) + 1), chance.choice([0, 1, 1, 2, 8, 40])
        piece = (
            chance.choice(PIECES) if chance.random() < 0.7 else bytes(chance.randrange(256) for _ in range(chance.randint(0, 4)))
        )
        content = content[:at] + piece + content[at + much :]
    return content


PIECES = [b"", b"<", b"/>", b">", b'"', b"&", b"-", b"0", b"9999", b"\xd6", b"\x00", b"]]>", b"<!--", b"<datum>", b"</tidtrans>",
          b"e9",          b"<?xml?>", b"\xff\xfe", b"tidtrans", b"klar", b"2019-", b",", b"<klar/>", b"\xc3"]  # fmt: skip


def read_all(content: bytes) -> None:
    document = paxml_xml.document(content, "f.xml")
    paxml_scope.complete_for(document, None, None)
    paxml.spoken(document, AbsenceCodes(FR3="covid", workplace_dimension=1))


@settings(max_examples=400, deadline=None)
@given(path=st.sampled_from(GOOD), seed=st.integers(0, 10**9))
def test_any_mutation_gives_rows_or_a_refusal(path: Path, seed: int) -> None:
    _rows_or_refusal(mutated(path.read_bytes(), seed))


@given(content=st.one_of(st.binary(), st.text().map(lambda text: f"<{text}".encode())))
def test_any_bytes_give_rows_or_a_refusal(content: bytes) -> None:
    _rows_or_refusal(content)


def _rows_or_refusal(content: bytes) -> None:
    try:
        read_all(content)
    except InputRefused as refused:
        faults: Any = refused.faults
        assert faults
        assert all(fault.file == "f.xml" and fault.what for fault in faults)
        assert all(fault.line is None or 1 <= fault.line <= len(content) + 1 for fault in faults)
