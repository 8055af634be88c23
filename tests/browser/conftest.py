"""Chromium without a window, and pages opened in it from files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.cli.conftest import _no_settings_from_outside, _settled, nothing, settled  # noqa: F401 - the tiny ledgers
from tests.debian import required

ARGUMENTS = [
    "--no-sandbox",  # tests may run as root, and the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Where there is none the test is skipped, with the reason in the summary; under CI it fails."""
    executable = required("chromium", "chromium-browser", package="chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a file in a window of its own, so and so wide; whatever it says or asks for beside itself fails the test."""
    heard: list[str] = []
    contexts = []

    def open_(file: Path, width: int = 1100) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: heard.append(f"request: {request.url}") if request.url not in expected else None)
        expected = {file.as_uri(), "data:,"}
        page.goto(file.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert heard == []
