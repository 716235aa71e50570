"""A headless Chromium for the tests of what a reader sees."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(__file__.removesuffix("conftest.py")):
            item.add_marker(pytest.mark.environment)


@pytest.fixture(scope="package")
def reader() -> Iterator[Reader]:
    """Debian's Chromium, open for as long as the tests of this folder run.

    Not for the whole session: while it is open, nothing else can use asyncio in this process.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield Reader(browser)
        browser.close()
