"""Database roles: who may append can do no more, who may read can write nothing, held by a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from ledger import roles
from ledger.errors import Locked, Refused, Usage
from ledger.recorder import RecordedEvent, Recorder
from ledger.roles import Right

START = datetime(2020, 6, 15, 9, tzinfo=UTC)
COLUMNS = "position, stream, version, type, recorded_at, part, leaf, peaks, body"


def event(number: int) -> RecordedEvent:
    return RecordedEvent("contract/a", number, "Noted@1", b"{}", START + timedelta(seconds=number))


def as_user(url: str, user: str) -> str:
    return url.replace("postgres:@", f"{user}@")


def run(url: str, *statements: str) -> None:
    """SQL, each statement by itself, in one session."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@dataclass(frozen=True)
class Place:
    """A database with an owner who may make roles, and a user each for appending, reading and nothing."""

    admin: str
    suffix: str

    def url(self, user: str) -> str:
        return as_user(self.admin, f"{user}_{self.suffix}")

    def named(self, role: str) -> str:
        return f"{role}_{self.suffix}"

    def recorder(self, user: str, wait: float = 10) -> Recorder:
        return Recorder(self.url(user), wait=wait)


@pytest.fixture
def place(postgres_url: str, postgres_database: str) -> Iterator[Place]:
    place = Place(postgres_database, uuid4().hex[:8])
    users = [place.named(name) for name in ("owner", "adder", "reader", "nobody")]
    made = [place.named(name) for name in ("adders", "readers")]
    run(postgres_url, *(f"CREATE ROLE {name} LOGIN" for name in users), f"ALTER ROLE {users[0]} CREATEROLE")
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} OWNER TO {users[0]}".encode())
    yield place
    run(postgres_database, f"REASSIGN OWNED BY {users[0]} TO postgres")
    for role in (*made, *users):
        with psycopg.connect(postgres_database, autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


@pytest.fixture
def shared(place: Place) -> Place:
    """… with a ledger of three events, a table that follows it, and both rights given."""
    owner = place.recorder("owner")
    owner.create()
    owner.insert_events([event(number) for number in (1, 2, 3)])
    run(place.url("owner"), "CREATE TABLE seen (position BIGINT)")
    assert roles.grant(owner, place.named("adders"), "append", ["seen"])
    assert roles.grant(owner, place.named("readers"), "read", ["seen"])
    run(
        place.admin,
        f"GRANT {place.named('adders')} TO {place.named('adder')}",
        f"GRANT {place.named('readers')} TO {place.named('reader')}",
    )
    owner.close()
    return place


def forged(position: str, version: int, recorded_at: str, table: str = "public.events") -> str:
    leaf = f"(SELECT leaf FROM {table} LIMIT 1)"
    values = f"{position}, 'contract/a', {version}, 'T', {recorded_at}, 0, {leaf}, {leaf}, {leaf}"
    return f"INSERT INTO public.events ({COLUMNS}) VALUES ({values})"


LATER = "(SELECT max(recorded_at) + 1 FROM public.events)"
GOOD = forged("4", 4, LATER)
SHADOW = "CREATE TEMP TABLE events (LIKE public.events); INSERT INTO pg_temp.events SELECT * FROM public.events"
NO_RIGHT, NOT_KEPT = "42501", "23000"

ATTACKS = {
    "update": ("UPDATE events SET stream = 'x'", NO_RIGHT),
    "delete": ("DELETE FROM events", NO_RIGHT),
    "truncate": ("TRUNCATE events", NO_RIGHT),
    "drop": ("DROP TABLE events CASCADE", NO_RIGHT),
    "alter": ("ALTER TABLE events DROP COLUMN beside CASCADE", NO_RIGHT),
    "take over": ("ALTER TABLE events OWNER TO CURRENT_USER", NO_RIGHT),
    "disable triggers": ("ALTER TABLE events DISABLE TRIGGER ALL", NO_RIGHT),
    "drop a trigger": ("DROP TRIGGER events_kept ON events", NO_RIGHT),
    "own trigger": ("CREATE TRIGGER a BEFORE INSERT ON events EXECUTE FUNCTION events_refuse()", NO_RIGHT),
    "own rule": ("CREATE RULE a AS ON INSERT TO events DO INSTEAD NOTHING", NO_RIGHT),
    "play a replica": ("SET session_replication_role = replica", NO_RIGHT),
    "other function": (
        "CREATE OR REPLACE FUNCTION events_in_order() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        NO_RIGHT,
    ),
    "function elsewhere": ("CREATE FUNCTION events_lock(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'", NO_RIGHT),
    "drop a function": ("DROP FUNCTION events_lock()", NO_RIGHT),
    "lock alone": ("LOCK TABLE events IN EXCLUSIVE MODE", NO_RIGHT),
    "for update": ("SELECT 1 FROM events FOR UPDATE", NO_RIGHT),
    "become the owner": ("SET ROLE {owner}", NO_RIGHT),
    "own table": ("CREATE TABLE mine (a int)", NO_RIGHT),
    "own schema": ("CREATE SCHEMA mine", NO_RIGHT),
    "upsert": (GOOD + " ON CONFLICT (position) DO UPDATE SET stream = 'x'", NO_RIGHT),
    "change what follows": ("DELETE FROM seen", NO_RIGHT),
}
FORGERIES = {
    "gap": (forged("5", 4, LATER), NOT_KEPT),
    "clock back": (forged("4", 4, "0"), NOT_KEPT),
    "again": (forged("3", 4, LATER), NOT_KEPT),
    "clock back, behind a table of its own": (
        f"{SHADOW}; UPDATE pg_temp.events SET recorded_at = -position; {forged('4', 9, '0')}",
        NOT_KEPT,
    ),
    "gap, behind a table of its own": (
        f"{SHADOW}; UPDATE pg_temp.events SET position = position + 9; {forged('13', 9, LATER)}",
        NOT_KEPT,
    ),
}


def attack(place: Place, user: str, statement: str, sqlstate: str) -> None:
    """The database refuses, with that code; every record is as it was."""
    before = stored(place)
    with pytest.raises(psycopg.Error) as refusal, psycopg.connect(place.url(user)) as connection:
        connection.execute(statement.format(owner=place.named("owner"), nobody=place.named("nobody")).encode())
    assert refusal.value.sqlstate == sqlstate, refusal.value
    assert stored(place) == before


def stored(place: Place) -> list[tuple[object, ...]]:
    with psycopg.connect(place.admin) as connection:
        return connection.execute("SELECT * FROM events ORDER BY position").fetchall()


@pytest.mark.parametrize("crime", [*ATTACKS, *FORGERIES])
def test_who_may_append_can_do_no_more(shared: Place, crime: str) -> None:
    attack(shared, "adder", *{**ATTACKS, **FORGERIES}[crime])


@pytest.mark.parametrize("crime", ATTACKS)
def test_who_may_read_can_write_nothing(shared: Place, crime: str) -> None:
    attack(shared, "reader", *ATTACKS[crime])


@pytest.mark.parametrize("statement", [GOOD, "INSERT INTO seen VALUES (4)", "SELECT events_lock()"])
def test_what_only_who_may_append_can_do(shared: Place, statement: str) -> None:
    for user in ("reader", "nobody"):
        attack(shared, user, statement, NO_RIGHT)
    run(shared.url("adder"), statement)


def test_a_right_is_not_passed_on(shared: Place) -> None:
    grant = f"GRANT SELECT, INSERT ON events TO {shared.named('nobody')}"
    run(shared.url("adder"), grant)  # PostgreSQL only warns
    for statement in (GOOD, "SELECT * FROM events"):
        attack(shared, "nobody", statement, NO_RIGHT)
    run(shared.url("owner"), grant)
    run(shared.url("nobody"), GOOD)


def test_who_was_given_nothing_reads_nothing(shared: Place) -> None:
    attack(shared, "nobody", "SELECT * FROM events", NO_RIGHT)
    attack(shared, "nobody", "SELECT * FROM events_in_use", NO_RIGHT)
    with pytest.raises(Refused, match=r"this database user lacks a right at .*: permission denied for table events"):
        shared.recorder("nobody").head()


def test_recording_and_reading_under_the_roles(shared: Place) -> None:
    adder, reader = shared.recorder("adder"), shared.recorder("reader")
    with adder.writing() as transaction:
        assert adder.insert_events([event(4)]) == [4]
        transaction.exec_driver_sql("INSERT INTO seen VALUES (4)")
    assert reader.head() == adder.head()
    assert reader.head().position == 4
    with pytest.raises(Refused, match=r"may not be written: this database user may only read.*\n.*soc grant ROLE append"):
        reader.insert_events([event(5)])
    adder.close()
    reader.close()


def test_one_writer_at_a_time_whatever_the_role(shared: Place) -> None:
    adder, owner = shared.recorder("adder", 0.2), shared.recorder("owner", 0.2)
    for holder, waiting in ((owner, adder), (adder, owner)):
        with holder.writing():
            with pytest.raises(Locked, match=r"still after 0.2 s"):
                waiting.insert_events([event(4)])
            assert waiting.head().position == 3
    adder.close()
    owner.close()


# --- the owner's own hands ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "slip",
    [
        "DROP TABLE events",
        "ALTER TABLE events DROP COLUMN beside",
        "ALTER TABLE events ALTER COLUMN recorded_at TYPE text",
        "DROP FUNCTION events_in_order()",
    ],
)
def test_the_owner_s_slips_are_refused(shared: Place, slip: str) -> None:
    with pytest.raises(psycopg.Error):
        run(shared.url("owner"), slip)
    assert len(stored(shared)) == 3


