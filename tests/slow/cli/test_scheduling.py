from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from distributed import LocalCluster

from grader.cli.scheduling import connected
from grader.errors import UsageError, WorkersLost

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.language.messages import Message


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        worker_dashboard_address=None,
        local_directory=str(tmp_path / "dask"),
    ) as cluster:
        yield cluster


def test_when_the_last_worker_goes_then_somebody_is_told_once(cluster: LocalCluster) -> None:
    told: list[Message] = []
    with connected(cluster.scheduler_address, told.append, look_s=0.05) as place:
        assert place.executor.submit(len, "four").result(timeout=30) == 4
        assert told == []
        cluster.scale(0)
        until = time.monotonic() + 30
        while not told and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.3)
    assert ["no worker left" in message.text for message in told] == [True]


def test_where_no_scheduler_answers_the_command_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.cli.scheduling._PATIENCE_S", 0.2)
    with (
        pytest.raises(UsageError, match="No Dask scheduler answers"),
        connected("tcp://127.0.0.1:9", lambda _: None),
    ):
        pass


def test_a_task_that_every_worker_dies_of_says_so(cluster: LocalCluster) -> None:
    with (
        connected(cluster.scheduler_address, lambda _: None) as place,
        pytest.raises(WorkersLost, match=r"Every worker.*died.*without --scheduler"),
    ):
        place.executor.submit(os._exit, 1).result(timeout=120)
    # A cluster cannot be ended while it starts its worker again.
    with cluster.get_client() as client:
        client.wait_for_workers(1, timeout=120)


def test_an_error_of_a_task_is_its_own(cluster: LocalCluster) -> None:
    with (
        connected(cluster.scheduler_address, lambda _: None) as place,
        pytest.raises(ValueError, match="no number"),
    ):
        place.executor.submit(int, "no number").result(timeout=30)


def test_a_worker_with_a_strangers_grader_is_told(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.grading.code_digest", of_somebody_else)
    with (
        pytest.raises(UsageError, match=r"somebody else's.*pip install 'torchgrade\[cluster\]'"),
        connected(cluster.scheduler_address, lambda _: None),
    ):
        pass


def of_somebody_else() -> str:
    raise ModuleNotFoundError("No module named 'grader.grading'")
