"""The system calls that a student's process may not make, whatever room it is in.

A list of what is forbidden, since Python, torch and Jupyter want nearly all the rest. It closes
what a room's walls leave open: memory that no limit counts (memfd, System V), sockets that no
network namespace holds back (vsock), and doors to the kernel that notebooks never need.
"""

from __future__ import annotations

import errno
import os
from functools import cache
from typing import TYPE_CHECKING, Final

from grader.isolation import syscalls

if TYPE_CHECKING:
    from pyseccomp import SyscallFilter

REFUSED: Final = (
    # new walls, and ways around the ones there are
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount"),
    *("fsopen", "fsmount", "fsconfig", "fspick", "mount_setattr", "personality", "seccomp"),
    *("name_to_handle_at", "open_by_handle_at", "fanotify_init", "quotactl", "acct"),
    # other processes' memory and descriptors
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd"),
    # memory that is nobody's
    *("memfd_create", "memfd_secret", "shmget", "shmat", "shmctl", "msgget", "semget"),
    *("mq_open", "mq_unlink"),
    # the kernel itself
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter"),
    *("io_uring_register", "keyctl", "add_key", "request_key", "syslog", "reboot", "swapon"),
    *("swapoff", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module"),
    *("settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname"),
    *("setdomainname", "vhangup", "iopl", "ioperm"),
)
NEW_NAMESPACES: Final = (
    syscalls.CLONE_NEWNS,
    syscalls.CLONE_NEWCGROUP,
    syscalls.CLONE_NEWUTS,
    syscalls.CLONE_NEWIPC,
    syscalls.CLONE_NEWUSER,
    syscalls.CLONE_NEWPID,
    syscalls.CLONE_NEWNET,
)
# A process may bound and slow itself (0), but nobody else: the place of the argument that says who.
# libzmq sets the policy of its own threads, by their numbers, to the usual one, which is 0 too.
OTHERS_ONLY: Final = (
    ("prlimit64", 0),
    ("setpriority", 0),
    ("setpriority", 1),
    ("sched_setaffinity", 0),
    ("sched_setscheduler", 1),
    ("sched_setparam", 0),
    ("sched_setattr", 0),
    ("ioprio_set", 0),
)
# What Landlock does not guard, and notebooks never do: to change whose a file is (they do change
# its mode and times), to call a socket by its name, to be told what others do in a folder.
UNGUARDED: Final = (
    *("chown", "fchown", "lchown", "fchownat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat"),
    *("removexattr", "lremovexattr", "fremovexattr", "removexattrat"),
    *("connect", "inotify_init", "inotify_init1", "inotify_add_watch"),
)
# Requests that type into a terminal in somebody else's place.
TIOCSTI: Final = 0x5412
TIOCLINUX: Final = 0x541C
UNIX, INET, INET6, NETLINK = 1, 2, 10, 16
STREAM, SEQPACKET, HIGHEST_KIND = 1, 5, 15
# The only one that tells of nothing but addresses and ways: others list everybody's sockets.
NETLINK_ROUTE: Final = 0
HIGHEST_KNOWN_FAMILY: Final = 64


@cache
def refusals(*, network: bool) -> SyscallFilter:
    """The filter for a process with a network of its own, or else for Unix sockets only.

    It takes 16 ms to make and 0.3 ms to load: whoever forks kernels makes it before.

    Raises ImportError or OSError where the machine has no libseccomp.
    """
    import pyseccomp as seccomp

    sieve = seccomp.SyscallFilter(seccomp.ALLOW)
    no = seccomp.ERRNO(errno.EPERM)
    for name in REFUSED:
        _refuse(sieve, no, name)
    # The flags of clone3 cannot be read by a filter: without it, libraries use clone.
    _refuse(sieve, seccomp.ERRNO(errno.ENOSYS), "clone3")
    for flag in NEW_NAMESPACES:
        sieve.add_rule(no, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    for request in (TIOCSTI, TIOCLINUX):
        sieve.add_rule(no, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    for name, place in OTHERS_ONLY:
        sieve.add_rule(no, name, seccomp.Arg(place, seccomp.NE, 0))
    sieve.add_rule(
        no,
        "socket",
        seccomp.Arg(0, seccomp.EQ, NETLINK),
        seccomp.Arg(2, seccomp.NE, NETLINK_ROUTE),
    )
    if not network:
        for name in UNGUARDED:
            _refuse(sieve, no, name)
        # The others send to a name without a call. Linux looks at 32 bits of a family only.
        unix = seccomp.Arg(0, seccomp.MASKED_EQ, 0xFFFFFFFF, UNIX)
        for kind in set(range(HIGHEST_KIND + 1)) - {STREAM, SEQPACKET}:
            of_kind = seccomp.Arg(1, seccomp.MASKED_EQ, HIGHEST_KIND, kind)
            for name in ("socket", "socketpair"):
                sieve.add_rule(no, name, unix, of_kind)
    strange = seccomp.ERRNO(errno.EAFNOSUPPORT)
    # netlink also without a network: libzmq aborts where it may not ask for its addresses.
    known = {UNIX, INET, INET6, NETLINK} if network else {UNIX, NETLINK}
    for family in set(range(HIGHEST_KNOWN_FAMILY)) - known:
        sieve.add_rule(strange, "socket", seccomp.Arg(0, seccomp.EQ, family))
    sieve.add_rule(strange, "socket", seccomp.Arg(0, seccomp.GE, HIGHEST_KNOWN_FAMILY))
    return sieve


@cache
def program(*, network: bool) -> bytes:
    """The filter as bubblewrap takes it, for what lives in a room besides the kernel."""
    fd = os.memfd_create("grader")
    with os.fdopen(fd, "w+b") as file:
        refusals(network=network).export_bpf(file)
        file.seek(0)
        return file.read()


def _refuse(sieve: SyscallFilter, action: int, name: str) -> None:
    try:
        sieve.add_rule(action, name)
    except (OSError, RuntimeError, ValueError):
        return  # a call that this machine's kind does not have
