"""Files in: what is read from good ones, and what a clerk is told about bad ones."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.errors import FAULTS_LISTED, Fault, InputRefused
from ledger.imports import absence_csv, indicators_csv, recognise, reimbursements_csv, targets_csv, trend_csv, workforce_csv
from ledger.periods import Month, Quarter

SAMPLES = Path(__file__).parents[2] / "fixtures" / "imports"
READERS: dict[str, Callable[[bytes, str], Any]] = {
    "absences": absence_csv.read,
    "workforce": workforce_csv.read,
    "trend": trend_csv.read,
    "reimbursements": reimbursements_csv.read,
    "indicators": indicators_csv.read,
    "targets": targets_csv.read,
}
ABSENCES = "employee,workplace,first_day,last_day,extent,cause"
WORKFORCE = "month,workplace,employees"
TREND = "series,quarter,value,published_on,status,source"
REIMBURSEMENTS = "month,sick_pay_cost,wage_cost,threshold,reimbursed"
INDICATORS = "indicator,period,value,unit,respondents,note"
TARGETS = "measure,change,stated_on,by,from_period,to_period,source,note"
SPELL = "10482,Norr,2019-09-16,2019-09-19,100,sick"


def faults_of(read: Callable[[bytes, str], Any], content: bytes) -> list[Fault]:
    with pytest.raises(InputRefused) as refused:
        read(content, "f.csv")
    return list(refused.value.faults)


def sample_kind(path: Path) -> str:
    return path.stem.split("-")[0]


# Good files

ONE = absence_csv.AbsenceRows([2], ["10482"], ["Åsö, Ängen"], [20190916], [20190919], [50], [0])
LINE = '10482,"Åsö, Ängen",2019-09-16,2019-09-19,50,sick'


def guise(old: str, new: str) -> bytes:
    """The line written a little differently."""
    assert old in LINE
    return f"{ABSENCES}\n{LINE.replace(old, new)}\n".encode()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"{ABSENCES}\n{LINE}\n".encode(), id="utf-8"),
        pytest.param(f"{ABSENCES}\n{LINE}\n".encode("utf-8-sig"), id="utf-8 with mark"),
        pytest.param(f"{ABSENCES}\n{LINE}\n".encode("cp1252"), id="windows-1252"),
        pytest.param(f"{ABSENCES}\n{LINE}\n".encode("utf-16"), id="utf-16"),
        pytest.param(codecs.BOM_UTF16_BE + f"{ABSENCES}\n{LINE}\n".encode("utf-16-be"), id="utf-16 big end"),
        pytest.param(f"{ABSENCES}\r\n{LINE}\r\n".encode(), id="crlf"),
        pytest.param(f"{ABSENCES}\r{LINE}\r".encode(), id="cr"),
        pytest.param(f"{ABSENCES}\n{LINE}".encode(), id="no last line end"),
        pytest.param(f"{ABSENCES}\n{LINE}\n\n   \n\t\n,,,,,\n".encode(), id="blank lines after"),
        pytest.param(f" Employee ,WORKPLACE,First_Day,last_day,extent,cause\n{LINE}".encode(), id="names"),
        pytest.param(guise("-", ""), id="dates without hyphens"),
        pytest.param(guise(",50,", ",50.0,"), id="decimal point"),
        pytest.param(guise(",50,", ',"50,00",'), id="quoted decimal comma"),
        pytest.param(guise(",", ", "), id="spaces after commas"),
        pytest.param(guise("sick", " Sick "), id="cause in capitals"),
        pytest.param(guise("Ä", "A\u0308"), id="letters taken apart"),
        pytest.param(guise(" Ä", "\u00a0 Ä"), id="odd spaces"),
        pytest.param(
            b"cause;extent;last_day;first_day;workplace;employee\n"
            + "sick;50,0;2019-09-19;2019-09-16;Åsö, Ängen;10482".encode("cp1252"),
            id="semicolons, other order",
        ),
    ],
)
def test_one_spell_in_many_guises(content: bytes) -> None:
    assert absence_csv.read(content, "f.csv") == ONE


def test_a_quoted_line_end_counts_in_the_lines_after_it() -> None:
    content = f'{ABSENCES}\r\n\r\n1,"Norra\r\nskolan",20190916,,100,covid\r\n{SPELL}\r\n'
    rows = absence_csv.read(content.encode(), "f.csv")
    assert rows.line == [3, 5]
    assert rows.workplace == ["Norra skolan", "Norr"]
    assert rows.last_day == [0, 20190919]
    assert rows.cause == [2, 0]


@pytest.mark.parametrize("below", ["", "\n", "\r\n\r\n", "\n,,,,,\n"])
def test_a_nil_report_is_valid(below: str) -> None:
    assert len(absence_csv.read((ABSENCES + below).encode(), "f.csv")) == 0


def test_many_lines_keep_their_order_and_their_numbers() -> None:
    lines = [f"E{number},W{number % 7},2019-09-16,,{number % 101},sick" for number in range(3000)]
    rows = absence_csv.read("\n".join([ABSENCES, *lines]).encode(), "f.csv")
    assert rows.line == list(range(2, 3002))
    assert rows.employee == [f"E{number}" for number in range(3000)]
    assert rows.extent == [number % 101 for number in range(3000)]


@pytest.mark.parametrize("employee", ["10482", "8112189875", "811318-9876", "196802300000", "Å 12", "1E"])
def test_employment_numbers_that_are_no_personal_numbers(employee: str) -> None:
    content = f"{ABSENCES}\n{SPELL.replace('10482', employee)}".encode()
    assert absence_csv.read(content, "f.csv").employee == [employee]


def test_workforce() -> None:
    content = "Month;Employees;Workplace\r\n2019-09;120,00;Ängen\r\n2019-10;0;Ängen\r\n2019-09;7.0;Norr\r\n"
    rows = workforce_csv.read(content.encode("cp1252"), "f.csv")
    assert rows.rows == (
        (2, Month.of(2019, 9), "Ängen", 120),
        (3, Month.of(2019, 10), "Ängen", 0),
        (4, Month.of(2019, 9), "Norr", 7),
    )
    assert len(rows) == 3


@pytest.mark.parametrize(
    ("written", "value"),
    [("3.41", "3.41"), ("3,41", "3.41"), ("3,410", "3.41"), ("30", "30"), ("03.0", "3"), ("0,050", "0.05")],
)
def test_trend(written: str, value: str) -> None:
    source = "Försäkringskassan, table 3"
    content = f"{TREND.replace(',', ';')}\nksju;2019q2;{written};2019-06-30;Published;{source}"
    rows = trend_csv.read(content.encode(), "f.csv")
    assert rows.rows == ((2, "ksju", Quarter.parse("2019Q2"), value, date(2019, 6, 30), "published", source),)
    assert len(rows) == 1


@pytest.mark.parametrize("path", sorted((SAMPLES / "good").glob("*.csv")), ids=lambda path: path.stem)
def test_good_samples_are_recognised_and_read(path: Path) -> None:
    content = path.read_bytes()
    kind = recognise.kind(content, path.name)
    assert kind == sample_kind(path)
    assert len(READERS[kind](content, path.name)) > 0


# Bad files


@pytest.mark.parametrize("path", sorted((SAMPLES / "bad").glob("*.csv")), ids=lambda path: path.stem)
def test_bad_samples_are_refused_with_the_message_beside_them(path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        READERS[sample_kind(path)](path.read_bytes(), path.name)
    first, *faults = str(refused.value).split("\n")
    told = "\n".join([f"{first}, nothing recorded", *faults])  # as soc says it of a write
    assert f"{told}\n" == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_bad_sample_has_its_message_and_every_message_its_sample() -> None:
    bad = SAMPLES / "bad"
    samples = {path.stem for path in bad.iterdir() if path.suffix in (".csv", ".xml", ".pax")}
    assert samples == {path.stem for path in bad.glob("*.txt")} != set()


def spell(**changed: str) -> bytes:
    fields = dict(zip(ABSENCES.split(","), SPELL.split(","), strict=True)) | changed
    return f"{ABSENCES}\n{','.join(fields.values())}\n".encode()


DATES = "Write dates as 2019-03-31 or 20190331."
TEXT = "Export it again as CSV UTF-8."
NUL = "holds a character that is no text (code 0): damaged, or not a text file"
FILL = "Fill it in on every line."
EXTENT = "Write the per cent of full time absent, as 50 or 100; 0 withdraws the spell."
NUMBER = "Export the employment number instead: personal identity numbers must not enter the ledger."
FIRST = f"The first line must name, in any order: {ABSENCES}"

BAD_ABSENCES = [
    # the file
    (b"", None, "the file is empty", FIRST),
    (b"\xef\xbb\xbf", None, "the file is empty", FIRST),
    (b"\r\n \n", None, "the file is empty", FIRST),
    (f"{ABSENCES}\n\n10482,\0,".encode(), 3, NUL, TEXT),
    (ABSENCES.encode("utf-16-le"), None, "is UTF-16 text without the mark that says so", TEXT),
    (f"{ABSENCES}\r\nF".encode() + b"\x8fr", 2, "bytes that are not UTF-8 or Windows-1252 text", TEXT),
    (b"\xef\xbb\xbf" + f"{ABSENCES}\nF".encode() + b"\xf6r", 2, "bytes that are not UTF-8 text", TEXT),
    (codecs.BOM_UTF16_LE + b"e\0m", None, "bytes that are not UTF-16 text", TEXT),
    (f"{ABSENCES}\n1,Förskola\n2,".encode() + b"F\xf6r", 2,
     "has å, ä or ö in UTF-8 and other letters in Windows-1252",
     "Export it again in one encoding, as CSV UTF-8; two exports were perhaps pasted together."),
    (f"{ABSENCES}\n1,Förskola".encode("cp850"), 2, 
     "has å, ä or ö in the encoding of DOS programs (code page 850)", TEXT),
    # the header
    (b"\n" + ABSENCES.replace(",", "\t").encode(), 2, "the columns are separated by tabs",
     "Export it with commas or semicolons."),
    (ABSENCES.replace(",cause", "").encode(), 1, "missing column: cause", FIRST),
    (f"{ABSENCES},extent".encode(), 1, "doubled column: extent", FIRST),
    (f"{ABSENCES},name".encode(), 1, "unknown column: 'name'", FIRST),
    (f"{ABSENCES},".encode(), 1, "unknown column: one without a name", FIRST),
    (f'{ABSENCES},"name'.encode(), 1, "a quotation mark that is never closed", "Close it, or take it away."),
    # a line as a whole
    (f"{ABSENCES}\n{SPELL},\n".encode(), 2, "7 fields where the header names 6 columns",
     "Put a field that itself holds a comma in quotation marks."),
    (f"{ABSENCES.replace(',', ';')}\n{SPELL.replace(',', ';')};;\n".encode(), 2,
     "8 fields where the header names 6 columns",
     "Put a field that itself holds a semicolon in quotation marks."),
    (f"{ABSENCES}\n\n{SPELL[:-5]}".encode(), 3, "5 fields where the header names 6 columns",
     "Complete the line; an empty field keeps its separator."),
    (f"{ABSENCES}\nTotal 1".encode(), 2, "1 field where the header names 6 columns",
     "Complete the line; an empty field keeps its separator."),
    (spell(workplace='"Norra "A""'), 2, "a quoted field goes on after its closing quotation mark",
     'Write quotation marks inside a quoted field twice: "Avdelning ""A""".'),
    (f"{ABSENCES}\n1,{'x' * 200_000}\n".encode(), 2, "a field of more than 131072 characters",
     "Close its quotation mark, or see whether it is the right file."),
    # a field
    (spell(employee=""), 2, "employee is empty", FILL),
    (spell(workplace="\u00a0"), 2, "workplace is empty", FILL),
    (spell(workplace="No\u200brr"), 2, "workplace 'No rr' holds an invisible character (U+200B)",
     "Take the character away."),
    (spell(employee="8112189876"), 2, "employee '…' looks like a personal identity number", NUMBER),
    (spell(employee="811218-9876"), 2, "employee '…' looks like a personal identity number", NUMBER),
    (spell(employee="811218+9876"), 2, "employee '…' looks like a personal identity number", NUMBER),
    (spell(employee=" 198112189876 "), 2, "employee '…' looks like a personal identity number", NUMBER),
    (spell(employee="19811278-9873"), 2, "employee '…' looks like a personal identity number", NUMBER),
    (spell(employee="1.23E+11"), 2, "employee '1.23E+11' is a number that a spreadsheet has shortened",
     "Export it again without opening it in a spreadsheet, or format the column as text."),
    (spell(first_day=""), 2, "first_day is empty", DATES),
    (spell(first_day="2019-9-16"), 2, "first_day '2019-9-16' is not a date", DATES),
    (spell(first_day="2019-0916"), 2, "first_day '2019-0916' is not a date", DATES),
    (spell(first_day="２０１９-09-16"), 2, "first_day '２０１９-09-16' is not a date", DATES),
    (spell(last_day="2019-09-31"), 2, "last_day '2019-09-31' is no day in the calendar", DATES),
    (spell(first_day="1989-12-31"), 2, "first_day '1989-12-31' is not in the years 1990 to 2100",
     "Correct the year."),
    (spell(last_day="2101-01-01"), 2, "last_day '2101-01-01' is not in the years 1990 to 2100",
     "Correct the year."),
    (spell(last_day="2019-09-15"), 2, "last_day 2019-09-15 is before first_day 2019-09-16",
     "Correct one of them; leave last_day empty while the spell is open."),
    (spell(extent=""), 2, "extent is empty", EXTENT),
    (spell(extent="101"), 2, "extent '101' is not a whole number from 0 to 100", EXTENT),
    (spell(extent="-50"), 2, "extent '-50' is not a whole number from 0 to 100", EXTENT),
    (spell(extent="0.5"), 2, "extent '0.5' is not a whole number from 0 to 100", EXTENT),
    (spell(extent="50 %"), 2, "extent '50 %' is not a whole number from 0 to 100", EXTENT),
    (spell(cause=""), 2, "cause is empty", "Write one of: sick, work-injury, covid."),
    (spell(cause="SJK"), 2, "cause 'SJK' is not a known cause", "Write one of: sick, work-injury, covid."),
    (spell(cause="x" * 50), 2, f"cause '{'x' * 39}…' is not a known cause",
     "Write one of: sick, work-injury, covid."),
    (spell(cause="811218-9876"), 2, "cause '…' is not a known cause",
     "Write one of: sick, work-injury, covid."),
    # lines together
    (f"{ABSENCES}\n{SPELL}\n\n {SPELL}".encode(), 4,
     "lines 2 and 4 have the same employee and first_day 2019-09-16", "Keep the one that holds."),
]  # fmt: skip


