"""The few Linux system calls that Python's standard library does not offer (before 3.12)."""

from __future__ import annotations

import ctypes
import fcntl
import os
from typing import Final

CLONE_NEWNS: Final = 0x00020000
CLONE_NEWCGROUP: Final = 0x02000000
CLONE_NEWUTS: Final = 0x04000000
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWPID: Final = 0x20000000
CLONE_NEWNET: Final = 0x40000000

MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_NOEXEC: Final = 8

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_CAPBSET_DROP: Final = 24
PR_SET_CHILD_SUBREAPER: Final = 36
PR_SET_NO_NEW_PRIVS: Final = 38
LAST_CAPABILITY: Final = 63

# linux/nsfs.h: the user namespace that owns a namespace.
NS_GET_USERNS: Final = 0xB701
# linux/capability.h: 64 bits of capabilities, in two words a set.
CAPABILITY_VERSION_3: Final = 0x20080522

_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def setns(fd: int, namespaces: int) -> None:
    """Move this thread into namespaces of a process (by its pidfd) or into one by its own fd."""
    _check("setns", _LIBC.setns(fd, namespaces))


def unshare(namespaces: int) -> None:
    """Give this process namespaces of its own."""
    _check("unshare", _LIBC.unshare(namespaces))


def mount_tmpfs(target: str, flags: int, options: str) -> None:
    """Mount an empty file system in memory over a folder."""
    _check("mount", _LIBC.mount(b"tmpfs", os.fsencode(target), b"tmpfs", flags, options.encode()))


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process."""
    _check(f"prctl({option})", _LIBC.prctl(option, value, 0, 0, 0))


def call(number: int, *arguments: object) -> int:
    """Make a system call that libc has no function for; its result, or OSError."""
    result = int(_LIBC.syscall(number, *arguments))
    _check(f"system call {number}", 0 if result >= 0 else result)
    return result


def owner_of(namespace: int) -> int:
    """A descriptor of the user namespace that owns this namespace."""
    return int(fcntl.ioctl(namespace, NS_GET_USERNS))


def bound_capabilities() -> None:
    """See to it that no program this process becomes can have a capability."""
    for capability in range(LAST_CAPABILITY + 1):
        if _LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # beyond the kernel's last one


def drop_capabilities() -> None:
    """Give up all that a superuser may do more than others, for good."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check("capset", _LIBC.capset(header, nothing))
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def _check(call: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
