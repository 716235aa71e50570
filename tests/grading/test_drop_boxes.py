"""A drop box takes one lesson, and what is another's touches no mark."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from grader.course.assignment import load_assignments
from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.grading import choose_version, grade_class, marks_of, versions_of
from grader.intake import find_hand_ins
from tests.lms import RIGHT, unpacked, zipped
from tests.notebooks import EXACT_LINE, STUBS, lesson
from tests.recordings import ROOT, Recordings, copy_course

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from grader.models import GradedSubmission

FIRST, SECOND = "01_exact_line", "02_noisy_line"


def notebook(assignment: str | None = FIRST, *, train: str = EXACT_LINE.train) -> bytes:
    document = lesson(train=train)
    if assignment is None:
        del document["metadata"]["grader"]
    else:
        document["metadata"]["grader"]["assignment"] = assignment
    return json.dumps(document).encode()


FEW = EXACT_LINE.train.replace("epochs = 100", "epochs = 50")
UNTOUCHED = json.dumps(lesson(STUBS)).encode()


class Course:
    """A course of two lessons, a gradebook, and a runner that starts no kernel."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.course = copy_course(root / "course")
        copy_course(root / "course", SECOND)
        self.book = Gradebook(str(root / "gradebook.db"), create=True)

    def grade(
        self, path: Path, *, assignment: str | None = None
    ) -> dict[str, list[GradedSubmission]]:
        candidates = find_hand_ins([path], lessons=[FIRST, SECOND]).candidates
        if assignment is not None:
            candidates = tuple(
                replace(one, assignment=assignment, drop_box=assignment) for one in candidates
            )
        graded = grade_class(
            candidates,
            assignments=load_assignments(self.course),
            runner=Recordings(),
            book=self.book,
        )
        found: dict[str, list[GradedSubmission]] = {}
        for one in graded:
            found.setdefault(one.submission.student, []).append(one)
        return found

    def points(self, assignment: str) -> Mapping[str, float | None]:
        only = [one for one in load_assignments(self.course) if one.id == assignment]
        return {
            one.submission.student: None if one.mark.withheld else one.mark.points
            for one in marks_of(self.book, only)
        }


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    course = Course(tmp_path)
    yield course
    course.book.close()


