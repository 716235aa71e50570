"""As whom students' code runs where the superuser grades: as somebody who owns nothing."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Users that no system account has, low enough for containers that map 65,536 of them. One a
# kernel: what a superuser's kernels are counted by must not be shared.
FIRST_STUDENT: Final = 30_000
STUDENTS: Final = 30_000
# To hand files over, to reach them nevertheless, to become another user and to end what is that
# user's (linux/capability.h).
CHOWN, DAC_OVERRIDE, KILL, SETGID, SETUID = 0, 1, 5, 6, 7
TAKES: Final = sum(1 << right for right in (CHOWN, DAC_OVERRIDE, KILL, SETGID, SETUID))
TO_ENTER, TO_READ = 0o001, 0o004


def student_of(process: int) -> int:
    """The user that a kernel runs as; `process` is its own number, or its keeper's."""
    return FIRST_STUDENT + process % STUDENTS


def become(user: int) -> None:
    """Be this user from now on, and a member of no group but that user's."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def could_work(files: Iterable[Path]) -> bool:
    """Whether this process can become such a user, and that user could read these files."""
    return os.geteuid() == 0 and may_become_another() and all(map(open_to_all, files))


@cache
def may_become_another() -> bool:
    """Whether this process has the rights that it takes, and there are such users here."""
    rows = Path("/proc/self/status").read_text().splitlines()
    rights = next(int(row.split()[1], 16) for row in rows if row.startswith("CapEff:"))
    return rights & TAKES == TAKES and all(map(_has_students, ("uid_map", "gid_map")))


def _has_students(table: str) -> bool:
    """Whether there are such users at all: some containers have but one."""
    spans = (map(int, row.split()) for row in Path(f"/proc/self/{table}").read_text().splitlines())
    return any(
        first <= FIRST_STUDENT and first + count >= FIRST_STUDENT + STUDENTS
        for first, _, count in spans
    )


@cache
def open_to_all(path: Path) -> bool:
    """Whether everybody may read this file or folder, and get there."""
    real = path.resolve()
    try:
        way = all(
            above.stat().st_mode & TO_ENTER for each in (path, real) for above in each.parents
        )
        return way and bool(real.stat().st_mode & TO_READ)
    except OSError:
        return False
