"""What machine this is, in one line. Linux only."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine() -> str:
    """Cores, processor, memory, system."""
    return (
        f"{os.cpu_count()} cores of {_entry('/proc/cpuinfo', 'model name')}, "
        f"{int(_entry('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB of memory, "
        f"{_system()}, Linux {platform.release()}"
    )


def _entry(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "0 (unknown)"


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()
