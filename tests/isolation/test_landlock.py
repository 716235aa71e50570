from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from grader.isolation import landlock
from tests.kernels.running import linux_only

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    linux_only,
    pytest.mark.environment,
    pytest.mark.skipif(
        landlock.abi() < landlock.WANTED_ABI, reason=f"Landlock {landlock.abi()} is too old"
    ),
]

CONFINED = """
import json, os, signal, socket, subprocess, sys
from pathlib import Path
from grader.isolation import landlock, syscalls

def answer(attempt, *arguments):
    try:
        attempt(*arguments)
    except OSError as error:
        return error.strerror
    return "done"

readable, writable = map(Path, sys.argv[1:])
syscalls.drop_capabilities()
landlock.confine([Path("/usr"), Path("/lib"), Path("/lib64"), readable, Path("/no/such")],
                 [writable], [Path("/dev/null")])
"""
APART = (
    CONFINED.partition("syscalls.drop_capabilities()")[0]
    + "syscalls.drop_capabilities()\nlandlock.abi = lambda: {version}\nlandlock.keep_apart()"
)
REFUSED = "Permission denied"


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """One to read and one to write to, each with a file."""
    folders = [tmp_path / "readable", tmp_path / "writable"]
    for folder in folders:
        folder.mkdir()
        (folder / "notes.txt").write_text("1")
    return folders


def shown(expression: str, folders: list[Path]) -> Any:
    """What `expression` is in a process that has confined itself to the folders."""
    source = f"{CONFINED}\nprint(json.dumps({expression}))"
    program = subprocess.run(
        [sys.executable, "-c", source, *folders], stdout=subprocess.PIPE, check=True
    )
    return json.loads(program.stdout)


def test_what_may_be_read_can_be_read_and_not_be_changed(folders: list[Path]) -> None:
    attempts = (
        "[answer(open, readable / 'notes.txt'), answer(open, readable / 'notes.txt', 'w'),"
        " answer(os.unlink, readable / 'notes.txt'), answer(os.mkdir, readable / 'new')]"
    )
    assert shown(attempts, folders) == ["done", REFUSED, REFUSED, REFUSED]


def test_what_may_be_written_can_be_changed_and_removed(folders: list[Path]) -> None:
    attempts = (
        "[answer(open, writable / 'notes.txt', 'w'), answer(os.unlink, writable / 'notes.txt'),"
        " answer(os.mkdir, writable / 'new')]"
    )
    assert shown(attempts, folders) == ["done", "done", "done"]


def test_all_else_is_out_of_reach(folders: list[Path]) -> None:
    attempts = "[answer(open, '/etc/passwd'), answer(os.listdir, readable.parent)]"
    assert shown(attempts, folders) == [REFUSED, REFUSED]


def test_a_file_cannot_be_carried_into_a_folder_that_may_be_read(folders: list[Path]) -> None:
    carry = "answer(os.rename, writable / 'notes.txt', readable / 'mine.txt')"
    # Linux answers as if they were on two disks.
    assert shown(carry, folders) in {REFUSED, "Invalid cross-device link"}


def test_a_device_can_be_used_where_it_is_named(folders: list[Path]) -> None:
    attempts = "[answer(open, '/dev/null', 'w'), answer(open, '/dev/zero')]"
    assert shown(attempts, folders) == ["done", REFUSED]


def test_nobody_outside_can_be_called_or_signalled(folders: list[Path]) -> None:
    attempts = (
        "[answer(socket.create_connection, ('127.0.0.1', 9)),"
        f" answer(os.kill, {os.getpid()}, signal.SIGCONT)]"
    )
    assert shown(attempts, folders) == [REFUSED, "Operation not permitted"]


@pytest.mark.parametrize("version", [landlock.abi(), landlock.MOVING_ABI, 1, 0])
def test_whoever_keeps_apart_is_as_free_as_before_with_files(
    version: int, folders: list[Path]
) -> None:
    """On older kernels, too: there Landlock offers less, or would forbid more than is wanted."""
    attempts = (
        "[answer(open, '/etc/passwd'), answer(os.rename, writable / 'notes.txt', readable / 'x'),"
        " answer(socket.create_server, ('127.0.0.1', 0)), answer(os.kill, os.getpid(), 0)]"
    )
    assert apart(attempts, folders, version) == ["done"] * 4


@pytest.mark.parametrize("version", [landlock.abi(), landlock.MOVING_ABI])
def test_whoever_keeps_apart_cannot_look_into_others(version: int, folders: list[Path]) -> None:
    child = subprocess.Popen(["/usr/bin/sleep", "60"])
    looks = f"[answer(open, '/proc/{child.pid}/{{}}'.format(part)) for part in ('mem', 'environ')]"
    assert apart(looks, folders, version) == [REFUSED] * 2
    child.kill()
    child.wait()


def test_whoever_keeps_apart_cannot_signal_others(folders: list[Path]) -> None:
    signal = f"answer(os.kill, {os.getpid()}, signal.SIGCONT)"
    assert apart(signal, folders, landlock.abi()) == "Operation not permitted"


def apart(expression: str, folders: list[Path], version: int) -> Any:
    """What `expression` is in a process that keeps apart, with a Landlock of this version."""
    source = APART.format(version=version) + f"\nprint(json.dumps({expression}))"
    program = subprocess.run(
        [sys.executable, "-c", source, *folders], stdout=subprocess.PIPE, check=True
    )
    return json.loads(program.stdout)


def test_programs_that_it_starts_are_confined_too(folders: list[Path]) -> None:
    start = "subprocess.run(['/usr/bin/cat', '/etc/passwd'], stderr=subprocess.PIPE).returncode"
    assert shown(start, folders) == 1
