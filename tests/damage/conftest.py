"""What the damage is done to, and with; the counts are shown after the tests, passed or not."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from tests.damage.stable import Stable
from tests.damage.story import Story, told


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SOC_LEDGER", "SOC_VAULT", "SOC_ACTOR", "SOC_NOW", "SOC_TRACE", "SOC_WAIT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Show a line after the tests."""
    return lambda line: record_property("counts", line)


@pytest.fixture
def draw(say: Callable[[str], None], request: pytest.FixtureRequest) -> random.Random:
    """Random numbers, new each time; LEDGER_SEED repeats those that a failure names."""
    seed = os.environ.get("LEDGER_SEED") or str(random.SystemRandom().randrange(10**9))
    sys.stdout.write(f"LEDGER_SEED={seed}\n")  # shown with a failure
    return random.Random(f"{seed} {request.node.name}")


def count(name: str, under_ci: int, by_hand: int | None = None) -> int:
    """A count from the environment; else what CI takes, and by hand perhaps a smaller one."""
    return int(os.environ.get(name, under_ci if by_hand is None or os.environ.get("CI") else by_hand))


@pytest.fixture(scope="session")
def stable() -> Iterator[Stable]:
    """Where ``soc`` is run to be killed."""
    with Stable() as stable:
        yield stable


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A contract's first claim, and fifteen commands to follow."""
    return told(tmp_path_factory.mktemp("story"))


Databases = Callable[[str | None], str]


@pytest.fixture
def databases(postgres_url: str) -> Iterator[Databases]:
    """Makes PostgreSQL databases, empty or as copies of one, which loses its connections; their URLs. Dropped afterwards."""
    import psycopg
    import sqlalchemy as sa

    made = []
    with psycopg.connect(postgres_url, autocommit=True) as connection:

        def make(source: str | None = None) -> str:
            name = f"damage_{uuid4().hex}"
            template = sa.make_url(source).database if source else "template1"
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template])
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            made.append(name)
            return postgres_url.replace("/postgres?", f"/{name}?")

        yield make
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
