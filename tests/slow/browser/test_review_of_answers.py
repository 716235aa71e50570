"""The review page of the lessons about yes and no, with notebooks that really ran."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import nbformat
import pytest

from grader.authoring.audit import REFERENCE
from grader.authoring.bank import build, load_bank
from grader.course.assignment import load_assignments
from grader.execution.runner import notebook_runner
from grader.gradebook import Gradebook
from grader.grading import grade_class
from grader.intake import find_candidates
from tests.browser.reading import NARROW
from tests.browser.serving import LINK, served
from tests.notebooks import save
from tests.web.course import Class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.reading import Reader

ROOT = Path(__file__).parents[3]
PICTURE = {"03_big_or_small": "curve-title", "04_cat_or_not": "sheet"}
WRONG = {"03_big_or_small": "labels_inverted_1", "04_cat_or_not": "zero_grad_before_step"}

pytestmark = pytest.mark.environment
each_language = pytest.mark.parametrize("language", ["zh", "en"])
each_student = pytest.mark.parametrize("student", ["anna", "bert"])
each_lesson = pytest.mark.parametrize("lesson", list(WRONG))


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    """In both lessons anna hands in the reference, and bert a mistake from the bank."""
    folder = tmp_path_factory.mktemp("answers")
    for lesson, mistake in WRONG.items():
        solutions = ROOT / "solutions" / lesson
        reference = nbformat.read(solutions / "reference.en.ipynb", as_version=4)
        bank = {entry.name: entry for entry in load_bank(solutions)}
        for student, entry in (("anna", REFERENCE), ("bert", bank[mistake])):
            path = folder / "submitted" / student / lesson / f"{lesson}.ipynb"
            save(build(entry, reference), path)
    book = Gradebook(str(folder / "gradebook.db"), create=True)
    with closing(book), closing(notebook_runner()) as runner:
        grade_class(
            find_candidates([folder / "submitted"]),
            assignments=[one for one in load_assignments(ROOT) if one.id in WRONG],
            runner=runner,
            book=book,
        )
        yield Class(ROOT, book)


@each_language
@each_lesson
@each_student
def test_what_a_lesson_about_yes_and_no_shows_can_be_reviewed_by_everybody(
    reader: Reader, marked: Class, language: str, lesson: str, student: str
) -> None:
    address = f"{LINK}&assignment={quote(lesson)}&student={student}"
    with served(marked, language) as site, reader.visiting(site, address) as opened:
        opened.page.goto(f"{site}/work?assignment={lesson}&student={student}")
        picture = opened.page.locator(f"#{PICTURE[lesson]}, .{PICTURE[lesson]}")
        assert picture.count() == 1
        assert (opened.violations(), opened.overhang()) == ([], 0)
        opened.resize(NARROW)
        assert (opened.violations(), opened.overhang()) == ([], 0)
        assert opened.trouble == []
