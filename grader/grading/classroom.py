"""Grades many submissions at once; one that breaks never stops the others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from grader.errors import SubmissionUnreadable
from grader.grading.lesson import open_lesson
from grader.grading.submission import grade_submission
from grader.grading.ungraded import broken, fault_of_ours, unreadable
from grader.intake import choose
from grader.submission import read_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.assignment import Assignment
    from grader.execution import NotebookRunner
    from grader.grading.lesson import Lesson
    from grader.intake import Candidate, Chosen
    from grader.models import GradedSubmission, Submission


def grade_class(
    candidates: Sequence[Candidate],
    *,
    assignments: Sequence[Assignment],
    runner: NotebookRunner,
    jobs: int = 1,
    seed: int | None = None,
    on_graded: Callable[[GradedSubmission], None] = lambda _: None,
) -> tuple[GradedSubmission, ...]:
    """Grade every candidate, `jobs` at a time, and tell `on_graded` of each as it is done.

    The order of the result is that of assignments and students, whatever was done first. What
    cannot be read and what breaks is part of the result, withheld, with the reason.
    """
    lessons = {assignment.id: open_lesson(assignment) for assignment in assignments}
    graded: list[GradedSubmission] = []
    submissions: list[Submission] = []
    for candidate in candidates:
        try:
            submissions.append(_read(candidate, lessons))
        except SubmissionUnreadable as error:
            graded.append(unreadable(candidate, lessons, error.message))
            on_graded(graded[-1])
        except Exception as error:
            graded.append(unreadable(candidate, lessons, fault_of_ours(error)))
            on_graded(graded[-1])
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        waiting = {
            pool.submit(grade_one, chosen, lessons, runner, seed): chosen
            for chosen in choose(submissions)
        }
        try:
            for done in as_completed(waiting):
                graded.append(done.result())
                on_graded(graded[-1])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tuple(sorted(graded, key=lambda g: (g.assignment.id, g.submission.student)))


def grade_one(
    chosen: Chosen, lessons: dict[str, Lesson], runner: NotebookRunner, seed: int | None
) -> GradedSubmission:
    """Grade one submission; a fault of ours withholds its mark and leaves the others alone."""
    submission = chosen.submission
    lesson = lessons[submission.assignment]
    try:
        return grade_submission(submission, lesson, runner, seed=seed, doubt=chosen.doubt)
    except Exception as error:
        return broken(submission, lesson, fault_of_ours(error))


def _read(candidate: Candidate, lessons: dict[str, Lesson]) -> Submission:
    handouts = [handout for lesson in lessons.values() for handout in lesson.handouts]
    return read_submission(candidate.path, candidate.student, handouts, candidate.assignment)
