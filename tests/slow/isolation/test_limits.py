from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.isolation import limits
from grader.isolation.tiers import ROOM
from tests.kernels.keeping import told
from tests.kernels.running import linux_only

if TYPE_CHECKING:
    from collections.abc import Callable

    Start = Callable[[str], int]


pytestmark = linux_only
BOUNDS = "[resource.getrlimit(getattr(resource, name)) for name in {!r}]"


def test_a_kernel_is_bounded_in_all_that_linux_can_bound() -> None:
    names = ("RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CPU", "RLIMIT_CORE")
    most = (limits.ADDRESS_SPACE, limits.FILE, limits.OPEN_FILES, limits.CPU_S, 0)
    bounds = told(BOUNDS.format(names), after="import resource")
    assert bounds == [[each, each] for each in most]


@pytest.mark.environment
@pytest.mark.usefixtures("sealed")
def test_a_kernel_in_a_room_is_bounded_in_its_processes_too() -> None:
    [tasks] = told(BOUNDS.format(["RLIMIT_NPROC"]), ROOM, after="import resource")
    assert tasks == [limits.TASKS, limits.TASKS]
