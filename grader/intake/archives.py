"""Opens zips that anyone may have made: nothing in them leads elsewhere or fills the memory."""

from __future__ import annotations

import stat
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grader.errors import SubmissionUnreadable, UsageError
from grader.intake.candidate import ENCODINGS, readable
from grader.language.messages import say

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from grader.language.messages import Message

_MB: Final = 1_000_000
# The limit that a notebook on disk has, too.
MEMBER_LIMIT_MB: Final = 20


@dataclass(frozen=True, slots=True)
class Member:
    """Something in a zip: `name` as it can be read, `raw` as the zip knows it."""

    name: str
    raw: str
    is_folder: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """The names on the way to it, its own the last."""
        return tuple(self.name.split("/"))


class Archive:
    """A zip that anyone may have made, opened; raises UsageError where it is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise UsageError(
                say(
                    "{path} cannot be opened as a zip: {reason}. Download it again.",
                    path=readable(str(path)),
                    reason=str(error),
                )
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._zip.close()

    def members(self, most: int) -> tuple[Member, ...]:
        """What is in it, also folders; raises UsageError for more than `most`.

        A name that leads out of the zip, or a link, stays in the list: it is never written
        anywhere, and reading it says what is wrong.
        """
        infos = self._zip.infolist()
        if len(infos) > most:
            raise UsageError(
                say(
                    "{path} holds {count} files; at most {limit} are taken. Unpack it and grade "
                    "the folders one by one.",
                    path=readable(str(self._path)),
                    count=len(infos),
                    limit=most,
                )
            )
        named = [(_readable_name(info), info) for info in infos]
        return tuple(Member(name, info.filename, info.is_dir()) for name, info in named if name)

    def read(self, raw: str) -> bytes:
        """The bytes of a file in it; raises SubmissionUnreadable, saying what to ask for."""
        try:
            info = self._zip.getinfo(raw)
            _require_ordinary(info)
            with self._zip.open(info) as file:
                # The size that a zip states may be a lie.
                content = file.read(MEMBER_LIMIT_MB * _MB + 1)
        except NotImplementedError as error:
            raise _damaged(say("it is packed in a way that is not known here")) from error
        except RuntimeError as error:
            raise SubmissionUnreadable(
                say("The file in the zip is locked with a password. Ask for it without one.")
            ) from error
        except KeyError as error:
            raise _damaged(say("it is not in it")) from error
        except SubmissionUnreadable:
            raise
        except Exception as error:
            # Whatever its decoders stumble over: the file is damaged, or was made to be.
            raise _damaged(str(error) or type(error).__name__) from error
        if len(content) > MEMBER_LIMIT_MB * _MB:
            raise _too_large()
        if not content:
            raise SubmissionUnreadable(
                say("The file is empty; the upload probably broke off. Ask for the notebook again.")
            )
        return content


def read_member(path: Path, raw: str) -> bytes:
    """The bytes of a file in a zip; raises SubmissionUnreadable, saying what to ask for."""
    try:
        with Archive(path) as archive:
            return archive.read(raw)
    except UsageError as error:
        raise SubmissionUnreadable(error.message) from error


def _require_ordinary(info: zipfile.ZipInfo) -> None:
    mode = info.external_attr >> 16
    if mode and stat.S_ISLNK(mode):
        raise SubmissionUnreadable(
            say(
                "This is a link to another file, so it was not followed. "
                "Ask for the notebook itself."
            )
        )
    if info.file_size > MEMBER_LIMIT_MB * _MB:
        raise _too_large()


def _too_large() -> SubmissionUnreadable:
    return SubmissionUnreadable(
        say(
            "The file in the zip has more than {limit} MB, which is not read. "
            "Ask for the notebook with its outputs cleared.",
            limit=MEMBER_LIMIT_MB,
        )
    )


def _damaged(reason: str | Message) -> SubmissionUnreadable:
    return SubmissionUnreadable(
        say(
            "The file in the zip cannot be read: {reason}. Download the zip again.",
            reason=reason,
        )
    )


_UTF8_FLAG: Final = 0x800


def _readable_name(info: zipfile.ZipInfo) -> str:
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437", "replace")
        for encoding in ENCODINGS:
            try:
                name = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            break
    # Parts that lead out of the zip say nothing of whose it is.
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return unicodedata.normalize("NFC", "/".join(parts))


# What systems and programs leave beside the work that somebody did.
_CLUTTER: Final = frozenset(
    {
        *("__MACOSX", "__pycache__", "desktop.ini", "Thumbs.db", ".git", ".github", ".venv"),
        *(".ipynb_checkpoints", ".ipython", ".jupyter", ".cache", ".local", ".config", ".vscode"),
        *(".idea", ".devcontainer", ".Trashes", ".Spotlight-V100", ".fseventsd"),
    }
)


def is_clutter(name: str, *, is_folder: bool) -> bool:
    """Whether a file or folder is nobody's work: a system's own, and hidden files but notebooks."""
    if name in _CLUTTER or name.startswith("._"):
        return True
    return name.startswith(".") and not is_folder and not name.casefold().endswith(".ipynb")


def holds_clutter(parts: tuple[str, ...], *, is_folder: bool) -> int | None:
    """How many folders lie above the first thing on a way that is clutter; None if nothing is."""
    last = len(parts) - 1
    return next(
        (n for n, name in enumerate(parts) if is_clutter(name, is_folder=n < last or is_folder)),
        None,
    )
