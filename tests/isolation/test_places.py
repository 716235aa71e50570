from __future__ import annotations

import gc
import os
import tempfile
from pathlib import Path

import pytest

from grader.isolation.places import PrivateFolder


def test_a_kernel_starts_in_an_empty_folder() -> None:
    folder = PrivateFolder()
    assert not list(folder.places.work.iterdir())
    folder.remove()


def test_nothing_of_the_graders_environment_reaches_a_kernel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GRADEBOOK_PASSWORD", "2x + 1")
    monkeypatch.setenv("PYTHONSTARTUP", "surprise.py")
    folder = PrivateFolder()
    assert not {"GRADEBOOK_PASSWORD", "PYTHONSTARTUP"} & folder.places.environment().keys()
    folder.remove()


def test_every_place_that_a_kernel_writes_to_is_inside_its_folder() -> None:
    folder = PrivateFolder()
    environment = folder.places.environment()
    for name in ("HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR", "TMPDIR"):
        assert Path(environment[name]).is_relative_to(folder.path)
    folder.remove()


def test_a_folder_with_locked_content_is_removed_with_it() -> None:
    folder = PrivateFolder()
    locked = folder.places.work / "locked" / "deeper"
    locked.mkdir(parents=True)
    (locked / "notes.txt").write_text("1")
    locked.chmod(0)
    locked.parent.chmod(0)
    folder.remove()
    assert not folder.path.exists()


def test_a_folder_that_was_forgotten_is_removed() -> None:
    path = PrivateFolder().path
    gc.collect()
    assert not path.exists()


def test_removing_a_folder_spares_what_it_only_links_to(tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("1")
    folder = PrivateFolder()
    (folder.places.work / "link").symlink_to(tmp_path)
    folder.remove()
    assert kept.exists()


@pytest.mark.skipif(os.name != "posix", reason="Unix sockets")
def test_a_folder_that_is_too_deep_for_unix_sockets_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    folder = PrivateFolder()
    assert folder.places.socket_stem is None
    folder.remove()
