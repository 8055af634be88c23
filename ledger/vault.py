"""The erasable vault: which token stands for which employment number. A database of its own, never part of the log.

Erasing a person here changes no record, no total and no payment (decision 7); what the log holds about a token is still
personal data for the employer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from ledger import database, roles
from ledger.errors import Refused, Usage
from ledger.periods import instant_text, parse_instant

_tables = sa.MetaData()
_ledger = sa.Table("ledger", _tables, sa.Column("first_record", sa.Text, primary_key=True))
_employees = sa.Table(
    "employees",
    _tables,
    sa.Column("contract", sa.Text, primary_key=True),
    sa.Column("employee", sa.Text, primary_key=True),
    sa.Column("token", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("contract", "token"),
)
_counters = sa.Table(
    "counters", _tables, sa.Column("contract", sa.Text, primary_key=True), sa.Column("last", sa.BigInteger, nullable=False)
)
_erasures = sa.Table(
    "erasures",
    _tables,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("contract", sa.Text, nullable=False),
    sa.Column("erased_at", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("erased_by", sa.Text, nullable=False),
)


@dataclass(frozen=True)
class Erasure:
    """That somebody was erased: when, on which decision, by whom; not who."""

    contract: str
    erased_at: datetime
    decision: str
    erased_by: str


class Vault:
    """The vault at a URL. Raises Usage where there is none or it cannot be reached, Locked after ``wait`` seconds."""

    def __init__(self, url: str, *, wait: float = 30) -> None:
        self._wait = wait
        self._file: Path | None = None
        match database.parsed(url):
            case sa.URL(database=str(path)) as at if at.get_backend_name() == "sqlite" and path != ":memory:":
                self.place, self._file = path, Path(path)
                connect = partial(database.connect_sqlite, self._file, "rwc", wait)
                # Parameters are hidden, so that no error message shows an employment number.
                self._engine = sa.create_engine(at, creator=connect, hide_parameters=True)
                self._lock = ("PRAGMA secure_delete=ON", "BEGIN IMMEDIATE")
            case sa.URL(database=str()) as at if at.get_backend_name() == "postgresql":
                self.place, self._engine = database.shown(at), database.postgresql(at)
                self._lock = (f"SET LOCAL lock_timeout = {max(1, round(wait * 1000))}", "LOCK TABLE counters IN EXCLUSIVE MODE")
            case _:
                raise Usage("that URL names no vault", do="Give sqlite:///path/to/file or postgresql://…")

    def create(self) -> None:
        """Make its tables; where they are, they stay."""
        with self._in_plain_words():
            _tables.create_all(self._engine)

    def exists(self) -> bool:
        """Whether there is a vault here."""
        if self._file is not None and not self._file.exists():
            return False
        with self._in_plain_words():
            return sa.inspect(self._engine).has_table(_employees.name)

    def belongs_to(self, first_record: str) -> None:
        """Raise Usage unless this is the vault of the ledger whose first record has that fingerprint: another one, or a new
        one, would give every employee a new token, and count people twice. An empty vault is taken into use."""
        if not self.exists():
            raise Usage(
                f"there is no vault at {self.place}",
                do="name the vault that belongs to this ledger with --vault, or restore it: a new one would count people twice",
            )
        with self._in_plain_words(), self._engine.connect() as connection:
            known = connection.execute(sa.select(_ledger.c.first_record)).scalar()  # most often: no lock, no right to write
        if known is None:
            known = self._taken_into_use(first_record)
        if known != first_record:
            raise Usage(f"the vault at {self.place} belongs to another ledger", do="name the right one with --vault")

    def _taken_into_use(self, first_record: str) -> str | None:
        """The first record of the ledger that the vault belongs to, now if it is empty."""
        with self._writing() as connection:
            known: str | None = connection.execute(sa.select(_ledger.c.first_record)).scalar()
            if known is None and connection.execute(sa.select(_counters.c.last)).first() is None:
                connection.execute(_ledger.insert(), {"first_record": first_record})
                known = first_record
        return known

    def grant(self, role: str) -> bool:
        """Let a database role work with the vault (PostgreSQL); whether the role was made for it. Erasing a person takes the
        right to rewrite the table as well, which PostgreSQL can give from version 17 on. Raises Usage beside SQLite."""
        roles.check_possible(self._file is None)
        with self._in_plain_words(), self._engine.begin() as connection:
            made = roles.make(connection, role)
            roles.give(connection, role, "SELECT, INSERT", [_ledger.name, _erasures.name])
            roles.give(connection, role, "SELECT, INSERT, DELETE", [_counters.name])
            rewrite = ", MAINTAIN" if self._maintainable(connection) else ""
            roles.give(connection, role, "SELECT, INSERT, DELETE" + rewrite, [_employees.name])
            connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE erasures_number_seq TO {roles.quoted(connection, role)}")
        return made

    @staticmethod
    def _maintainable(connection: sa.Connection) -> bool:
        """Whether this PostgreSQL knows the right MAINTAIN."""
        return (connection.dialect.server_version_info or (0,)) >= (17,)

    def _check_erasable(self, connection: sa.Connection) -> None:
        """Raise Refused where this user's VACUUM would be skipped, with no more than a warning."""
        if self._file is not None:
            return
        owned = "pg_has_role(relowner, 'USAGE')"
        given = " OR has_table_privilege(oid, 'MAINTAIN')" if self._maintainable(connection) else ""
        found = f"SELECT {owned}{given} FROM pg_class WHERE oid = 'employees'::regclass"
        if not connection.exec_driver_sql(found).scalar_one():
            raise Refused(
                f"this database user may not rewrite the vault at {self.place}, so what is erased would stay in its file",
                do="Erase as the vault's owner.",
            )

    def tokens(
        self, contract: str, employees: Iterable[str], shuffled_by: Callable[[str], bytes], *, keep: bool = True
    ) -> dict[str, int]:
        """The token of each employment number; new people get the next ones, in an order that ``shuffled_by`` makes
        meaningless. ``keep`` False: new tokens are for this answer only, until ``keep`` is asked to keep them."""
        wanted = set(employees)
        with self._writing() if keep else self._reading() as connection:
            given, last = self._given(connection, contract)
            known = {employee: given[employee] for employee in wanted & given.keys()}
            new = sorted(wanted - known.keys(), key=shuffled_by)
            made = {employee: token for token, employee in enumerate(new, last + 1)}
            if made and keep:
                self._add(connection, contract, made)
        return known | made

    def keep(self, contract: str, tokens: Mapping[str, int]) -> None:
        """Make tokens durable that ``tokens`` gave for an answer. Raises Refused, and keeps none, where one of them stands for
        somebody else by now, or for somebody erased."""
        with self._writing() as connection:
            given, last = self._given(connection, contract)
            made = {employee: token for employee, token in tokens.items() if given.get(employee) != token}
            if any(employee in given or token <= last for employee, token in made.items()):
                raise Refused(f"the vault at {self.place} was changed meanwhile", do="import the file again")
            if made:
                self._add(connection, contract, made)

    @staticmethod
    def _given(connection: sa.Connection, contract: str) -> tuple[dict[str, int], int]:
        """The tokens that stand for somebody, and the last one that ever did."""
        mine = sa.select(_employees.c.employee, _employees.c.token).where(_employees.c.contract == contract)
        last = connection.execute(sa.select(_counters.c.last).where(_counters.c.contract == contract)).scalar()
        return dict(connection.execute(mine).tuples().all()), last or 0

    @staticmethod
    def _add(connection: sa.Connection, contract: str, made: Mapping[str, int]) -> None:
        added = [{"contract": contract, "employee": name, "token": token} for name, token in made.items()]
        connection.execute(_employees.insert(), added)
        connection.execute(_counters.delete().where(_counters.c.contract == contract))
        connection.execute(_counters.insert(), {"contract": contract, "last": max(made.values())})

    def last_token(self, contract: str) -> int:
        """The highest token given in a contract; 0 before the first."""
        found = sa.select(_counters.c.last).where(_counters.c.contract == contract)
        with self._in_plain_words(), self._engine.connect() as connection:
            last: int | None = connection.execute(found).scalar()
            return last or 0

    def employee(self, contract: str, token: int) -> str | None:
        """The employment number behind a token; None for a person erased."""
        found = sa.select(_employees.c.employee).where(_employees.c.contract == contract, _employees.c.token == token)
        with self._in_plain_words(), self._engine.connect() as connection:
            name: str | None = connection.execute(found).scalar()
            return name

    def forget(self, erasure: Erasure, employee: str, *, keep: bool = True) -> None:
        """Erase a person; what remains is that somebody was erased. Raises Refused for a number the vault does not hold."""
        with self._writing(keep=keep) as connection:
            self._check_erasable(connection)
            mine = (_employees.c.contract == erasure.contract) & (_employees.c.employee == employee)
            found = connection.execute(_employees.delete().where(mine)).rowcount
            if found:
                connection.execute(_erasures.insert(), {**vars(erasure), "erased_at": instant_text(erasure.erased_at)})
        if keep:
            self._clear()  # also where nobody was found: an erasure that was cut short may have left a number in the file
        if not found:
            raise Refused(
                f"the vault holds no such employee of {erasure.contract}",
                do="check the employment number; a person is erased only once",
            )

    def _clear(self) -> None:
        """Rewrite the vault's file, so that no page freed earlier keeps a number. Raises Locked where somebody reads it all the
        while: then what was erased can no longer be found, and the same command again clears the file."""
        with self._in_plain_words(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self._file is None:
                connection.exec_driver_sql(f"SET lock_timeout = {max(1, round(self._wait * 1000))}")
            connection.exec_driver_sql("VACUUM" if self._file is not None else "VACUUM FULL employees")

    def erasures(self, contract: str) -> list[Erasure]:
        """That people were erased, in order."""
        columns = (_erasures.c.contract, _erasures.c.erased_at, _erasures.c.decision, _erasures.c.erased_by)
        found = sa.select(*columns).where(_erasures.c.contract == contract).order_by(_erasures.c.number)
        with self._in_plain_words(), self._engine.connect() as connection:
            rows = connection.execute(found)
            return [Erasure(one, parse_instant(at), decision, by) for one, at, decision, by in rows]

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        """One look, without a lock."""
        with self._in_plain_words(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self, keep: bool = True) -> Iterator[sa.Connection]:
        """The one writer's transaction; ``keep`` False rolls it back."""
        with self._in_plain_words(), self._engine.connect() as connection:
            for statement in self._lock:
                connection.exec_driver_sql(statement)
            yield connection
            if keep:
                connection.commit()

    def _in_plain_words(self) -> AbstractContextManager[None]:
        return database.plain_words(self.place, self._wait, "vault")


def beside(ledger_url: str) -> str | None:
    """The vault's URL where none is named: ``<ledger>.vault.db`` beside a SQLite file; None beside PostgreSQL."""
    url = database.parsed(ledger_url)
    if url is None or url.get_backend_name() != "sqlite" or not url.database:
        return None
    path = Path(url.database)
    stem = path.with_suffix("") if path.suffix == ".db" else path
    return f"sqlite:///{stem}.vault.db"
