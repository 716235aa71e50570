"""What a Dask scheduler costs, and what workers on one machine bring.

Run it with `.venv/bin/python -m benchmarks.cluster [--size 40]`. It grades one class here and with
1, 2 and 4 workers, each with its own kernels, and times the way of a submission's parcel to a
worker and back without grading it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from distributed import Client, LocalCluster

from benchmarks.gradebook import LESSON, ROOT, hand_in
from grader.assignment import load_assignment
from grader.execution.runner import notebook_runner
from grader.gradebook import Gradebook
from grader.grading import grade_class
from grader.intake import find_candidates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

    from grader.judging.run import Runs

ECHOES = 200
PARCEL = 80_000  # bytes: a notebook and its lesson, packed


def main() -> int:
    """Print a line for each measurement."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=40)
    size = parser.parse_args().size
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as folder:
        hand_in(Path(folder) / "class", size)
        for jobs in (1, 2, 4):
            with closing(notebook_runner()) as runner:
                _timed(f"here, {jobs} at once", Path(folder), jobs, runner=runner)
        for workers in (1, 2, 4):
            with _cluster(workers) as client:
                executor = client.get_executor(pure=False)
                if workers == 1:
                    _echo(executor)
                _timed(f"{workers} workers", Path(folder), workers + 1, executor=executor)
    return 0


def _timed(
    what: str,
    folder: Path,
    jobs: int,
    *,
    runner: Runs | None = None,
    executor: Executor | None = None,
) -> None:
    candidates = find_candidates([folder / "class"])
    lesson = load_assignment(ROOT / "assignments" / LESSON, ROOT / "solutions" / LESSON)
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
