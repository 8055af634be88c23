"""Database roles on PostgreSQL: who may append to a ledger, who may only read it, who may work with its vault.

A role is a group: it is made without login where it is missing, and users are let in with SQL's own GRANT. The database then
holds what the command line only asks for: who may append can neither change nor remove nor forge the order (decision 2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import sqlalchemy as sa

from ledger import schema
from ledger.errors import Refused, Usage
from ledger.recorder import Recorder

Right = Literal["append", "read"]

_GIVEN: dict[Right, str] = {"append": "SELECT, INSERT", "read": "SELECT"}
_NAME = re.compile(r"(?!pg_)\w[\w-]*")
_MORE = "UPDATE, DELETE, TRUNCATE, TRIGGER"


def check_possible(on_postgresql: bool) -> None:
    """Raise Usage for SQLite."""
    if not on_postgresql:
        raise Usage("roles are for PostgreSQL; who may read or write a file, its own permissions say")


def prepare(recorder: Recorder, role: str) -> None:
    """Make a role before there is a ledger, so that nothing is opened where that cannot be. Raises as ``make``."""
    check_possible(recorder.on_postgresql)
    with recorder.maintaining() as connection:
        make(connection, role)


def make(connection: sa.Connection, role: str) -> bool:
    """Make the role, without login, unless it is there; whether it was made.

    Raises Usage for what is no name of a role, Refused where this database user may make none, and for a role that needs no
    rights to do everything: the owner's or an administrator's.
    """
    if not _NAME.fullmatch(role) or len(role.encode()) > 63 or role in ("public", "none"):
        raise Usage(f"{role!r} is no name for a role", do="Use letters, digits and _, such as soc_writers.")
    mighty = sa.text("SELECT pg_has_role(oid, current_user, 'MEMBER') FROM pg_roles WHERE rolname = :role")
    found = connection.execute(mighty, {"role": role}).scalar()
    if found:
        raise _too_mighty(role)
    if found is not None:
        return False
    statement = f"CREATE ROLE {quoted(connection, role)} NOLOGIN"
    if not connection.exec_driver_sql("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user").scalar():
        advice = f"Let an administrator run: {statement}; then do the same again."
        raise Refused(f"there is no role {role}, and this database user may make none", do=advice)
    connection.exec_driver_sql(statement)
    return True


def give(connection: sa.Connection, role: str, rights: str, tables: Sequence[str]) -> None:
    """Give the role these rights on the tables, and no others; beside them the use of the tables' schema."""
    name = quoted(connection, role)
    inside = sa.text(
        "SELECT relnamespace::regnamespace::text, has_schema_privilege(:role, relnamespace, 'USAGE')"
        " FROM pg_class WHERE oid = CAST(:table AS regclass)"
    )
    place, usable = connection.execute(inside, {"role": role, "table": tables[0]}).one()
    if not usable:
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {place} TO {name}")
    listed = ", ".join(tables)
    connection.exec_driver_sql(f"REVOKE ALL ON TABLE {listed} FROM {name}")
    connection.exec_driver_sql(f"GRANT {rights} ON TABLE {listed} TO {name}")


def grant(recorder: Recorder, role: str, right: Right, tables: Sequence[str] = ()) -> bool:
    """Let a role append to the ledger or only read it; ``tables`` are those that follow the log. Whether the role was made.

    Given again, the right replaces the one before. Raises Usage on SQLite, Refused where this database user does not own the
    ledger, or the role could change the record all the same.
    """
    check_possible(recorder.on_postgresql)
    with recorder.maintaining() as connection:
        owner = "SELECT relowner::regrole::text, pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'events'::regclass"
        name, mine = connection.exec_driver_sql(owner).one()
        if not mine:
            raise Refused(f"only the owner of the ledger at {recorder.place} gives rights to it", do=f"Connect as {name}.")
        schema.renew_functions(connection)
        made = make(connection, role)
        give(connection, role, _GIVEN[right], ["events", *tables])
        lock, to = "EXECUTE ON FUNCTION events_lock()", quoted(connection, role)
        connection.exec_driver_sql(f"GRANT {lock} TO {to}" if right == "append" else f"REVOKE {lock} FROM {to}")
        more = _MORE if right == "append" else f"INSERT, {_MORE}"
        still = sa.text("SELECT has_table_privilege(:role, 'events', :more)")
        if connection.execute(still, {"role": role, "more": more}).scalar():
            raise _too_mighty(role)
    return made


def quoted(connection: sa.Connection, name: str) -> str:
    """A role's name as SQL takes it."""
    return connection.dialect.identifier_preparer.quote_identifier(name)


def _too_mighty(role: str) -> Refused:
    return Refused(
        f"{role} could change the record whatever it is given here: it is an administrator, the owner, or belongs to such a role",
        do="Name a role of its own, such as soc_writers or soc_readers, and let users into it with: GRANT soc_writers TO user",
    )