@pytest.mark.parametrize("crime", ["DELETE FROM events", forged("9", 9, LATER)])
def test_the_guards_stand_in_a_session_that_plays_a_replica(shared: Place, crime: str) -> None:
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        run(shared.admin, "SET session_replication_role = replica", crime)


# --- giving rights --------------------------------------------------------------------------------------------------


def test_a_right_given_again_replaces_the_one_before(shared: Place) -> None:
    owner, adders = shared.recorder("owner"), shared.named("adders")
    assert roles.grant(owner, adders, "read", ["seen"]) is False
    for statement in (GOOD, "INSERT INTO seen VALUES (4)", "SELECT events_lock()"):
        attack(shared, "adder", statement, NO_RIGHT)
    roles.grant(owner, adders, "append", ["seen"])
    run(shared.url("adder"), GOOD)
    owner.close()


def test_made_roles_cannot_log_in(shared: Place) -> None:
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(shared.url("readers"))


@pytest.mark.parametrize("right", ["append", "read"])
def test_a_role_that_could_change_the_record_anyway_is_refused(shared: Place, right: Right) -> None:
    owner, nobody = shared.recorder("owner"), shared.named("nobody")
    for mighty in ("postgres", shared.named("owner")):
        with pytest.raises(Refused, match="could change the record whatever it is given"):
            roles.grant(owner, mighty, right)
    for group in (shared.named("owner"), "pg_write_all_data"):
        run(shared.admin, f"GRANT {group} TO {nobody}")
        with pytest.raises(Refused, match="could change the record whatever it is given"):
            roles.grant(owner, nobody, right)
        run(shared.admin, f"REVOKE {group} FROM {nobody}")
    attack(shared, "nobody", "SELECT * FROM events", NO_RIGHT)
    owner.close()


