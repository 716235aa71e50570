from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from grader.errors import DriverBrokeError
from grader.execution.cells import Limits
from grader.execution.runner import ATTEMPTS, NotebookRunner
from grader.isolation.tiers import ROOM
from grader.kernels.fresh import FreshKernels
from grader.models import Outcome, OutputKind
from tests.kernels.running import UNCONFINED, cells_of, execute, linux_only
from tests.slow.execution.test_execution import plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.models import Isolation

pytestmark = linux_only

CHINESE = """
import matplotlib.pyplot as plt
plt.plot([3, 1])
plt.title("损失随轮数下降")
plt.show()
"""


class UnluckyKernels(FreshKernels):
    """Loses its keepers before they have begun: so many, or those that say what is wrong."""

    def __init__(self, misfortunes: int, keeper_says: bytes | None = None) -> None:
        super().__init__(UNCONFINED)
        self.asked = 0
        self.closed = False
        self._misfortunes = misfortunes
        self._keeper_says = keeper_says
        self._held: list[socket.socket] = []

    def new_line(self) -> socket.socket | None:
        self.asked += 1
        if self.asked > self._misfortunes:
            return super().new_line()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if self._keeper_says:
            theirs.send(self._keeper_says)
            theirs.shutdown(socket.SHUT_WR)
            self._held.append(theirs)
        else:
            theirs.close()
        return ours

    def close(self) -> None:
        super().close()
        for keeper in self._held:
            keeper.close()
        self.closed = True


def test_runs_that_share_a_core_share_its_time_and_no_run_gets_less_than_its_limit() -> None:
    limits = Limits(cell_s=20, notebook_s=60)
    assert limits.shared_by(8, cores=2) == Limits(cell_s=80, notebook_s=240)
    assert limits.shared_by(3, cores=2) == Limits(cell_s=30, notebook_s=90)
    assert limits.shared_by(1, cores=2) == limits.shared_by(2, cores=2) == limits


def test_a_cell_that_takes_longer_since_others_run_too_is_not_timed_out() -> None:
    crowd = 4 * (os.cpu_count() or 1)
    with closing(NotebookRunner(FreshKernels(UNCONFINED), crowd)) as runner:
        run = runner.run(cells_of("import time; time.sleep(2); 7"), Limits(cell_s=1))
    assert run.outcome is Outcome.COMPLETED


def test_a_notebook_whose_driver_is_lost_again_and_again_is_given_up_and_a_person_has_to_look() -> (
    None
):
    kernels = UnluckyKernels(misfortunes=99)
    with closing(NotebookRunner(kernels)) as runner:
        run = runner.run(cells_of("1 + 1"), Limits())
    assert kernels.asked == ATTEMPTS == 3
    assert run.outcome is Outcome.KERNEL_DIED
    assert len(run.suspicions) == 1
    assert run.runs == ()


def test_a_notebook_whose_driver_is_lost_is_run_again() -> None:
    kernels = UnluckyKernels(misfortunes=ATTEMPTS - 1)
    with closing(NotebookRunner(kernels)) as runner:
        run = runner.run(cells_of("1 + 1"), Limits())
    assert kernels.asked == ATTEMPTS
    assert run.outcome is Outcome.COMPLETED
    assert run.suspicions == ()
    assert [output.content for output in run.runs[0].outputs] == ["2"]


def test_a_machine_that_cannot_start_kernels_is_no_students_fault() -> None:
    kernels = UnluckyKernels(misfortunes=99, keeper_says=b"failed no room left")
    with (
        closing(NotebookRunner(kernels)) as runner,
        pytest.raises(DriverBrokeError, match="no room left"),
    ):
        runner.run(cells_of("1 + 1"), Limits())
    assert kernels.asked == 1


def test_a_runner_closes_what_serves_its_kernels_and_says_how_they_are_shut_in() -> None:
    kernels = UnluckyKernels(misfortunes=0)
    runner = NotebookRunner(kernels)
    assert runner.isolation == UNCONFINED
    runner.close()
    assert kernels.closed


@pytest.fixture(scope="module")
def fresh(sealed: Isolation) -> Iterator[NotebookRunner]:
    with closing(NotebookRunner(FreshKernels(sealed))) as runner:
        yield runner


@pytest.mark.environment
def test_the_reference_gives_the_same_records_in_a_warm_and_in_a_fresh_room(
    runner: NotebookRunner, fresh: NotebookRunner
) -> None:
    limits = Limits(cell_s=30, notebook_s=60)
    by_itself, anew = (each.run(plan(), limits) for each in (runner, fresh))
    assert by_itself.isolation.tier == anew.isolation.tier == ROOM
    assert by_itself.outcome is Outcome.COMPLETED
    assert len(by_itself.records) == 8
    assert by_itself.records == anew.records
    assert by_itself.runs == anew.runs


@pytest.mark.environment
@pytest.mark.usefixtures("sealed")
def test_a_chinese_picture_in_a_warm_room_is_nothing_but_a_picture(runner: NotebookRunner) -> None:
    [run] = execute(runner, CHINESE).runs
    assert [output.kind for output in run.outputs] == [OutputKind.PNG]
    assert run.error is None
