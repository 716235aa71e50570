"""Turns nbformat outputs into the few kinds that a report shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.models import CellError, Output, OutputKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
MOST_CHARS = 20_000
MOST_PNG_CHARS = 1_500_000
# Of all cells together, on their way to a page: fifty pictures, or as many long printouts.
MOST_SHOWN_CHARS = 20_000_000
MOST_SHOWN = 5_000
# The student's own places in a traceback. Whatever can begin anywhere is short, and what is long is
# tied to a line: otherwise a long text would be scanned once for each of its characters.
_PLACE = re.compile(
    r"Cell In\[\d{1,9}\], line (\d{1,9})"
    r"|^<ipython-input[^>\n]{0,200}> in [^\n]*\n-+> (\d{1,9})",
    re.MULTILINE,
)
# Where a cell stands in for the student's, its line 1 is ours, and its own lines are not theirs.
_STAND_IN_PLACE = re.compile(r"^File <step \d{1,9}>:(\d{1,9})", re.MULTILINE)
_MOST_TRACEBACK = 200_000  # characters, of which the last are those next to the mistake


@dataclass(slots=True)
class Showing:
    """What there is room for still, of all that a notebook shows."""

    chars: int = MOST_SHOWN_CHARS
    outputs: int = MOST_SHOWN

    def take(self, outputs: tuple[Output, ...]) -> tuple[tuple[Output, ...], bool]:
        """The outputs of a cell that there is room for, and whether others were left out."""
        for place, output in enumerate(outputs):
            if len(output.content) > self.chars or not self.outputs:
                return outputs[:place], True
            self.chars -= len(output.content)
            self.outputs -= 1
        return outputs, False


def outputs_of(outputs: Iterable[Any]) -> tuple[Output, ...]:
    """Streams, results and pictures, each cut to a length that a page can hold."""
    return tuple(_outputs(outputs))


def _outputs(outputs: Iterable[Any]) -> Iterator[Output]:
    kept = list(outputs)
    streams: dict[str, list[str]] = {}
    for output in kept:
        if output.output_type == "stream":
            streams.setdefault(str(output.name), []).append(str(output.text))
    for output in kept:
        if output.output_type == "stream":
            # Whole, where its first piece stood: the pieces of one stream come apart by chance.
            if pieces := streams.pop(str(output.name), None):
                yield _text(_overwritten("".join(pieces)))
        elif output.output_type in {"display_data", "execute_result"}:
            data = output.data if isinstance(output.data, dict) else {}
            if isinstance(png := data.get("image/png"), str) and len(png) <= MOST_PNG_CHARS:
                yield Output(OutputKind.PNG, sound("".join(png.split())))
            elif isinstance(page := data.get("text/html"), str):
                yield Output(OutputKind.HTML, sound(page[:MOST_CHARS]))
            elif isinstance(plain := data.get("text/plain"), str) and plain:
                yield _text(plain)


def _overwritten(text: str) -> str:
    """What remains visible on a terminal when lines are overwritten, as progress bars do.

    nbclient does this with a pattern that takes minutes for one line of a million characters.
    """
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _text(text: object) -> Output:
    plain = sound(ANSI.sub("", str(text)))
    return Output(OutputKind.TEXT, plain if len(plain) <= MOST_CHARS else plain[:MOST_CHARS] + " …")


def error_of(cell: int, outputs: Iterable[Any]) -> CellError | None:
    """The exception among a cell's outputs, with the line of the cell that it came from."""
    for output in outputs:
        if output.output_type == "error":
            parts = output.traceback if isinstance(output.traceback, list) else [output.traceback]
            traceback = sound(ANSI.sub("", _ends("\n".join(map(str, parts)))))
            return CellError(
                cell,
                sound(str(output.ename)[:200]),
                sound(str(output.evalue)[:2000]),
                traceback[:MOST_CHARS],
                *_lines(traceback),
            )
    return None


def _ends(text: str) -> str:
    """The beginning and the end of a text that is too long to be scanned."""
    half = _MOST_TRACEBACK // 2
    return text if len(text) <= _MOST_TRACEBACK else f"{text[:half]}\n{text[-half:]}"


def sound(text: str) -> str:
    """The text with what is no character (half a surrogate pair) replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _lines(traceback: str) -> tuple[int | None, int | None]:
    """The last and the first line of student code in a traceback ("Cell In[3], line 7")."""
    if inside := _STAND_IN_PLACE.search(traceback):
        return None, int(inside[1])
    lines = [int(place[1] or place[2]) for place in _PLACE.finditer(traceback)]
    return (lines[-1], lines[0]) if lines else (None, None)
