"""Opens a page as a reader would, and tells what such a reader would trip over."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

WIDE: Final = 1280
NARROW: Final = 375
_WCAG_21_AA: Final = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}


@dataclass
class Reading:
    """An open page; `trouble` is what went wrong on it so far: requests, errors, dialogs."""

    page: Page
    trouble: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """What axe finds against WCAG 2.1, levels A and AA."""
        found = Axe().run(self.page, options=_WCAG_21_AA).response["violations"]
        return [
            f"{violation['id']}: {node['html'][:200]} ({node['failureSummary']})"
            for violation in found
            for node in violation["nodes"]
        ]

    def overhang(self) -> int:
        """By how many pixels the page is wider than its window."""
        root = "document.documentElement"
        width: int = self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
        return width


@contextmanager
def reading(
    browser: Browser,
    path: Path,
    width: int = WIDE,
    *,
    scripts: bool = True,
    shielded: bool = True,
    scheme: Literal["light", "dark"] = "light",
) -> Iterator[Reading]:
    """Open a file; with `shielded` off, its content security policy does not count."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=scripts,
        bypass_csp=not shielded,
        color_scheme=scheme,
    )
    page = context.new_page()
    opened = Reading(page)
    trouble = opened.trouble
    own = path.absolute().as_uri()
    page.on("request", lambda r: trouble.append(r.url) if _is_remote(r.url, own) else None)
    page.on("console", lambda m: trouble.append(m.text) if m.type in _BAD else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    page.goto(own)
    try:
        yield opened
    finally:
        context.close()


_BAD: Final = ("error", "warning")


def _is_remote(url: str, own: str) -> bool:
    return not (url.startswith("data:") or url.partition("#")[0] == own)
