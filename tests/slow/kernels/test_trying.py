from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

from grader.isolation.tiers import LEFT_OPEN, NONE, ROOM
from grader.kernels.trying import best_isolation
from grader.models import Isolation
from tests.kernels.running import linux_only

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = linux_only

REFUSING = "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n"


def test_the_first_tier_that_works_is_taken_and_needs_no_reason() -> None:
    assert best_isolation((NONE, ROOM)) == Isolation(NONE, LEFT_OPEN[NONE])


@pytest.mark.environment
def test_a_room_leaves_nothing_open(sealed: Isolation) -> None:
    assert sealed == Isolation(ROOM)


def test_without_bubblewrap_the_reason_says_that_it_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = best_isolation((ROOM, NONE))
    assert found == Isolation(NONE, LEFT_OPEN[NONE], "room: bwrap: No such file or directory")


def test_where_linux_refuses_a_room_the_reason_is_what_bubblewrap_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only the machine's superuser could make Linux refuse.
    (tmp_path / "bwrap").write_text(REFUSING)
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = best_isolation((ROOM,))
    assert found.tier == NONE
    assert found.why == "room: bwrap: setting up uid map: Permission denied"


def test_trying_leaves_no_folder_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    best_isolation((NONE,))
    assert not list(tmp_path.iterdir())
