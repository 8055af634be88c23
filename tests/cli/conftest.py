"""Tiny ledgers, built once a process and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.world import World, copy


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SOC_LEDGER", "SOC_VAULT", "SOC_ACTOR", "SOC_NOW", "SOC_TRACE"):
        monkeypatch.delenv(name, raising=False)


def _built(tmp_path_factory: pytest.TempPathFactory, stage: str) -> World:
    folder = tmp_path_factory.mktemp(stage)
    world = World(folder, f"sqlite:///{folder / 'ledger.db'}")
    getattr(world, stage)()
    return world


@pytest.fixture(scope="session")
def _signed(tmp_path_factory: pytest.TempPathFactory) -> World:
    return _built(tmp_path_factory, "signed")


@pytest.fixture(scope="session")
def _reported(tmp_path_factory: pytest.TempPathFactory) -> World:
    return _built(tmp_path_factory, "reported")


@pytest.fixture(scope="session")
def _settled(tmp_path_factory: pytest.TempPathFactory) -> World:
    return _built(tmp_path_factory, "settled")


@pytest.fixture
def nothing(tmp_path: Path) -> World:
    """A place for a ledger, without one."""
    return World(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")


@pytest.fixture
def signed(_signed: World, tmp_path: Path) -> World:
    """A contract just signed, its methodology adopted."""
    return copy(_signed, tmp_path)


@pytest.fixture
def reported(_reported: World, tmp_path: Path) -> World:
    """A contract with evidence of its reference year and first quarter."""
    return copy(_reported, tmp_path)


@pytest.fixture
def settled(_settled: World, tmp_path: Path) -> World:
    """A contract with a first claim payable since 2019-07-20; it is 2019-07-22."""
    return copy(_settled, tmp_path)