def test_a_reader_who_may_append_by_another_role_is_refused(shared: Place) -> None:
    with pytest.raises(Refused, match="could change the record"):
        roles.grant(shared.recorder("owner"), shared.named("adder"), "read")


@pytest.mark.parametrize("name", ["public", "none", "pg_monitor", "", "a b", 'a"; DROP TABLE events; --', "x" * 64])
def test_what_is_no_name_of_a_role_is_refused(shared: Place, name: str) -> None:
    with pytest.raises(Usage, match="is no name for a role"):
        roles.grant(shared.recorder("owner"), name, "append")


def test_only_the_owner_gives_rights(shared: Place) -> None:
    with pytest.raises(Refused, match=rf"only the owner(.|\n)*{shared.named('owner')}"):
        roles.grant(shared.recorder("adder"), "anybody", "append")


def test_an_owner_who_may_make_no_roles_is_told_what_to_ask_for(place: Place) -> None:
    run(place.admin, f"ALTER ROLE {place.named('owner')} NOCREATEROLE")
    owner, readers = place.recorder("owner"), place.named("readers")
    with pytest.raises(Refused, match=f'may make none(.|\n)*CREATE ROLE "{readers}" NOLOGIN'):
        roles.prepare(owner, readers)
    owner.create()
    with pytest.raises(Refused, match="may make none"):
        roles.grant(owner, readers, "read")
    run(place.admin, f'CREATE ROLE "{readers}" NOLOGIN')
    assert roles.grant(owner, readers, "read") is False
    owner.close()