@pytest.mark.parametrize(("content", "line", "what", "do"), BAD_ABSENCES)
def test_bad_absences(content: bytes, line: int | None, what: str, do: str) -> None:
    assert faults_of(absence_csv.read, content) == [Fault("f.csv", line, what, do)]


HEADS = "Count employees by head, as 120; a workplace that has ended says 0."

BAD_WORKFORCE = [
    ("", None, "no lines below the header", "Give every workplace of the month one line."),
    ("2019-09,Norr,", 2, "employees is empty", HEADS),
    ("2019-09,Norr,23.5", 2, "employees '23.5' is not a whole number, 0 or more", HEADS),
    ("2019-09,Norr,-1", 2, "employees '-1' is not a whole number, 0 or more", HEADS),
    ("2019-09,Norr,1 200", 2, "employees '1 200' is not a whole number, 0 or more", HEADS),
    ("2019-09,,12", 2, "workplace is empty", FILL),
    (",Norr,12", 2, "month is empty", "Write months as 2020-02."),
    ("2019-13,Norr,12", 2, "month '2019-13' is not a month", "Write months as 2020-02."),
    ("2019Q3,Norr,12", 2, "month '2019Q3' is not a month", "Write months as 2020-02."),
    ("２０１９-09,Norr,12", 2, "month '２０１９-09' is not a month", "Write months as 2020-02."),
    ("0000-01,Norr,12", 2, "month '0000-01' is not in the years 1990 to 2100", "Correct the year."),
    ("2019-09,Norr,12\n2019-09,Norr ,12", 3, "lines 2 and 3 both count 'Norr' in 2019-09",
     "Keep the one that holds."),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "line", "what", "do"), BAD_WORKFORCE)
