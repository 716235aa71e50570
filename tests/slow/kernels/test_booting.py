from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from grader.kernels import booting
from tests.kernels.running import linux_only

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = linux_only

TELLING = """
import json, os, socket, sys
def main():
    control = socket.socket(fileno=int(sys.argv[-1]))
    fds = [int(fd) for fd in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + fd)]
    told = dict(environment=dict(os.environ), cwd=os.getcwd(), fds=fds, control=control.fileno(),
                session=os.getsid(0) == os.getpid(), modules=list(sys.modules), path=sys.path)
    control.send(json.dumps(told).encode())
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a program of this package sees of itself and of its surroundings."""
    monkeypatch.setenv("GRADEBOOK_PASSWORD", "2x + 1")
    (tmp_path / "telling.py").write_text(TELLING)
    monkeypatch.setattr(booting, "PACKAGE", tmp_path)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.settimeout(10)
        program = booting.start_program("grader.telling", theirs)
        told: dict[str, Any] = json.loads(ours.recv(1 << 20))
        assert program.wait(10) == 0
    return told


def test_a_program_starts_with_nothing_of_the_graders(told: dict[str, Any]) -> None:
    # Python itself may set LC_CTYPE.
    assert told["environment"].keys() - {"LC_CTYPE"} == {"PATH"}
    assert told["cwd"] == "/"
    assert told["session"]
    assert {fd for fd in told["fds"] if fd > 2} == {told["control"]}


def test_a_program_finds_other_programs_where_the_grader_does(told: dict[str, Any]) -> None:
    assert told["environment"]["PATH"] == os.environ["PATH"]


def test_a_program_carries_no_module_that_it_did_not_ask_for(told: dict[str, Any]) -> None:
    ours = {name for name in told["modules"] if name.partition(".")[0] == "grader"}
    assert ours == {"grader", "grader.telling"}
    assert "" not in told["path"]


def test_what_a_program_says_of_its_troubles_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "log"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        program = booting.start_program("grader.kernels.no_such_program", theirs, log=log)
        assert program.wait(10) == 1
    assert "No module named 'grader.kernels.no_such_program'" in log.read_text()
