from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.isolation.leftovers import PREFIX, YOUNG_S, delete_leftovers
from grader.isolation.places import PrivateFolder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="takes locks of Unix")

KILLED = """
import os, signal
from grader.isolation.places import PrivateFolder

folder = PrivateFolder()
(folder.places.work / "notes.txt").write_text("1")
print(folder.path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def age(folder: Path) -> None:
    then = time.time() - 2 * YOUNG_S
    os.utime(folder, (then, then))


def left_by_a_killed_grader(temporary: Path) -> Path:
    done = subprocess.run([sys.executable, "-c", KILLED], check=False)
    assert done.returncode == -signal.SIGKILL
    (folder,) = temporary.glob(f"{PREFIX}*")
    return folder


def test_what_a_killed_grader_left_behind_is_removed(temporary: Path) -> None:
    folder = left_by_a_killed_grader(temporary)
    age(folder)
    delete_leftovers()
    assert not folder.exists()


def test_a_folder_that_was_only_just_made_is_left_alone(temporary: Path) -> None:
    folder = left_by_a_killed_grader(temporary)
    delete_leftovers()
    assert folder.exists()


def test_the_folder_of_a_grader_that_lives_is_left_alone() -> None:
    folder = PrivateFolder()
    age(folder.path)
    delete_leftovers()
    assert folder.path.exists()
    folder.remove()
    assert not folder.path.exists()


def test_a_link_in_place_of_a_folder_is_not_followed(temporary: Path) -> None:
    kept = temporary / "kept"
    kept.mkdir()
    link = temporary / f"{PREFIX}link"
    link.symlink_to(kept)
    then = time.time() - 2 * YOUNG_S
    os.utime(link, (then, then), follow_symlinks=False)
    delete_leftovers()
    assert kept.exists()


def test_removing_folders_leaves_no_descriptor_open() -> None:
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    for _ in range(10):
        PrivateFolder().remove()
    assert len(list(descriptors.iterdir())) == before
