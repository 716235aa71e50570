"""Grades a made-up class with the real command, and says whether everything is as expected."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from demo.handing_in import Expected, hand_in
from demo.inspection import faults
from demo.roster import LESSONS, works

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.handing_in import HandedIn

ROOT: Final = Path(__file__).parent.parent
CLASS: Final = Path("build/demo/class")
REPORTS: Final = Path("reports/demo")
WITHHELD: Final = 1


def main() -> int:
    """Build the class, grade it, inspect the reports; 0 if everything is as expected, else 1."""
    class_ = hand_in(ROOT, works(), ROOT / CLASS)
    students = len({handed_in.work.student for handed_in in class_})
    print(f"{students} made-up students handed in {len(class_)} works: {CLASS}")
    command = _command()
    print("$ grader", *command[3:], flush=True)
    start_s = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    print(f"\nGraded in {time.monotonic() - start_s:.0f} s.")
    if code != WITHHELD:
        print(f"The grader ended with exit code {code}, not {WITHHELD}.", file=sys.stderr)
        return 1
    _explain(class_)
    found = faults(ROOT / REPORTS, class_)
    if found:
        print("\nNot as expected:", *found, sep="\n  ", file=sys.stderr)
        return 1
    _show_the_way()
    return 0


def _command() -> list[str]:
    where = [str(CLASS), "--out", str(REPORTS)]
    # The class is our own, so it may run on a machine that cannot shut it in.
    how = ["--jobs", "2", "--isolation", "best-effort"]
    return [sys.executable, "-m", "grader", "grade", *where, *how]


def _explain(class_: Sequence[HandedIn]) -> None:
    [unreadable] = _those(class_, Expected.UNREADABLE)
    [twice] = _those(class_, Expected.TO_CONFIRM)
    print(
        f"Two marks are withheld on purpose, which is why grade ended with 1: "
        f"{unreadable.path.relative_to(ROOT)} is {unreadable.work.form}, "
        f"and {twice.work.student} handed in {twice.work.form}."
    )


def _those(class_: Sequence[HandedIn], expected: Expected) -> list[HandedIn]:
    return [handed_in for handed_in in class_ if handed_in.expected is expected]


def _show_the_way() -> None:
    print(
        "Everything is as expected: right notebooks have 100 points, however they are written; "
        "untouched ones have 0, the others less than 100."
    )
    print("\nOpen in a browser:")
    for page in (REPORTS, *(REPORTS / lesson for lesson in LESSONS)):
        print(f"  {ROOT / page / 'index.html'}")


if __name__ == "__main__":
    sys.exit(main())
