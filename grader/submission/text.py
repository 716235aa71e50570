"""The text of a notebook's file, whatever encoding it came in; else a word on what the file is."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Final

from grader.errors import SubmissionUnreadable
from grader.language.messages import say
from grader.submission.bounds import require_few_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.language.messages import Message

# Chinese Windows writes GB 18030, Windows' Notepad and PowerShell write UTF-16.
_MARKED: Final[Mapping[bytes, str]] = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_UNMARKED: Final = ("utf-8", "gb18030")
# JSON begins with a character of ASCII, so that its zeros tell the width of the others.
_ZEROS: Final[Mapping[tuple[bool, bool], str]] = {
    (True, False): "utf-16-be",
    (False, True): "utf-16-le",
}
_CONFLICT: Final = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
_BEGINNING: Final = 4096  # bytes that tell what a file is


def decoded(content: bytes) -> tuple[str, Message | None]:
    """The text of a file, and a remark where it was not UTF-8; UnicodeDecodeError for no text."""
    for mark, encoding in _MARKED.items():
        if content.startswith(mark):
            text = content.decode(encoding)
            return text, None if encoding == "utf-8-sig" else _remark(encoding)
    zeros = (content[:1] == b"\0", content[1:2] == b"\0")
    if len(content) > 1 and zeros in _ZEROS:
        return content.decode(_ZEROS[zeros]), _remark("utf-16")
    try:
        return content.decode(_UNMARKED[0]), None
    except UnicodeDecodeError:
        return content.decode(_UNMARKED[1]), _remark("gb 18030")


def json_of(content: bytes) -> tuple[object, Message | None]:
    """What the file says as JSON, and a remark on its encoding; raises SubmissionUnreadable."""
    require_few_parts(content)
    try:
        text, remark = decoded(content)
        return json.loads(text), remark
    except (ValueError, RecursionError) as error:
        raise SubmissionUnreadable(what_it_is(content)) from error


def looks_like_notebook(content: bytes) -> bool:
    """Whether a file that may be called anything holds a notebook."""
    beginning = content[:_BEGINNING].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    if not beginning.startswith(b"{"):
        return False
    try:
        document, _ = json_of(content)
    except SubmissionUnreadable:
        return False
    return (
        isinstance(document, dict)
        and isinstance(document.get("nbformat"), int)
        and ("cells" in document or "worksheets" in document)
    )


def what_it_is(content: bytes) -> Message:
    """What a file is that holds no JSON, and what to ask for."""
    start = content[:_BEGINNING].lstrip()
    for beginnings, message in _KINDS:
        if start.startswith(beginnings):
            return message
    lowered = start.lower()
    if lowered.startswith((b"<!doctype html", b"<html", b"<?xml")):
        return _WEB_PAGE
    try:
        text, _ = decoded(content)
    except UnicodeDecodeError:
        return _DAMAGED
    if _CONFLICT.search(text) and "{" in text:
        return _IN_CONFLICT
    return _DAMAGED


def _remark(encoding: str) -> Message:
    return say(
        "The file was saved in {encoding} and not, as notebooks are, in UTF-8; it was read all the "
        "same.",
        encoding=encoding.upper(),
    )


_IN_CONFLICT: Final = say(
    "The file holds the marks of a merge that git could not finish (<<<<<<<, =======, >>>>>>>). "
    "Ask for the notebook after the conflict is resolved."
)
_WEB_PAGE: Final = say(
    "The file is a web page, not a notebook: perhaps the page was saved that shows it. Ask for the "
    ".ipynb file itself."
)
_DAMAGED: Final = say(
    "The file is not the text of a notebook (it is no valid JSON), or it was damaged "
    "on its way. Ask for the .ipynb file as it was saved."
)
_ARCHIVE: Final = say(
    "The file is an archive (a zip or the like) and no notebook (it is no valid JSON). Unpack it "
    "in its place, or ask for the .ipynb file itself, and grade again."
)
# By how they begin; see the registries of each format.
_KINDS: Final[tuple[tuple[tuple[bytes, ...], Message], ...]] = (
    (
        (b"version https://git-lfs.github.com/spec/",),
        say(
            "The file is a pointer of Git LFS, not the notebook that it stands for. Fetch the "
            "files with `git lfs pull`, or ask for the .ipynb file itself."
        ),
    ),
    ((b"%PDF-",), say("The file is a PDF, not a notebook. Ask for the .ipynb file itself.")),
    ((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!"), _ARCHIVE),
    (
        (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM"),
        say("The file is a picture, not a notebook. Ask for the .ipynb file itself."),
    ),
)
