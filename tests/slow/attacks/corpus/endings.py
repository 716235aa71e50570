"""Attacks on the end: kernels that do not stop, or that stop before their time."""

from __future__ import annotations

from grader.isolation.tiers import LANDLOCK, NONE, ROOM
from tests.slow.attacks.attack import CROWDED, DIED, TIMED_OUT, UNHARMED, Attack, raised

EVERYWHERE = (ROOM, LANDLOCK, NONE)
# Cells of which a later line goes on where the first ones were not obeyed.
ENDINGS = (
    Attack(
        row=14,
        does="loops for ever",
        cell="while True: pass",
        ends=(TIMED_OUT,),
        cell_s=1.0,
        tiers=EVERYWHERE,
    ),
    Attack(
        row=14,
        does="loops for ever and swallows every interrupt",
        cell="""
while True:
    try:
        while True: pass
    except BaseException: pass
""",
        ends=(TIMED_OUT,),
        cell_s=0.5,
    ),
    Attack(
        row=29,
        does="ignores the interrupt",
        cell="""
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
time.sleep(60)
""",
        ends=(TIMED_OUT,),
        cell_s=0.5,
        tiers=EVERYWHERE,
    ),
    Attack(
        row=30,
        does="stops itself",
        cell="""
import signal

os.kill(os.getpid(), signal.SIGSTOP)
""",
        ends=(TIMED_OUT,),
        cell_s=0.5,
        tiers=EVERYWHERE,
    ),
    Attack(
        row=31,
        does="will not leave when it is told to",
        cell="""
import atexit, signal

for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
atexit.register(time.sleep, 60)
""",
        tiers=EVERYWHERE,
    ),
    Attack(
        row=21,
        does="leaves at once",
        cell="os._exit(0)",
        ends=(DIED,),
        tiers=EVERYWHERE,
    ),
    Attack(
        row=21,
        does="reads at address 0",
        cell="import ctypes; ctypes.string_at(0)",
        ends=(DIED,),
    ),
    Attack(
        row=21,
        does="replaces its program",
        cell="os.execv('/bin/sleep', ['sleep', '60'])",
        ends=(TIMED_OUT, DIED),
        cell_s=0.5,
    ),
    Attack(
        row=22,
        does="asks to exit",
        cell="raise SystemExit(3)",
        ends=(UNHARMED, raised("SystemExit")),
    ),
    Attack(
        row=22,
        does="asks for input",
        cell="input('how many points? ')",
        ends=(raised("StdinNotImplementedError"),),
    ),
    Attack(
        row=18,
        does="kills everything that it can",
        cell="""
import signal

try:
    os.kill(world.process, 0)
    print("signals get out")
except OSError:
    os.kill(-1, signal.SIGKILL)
time.sleep(1)
""",
        ends=(DIED, UNHARMED),
        silent=("signals get out",),
    ),
    Attack(
        row=19,
        does="kills its parent",
        cell="""
import signal

attempt("parent", lambda: os.kill(os.getppid(), signal.SIGKILL))
time.sleep(1)
""",
        ends=(DIED, UNHARMED),
    ),
    Attack(
        row=28,
        does="leaves daemons",
        cell="""
os.system(f"setsid sh -c 'sleep 300; : {world.mark}' >/dev/null 2>&1 &")
os.system(f"setsid setsid sh -c 'trap : TERM INT HUP; sleep 300; : {world.mark}' </dev/null &")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 256)
        os.execv("/bin/sh", ["sh", "-c", f"sleep 300; : {world.mark}"])
    os._exit(0)
time.sleep(0.3)
""",
        tiers=EVERYWHERE,
    ),
    Attack(
        row=28,
        does="hops from fork to fork",
        cell="""
if os.fork() == 0:
    os.setsid()
    until = time.monotonic() + 6
    while time.monotonic() < until:
        if os.fork():
            os._exit(0)
        time.sleep(0.002)
    os._exit(0)
time.sleep(0.3)
""",
        tiers=EVERYWHERE,
    ),
    Attack(
        row=51,
        does="leaves ten that hop from fork to fork without a pause",
        cell="""
for _ in range(10):
    if os.fork() == 0:
        os.setsid()
        until = time.monotonic() + 15
        while time.monotonic() < until:
            if os.fork():
                os._exit(0)
        os._exit(0)
time.sleep(0.3)
""",
        ends=(UNHARMED, CROWDED),
    ),
    Attack(
        row=28,
        does="dies and leaves a daemon",
        cell="""
os.system(f"setsid sh -c 'sleep 300; : {world.mark}' >/dev/null 2>&1 &")
time.sleep(0.2)
os._exit(1)
""",
        ends=(DIED,),
    ),
)
