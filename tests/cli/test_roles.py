"""``soc`` on PostgreSQL under roles that may append, may only read, or may work with the vault: real users, a real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.cli.world import BOTH, PAYER, PAYROLL, Q2, World, absences, workforce
from tests.ledger.test_roles import as_user, run


@dataclass(frozen=True)
class Shared:
    """A ledger and a vault on PostgreSQL, each a database; users by what they may do."""

    world: World
    suffix: str

    def as_(self, user: str) -> World:
        """The world as one user has it: owner, adder, reader."""
        vault = self.world.vault
        assert vault is not None
        named = f"{user}_{self.suffix}"
        return replace(self.world, ledger=as_user(self.world.ledger, named), vault=as_user(vault, named))

    def role(self, name: str) -> str:
        return f"{name}_{self.suffix}"


@pytest.fixture
def place(postgres_url: str, tmp_path: Path) -> Iterator[Shared]:
    """Two databases of an owner who is no administrator; nothing in them."""
    suffix = uuid4().hex[:8]
    urls = [postgres_url.replace("/postgres?", f"/{name}_{suffix}?") for name in ("ledger", "vault")]
    users = [f"{name}_{suffix}" for name in ("owner", "adder", "reader")]
    groups = [f"{name}_{suffix}" for name in ("adders", "readers", "vaulters")]
    run(postgres_url, *(f"CREATE ROLE {user} LOGIN" for user in users), f"ALTER ROLE {users[0]} CREATEROLE")
    run(postgres_url, *(f"CREATE DATABASE {name}_{suffix} OWNER {users[0]}" for name in ("ledger", "vault")))
    yield Shared(World(tmp_path, urls[0], urls[1]), suffix)
    run(postgres_url, *(f"DROP DATABASE {name}_{suffix} WITH (FORCE)" for name in ("ledger", "vault")))
    run(postgres_url, *(f"DROP ROLE IF EXISTS {role}" for role in groups + users))


@pytest.fixture
def shared(place: Shared) -> Shared:
    """A contract with a claim payable, recorded by the owner; the others are let in."""
    owner = place.as_("owner")
    owner.done("init", "--simulated", "--seed", "tiny", *roles(place), at="2018-12-20T08:00")
    place.world.at = Opened(**vars(owner)).settled().at
    let_in(place)
    return place


class Opened(World):
    """A world whose ledger is open already."""

    def opened(self) -> World:
        return self


def roles(place: Shared) -> tuple[str, ...]:
    return ("--append-role", place.role("adders"), "--read-role", place.role("readers"))


def let_in(place: Shared) -> None:
    place.as_("owner").done("grant", place.role("vaulters"), "vault", by=None)
    for group, user in (("adders", "adder"), ("readers", "reader"), ("vaulters", "adder")):
        run(place.world.ledger, f"GRANT {place.role(group)} TO {place.role(user)}")


QUESTIONS = [
    ("state", "tiny"),
    ("state", "tiny", "--as-of", "2019-06-01", "--known-at", "2019-06-12"),
    ("portfolio",),
    ("register", "tiny"),
    ("evidence", "tiny", "2019Q1"),
    ("contract", "show", "tiny"),
    ("contract", "list"),
    ("methodology", "show", "tiny"),
    ("pay", "list", "--on", "2019-07-22"),
]


def test_every_question_is_answered_to_who_may_only_read(shared: Shared) -> None:
    for question in QUESTIONS:
        answers = [shared.as_(user).soc(*question, by=None) for user in ("owner", "adder", "reader")]
        assert answers[0].code == 0, (question, answers[0].err)
        assert answers[0] == answers[1] == answers[2], question


NO_DIFFERENCE = "records and every figure recomputed: no difference."


def test_the_check_runs_for_who_may_only_read(shared: Shared) -> None:
    reader = replace(shared.as_("reader"), vault=None)  # it has no right to the vault
    checked = reader.soc("check", by=None)
    assert NO_DIFFERENCE in checked.out
    assert "vault: it is not at hand" in checked.out
    with_vault = [shared.as_(user).soc("check", by=None) for user in ("adder", "owner")]
    assert with_vault[0] == with_vault[1]
    assert NO_DIFFERENCE in with_vault[0].out
    assert "vault:" not in with_vault[0].out


def writes(world: World) -> list[tuple[str, ...]]:
    """One of every command that records."""
    terms, method, file = (str(world.folder / name) for name in ("tiny.toml", "method.toml", "workforce.csv"))
    made, loan = ("--on", "2019-07-22"), ("--on", "2019-07-22", "--for", "internal")
    return [
        ("pay", "outcome", "tiny", "--due", *made, "--invoice", "A-1"),
        ("pay", "upfront", "tiny", "100", *made, "--invoice", "A-2"),
        ("loan", "draw", "tiny", "100", *loan),
        ("determine", "tiny", "2019Q1", "--redo", "--reason", "again"),
        ("notify", "tiny/D1", "--on", "2019-07-22"),
        ("accept", "tiny/D1", "--by", "payer", "--on", "2019-07-22"),
        ("correct", "tiny/11", "--reason", "wrong"),
        ("suspend", "tiny", "--from", "2019-08", *BOTH, "--reason", "holidays"),
        ("resume", "tiny", "--from", "2019-09", *BOTH, "--reason", "over"),
        ("contract", "sign", terms, "--on", "2019-07-22"),
        ("contract", "amend", "tiny", terms, "--from", "2019-08", *BOTH, "--reason", "new"),
        ("methodology", "adopt", "tiny", method, "--from", "2019-08-01", *BOTH),
        ("import", "workforce", "tiny", file),
        ("import", "trend", str(world.folder / "trend.csv")),
        ("rebuild",),
    ]


def test_every_command_that_records_is_refused_to_who_may_only_read(shared: Shared) -> None:
    reader, head = shared.as_("reader"), shared.as_("owner").head()
    for write in writes(reader):
        refused = reader.soc(*write)
        assert (refused.code, refused.out) == (1, ""), (write, refused)
        assert "may not be written: this database user may only read" in refused.err, (write, refused.err)
        assert "soc grant ROLE append" in refused.err
    assert shared.as_("owner").head() == head


def test_who_may_append_records_and_imports(shared: Shared) -> None:
    adder = shared.as_("adder")
    pay = ("pay", "outcome", "tiny", "--due", "--on", "2019-07-22", "--invoice", "A-1", "--made", "--bank-reference", "BG 1")
    assert adder.done(*pay, by=PAYER).out.startswith("Recorded tiny/P1")
    assert adder.done(*pay, by=PAYER).out.startswith("Already recorded")
    adder.done("import", "workforce", "tiny", adder.file("q2.csv", workforce(Q2)))
    sent = adder.file("absences-q2.csv", absences(Q2, 11, 3))
    assert (
        "absences from payroll"
        in adder.done("import", "absences", "tiny", sent, "--source", "payroll", "--complete", "2019Q2", by=PAYROLL).out
    )
    assert f"All 15 {NO_DIFFERENCE}" in shared.as_("owner").soc("check", by=None).out
    assert shared.as_("reader").state()["balance"]["provider"]["paid"] == "34909.09"
    refused = adder.soc("rebuild")
    assert refused.code == 1
    assert "lacks a right" in refused.err


def test_who_may_append_adds_no_row_to_the_tables_by_itself(shared: Shared) -> None:
    """Rows follow a record appended in the same transaction, through the ledger's own door."""
    adder = shared.as_("adder")
    posting = "INSERT INTO postings VALUES (9, 90, 'tiny', 'liabilities:outcome:paid', 1, 'bookable', '2019-01-31', '2019-06-12')"
    for statement in (
        posting,
        "INSERT INTO about VALUES (9, '2019-02', 'absences/tiny', 'payroll')",
        "INSERT INTO read_model VALUES (2)",
    ):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            run(adder.ledger, statement)
    before = adder.state()
    shared.as_("owner").done("rebuild", by=None)
    assert adder.state() == before


