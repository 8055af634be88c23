"""The erasable vault: which token stands for which employment number. A database of its own, never part of the log.

Erasing a person here changes no record, no total and no payment (decision 7); what the log holds about a token is still
personal data for the employer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from ledger.errors import Refused, Usage
from ledger.periods import instant_text, parse_instant

_tables = sa.MetaData()
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
    """The vault at a URL. Its tables are made on first use of a new ledger (``create``)."""

    def __init__(self, url: str) -> None:
        self._url = sa.make_url(url)
        if self._url.get_backend_name() == "postgresql":
            self._url = self._url.set(drivername="postgresql+psycopg")
        self._engine = sa.create_engine(self._url)

    def create(self) -> None:
        """Make its tables; where they are, they stay."""
        _tables.create_all(self._engine)

    def exists(self) -> bool:
        """Whether there is a vault here."""
        database = self._url.database
        if self._url.get_backend_name() == "sqlite" and (database is None or not Path(database).exists()):
            return False
        return sa.inspect(self._engine).has_table(_employees.name)

    def check(self) -> None:
        """Raise Usage where there is no vault: tokens made anew would count people twice."""
        if not self.exists():
            place = self._url.render_as_string(hide_password=True)
            raise Usage(
                f"there is no vault at {place}",
                do="name the vault that belongs to this ledger with --vault; a new one would give every employee a new token",
            )

    def tokens(
        self, contract: str, employees: Iterable[str], shuffled_by: Callable[[str], bytes], *, keep: bool = True
    ) -> dict[str, int]:
        """The token of each employment number; new people get the next ones, in an order that ``shuffled_by`` makes
        meaningless. ``keep`` False: new tokens are for this answer only (a dry run)."""
        wanted = set(employees)
        with closing(self._engine.connect()) as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql("LOCK TABLE counters IN EXCLUSIVE MODE")
            rows = connection.execute(
                sa.select(_employees.c.employee, _employees.c.token).where(_employees.c.contract == contract)
            )
            known: dict[str, int] = {employee: token for employee, token in rows if employee in wanted}
            last = connection.execute(sa.select(_counters.c.last).where(_counters.c.contract == contract)).scalar()
            new = sorted(wanted - known.keys(), key=shuffled_by)
            made = {employee: token for token, employee in enumerate(new, (last or 0) + 1)}
            if made and keep:
                added = [{"contract": contract, "employee": name, "token": token} for name, token in made.items()]
                connection.execute(_employees.insert(), added)
                connection.execute(_counters.delete().where(_counters.c.contract == contract))
                connection.execute(_counters.insert(), {"contract": contract, "last": max(made.values())})
                connection.commit()
        return known | made

    def employee(self, contract: str, token: int) -> str | None:
        """The employment number behind a token; None for a person erased."""
        found = sa.select(_employees.c.employee).where(_employees.c.contract == contract, _employees.c.token == token)
        with self._engine.connect() as connection:
            name: str | None = connection.execute(found).scalar()
            return name

    def forget(self, erasure: Erasure, employee: str, *, keep: bool = True) -> None:
        """Erase a person; what remains is that somebody was erased. Raises Refused for a number the vault does not hold."""
        with closing(self._engine.connect()) as connection:
            mine = (_employees.c.contract == erasure.contract) & (_employees.c.employee == employee)
            if not connection.execute(_employees.delete().where(mine)).rowcount:
                raise Refused(
                    f"the vault holds no employee {employee} of {erasure.contract}",
                    do="check the employment number; a person is erased only once",
                )
            connection.execute(_erasures.insert(), {**vars(erasure), "erased_at": instant_text(erasure.erased_at)})
            if keep:
                connection.commit()
        if keep and self._url.get_backend_name() == "sqlite":
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")  # freed pages would still hold the number

    def erasures(self, contract: str) -> list[Erasure]:
        """That people were erased, in order."""
        columns = (_erasures.c.contract, _erasures.c.erased_at, _erasures.c.decision, _erasures.c.erased_by)
        found = sa.select(*columns).where(_erasures.c.contract == contract).order_by(_erasures.c.number)
        with self._engine.connect() as connection:
            rows = connection.execute(found)
            return [Erasure(one, parse_instant(at), decision, by) for one, at, decision, by in rows]


def beside(ledger_url: str) -> str | None:
    """The vault's URL where none is named: ``<ledger>.vault.db`` beside a SQLite file; None beside PostgreSQL."""
    url = sa.make_url(ledger_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    path = Path(url.database)
    stem = path.with_suffix("") if path.suffix == ".db" else path
    return f"sqlite:///{stem}.vault.db"
