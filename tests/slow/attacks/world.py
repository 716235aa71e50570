"""What lies around the rooms, for students' code to read, change, reach and harm; and a look at it.

Nothing here is protected by its own permissions: what an attack may not touch is kept from it by
the walls, or not at all. `World.breaches` tells from outside what an attack got at; it takes no
attacker's word for a failure.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.isolation.students import FIRST_STUDENT, STUDENTS
from tests.slow.attacks.listeners import Listeners
from tests.slow.attacks.processes import descendants, processes_with, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).parents[3]
SETTLING_S = 2.0
AMONG_PROGRAMS = Path(sys.prefix) / "share"
# What the machine keeps that belongs to nobody's folder.
MOUNTS = Path("/proc/self/mountinfo")
MACHINE = (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/vm/overcommit_memory",
)
# Where anybody may write, on most machines.
EVERYBODYS = ("/", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue")  # noqa: S108
OBJECTS = tuple(f"/proc/sysvipc/{kind}" for kind in ("shm", "msg", "sem"))


@dataclass(frozen=True, slots=True)
class Visible:
    """What an attack is told: where everything is that it may not get at.

    `mark` is for the names of the files and the arguments of the processes that it makes.
    """

    folder: str
    course: str
    solution: str
    submission: str
    grades: str
    named_socket: str
    abstract_socket: str
    tcp: int
    udp: int
    address: str
    process: int
    grader: int
    terminal: str
    checkout: str
    mark: str


class World:
    """The outside, with traps in it."""

    def __init__(self) -> None:
        self.secret = f"canary-{uuid.uuid4().hex}"
        self.argument = f"canary-{uuid.uuid4().hex}"
        # What starts from here must not hand it on.
        os.environ["GRADER_SECRET"] = self.secret
        self.folder = Path(tempfile.mkdtemp(prefix="attacked-"))
        self.course = self._course_among_programs()
        self._lay_out()
        self.listeners = Listeners(self.folder / "named.sock")
        self._terminal, self._teletype = os.openpty()
        os.set_blocking(self._terminal, False)
        self._process = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()", self.argument],
            stdin=subprocess.PIPE,
            env={"SECRET": self.secret},
        )
        self._reference = CHECKOUT / "solutions/01_exact_line/reference.en.ipynb"
        self._digest = hashlib.sha256(self._reference.read_bytes()).hexdigest()
        self.begin(served_by=())

    def begin(self, served_by: tuple[int, ...]) -> None:
        """Look at everything as it should stay; `served_by` are the processes that stay as well."""
        self._served_by = {*served_by, self._process.pid}
        self.mark = f"m{uuid.uuid4().hex[:12]}"
        self._lay_out()
        self._files = self._snapshot()
        self._machine = _machine()
        self._bearing = _bearing_of(self._process.pid), _bearing_of(os.getpid())

    def visible(self) -> Visible:
        """What an attack is told."""
        return Visible(
            folder=str(self.folder),
            course=str(self.course),
            solution=str(self.folder / "solutions" / "reference.ipynb"),
            submission=str(self.folder / "submitted" / "bea.ipynb"),
            grades=str(self.folder / "grades.csv"),
            named_socket=str(self.folder / "named.sock"),
            abstract_socket=self.listeners.abstract_name,
            tcp=self.listeners.tcp_port,
            udp=self.listeners.udp_port,
            address=self.listeners.address,
            process=self._process.pid,
            grader=os.getpid(),
            terminal=os.ttyname(self._teletype),
            checkout=str(CHECKOUT),
            mark=self.mark,
        )

    def introduction(self) -> str:
        """A cell that tells an attack what it may try."""
        told = f"world = types.SimpleNamespace(**{asdict(self.visible())})"
        return f"import os, sys, time, types\n{told}\n{ATTEMPT}"

    def breaches(self, said: str) -> frozenset[str]:
        """What was got at, in words; `said` is all that the attack's notebook showed."""
        return frozenset(self._breaches(said))

    def _breaches(self, said: str) -> Iterator[str]:
        if self.secret in said:
            yield "a secret was read"
        if self.argument in said:
            yield "processes were listed"
        if self._digest in said:
            yield "the reference was read"
        yield from self.listeners.reached()
        if self._snapshot() != self._files:
            yield "files were changed"
        if planted := list(self._planted()):
            yield f"files were left: {planted}"
        with suppress(BlockingIOError):
            if os.read(self._terminal, 1000):
                yield "a terminal was written to"
        if (_bearing_of(self._process.pid), _bearing_of(os.getpid())) != self._bearing:
            yield "a process was harmed"
        for what, before in self._machine.items():
            if _machine()[what] != before:
                yield f"the machine was changed: {what}"
        if left := self._left_running():
            yield f"processes were left: {left}"

    def _left_running(self) -> list[str]:
        deadline = time.monotonic() + SETTLING_S
        while True:
            strangers = [str(pid) for pid in descendants() if pid not in self._served_by]
            strangers += processes_with(self.mark)
            if not strangers or time.monotonic() > deadline:
                return strangers
            time.sleep(0.02)

    def _planted(self) -> Iterator[str]:
        site_packages = next(path for path in sys.path if path.endswith("site-packages"))
        folders = (*EVERYBODYS, site_packages, sys.prefix, Path.home(), Path.cwd(), CHECKOUT)
        for folder in {Path(folder) for folder in folders}:
            with suppress(OSError):
                yield from (str(found) for found in folder.glob(f"*{self.mark}*"))

    def _course_among_programs(self) -> Path:
        """A course in this Python's own folder, which rooms show, or where it could be made."""
        course = self.folder / "course"
        with suppress(OSError):
            course = Path(tempfile.mkdtemp(prefix="attacked-", dir=AMONG_PROGRAMS))
            course.chmod(0o755)
        for name in ("solutions/reference.ipynb", "gradebook.db"):
            path = course / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(f"{name}: {self.secret}\n", "utf-8")
        return course

    def _lay_out(self) -> None:
        shutil.rmtree(self.folder / "left", ignore_errors=True)
        for name in ("solutions/reference.ipynb", "submitted/bea.ipynb", "grades.csv"):
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{name}: {self.secret}\n", "utf-8")
            path.chmod(0o666)
        for folder in (self.folder, *(each for each in self.folder.iterdir() if each.is_dir())):
            folder.chmod(0o777)

    def _snapshot(self) -> dict[str, tuple[object, ...]]:
        """Everything in the folder, with all that can be changed about it but when it was read."""
        found: dict[str, tuple[object, ...]] = {}
        for path in (self.folder, *sorted(self.folder.rglob("*"))):
            info = path.lstat()
            about = (info.st_mode, info.st_uid, info.st_gid, info.st_mtime_ns, info.st_nlink)
            content = path.read_bytes() if path.is_file() else b""
            found[str(path)] = (*about, content, tuple(os.listxattr(path, follow_symlinks=False)))
        return found

    def close(self) -> None:
        """Take it all away."""
        os.environ.pop("GRADER_SECRET", None)
        self.listeners.close()
        os.close(self._terminal)
        os.close(self._teletype)
        self._process.kill()
        self._process.communicate()
        shutil.rmtree(self.folder)
        shutil.rmtree(self.course, ignore_errors=True)


