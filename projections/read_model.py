"""Postings and determinations as tables, written in the transaction that appends; rebuilt from the log at will.

Rows are only ever added, so an answer at an earlier position is the same query with a lower bound. The tables are read by
``soc`` and may be read by anybody's SQL; the record itself is the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from itertools import islice, zip_longest
from typing import Any

import sqlalchemy as sa

from ledger import events as e
from ledger.contract import ContractState
from ledger.errors import Refused, VerificationFailed
from ledger.facts import Facts, contract_stream
from ledger.log import Log, verified
from ledger.money import decimals
from ledger.periods import instant_text
from ledger.record import Recorded
from ledger.recorder import Recorder
from projections.about import About, abouts, late, streams
from projections.book import Folded, Sums, is_entry
from projections.names import short_name
from projections.postings import ACCOUNTS, Posting, postings

VERSION = 2
"""Of the tables' shape: a ledger with another one is rebuilt before it is used."""

_Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # in code point order, as SQLite

metadata = sa.MetaData()
model = sa.Table("read_model", metadata, sa.Column("version", sa.Integer, primary_key=True, autoincrement=False))
records = sa.Table(
    "records",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("stream", _Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("recorded_at", sa.Text, nullable=False),
    sa.Column("effective_on", sa.Date, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("entry", sa.Boolean, nullable=False),
    sa.Index("records_by_stream", "stream", "entry", "position"),
)
posted = sa.Table(
    "postings",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("contract", _Text, nullable=False),
    sa.Column("account", _Text, nullable=False),
    sa.Column("amount_ore", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("effective_on", sa.Date, nullable=False),
    sa.Column("booked_on", sa.Date, nullable=False),
    sa.Index("postings_by_contract", "contract", "account", "effective_on", "position", "amount_ore"),
)
determinations = sa.Table(
    "determinations",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("month", sa.Text, primary_key=True),
    sa.Column("contract", _Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("employees", sa.Integer),
    sa.Column("expected_days", sa.Text),
    sa.Column("actual_days", sa.Text),
    sa.Column("price_ore", sa.BigInteger),
    sa.Column("savings_ore", sa.BigInteger, nullable=False),
    sa.Column("trend_status", sa.Text),
    sa.Column("preliminary", sa.Boolean, nullable=False),
    sa.Column("agreed", sa.Text),  # the rule of a month that is not measured
)
about = sa.Table(
    "about",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("stream", _Text, nullable=False),
    sa.Column("source", sa.Text),
    sa.Index("about_by_stream", "stream", "position", "period", "source"),
)

# ── Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

Values = dict[str, Any]


def _record(record: Recorded[Any]) -> Iterator[Values]:
    yield {
        "position": record.position,
        "stream": record.stream,
        "type": record.type,
        "name": short_name(record),
        "recorded_at": instant_text(record.recorded_at),
        "effective_on": record.effective_on,
        "recorded_by": record.recorded_by.name,
        "role": record.recorded_by.role,
        "entry": is_entry(record.data),
    }


def _posted(record: Recorded[Any]) -> Iterator[Values]:
    kind, _, contract_id = record.stream.partition("/")
    for line, one in enumerate(postings(record) if kind == "contract" else ()):
        yield {
            "position": record.position,
            "line": line,
            "contract": contract_id,
            "account": one.account,
            "amount_ore": one.amount,
            "kind": one.kind,
            "effective_on": one.effective_on,
            "booked_on": one.booked_on,
        }


def _determined(record: Recorded[Any]) -> Iterator[Values]:
    event = record.data
    for one in event.months if isinstance(event, e.SavingsDetermined) else ():
        yield {
            "position": record.position,
            "month": str(one.month),
            "contract": record.stream.partition("/")[2],
            "number": event.number,
            "savings_ore": one.savings_ore,
            "preliminary": event.preliminary,
            **_measured(one),
        }


def _measured(one: e.AnyMonth) -> Values:
    if isinstance(one, e.MonthAgreed):
        empty = dict.fromkeys(("employees", "expected_days", "actual_days", "price_ore", "trend_status"))
        return {**empty, "agreed": one.kind}
    return {
        "employees": one.employees,
        "expected_days": decimals(one.expected_days, 2),
        "actual_days": f"{one.actual_hundredths // 100}.{one.actual_hundredths % 100:02d}",
        "price_ore": one.price_ore,
        "trend_status": one.trend.status,
        "agreed": None,
    }


def _about(record: Recorded[Any]) -> Iterator[Values]:
    for one in abouts(record):
        yield {"position": one.position, "period": one.period, "stream": one.stream, "source": one.source}


ROWS: Mapping[sa.Table, Callable[[Recorded[Any]], Iterator[Values]]] = {
    records: _record,
    posted: _posted,
    determinations: _determined,
    about: _about,
}
"""Each table with the rows that one record makes in it, in the order of its primary key."""

# ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def create(connection: sa.Connection) -> None:
    """Make the tables, empty; what stood there under these names goes."""
    metadata.drop_all(connection)
    metadata.create_all(connection)
    connection.execute(model.insert(), {"version": VERSION})
    if connection.dialect.name == "postgresql":
        _guard(connection)


def _guard(connection: sa.Connection) -> None:
    """Who may append adds rows only of what is appended in the same transaction; rows of earlier records are the owner's."""
    found = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = 'events'::regclass"
    place = connection.exec_driver_sql(found).scalar_one()
    connection.exec_driver_sql(
        f"""
        CREATE OR REPLACE FUNCTION {place}.events_followed() RETURNS trigger
        LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$ BEGIN
          IF NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') AND NOT EXISTS (
            SELECT 1 FROM {place}.events WHERE position = NEW.position AND xmin = pg_current_xact_id()::xid
          ) THEN
            RAISE EXCEPTION 'rows follow the record that is appended with them' USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END $$
        """
    )
    for table in ROWS:
        trigger = f"CREATE TRIGGER {table.name}_follow BEFORE INSERT ON {place}.{table.name} FOR EACH ROW"
        connection.exec_driver_sql(f"{trigger} EXECUTE FUNCTION {place}.events_followed()")
    once = f"CREATE TRIGGER read_model_kept BEFORE INSERT OR UPDATE ON {place}.{model.name} FOR EACH STATEMENT"
    connection.exec_driver_sql(f"{once} EXECUTE FUNCTION {place}.events_refuse('the version is made with the tables')")


def write(connection: sa.Connection, appended: Sequence[Recorded[Any]]) -> None:
    """Add what these records make, in the transaction that appends them. Raises Refused where the tables do not follow the
    record so far."""
    _require(connection, appended[0].position - 1)
    _add(connection, appended)


def _add(connection: sa.Connection, appended: Sequence[Recorded[Any]]) -> None:
    for table, rows_of in ROWS.items():
        rows = [row for record in appended for row in rows_of(record)]
        if rows:
            connection.execute(table.insert(), rows)


def rebuild(log: Log) -> int:
    """The tables anew from the log, in one transaction under its lock; the position that they reach."""
    with log.recorder.writing() as connection:
        if _version(connection) == VERSION:
            for table in reversed(metadata.sorted_tables):
                if table is not model:
                    connection.execute(table.delete())
        else:
            create(connection)
        following = map(verified, log.recorder.rows())
        while chunk := list(islice(following, 200)):
            _add(connection, chunk)
        return log.recorder.head().position


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _version(connection: sa.Connection) -> int | None:
    if not sa.inspect(connection).has_table(model.name):
        return None
    versions = connection.scalars(sa.select(model.c.version)).all()
    return versions[0] if len(versions) == 1 else None


def _require(connection: sa.Connection, position: int) -> None:
    if _version(connection) != VERSION:
        raise Refused("the ledger's tables of postings are not those of this version", do="make them anew with: soc rebuild")
    reached = connection.scalar(sa.select(sa.func.max(records.c.position))) or 0
    if reached != position:
        raise Refused(
            f"the ledger's tables of postings end at record {reached}, the record at {position}",
            do="make them anew with: soc rebuild",
        )


ALTERED = "the tables are not what was written"
ANEW = "see what differs with soc check, and make them anew with soc rebuild"


class Book:
    """The book as the tables have it, at the facts' position. Raises Refused where they do not reach it."""

    def __init__(self, recorder: Recorder, facts: Facts) -> None:
        self._recorder, self._facts = recorder, facts
        with recorder.reading() as connection:
            _require(connection, recorder.head().position)

    def contracts(self) -> Sequence[str]:
        """The ids of the contracts signed."""
        return [name.partition("/")[2] for name in self._recorder.streams("contract/", upto=self._facts.position)]

    def shaping(self, contract_id: str) -> Sequence[Recorded[Any]]:
        """The contract's records in order, without its money entries."""
        stream = contract_stream(contract_id)
        known = (records.c.stream == stream, records.c.position <= self._facts.position)
        shaping = sa.select(records.c.position).where(*known, records.c.entry.is_(False)).order_by(records.c.position)
        with self._recorder.reading() as connection:
            count = connection.scalar(sa.select(sa.func.count()).select_from(records).where(*known))
            positions = list(connection.scalars(shaping))
        found = [verified(row) for row in self._recorder.rows(among=shaping)]
        complete = count == self._recorder.last_version(stream, self._facts.position)
        named = [(record.stream, record.position) for record in found] == [(stream, position) for position in positions]
        begins = found[0].version == 1 if found else not count  # a contract's first record is its signing, no entry of money
        if not (complete and named and begins):
            raise VerificationFailed(f"records of {contract_id} are missing: {ALTERED}", do=ANEW)
        return found

    def sums(self, contract_id: str, as_of: date) -> Sums:
        """The sum of each account's postings that are effective by ``as_of``. Raises VerificationFailed unless they balance: one
        row damaged, or on an account that is none, leaves them out of balance; an index out of order hides rows by account that
        are there by contract."""
        chosen = [posted.c.contract == contract_id, posted.c.effective_on <= as_of, posted.c.position <= self._facts.position]
        # A range of the index for each account: grouping all rows takes twice the time.
        summed = (sa.func.sum(posted.c.amount_ore), sa.func.count())
        each = [
            sa.select(sa.literal(account), *summed).where(posted.c.account == account, *chosen) for account in sorted(ACCOUNTS)
        ]
        every = sa.select(sa.literal(""), sa.null(), sa.func.count()).select_from(posted).where(*chosen)
        with self._recorder.reading() as connection:
            found = {account: (amount, count) for account, amount, count in connection.execute(sa.union_all(*each, every))}
        _, there = found.pop("")
        sums = {account: int(amount) for account, (amount, _) in found.items() if amount is not None}
        if sum(sums.values()) or sum(count for _, count in found.values()) != there:
            raise VerificationFailed(f"the postings of {contract_id} do not balance: {ALTERED}", do=ANEW)
        return sums

    def postings(self, contract_id: str) -> dict[int, list[Posting]]:
        """All postings, by the position of the record that they come from. Raises VerificationFailed where they are not what the
        records make."""
        columns = (posted.c[name] for name in ("position", "account", "amount_ore", "kind", "effective_on", "booked_on"))
        chosen = (posted.c.contract == contract_id, posted.c.position <= self._facts.position)
        in_order = sa.select(*columns).where(*chosen).order_by(posted.c.position, posted.c.line)
        stored: list[tuple[Any, ...]] = []
        with self._recorder.reading() as connection, suppress(ValueError):  # a date that is none: then rows are missing
            stored += (tuple(row) for row in connection.execute(in_order))
        made = Folded(self._facts).postings(contract_id)
        if stored != [
            (one.position, one.account, one.amount, one.kind, one.effective_on, one.booked_on)
            for found in made.values()
            for one in found
        ]:
            raise VerificationFailed(f"the postings of {contract_id} are not what its records make: {ALTERED}", do=ANEW)
        return made

    def unsettled(self, contract_id: str, folded: ContractState, as_of: date) -> list[int]:
        """The positions of the records about determined months that their determination did not see (rule 15)."""
        if not folded.in_force:
            return []
        first = min(one.basis for one in folded.in_force)
        within = (about.c.position > first, about.c.position <= self._facts.position)
        statement = sa.select(about).where(about.c.stream.in_(streams(contract_id, folded)), *within)
        with self._recorder.reading() as connection:
            found = [About(row.position, row.stream, row.source, row.period) for row in connection.execute(statement)]
        return sorted({position for positions in late(found, folded, as_of).values() for position in positions})


def differences(log: Log) -> Iterator[str]:
    """Where the tables are not what the log makes, in words, the first of each table; nothing when they agree."""
    with log.recorder.reading() as connection:
        if _version(connection) != VERSION:
            yield "the tables of postings are missing or of another version; make them anew with: soc rebuild"
            return
        last = log.recorder.head().position
        for table, rows_of in ROWS.items():
            chosen = sa.select(table).order_by(*table.primary_key)
            stored = connection.execute(chosen, execution_options={"yield_per": 1000})
            made = (row for record in map(verified, log.recorder.rows(upto=last)) for row in rows_of(record))
            try:
                for is_, should in zip_longest((dict(row) for row in stored.mappings()), made):
                    if is_ != should:
                        at = (should or is_ or {})["position"]
                        yield f"table {table.name} at record {at} is not what the record makes; make it anew with: soc rebuild"
                        break
            except (ValueError, TypeError):  # a date that is none
                yield f"table {table.name} cannot be read; make it anew with: soc rebuild"
