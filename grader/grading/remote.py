"""Makes marks in other processes, or on other machines: the notebook and its lesson travel along.

What travels is plain values: text and bytes of our own formats.
"""

from __future__ import annotations

import atexit
import hashlib
import io
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.assignment import load_assignment
from grader.course.lesson import Lesson, open_lesson
from grader.execution.runner import NotebookRunner, notebook_runner
from grader.gradebook import GRADED, Work
from grader.grading.handed_in import open_kept
from grader.grading.marker import Marked, mark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from grader.course.assignment import Assignment


@dataclass(frozen=True, slots=True)
class Parcel:
    """All that a worker needs for one mark; `lesson` is a zip of the lesson's files."""

    student: str
    assignment: str
    version: str
    name: str
    content: bytes
    kept: tuple[tuple[str, bytes], ...]
    lesson: bytes
    seed: int | None
    may_run: bool
    shut_in: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """A mark on its way back, packed, with the runs that had to be made."""

    graded: bytes
    first: str | None
    made: tuple[tuple[str, bytes], ...]


class RemoteMarker:
    """Makes marks through any executor; without `may_run`, from what is recorded or not at all.

    With `shut_in`, a worker that cannot shut students' code in completely runs none of it.
    """

    def __init__(
        self,
        executor: Executor,
        lessons: Mapping[str, Lesson],
        *,
        seed: int | None = None,
        may_run: bool = True,
        shut_in: bool = False,
    ) -> None:
        self._executor = executor
        self._lessons = {id_: _packed(lesson.assignment) for id_, lesson in lessons.items()}
        self._seed = seed
        self._may_run = may_run
        self._shut_in = shut_in

    def __call__(self, work: Work, kept: Mapping[str, bytes]) -> Marked:
        """The mark; raises NewEvidenceNeeded where it cannot be made without a run."""
        if work.content is None:
            raise ValueError(f"nothing is kept of {work.name}")
        parcel = Parcel(
            student=work.student,
            assignment=work.assignment,
            version=work.version,
            name=work.name,
            content=work.content,
            kept=tuple(kept.items()),
            lesson=self._lessons[work.assignment],
            seed=self._seed,
            may_run=self._may_run,
            shut_in=self._shut_in,
        )
        reply = self._executor.submit(grade_parcel, parcel).result()
        graded = GRADED.unpack(reply.graded)
        if graded is None:
            raise RuntimeError("the worker's answer cannot be read: it runs another grader")
        return Marked(graded, reply.first, dict(reply.made))


def grade_parcel(parcel: Parcel) -> Reply:
    """What a worker does: the mark of one submission."""
    workshop = _workshop()
    lesson = workshop.lesson(parcel.assignment, parcel.lesson)
    work = Work(
        parcel.student, parcel.assignment, parcel.version, parcel.name, content=parcel.content
    )
    submission = open_kept(work, {parcel.assignment: lesson}).submission
    runner = workshop.runner() if parcel.may_run else None
    if runner is not None and parcel.shut_in and runner.isolation.missing:
        lacking = ", ".join(runner.isolation.missing)
        raise RuntimeError(f"this worker cannot shut students' code in; not shut in: {lacking}")
    marked = mark(submission, lesson, runner, dict(parcel.kept), parcel.seed)
    return Reply(GRADED.pack(marked.graded), marked.first, tuple(marked.made.items()))


def _packed(assignment: Assignment) -> bytes:
    """The files of a lesson that a mark depends on, as a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(assignment.folder.iterdir()):
            if path.is_file():
                archive.write(path, f"assignment/{path.name}")
        if assignment.solutions is not None:
            for path in sorted(assignment.solutions.glob("reference.*.ipynb")):
                archive.write(path, f"solutions/{path.name}")
    return buffer.getvalue()


class _Workshop:
    """What a worker process keeps from one parcel to the next: lessons, and warm kernels."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lessons: dict[bytes, Lesson] = {}
        self._runner: NotebookRunner | None = None

    def lesson(self, id_: str, packed: bytes) -> Lesson:
        """The lesson in a parcel, unpacked once."""
        digest = hashlib.sha256(packed).digest()
        with self._lock:
            if digest not in self._lessons:
                self._lessons[digest] = _unpacked(id_, packed)
            return self._lessons[digest]

    def runner(self) -> NotebookRunner:
        """This process's own kernels, for as long as it lives."""
        with self._lock:
            if self._runner is None:
                self._runner = notebook_runner()
                atexit.register(self._runner.close)
            return self._runner


@cache
def _workshop() -> _Workshop:
    return _Workshop()


def _unpacked(id_: str, packed: bytes) -> Lesson:
    folder = tempfile.TemporaryDirectory(prefix="grader-lesson-")
    atexit.register(folder.cleanup)
    root = Path(folder.name)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(root)
    home = (root / "assignment").rename(root / id_)
    return open_lesson(load_assignment(home, root / "solutions"))
