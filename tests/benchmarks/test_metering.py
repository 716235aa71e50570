from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.metering import Command, CommandFailed, Meter, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BURN = """
import os, sys, time
def burn(seconds):
    while time.process_time() < seconds: pass
"""
# The parent ends at once; its grandchild, in a session of its own, belongs to nobody.
DAEMON = """
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
burn(0.3)
"""


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="metering is for Linux")


@pytest.fixture(
    params=[
        pytest.param(True, id="control group", marks=pytest.mark.environment),
        pytest.param(False, id="reaping"),
    ]
)
def meter(request: pytest.FixtureRequest) -> Iterator[Meter]:
    with Meter(cgroup=request.param) as meter:
        if request.param and meter.how != "a control group":
            pytest.skip("no control group may be made here")
        yield meter


def python(tmp_path: Path, code: str, *, expected: tuple[int, ...] = (0,)) -> Command:
    return Command((sys.executable, "-I", "-c", BURN + code), tmp_path, dict(os.environ), expected)


def test_cpu_of_the_command_itself_is_counted(meter: Meter, tmp_path: Path) -> None:
    usage = meter.run(python(tmp_path, "burn(0.3)"), tmp_path / "log")
    assert 0.29 < usage.cpu_s < 0.6
    assert usage.wall_s >= 0.29


def test_cpu_of_a_daemon_that_left_its_parents_is_counted(meter: Meter, tmp_path: Path) -> None:
    usage = meter.run(python(tmp_path, DAEMON), tmp_path / "log")
    assert usage.cpu_s > 0.29


def test_waiting_costs_wall_and_no_cpu(meter: Meter, tmp_path: Path) -> None:
    usage = meter.run(python(tmp_path, "time.sleep(0.4)"), tmp_path / "log")
    assert usage.wall_s > 0.4
    assert usage.cpu_s < 0.25


def test_two_commands_are_counted_apart(meter: Meter, tmp_path: Path) -> None:
    meter.run(python(tmp_path, "burn(0.4)"), tmp_path / "log")
    assert meter.run(python(tmp_path, "pass"), tmp_path / "log").cpu_s < 0.3


def test_memory_of_all_processes_together_is_seen(tmp_path: Path) -> None:
    three = "block = b'x' * 60_000_000\nfor _ in range(2):\n    if not os.fork(): break\n"
    three += "mine = bytearray(60_000_000)\nmine[::4096] = b'x' * len(mine[::4096])\n"
    with Meter(look_every_s=0.1) as meter:
        usage = meter.run(python(tmp_path, three + "time.sleep(1.5)"), tmp_path / "log")
    assert 3 * 57 < usage.tree_mib < 400
    assert 110 < usage.largest_mib < 200


@pytest.mark.environment
def test_a_child_whose_parent_threw_its_status_away_is_counted_by_the_control_group(
    tmp_path: Path,
) -> None:
    code = "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
    code += "if not os.fork():\n    burn(0.3)\nelse:\n    time.sleep(0.6)"
    with Meter() as meter:
        if meter.how != "a control group":
            pytest.skip("no control group may be made here")
        assert meter.run(python(tmp_path, code), tmp_path / "log").cpu_s > 0.29


def test_a_command_that_fails_says_where_its_words_are(meter: Meter, tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"ended with exit code 3\. See .*log"):
        meter.run(python(tmp_path, "print('why'); sys.exit(3)"), tmp_path / "log")
    assert (tmp_path / "log").read_text() == "why\n"


def test_an_expected_exit_code_is_no_failure(meter: Meter, tmp_path: Path) -> None:
    meter.run(python(tmp_path, "sys.exit(1)", expected=(0, 1)), tmp_path / "log")


def test_usages_add_up_and_memory_is_the_most() -> None:
    both = Usage(1, 2, 300, 100, 0.5) + Usage(3, 4, 200, 150, 0.5)
    assert both == Usage(4, 6, 300, 150, 1)
    assert both.each(2) == Usage(2, 3, 300, 150, 0.5)