def test_bad_workforce(lines: str, line: int | None, what: str, do: str) -> None:
    content = f"{WORKFORCE}\n{lines}".encode()
    assert faults_of(workforce_csv.read, content) == [Fault("f.csv", line, what, do)]


INDEX = "Write the index as 3.41 or 3,41."
VALUE = "ksju;2019Q2;3.41;2019-09-17;published;table 3"

BAD_TREND = [
    ("", None, "no lines below the header", "Give every quarter one line."),
    (VALUE.replace("ksju", ""), 2, "series is empty", FILL),
    (VALUE.replace("table 3", ""), 2, "source is empty", FILL),
    (VALUE.replace("2019Q2", ""), 2, "quarter is empty", "Write quarters as 2019Q2."),
    (VALUE.replace("2019Q2", "2019Q5"), 2, "quarter '2019Q5' is not a quarter", "Write quarters as 2019Q2."),
    (VALUE.replace("2019Q2", "２０１９Q2"), 2, "quarter '２０１９Q2' is not a quarter",
     "Write quarters as 2019Q2."),
    (VALUE.replace("2019Q2", "9999Q4"), 2, "quarter '9999Q4' is not in the years 1990 to 2100",
     "Correct the year."),
    (VALUE.replace("3.41", ""), 2, "value is empty", INDEX),
    (VALUE.replace("3.41", "-3.41"), 2, "value '-3.41' is not above 0", INDEX),
    (VALUE.replace("3.41", "3.4100000"), 2, "value '3.4100000' is not a number with at most 6 decimals",
     INDEX),
    (VALUE.replace("3.41", "NaN"), 2, "value 'NaN' is not a number with at most 6 decimals", INDEX),
    (VALUE.replace("3.41", "0,00"), 2, "value '0,00' is not above 0", INDEX),
    (VALUE.replace("2019-09-17", "2019-09-31"), 2, "published_on '2019-09-31' is no day in the calendar",
     DATES),
    (VALUE.replace("2019-09-17", "2019-06-29"), 2, "published_on 2019-06-29 is before the end of 2019Q2",
     "Give the day on which the value was made public."),
    (VALUE.replace("published", ""), 2, "status is empty", "Write one of: published, derived, estimated."),
    (VALUE.replace("published", "guess"), 2, "status 'guess' is not a known status",
     "Write one of: published, derived, estimated."),
    (f"{VALUE}\n{VALUE.replace('3.41', '3.40')}", 3, "lines 2 and 3 both give 'ksju' for 2019Q2",
     "Keep one; a revised value comes in a later file."),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "line", "what", "do"), BAD_TREND)
