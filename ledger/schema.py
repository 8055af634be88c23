"""The log's one table, and the triggers that let it only grow: the database enforces what must hold (decision 2)."""

from __future__ import annotations

import sqlalchemy as sa

_Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # only INTEGER can be SQLite's row number
_Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # in code point order, as SQLite

events = sa.Table(
    "events",
    sa.MetaData(),
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

_KEPT = "what is recorded is neither changed nor removed"
_NEXT = "an event is recorded at the next position, without gaps"
_LATER = "an event is recorded later than the one before it"
_NOW = "an event is recorded no later than now, by the clock of the server"
_ONCE = "this event is recorded already"

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
# Every function pins where it looks, so that no table or function of a user's own, not even a temporary one, can stand in.
_PINNED = "SET search_path = pg_catalog, pg_temp"


def _postgresql_functions(schema: str) -> tuple[str, ...]:
    refuse, in_order, lock = (f"{schema}.events_{name}()" for name in ("refuse", "in_order", "lock"))
    table = f"{schema}.events"
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
        f"REVOKE ALL ON FUNCTION {refuse}, {in_order}, {lock} FROM PUBLIC",
        f"REVOKE ALL ON TABLE {table} FROM PUBLIC",
    )


_POSTGRESQL_GUARDS = (
    "CREATE TRIGGER events_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON events"
    f" FOR EACH STATEMENT EXECUTE FUNCTION events_refuse('{_KEPT}')",
    "CREATE TRIGGER events_in_order BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION events_in_order()",
    # Also in a session that plays a replica, where other triggers rest.
    "ALTER TABLE events ENABLE ALWAYS TRIGGER events_kept, ENABLE ALWAYS TRIGGER events_in_order",
    # While a view needs them, the table is not dropped and no column dropped or changed, unless CASCADE is said.
    "CREATE VIEW events_in_use AS SELECT * FROM events",
)


def create(connection: sa.Connection) -> None:
    """Make the table and its guards."""
    events.create(connection, checkfirst=False)
    if connection.dialect.name == "postgresql":
        renew_functions(connection)
    for guard in SQLITE_GUARDS if connection.dialect.name == "sqlite" else _POSTGRESQL_GUARDS:
        connection.exec_driver_sql(guard)


def renew_functions(connection: sa.Connection) -> None:
    """Make PostgreSQL's guarding functions anew, as of this version; what they guard is unchanged."""
    found = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = 'events'::regclass"  # as text it is quoted
    for function in _postgresql_functions(connection.exec_driver_sql(found).scalar_one()):
        connection.exec_driver_sql(function)
