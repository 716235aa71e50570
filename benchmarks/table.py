"""The results as tables: for the terminal, and for docs/performance.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.results import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.results import Results

BEGIN: Final = "<!-- bench: begin (written by `make bench`) -->"
END: Final = "<!-- bench: end -->"
_HEADINGS: Final = (
    "",
    "submissions",
    "CPU s",
    "wall s",
    "memory, all processes, MiB",
    "largest process, MiB",
    "CPU, times ours",
    "wall, times ours",
)


def as_markdown(results: Results, about: Mapping[str, str]) -> str:
    """A table a lesson, a contender each row; `about` says what each of them does."""
    lines = []
    for lesson in results.lessons():
        lines += [f"**{lesson}**, one submission:", ""]
        lines += [_row(_HEADINGS), "|---" + "|---:" * (len(_HEADINGS) - 1) + "|"]
        lines += [_row(row) for row in _rows(results, lesson)]
        lines.append("")
    lines += [f"- {name}: {what}" for name, what in about.items()]
    return "\n".join(lines) + "\n"


def as_text(results: Results, lesson: str) -> str:
    """One lesson's table in columns."""
    headings = ("", "count", "CPU s", "wall s", "MiB all", "MiB most", "CPU x", "wall x")
    rows = [headings, *_rows(results, lesson)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def put_between(document: str, text: str) -> str:
    """The document with `text` between the marks; raises ValueError where it has none."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{text.strip()}\n\n{END}{after}"


def _rows(results: Results, lesson: str) -> Iterator[tuple[str, ...]]:
    for name in results.contenders(lesson):
        rounds = results.of(lesson, name)
        ratios = results.ratios(lesson, name)
        yield (
            name,
            f"{len(rounds)} x {rounds[0].submissions}",
            f"{results.median(lesson, name, lambda u: u.cpu_s):.3f}",
            f"{results.median(lesson, name, lambda u: u.wall_s):.3f}",
            f"{results.median(lesson, name, lambda u: u.tree_mib):.0f}",
            f"{results.median(lesson, name, lambda u: u.largest_mib):.0f}",
            _times(ratios.cpu, name),
            _times(ratios.wall, name),
        )


def _times(ratio: float, name: str) -> str:
    if name == OURS:
        return "1"
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