def test_a_schema_of_its_own_is_opened_with_the_right(place: Place) -> None:
    url = place.url("owner")
    run(url, 'CREATE SCHEMA "Region Nord"')
    inside = "&options=-csearch_path%3D%22Region%5C%20Nord%22"
    owner = Recorder(url + inside)
    owner.create()
    owner.insert_events([event(1)])
    roles.grant(owner, place.named("adder"), "append")
    adder = Recorder(place.url("adder") + inside)
    assert adder.insert_events([event(2)]) == [2]
    with pytest.raises(Usage, match="there is no ledger"):
        place.recorder("owner").head()
    owner.close()
    adder.close()


UNPINNED = """
CREATE OR REPLACE FUNCTION events_in_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.position IS DISTINCT FROM (SELECT coalesce(max(position), 0) + 1 FROM events) THEN
    RAISE EXCEPTION USING MESSAGE = 'next', ERRCODE = 'integrity_constraint_violation';
  ELSIF NEW.recorded_at <= (SELECT max(recorded_at) FROM events) THEN
    RAISE EXCEPTION USING MESSAGE = 'later', ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""


def test_a_ledger_of_an_earlier_version_gets_its_functions_with_the_first_right(shared: Place) -> None:
    run(shared.url("owner"), "DROP FUNCTION events_lock()", UNPINNED)
    owner = shared.recorder("owner")
    assert owner.insert_events([event(4)]) == [4]
    with psycopg.connect(shared.url("adder")) as connection:  # what the pinned functions are for
        connection.execute(f"{SHADOW}; UPDATE pg_temp.events SET recorded_at = -position; {forged('5', 9, '0')}".encode())
        connection.rollback()
    roles.grant(owner, shared.named("adders"), "append", ["seen"])
    adder = shared.recorder("adder")
    assert adder.insert_events([event(5)]) == [5]
    attack(shared, "adder", f"{SHADOW}; UPDATE pg_temp.events SET recorded_at = -position; {forged('6', 9, '0')}", NOT_KEPT)
    owner.close()
    adder.close()


def test_roles_are_for_postgresql(tmp_path: Path) -> None:
    recorder = Recorder(f"sqlite:///{tmp_path / 'ledger.db'}")
    with pytest.raises(Usage, match="roles are for PostgreSQL"):
        roles.prepare(recorder, "soc_writers")
    with pytest.raises(Usage, match="roles are for PostgreSQL"):
        roles.grant(recorder, "soc_writers", "append")
