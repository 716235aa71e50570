"""What a Dask scheduler costs, what workers on one machine bring, and what a killed one loses.

Run it with `.venv/bin/python -m benchmarks.cluster [--size 40]`. It grades one class here and with
1, 2 and 4 workers, each with its own kernels, and times the way of a submission's parcel to a
worker and back without grading it.

With `--kills 10` it grades the class here, undisturbed, and then with `--workers 2`, one of which
gets `kill -9` at ten random moments; and compares the marks.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import dask
from distributed import Client, LocalCluster

from benchmarks.decided import decided
from benchmarks.gradebook import LESSON, ROOT, hand_in, kept_marks
from grader.course.assignment import load_assignment
from grader.execution.runner import notebook_runner
from grader.gradebook import Gradebook
from grader.grading import grade_class
from grader.intake import find_candidates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

    from grader.course.assignment import Assignment
    from grader.judging.judged_run import Runs

ECHOES = 200
PARCEL = 80_000  # bytes: a notebook and its lesson, packed


def main() -> int:
    """Print a line for each measurement; 0 unless killed workers cost a mark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=40)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as folder:
        place = Path(folder)
        hand_in(place / "class", asked.size)
        if asked.kills:
            dice = random.Random(asked.seed)  # noqa: S311
            return 0 if _with_kills(place, asked.workers, asked.kills, dice) else 1
        _rates(place)
    return 0


def _rates(folder: Path) -> None:
    for jobs in (1, 2, 4):
        with closing(notebook_runner()) as runner:
            _timed(f"here, {jobs} at once", folder, jobs, runner=runner)
    for workers in (1, 2, 4):
        with _cluster(workers) as client:
            executor = client.get_executor(pure=False)
            if workers == 1:
                _echo(executor)
            _timed(f"{workers} workers", folder, workers + 1, executor=executor)


def _with_kills(folder: Path, workers: int, kills: int, dice: random.Random) -> bool:
    """Whether a class gets the same marks, each once, while its workers are killed."""
    candidates, lesson = find_candidates([folder / "class"]), _lesson()
    began = time.monotonic()
    with closing(notebook_runner()) as runner:
        undisturbed = grade_class(candidates, assignments=[lesson], runner=runner, jobs=workers)
    usual_s = time.monotonic() - began
    print(f"undisturbed: {len(undisturbed)} in {usual_s:.0f} s", flush=True)
    place = folder / "killed.db"
    began = time.monotonic()
    with (
        _cluster(workers) as client,
        Gradebook(str(place), create=True) as book,
        _killing(client, kills, usual_s, dice) as killed,
    ):
        graded = grade_class(
            candidates,
            assignments=[lesson],
            executor=client.get_executor(pure=False, retries=2),
            book=book,
            jobs=2 * workers,
        )
    print(
        f"{workers} workers: {len(graded)} in {time.monotonic() - began:.0f} s, "
        f"{len(killed)} killed (kill -9) at {', '.join(f'{moment:.0f} s' for moment in killed)}"
    )
    due = {one.submission.student: decided(one.mark) for one in undisturbed}
    differing = [
        g.submission.student for g in graded if decided(g.mark) != due[g.submission.student]
    ]
    _, count, most = kept_marks(place)
    print(f"marks: {len(graded)} students, {count} in the gradebook, at most {most} each")
    print(f"differing from the undisturbed run: {len(differing)} {differing[:5]}")
    return not differing and len(killed) == kills and count == len(candidates) and most == 1


@contextmanager
def _killing(
    client: Client, kills: int, usual_s: float, dice: random.Random
) -> Iterator[list[float]]:
    """Kill a worker at random moments meanwhile; gives the moments, in seconds."""
    done, cluster = threading.Event(), client.cluster
    moments: list[float] = []
    if cluster is None:
        raise RuntimeError("only workers of a cluster of ours can be killed")
    began = time.monotonic()

    def kill() -> None:
        while len(moments) < kills:
            if done.wait(dice.uniform(0.1, 1.6) * usual_s / (kills + 1)):
                return
            busy = [worker for worker, tasks in client.processing().items() if tasks]
            nannies = [n for n in cluster.workers.values() if n.worker_address in busy]
            if nannies and (pid := dice.choice(nannies).pid):
                os.kill(pid, signal.SIGKILL)
                moments.append(time.monotonic() - began)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield moments
    finally:
        done.set()
        killer.join()


def _lesson() -> Assignment:
    return load_assignment(ROOT / "assignments" / LESSON, ROOT / "solutions" / LESSON)


def _timed(
    what: str,
    folder: Path,
    jobs: int,
    *,
    runner: Runs | None = None,
    executor: Executor | None = None,
) -> None:
    candidates = find_candidates([folder / "class"])
    lesson = _lesson()
    with Gradebook("sqlite://", create=True) as book:
        for round_ in ("cold", "warm"):
            began = time.monotonic()
            graded = grade_class(
                candidates,
                assignments=[lesson],
                runner=runner,
                executor=executor,
                book=book,
                jobs=jobs,
                force=True,
            )
            took = time.monotonic() - began
            held = sum(one.mark.withheld for one in graded)
            rate = f"{len(graded) / took:.2f} a second ({took:.0f} s, {held} withheld)"
            print(f"{what}, {round_}: {rate}", flush=True)


def _echo(executor: Executor) -> None:
    """The way there and back: the same bytes as a parcel's, and nothing done with them."""
    executor.submit(len, bytes(PARCEL)).result()
    began = time.monotonic()
    for number in range(ECHOES):
        executor.submit(len, number.to_bytes(4, "big") + bytes(PARCEL)).result()
    print(
        f"scheduler: {(time.monotonic() - began) / ECHOES * 1000:.1f} ms a submission", flush=True
    )


@contextmanager
def _cluster(workers: int) -> Iterator[Client]:
    with (
        # A worker that is started again on a busy machine would be given up after 15 seconds.
        dask.config.set({"distributed.deploy.lost-worker-timeout": "10 minutes"}),
        tempfile.TemporaryDirectory(prefix="grader-dask-") as folder,
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,
            worker_dashboard_address=None,
            local_directory=folder,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


if __name__ == "__main__":
    sys.exit(main())
