"""The walls of each tier: the kernel's keeper builds them, and the kernel itself enters."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from grader.isolation import landlock, limits, seccomp, syscalls
from grader.isolation.fonts import chinese_font
from grader.isolation.places import Places
from grader.isolation.room import Room, build_room, files
from grader.isolation.students import become, could_work, student_of
from grader.isolation.tiers import LANDLOCK, NONE, ROOM
from grader.isolation.visible import readable

if TYPE_CHECKING:
    from grader.isolation.launch import Launch
    from grader.isolation.visible import Hidden

OF_THE_SYSTEM: Final = ("/proc", "/sys/devices")
SETTINGS: Final = (
    *("alternatives", "fonts", "group", "ld.so.cache", "localtime", "mime.types"),
    *("nsswitch.conf", "passwd", "ssl"),
)
# No terminals: they belong to the user who grades.
DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


class Walls(Protocol):
    """The walls around one kernel: built by its keeper, entered by the kernel itself."""

    @property
    def doors(self) -> tuple[int, ...]:
        """The pidfd that a driver can follow to the kernel's network, where that is its own."""

    def enter(self, launch: Launch) -> None:
        """Isolate this process, and prepare the kernel's folders; raises OSError."""

    def close(self) -> None:
        """Tear down what was raised."""


def prepare(tier: str, hidden: Hidden) -> None:
    """Do once, before a fork, what every kernel behind such walls would repeat."""
    chinese_font()
    if tier != NONE:
        seccomp.refusals(network=tier == ROOM)
        could_work(readable())
    if tier == ROOM:
        seccomp.program(network=True)
        files(hidden)


def raised(launch: Launch, hidden: Hidden) -> Walls:
    """The walls of its tier, ready to be entered by a child; raises RoomError if they fail."""
    prepare(launch.tier, hidden)
    if launch.tier == ROOM:
        return RoomWalls(hidden)
    return LandlockWalls(Path(launch.folder)) if launch.tier == LANDLOCK else NoWalls()


class RoomWalls:
    """A room of its own."""

    def __init__(self, hidden: Hidden) -> None:
        self._room: Room = build_room(hidden)
        self._inner = self._room.stand_at_the_door()

    @property
    def doors(self) -> tuple[int, ...]:
        """The room's own."""
        return (self._room.door,)

    def enter(self, launch: Launch) -> None:
        """Enter the room."""
        limits.bound_this_process(counted_alone=True)
        self._room.enter(self._inner)
        _furnish(launch)
        # An ordinary user's room is kept by that user's processes, and the student is the same
        # user.
        landlock.keep_apart()
        seccomp.refusals(network=True).load()

    def close(self) -> None:
        """Tear the room down."""
        self._room.close()


class LandlockWalls:
    """A promise that the process makes to Linux.

    The keeper makes a weaker one first: its signals reach only its own descendants. And root's
    keeper becomes a student user, if such users can read this Python: Landlock does not guard the
    modes of files, and root owns them all. As the same user as its kernel, it can manage it without
    any privilege.
    """

    doors: tuple[int, ...] = ()

    def __init__(self, folder: Path) -> None:
        self._alone = could_work((*readable(), folder.parent))
        if self._alone:
            user = student_of(os.getpid())
            Places(folder).hand_over(user)
            syscalls.bound_capabilities()
            become(user)
        self._apart = landlock.keep_apart()

    def enter(self, launch: Launch) -> None:
        """Give up all other files, and everything beyond Unix sockets."""
        _see_oneself()
        limits.bound_this_process(counted_alone=self._alone)
        _furnish(launch)
        if os.geteuid() == 0:
            syscalls.bound_capabilities()
        syscalls.drop_capabilities()
        settings = (Path("/etc") / name for name in SETTINGS)
        landlock.confine(
            readable=(*readable(), *map(Path, OF_THE_SYSTEM), *settings),
            writable=(Path(launch.folder),),
            devices=map(Path, DEVICES),
        )
        seccomp.refusals(network=False).load()

    def close(self) -> None:
        """Kill all descendants of the kernel at once: one by one, some could keep forking."""
        if self._apart:
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)


class NoWalls:
    """Limits only."""

    doors: tuple[int, ...] = ()

    def enter(self, launch: Launch) -> None:
        """Set the limits."""
        limits.bound_this_process(counted_alone=False)
        _furnish(launch)

    def close(self) -> None:
        """There is nothing to tear down."""


def _furnish(launch: Launch) -> None:
    places = Places(Path(launch.folder))
    places.furnish()
    places.connection_file.write_text(launch.connection, "utf-8")
    os.chdir(places.work)
    _see_oneself()


def _see_oneself() -> None:
    """Take over /proc/self: a change of user makes it root's."""
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)
