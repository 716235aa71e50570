"""Attacks on the system itself: new walls, new rights, the kernel's own doors."""

from __future__ import annotations

import os

from grader.isolation.tiers import ROOM
from tests.slow.attacks.attack import Attack

SYSTEM = (
    Attack(
        row=33,
        does="asks for namespaces, mounts, keys and rights",
        cell="""
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
CALLS = {
    "unshare user": (272, 0x10000000),
    "unshare mounts": (272, 0x20000),
    "unshare network": (272, 0x40000000),
    "clone": (56, 0x10000000 | 17, 0, 0, 0, 0),
    "mount": (165, b"none", b"/", b"tmpfs", 0, b""),
    "remount": (165, b"none", b"/", None, 32, None),
    "umount": (166, b"/usr", 2),
    "pivot_root": (155, b".", b"."),
    "chroot": (161, b"."),
    "open_tree": (428, -100, b"/", 1),
    "fsopen": (430, b"tmpfs", 0),
    "io_uring": (425, 8, ctypes.byref(ctypes.create_string_buffer(200))),
    "bpf": (321, 0, ctypes.byref(ctypes.create_string_buffer(200)), 200),
    "perf": (298, ctypes.byref(ctypes.create_string_buffer(200)), 0, -1, -1, 0),
    "userfaultfd": (323, 0),
    "keyctl": (250, 0, -3, 1),
    "add_key": (248, b"user", b"x", b"y", 1, -3),
    "setns": (308, os.open("/proc/self/ns/mnt", os.O_RDONLY), 0),
    "open_by_handle": (304, -100, ctypes.byref(ctypes.create_string_buffer(200)), 0),
    "process_vm_readv": (310, world.process, None, 0, None, 0, 0),
    "sethostname": (170, b"mine", 4),
    "settimeofday": (164, ctypes.byref(ctypes.create_string_buffer(b"\\xff" * 16)), None),
    "syslog": (103, 3, ctypes.create_string_buffer(100), 100),
    "init_module": (175, None, 0, b""),
    "kexec": (246, 0, 0, None, 0),
    "reboot": (169, 0, 0, 0, None),
    "quotactl": (179, 0x800007 << 8, None, 0, None),
    "personality": (135, 0x40000),
    "iopl": (172, 3),
    "setuid": (105, 0),
}
for name, (number, *arguments) in CALLS.items():
    if name == "setuid" and os.getuid() == 0:
        continue
    if libc.syscall(number, *arguments) >= 0:
        print("GRANTED", name)
print("asked")
""",
        says=("asked",),
        silent=("GRANTED",),
    ),
    Attack(
        row=33,
        does="writes to the kernel's switches",
        cell="""
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/panic", "/proc/sysrq-trigger",
             "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/modprobe",
             "/sys/kernel/uevent_helper", "/sys/fs/cgroup/cgroup.procs", "/dev/mem", "/dev/kmsg",
             "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/kvm", "/proc/kcore", "/etc/passwd",
             f"/proc/{world.process}/oom_score_adj", "/etc/shadow"):
    try:
        os.close(os.open(path, os.O_WRONLY))
        print("OPENED", path)
    except OSError:
        pass
for path in ("/etc/shadow", "/proc/kcore", "/root/.bash_history", "/etc/machine-id"):
    try:
        os.close(os.open(path, os.O_RDONLY))
        print("READS", path)
    except OSError:
        pass
print("tried")
""",
        says=("tried",),
        silent=("OPENED", "READS"),
    ),
    Attack(
        row=33,
        does="asks programs for the superuser's rights",
        cell="""
import subprocess

for command in (["su", "-c", "id"], ["sudo", "-n", "id"], ["mount", "-t", "tmpfs", "x", "/mnt"],
                ["unshare", "-Ur", "id"], ["passwd", "-d", "root"], ["chsh", "-s", "/bin/sh"],
                ["newgrp", "root"], ["bwrap", "--bind", "/", "/", "true"], ["ping", "-c1", "::1"]):
    try:
        done = subprocess.run(command, input=b"", capture_output=True, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        continue
    if done.returncode == 0:
        print("DONE", command)
status = open("/proc/self/status").read()
rights = {line.split()[0]: line.split()[1] for line in status.splitlines() if len(line.split()) > 1}
for name in ("CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"):
    if int(rights[name], 16):
        print("MAY GET" if name == "CapBnd:" else "HAS", name, rights[name])
print("nnp", rights["NoNewPrivs:"], "seccomp", rights["Seccomp:"])
""",
        says=("nnp 1 seccomp 2",),
        # Who is no superuser cannot lower what programs may get; nnp keeps it from them.
        silent=("DONE", "HAS", *(("MAY GET",) if os.geteuid() == 0 else ())),
    ),
    Attack(
        row=48,
        does="moves into another process",
        cell="""
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == os.getpid():
        continue
    ways = [("mem", os.O_RDWR), ("mem", os.O_RDONLY), ("environ", os.O_RDONLY),
            ("auxv", os.O_RDONLY), ("root/.", os.O_RDONLY), ("cwd/.", os.O_RDONLY),
            ("ns/user", os.O_RDONLY), ("ns/mnt", os.O_RDONLY)]
    ways += [(f"fd/{fd}", how) for fd in range(12) for how in (os.O_RDWR, os.O_RDONLY, os.O_WRONLY)]
    for way, how in ways:
        try:
            os.close(os.open(f"/proc/{pid}/{way}", how | os.O_NONBLOCK))
            print("INSIDE", pid, way, how)
        except OSError:
            pass
print("tried")
""",
        says=("tried",),
        silent=("INSIDE",),
    ),
    Attack(
        row=48,
        does="looks for somebody in its room who may do more",
        cell="""
import resource

for pid in filter(str.isdigit, os.listdir("/proc")):
    status = open(f"/proc/{pid}/status").read()
    for bound in ("Seccomp:\\t2", "CapEff:\\t0000000000000000", "CapPrm:\\t0000000000000000"):
        if bound not in status:
            print("MAY DO MORE", pid, status)
    for line in open(f"/proc/{pid}/limits"):
        if line.startswith(("Max open files", "Max address space", "Max file size",
                            "Max processes", "Max cpu time", "Max locked memory")):
            if "unlimited" in line:
                print("MAY TAKE MORE", pid, line)
    attempt("limits of " + pid, lambda: resource.prlimit(int(pid), resource.RLIMIT_NOFILE))
print("tried")
""",
        tiers=(ROOM,),
        says=("tried",),
        silent=("MAY DO MORE", "MAY TAKE MORE"),
    ),
    Attack(
        row=49,
        does="looks for a descriptor that leads out",
        cell="""
import fcntl

harmless = ("pipe:", "socket:", "anon_inode:[eventfd]", "anon_inode:[eventpoll]", "/dev/null",
            "/dev/urandom", "/proc/", os.path.dirname(os.environ["HOME"]) + "/")
for fd in map(int, os.listdir("/proc/self/fd")):
    try:
        leads = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        continue
    if not leads.startswith(harmless):
        print("LEADS OUT", fd, leads)
own = {os.readlink(f"/proc/self/ns/{kind}") for kind in os.listdir("/proc/self/ns")}
for kind in os.listdir("/proc/self/ns"):
    for asked in (0xB701, 0xB702):  # who owns it, and what it lies in
        try:
            fd = fcntl.ioctl(os.open(f"/proc/self/ns/{kind}", os.O_RDONLY), asked)
        except OSError:
            continue
        if (leads := os.readlink(f"/proc/self/fd/{fd}")) not in own:
            print("LEADS OUT", kind, leads)
print("looked")
""",
        says=("looked",),
        silent=("LEADS OUT",),
    ),
)
