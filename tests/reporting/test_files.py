from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.reporting.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path


def test_folders_are_made_as_needed(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a" / "b" / "page.html", "你好")
    assert path.read_text(encoding="utf-8") == "你好"


def test_when_writing_fails_then_the_old_file_stays_and_nothing_is_left_over(
    tmp_path: Path,
) -> None:
    path = write_whole(tmp_path / "page.html", "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
