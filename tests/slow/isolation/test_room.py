from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import RoomError
from grader.isolation import room
from grader.isolation.room import build_room
from grader.isolation.tiers import ROOM
from tests.kernels.keeping import told
from tests.kernels.running import linux_only

pytestmark = [linux_only, pytest.mark.environment]

MIB = 1 << 20
in_a_room = pytest.mark.usefixtures("sealed")

# The mount points of a room below which a file can be made.
WRITABLE = """
import os
def writable(folder):
    try:
        open(folder + "/attempt", "w").close()
    except OSError:
        return False
    return True
places = {line.split()[4] for line in open("/proc/self/mountinfo")}
places |= {"/etc", "/usr/bin", os.path.dirname(os.__file__), "/tmp"}
"""
CONNECT = """
import socket
def answer(family, address):
    with socket.socket(family) as attempt:
        try:
            attempt.connect(address)
        except OSError as error:
            return error.strerror
        return "connected"
"""
STATUS = """
rows = dict(line.split(":", 1) for line in open("/proc/self/status"))
"""

LIMITS = """
def status(pid):
    return {name: words.strip() for name, words in (
        line.split(":", 1) for line in open(f"/proc/{pid}/status"))}
def limits_of(pid):
    with open(f"/proc/{pid}/limits") as rows:
        return {"limits": rows.read(), "Seccomp": status(pid)["Seccomp"]}
"""
MOVE_IN = """
import os
def answer(pid, way):
    try:
        os.close(os.open(f"/proc/{pid}/{way}", os.O_RDONLY))
    except OSError as error:
        return error.strerror
    return "moved in"
"""


@in_a_room
def test_a_room_has_no_network_but_its_own_loopback() -> None:
    assert told("[name for _, name in socket.if_nameindex()]", ROOM, after=CONNECT) == ["lo"]
    distant = "answer(socket.AF_INET, ('192.0.2.1', 80))"
    assert told(distant, ROOM, after=CONNECT) == "Network is unreachable"


@in_a_room
def test_nobody_outside_can_be_called_from_a_room() -> None:
    with socket.create_server(("127.0.0.1", 0)) as near, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0grader-{os.getpid()}")
        abstract.listen()
        port = near.getsockname()[1]
        calls = (
            f"[answer(socket.AF_INET, ('127.0.0.1', {port})),"
            f" answer(socket.AF_UNIX, {abstract.getsockname()!r})]"
        )
        assert told(calls, ROOM, after=CONNECT) == ["Connection refused"] * 2


@in_a_room
def test_only_its_own_processes_are_seen_in_a_room() -> None:
    programs = told(
        "sorted(os.path.basename(os.readlink(f'/proc/{pid}/exe')) if os.access(f'/proc/{pid}/exe',"
        " os.R_OK) else 'hidden' for pid in os.listdir('/proc') if pid.isdigit())",
        ROOM,
        after="import os",
    )
    # The first one, its tenant, and the program itself.
    assert len(programs) == 3


@in_a_room
def test_whoever_is_in_a_room_is_the_student_and_there_is_nobody_else() -> None:
    name, accounts = told(
        "[pwd.getpwuid(os.getuid()).pw_name, [each.pw_name for each in pwd.getpwall()]]",
        ROOM,
        after="import os, pwd",
    )
    assert name == "student"
    assert accounts == ["student"]


@in_a_room
def test_a_room_can_be_written_to_in_two_places_only() -> None:
    found = told("sorted(filter(writable, places))", ROOM, after=WRITABLE)
    # /tmp is a link into the student's own folder, unless this Python lies there.
    temporary = Path("/tmp")  # noqa: S108
    link = set() if Path(sys.prefix).is_relative_to(temporary) else {str(temporary)}
    assert set(found) == {room.SHARED_MEMORY, str(room.HOME)} | link