def test_bad_trend(lines: str, line: int | None, what: str, do: str) -> None:
    content = f"{TREND.replace(',', ';')}\n{lines}".encode()
    assert faults_of(trend_csv.read, content) == [Fault("f.csv", line, what, do)]


def test_all_faults_are_listed_in_order_of_line() -> None:
    lines = [ABSENCES, SPELL, "1,W,x,,100,sick", "2,W", "3,W,2019-09-16,,x,y", SPELL, '"4"5,W', "6,W"]
    faults = faults_of(absence_csv.read, "\n".join(lines).encode())
    assert [fault.line for fault in faults] == [3, 4, 5, 5, 6, 7, 8]


def test_lines_that_are_faults_already_are_not_also_doubled() -> None:
    lines = [ABSENCES, ",W,2019-09-16,,100,sick", ",W,2019-09-16,,100,sick", "1,W,x,,9,sick", "1,W,y,,9,sick"]
    assert len(faults_of(absence_csv.read, "\n".join(lines).encode())) == 4


def test_a_long_list_of_faults_ends_with_how_many_more() -> None:
    content = "\n".join([ABSENCES, *["1,W,x,,100,sick"] * (FAULTS_LISTED + 7)]).encode()
    faults = faults_of(absence_csv.read, content)
    assert len(faults) == FAULTS_LISTED + 1
    advice = "Correct these and import the file again."
    assert faults[-1] == Fault("f.csv", None, "7 more faults are not listed", advice)


