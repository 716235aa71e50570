"""Attacks by output: too much of it, too large, or dangerous to whoever looks at it."""

from __future__ import annotations

from grader.isolation.tiers import LANDLOCK, NONE, ROOM
from tests.slow.attacks.attack import DIED, OUT_OF_MEMORY, TIMED_OUT, UNHARMED, Attack, raised

EVERYWHERE = (ROOM, LANDLOCK, NONE)

TALKING = (
    Attack(
        row=15,
        does="prints for ever",
        cell="while True: print('x' * 1000)",
        ends=(TIMED_OUT,),
        cell_s=2.0,
        cut=True,
        tiers=EVERYWHERE,
    ),
    Attack(
        row=15,
        does="has a program print for ever",
        cell="!yes {'x' * 1000}",
        ends=(TIMED_OUT,),
        cell_s=2.0,
        cut=None,
        tiers=(ROOM,),  # Landlock's tier has no terminal for it
    ),
    Attack(
        row=16,
        does="prints one line of 300 MB",
        cell="print('x' * 300_000_000)",
        # Who hears it may take no more than a gigabyte for it, and gives the run up first.
        ends=(UNHARMED, raised("MemoryError"), DIED),
        cut=None,
        suspected=None,
    ),
    Attack(
        row=16,
        does="prints one line of a gigabyte",
        cell="print('x' * 1_000_000_000)",
        ends=(UNHARMED, raised("MemoryError"), DIED, OUT_OF_MEMORY),
        cut=None,
        tiers=(ROOM,),
    ),
    Attack(
        row=16,
        does="shows twenty things of 15 MB",
        cell="""
from IPython.display import HTML, display

for _ in range(20):
    display(HTML("x" * 15_000_000))
""",
        cut=True,
    ),
    Attack(
        row=16,
        does="raises an error with 30 MB to say",
        cell="raise ValueError('x' * 30_000_000)",
        ends=(raised("ValueError"), raised("UnicodeEncodeError")),
        cut=None,
    ),
    Attack(
        row=17,
        does="shows sixty thousand things",
        cell="""
from IPython.display import display

for number in range(60_000):
    display(number)
""",
        ends=(UNHARMED, TIMED_OUT),
        cell_s=10.0,
        cut=True,
    ),
    Attack(
        row=17,
        does="changes what it showed, ten thousand times",
        cell="""
from IPython.display import clear_output, display

shown = display(0, display_id=True)
for number in range(10_000):
    shown.update("x" * 1000)
    clear_output(wait=True)
""",
        ends=(UNHARMED, TIMED_OUT),
        cell_s=3.0,
        cut=None,
    ),
    Attack(
        row=16,
        does="prints from a process that outlives its cell",
        cell="""
if os.fork() == 0:
    until = time.monotonic() + 1
    while time.monotonic() < until:
        os.write(1, b"x" * 1000)
    os._exit(0)
""",
        cut=None,
    ),
    Attack(
        row=42,
        does="prints what is no text",
        cell="""
print("lone \\ud800 surrogate \\udfff and \\x00 \\x1b[2J \\x07")
sys.stdout.flush()
print("said")
""",
        ends=(UNHARMED, raised("UnicodeEncodeError")),
        cut=None,
    ),
    Attack(
        row=42,
        does="raises an error that is no text",
        cell="raise ValueError('\\ud800 lone \\udfff')",
        ends=(raised("ValueError"), raised("UnicodeEncodeError")),
        cut=None,
    ),
    Attack(
        row=42,
        does="shows what is no text",
        cell="""
from IPython.display import HTML, display

display(HTML("<b>\\ud800</b>"))
""",
        ends=(UNHARMED, raised("UnicodeEncodeError"), raised("")),
        cut=None,
    ),
)