# For the cells of attacks: what it came to is told, and the next attempt follows.
ATTEMPT = """
def attempt(name, act):
    try:
        print(name, "->", act())
    except BaseException as error:
        print(name, "->", type(error).__name__, error)
"""


def _bearing_of(process: int) -> tuple[object, ...]:
    """Whether a process runs, and how it is bounded and placed by the system."""
    return (
        state_of(process) in {"S", "R", "D"},
        Path(f"/proc/{process}/limits").read_text(),
        os.getpriority(os.PRIO_PROCESS, process),
        frozenset(os.sched_getaffinity(process)),
    )


def _machine() -> dict[str, object]:
    texts = {path: Path(path).read_text() for path in MACHINE}
    objects = {path: _kernels_own(Path(path).read_text()) for path in OBJECTS}
    # Another test, running beside this one, may have a disk of its own.
    mounts = [line for line in MOUNTS.read_text().splitlines() if "/pytest-of-" not in line]
    return {"host name": socket.gethostname(), "mounts": mounts, **texts, **objects}


def _kernels_own(table: str) -> int:
    """How many of the objects in a table belong to users that kernels run as."""
    header, *rows = (line.split() for line in table.splitlines())
    place = header.index("uid")
    users = {os.getuid(), *range(FIRST_STUDENT, FIRST_STUDENT + STUDENTS)}
    return sum(int(row[place]) in users for row in rows)
