"""The file with the details of what the grader broke on: one for a command, begun when needed."""

from __future__ import annotations

import platform
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.language.messages import say

if TYPE_CHECKING:
    from grader.cli.speaking import Speaker

# A fault of ours may concern a whole class, and an exception may tell of a whole notebook.
_MOST_FAULTS: Final = 50
_LONGEST: Final = 50_000


class FaultLog:
    """Notes faults of ours, whoever's work they concern; safe to use from several threads."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self._count = 0
        self._lock = threading.Lock()

    @property
    def any(self) -> bool:
        """Whether there was one."""
        return self._count > 0

    def note(self, where: str, error: BaseException) -> None:
        """Write down an exception, with whose work it came from."""
        with self._lock:
            self._count += 1
            if self._count > _MOST_FAULTS:
                return
            try:
                self._write(where, error)
            except OSError:
                # Without a place for the details there is still the sentence.
                return

    def tell(self, speaker: Speaker) -> None:
        """Say where the details are, if there are any."""
        if self._count:
            speaker.warn(
                say(
                    "The grader broke on some of the above; the details are in {path}; "
                    "paste them into a report.",
                    path=str(self.path or "-"),
                )
            )

    def _write(self, where: str, error: BaseException) -> None:
        from grader.reporting.printable import on_one_line

        where = on_one_line(where)
        text = "".join(traceback.format_exception(error))[-_LONGEST:]
        if self.path is None:
            with tempfile.NamedTemporaryFile(prefix="grader-", suffix=".txt", delete=False) as file:
                self.path = Path(file.name)
            text = f"{_header()}\n\n{where}\n{text}"
        else:
            text = f"\n{where}\n{text}"
        with self.path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)


def _header() -> str:
    from grader.reporting.result import grader_version

    return (
        f"grader {grader_version()}, Python {platform.python_version()}, {platform.platform()}\n"
        f"arguments: {sys.argv[1:]}"
    )