def test_the_vault_is_closed_to_who_has_no_right_to_it(shared: Shared) -> None:
    sent = shared.world.file("absences-q2.csv", absences(Q2, 11, 3))
    command = ("import", "absences", "tiny", sent, "--source", "payroll", "--complete", "2019Q2")
    run(shared.world.ledger, f"REVOKE {shared.role('vaulters')} FROM {shared.role('adder')}")
    refused = shared.as_("adder").soc(*command, by=PAYROLL)
    assert refused.code == 1
    assert "lacks a right" in refused.err
    assert "permission denied" in refused.err


def test_a_person_is_erased_from_the_pages_too_or_not_at_all(shared: Shared) -> None:
    adder, vault = shared.as_("adder"), shared.as_("owner").vault
    assert vault is not None
    forget = ("forget", "tiny", "S7001", "--decision", "D 1/2019")

    def known() -> bool:
        with psycopg.connect(vault) as connection:
            return connection.execute("SELECT 1 FROM employees WHERE employee = 'S7001'").fetchone() is not None

    run(vault, f"REVOKE ALL ON employees FROM {shared.role('vaulters')}")
    run(vault, f"GRANT SELECT, INSERT, DELETE ON employees TO {shared.role('vaulters')}")
    refused = adder.soc(*forget, by=PAYROLL)
    assert refused.code == 1
    assert "what is erased would stay in its file" in refused.err
    assert known()
    with psycopg.connect(vault) as connection:
        can_be_given = connection.info.server_version >= 170000
    if can_be_given:
        shared.as_("owner").done("grant", shared.role("vaulters"), "vault", by=None)
    eraser = adder if can_be_given else shared.as_("owner")
    before = filenode(vault)
    eraser.done(*forget, by=PAYROLL)
    assert not known()
    assert filenode(vault) != before, "the table was not rewritten"


