"""Attacks on other processes: the grader's, and those of other students."""

from __future__ import annotations

from grader.isolation.tiers import LANDLOCK, ROOM
from tests.slow.attacks.attack import Attack

NEIGHBOURS = (
    Attack(
        row=20,
        does="looks into other processes",
        cell="""
import ctypes, re, signal

pattern = re.compile(b"can" b"ary-[0-9a-f]{32}")
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == os.getpid():
        continue
    for part in ("environ", "cmdline", "mem", "maps", "auxv", "stack", "syscall"):
        try:
            with open(f"/proc/{pid}/{part}", "rb") as file:
                seen = file.read(100_000)
        except OSError:
            continue
        if found := pattern.findall(seen):
            print(pid, part, found)
libc = ctypes.CDLL(None, use_errno=True)
for victim in (world.process, world.grader, os.getppid()):
    print("ptrace ->", libc.ptrace(16, victim, 0, 0))
    attempt("stop", lambda: os.kill(victim, signal.SIGSTOP) if victim == world.process else None)
    attempt("end", lambda: os.kill(victim, signal.SIGTERM) if victim == world.process else None)
    attempt("pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(victim), 0))
""",
        gaps={"process_list": frozenset({"processes were listed"})},
        says=("ptrace -> -1",),
        silent=("ptrace -> 0", "pidfd -> None"),
    ),
    Attack(
        row=20,
        does="bounds, slows and pins other processes",
        cell="""
import resource

for victim in (world.process, world.grader):
    attempt("files", lambda: resource.prlimit(victim, resource.RLIMIT_NOFILE, (64, 4096)))
    attempt("core", lambda: resource.prlimit(victim, resource.RLIMIT_CORE, (0, 0)))
    attempt("nice", lambda: os.setpriority(os.PRIO_PROCESS, victim, 1))
    attempt("pin", lambda: os.sched_setaffinity(victim, {0}))
    attempt("idle", lambda: os.sched_setscheduler(victim, os.SCHED_IDLE, os.sched_param(0)))
attempt("all", lambda: os.setpriority(os.PRIO_USER, 0, 1))
""",
        says=("nice ->",),
        silent=("files -> (",),
    ),
    Attack(
        row=20,
        does="writes to the terminal of whoever grades",
        cell="""
import fcntl, glob

attempt("own", lambda: open("/dev/tty", "w").write("You have been had\\n"))
for terminal in {world.terminal, *glob.glob("/dev/pts/[0-9]*"), "/dev/console"}:
    if terminal == world.terminal:
        attempt(terminal, lambda: open(terminal, "w").write("You have been had\\n"))
    attempt("type", lambda: fcntl.ioctl(os.open(terminal, os.O_RDWR | os.O_NOCTTY), 0x5412, b"\\n"))
""",
        says=("own ->",),
        silent=("type -> b", "type -> 0"),
    ),
    Attack(
        row=27,
        does="looks for the sockets and the connection files of other kernels",
        cell="""
import glob, json

own = os.environ["JUPYTER_RUNTIME_DIR"]
for folder in ("/tmp", "/w", "/run/user", os.path.dirname(own)):
    for path in glob.glob(f"{folder}/**/*.json", recursive=True):
        if not path.startswith(own):
            attempt("kernel of " + path, lambda: json.load(open(path))["key"])
print("looked")
""",
        says=("looked",),
        silent=("kernel of",),
    ),
    Attack(
        row=47,
        does="searches its memory and its birthplace for what the grader knows",
        cell="""
import re

pattern = re.compile(b"can" b"ary-[0-9a-f]{32}")
found = set()
with open("/proc/self/mem", "rb", 0) as memory:
    for line in open("/proc/self/maps"):
        span, rights, *_ = line.split()
        start, end = (int(number, 16) for number in span.split("-"))
        if "r" in rights and "vsyscall" not in line and "vvar" not in line:
            try:
                memory.seek(start)
                while start < end:
                    found.update(pattern.findall(memory.read(min(1 << 24, end - start))))
                    start += 1 << 24
            except (OSError, ValueError):
                continue
print("found ->", found - {b""}, os.environ.get("GRADER_SECRET"))
print([name for name in sys.modules if name.split(".")[0] == "grader"])
print(open("/proc/self/environ").read(), open("/proc/self/cmdline").read())
""",
        says=("found ->",),
    ),
    Attack(
        row=27,
        does="speaks to its own driver and keeper behind the kernel's back",
        cell="""
import socket

for fd in os.listdir("/proc/self/fd"):
    try:
        with socket.socket(fileno=os.dup(int(fd))) as line:
            if line.family == socket.AF_UNIX and line.type == socket.SOCK_SEQPACKET:
                attempt("line", lambda: line.send(b"ended 0 "))
    except OSError:
        continue
print("tried")
""",
        says=("tried",),
        silent=("line -> 8",),
        tiers=(ROOM, LANDLOCK),
    ),
)
