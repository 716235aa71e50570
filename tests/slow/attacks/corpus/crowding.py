"""Attacks that take too much: processes, threads, memory, disk, descriptors, time."""

from __future__ import annotations

from grader.isolation.tiers import LANDLOCK, ROOM
from tests.slow.attacks.attack import (
    CROWDED,
    OUT_OF_MEMORY,
    UNHARMED,
    Attack,
    raised,
)
from tests.slow.attacks.processes import Peaks

GIB = 1 << 30
MANY = 10_000
# What is there when a notebook runs: driver, keeper, the room's first two, the kernel.
OWN = 6

CROWDING = (
    Attack(
        row=6,
        does="forks without end",
        cell="""
for _ in range(400):
    try:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
    except OSError:
        break
time.sleep(30)
""",
        ends=(CROWDED,),
        most=Peaks(processes=450, tasks=700, open_files=MANY, memory=3 * GIB),
    ),
    Attack(
        row=6,
        does="forks in every child as well",
        cell="""
for _ in range(8):
    try:
        os.fork()
    except OSError:
        pass
time.sleep(30)
""",
        ends=(CROWDED,),
        most=Peaks(processes=300, tasks=700, open_files=MANY, memory=3 * GIB),
    ),
    Attack(
        row=7,
        does="starts a thousand threads",
        cell="""
import threading

over = threading.Event()
threads = []
try:
    for _ in range(1000):
        threads.append(threading.Thread(target=over.wait, daemon=True))
        threads[-1].start()
except RuntimeError as error:
    print(error)
time.sleep(0.3)
over.set()
print("threads ->", len(threads))
""",
        tiers=(ROOM,),
        most=Peaks(processes=OWN + 1, tasks=120, open_files=MANY, memory=GIB),
        says=("threads ->",),
    ),
    Attack(
        row=8,
        does="fills the memory",
        cell="""
import numpy as np

held = [np.ones(50_000_000 // 8) for _ in range(90)]
""",
        ends=(OUT_OF_MEMORY, raised("MemoryError"), raised("_ArrayMemoryError")),
        cell_s=60.0,
        within_s=90.0,
        most=Peaks(processes=OWN + 1, tasks=100, open_files=MANY, memory=3 * GIB),
    ),
    Attack(
        row=9,
        does="fills the memory with twelve processes",
        cell="""
import numpy as np

for _ in range(12):
    if os.fork() == 0:
        held = np.ones(400_000_000 // 8)
        time.sleep(30)
        os._exit(0)
time.sleep(30)
""",
        ends=(OUT_OF_MEMORY,),
        cell_s=60.0,
        within_s=90.0,
        most=Peaks(processes=OWN + 13, tasks=150, open_files=MANY, memory=4 * GIB),
    ),
    Attack(
        row=52,
        does="fills the memory with processes that nobody is the parent of",
        cell="""
import numpy as np

for _ in range(8):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            held = np.ones(400_000_000 // 8)
            time.sleep(30)
        os._exit(0)
time.sleep(30)
""",
        ends=(OUT_OF_MEMORY,),
        cell_s=60.0,
        within_s=90.0,
        most=Peaks(processes=OWN + 17, tasks=150, open_files=MANY, memory=4 * GIB),
    ),
    Attack(
        row=10,
        does="takes memory that is nobody's",
        cell="""
import ctypes, mmap

libc = ctypes.CDLL(None, use_errno=True)
attempt("memfd", lambda: os.memfd_create("hoard"))
for name, number in {"shmget": 29, "msgget": 68, "semget": 64, "memfd_secret": 447}.items():
    print(name, "->", libc.syscall(number, 0, 400_000_000, 0o1666))
shared = mmap.mmap(-1, 300_000_000)
shared.write(bytes(300_000_000))
""",
        says=("memfd -> PermissionError", "shmget -> -1", "msgget -> -1", "memfd_secret -> -1"),
    ),
    Attack(
        row=10,
        does="fills the memory with what processes share",
        cell="""
import mmap

held = []
for _ in range(45):
    held.append(mmap.mmap(-1, 100_000_000))
    held[-1].write(bytes(100_000_000))
""",
        ends=(OUT_OF_MEMORY, raised("OSError"), raised("MemoryError")),
        cell_s=60.0,
        within_s=90.0,
        most=Peaks(processes=OWN + 1, tasks=100, open_files=MANY, memory=3 * GIB),
    ),
    Attack(
        row=11,
        does="fills the disk",
        cell="""
def fill(folder):
    path, written = f"{folder}/{world.mark}", 0
    try:
        for number in range(3):
            with open(f"{path}{number}", "wb", buffering=0) as file:
                for _ in range(25):
                    written += file.write(bytes(4_000_000))
    except OSError as error:
        print(error)
    return written // 1_000_000

for folder in (".", "/tmp", "/var/tmp", os.environ["HOME"], os.environ["TMPDIR"], "/", "/run"):
    attempt(folder, lambda: fill(folder))
print("MB in files of ours ->", sum(
    os.path.getsize(f"{folder}/{name}")
    for folder in (".", os.environ["HOME"], os.environ["TMPDIR"])
    for name in os.listdir(folder) if name.startswith(world.mark)) // 1_000_000 <= 135)
""",
        tiers=(ROOM,),
        says=("No space left on device", "MB in files of ours -> True"),
    ),
    Attack(
        row=11,
        does="writes one file that is too large",
        cell="""
def fill(path):
    with open(path, "wb", buffering=0) as file:
        return sum(file.write(bytes(4_000_000)) for _ in range(50))

attempt("own", lambda: fill("large"))
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/"):
    attempt(folder, lambda: fill(f"{folder}/{world.mark}"))
""",
        tiers=(LANDLOCK,),
        says=("own -> OSError",),
    ),
    Attack(
        row=12,
        does="makes thirty thousand files",
        cell="""
for number in range(30_000):
    open(f"{world.mark}{number}", "w").close()
""",
        ends=(raised("OSError"),),
        tiers=(ROOM,),
        says=("No space left on device",),
    ),
    Attack(
        row=12,
        does="leaves five thousand files",
        cell="""
for number in range(5_000):
    open(f"{world.mark}{number}", "w").close()
""",
        tiers=(LANDLOCK,),
    ),
    Attack(
        row=13,
        does="fills the shared memory",
        cell="""
def fill():
    with open(f"/dev/shm/{world.mark}", "wb", buffering=0) as file:
        for _ in range(100):
            file.write(bytes(4_000_000))

attempt("fill", fill)
attempt("MB", lambda: os.path.getsize(f"/dev/shm/{world.mark}") // 1_000_000 <= 70)
attempt("semaphore", lambda: __import__("multiprocessing").get_context("fork").Semaphore())
""",
        says=("fill -> ", "Error"),
        silent=("MB -> False",),
    ),
    Attack(
        row=32,
        does="opens five thousand files",
        cell="""
held = []
try:
    while len(held) < 5000:
        held.append(open("/dev/null"))
except OSError as error:
    print(error)
time.sleep(0.2)
for file in held:
    file.close()
""",
        most=Peaks(processes=OWN + 1, tasks=100, open_files=256, memory=GIB),
        says=("Too many open files",),
    ),
    Attack(
        row=10,
        does="hoards pipes and sockets full of data",
        cell="""
import fcntl, socket

held = []
try:
    while len(held) < 400:
        held += socket.socketpair()
        held[-1].setblocking(False)
        held[-1].send(bytes(200_000))
except OSError as error:
    print(error)
for each in held:
    each.close()
""",
        ends=(UNHARMED,),
        most=Peaks(processes=OWN + 1, tasks=100, open_files=256, memory=GIB),
    ),
)
