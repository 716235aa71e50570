"""From a notebook file to a Submission: which assignment, which language, which cells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from grader.errors import OtherLesson, SubmissionUnreadable
from grader.language.messages import say
from grader.models import Cell, CellKind, Submission
from grader.submission.cleaning import clean
from grader.submission.finding import find_steps
from grader.submission.handout import language_of, missing_setup, template_of, trimmed
from grader.submission.notebook import parse_notebook
from grader.submission.opening import read_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.submission.handout import Handout
    from grader.submission.notebook import Notebook


# Of a handout's cells. One that is filled in keeps four of five, and has one in common with others.
_HOLDS: Final = 0.25


def read_submission(
    path: Path, student: str, handouts: Sequence[Handout], assignment: str | None = None
) -> Submission:
    """Read a student's notebook as an answer to one of the handouts.

    `assignment` is used where the notebook does not name one of theirs. Raises
    SubmissionUnreadable for a file that no mark can be given for.
    """
    return parse_submission(read_file(path), path, student, handouts, assignment)


def parse_submission(
    content: bytes,
    path: Path,
    student: str,
    handouts: Sequence[Handout],
    assignment: str | None = None,
    *,
    drop_box: str | None = None,
) -> Submission:
    """The same for the content of the file; `path` is only the file's name.

    If `drop_box` says which one assignment was collected, a notebook for another one raises
    OtherLesson.
    """
    notebook = parse_notebook(content)
    if drop_box is not None:
        _require_lesson(notebook, handouts, drop_box)
    chosen = _assignment_of(notebook, handouts, drop_box or assignment)
    own_handouts = [handout for handout in handouts if handout.assignment == chosen]
    languages = {handout.language for handout in own_handouts}
    language = notebook.language if notebook.language in languages else language_of(notebook.cells)
    found = find_steps(notebook.cells, template_of(tuple(own_handouts)))
    cells = tuple(_cleaned(marked.cell) for marked in notebook.cells)
    return Submission(
        student=student,
        assignment=chosen,
        language=language,
        path=path,
        sha256=notebook.sha256,
        cells=cells,
        steps=found.steps,
        setup=missing_setup(notebook.cells, own_handouts, language),
        unchanged=found.unchanged,
        texts=found.texts,
        rounds=found.rounds,
        called=found.called,
        is_marked=found.is_marked,
        given=found.given,
        looks=found.looks,
        remarks=(*found.remarks, *((notebook.remark,) if notebook.remark is not None else ())),
    )


def _require_lesson(notebook: Notebook, handouts: Sequence[Handout], drop_box: str) -> None:
    """Raise OtherLesson for a notebook that names another lesson, or holds that one's handout.

    A name that no lesson has is believed if little of the drop box's own handout is left.
    """
    shares: dict[str, float] = {}
    for handout in handouts:
        share = _likeness(notebook, handout) / max(1, len(handout.cells))
        shares[handout.assignment] = max(shares.get(handout.assignment, 0.0), share)
    named, own = notebook.assignment, shares.get(drop_box, 0.0)
    best = max(shares, key=lambda name: (shares[name], name == drop_box), default=drop_box)
    if named is not None and (named in shares or own < _HOLDS):
        found = named
    else:
        found = best if shares.get(best, 0.0) >= _HOLDS else drop_box
    if found != drop_box:
        raise OtherLesson(found, drop_box)


def _assignment_of(notebook: Notebook, handouts: Sequence[Handout], assignment: str | None) -> str:
    known = {handout.assignment for handout in handouts}
    for named in (notebook.assignment, assignment):
        if named is not None and named in known:
            return named
    likeness = [(_likeness(notebook, handout), handout.assignment) for handout in handouts]
    best = max((cells for cells, _ in likeness), default=0)
    alike = {name for cells, name in likeness if cells == best}
    if best == 0 or len(alike) > 1:
        raise SubmissionUnreadable(
            say(
                "Neither the notebook nor its cells show which assignment this is. Grade it "
                "with --assignment and one of: {assignments}.",
                assignments=", ".join(sorted(known)) or "-",
            )
        )
    return alike.pop()


def _likeness(notebook: Notebook, handout: Handout) -> int:
    """How many cells of the handout the notebook still holds."""
    sources = {trimmed(marked.cell.source) for marked in notebook.cells}
    return sum(trimmed(marked.cell.source) in sources for marked in handout.cells)


def _cleaned(cell: Cell) -> Cell:
    return replace(cell, source=clean(cell.source)) if cell.kind is CellKind.CODE else cell