@in_a_room
def test_what_can_be_written_to_in_a_room_is_small() -> None:
    sizes = told(
        "[[each.f_blocks * each.f_frsize, each.f_files] for each in sizes]",
        ROOM,
        after="import os\nsizes = map(os.statvfs, ('/w', '/dev/shm'))",
    )
    assert sizes == [[128 * MIB, 8192], [64 * MIB, 1024]]


@in_a_room
def test_no_file_of_whoever_grades_is_seen_in_a_room(tmp_path: Path) -> None:
    (tmp_path / "grades.csv").touch()
    outside = [str(tmp_path), __file__, "/home", "/etc/shadow", "/var/log", "/var/lib"]
    seen = told(f"[path for path in {outside} if os.path.exists(path)]", ROOM, after="import os")
    assert seen == []


@in_a_room
def test_nobody_in_a_room_has_a_privilege_or_can_come_by_one() -> None:
    rows = told("{name: rows[name].strip() for name in rows}", ROOM, after=STATUS)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(rows[kind], 16) == 0, kind
    assert rows["NoNewPrivs"] == "1"
    assert rows["Seccomp"] == "2"
    assert "0" not in rows["Uid"].split()


@in_a_room
def test_the_first_two_in_a_room_may_do_and_take_no_more_than_a_kernel() -> None:
    """A plain user's student could move into them: they are processes of the same user."""
    asked = "[limits_of(pid) for pid in ('1', '2', 'self')]"
    first, tenant, own = told(asked, ROOM, after=LIMITS)
    assert first == tenant == own
    assert own["Seccomp"] == "2"
    filters = told("[status(pid) for pid in ('1', '2')]", ROOM, after=LIMITS)
    assert [rows["CapEff"] for rows in filters] == ["0" * 16] * 2


@in_a_room
def test_nobody_in_a_room_can_move_into_its_first_two() -> None:
    ways = ("mem", "environ", "fd/0", "fd/2", "ns/user", "root/.")
    tried = f"[answer(pid, way) for pid in (1, 2) for way in {ways}]"
    assert set(told(tried, ROOM, after=MOVE_IN)) == {"Permission denied"}


@in_a_room
def test_what_bubblewrap_could_say_is_in_no_file_of_the_graders() -> None:
    room = build_room()
    files = [Path(f"/proc/{room.first}/fd/{fd}").readlink() for fd in range(3)]
    room.close()
    assert [str(file).partition(":")[0] for file in files] == ["/dev/null", "/dev/null", "pipe"]


@in_a_room
def test_whoever_stands_at_the_door_of_a_room_holds_no_key_but_the_kernels() -> None:
    source = (
        "import os\nfrom grader.isolation.room import build_room\nroom = build_room()\n"
        "inner = room.stand_at_the_door()\n"
        "for fd in set(os.listdir('/proc/self/fd')) - {str(inner), str(room.door)}:\n"
        "    if os.path.lexists(way := f'/proc/self/fd/{fd}'): print(os.readlink(way))"
    )
    held = subprocess.check_output([sys.executable, "-c", source], text=True).splitlines()
    assert [way for way in held if way.startswith(("user:", "mnt:", "/memfd:"))] == []


@in_a_room
def test_when_a_room_is_closed_then_everybody_in_it_is_gone() -> None:
    built = build_room()
    # By a descriptor: a process's number may come to mean another one.
    first = os.pidfd_open(built.first)
    assert not _has_ended(first, patience_s=0)
    built.close()
    assert _has_ended(first, patience_s=5)
    os.close(first)
    assert built.builder.returncode is not None


@in_a_room
def test_what_bubblewrap_says_of_a_room_that_it_cannot_build_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "TENANT", ("/no/such/tenant",))
    with pytest.raises(RoomError, match="bwrap: execvp /no/such/tenant: No such file"):
        build_room()


def test_without_bubblewrap_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(RoomError, match="bwrap: No such file or directory"):
        build_room()


def _has_ended(process: int, patience_s: float) -> bool:
    watched = select.poll()
    watched.register(process, select.POLLIN)
    return bool(watched.poll(patience_s * 1000))
