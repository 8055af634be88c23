"""``soc tiered`` as a user types it: good input, bad input, and what each command answers."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.tiered_world import HEADER, KIDS, KIDS_MEASURED, agreed, measured
from tests.cli.world import BOTH, METHODOLOGY, PAYER, World


@pytest.fixture
def opened(nothing: World) -> World:
    return nothing.opened()


@pytest.fixture
def kids(opened: World) -> World:
    return agreed(opened)


def plain(text: str) -> str:
    """Text with plain spaces in its amounts."""
    return text.replace("\u2009", " ")


# ── What a user asks ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_state_says_what_each_party_is_due(kids: World) -> None:
    """Spring: 8 of 10 at 500 each are 4 000, less 3 500: 500 saved. Activity 1 000: 400 guaranteed, and 60 % of 500."""
    found = kids.done("tiered", "state", "kids", "-O", "json").json
    assert found["amounts"] == {"activity": "1000.00", "savings": "500.00"}
    assert {one["tier"]: one["given"]["investor"] for one in found["tiers"]} == {
        "guaranteed": "400.00",
        "even": "300.00",
        "return": "0.00",
    }
    investor = found["parties"]["investor"]
    assert (investor["entitled"], investor["guaranteed"], investor["coming"], investor["due"]) == (
        "700.00",
        "400.00",
        "700.00",
        "0.00",
    )
    assert found["determination"]["agreed_by"] == {"payer": "2019-07-01", "investor": "2019-07-01"}
    assert found["label"] == "recorded (simulated ledger)"
    later = kids.done("tiered", "state", "kids", "--as-of", "2019-07-31", "-O", "json").json
    assert later["parties"]["investor"]["due"] == "700.00"
    assert later["not_published"] == ["waterfall.return.only_if"]


def test_the_state_as_text_says_what_it_rests_on(kids: World) -> None:
    said = plain(kids.done("tiered", "state", "kids").out)
    for words in (
        "SEK excluding VAT",
        "recorded (simulated ledger)",
        "record 6 · fingerprint ",
        "Entitled",
        "700.00",
        "1 000.00: 500.00 below the limit",
        "Not published, so parameters here: waterfall.return.only_if.",
        "spent: synthetic, made up for this test.",
    ):
        assert words in said, words


def test_what_stood_before_an_agreement_is_still_known(kids: World) -> None:
    before = kids.done("tiered", "state", "kids", "--known-at", "4", "--as-of", "2019-07-31", "-O", "json").json
    assert before["parties"]["investor"]["due"] == "0.00"
    assert before["determination"]["still_to_agree"] == ["payer", "investor"]


def test_an_explanation_goes_from_a_party_to_the_rows(kids: World) -> None:
    said = plain(kids.done("tiered", "explain", "kids/D1").out)
    for words in (
        "given to the investor",
        "60 % of savings from 0.00 to 500.00",
        "÷ 10 persons × 8 persons",
        "record 3",
        "residual 0.00",
    ):
        assert words in said, words
    tree = kids.done("tiered", "explain", "kids", "-O", "json").json
    assert (tree["sound"], tree["explanation"][0]["value"]) == (True, "700.00")
    rows = list(csv.DictReader(io.StringIO(kids.done("tiered", "explain", "kids", "-O", "csv").out)))
    assert {"record": "3", "value": "3500.00"}.items() <= next(
        row for row in rows if "costs, children, spring" in row["what"]
    ).items()


def test_the_same_facts_under_other_terms_are_a_simulation_and_change_nothing(kids: World) -> None:
    other = kids.file("other.toml", KIDS.replace('share = "0.4"', 'share = "0.5"'))
    head = kids.head()
    found = kids.done("tiered", "what-if", "kids", "--terms", other, "-O", "json").json
    assert found["label"] == "simulation"
    given = {one["tier"]: one["amount"] for one in found["other"]["given"]}
    assert given == {"guaranteed": "500.00", "even": "300.00", "return": "0.00"}
    said = plain(kids.done("tiered", "what-if", "kids", "--terms", other).out)
    assert "· simulation" in said
    assert "A simulation: nothing was recorded" in said
    assert "recorded (simulated ledger)" not in said
    assert kids.head() == head


def test_terms_are_shown_as_three_tables(kids: World) -> None:
    said = kids.done("tiered", "show", "kids").out
    assert said.index("What is measured") < said.index("What it is worth") < said.index("Who gets what") < said.index("Sources")
    assert "Where it stands" not in said
    assert max(map(len, said[said.index("What is measured") : said.index("Sources")].splitlines())) <= 100
    found = kids.done("tiered", "show", "kids", "-O", "json").json
    assert [one["metric"] for one in found["measured"]] == ["spent", "costs", "results"]
    assert [one["amount"] for one in found["worth"]] == ["activity", "savings"]
    assert "not published, a parameter: only_if" in found["who_gets_what"][2]["status"]
    assert found["who_gets_what"][2]["condition"] == "only if results (children, spring) at least 50"


def test_contracts_measured_by_sick_leave_show_the_same_three_tables(signed: World) -> None:
    found = signed.done("contract", "show", "tiny", "-O", "json").json
    assert found["measured"][0]["metric"] == "net-days"
    assert "2\u2009000.00 SEK" in found["worth"][0]["how"]
    assert found["who_gets_what"][0]["shares"] == "external provider 20 %, at most 300\u2009000.00"
    text = signed.done("contract", "show", "tiny").out
    tables = text[text.index("What is measured") :]
    assert max(map(len, tables.splitlines())) <= 100
    assert [line.split()[0] for line in tables.splitlines() if " savings " in line] == ["share", "(the"], "one row a tier"
    assert tables.count("2\u2009000.00") == tables.count("300\u2009000.00") == 1


def test_a_methodology_more_prints_no_figure_again(signed: World) -> None:
    again = signed.file("again.toml", METHODOLOGY.replace("tiny-2019", "tiny-again"))
    signed.done("methodology", "adopt", "tiny", again, "--from", "2019-07-01", *BOTH, at="2019-01-02T10:00")
    text = signed.done("contract", "show", "tiny").out
    assert text[text.index("What is measured") :].count("2\u2009000.00") == 1
    assert "tiny-again from 2019-07-01" in text
    assert len(signed.done("contract", "show", "tiny", "-O", "json").json["measured"]) == 2


def test_a_term_without_a_clause_names_no_source(signed: World) -> None:
    lines = {line.split("  ")[0]: line for line in signed.done("contract", "show", "tiny").out.splitlines()}
    assert lines["governance.pays"].endswith("agreement §7")
    assert lines["governance.signs"].endswith("no source named")
    assert lines["amount at risk"].endswith("service value × share at risk")
    figures = signed.done("contract", "show", "tiny", "-O", "json").json["figures"]
    assert next(one for one in figures if one["key"] == "governance.signs")["clause"] == "governance.signs"


@pytest.mark.parametrize("form", ["text", "json", "csv"])
@pytest.mark.parametrize("command", ["state", "register"])
def test_the_commands_of_all_contracts_answer_for_these_too(kids: World, command: str, form: str) -> None:
    assert kids.done(command, "kids", "-O", form).out == kids.done("tiered", command, "kids", "-O", form).out
    assert kids.done("contract", "show", "kids", "-O", form).out == kids.done("tiered", "show", "kids", "-O", form).out


def test_a_question_that_is_not_for_these_contracts_says_so(kids: World) -> None:
    result = kids.soc("state", "kids", "--against", "3")
    assert (result.code, result.out) == (2, "")
    assert "is settled by tiers" in result.err


def test_the_register_balances(kids: World) -> None:
    records = kids.done("register", "kids", "-O", "json").json["records"]
    assert [one["type"] for one in records][:3] == ["TieredSigned@1", "MetricsReported@1", "TiersDetermined@1"]
    assert records[1]["evidence"][0]["document"] == "kids.csv"
    assert len(records[1]["evidence"][0]["sha256"]) == 64
    for record in records:
        assert sum(round(float(one["amount"]) * 100) for one in record["postings"]) == 0


def test_the_list_names_them(kids: World) -> None:
    [row] = kids.done("tiered", "list", "-O", "json").json["contracts"]
    assert (row["contract"], row["payer"], row["determinations"]) == ("kids", "Lilla kommun", "1")
    assert "kids" in kids.done("tiered", "list").out
    assert kids.done("tiered", "list", "-O", "csv").out.startswith("contract,name,payer")


def test_check_is_silent_and_tells_what_is_overpaid(kids: World) -> None:
    result = kids.soc("check")
    assert (result.code, result.out) == (0, "")
    paid = ("outcome", "900", "--from", "payer", "--to", "investor", "--on", "2019-07-02", "--bank-reference", "BG")
    kids.done("tiered", "pay", "kids", *paid, by=PAYER)
    result = kids.soc("check")
    assert result.code == 1
    assert "900.00 SEK overpaid to the investor" in plain(result.out)


def test_check_finds_a_figure_altered_in_the_file(kids: World) -> None:
    with closing(sqlite3.connect(kids.database())) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE events SET body = X'00' WHERE position = 4")
        connection.commit()
    assert kids.soc("check").code == 3


def test_a_file_with_a_row_that_nothing_takes_says_so(kids: World) -> None:
    path = kids.file("typo.csv", f"{HEADER}\ncosts,childern,spring,2019-06-30,8,3500,\n")
    assert "finding: costs childern spring: no valuation and no condition" in kids.done("tiered", "report", "kids", path).out


def test_a_row_reported_again_replaces_and_is_determined_anew(kids: World) -> None:
    path = kids.file("right.csv", f"{HEADER}\ncosts,children,spring,2019-06-30,8,3400,\n")
    assert "replaces costs children spring, recorded as record 3" in kids.done("tiered", "report", "kids", path).out
    assert kids.done("tiered", "state", "kids", "-O", "json").json["undetermined_records"] == [7]
    kids.done("tiered", "determine", "kids", "--on", "2019-06-30", "--redo", "--reason", "an invoice")
    found = kids.done("tiered", "state", "kids", "-O", "json").json
    assert (found["amounts"]["savings"], found["parties"]["investor"]["unagreed"]) == ("600.00", "60.00")
    again = kids.done("tiered", "report", "kids", kids.folder / "kids.csv")  # the first file once more: it is a new report
    assert again.out.startswith("Recorded")


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────

BAD = [
    ("spent,children,spring,2019-06-30,,,", "has neither amount nor value"),
    ("spent,children,spring,2019-06-30,,5,5", "has both amount and value"),
    ("spent,children,spring,2019-06-30,,5.5,", "is not an amount"),
    ("spent,children,spring,2019-06-30,,-5,", "is below 0"),
    ("spent,children,spring,2019-06-31,,5,", "is no day in the calendar"),
    ("spent,children,spring,,,5,", "until is empty"),
    ("Spent,children,spring,2019-06-30,,5,", "is not a name of the terms"),
    ("spent,19121212-1212,spring,2019-06-30,,5,", "holds a personal number"),
    ("costs,children,spring,2019-06-30,0,5,", "is not a number of persons"),
    ("costs,children,spring,2019-06-30,many,5,", "is not a number of persons"),
    ("costs,children,spring,2019-06-30,,5,", "how many persons it is about"),
    ("results,children,spring,2019-06-30,,,high", "is not a number"),
    ("results,children,spring,2019-06-30,,5,", "so it says a value"),
    ("other,children,spring,2019-06-30,,5,", "the terms know no metric other"),
    ("spent,children,spring,2019-07-03,,5,", "is in the future"),
    ("spent,children,spring,2019-06-30,,5", "6 fields where the header names 7"),
]


@pytest.mark.parametrize(("line", "said"), BAD, ids=[said for _, said in BAD])
def test_a_line_that_is_wrong_is_refused_with_its_place(kids: World, line: str, said: str) -> None:
    head, path = kids.head(), kids.file("bad.csv", f"{HEADER}\n{line}\n")
    result = kids.soc("tiered", "report", "kids", path)
    assert (result.code, result.out) == (4, "")
    assert f"{path}:2: " in result.err
    assert said in result.err
    assert kids.head() == head


def test_every_fault_of_a_file_is_listed(kids: World) -> None:
    lines = [line for line, _ in BAD[:4]]
    result = kids.soc("tiered", "report", "kids", kids.file("bad.csv", "\n".join([HEADER, *lines, ""])))
    assert result.code == 4
    assert [f"bad.csv:{number}:" in result.err for number in range(2, 6)] == [True] * 4


def test_a_row_twice_in_a_file_is_refused(kids: World) -> None:
    line = "spent,children,spring,2019-06-30,,5,"
    result = kids.soc("tiered", "report", "kids", kids.file("bad.csv", f"{HEADER}\n{line}\n{line}\n"))
    assert (result.code, "lines 2 and 3 both give spent children spring" in result.err) == (4, True)


@pytest.mark.parametrize("content", ["", HEADER, "metric,group\n1,2\n"])
def test_a_file_without_rows_or_columns_is_refused(kids: World, content: str) -> None:
    assert kids.soc("tiered", "report", "kids", kids.file("bad.csv", content)).code == 4


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("state", "other"), 2, "no contract settled by tiers named other"),
        (("explain", "kids/D9"), 1, "has no determination 9"),
        (("explain", "kids/P1"), 2, "is not a determination"),
        (("agree", "kids/1", "--by", "payer", "--on", "2019-07-01"), 2, "is not a determination such as"),
        (("correct", "kids/D1", "--reason", "x"), 2, "is not a payment such as"),
        (("correct", "kids/P1", "--reason", "x"), 1, "may not do this|has no payment"),
        (("determine", "kids", "--on", "2019-06-30", "--redo"), 2, "a redo says why"),
        (("determine", "kids", "--on", "2019-06-30", "--reason", "x"), 2, "--reason belongs to --redo"),
        (("determine", "kids", "--on", "2019-12-31"), 1, "no row until 2019-12-31 is reported"),
        (("pay", "kids", "gift", "1", "--from", "payer", "--to", "investor", "--on", "2019-07-01"), 2, "gift"),
        (("state", "kids", "--as-of", "2018-12-31"), 1, "has no state as of"),
    ],
)
def test_what_cannot_be_is_refused_with_its_exit_code(kids: World, args: tuple[str, ...], code: int, said: str) -> None:
    import re

    result = kids.soc("tiered", *args)
    assert (result.code, result.out) == (code, "")
    assert re.search(said, result.err)


def test_terms_that_do_not_read_are_refused_with_every_fault(opened: World) -> None:
    terms = KIDS.replace('form = "tiered"', 'form = "other"').replace("payment_days = 30", "payment_days = -1")
    result = opened.soc("tiered", "sign", opened.file("bad.toml", terms))
    assert (result.code, result.out) == (4, "")
    assert "bad.toml:1: form is 'other'" in result.err
    assert "payment_days" in result.err


def test_an_id_is_of_one_contract_alone(signed: World, tmp_path: Path) -> None:
    terms = tmp_path / "tiny-tiered.toml"
    terms.write_text(KIDS.replace('id = "kids"', 'id = "tiny"'), encoding="utf-8")
    result = signed.soc("tiered", "sign", terms, at="2019-01-03T09:00")
    assert (result.code, "is the id of a contract measured by sick leave" in result.err) == (1, True)


def test_a_determination_before_anything_is_measured_is_refused(opened: World) -> None:
    opened.done("tiered", "sign", opened.file("kids.toml", KIDS), at="2019-01-02T09:00")
    result = opened.soc("tiered", "determine", "kids", "--on", "2019-01-31", at="2019-02-01T09:00")
    assert (result.code, "spent, children: no row until 2019-01-31" in result.err) == (1, True)
    result = opened.soc("tiered", "explain", "kids", at="2019-02-01T09:00")
    assert (result.code, "nothing is determined in kids yet" in result.err) == (2, True)
    assert "Nothing is determined." in opened.done("tiered", "state", "kids", at="2019-02-01T09:00").out


def test_a_file_in_swedish_form_is_read_alike(opened: World) -> None:
    measured(opened)
    lines = KIDS_MEASURED.replace(",", ";").replace("55.5", "55,5").replace("1000.00", "1 000,00")
    opened.done("tiered", "report", "kids", opened.file("svensk.csv", lines.encode("utf-16")))
    assert (
        opened.done("tiered", "determine", "kids", "--on", "2019-06-30", "-O", "json").json["parties"][0]["investor"] == "700.00"
    )


def test_savings_of_other_contracts_are_valued_as_of_the_same_day(settled: World) -> None:
    """Half of what is determined in a contract measured by sick leave, in another that is settled by it."""
    head, _, rest = KIDS.partition("[[metrics]]")
    governance = rest[rest.index("[governance]") :]
    terms = (
        f"{head.replace('kids', 'over')}"
        '[[valuations]]\nkind = "contracts-savings@1"\nid = "savings"\ncontracts = ["tiny"]\n\n'
        '[[waterfall.tiers]]\nname = "half"\nwhat = "half of it"\nof = "savings"\n'
        'shares = [{ party = "investor", share = "0.5" }]\n\n[[waterfall.remainder]]\nof = "savings"\nparty = "payer"\n\n'
        f"{governance}"
    )
    settled.done("tiered", "sign", settled.file("over.toml", terms), "--on", "2019-01-02")
    early = settled.done("tiered", "determine", "over", "--on", "2019-02-15", "-O", "json").json["parties"][0]
    assert early["investor"] == half(settled.state("--as-of", "2019-02-15")["savings"]["determined"])
    settled.done("tiered", "determine", "over", "--on", "2019-03-31")
    found = settled.done("tiered", "state", "over", "-O", "json").json
    savings = settled.state("--as-of", "2019-03-31")["savings"]["determined"]
    assert found["amounts"] == {"savings": savings}
    assert found["parties"]["investor"]["entitled"] == half(savings)
    assert settled.soc("check").code in (0, 1)
    assert "differs" not in settled.soc("check", "-O", "json").out
    assert "tiny: savings, determined through 2019-03-31" in settled.done("tiered", "explain", "over").out


def half(savings: str) -> str:
    """Half of an amount, half an öre rounded up."""
    ore = (int(savings.replace(".", "")) + 1) // 2
    return f"{ore // 100}.{ore % 100:02d}"
