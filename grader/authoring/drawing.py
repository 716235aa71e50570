"""Draws compositions of a lesson's bank until they are honest: else it would be no fair test."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import nbformat

from grader.authoring.bank import Entry, build, load_bank
from grader.authoring.composing import Composer
from grader.authoring.mixed import Known
from grader.authoring.plain import PlainTorch, Yardstick
from grader.course.course import Folders
from grader.errors import AssignmentError
from grader.language.messages import say
from grader.submission import parse_submission

if TYPE_CHECKING:
    from types import TracebackType

    from nbformat import NotebookNode

    from grader.authoring.composing import Composition
    from grader.authoring.plain import Ended
    from grader.grading import Lesson

RIGHT: Final = "right"
WRONG: Final = "wrong"
# Two parts in three fit together; a bank that needs so many tries has nothing that does.
_TRIES: Final = 200


class Drawing:
    """Compositions by name, each drawn until it is honest but for its mistakes.

    Safe to use from `jobs` threads at once. Raises AssignmentError for a lesson without a bank, or
    one whose reference does not run in plain torch.
    """

    def __init__(self, lesson: Lesson, seed: str, jobs: int) -> None:
        solutions = lesson.assignment.solutions
        if solutions is None:
            raise AssignmentError(
                say(
                    "{id} has no solutions here: an audit needs its reference and its bank.",
                    id=lesson.assignment.id,
                )
            )
        self._lesson, self._seed = lesson, seed
        home = Folders(lesson.assignment.folder, solutions)
        self._references = [
            nbformat.read(home.reference(language), as_version=4)
            for language in sorted(lesson.references)
        ]
        self._composer = Composer(load_bank(solutions))
        self._alone: dict[str, Ended | None] = {}
        solved = build(_REFERENCE, self._references[0])
        cells = self._cells(solved)
        self._plain = PlainTorch(cells, _before_any_work(solved), jobs)
        try:
            self._yardstick = Yardstick(cells, self._plain)
        except BaseException:
            self._plain.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._plain.close()

    def draw(self, name: str) -> Known:
        """The composition that this name stands for, such as `right-17`, as a notebook."""
        kind, _, number = name.partition("-")
        reference = self._references[int(number) % len(self._references)]
        compose = self._composer.right if kind == RIGHT else self._composer.wrong
        for attempt in range(_TRIES):
            composition = compose(name, f"{self._seed} {name} {attempt}")
            if self._fits(composition, reference):
                return Known(
                    name,
                    Path(f"{name}.ipynb"),
                    _content(composition.notebook(reference)),
                    composition.guilty,
                    composition.made_of,
                )
        raise AssignmentError(
            say(
                "{id}: of {tries} draws for {name}, none runs in plain torch.",
                id=self._lesson.assignment.id,
                tries=_TRIES,
                name=name,
            )
        )

    def _fits(self, composition: Composition, reference: NotebookNode) -> bool:
        """Whether its parts go together: honest with the reference's code for mistakes.

        And the mistakes are still those of the bank. One that stops with another error than it does
        in the reference, or with none, is another mistake among these ways, or none.
        """
        try:
            whole = self._cells(composition.notebook(reference))
            honest = composition.honest_part
            cells = self._cells(honest.notebook(reference))
        except AssignmentError:
            return False
        if not self._yardstick.is_honest(self._plain.run(cells, honest.entry.rename)):
            return False
        alone = [self._ended_alone(mistake) for mistake in composition.mistakes]
        if not alone or None in alone:
            return True
        ended = self._plain.run(whole, composition.entry.rename)
        kinds = {each.kind for each in alone if each is not None}
        # What goes on silently by itself does not hide that another mistake stops.
        return ended is not None and ended.kind in (kinds - {None} or kinds)

    def _ended_alone(self, mistake: Entry) -> Ended | None:
        """How the reference ends with this mistake in it; None if it never does."""
        if mistake.name not in self._alone:
            cells = self._cells(build(mistake, self._references[0]))
            self._alone[mistake.name] = self._plain.run(cells, mistake.rename)
        return self._alone[mistake.name]

    def _cells(self, notebook: NotebookNode) -> list[str]:
        """The code of a notebook, without the handout's looks: they draw, and decide nothing."""
        handouts, id_ = self._lesson.handouts, self._lesson.assignment.id
        read = parse_submission(_content(notebook), Path("own.ipynb"), "own", handouts, id_)
        return [
            cell.source
            for number, cell in enumerate(notebook.cells, 1)
            if cell.cell_type == "code" and number not in read.looks
        ]


def names(count: int) -> list[str]:
    """The names of so many compositions, three of four of them right, kinds well mixed."""
    right = count - count // 4
    ordered = [
        (number / total, f"{kind}-{number}")
        for kind, total in ((RIGHT, right), (WRONG, count - right))
        for number in range(total)
    ]
    return [name for _, name in sorted(ordered)]


def _before_any_work(notebook: NotebookNode) -> list[str]:
    """The code above the first step's cell, which every notebook has from its handout."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    work = takewhile(lambda cell: "grader" not in cell.metadata, code)
    return [cell.source for cell in work]


def _content(notebook: NotebookNode) -> bytes:
    return str(nbformat.writes(notebook)).encode()


_REFERENCE: Final = Entry(name="reference", about="the solved notebook")
