"""A sealed room for one kernel: bubblewrap builds it, a forked process walks in.

The room has its own processes, network (a loopback and nothing else), host name and System V
objects. It sees the machine's programs and this Python, read-only; all that it can write to are two
small file systems in memory, which are gone with it. Started by a plain user, the room is that of
a user namespace; started by the superuser, it is built with privilege and the student's code runs
as a user that owns nothing. No student's code ever has a capability.

Linux only. Runs in keepers, so it imports nothing but what those carry.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.isolation import limits, seccomp, syscalls
from grader.isolation.students import become, student_of
from grader.isolation.tiers import ROOM_HOME
from grader.isolation.visible import Hidden, view

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME: Final = Path(ROOM_HOME)
HOME_OPTIONS: Final = "size=128m,nr_inodes=8192,mode=0700"
SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - the room's own
SHARED_MEMORY_OPTIONS: Final = "size=64m,nr_inodes=1024,mode=1777"
PATIENCE_S: Final = 10.0

# A program that does nothing, for as long as no notebook may run.
TENANT: Final = ("/usr/bin/sleep", "86400")
SETTINGS: Final = ("alternatives", "fonts", "ld.so.cache", "localtime", "mime.types", "ssl")


NOTHING: Final = Hidden()


class RoomError(Exception):
    """No room could be built; the text says what bubblewrap or Linux answered."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room that stands: its builder, and the first process in it."""

    builder: subprocess.Popen[bytes]
    first: int
    door: int
    user: int
    privileged: bool

    def stand_at_the_door(self) -> int:
        """From now on the children of this process live in the room; what `enter` needs.

        To be called once, by a process with one thread.
        """
        inner = os.open(f"/proc/{self.first}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        if not self.privileged:
            # bubblewrap puts its tenant into a second user namespace, which owns nothing of the
            # room: the walls belong to the first one.
            files = os.open(f"/proc/{self.first}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
            owner = syscalls.owner_of(files)
            syscalls.setns(owner, syscalls.CLONE_NEWUSER)
            # Who has it is the master of the room, and a forked kernel has what its keeper has.
            os.close(owner)
            os.close(files)
        syscalls.setns(self.door, syscalls.CLONE_NEWPID)
        return inner

    def enter(self, inner: int) -> None:
        """Walk in, for good: no capability is left, and nothing outside can be reached."""
        walls = syscalls.CLONE_NEWNS | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWIPC
        walls |= syscalls.CLONE_NEWUTS | syscalls.CLONE_NEWCGROUP
        syscalls.setns(self.door, walls)
        # bubblewrap bounds the size of such a file system, but not the number of its files.
        syscalls.unshare(syscalls.CLONE_NEWNS)
        safe = syscalls.MS_NOSUID | syscalls.MS_NODEV
        owner = f",uid={self.user}" if self.privileged else ""
        syscalls.mount_tmpfs(str(HOME), safe, HOME_OPTIONS + owner)
        syscalls.mount_tmpfs(SHARED_MEMORY, safe | syscalls.MS_NOEXEC, SHARED_MEMORY_OPTIONS)
        os.chdir(HOME)
        if self.privileged:
            syscalls.bound_capabilities()
            become(self.user)
        else:
            syscalls.setns(inner, syscalls.CLONE_NEWUSER)
            syscalls.bound_capabilities()
        syscalls.drop_capabilities()
        os.close(inner)
        os.close(self.door)

    def close(self) -> None:
        """Tear the room down with everybody in it."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.door, signal.SIGKILL)
        self.builder.kill()
        self.builder.wait()
        os.close(self.door)


def build_room(hidden: Hidden = NOTHING) -> Room:
    """Have bubblewrap build a room without sight of `hidden`; raises RoomError where it cannot.

    The room stands until it is closed, or this process (its main thread) ends. bubblewrap's own
    process in it and the tenant are the student's, where a plain user grades: what a kernel may
    not do, they may not do either.
    """
    privileged = os.geteuid() == 0
    user = student_of(os.getpid()) if privileged else os.getuid()
    with ExitStack() as opened:
        answers, theirs = _pipe(opened)
        # Not a file: there would still be one to write to when the room stands.
        complaints, complaining = _pipe(opened)
        os.set_blocking(complaints, False)
        passwd = _spoken(opened, _accounts(user).encode())
        refusals = _spoken(opened, seccomp.program(network=True))
        words = "\0".join(_arguments(privileged, passwd, refusals, hidden))
        settings = _spoken(opened, words.encode())
        try:
            builder = subprocess.Popen(
                ["bwrap", "--info-fd", str(theirs), "--args", str(settings), "--", *TENANT],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaining,
                pass_fds=[theirs, settings, passwd, refusals],
            )
        except OSError as error:
            raise RoomError(f"bwrap: {error.strerror}") from error
        finally:
            os.close(theirs)
            os.close(complaining)
        try:
            with os.fdopen(answers, closefd=False) as answer:
                first = int(json.load(answer).get("child-pid", 0))
            door = _door_of(first, builder)
        except (OSError, ValueError) as error:
            builder.kill()
            builder.wait()
            raise RoomError(_said(complaints) or str(error)) from error
    return Room(builder, first, door, user, privileged)


def _said(complaints: int) -> str:
    try:
        return os.read(complaints, 4096).decode(errors="replace").strip()
    except BlockingIOError:
        return ""


def _door_of(first: int, builder: subprocess.Popen[bytes]) -> int:
    """The pidfd of the room's first process, once the room is finished and its first two bound."""
    if not first:
        raise OSError("no room")
    door = os.pidfd_open(first)
    deadline = time.monotonic() + PATIENCE_S
    # The answer comes before the mounts are done: they are when the tenant runs.
    while (tenant := _tenant(first)) is None:
        if builder.poll() is not None or time.monotonic() > deadline:
            os.close(door)
            raise OSError("the room was not finished")
        time.sleep(0.0005)
    for process in (first, tenant):
        for kind, most in limits.bounds(counted_alone=True).items():
            resource.prlimit(process, kind, (most, most))
    return door


def _tenant(first: int) -> int | None:
    try:
        program = Path(TENANT[0]).resolve()
        for pid in limits.children(first):
            if Path(f"/proc/{pid}/exe").readlink() == program:
                return pid
    except OSError:
        pass
    return None


def _arguments(privileged: bool, passwd: int, refusals: int, hidden: Hidden) -> Iterator[str]:
    if not privileged:
        yield from ("--unshare-user", "--disable-userns")
    yield from ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
    yield from ("--unshare-cgroup-try", "--die-with-parent", "--new-session")
    yield from ("--cap-drop", "ALL", "--hostname", "room", "--clearenv")
    yield from ("--seccomp", str(refusals))
    yield from ("--proc", "/proc", "--dev", "/dev", "--dir", SHARED_MEMORY, "--dir", str(HOME))
    yield from ("--perms", "0755", "--dir", "/etc")
    for name in SETTINGS:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    yield from ("--perms", "0644", "--ro-bind-data", str(passwd), "/etc/passwd")
    yield from files(hidden)
    yield from ("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/")


@cache
def files(hidden: Hidden) -> tuple[str, ...]:
    """How bubblewrap is told of the programs that a room shows; worked out before a fork."""
    return tuple(_files(hidden))


def _files(hidden: Hidden) -> Iterator[str]:
    """The outer folders come first, since inner ones lie on them."""
    sight = view(hidden)
    made: set[Path] = set()
    for path in sorted({*sight.shown, *sight.links, *sight.covered}, key=lambda p: len(p.parts)):
        # Or bubblewrap makes them for its own user only, who is not the student.
        for above in reversed(path.parents[:-1]):
            if above not in made:
                made.add(above)
                yield from ("--perms", "0755", "--dir", str(above))
        if path in sight.covered:
            yield from ("--perms", "0755", "--tmpfs", str(path))
        elif path in sight.links:
            yield from ("--symlink", str(path.readlink()), str(path))
        else:
            yield from ("--ro-bind", str(path), str(path))
    for path in sight.covered:
        yield from ("--remount-ro", str(path))
    temporary = Path("/tmp")  # noqa: S108 - the room's own
    if temporary not in made:
        yield from ("--symlink", str(HOME / "tmp"), str(temporary))


def _accounts(user: int) -> str:
    return f"student:x:{user}:{user}::{HOME / 'home'}:/bin/sh\n"


def _pipe(opened: ExitStack) -> tuple[int, int]:
    """Both ends of a pipe; the reading one is closed with `opened`."""
    reading, writing = os.pipe()
    opened.callback(os.close, reading)
    return reading, writing


def _spoken(opened: ExitStack, text: bytes) -> int:
    """A file in memory that holds `text`, closed with `opened`."""
    fd = os.memfd_create("grader")
    opened.callback(os.close, fd)
    os.write(fd, text)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
