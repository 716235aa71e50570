"""Opens a page as a reader would, and tells what such a reader would trip over."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page

Scheme: TypeAlias = Literal["light", "dark"]
WIDE: Final = 1280
NARROW: Final = 375
HEIGHT: Final = 800
_WCAG_21_AA: Final = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}


@dataclass
class Reading:
    """An open page; `trouble` is what went wrong on it so far: requests, errors, dialogs."""

    page: Page
    trouble: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        """Remember that something went wrong."""
        self.trouble.append(what)

    def note_request(self, url: str, own: frozenset[str]) -> None:
        """A page may ask for itself, for its own site, and for what it carries inside."""
        site = "/".join(url.split("/")[:3])
        if not url.startswith("data:") and not {url.partition("#")[0], site} & own:
            self.note(url)

    def note_console(self, message: ConsoleMessage) -> None:
        """What the browser complains of."""
        if message.type in {"error", "warning"}:
            self.note(message.text)

    def note_dialog(self, dialog: Dialog) -> None:
        """Something on the page spoke by itself."""
        self.note(dialog.message)
        dialog.dismiss()

    def resize(self, width: int) -> None:
        """Look at the same page through a window of another width."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})

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


@dataclass
class Reader:
    """Opens pages in one browser; contexts of the same kind are shared, since each costs time."""

    browser: Browser
    _contexts: dict[tuple[bool, bool, Scheme], BrowserContext] = field(default_factory=dict)

    @contextmanager
    def reading(
        self,
        path: Path,
        width: int = WIDE,
        *,
        scripts: bool = True,
        shielded: bool = True,
        scheme: Scheme = "light",
    ) -> Iterator[Reading]:
        """Open a file; with `shielded` off, its content security policy does not count."""
        own = path.absolute().as_uri()
        page = self._context(scripts, shielded, scheme).new_page()
        with self._opened(page, own, frozenset({own}), width) as opened:
            yield opened

    @contextmanager
    def visiting(self, site: str, address: str, width: int = WIDE) -> Iterator[Reading]:
        """Open an address of a site of ours, as somebody who was never there."""
        context = self.browser.new_context()
        with self._opened(context.new_page(), site + address, frozenset({site}), width) as opened:
            yield opened
        context.close()

    @contextmanager
    def _opened(self, page: Page, url: str, own: frozenset[str], width: int) -> Iterator[Reading]:
        opened = Reading(page)
        page.on("request", lambda request: opened.note_request(request.url, own))
        page.on("console", opened.note_console)
        page.on("pageerror", lambda error: opened.note(str(error)))
        page.on("dialog", opened.note_dialog)
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.goto(url)
        try:
            yield opened
        finally:
            page.close()

    def _context(self, scripts: bool, shielded: bool, scheme: Scheme) -> BrowserContext:
        kind = (scripts, shielded, scheme)
        if kind not in self._contexts:
            self._contexts[kind] = self.browser.new_context(
                java_script_enabled=scripts, bypass_csp=not shielded, color_scheme=scheme
            )
        return self._contexts[kind]