def canvas(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {
        f"{student}_{20 + place}_{900 + place}_hw.ipynb": content
        for place, (student, content) in enumerate(files.items())
    }


def reason(one: GradedSubmission) -> str:
    return str(one.mark.withheld_reason)


@pytest.mark.parametrize("named", [True, False])
def test_another_lessons_notebook_is_listed_and_touches_no_mark(
    course: Course, tmp_path: Path, named: bool
) -> None:
    right = {"anna": notebook(SECOND), "bert": notebook(SECOND), "zoe": notebook(FIRST, train=FEW)}
    course.grade(unpacked(tmp_path / "first", {"zoe.ipynb": notebook(FIRST)}))
    before = course.points(FIRST)
    found = course.grade(
        zipped(tmp_path / "box.zip", canvas(right)), assignment=SECOND if named else None
    )
    assert "notebook for 01_exact_line, but 02_noisy_line is collected" in reason(found["zoe"][0])
    assert course.points(FIRST) == before
    assert set(course.points(SECOND)) == {"anna", "bert"}


def test_a_notebook_without_a_name_is_the_drop_boxs(course: Course, tmp_path: Path) -> None:
    path = unpacked(tmp_path / "box", {"anna.ipynb": notebook(None)})
    (anna,) = course.grade(path, assignment=FIRST)["anna"]
    assert (anna.assignment.id, anna.mark.withheld) == (FIRST, False)


def test_a_handout_without_its_name_is_known_by_its_cells(course: Course, tmp_path: Path) -> None:
    handout = json.loads((ROOT / "assignments" / FIRST / "handout.en.ipynb").read_text("utf-8"))
    del handout["metadata"]["grader"]
    path = unpacked(tmp_path / "box", {"anna.ipynb": json.dumps(handout).encode()})
    assert "is collected here" in reason(course.grade(path, assignment=SECOND)["anna"][0])
    assert course.points(SECOND) == {}


def test_where_no_lesson_is_that_of_most_nobody_is_graded_by_guess(
    course: Course, tmp_path: Path
) -> None:
    files = canvas({"anna": notebook(FIRST), "bert": notebook(SECOND)})
    found = course.grade(zipped(tmp_path / "box.zip", files))
    assert all("--assignment" in reason(one) for (one,) in found.values())


def test_plain_folders_may_hold_several_lessons(course: Course, tmp_path: Path) -> None:
    files = {"anna/1.ipynb": notebook(FIRST), "anna/2.ipynb": notebook(SECOND)}
    found = course.grade(unpacked(tmp_path / "box", files))
    assert {one.assignment.id for one in found["anna"]} == {FIRST, SECOND}


def test_what_cannot_be_read_is_on_hold_where_the_class_is(course: Course, tmp_path: Path) -> None:
    files = canvas({"anna": notebook(), "bert": notebook(), "cem": b"%PDF-1.4"})
    (cem,) = course.grade(zipped(tmp_path / "box.zip", files))["cem"]
    assert cem.assignment.id == FIRST
    assert str(cem.submission.path).endswith("box.zip/cem_22_902_hw.ipynb")
    assert course.points(FIRST)["cem"] is None


def test_a_guess_never_puts_a_mark_on_hold(course: Course, tmp_path: Path) -> None:
    course.grade(unpacked(tmp_path / "a", {"anna.ipynb": notebook()}))
    before = course.points(FIRST)["anna"]
    course.grade(unpacked(tmp_path / "b", {"anna.ipynb": b"no", "bert.ipynb": notebook()}))
    assert course.points(FIRST)["anna"] == before is not None


def test_an_untouched_handout_beside_the_work_does_not_count(
    course: Course, tmp_path: Path
) -> None:
    handouts = ROOT / "assignments" / FIRST / "handout.en.ipynb"
    files = {
        "anna_17_901_hw.ipynb": (ROOT / "solutions" / FIRST / "reference.en.ipynb").read_bytes(),
        "anna_17_902_handout.ipynb": handouts.read_bytes(),
        "bert_18_903_hw.ipynb": notebook(),
    }
    (anna,) = course.grade(zipped(tmp_path / "box.zip", files))["anna"]
    assert anna.mark.points > 0
    assert "as it was handed out" in " ".join(map(str, anna.submission.remarks))


def test_of_two_uploads_of_one_file_the_last_counts_and_the_page_says_so(
    course: Course, tmp_path: Path
) -> None:
    files = {"anna_17_901_a.ipynb": notebook(), "anna_17_902_a-1.ipynb": notebook(train=FEW)}
    (anna,) = course.grade(zipped(tmp_path / "box.zip", files))["anna"]
    assert not anna.mark.withheld
    assert "uploaded last, anna_17_902_a-1.ipynb, counts" in str(anna.submission.remarks[-1])


def test_two_files_of_one_attempt_that_were_both_worked_on_are_in_doubt(
    course: Course, tmp_path: Path
) -> None:
    files = {"anna_17_901_a.ipynb": notebook(), "anna_17_902_b.ipynb": notebook(train=FEW)}
    (anna,) = course.grade(zipped(tmp_path / "box.zip", files))["anna"]
    assert "anna_17_901_a.ipynb, anna_17_902_b.ipynb" in reason(anna)
    assert choose_version(course.book, "anna", FIRST, "a.ipynb", "chen").name.endswith(
        "901_a.ipynb"
    )


# Which of several counts


def test_a_person_says_which_notebook_counts(course: Course, tmp_path: Path) -> None:
    folder = unpacked(
        tmp_path / "c", {"anna/a.ipynb": notebook(), "anna/b.ipynb": notebook(train=FEW)}
    )
    (anna,) = course.grade(folder)["anna"]
    assert "grader choose" in reason(anna)
    full = max(one.points or 0 for one in versions_of(course.book, "anna", FIRST))
    choose_version(course.book, "anna", FIRST, "a.ipynb", "chen")
    assert course.points(FIRST) == {"anna": full}
    (anna,) = course.grade(folder)["anna"]
    assert (anna.mark.withheld, anna.mark.points) == (False, full)
    # What grade says is what the gradebook holds, for exports and regrades.
    assert course.points(FIRST) == {"anna": full}


def test_a_choice_holds_until_another_notebook_comes(course: Course, tmp_path: Path) -> None:
    folder = unpacked(
        tmp_path / "c", {"anna/a.ipynb": notebook(), "anna/b.ipynb": notebook(train=FEW)}
    )
    course.grade(folder)
    choose_version(course.book, "anna", FIRST, "a.ipynb", "chen")
    unpacked(folder, {"anna/c.ipynb": notebook(train=FEW.replace("50", "49"))})
    (anna,) = course.grade(folder)["anna"]
    assert anna.mark.withheld


def test_a_choice_that_is_taken_back_leaves_the_doubt(course: Course, tmp_path: Path) -> None:
    folder = unpacked(
        tmp_path / "c", {"anna/a.ipynb": notebook(), "anna/b.ipynb": notebook(train=FEW)}
    )
    course.grade(folder)
    choose_version(course.book, "anna", FIRST, "b.ipynb", "chen")
    assert course.points(FIRST)["anna"] is not None
    state = course.book.review("anna", FIRST).state
    assert course.book.undo("anna", FIRST, "chen", seen=state)
    assert course.points(FIRST)["anna"] is None


def test_what_is_no_file_of_the_student_is_refused_with_those_that_are(
    course: Course, tmp_path: Path
) -> None:
    course.grade(unpacked(tmp_path / "c", {"anna/x/hw.ipynb": notebook()}))
    with pytest.raises(UsageError, match=r"Choose one of: hw\.ipynb"):
        choose_version(course.book, "anna", FIRST, "nope.ipynb", "chen")
    with pytest.raises(UsageError, match="handed in nothing"):
        choose_version(course.book, "bert", FIRST, "hw.ipynb", "chen")


def test_equal_copies_in_folders_side_by_side_may_be_two_students(
    course: Course, tmp_path: Path
) -> None:
    files = {f"week/{who}/hw.ipynb": RIGHT for who in ("alice", "bob")}
    (week,) = course.grade(unpacked(tmp_path / "c", {**files, "zoe/hw.ipynb": RIGHT}))["week"]
    assert "alice, bob" in reason(week)
