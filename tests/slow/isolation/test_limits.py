from __future__ import annotations

import pytest

from grader.isolation import limits
from grader.isolation.tiers import ROOM
from tests.kernels.keeping import told
from tests.kernels.running import linux_only

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


def test_a_file_that_grows_too_large_is_an_error_and_not_the_kernels_death() -> None:
    grow = f"""
try:
    with open("large", "wb", buffering=0) as file:
        file.seek({limits.FILE})
        file.write(b"x")
    name = "no error"
except OSError as error:
    name = error.strerror"""
    assert told("name", after=grow) == "File too large"
