"""What the log and the vault share about their databases: URLs, connections, and errors in plain words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import sqlalchemy as sa
from eventsourcing import persistence

from ledger.errors import LedgerError, Locked, Refused, Usage, VerificationFailed


def parsed(url: str) -> sa.URL | None:
    """The URL's parts; None for text that is no URL. Raises Usage for a PostgreSQL URL whose parts cannot be told apart."""
    try:
        found = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # ValueError: a port that is no number, which may be a password
        return None
    if found.get_backend_name() == "postgresql" and "@" in f"{found.host}{found.database}":
        raise Usage("the URL has an @ where none belongs", do="Write the @ of a user name or password as %40, and / as %2F.")
    return found


def shown(url: sa.URL) -> str:
    """The URL as it may be printed: without passwords, wherever they stand."""
    secret = [key for key in url.query if "password" in key.lower()]
    return url.difference_update_query(secret).render_as_string(hide_password=True)


def postgresql(url: sa.URL) -> sa.Engine:
    """The engine for a PostgreSQL URL, whose query is libpq's: sslmode, sslrootcert, passfile, options and all others."""
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,  # finds out that the server was restarted before a command does
        use_native_hstore=False,  # else it is looked up first thing
        isolation_level="READ COMMITTED",  # a writer sees what was recorded while it waited, whatever the server's default
        hide_parameters=True,
    )


def _address(path: Path, mode: str) -> str:
    """SQLite's own address of a file. On a place that cannot be written, such as an archive, the file as it stands: to follow a
    writer SQLite would need room beside it."""
    options = {"mode": mode}
    if path.exists() and not os.access(path.parent, os.W_OK):
        beside = path.with_name(f"{path.name}-wal")
        options = {"mode": "ro"} if beside.exists() and beside.stat().st_size else {"mode": "ro", "immutable": "1"}
    return f"file:{quote(str(path))}?{urlencode(options)}"


def connect_sqlite(path: Path, mode: str, wait: float) -> sqlite3.Connection:
    """A connection that waits for other writers, and whose commits are on the disk."""
    connection = sqlite3.connect(_address(path, mode), uri=True, timeout=wait, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


@contextmanager
def plain_words(place: str, wait: float, what: str = "ledger") -> Iterator[None]:
    """A database's errors as the user meets them: Locked, Refused or Usage; eventsourcing's own for faults of ours."""
    try:
        yield
    except UnicodeDecodeError as error:  # sqlite3's own, of what it wants to say about a damaged file
        raise _damaged(place, what) from error
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        cause = getattr(error, "orig", None) or error
        raise _meaning(cause, place, wait, what) or _library_error(error, cause) from error


_CUT = {"25P03", "57014", "57P01", "57P02", "57P03", "57P05"}
"""PostgreSQL's codes for a command or session that the server ended: a restart, an operator, a time limit of the server's."""


def _meaning(cause: BaseException, place: str, wait: float, what: str) -> LedgerError | None:
    """What a database's error means to the user; None for those that mean a fault of ours."""
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorcode", 0) & 0xFF
    again = "then send the same again: nothing was recorded."
    said = (str(cause).splitlines() or [""])[0]
    match code:
        case sqlite3.SQLITE_BUSY | "55P03":
            return Locked(f"another writer holds the {what} at {place}, still after {wait:g} s", do=f"Let it finish, {again}")
        case sqlite3.SQLITE_FULL | "53100":
            return Refused(f"the disk under {place} is full", do=f"Make room, {again}")
        case sqlite3.SQLITE_IOERR:
            return Refused(f"the disk under {place} is full, or fails", do=f"Make room, or see to the disk, {again}")
        case sqlite3.SQLITE_CORRUPT:
            return _damaged(place, what)
        case 0 if "Could not decode to UTF-8" in str(cause):
            return _damaged(place, what)
        case sqlite3.SQLITE_READONLY | "25006":
            return Refused(f"{place} may not be written", do=f"See to the permissions, {again}")
        case "42501":
            advice = "Do it as the owner, or let the owner give the right with soc grant. Nothing was recorded."
            return Refused(f"this database user lacks a right at {place}: {said}", do=advice)
        case str() if code[:2] == "08" or code in _CUT:
            advice = "Check that the server runs, then send the same again: what is recorded already is not recorded twice."
            return Usage(f"the connection to {place} was cut: {said}", do=advice)
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_NOTADB:
            return _nothing_here(place, what)
        case sqlite3.SQLITE_ERROR | "42P01" if "no such table" in str(cause) or "does not exist" in str(cause):
            return _nothing_here(place, what)
        case sqlite3.SQLITE_ERROR:  # our statements are always the same: the schema is not
            return _damaged(place, what)
        case 0 if type(cause).__name__ == "OperationalError" or "invalid connection option" in said:  # PostgreSQL without a code
            advice = "Check the URL and that the server runs. What was sent may be sent again."
            return Usage(f"no connection to {place}: {said}", do=advice)
    return None


def _damaged(place: str, what: str) -> VerificationFailed:
    return VerificationFailed(f"the {what} at {place} is damaged: it is not what was written", do="Restore its latest copy.")


def _nothing_here(place: str, what: str) -> Usage:
    return Usage(f"there is no {what} at {place}", do="Check the URL, or make one with soc init.")


def _library_error(error: Exception, cause: BaseException) -> Exception:
    """eventsourcing's error of the same name; both take their names from Python's database API."""
    kind: type[Exception] = getattr(persistence, type(error).__name__, persistence.PersistenceError)
    return kind(str(cause))
