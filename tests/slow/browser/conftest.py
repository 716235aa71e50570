"""The browser of tests/browser."""

from tests.browser.conftest import reader

__all__ = ["reader"]
