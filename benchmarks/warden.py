"""A program that runs a command, adopts all that it leaves behind, and tells what it took.

Runs by itself, without any of our modules: `warden.py FD COMMAND...` writes one JSON object to the
descriptor FD when the last descendant of the command has ended. Linux only.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
STRAGGLERS_S = 10.0


def main() -> None:
    """Run the command that the arguments give."""
    report = int(sys.argv[1])
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.perf_counter()
    process = subprocess.Popen(sys.argv[2:])
    _, status, own = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - began
    orphans_s, left = reap_orphans()
    told = {
        "exit_code": process.returncode,
        "wall_s": wall_s,
        "reaped_s": own.ru_utime + own.ru_stime + orphans_s,
        "largest_mib": own.ru_maxrss / 1024,
        "left": left,
    }
    os.write(report, json.dumps(told).encode())


def reap_orphans() -> tuple[float, list[int]]:
    """CPU seconds of what the command left running, and the children that do not come to an end."""
    seconds, deadline = 0.0, time.monotonic() + STRAGGLERS_S
    while time.monotonic() < deadline:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return seconds, []
        if pid:
            seconds += usage.ru_utime + usage.ru_stime
        else:
            time.sleep(0.01)
    me = os.getpid()
    children = Path(f"/proc/{me}/task/{me}/children").read_text()
    return seconds, [int(pid) for pid in children.split()]


if __name__ == "__main__":
    main()
