"""Who forms and changes a programme, which contracts it may hold, and the file that it is read from."""

from __future__ import annotations

from datetime import date

import pytest

from ledger import events as e
from ledger.errors import InputRefused, Refused
from ledger.programmes import ChangeProgramme, FormProgramme, ProgrammeState, fold, read_programme
from tests import spec
from tests.programmes import BOTH, FROM, THIRD, Programmes, formed

PAYER = e.Actor(name="A. Ek", role="payer")
PROVIDER = e.Actor(name="P. Ny", role="external_provider")
RATE = e.StatedRate(currency="EUR", sek="10", status="derived", source="40 m by 4 m")
LATER = date(2019, 5, 2)
TOML = (spec.FIXTURES / "programmes" / "occupational-health.toml").read_bytes()


def three() -> Programmes:
    return Programmes(spec.BOTKYRKA, spec.ORNSKOLDSVIK, THIRD)


def refused(world: Programmes, command: FormProgramme | ChangeProgramme, on: date = FROM, by: e.Actor | None = None) -> str:
    """What is said against it; nothing is recorded."""
    before = len(world.ledger.records)
    with pytest.raises(Refused) as found:
        world.do(on, command, *([by] if by else []))
    assert len(world.ledger.records) == before
    return str(found.value)


def change(
    joins: tuple[str, ...] = (), leaves: tuple[str, ...] = (), on: date = LATER, agreed: tuple[str, ...] = BOTH
) -> ChangeProgramme:
    return ChangeProgramme("halsa", on, joins, leaves, agreed, "agreed")


def state(world: Programmes) -> ProgrammeState:
    return fold(world.ledger.stream("programme/halsa"))


# ── Forming ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_formed_is_remembered_with_its_day() -> None:
    found = state(three().formed())
    assert found.formed == formed()
    assert [(one.from_on, one.contracts) for one in found.versions] == [(FROM, ("botkyrka", "ornskoldsvik"))]
    assert found.on(date(2018, 10, 31)) is None


def test_the_payer_signs_both_and_may_form_it_too() -> None:
    assert state(three().do(FROM, FormProgramme(formed()), PAYER)).formed is not None


def test_who_signs_none_of_its_contracts_may_not() -> None:
    said = refused(three(), FormProgramme(formed()), by=PROVIDER)
    assert "botkyrka: external_provider may not do this; performance_manager, payer sign it (governance.signs)" in said
    assert "ornskoldsvik: external_provider may not do this" in said


@pytest.mark.parametrize(
    ("programme", "said"),
    [
        (formed("botkyrka", "nowhere"), "no contract nowhere that is measured by sick leave is on record"),
        (formed("botkyrka", "botkyrka"), "contracts: botkyrka stands twice"),
        (formed(from_on=date(2018, 10, 31)), "ornskoldsvik was signed on 2018-11-01, after 2018-10-31"),
        (formed(from_on=date(2018, 11, 2)), "2018-11-02 is in the future; today is 2018-11-01"),
        (formed(rates=(RATE, RATE)), "rates: EUR stands twice"),
        (formed().model_copy(update={"name": " "}), "it has no name"),
    ],
)
def test_what_cannot_be_formed_is_refused(programme: e.ProgrammeFormed, said: str) -> None:
    assert said in refused(three(), FormProgramme(programme))


def test_every_fault_is_listed() -> None:
    said = refused(three(), FormProgramme(formed("nowhere", "nowhere", "ornskoldsvik", from_on=date(2018, 10, 1))))
    assert all(part in said for part in ("no contract nowhere", "nowhere stands twice", "ornskoldsvik was signed on"))


def test_an_id_is_formed_once() -> None:
    assert "there is a programme of this id already" in refused(three().formed(), FormProgramme(formed("tredje")), on=LATER)


# ── One programme at a time ──────────────────────────────────────────────────────────────────────────────────────────


def other(*contracts: str, from_on: date) -> FormProgramme:
    return FormProgramme(formed(*contracts, from_on=from_on).model_copy(update={"id": "other"}))


def test_a_contract_is_in_one_programme_at_a_time() -> None:
    world = three().formed()
    assert "botkyrka is in the programme halsa then" in refused(world, other("botkyrka", from_on=FROM))
    world.changed(LATER, leaves=("botkyrka",))
    assert "botkyrka is in the programme halsa then" in refused(world, other("botkyrka", from_on=date(2019, 5, 1)), on=LATER)
    world.do(LATER, other("botkyrka", from_on=LATER))
    assert "botkyrka is in the programme other then" in refused(world, change(joins=("botkyrka",)), on=LATER)


def test_a_contract_that_joins_later_is_not_to_be_had_before() -> None:
    world = three().formed().changed(LATER, joins=("tredje",))
    assert "tredje is in the programme halsa then" in refused(world, other("tredje", from_on=FROM), on=LATER)


# ── Changing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (change(), "no contract joins and none leaves"),
        (change(joins=("botkyrka",)), "botkyrka is in it already"),
        (change(leaves=("tredje",)), "tredje is not in it"),
        (change(leaves=("botkyrka", "ornskoldsvik")), "no contract would be left in it"),
        (change(joins=("tredje",), on=date(2018, 10, 1)), "it was last changed from 2018-11-01 on"),
        (change(joins=("tredje",), on=date(2019, 5, 3)), "2019-05-03 is in the future"),
        (change(joins=("tredje",), agreed=("payer",)), "tredje: agreement is missing from external_provider (governance.agrees)"),
        (change(joins=("tredje",), agreed=(*BOTH, "neighbour")), "neighbour is no party of a contract that joins or leaves"),
        (ChangeProgramme("another", LATER, ("tredje",), (), BOTH, "x"), "there is no programme of this id on record"),
    ],
)
def test_what_cannot_be_changed_is_refused(command: ChangeProgramme, said: str) -> None:
    assert said in refused(three().formed(), command, on=LATER)


def test_who_changes_it_signs_every_contract_in_it() -> None:
    assert "tredje: external_provider may not" in refused(three().formed(), change(joins=("tredje",)), on=LATER, by=PROVIDER)


def test_joining_and_leaving_on_one_day_is_one_change() -> None:
    world = three().formed().changed(LATER, joins=("tredje",), leaves=("botkyrka",))
    assert state(world).versions[-1].contracts == ("ornskoldsvik", "tredje")
    assert world.ledger.records[-1].effective_on == LATER


# ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_file_that_comes_with_the_product_says_what_sources_state() -> None:
    found = read_programme(TOML, "occupational-health.toml")
    assert (found.id, found.contracts, found.rates) == ("occupational-health", ("botkyrka", "ornskoldsvik"), ())
    assert [(one.figure, one.value, one.unit, one.status) for one in found.stated] == [
        ("investment", "40000000", "SEK", "published"),
        ("investment", "4000000", "EUR", "published"),
        ("maximum-payments", "15000000", "SEK", "published"),
    ]


def test_a_file_with_faults_is_refused_whole_with_their_lines() -> None:
    wrong = (
        TOML.replace(b'unit = "EUR"', b'unit = "USD"')
        .replace(b"from_on = 2018", b'from_on = "x" #')
        .replace(b"name = ", b"nam = ")
    )
    with pytest.raises(InputRefused) as found:
        read_programme(wrong, "p.toml")
    said = str(found.value)
    assert all(part in said for part in ("unit is 'USD'", "from_on", "nam is no key that is known here", "name is missing"))
