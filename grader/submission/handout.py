"""What students were given: the cells of a handout, and which of them they fill in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import TYPE_CHECKING

from grader.errors import AssignmentError, SubmissionUnreadable
from grader.language.messages import say
from grader.models import CODE_STEPS, Cell, CellKind, Step
from grader.submission.code import read_code
from grader.submission.notebook import MarkedCell, read_notebook
from grader.syntax import PARSED_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_MARKER = re.compile(r"^[ \t]*#[ \t]*=+[ \t]*(\w+)[ \t]*=+[ \t]*$", re.MULTILINE)
# The ids of cells that only show what the student has made: a convention of the handouts.
_LOOK = "look-"
SETUP = -300  # the number of the first of the handout's cells that are missing in a notebook
_LESSONS = 16  # so many templates are kept at once
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Handout:
    """An assignment's stub notebook in one language."""

    assignment: str
    language: str
    cells: tuple[MarkedCell, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """What the handouts of one assignment have in common with an answer to it.

    `fixed` and `fixed_ids` are the sources and ids of cells that are not the student's, `looks`
    the sources of those among them that only show what the student has made; `step_ids`
    tells the steps by id; `names` is what a step's cell has to set; `stubs` are the shapes of its
    code before anything is filled in.
    """

    fixed: frozenset[str]
    fixed_ids: frozenset[str]
    looks: frozenset[str]
    step_ids: Mapping[str, frozenset[Step]]
    names: Mapping[Step, frozenset[str]]
    stubs: Mapping[Step, frozenset[str | None]]


def read_handout(path: Path) -> Handout:
    """Read `handout.<language>.ipynb`; raises AssignmentError if it is not a handout."""
    try:
        notebook = read_notebook(path)
    except SubmissionUnreadable as error:
        raise AssignmentError(
            say("{path} cannot be read: {reason}", path=str(path), reason=error.message)
        ) from error
    if notebook.assignment is None:
        raise AssignmentError(
            say(
                "{path} does not say which assignment it belongs to: its metadata needs "
                "grader.assignment. Write the handout again from its reference.",
                path=str(path),
            )
        )
    return Handout(
        assignment=notebook.assignment,
        language=notebook.language or language_of(notebook.cells),
        cells=notebook.cells,
    )


def read_handouts(assignment: Path) -> tuple[Handout, ...]:
    """All handouts in an assignment's folder, by language; raises AssignmentError."""
    return tuple(read_handout(path) for path in sorted(assignment.glob("handout.*.ipynb")))


@lru_cache(_LESSONS)
def template_of(handouts: tuple[Handout, ...]) -> Template:
    """What the languages of one assignment's handout have in common with an answer to it."""
    cells = [(cell, own_marks(cell)) for handout in handouts for cell in handout.cells]
    codes = [(read_code(cell.cell.source), steps) for cell, steps in cells if steps]
    return Template(
        fixed=frozenset(trimmed(cell.cell.source) for cell, steps in cells if not steps),
        fixed_ids=frozenset(id_ for cell, steps in cells if not steps for id_ in cell.ids),
        looks=frozenset(
            trimmed(cell.cell.source)
            for cell, steps in cells
            if not steps and any(id_.startswith(_LOOK) for id_ in cell.ids)
        ),
        step_ids={id_: steps for cell, steps in cells if steps for id_ in cell.ids},
        names={
            step: reduce(
                frozenset.union,
                (code.sets | code.leaves_open for code, steps in codes if step in steps),
                frozenset(),
            )
            for step in CODE_STEPS
        },
        stubs={
            step: frozenset(code.shape for code, steps in codes if step in steps)
            for step in CODE_STEPS
        },
    )


def missing_setup(
    cells: Iterable[MarkedCell], handouts: Sequence[Handout], language: str
) -> tuple[Cell, ...]:
    """What the handout in this language gave and the notebook no longer holds as it was.

    Cells that a student fills in do not count, nor do cells that only show what was made.
    """
    held = {trimmed(marked.cell.source) for marked in cells}
    kept = {
        id_
        for handout in handouts
        for marked in handout.cells
        if trimmed(marked.cell.source) in held
        for id_ in marked.ids
    }
    own = [h for h in handouts if h.language == language] or list(handouts)
    missing = [
        marked.cell.source
        for marked in (own[0].cells if own else ())
        if _is_setup(marked) and trimmed(marked.cell.source) not in held
        if marked.ids.isdisjoint(kept)
    ]
    return tuple(Cell(SETUP - place, CellKind.CODE, source) for place, source in enumerate(missing))


def _is_setup(marked: MarkedCell) -> bool:
    looks = any(id_.startswith(_LOOK) for id_ in marked.ids)
    return marked.cell.kind is CellKind.CODE and not own_marks(marked) and not looks


def own_marks(marked: MarkedCell) -> frozenset[Step]:
    """The steps that a code cell says it is for: in its metadata, a tag, or a marker line."""
    return marks_of(marked) if marked.cell.kind is CellKind.CODE else frozenset()


def marks_of(marked: MarkedCell) -> frozenset[Step]:
    """The same for a cell of any kind: a code cell may have become text."""
    names = {marked.step or "", *(tag.removeprefix("step:") for tag in marked.tags)}
    names.update(name.lower() for name in _MARKER.findall(marked.cell.source))
    return frozenset(step for step in CODE_STEPS if step.value in names)


def language_of(cells: Iterable[MarkedCell]) -> str:
    """The language of the prose: Chinese if there is any, else English."""
    prose = (marked.cell.source for marked in cells if marked.cell.kind is CellKind.MARKDOWN)
    return "zh" if any(_CHINESE.search(text) for text in prose) else "en"


def trimmed(source: str) -> str:
    """The source without the blanks at line ends that editors add and drop."""
    if len(source) > PARSED_LIMIT:
        return source  # no handout has such a cell, and each of millions of lines would be copied
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))
