"""PAXml through ``soc import absences``: what is recorded, what the receipt says, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.world import ABSENCE_HEADER, BOTH, PAYROLL, ROOT, TERMS, Result, World

CORPUS = sorted((ROOT / "fixtures" / "imports" / "bad").glob("*.xml"))
GOOD = ROOT / "fixtures" / "imports" / "good"
KLAR = '<klar datumfrom="{0}-01" datumtom="{0}-30"/>'


def paxml(*transactions: str, mark: str = "", version: str = "2.0") -> str:
    """A file whose first transaction stands in line 2."""
    head = f"<paxml><header><version>{version}</version></header><tidtransaktioner>{mark}"
    return "\n".join([head, *transactions, "</tidtransaktioner></paxml>", ""])


def sick(who: str, first: str, last: str, code: str = "SJK", more: str = "", place: str = "Skolan") -> str:
    unit = f'<resenheter><resenhet dim="1" id="{place}"/></resenheter>'
    days = f"<datumfrom>{first}</datumfrom><datumtom>{last}</datumtom>"
    return f'<tidtrans anstid="{who}"><tidkod>{code}</tidkod>{days}{more}{unit}</tidtrans>'


def send(world: World, content: str | Path, *more: str, name: str = "sent.xml") -> Result:
    path = content if isinstance(content, Path) else world.file(name, content)
    return world.soc("import", "absences", "tiny", path, "--source", "payroll", *more, by=PAYROLL)


def said(world: World, content: str | Path, *more: str, name: str = "sent.xml") -> list[str]:
    """What the receipt says."""
    result = send(world, content, *more, name=name)
    assert result.code == 0, result.err
    return [line.strip().removeprefix(str(world.folder) + "/") for line in result.out.splitlines()]


def refused(world: World, content: str | Path, *more: str) -> str:
    before, employees = world.head(), world.employees_in_vault()
    result = send(world, content, *more)
    assert (result.code, result.out) == (4, "")
    assert world.head() == before
    assert world.employees_in_vault() == employees
    return result.err


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_each_bad_sample_is_refused_with_its_golden_message(settled: World, path: Path) -> None:
    golden = path.with_suffix(".txt").read_text(encoding="utf-8").strip()
    assert refused(settled, path).replace(str(path), path.name).strip() == f"soc: {golden}"


@pytest.mark.parametrize("name", ["sent.xml", "sent.pax", "sent"])
def test_a_month_is_recorded_and_complete_as_the_file_itself_says(settled: World, name: str) -> None:
    content = paxml(
        sick("S7001", "2019-04-01", "2019-04-05"), sick("S1", "2019-04-08", "2019-04-08"), mark=KLAR.format("2019-04")
    )
    lines = said(settled, content, name=name)
    assert f"{settled.folder}/{name}: 2 absences from payroll, complete for 2019-04 at all workplaces" in lines[0]
    assert "complete for 2019-04 as the file itself says" in lines
    assert {"S7001", "S1"} <= settled.employees_in_vault()
    again = send(settled, content, name=name)
    assert again.out.startswith("Already recorded as ")
    register = settled.done("register", "tiny", by=None).out
    assert f"2 absences from payroll, complete for 2019-04 at all workplaces, {name}" in register


def test_the_command_line_may_say_it_too_and_must_not_disagree(settled: World) -> None:
    content = paxml(sick("S1", "2019-04-01", "2019-04-05"), mark=KLAR.format("2019-04"))
    err = refused(settled, content, "--complete", "2019-05")
    assert "sent.xml:1: says itself that it is complete for 2019-04, but --complete says 2019-05" in err
    assert "complete for 2019-04 at Skolan" in said(settled, content, "--complete", "2019-04", "--workplaces", "Skolan")[0]


def test_the_receipt_says_what_was_left_out_and_what_is_not_mapped(settled: World) -> None:
    days = [("VAB", "01"), ("VAB", "02"), ("SEM_FÖR", "03"), ("FR3", "04"), ("FR3", "05"), ("SMB", "08"), ("SJK", "09")]
    content = paxml(*(sick("S1", f"2019-04-{day}", f"2019-04-{day}", code) for code, day in days))
    lines = said(settled, content)
    assert lines[0].endswith("1 absence from payroll, partial")
    assert "left out, for it is no sick leave: SEM_FÖR ×1, VAB ×2" in lines
    assert "finding: FR3 ×2 is not mapped in [absence_codes] of the terms, and left out" in lines
    assert "finding: SMB ×1 is not mapped in [absence_codes] of the terms, and left out" in lines


def test_an_amendment_maps_a_code_from_its_month_on_and_the_same_file_is_read_anew(settled: World) -> None:
    content = {month: paxml(sick("S1", f"{month}-02", f"{month}-02", "FR3")) for month in ("2019-04", "2019-06")}
    unmapped = "finding: FR3 ×1 is not mapped in [absence_codes] of the terms, and left out"
    assert unmapped in said(settled, content["2019-06"], "--complete", "2019-06")
    terms = settled.file("terms.toml", TERMS + '\n[absence_codes]\nFR3 = "covid"\nworkplace_dimension = 1\n')
    settled.done("contract", "amend", "tiny", terms, "--from", "2019-05", *BOTH, "--reason", "what FR3 means")
    lines = said(settled, content["2019-06"], "--complete", "2019-06")
    assert "1 absence from payroll" in lines[0]
    assert unmapped not in lines
    assert unmapped in said(settled, content["2019-04"], "--complete", "2019-04")
    assert "absence_codes.FR3: nothing → covid" in settled.done("contract", "show", "tiny", by=None).out


def test_the_terms_say_which_unit_is_the_workplace(settled: World) -> None:
    path = GOOD / "absences-paxml-by-day.xml"
    settled.at = "2019-10-08T09:00"
    assert "the terms do not say which is the workplace" in refused(settled, path)
    terms = settled.file("terms.toml", TERMS + "\n[absence_codes]\nworkplace_dimension = 1\n")
    settled.done("contract", "amend", "tiny", terms, "--from", "2019-08", *BOTH, "--reason", "units")
    lines = said(settled, path)
    assert "3 absences from payroll, complete for 2019-09 at all workplaces" in lines[0]
    assert "finding: no headcount names Förskolan Ängen, Äldreboendet Ö 4" in lines


def test_kind_overrides_what_the_file_looks_like(settled: World) -> None:
    content = paxml(sick("S1", "2019-04-01", "2019-04-05"))
    assert "1 absence from payroll, partial" in said(settled, content, "--kind", "paxml")[0]
    assert "unknown column" in refused(settled, content, "--kind", "csv")
    assert "is not well-formed XML" in refused(settled, f"{ABSENCE_HEADER}\n", "--kind", "paxml")


def test_a_spell_left_open_goes_on_or_ends_with_the_next_month_as_paxml(settled: World) -> None:
    rows = ["S1,Skolan,2019-04-29,,100,sick", "S2,Skolan,2019-04-15,,50,sick"]
    april = settled.file("april.csv", "\n".join([ABSENCE_HEADER, *rows, ""]))
    settled.done("import", "absences", "tiny", april, "--source", "payroll", "--complete", "2019-04", by=PAYROLL)
    lines = said(settled, paxml(sick("S1", "2019-05-01", "2019-05-03")), "--complete", "2019-05")
    assert "ends 1 absence that an earlier report left open, for it has no next day of theirs" in lines
    june = send(settled, f"{ABSENCE_HEADER}\n", "--complete", "2019-06", name="june.csv")
    assert june.code == 0, june.err
    assert "every figure recomputed: no difference" in settled.soc("check", by=None).out


def test_nothing_is_written_of_a_person_erased_since(settled: World) -> None:
    april = settled.file("april.csv", f"{ABSENCE_HEADER}\nS1,Skolan,2019-04-29,,100,sick\nS2,Skolan,2019-04-29,,100,sick\n")
    settled.done("import", "absences", "tiny", april, "--source", "payroll", "--complete", "2019-04", by=PAYROLL)
    settled.done("forget", "tiny", "S2", "--decision", "asked for it")
    lines = said(settled, paxml(sick("S1", "2019-05-01", "2019-05-03")), "--complete", "2019-05")
    assert not [line for line in lines if line.startswith("ends")]
    assert "1 absence from payroll, complete for 2019-05" in settled.done("register", "tiny", by=None).out


def test_corrections_and_days_not_on_record(settled: World) -> None:
    wrong = paxml(sick("S1", "2019-04-02", "2019-04-02", more="<omfattning>-100</omfattning>"))
    assert "sent.xml:2: takes 100 per cent from 2019-04-02, a day that is not on record" in refused(settled, wrong)
    said(settled, paxml(sick("S1", "2019-04-01", "2019-04-05")))
    lines = said(settled, wrong)
    assert "corrects 1 day that earlier reports said" in lines
    more = paxml(sick("S1", "2019-04-02", "2019-04-02", more="<omfattning>-50</omfattning>"))
    assert "sent.xml:2: takes 50 per cent from 2019-04-02, a day that is not on record" in refused(settled, more)


def test_a_dry_run_records_nothing(settled: World) -> None:
    before, employees = settled.head(), settled.employees_in_vault()
    lines = said(settled, paxml(sick("S1", "2019-04-01", "2019-04-05"), mark=KLAR.format("2019-04")), "--dry-run")
    assert lines[0].startswith("Would record")
    assert (settled.head(), settled.employees_in_vault()) == (before, employees)


def test_absences_of_the_future_are_refused(settled: World) -> None:
    assert "sent.xml:2: begins after today, 2019-07-22" in refused(settled, paxml(sick("S1", "2019-07-23", "2019-07-23")))


def test_a_nil_report_says_for_what_it_is_complete(settled: World) -> None:
    assert "holds no absences" in refused(settled, paxml())
    assert "0 absences from payroll, complete for 2019-04" in said(settled, paxml(mark=KLAR.format("2019-04")))[0]
