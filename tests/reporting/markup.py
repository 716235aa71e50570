"""Reads a page as a browser would and tells what is wrong with its structure."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
# Where a paragraph is open, the beginning of one of these would close it silently.
BLOCKS = {"div", "dl", "figure", "h1", "h2", "h3", "ol", "p", "pre", "section", "table", "ul"}
REMOTE = ("http:", "https:", "//", "javascript:")


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        parts = (c if isinstance(c, str) else c.text for c in self.children)
        return "".join(parts)


class Page(HTMLParser):
    """A page as a tree; `faults` lists everything that is nested, named or linked wrongly."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = Element("document", {})
        self.open: list[Element] = [self.root]
        self.elements: list[Element] = []
        self.faults: list[str] = []
        self.scripts: list[Element] = []
        self.feed(html)
        self.close()
        self.faults += [
            f"a script that is not allowed: {script.text[:80]}"
            for script in self.scripts
            if not self.allows(script.text)
        ]
        self.faults += [f"<{e.tag}> is never closed" for e in self.open[1:]]
        self._check_names()
        self._check_headings()

    def allows(self, script: str) -> bool:
        """Whether the page's policy names this script, and no way to run any other."""
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policies = [
            e.attributes["content"]
            for e in self.all("meta")
            if e.attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        return [f"script-src 'sha256-{digest}';" in policy for policy in policies] == [True]

    def all(self, tag: str, class_name: str | None = None) -> list[Element]:
        return [
            e
            for e in self.elements
            if e.tag == tag
            and (class_name is None or class_name in e.attributes.get("class", "").split())
        ]

    def text_of(self, tag: str, class_name: str | None = None) -> list[str]:
        return [" ".join(e.text.split()) for e in self.all(tag, class_name)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open[-1])
        if tag in BLOCKS and any(e.tag == "p" for e in self.open):
            self.faults.append(f"<{tag}> inside <p>")
        self.open[-1].children.append(element)
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)
        self._check_attributes(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag == self.open[-1].tag:
            self.open.pop()
        elif tag not in VOID:
            self.faults.append(f"</{tag}> where <{self.open[-1].tag}> is open")

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def _check_attributes(self, element: Element) -> None:
        attributes = element.attributes
        if element.tag == "script" and not element.attributes:
            self.scripts.append(element)
        elif element.tag in ("script", "iframe", "object", "embed", "form", "base", "link"):
            self.faults.append(f"<{element.tag}> on the page")
        self.faults += [f"{name} on <{element.tag}>" for name in attributes if name[:2] == "on"]
        if element.tag == "img" and not attributes.get("src", "").startswith("data:image/"):
            self.faults.append("a picture that is not in the page")
        if element.tag == "img" and not attributes.get("alt"):
            self.faults.append("a picture without words")
        if element.tag == "th" and "scope" not in attributes:
            self.faults.append("<th> without scope")
        if attributes.get("href", "").strip().lower().startswith(REMOTE):
            self.faults.append(f"a link out of the report: {attributes['href']}")

    def _check_names(self) -> None:
        names = [e.attributes["id"] for e in self.elements if "id" in e.attributes]
        self.faults += [f"id {n} twice" for n in sorted({n for n in names if names.count(n) > 1})]
        for element in self.elements:
            targets = element.attributes.get("aria-labelledby", "").split()
            if element.attributes.get("href", "").startswith("#"):
                targets.append(element.attributes["href"][1:])
            self.faults += [f"nothing is called {t}" for t in targets if t not in names]

    def _check_headings(self) -> None:
        levels = [int(e.tag[1]) for e in self.elements if e.tag in {"h1", "h2", "h3", "h4"}]
        if levels[:1] != [1] or levels.count(1) != 1:
            self.faults.append(f"headings do not begin with one h1: {levels}")
        for before, after in pairwise(levels):
            if after > before + 1:
                self.faults.append(f"heading {after} follows heading {before}")
