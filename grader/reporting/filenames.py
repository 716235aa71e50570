"""Where reports are written: file names that are safe on every system and never collide."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST: Final = 120  # bytes of UTF-8, so that an extension and a temporary suffix still fit
_READABLE: Final = 80
_PUNCTUATION: Final = " ._-'()+,@"  # safe on every system, and found in names and e-mail addresses
# "index" is the page of the class; the others are devices on Windows, with any extension.
_DEVICES: Final = frozenset(f"{port}{n}" for port in ("com", "lpt") for n in range(10))
_RESERVED: Final = _DEVICES | {"index", "con", "prn", "aux", "nul"}


def file_stem(name: str) -> str:
    """A file name without extension for any name of a student or an assignment.

    A plain name stays as it is, capitals included: others look for `<student>.html`. Any other
    keeps what is readable and gets a `~` with a digest, so that different names never collide, not
    even where Unicode form is ignored. (Where case is ignored, "anna" and "Anna" collide, as their
    notebooks did before.)
    """
    if _is_plain(name):
        return name
    normal = unicodedata.normalize("NFKC", name)
    readable = "".join(c if _is_plain_character(c) and c != "." else "_" for c in normal)
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{_cut(readable.strip(_PUNCTUATION))}~{digest}"


def report_path(out: Path, assignment: str, student: str) -> Path:
    """Where `write_report` puts a student's page under the folder of all reports."""
    return out / file_stem(assignment) / f"{file_stem(student)}.html"


def class_path(out: Path, assignment: str) -> Path:
    """Where `write_class` puts the page of a class."""
    return out / file_stem(assignment) / "index.html"


def _is_plain(name: str) -> bool:
    return (
        0 < len(name.encode("utf-8", "surrogatepass")) <= _LONGEST
        and all(map(_is_plain_character, name))
        and name == unicodedata.normalize("NFKC", name)
        and name[0] not in " .-"
        and name[-1] not in " ."
        and name.split(".")[0].rstrip().casefold() not in _RESERVED
    )


def _is_plain_character(character: str) -> bool:
    return character in _PUNCTUATION or unicodedata.category(character)[0] in "LMN"


def _cut(text: str) -> str:
    return text.encode()[:_READABLE].decode("utf-8", "ignore").rstrip(" .") or "_"
