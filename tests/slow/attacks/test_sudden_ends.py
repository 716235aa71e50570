"""Killed in the midst of work: nothing goes on running, and nobody's notebook is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from grader.isolation.tiers import LANDLOCK, ROOM
from tests import notebooks
from tests.kernels.running import linux_only
from tests.notebooks import SETUP
from tests.slow.attacks.processes import command_line, descendants, processes_with, survivors
from tests.slow.attacks.siege import CHECKOUT, HONEST, lesson

if TYPE_CHECKING:
    from pathlib import Path

    from tests.slow.attacks.siege import Siege

pytestmark = [pytest.mark.environment, linux_only]

WAIT_S = 60.0
# The issue's own figure.
GONE_S = 2.0
PROGRAMS = {"warm process": "grader.kernels.zygote", "driver host": "grader.execution.driver_host"}


def daemon(mark: str, sleep_s: float) -> str:
    """A cell that leaves a process in a session of its own, and takes its time."""
    return (
        f"import os, time\nos.system(\"setsid sh -c 'sleep 300; : {mark}' >/dev/null 2>&1 &\")\n"
        f"time.sleep({sleep_s})"
    )


def wait_for(mark: str) -> None:
    """Wait until a process of this mark runs."""
    deadline = time.monotonic() + WAIT_S
    while not processes_with(mark):
        assert time.monotonic() < deadline, "the notebook did not begin"
        time.sleep(0.02)


def running(program: str) -> int:
    """The process below this one that runs one of the grader's programs itself."""
    found = [pid for pid in descendants() if program in command_line(pid)]
    return min(found, key=lambda pid: len(descendants(pid)) == 0)


@pytest.mark.parametrize("siege", [ROOM, LANDLOCK], indirect=True, scope="module")
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_what_runs_kernels_is_killed_and_the_notebook_is_graded_all_the_same(
    program: str, siege: Siege
) -> None:
    mark = uuid.uuid4().hex
    with ThreadPoolExecutor(1) as students:
        plan = lesson(SETUP, daemon(mark, 3))
        under_way = students.submit(siege.runner.run, plan, HONEST)
        wait_for(mark)
        victim = running(program)
        theirs = descendants(victim)
        assert theirs
        os.kill(victim, signal.SIGKILL)
        assert survivors([victim, *theirs], GONE_S) == []
        execution = under_way.result()
    assert len(execution.records) == len(siege.honest)
    assert execution.suspicions == ()
    assert not processes_with(mark)
    assert siege.next_student() == siege.honest


@pytest.mark.parametrize("tier", [ROOM, LANDLOCK])
def test_a_killed_grader_leaves_no_process(tier: str, tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    for student in ("anna", "bea", "cem"):
        notebooks.save(
            notebooks.lesson(train=daemon(mark, 15)), tmp_path / "class" / f"{student}.ipynb"
        )
    command = [sys.executable, "-c", GRADE, tier, str(tmp_path / "class"), str(tmp_path / "out")]
    grader = subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(mark)
        theirs = descendants(grader.pid)
        assert len(theirs) > len(PROGRAMS)
    finally:
        grader.kill()
        grader.wait()
    assert survivors(theirs, GONE_S) == []
    assert not processes_with(mark)


# `grader grade`, but for a tier that is worse than the machine's best.
GRADE = """
import sys

from grader.isolation import tiers
from grader.kernels import sources

tier, notebooks, out = sys.argv[1:]
sources.kernel_source.__kwdefaults__["tiers"] = (tier,)
from grader.execution import runner
runner.notebook_runner.__kwdefaults__["tiers"] = (tier,)
sys.argv = ["grader", "grade", notebooks, "--out", out, "--jobs", "2",
            "--isolation", "best-effort"]
from grader.__main__ import main
main()
"""
