"""The walls of each tier: what a kernel's keeper raises, and the kernel itself walks behind."""

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
# No terminals: they are those of whoever grades.
DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


class Walls(Protocol):
    """What stands around one kernel: raised by its keeper, entered by itself."""

    @property
    def doors(self) -> tuple[int, ...]:
        """The pidfd that a driver can follow to the kernel's network, where that is its own."""

    def enter(self, launch: Launch) -> None:
        """Shut this process in, and furnish the kernel's folders; raises OSError."""

    def close(self) -> None:
        """Tear down what was raised."""


def prepare(tier: str, hidden: Hidden) -> None:
    """Do once, before a fork, what every kernel behind such walls would do again."""
    chinese_font()
    if tier != NONE:
        seccomp.refusals(network=tier == ROOM)
        could_work(readable())
    if tier == ROOM:
        seccomp.program(network=True)
        files(hidden)


def raised(launch: Launch, hidden: Hidden) -> Walls:
    """The walls of its tier, ready to be entered by a child; raises RoomError where they fail."""
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
        """Walk into the room."""
        limits.bound_this_process(counted_alone=True)
        self._room.enter(self._inner)
        _furnish(launch)
        # A plain user's room is kept by processes of that user's, which the student is as well.
        landlock.keep_apart()
        seccomp.refusals(network=True).load()

    def close(self) -> None:
        """Tear the room down."""
        self._room.close()


class LandlockWalls:
    """A promise that the process makes to Linux.

    The keeper makes a lesser one first: its signals reach nobody but what descends from it. And
    the superuser's keeper becomes a student, if students can read this Python: Landlock does not
    guard the modes of files, and the superuser owns them all. As the same user as its kernel it
    may look after it without any privilege.
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
        """Promise to touch no other files, and to reach for nothing beyond Unix sockets."""
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
        """Kill at once all that descends from the kernel: one by one, some could fork on."""
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
        """Nothing stands that could fall."""


def _furnish(launch: Launch) -> None:
    places = Places(Path(launch.folder))
    places.furnish()
    places.connection_file.write_text(launch.connection, "utf-8")
    os.chdir(places.work)
    _see_oneself()


def _see_oneself() -> None:
    """Have /proc/self: a change of user makes it the superuser's."""
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)
