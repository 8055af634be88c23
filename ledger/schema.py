"""The log's table and that of its seals, and the triggers that let them only grow: the database enforces what must hold
(decision 2)."""

from __future__ import annotations

import sqlalchemy as sa

_Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # only INTEGER can be SQLite's row number
_Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # in code point order, as SQLite

_metadata = sa.MetaData()
events = sa.Table(
    "events",
    _metadata,
    sa.Column("position", _Number, primary_key=True, autoincrement=False),
    sa.Column("stream", _Name, nullable=False),
    sa.Column("version", _Number, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    # Microseconds since 1970 (UTC): integers compare exactly, and alike under every database and collation.
    sa.Column("recorded_at", _Number, nullable=False, unique=True),
    sa.Column("submission", sa.Text),
    sa.Column("part", _Number, nullable=False),
    sa.Column("leaf", sa.LargeBinary, sa.CheckConstraint("length(leaf) = 32"), nullable=False),
    sa.Column("peaks", sa.LargeBinary, sa.CheckConstraint("length(peaks) % 32 = 0"), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("beside", sa.LargeBinary),
    sa.UniqueConstraint("stream", "version"),
    sa.UniqueConstraint("submission", "part"),
    sa.Index("events_by_stream", "stream", "position"),
    sqlite_strict=True,
)
seals = sa.Table(
    "seals",
    _metadata,
    sa.Column("number", _Number, primary_key=True, autoincrement=False),
    sa.Column("size", _Number, nullable=False),  # of how many records
    sa.Column("kind", sa.Text, sa.CheckConstraint("kind IN ('checkpoint', 'signature', 'timestamp')"), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    # Over all of the row: no root tells of a byte that changes in a signature.
    sa.Column("sha256", sa.LargeBinary, sa.CheckConstraint("length(sha256) = 32"), nullable=False),
    sqlite_strict=True,
)

_KEPT = "what is recorded is neither changed nor removed"
_NEXT = "an event is recorded at the next position, without gaps"
_LATER = "an event is recorded later than the one before it"
_NOW = "an event is recorded no later than now, by the clock of the server"
_ONCE = "this event is recorded already"
_NEXT_SEAL = "a seal is kept under the next number, without gaps"
_LARGER = "a checkpoint is of more records than the one before it, and of no more than there are"
_UNDER = "a signature or time stamp is of a checkpoint that is kept"

# INSERT OR REPLACE removes what it collides with and fires no DELETE trigger, so the insert is refused.
SQLITE_GUARDS = (
    f"CREATE TRIGGER events_unchanged BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
    f"CREATE TRIGGER events_kept BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
    f"""
    CREATE TRIGGER events_in_order BEFORE INSERT ON events BEGIN
      SELECT RAISE(ABORT, '{_ONCE}') WHERE
        EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version)
        OR EXISTS (SELECT 1 FROM events WHERE submission = NEW.submission AND part = NEW.part);
      SELECT RAISE(ABORT, '{_NEXT}')
        WHERE NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM events);
      SELECT RAISE(ABORT, '{_LATER}') WHERE NEW.recorded_at <= (SELECT max(recorded_at) FROM events);
    END
    """,
)
SQLITE_SEAL_GUARDS = (
    f"CREATE TRIGGER seals_unchanged BEFORE UPDATE ON seals BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
    f"CREATE TRIGGER seals_kept BEFORE DELETE ON seals BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
    f"""
    CREATE TRIGGER seals_in_order BEFORE INSERT ON seals BEGIN
      SELECT RAISE(ABORT, '{_NEXT_SEAL}') WHERE NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM seals);
      SELECT RAISE(ABORT, '{_LARGER}') WHERE NEW.kind = 'checkpoint' AND NOT (
        NEW.size > (SELECT coalesce(max(size), 0) FROM seals) AND NEW.size <= (SELECT coalesce(max(position), 0) FROM events));
      SELECT RAISE(ABORT, '{_UNDER}') WHERE NEW.kind <> 'checkpoint'
        AND NOT EXISTS (SELECT 1 FROM seals WHERE kind = 'checkpoint' AND size = NEW.size);
    END
    """,
)
# Every function pins where it looks, so that no table or function of a user's own, not even a temporary one, can stand in.
_PINNED = "SET search_path = pg_catalog, pg_temp"


def _postgresql_functions(schema: str) -> tuple[str, ...]:
    refuse, in_order, lock = (f"{schema}.events_{name}()" for name in ("refuse", "in_order", "lock"))
    table, seals_in_order = f"{schema}.events", f"{schema}.seals_in_order()"
    return (
        f"""
        CREATE OR REPLACE FUNCTION {refuse} RETURNS trigger LANGUAGE plpgsql {_PINNED} AS $$ BEGIN
          RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        f"""
        CREATE OR REPLACE FUNCTION {in_order} RETURNS trigger LANGUAGE plpgsql {_PINNED} AS $$ BEGIN
          IF NEW.position IS DISTINCT FROM (SELECT coalesce(max(position), 0) + 1 FROM {table}) THEN
            RAISE EXCEPTION USING MESSAGE = '{_NEXT}', ERRCODE = 'integrity_constraint_violation';
          ELSIF NEW.recorded_at <= (SELECT max(recorded_at) FROM {table}) THEN
            RAISE EXCEPTION USING MESSAGE = '{_LATER}', ERRCODE = 'integrity_constraint_violation';
          ELSIF NEW.recorded_at > (extract(epoch FROM clock_timestamp()) + 300) * 1000000 THEN
            RAISE EXCEPTION USING MESSAGE = '{_NOW}', ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END $$
        """,
        # The lock needs the right to change or remove; who may only append takes it through the owner.
        f"""
        CREATE OR REPLACE FUNCTION {lock} RETURNS void LANGUAGE plpgsql SECURITY DEFINER {_PINNED} AS $$ BEGIN
          LOCK TABLE {table} IN EXCLUSIVE MODE;
        END $$
        """,
        _seals_in_order(seals_in_order, f"{schema}.seals", table),
        f"REVOKE ALL ON FUNCTION {refuse}, {in_order}, {lock}, {seals_in_order} FROM PUBLIC",
        f"REVOKE ALL ON TABLE {table} FROM PUBLIC",
    )


def _seals_in_order(function: str, table: str, recorded: str) -> str:
    return f"""
        CREATE OR REPLACE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql {_PINNED} AS $$ BEGIN
          IF NEW.number IS DISTINCT FROM (SELECT coalesce(max(number), 0) + 1 FROM {table}) THEN
            RAISE EXCEPTION USING MESSAGE = '{_NEXT_SEAL}', ERRCODE = 'integrity_constraint_violation';
          ELSIF NEW.kind = 'checkpoint' AND NOT (NEW.size > (SELECT coalesce(max(size), 0) FROM {table})
              AND NEW.size <= (SELECT coalesce(max(position), 0) FROM {recorded})) THEN
            RAISE EXCEPTION USING MESSAGE = '{_LARGER}', ERRCODE = 'integrity_constraint_violation';
          ELSIF NEW.kind <> 'checkpoint'
              AND NOT EXISTS (SELECT 1 FROM {table} WHERE kind = 'checkpoint' AND size = NEW.size) THEN
            RAISE EXCEPTION USING MESSAGE = '{_UNDER}', ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END $$
        """


_POSTGRESQL_GUARDS = (
    "CREATE TRIGGER events_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON events"
    f" FOR EACH STATEMENT EXECUTE FUNCTION events_refuse('{_KEPT}')",
    "CREATE TRIGGER events_in_order BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION events_in_order()",
    # Also in a session that plays a replica, where other triggers rest.
    "ALTER TABLE events ENABLE ALWAYS TRIGGER events_kept, ENABLE ALWAYS TRIGGER events_in_order",
    # While a view needs them, the table is not dropped and no column dropped or changed, unless CASCADE is said.
    "CREATE VIEW events_in_use AS SELECT * FROM events",
)

_POSTGRESQL_SEAL_GUARDS = (
    "REVOKE ALL ON TABLE seals FROM PUBLIC",
    "CREATE TRIGGER seals_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON seals"
    f" FOR EACH STATEMENT EXECUTE FUNCTION events_refuse('{_KEPT}')",
    "CREATE TRIGGER seals_in_order BEFORE INSERT ON seals FOR EACH ROW EXECUTE FUNCTION seals_in_order()",
    "ALTER TABLE seals ENABLE ALWAYS TRIGGER seals_kept, ENABLE ALWAYS TRIGGER seals_in_order",
    "CREATE VIEW seals_in_use AS SELECT * FROM seals",
)


def create(connection: sa.Connection) -> None:
    """Make the tables and their guards."""
    events.create(connection, checkfirst=False)
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        renew_functions(connection)
    _guard(connection, SQLITE_GUARDS if sqlite else _POSTGRESQL_GUARDS)
    _create_seals(connection)


def add_seals(connection: sa.Connection) -> None:
    """Make the table of seals in a ledger that was opened before there was one; those who may append or read the record may do
    the same with its seals. Nothing where it is."""
    if sa.inspect(connection).has_table(seals.name):
        return
    if connection.dialect.name == "sqlite":
        _create_seals(connection)
        return
    renew_functions(connection)  # first, for only the owner can
    _create_seals(connection)
    for role, rights in connection.exec_driver_sql(_RIGHTS).all():
        connection.exec_driver_sql(f"GRANT {rights} ON TABLE seals TO {role}")


_RIGHTS = """
SELECT grantee::regrole::text, string_agg(privilege_type, ', ') FROM pg_class, aclexplode(relacl)
WHERE oid = 'events'::regclass AND grantee NOT IN (0, relowner) AND privilege_type IN ('SELECT', 'INSERT') GROUP BY grantee
"""


def _create_seals(connection: sa.Connection) -> None:
    seals.create(connection, checkfirst=False)
    _guard(connection, SQLITE_SEAL_GUARDS if connection.dialect.name == "sqlite" else _POSTGRESQL_SEAL_GUARDS)


def _guard(connection: sa.Connection, guards: tuple[str, ...]) -> None:
    for guard in guards:
        connection.exec_driver_sql(guard)


def renew_functions(connection: sa.Connection) -> None:
    """Make PostgreSQL's guarding functions anew, as of this version; what they guard is unchanged."""
    found = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = 'events'::regclass"  # as text it is quoted
    for function in _postgresql_functions(connection.exec_driver_sql(found).scalar_one()):
        connection.exec_driver_sql(function)
