from __future__ import annotations

import os

import pytest

from grader.isolation.students import FIRST_STUDENT, STUDENTS
from grader.isolation.tiers import LANDLOCK
from grader.kernels.trying import best_isolation
from tests.kernels.keeping import told
from tests.kernels.running import linux_only

pytestmark = linux_only


@pytest.mark.environment
def test_where_code_runs_as_a_student_nothing_of_the_machines_files_is_left_open() -> None:
    found = best_isolation((LANDLOCK,))
    if found.tier != LANDLOCK:
        pytest.skip(f"no {LANDLOCK} can be had here: {found.why}")
    user, home = told("[os.getuid(), os.stat('.').st_uid]", LANDLOCK, after="import os")
    students_own = FIRST_STUDENT <= user < FIRST_STUDENT + STUDENTS
    assert home == user
    assert ("file_attributes" in found.missing) != students_own
    assert students_own or user == os.getuid()