# Recognising


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (ABSENCES.encode(), "absences"),
        (ABSENCES.replace(",", ";").upper().encode("utf-16"), "absences"),
        (b"employee;first_day;extent;cause;name", "absences"),
        (b"\n\nworkplace,employees,month", "workforce"),
        (TREND.encode("utf-8-sig"), "trend"),
        (REIMBURSEMENTS.encode(), "reimbursements"),
        (b"Month;Reimbursed;Wage_cost;decision", "reimbursements"),
        (INDICATORS.encode(), "indicators"),
        (TARGETS.encode(), "targets"),
        (b"measure,change,source,from_period,by", "targets"),
        (b"<?xml version='1.0' encoding='iso-8859-1'?><paxml>\x8f", "absences"),
        (b"\xef\xbb\xbf\r\n<paxml/>", "absences"),
        ("<paxml/>".encode("utf-16"), "absences"),
    ],
)
def test_kind(content: bytes, kind: str) -> None:
    assert recognise.kind(content, "f.csv") == kind


KNOWN = (
    f"The first line must be one of: absences: {ABSENCES}; workforce: {WORKFORCE}; trend: {TREND}; "
    f"reimbursements: {REIMBURSEMENTS}; indicators: {INDICATORS}; targets: {TARGETS}"
)


@pytest.mark.parametrize(
    ("content", "line", "what", "do"),
    [
        (b"", None, "the file is empty", KNOWN),
        (b"a,b,c\n1,2,3\n", 1, "the header is none that is known here: line 1 says 'a,b,c'", KNOWN),
        (b"workplace,employee\n", 1, "the header is none that is known here: line 1 says 'workplace,employee'", KNOWN),
        (b'"a\n', 1, "a quotation mark that is never closed", "Close it, or take it away."),
        (b"PK\x03\x04\0\0", None, "is a compressed file (zip), not text", "Unpack it, and import the file in it."),
    ],
)
def test_files_of_no_known_kind(content: bytes, line: int | None, what: str, do: str | None) -> None:
    assert faults_of(recognise.kind, content) == [Fault("f.csv", line, what, do)]


