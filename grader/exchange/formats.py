"""The forms that marks can be exported in: one table, which `grader export` is made of.

The modules behind the entries are imported when one is used: `grader --help` shows them, too.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.course.assignment import Assignment
    from grader.exchange.standing import Exported, Standing
    from grader.language.messages import Translations
    from grader.models import GradedSubmission


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an export is made of.

    `lesson` is the one that it is about, None where it may be about several; `standings` gives the
    same marks with what a platform calls the students; `into` is a file to be filled in, and
    `column` that file's column for the marks.
    """

    language: str
    lesson: Assignment | None
    marks: Sequence[GradedSubmission] = ()
    standings: Callable[[str], Sequence[Standing]] = lambda _platform: ()
    into: Path | None = None
    column: str | None = None

    @property
    def words(self) -> Translations:
        """The language, with what the first mark's lesson says in it."""
        from grader.reporting import translator

        own = self.marks[0].assignment.own_catalogues(self.language)
        return translator(self.language, own)


@dataclass(frozen=True, slots=True)
class Format:
    """A form that marks are exported in; `about` is what the help says of it.

    `of_marks`: it is made of a gradebook's marks, and not of the lesson alone; `of_one_lesson`,
    `of_one_student`: it holds no more than one; `with_pages`: it holds students' pages.
    """

    name: str
    about: str
    suffix: str
    make: Callable[[Wanted], Exported]
    of_marks: bool = True
    of_one_lesson: bool = True
    of_one_student: bool = False
    with_pages: bool = False

    @property
    def stem(self) -> str:
        """What its files are called, before the lesson and the student."""
        return self.name if self.of_one_lesson else "marks"


def _csv(wanted: Wanted) -> Exported:
    from grader.exchange.plain import to_csv

    return to_csv(wanted.standings(""))


def _json(wanted: Wanted) -> Exported:
    from grader.exchange.plain import to_json

    return to_json(wanted.standings(""), wanted.words, wanted.language)


def _canvas(wanted: Wanted) -> Exported:
    from grader.exchange import canvas
    from grader.exchange.sheet import Sheet

    standings, info = wanted.standings(canvas.PLATFORM), wanted.marks[0].assignment
    if wanted.into is None:
        return canvas.new_sheet(standings, wanted.column or info.title(wanted.language))
    titles = [wanted.column] if wanted.column else [info.id, *info.titles.values()]
    return canvas.fill(Sheet.read(wanted.into), standings, titles)


def _moodle(wanted: Wanted) -> Exported:
    from grader.exchange import moodle
    from grader.exchange.sheet import Sheet

    if wanted.into is None:
        raise UsageError(
            say("Download the grading worksheet from Moodle, and pass it with --into FILE.")
        )
    standings = wanted.standings(moodle.PLATFORM)
    return moodle.fill(Sheet.read(wanted.into), standings, wanted.column)


def _moodle_feedback(wanted: Wanted) -> Exported:
    from grader.exchange import moodle
    from grader.reporting import student_html

    def page(standing: Standing) -> bytes:
        return student_html(standing.graded).encode()

    return moodle.feedback_zip(wanted.standings(moodle.PLATFORM), page)


def _gradescope(wanted: Wanted) -> Exported:
    from grader.exchange.gradescope import results_json
    from grader.exchange.standing import Exported

    return Exported(results_json(wanted.marks[0], wanted.words, wanted.language), 1)


def _gradescope_autograder(wanted: Wanted) -> Exported:
    from grader.exchange.gradescope import autograder_zip

    if wanted.lesson is None:
        raise TypeError("an autograder is of one lesson")
    return autograder_zip(wanted.lesson)


def _github(wanted: Wanted) -> Exported:
    from grader.exchange.github import runner_result
    from grader.exchange.standing import Exported

    result = f"result={runner_result(wanted.marks[0], wanted.words, wanted.language)}\n"
    if (output := os.environ.get("GITHUB_OUTPUT")) is not None:
        with Path(output).open("a", encoding="utf-8") as file:
            file.write(result)
    return Exported(result.encode(), 1)


_ENTRIES: Final = (
    Format("csv", "for a spreadsheet", ".csv", _csv, of_one_lesson=False),
    Format("json", "for a program", ".json", _json, of_one_lesson=False),
    Format("canvas", "new, or fills the gradebook given with --into", ".csv", _canvas),
    Format("moodle", "fills the worksheet given with --into", ".csv", _moodle),
    Format(
        "moodle-feedback", "a zip of pages to upload", ".zip", _moodle_feedback, with_pages=True
    ),
    Format("gradescope", "for one --student", ".json", _gradescope, of_one_student=True),
    Format(
        "gradescope-autograder",
        "the zip to upload there",
        ".zip",
        _gradescope_autograder,
        of_marks=False,
    ),
    Format("github", "for one --student", ".txt", _github, of_one_student=True),
)
FORMATS: Final = {entry.name: entry for entry in _ENTRIES}
