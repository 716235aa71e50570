from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from benchmarks.gradebook import move_points
from demo.colab import as_colab_saves
from grader.course.assignment import load_assignments
from grader.gradebook import WHOLE, GivenOverride, Gradebook
from grader.grading import grade_class, marks_of, regrade_class
from grader.intake import Candidate, find_candidates
from grader.models import Outcome, Override
from tests.notebooks import EXACT_LINE, lesson, save
from tests.recordings import Recordings, copy_course

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.grading import Regrading
    from grader.models import GradedSubmission, Plan

FEW_EPOCHS = EXACT_LINE.train.replace("epochs = 100", "epochs = 50")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Course:
    """A course with a class, a gradebook and a runner that starts no kernel."""

    def __init__(self, root: Path) -> None:
        self.root = copy_course(root / "course")
        self.handed_in = root / "class"
        self.runner = Recordings()
        self.book = Gradebook(str(root / "gradebook.db"), create=True)
        self.folder = self.root / "assignments" / "01_exact_line"

    def hand_in(self, student: str, name: str = "nb", *, train: str = EXACT_LINE.train) -> Path:
        return save(lesson(train=train), self.handed_in / student / f"{name}.ipynb")

    def change(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def append(self, toml: str) -> None:
        path = self.folder / "assignment.toml"
        path.write_text(path.read_text("utf-8") + "\n" + toml, "utf-8")

    def grade(self, *candidates: Candidate, force: bool = False) -> dict[str, GradedSubmission]:
        graded = grade_class(
            candidates or find_candidates([self.handed_in]),
            assignments=load_assignments(self.root),
            runner=self.runner,
            book=self.book,
            jobs=2,
            force=force,
        )
        return {one.submission.student: one for one in graded}

    def regrade(self, *, run: bool = True) -> Regrading:
        return regrade_class(
            self.book,
            load_assignments(self.root),
            open_runner=(lambda: self.runner) if run else None,
        )


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    course = Course(tmp_path)
    yield course
    course.book.close()


def points(found: dict[str, GradedSubmission]) -> dict[str, float]:
    return {student: one.mark.points for student, one in found.items()}


# Resuming


def test_what_is_marked_is_not_run_again_and_looks_the_same(course: Course) -> None:
    for student in ("anna", "bert", "李华"):
        course.hand_in(student)
    first = course.grade()
    runs = course.runner.runs
    second = course.grade()
    assert course.runner.runs == runs > 0
    assert second == first


def test_a_changed_notebook_is_run_again_and_the_old_one_is_kept(course: Course) -> None:
    course.hand_in("anna", train=FEW_EPOCHS)
    before = course.grade()["anna"]
    course.hand_in("anna")
    after = course.grade()["anna"]
    assert after.mark.points > before.mark.points
    versions = list(course.book.entries(every_version=True))
    assert [entry.points for entry in versions] == [before.mark.points, after.mark.points]
    assert [entry.points for entry in course.book.entries()] == [after.mark.points]


def test_force_runs_everything_again(course: Course) -> None:
    course.hand_in("anna")
    course.grade()
    runs = course.runner.runs
    course.grade(force=True)
    assert course.runner.runs == 2 * runs


def test_points_that_were_changed_count_without_a_run(course: Course) -> None:
    course.hand_in("anna", train=FEW_EPOCHS)
    before = course.grade()["anna"].mark
    runs = course.runner.runs
    move_points(course.folder / "checks.py", "train.epochs")
    after = course.grade()["anna"].mark
    assert course.runner.runs == runs
    assert after.points == before.points + 1


def test_a_doubt_is_gone_as_soon_as_its_reason_is(course: Course) -> None:
    course.hand_in("anna", "first")
    os.utime(course.hand_in("anna", "last", train=FEW_EPOCHS), (2e9, 2e9))
    assert course.grade()["anna"].mark.withheld
    runs = course.runner.runs
    (course.handed_in / "anna" / "first.ipynb").unlink()
    assert not course.grade()["anna"].mark.withheld
    assert course.runner.runs == runs


def test_a_fault_of_ours_is_no_mark_and_is_tried_again(course: Course) -> None:
    course.hand_in("anna")

    def fail(_plan: Plan) -> None:
        raise ZeroDivisionError("our own fault")

    course.runner.before_run = fail
    assert course.grade()["anna"].mark.withheld
    course.runner.before_run = lambda _: None
    assert not course.grade()["anna"].mark.withheld


def test_what_was_marked_before_an_interruption_is_not_run_again(course: Course) -> None:
    students = [f"s{number}" for number in range(6)]
    for student in students:
        course.hand_in(student)

    def stop_after_four(_plan: Plan) -> None:
        if course.runner.runs >= 4:
            raise KeyboardInterrupt

    course.runner.before_run = stop_after_four
    with pytest.raises(KeyboardInterrupt):
        course.grade()
    course.runner.before_run = lambda _: None
    assert sorted(course.grade()) == students
    assert course.runner.runs <= len(students) + 2  # two were in flight


def test_two_graders_at_once_share_the_work_and_mark_each_student_once(
    course: Course, tmp_path: Path
) -> None:
    students = [f"s{number:02}" for number in range(16)]
    for student in students:
        course.hand_in(student)
    found: list[dict[str, GradedSubmission]] = []
    first_is_at_work = threading.Event()

    def take_a_while(_plan: Plan) -> None:
        first_is_at_work.set()
        time.sleep(0.05)

    course.runner.before_run = take_a_while
    assignments = load_assignments(course.root)

    def grade() -> None:
        with Gradebook(str(tmp_path / "gradebook.db")) as book:
            graded = grade_class(
                find_candidates([course.handed_in]),
                assignments=assignments,
                runner=course.runner,
                book=book,
            )
        found.append({one.submission.student: one for one in graded})

    graders = [threading.Thread(target=grade) for _ in range(2)]
    graders[0].start()
    first_is_at_work.wait(30)
    graders[1].start()
    for grader in graders:
        grader.join()
    assert [sorted(one) for one in found] == [students, students]
    assert points(found[0]) == points(found[1])
    assert len(list(course.book.changes("01_exact_line"))) == 0
    # One run each, but for those that both were at when they met.
    runs_each = 1 + (points(found[0])["s00"] < 100)
    assert course.runner.runs <= runs_each * (len(students) + 3)


def test_personal_data_is_not_kept(course: Course) -> None:
    path = course.handed_in / "anna.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(as_colab_saves(lesson(), "Zoë Müller")), "utf-8")
    course.grade()
    [entry] = course.book.entries()
    assert entry.work.content is not None
    assert b"displayName" not in entry.work.content
    assert entry.work.version == hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_unreadable_file_is_kept_as_such_until_a_readable_one_comes(course: Course) -> None:
    course.hand_in("anna").write_text("oh no")
    assert course.grade()["anna"].outcome is Outcome.UNREADABLE
    [entry] = course.book.entries()
    assert entry.graded is not None
    assert entry.graded.mark.withheld
    course.hand_in("anna")
    course.grade()
    [entry] = course.book.entries()
    assert entry.graded is not None
    assert not entry.graded.mark.withheld


def test_a_run_that_was_stopped_by_the_clock_is_made_again_with_another_limit(
    course: Course,
) -> None:
    course.hand_in("anna")
    course.runner.outcome = Outcome.TIMED_OUT
    course.grade()
    course.runner.outcome = Outcome.COMPLETED
    runs = course.runner.runs
    course.change("assignment.toml", "cell_s = 20", "cell_s = 90")
    assert course.grade()["anna"].outcome is Outcome.COMPLETED
    assert course.runner.runs > runs
    runs = course.runner.runs
    course.change("assignment.toml", "cell_s = 90", "cell_s = 60")
    course.grade()
    assert course.runner.runs == runs


# Regrading


def test_a_regrade_says_who_changed_by_how_much_and_through_which_check(course: Course) -> None:
    course.hand_in("anna", train=FEW_EPOCHS)
    course.hand_in("bert")
    course.grade()
    runs = course.runner.runs
    move_points(course.folder / "checks.py", "train.epochs")
    done = course.regrade(run=False)
    assert course.runner.runs == runs
    anna, bert = done.regraded
    assert (anna.gained, [c.check for c in anna.changes]) == (1, ["data.inputs"])
    assert (bert.gained, len(bert.changes)) == (0, 2)
    stored = [(who, what) for who, _, what in course.book.changes("01_exact_line")]
    assert ("anna", anna.changes[0]) in stored
    again = course.regrade(run=False)
    assert [one.fresh for one in again.regraded] == [False, False]


def test_a_regrade_runs_only_what_needs_new_evidence(course: Course) -> None:
    course.hand_in("anna")
    course.grade()
    runs = course.runner.runs
    course.change("assignment.toml", "epochs = 100", "epochs = 50")
    left = course.regrade(run=False)
    assert [one.graded.submission.student for one in left.left] == ["anna"]
    assert [entry.points for entry in course.book.entries()] != [0]
    done = course.regrade()
    assert course.runner.runs > runs
    assert [one.ran for one in done.regraded] == [True]


def test_a_mark_that_cannot_be_read_is_withheld_until_the_notebook_runs_again(
    course: Course,
) -> None:
    course.hand_in("anna")
    course.grade()
    with closing(sqlite3.connect(course.book.where)) as database, database:
        database.execute("UPDATE mark SET detail = x'00'")
        database.execute("DELETE FROM evidence")
    [left] = course.regrade(run=False).left
    assert left.graded.mark.withheld
    assert "has to be run again" in str(left.graded.mark.withheld_reason)
    [done] = course.regrade().regraded
    assert not done.graded.mark.withheld


def test_overrides_stay_through_regrades_and_new_notebooks(course: Course) -> None:
    course.hand_in("anna", train=FEW_EPOCHS)
    before = course.grade()["anna"].mark.points
    given = Override(5.0, "the loop was right", "Wang", NOW)
    course.book.override("anna", "01_exact_line", GivenOverride("train.epochs", given))
    assert course.grade()["anna"].mark.points == before + 5
    move_points(course.folder / "checks.py", "train.losses")
    [one] = course.regrade().regraded
    epochs = [c for s in one.graded.mark.steps for c in s.checks if c.id == "train.epochs"]
    assert [check.override for check in epochs] == [given]
    [shown] = marks_of(course.book, load_assignments(course.root))
    assert shown.mark == one.graded.mark


def test_points_for_the_whole_settle_a_withheld_mark(course: Course) -> None:
    course.hand_in("anna").write_text("oh no")
    course.grade()
    given = Override(40.0, "shown on paper", "Wang", NOW)
    course.book.override("anna", "01_exact_line", GivenOverride(WHOLE, given))
    mark = course.grade()["anna"].mark
    assert (mark.points, mark.withheld) == (40.0, False)


# Late, and more than once

DEADLINE = """
[deadline]
due = 2026-11-20T12:00:00
zone = "Asia/Shanghai"
grace_minutes = 15
percent_per_day = 10
cap_percent = 25
"""


@pytest.mark.parametrize(
    ("handed_in_at", "days", "percent"),
    [
        ("2026-11-20T12:15:00+08:00", None, 0),
        ("2026-11-20T12:16:00+08:00", 1, 10),
        ("2026-11-21T03:59:00+00:00", 1, 10),
        ("2026-11-21T04:01:00+00:00", 2, 20),
        ("2026-12-20T12:00:00+08:00", 30, 25),
    ],
)
def test_each_begun_day_costs_its_share_up_to_the_cap(
    course: Course, handed_in_at: str, days: int | None, percent: float
) -> None:
    course.append(DEADLINE)
    path = course.hand_in("anna")
    moment = datetime.fromisoformat(handed_in_at)
    mark = course.grade(Candidate("anna", path, handed_in_at=moment))["anna"].mark
    assert (mark.lateness.days if mark.lateness else None) == days
    assert mark.points == pytest.approx(mark.earned * (1 - percent / 100))


def test_without_a_deadline_nothing_is_late(course: Course) -> None:
    path = course.hand_in("anna")
    moment = datetime(2099, 1, 1, tzinfo=UTC)
    assert course.grade(Candidate("anna", path, handed_in_at=moment))["anna"].mark.lateness is None


def test_late_by_nobody_knows_how_much_costs_nothing_and_is_said(course: Course) -> None:
    course.append(DEADLINE)
    late = Candidate("anna", course.hand_in("anna"), marked_late=True)
    mark = course.grade(late)["anna"].mark
    assert mark.lateness is not None
    assert (mark.lateness.days, mark.points) == (None, mark.earned)


def test_times_of_plain_files_count_only_where_they_are_trusted(course: Course) -> None:
    course.append(DEADLINE)
    os.utime(course.hand_in("anna"), (2e9, 2e9))
    assert course.grade()["anna"].mark.lateness is None
    course.append("file_times = true")
    assert course.grade()["anna"].mark.lateness is not None


def test_of_several_attempts_the_best_counts_where_the_assignment_says_so(course: Course) -> None:
    course.append('[attempts]\ncounts = "best"\n')
    best = course.hand_in("anna", "first")
    right = course.grade()["anna"].mark.points
    best.unlink()
    course.hand_in("anna", "second", train=FEW_EPOCHS)
    after = course.grade()["anna"]
    assert (after.mark.points, after.mark.withheld) == (right, False)
    assert [entry.points for entry in course.book.entries()] == [right]


def test_the_latest_attempt_counts_without_a_doubt_where_the_platform_counts(
    course: Course,
) -> None:
    first, last = course.hand_in("anna", "b"), course.hand_in("anna", "a", train=FEW_EPOCHS)
    found = course.grade(
        Candidate("anna", first, attempt=1), replace(Candidate("anna", last), attempt=2)
    )
    assert found["anna"].submission.path == last
    assert not found["anna"].mark.withheld
