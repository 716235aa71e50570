"""A marked class in a gradebook, and a desk to review it at; no kernel is started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.course.assignment import load_assignments
from grader.gradebook import Gradebook
from grader.grading import grade_class
from grader.intake import find_candidates
from grader.web import Desk, Keys
from tests.notebooks import EXACT_LINE, lesson, save
from tests.recordings import Recordings, copy_course

if TYPE_CHECKING:
    from pathlib import Path

LESSON = "01_exact_line"
STUDENTS = {
    "anna": EXACT_LINE.train,
    "bert": EXACT_LINE.train.replace("epochs = 100", "epochs = 50"),
    "李华": EXACT_LINE.train + "\n# <script>alert(1)</script>",
}


@dataclass(frozen=True)
class Class:
    """A gradebook with the marks of a class, seen by as many reviewers as one likes."""

    root: Path
    book: Gradebook

    def desk(self, by: str = "chen", language: str = "en") -> Desk:
        assignments = {one.id: one for one in load_assignments(self.root)}
        reports, released = self.root / "reports", self.root / "released"
        return Desk(self.book, assignments, by, reports, released, language)

    def hand_in(self, student: str, **trains: str) -> None:
        """Grade several notebooks of a student, by the names of their files."""
        folder = self.root.parent / "more" / student
        for name, train in trains.items():
            save(lesson(train=train), folder / f"{name}.ipynb")
        grade_class(
            find_candidates([folder.parent]),
            assignments=load_assignments(self.root),
            runner=Recordings(),
            book=self.book,
        )


def marked_class(folder: Path) -> Class:
    """Three students: one is right, one trains for half the epochs."""
    root = copy_course(folder / "course")
    for student, train in STUDENTS.items():
        save(lesson(train=train), folder / "class" / f"{student}.ipynb")
    book = Gradebook(str(folder / "gradebook.db"), create=True)
    grade_class(
        find_candidates([folder / "class"]),
        assignments=load_assignments(root),
        runner=Recordings(),
        book=book,
    )
    return Class(root, book)


KEYS = Keys(token="t" * 20, session="s" * 20, form="f" * 20)
