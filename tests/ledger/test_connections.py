"""A server that goes away and comes back, and what a URL may say: options, passwords that nobody sees."""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from ledger import database
from ledger.errors import LedgerError, Usage
from ledger.recorder import Recorder
from ledger.vault import Vault
from tests.conftest import NO_SERVER, _start_server
from tests.ledger.test_roles import event

pytestmark = pytest.mark.xdist_group("own server")

SECRET = "hemligt/åäö&1"


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A server of these tests' own, which they may restart."""
    with tempfile.TemporaryDirectory(prefix="own-", ignore_cleanup_errors=True) as directory:
        try:
            server = _start_server(Path(directory) / "data")
        except Exception as error:  # as the shared server's fixture does
            pytest.skip(f"{NO_SERVER}: {error!r}")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE clerk LOGIN PASSWORD '{SECRET}'")
            connection.execute("GRANT CREATE ON SCHEMA public TO clerk")
            (rules,) = connection.execute("SHOW hba_file").fetchone() or ("",)
            old = Path(rules).read_text()
            Path(rules).write_text(f"local all clerk scram-sha-256\n{old}")
            connection.execute("SELECT pg_reload_conf()")
        yield server
        server.cleanup()


@pytest.fixture
def database_url(server: Any) -> Iterator[str]:
    """A fresh database on it."""
    name = f"d{time.monotonic_ns()}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER clerk".encode())
    yield server.get_uri(name)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def restart(server: Any) -> None:
    server.stop()
    server.ensure_postgres_running()


# --- a server that restarts -----------------------------------------------------------------------------------------


def test_a_restart_in_the_middle_records_nothing_and_the_next_command_works(server: Any, database_url: str) -> None:
    recorder = Recorder(database_url)
    recorder.create()
    recorder.insert_events([event(1)])
    with pytest.raises(Usage, match=r"the connection to .* was cut(.|\n)*is not recorded twice"), recorder.writing():
        recorder.insert_events([event(2)])
        restart(server)
        recorder.insert_events([event(3)])
    assert recorder.head().position == 1
    restart(server)  # now with an idle connection in the pool
    assert recorder.insert_events([event(2)]) == [2]
    restart(server)
    with recorder.writing():
        assert recorder.insert_events([event(3)]) == [3]
    assert [row.version for row in recorder.rows()] == [1, 2, 3]
    recorder.close()


def test_a_restart_before_the_commit_records_nothing(server: Any, database_url: str) -> None:
    recorder = Recorder(database_url)
    recorder.create()
    with pytest.raises(Usage, match="was cut"), recorder.writing():
        recorder.insert_events([event(1)])
        restart(server)
    assert recorder.head().position == 0
    recorder.close()


def test_a_session_that_is_ended_is_no_fault_of_ours(database_url: str) -> None:
    recorder = Recorder(database_url)
    recorder.create()
    with pytest.raises(Usage, match="was cut"), recorder.writing() as transaction:
        pid = transaction.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with psycopg.connect(database_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        recorder.insert_events([event(1)])
    assert recorder.insert_events([event(1)]) == [1]
    recorder.close()


def test_a_vault_outlives_a_restart(server: Any, database_url: str) -> None:
    vault = Vault(database_url)
    vault.create()
    assert vault.tokens("tiny", ["E1"], str.encode) == {"E1": 1}
    restart(server)
    assert vault.tokens("tiny", ["E1", "E2"], str.encode) == {"E1": 1, "E2": 2}


def test_a_writer_sees_what_was_recorded_while_it_waited(database_url: str) -> None:
    """Also where the server's default would show it the record as it stood before the wait."""
    careful = Recorder(f"{database_url}&options=-cdefault_transaction_isolation%3Dserializable")
    careful.create()
    with careful.writing() as transaction:
        assert transaction.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    careful.close()


# --- passwords and options ------------------------------------------------------------------------------------------


def as_clerk(url: str, password: str | None) -> str:
    return sa.make_url(url).set(username="clerk", password=password).render_as_string(hide_password=False)


def test_a_password_in_the_url_in_the_environment_or_in_a_file(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opens(password: str | None = None) -> None:
        assert not Recorder(as_clerk(database_url, password)).exists()

    def refused(password: str | None = None) -> None:
        with pytest.raises(Usage, match="password") as refusal:
            opens(password)
        assert SECRET not in str(refusal.value)

    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "absent"))
    opens(SECRET)
    refused("wrong")
    refused()
    monkeypatch.setenv("PGPASSWORD", SECRET)
    opens()
    monkeypatch.delenv("PGPASSWORD")
    file = tmp_path / "pgpass"
    file.write_text(f"*:*:*:clerk:{SECRET}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    opens()


def failures(url: str) -> Iterator[LedgerError]:
    """The errors of a ledger and a vault at a URL where neither can be reached."""
    for attempt in (lambda: Recorder(url).head(), lambda: Vault(url).last_token("tiny")):
        with pytest.raises(LedgerError) as refusal:
            attempt()
        yield refusal.value


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://clerk:hemligt@localhost:1/ledger?sslmode=require&connect_timeout=2",
        "postgresql://clerk@localhost:1/ledger?password=hemligt&sslpassword=hemligt&connect_timeout=2",
        "postgresql://clerk:hemligt@localhost:1/ledger?nonsense=1",
        "postgresql://clerk:hemligt@localhost:1/ledger?sslmode=nonsense",
        "postgresql://clerk:p@hemligt@localhost:1/ledger",
        "postgresql://cl/erk:hemligt@localhost/ledger",
        "postgresql://clerk:hemligt",
        "postgresql://clerk:hemligt/ledger",
    ],
)
def test_no_error_shows_a_password(url: str) -> None:
    for error in failures(url):
        assert isinstance(error, Usage)
        assert "hemligt" not in f"{error}{error.__cause__}{error.__context__}"


def test_the_url_s_options_reach_the_server_s_library(database_url: str) -> None:
    with pytest.raises(Usage, match="sslmode"):
        Recorder(f"{database_url}&sslmode=nonsense").head()
    named = Recorder(f"{database_url}&application_name=soc_test")
    named.create()
    with named.reading() as connection:
        assert connection.exec_driver_sql("SHOW application_name").scalar() == "soc_test"
    named.close()


SSL_REQUEST = (8).to_bytes(4) + (80877103).to_bytes(4)
"""What a client sends first that wants TLS, as PostgreSQL's protocol has it."""


def test_a_url_that_requires_tls_sends_nothing_without() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:

        def refuse() -> bytes:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(10)
                first = connection.recv(1024)
                connection.sendall(b"N")  # no TLS here
                return first + connection.recv(1024)

        heard = pool.submit(refuse)
        port = listening.getsockname()[1]
        with pytest.raises(Usage, match="SSL was required"):
            Recorder(f"postgresql://clerk:hemligt@127.0.0.1:{port}/ledger?sslmode=require").head()
        assert heard.result(10) == SSL_REQUEST


def test_a_url_is_shown_without_passwords() -> None:
    url = database.parsed("postgresql://clerk:hemligt@db:5433/ledger?sslmode=require&password=hemligt")
    assert url is not None
    assert database.shown(url) == "postgresql://clerk:***@db:5433/ledger?sslmode=require"
