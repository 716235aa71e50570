from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from distributed import Client, LocalCluster

from benchmarks.gradebook import move_points
from grader.course.assignment import load_assignments
from grader.gradebook import Gradebook
from grader.grading import RemoteMarker, grade_class, open_lesson, regrade_class
from grader.intake import find_candidates
from grader.models import Outcome
from tests.notebooks import EXACT_LINE, lesson, save
from tests.recordings import Recordings, copy_course

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]
FEW_EPOCHS = EXACT_LINE.train.replace("epochs = 100", "epochs = 50")


class Inline(Executor):
    """Does at once what it is given, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(str(tmp_path / "gradebook.db"), create=True) as book:
        yield book


def test_other_processes_judge_what_was_recorded_as_this_one_does(
    book: Gradebook, tmp_path: Path
) -> None:
    course = copy_course(tmp_path / "course")
    for number in range(6):
        train = FEW_EPOCHS if number % 2 else EXACT_LINE.train
        save(lesson(train=train), tmp_path / "class" / f"s{number}.ipynb")
    candidates = find_candidates([tmp_path / "class"])
    before = load_assignments(course)
    grade_class(candidates, assignments=before, runner=Recordings(), book=book)
    move_points(course / "assignments/01_exact_line/checks.py", "train.epochs", by=-0.5)
    after = load_assignments(course)
    lessons = {one.id: open_lesson(one) for one in after}
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        judging = RemoteMarker(pool, lessons, may_run=False)
        done = regrade_class(book, after, judging=judging, jobs=2)
    assert [one.graded.submission.student for one in done.regraded] == [f"s{n}" for n in range(6)]
    assert [one.gained for one in done.regraded] == [0, -0.5] * 3
    assert not done.left


def test_a_notebook_that_travelled_gets_the_mark_that_it_gets_here(
    book: Gradebook, tmp_path: Path, runner: Any
) -> None:
    save(lesson(train=FEW_EPOCHS), tmp_path / "class" / "anna.ipynb")
    candidates = find_candidates([tmp_path / "class"])
    assignments = load_assignments(ROOT)
    (here,) = grade_class(candidates, assignments=assignments, runner=runner)
    (there,) = grade_class(candidates, assignments=assignments, executor=Inline(), book=book)
    assert there.mark == here.mark
    assert there.outcome is Outcome.COMPLETED
    assert there.submission == here.submission
    (known,) = grade_class(candidates, assignments=assignments, executor=Inline(), book=book)
    assert known == there


def test_a_worker_that_is_killed_loses_nothing(book: Gradebook, tmp_path: Path) -> None:
    students = [f"s{number}" for number in range(6)]
    for student in students:
        save(lesson(), tmp_path / "class" / f"{student}.ipynb")
    killed = threading.Event()
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            worker_dashboard_address=None,
            local_directory=str(tmp_path / "dask"),
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):

        def kill_one_that_is_busy() -> None:
            while not killed.is_set():
                busy = [worker for worker, tasks in client.processing().items() if tasks]
                if busy:
                    pids = client.run(os.getpid, workers=busy[:1])
                    time.sleep(0.5)
                    os.kill(next(iter(pids.values())), signal.SIGKILL)
                    killed.set()

        killer = threading.Thread(target=kill_one_that_is_busy)
        killer.start()
        graded = grade_class(
            find_candidates([tmp_path / "class"]),
            assignments=load_assignments(ROOT),
            executor=client.get_executor(pure=False, retries=2),
            book=book,
            jobs=3,
        )
        killer.join()
    assert [one.submission.student for one in graded] == students
    assert {one.mark.points for one in graded} == {100.0}
    assert [entry.points for entry in book.entries()] == [100.0] * 6