def filenode(url: str) -> int:
    """The number of the file that the employees are in: another one after it was rewritten."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_relation_filenode('employees')").fetchone()
        assert row is not None
        return int(row[0])


# --- soc init and soc grant -----------------------------------------------------------------------------------------


def test_roles_named_at_the_opening(place: Shared) -> None:
    owner = place.as_("owner")
    opened = owner.done("init", *roles(place), "-O", "json").json
    assert opened["roles"] == {place.role("adders"): "append", place.role("readers"): "read"}
    again = owner.soc("init", *roles(place))
    assert again.code == 1
    assert "there is a ledger at" in again.err


def test_nothing_is_opened_where_the_roles_cannot_be_made(place: Shared) -> None:
    owner = place.as_("owner")
    run(place.world.ledger, f"ALTER ROLE {place.role('owner')} NOCREATEROLE")
    refused = owner.soc("init", *roles(place))
    assert refused.code == 1
    assert f'CREATE ROLE "{place.role("adders")}" NOLOGIN' in refused.err
    assert "there is no ledger" in owner.soc("contract", "list", by=None).err
    same = owner.soc("init", "--append-role", "one", "--read-role", "one")
    assert same.code == 2
    assert "not both" in same.err


def test_who_may_not_make_tables_opens_no_ledger(place: Shared) -> None:
    refused = place.as_("reader").soc("init")
    assert refused.code == 1
    assert "permission denied for schema public" in refused.err


def test_rights_given_later_say_what_they_did(place: Shared) -> None:
    owner = place.as_("owner")
    owner.done("init")
    first = owner.done("grant", place.role("readers"), "read", by=None).out
    assert "may read the ledger at" in first
    assert "The role was made, without login" in first
    assert "The role was made" not in owner.done("grant", place.role("readers"), "read", by=None).out
    run(place.world.ledger, f"GRANT {place.role('readers')} TO {place.role('reader')}")
    assert place.as_("reader").head() == owner.head()
    for user in ("reader", "adder"):
        assert place.as_(user).soc("grant", "anybody", "append", by=None).code == 1


@pytest.mark.parametrize("command", [("init", "--append-role", "a"), ("init", "--read-role", "a")])
def test_sqlite_has_no_roles(nothing: World, command: tuple[str, ...]) -> None:
    refused = nothing.soc(*command)
    assert refused.code == 2
    assert "roles are for PostgreSQL" in refused.err
    assert list(nothing.folder.glob("*.db")) == []


@pytest.mark.parametrize("right", ["append", "read", "vault"])
def test_nor_has_an_existing_ledger_in_a_file(signed: World, right: str) -> None:
    refused = signed.soc("grant", "somebody", right, by=None)
    assert refused.code == 2
    assert "roles are for PostgreSQL" in refused.err
