from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from grader.isolation import students
from grader.isolation.students import FIRST_STUDENT, STUDENTS, could_work, student_of
from tests.kernels.running import linux_only

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = linux_only
for_the_superuser = pytest.mark.skipif(os.geteuid() != 0, reason="this is no superuser")


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    _forget()
    yield
    _forget()


def _forget() -> None:
    students.may_become_another.cache_clear()
    students.open_to_all.cache_clear()


def test_a_student_is_nobody_else() -> None:
    users = {student_of(process) for process in range(1, STUDENTS + 1)}
    assert len(users) == STUDENTS
    assert min(users) == FIRST_STUDENT
    assert max(users) < 65_534


@for_the_superuser
def test_students_code_runs_as_a_student_if_students_can_read_what_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Below pytest's own folder only its user may pass.
    monkeypatch.setattr(students, "TO_ENTER", 0o100)
    tmp_path.chmod(0o755)
    assert could_work([tmp_path])
    students.open_to_all.cache_clear()
    tmp_path.chmod(0o700)
    assert not could_work([tmp_path])
    assert not could_work([tmp_path / "no such"])


@for_the_superuser
def test_where_a_container_lacks_a_right_or_the_users_code_stays_the_superusers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(students, "TAKES", 1 << 63)
    assert not could_work([])
    monkeypatch.setattr(students, "TAKES", 0)
    students.may_become_another.cache_clear()
    assert could_work([])
    monkeypatch.setattr(students, "STUDENTS", 1 << 40)
    students.may_become_another.cache_clear()
    assert not could_work([])


@pytest.mark.skipif(os.geteuid() == 0, reason="this is the superuser")
def test_a_plain_users_code_is_that_users() -> None:
    assert not could_work([])
