"""Landlock: the walls that Linux lets an unprivileged process raise around itself.

See the kernel's Documentation/userspace-api/landlock.rst for the numbers.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.isolation import syscalls

if TYPE_CHECKING:
    from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION: Final = 1
RULE_PATH_BENEATH: Final = 1
ROOT: Final = Path("/")

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
MAKE_BLOCK_DEVICE, REFER = 1 << 11, 1 << 13
IOCTL_DEV: Final = 1 << 15
ALL_FILE_RIGHTS: Final = (1 << 16) - 1
ON_FILES: Final = EXECUTE | WRITE_FILE | READ_FILE | (1 << 14) | IOCTL_DEV
READING: Final = EXECUTE | READ_FILE | READ_DIR
TCP: Final = 0b11
# Abstract Unix sockets and signals stay inside.
SCOPES: Final = 0b11
# The first kernel (6.12) whose Landlock keeps signals in.
WANTED_ABI: Final = 6
# The first one (5.19) where a promise about files need not forbid moving them between folders.
MOVING_ABI: Final = 2


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def abi() -> int:
    """The version of Landlock that this kernel speaks; 0 where it has none."""
    try:
        return syscalls.call(CREATE_RULESET, None, 0, ASK_VERSION)
    except OSError:
        return 0


def confine(readable: Iterable[Path], writable: Iterable[Path], devices: Iterable[Path]) -> None:
    """Leave this process (and all that it starts) these paths, no TCP, no signals to others.

    Raises OSError where the kernel cannot do all of it.
    """
    rights = [(path, READING) for path in readable]
    rights += [(path, READ_FILE | WRITE_FILE | READ_DIR | IOCTL_DEV) for path in devices]
    rights += [(path, ALL_FILE_RIGHTS & ~IOCTL_DEV) for path in writable]
    _promise(_Ruleset(ALL_FILE_RIGHTS, TCP, SCOPES), rights)


def keep_apart() -> bool:
    """Promise only not to look into, trace or signal processes but one's own descendants.

    What of it a kernel's Landlock does not offer is not promised. Returns whether signals stay in.
    """
    version = abi()
    if version >= WANTED_ABI:
        _promise(_Ruleset(0, 0, SCOPES), [])
        return True
    if version >= MOVING_ABI:
        # Signals are not kept in here; that it promises something about files keeps out tracers.
        _promise(_Ruleset(MAKE_BLOCK_DEVICE | REFER, 0, 0), [(ROOT, REFER)])
    return False


def _promise(rules: _Ruleset, rights: Iterable[tuple[Path, int]]) -> None:
    ruleset = syscalls.call(CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    try:
        for path, allowed in rights:
            _allow(ruleset, path, allowed)
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
        syscalls.call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    if not path.exists():
        return
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        fits = rights if path.is_dir() else rights & ON_FILES
        rule = _PathBeneath(fits, beneath)
        syscalls.call(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(beneath)
