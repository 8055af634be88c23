"""What the log and the vault share about their databases: URLs, connections, and errors in plain words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from eventsourcing import persistence

from ledger.errors import LedgerError, Locked, Refused, Usage


def parsed(url: str) -> sa.URL | None:
    """The URL's parts; None for text that is no URL."""
    try:
        return sa.make_url(url)
    except sa.exc.ArgumentError:
        return None


def connect_sqlite(address: str, wait: float) -> sqlite3.Connection:
    """A connection that waits for other writers, and whose commits are on the disk."""
    connection = sqlite3.connect(address, uri=True, timeout=wait, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


@contextmanager
def plain_words(place: str, wait: float, what: str = "ledger") -> Iterator[None]:
    """A database's errors as the user meets them: Locked, Refused or Usage; eventsourcing's own for faults of ours."""
    try:
        yield
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        cause = getattr(error, "orig", None) or error
        raise _meaning(cause, place, wait, what) or _library_error(error, cause) from error


def _meaning(cause: BaseException, place: str, wait: float, what: str) -> LedgerError | None:
    """What a database's error means to the user; None for those that mean a fault of ours."""
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorcode", 0) & 0xFF
    again = "then send the same again: nothing was recorded."
    match code:
        case sqlite3.SQLITE_BUSY | "55P03":
            return Locked(f"another writer holds the {what} at {place}, still after {wait:g} s", do=f"Let it finish, {again}")
        case sqlite3.SQLITE_FULL | "53100":
            return Refused(f"the disk under {place} is full", do=f"Make room, {again}")
        case sqlite3.SQLITE_READONLY | "25006" | "42501":
            return Refused(f"{place} may not be written", do=f"See to the permissions, {again}")
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_NOTADB:
            return _nothing_here(place, what)
        case sqlite3.SQLITE_ERROR | "42P01" if "no such table" in str(cause) or "does not exist" in str(cause):
            return _nothing_here(place, what)
        case 0 if type(cause).__name__ == "OperationalError":  # PostgreSQL gives no code: no connection
            said = str(cause).splitlines()[0]
            advice = "Check the URL and that the server runs. What was sent may be sent again."
            return Usage(f"no connection to {place}: {said}", do=advice)
    return None


def _nothing_here(place: str, what: str) -> Usage:
    return Usage(f"there is no {what} at {place}", do="Check the URL, or make one with soc init.")


def _library_error(error: Exception, cause: BaseException) -> Exception:
    """eventsourcing's error of the same name; both take their names from Python's database API."""
    kind: type[Exception] = getattr(persistence, type(error).__name__, persistence.PersistenceError)
    return kind(str(cause))