# Properties

ALPHABET = '0129,;-"\r\n\t åÄEx.\u00a0\u2028'
BELOW_A_HEADER = st.tuples(
    st.sampled_from([ABSENCES, WORKFORCE, TREND, REIMBURSEMENTS, INDICATORS, TARGETS]),
    st.lists(st.text(ALPHABET, max_size=12), max_size=20),
).map(lambda made: "\n".join([made[0], ",".join(made[1])]).encode())


@given(content=st.one_of(st.binary(), st.text().map(str.encode), BELOW_A_HEADER))
@example(content=b"\xff\xfe")
@example(content=b"\xff\xfe\0\0")
@example(content=b'","\n"')
@example(content=f"{ABSENCES}\n\u2028".encode())
def test_any_bytes_give_rows_or_a_refusal(content: bytes) -> None:
    for read in (recognise.kind, *READERS.values()):
        try:
            read(content, "f.csv")
        except InputRefused as refused:
            faults = refused.faults
        else:
            continue
        assert faults
        assert all(fault.file == "f.csv" and fault.what for fault in faults)
        assert all(fault.line is None or 1 <= fault.line <= len(content) + 1 for fault in faults)


WORDS = st.text("abcåäöÅÄÖ059 ;,\"'-", min_size=1, max_size=12).map(lambda text: f"w{' '.join(text.split())}")
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
SPELLS = st.tuples(
    WORDS.map(str.lower),
    WORDS,
    st.tuples(DAYS, DAYS).map(sorted),
    st.booleans(),
    st.integers(0, 100),
    st.sampled_from(absence_csv.CAUSES),
)


@given(
    spells=st.lists(SPELLS, max_size=30, unique_by=lambda made: (made[0], made[2][0])),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    delimiter=st.sampled_from(",;"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    order=st.permutations(absence_csv.COLUMNS),
)
def test_what_is_written_is_read(
    spells: list[Any], encoding: str, delimiter: str, line_end: str, quoting: Any, order: list[str]
) -> None:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, order, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writeheader()
    for employee, workplace, (first, last), is_open, extent, cause in spells:
        fields = (employee, workplace, first, "" if is_open else last, extent, cause)
        writer.writerow(dict(zip(absence_csv.COLUMNS, fields, strict=True)))
    rows = absence_csv.read(out.getvalue().encode(encoding), "f.csv")

    def number(day: date) -> int:
        return int(day.strftime("%Y%m%d"))

    assert rows == absence_csv.AbsenceRows(
        line=list(range(2, len(spells) + 2)),
        employee=[made[0] for made in spells],
        workplace=[made[1] for made in spells],
        first_day=[number(made[2][0]) for made in spells],
        last_day=[0 if made[3] else number(made[2][1]) for made in spells],
        extent=[made[4] for made in spells],
        cause=[absence_csv.CAUSES.index(made[5]) for made in spells],
    )
