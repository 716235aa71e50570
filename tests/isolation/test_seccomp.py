from __future__ import annotations

import ctypes.util
import errno
import json
import subprocess
import sys
from typing import Any

import pytest

from grader.isolation import seccomp
from tests.kernels.running import linux_only

pytestmark = [
    linux_only,
    pytest.mark.environment,
    pytest.mark.skipif(not ctypes.util.find_library("seccomp"), reason="no libseccomp here"),
]

# Arguments that no call accepts: even a call that went through would do no harm.
FILTERED = """
import ctypes, errno, fcntl, json, os, pty, resource, signal, socket, sys, threading
import pyseccomp
from grader.isolation import seccomp

libc = ctypes.CDLL(None, use_errno=True)
numbers = {{name: pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
           for name in (*seccomp.REFUSED, *seccomp.UNGUARDED, "clone", "clone3", "socketpair")}}

def call(name, *arguments):
    ctypes.set_errno(0)
    done = libc.syscall(numbers[name], *(ctypes.c_long(each) for each in arguments or [-1] * 6))
    return errno.errorcode[ctypes.get_errno()] if done == -1 else "done"

def answer(attempt, *arguments):
    try:
        attempt(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"

seccomp.refusals(network={network}).load()
assert "Seccomp:\\t2" in open("/proc/self/status").read()
"""


def shown(expression: str, *, network: bool = True) -> Any:
    """What `expression` is in a process that has loaded the filter."""
    source = FILTERED.format(network=network) + f"print(json.dumps({expression}))"
    program = subprocess.run([sys.executable, "-c", source], stdout=subprocess.PIPE, check=True)
    return json.loads(program.stdout)


def test_every_call_on_the_list_is_refused() -> None:
    answers = shown("{name: call(name) for name in seccomp.REFUSED if numbers[name] >= 0}")
    assert len(answers) > 50
    assert dict.fromkeys(answers, "EPERM") == answers


def test_a_process_in_new_namespaces_cannot_be_started_but_another_one_can() -> None:
    start = "call('clone', {} | signal.SIGCHLD, 0, 0, 0, 0)"
    flags = "[" + ", ".join(start.format(flag) for flag in seccomp.NEW_NAMESPACES) + "]"
    assert set(shown(flags)) == {"EPERM"}
    # Libraries fall back on clone where clone3 is unknown.
    assert shown("call('clone3')") == "ENOSYS"
    assert shown("os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)[1]") == 0
    assert shown("[thread := threading.Thread(target=print), thread.start()][1]") is None


def test_a_process_may_bound_and_slow_itself_and_nobody_else() -> None:
    attempts = {
        "own priority": ("os.setpriority, os.PRIO_PROCESS, 0, 5", "done"),
        "another's priority": ("os.setpriority, os.PRIO_PROCESS, os.getppid(), 5", "EPERM"),
        "its user's priority": ("os.setpriority, os.PRIO_USER, 0, 5", "EPERM"),
        "own processors": ("os.sched_setaffinity, 0, os.sched_getaffinity(0)", "done"),
        "another's processors": ("os.sched_setaffinity, os.getppid(), {0}", "EPERM"),
        "own files": ("resource.prlimit, 0, resource.RLIMIT_NOFILE, (64, 64)", "done"),
        "another's files": ("resource.prlimit, os.getppid(), resource.RLIMIT_NOFILE", "EPERM"),
    }
    asked = ", ".join(f"{name!r}: answer({attempt})" for name, (attempt, _) in attempts.items())
    expected = {name: expected for name, (_, expected) in attempts.items()}
    assert shown(f"{{{asked}}}") == expected


def test_nobody_can_type_into_a_terminal_in_somebody_elses_place() -> None:
    typing = f"answer(fcntl.ioctl, pty.openpty()[1], {seccomp.TIOCSTI}, b'x')"
    assert shown(typing) == errno.errorcode[errno.EPERM]


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (True, {"UNIX": "done", "INET": "done", "NETLINK": "done", "VSOCK": "EAFNOSUPPORT"}),
        (
            False,
            {"UNIX": "done", "INET": "EAFNOSUPPORT", "NETLINK": "done", "VSOCK": "EAFNOSUPPORT"},
        ),
    ],
)
def test_only_sockets_that_walls_hold_back_can_be_had(
    network: bool, expected: dict[str, str]
) -> None:
    # netlink knows no streams.
    ask = (
        "{name: answer(socket.socket, getattr(socket, 'AF_' + name),"
        " socket.SOCK_RAW if name == 'NETLINK' else socket.SOCK_STREAM)"
        f" for name in {list(expected)}}}"
    )
    assert shown(ask, network=network) == expected


@pytest.mark.parametrize("network", [True, False])
def test_nobody_can_have_the_sockets_of_a_machine_listed(network: bool) -> None:
    """Netlink would tell of them, and of more; of addresses and ways it may."""
    ask = "[answer(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW, n) for n in (0, 4, 9, 16)]"
    assert shown(ask, network=network) == ["done", "EPERM", "EPERM", "EPERM"]


def test_a_named_socket_cannot_be_called_where_the_files_are_the_machines_own() -> None:
    call = "answer(socket.socket(socket.AF_UNIX).connect, '/no/such')"
    assert shown(call, network=False) == "EPERM"
    assert shown(call, network=True) == "ENOENT"
    kinds = "[answer(make, 1, kind) for make in (socket.socket, pair) for kind in (1, 5, 2, 3)]"
    expected = ["done", "done", "EPERM", "EPERM"] * 2
    assert shown(f"[pair := socket.socketpair, {kinds}][1]", network=False) == expected
    assert set(shown(f"[pair := socket.socketpair, {kinds}][1]", network=True)) == {"done"}
    # Linux does not look at the upper half of a family.
    hidden = "call('socketpair', 1 << 32 | 1, socket.SOCK_DGRAM, 0, ctypes.addressof(two))"
    assert shown(f"[two := ctypes.c_uint64(), {hidden}][1]", network=False) == "EPERM"


def test_what_others_do_in_a_folder_is_not_told_where_the_files_are_the_machines_own() -> None:
    ask = "call('inotify_init1', 0)"
    assert shown(ask, network=False) == "EPERM"


def test_whose_a_file_is_cannot_be_changed_where_the_files_are_the_machines_own() -> None:
    ask = "{name: call(name) for name in seccomp.UNGUARDED if numbers[name] >= 0}"
    answers = shown(ask, network=False)
    assert dict.fromkeys(answers, "EPERM") == answers
    assert "EPERM" not in shown(ask, network=True).values()
