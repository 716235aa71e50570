"""What the commands' tests share."""

from __future__ import annotations

import pytest

from grader.isolation.tiers import ROOM
from grader.models import Isolation
from tests.recordings import Recordings


@pytest.fixture
def no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a runner gets one that starts nothing."""
    runner = Recordings(isolation=Isolation(ROOM))
    monkeypatch.setattr("grader.execution.runner.notebook_runner", lambda **_: runner)
