"""What a student's cells showed, sanitized for a page."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import nh3
from markupsafe import Markup

from grader.models import OutputKind
from grader.reporting.printable import printable, printable_html, printable_output

if TYPE_CHECKING:
    from grader.models import CellRun, Output

_PICTURE: Final = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+")
# As the sanitizer writes them: every value is in double quotes.
_IMG: Final = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_PNG_BEGINS: Final = b"\x89PNG\r\n\x1a\n"
# Browsers drop white space and control characters anywhere in an address: one that begins
# differently from these is not interpreted.
_ADDRESSES: Final = frozenset({"href", "cite", "src"})
_LINK: Final = re.compile(r"(?:https?://|mailto:)[^\x00-\x20]*\Z", re.IGNORECASE)
# Headings and landmarks belong to the page: a student's would break its outline.
_NOT_THEIRS: Final = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "hgroup", "header", "footer", "nav", "aside", "article"}
    | {"area", "map", "bdo", "details", "summary", "dl", "dt", "dd"}
)


@dataclass(frozen=True, slots=True)
class ShownOutput:
    """One output ready for the page: plain text, cleaned HTML, or the `src` of a picture."""

    kind: OutputKind
    text: str = ""
    html: Markup | None = None
    src: str = ""


@dataclass(frozen=True, slots=True)
class ShownRun:
    """Everything one cell showed; `error` is the last line of its traceback."""

    cell: int
    outputs: tuple[ShownOutput, ...]
    error: str | None
    cut: bool


def shown_run(run: CellRun) -> ShownRun:
    """Sanitize the outputs of one cell."""
    error = printable(f"{run.error.name}: {run.error.value}") if run.error else None
    return ShownRun(run.cell, tuple(_shown(output) for output in run.outputs), error, run.cut)


def _shown(output: Output) -> ShownOutput:
    match output.kind:
        case OutputKind.HTML:
            html = _IMG.sub(_picture, _cleaned(output.content))
            return ShownOutput(output.kind, html=Markup(html))  # noqa: S704
        case OutputKind.PNG if picture := _png(output.content):
            return ShownOutput(output.kind, src=f"data:image/png;base64,{picture}")
        case OutputKind.PNG:
            return ShownOutput(OutputKind.TEXT, text="[png]")
        case OutputKind.TEXT:
            return ShownOutput(output.kind, text=printable_output(output.content))


def _cleaned(html: str) -> str:
    # Before, since the sanitizer needs text; and after it, since `&#x202e;` is a character only
    # then.
    return printable_html(_cleaner().clean(printable_html(html)))


def _picture(img: re.Match[str]) -> str:
    """A picture that is in the page, with words; any other is left out."""
    attributes = img[1]
    if ' src="' not in attributes:
        return ""
    return img[0] if re.search(r' alt="[^"]', attributes) else f'<img{attributes} alt="[img]">'


def _png(content: str) -> str | None:
    try:
        data = base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(data).decode() if data.startswith(_PNG_BEGINS) else None


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=nh3.ALLOWED_TAGS - _NOT_THEIRS,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        url_relative="deny",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("img", "src"):
        return value if _PICTURE.fullmatch(value) else None
    if name == "lang":
        return None
    if name in _ADDRESSES:
        return value if _LINK.match(value) else None
    return value
