"""One look around in a room; tests/slow/isolation looks at each of its walls."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.isolation import limits
from grader.isolation.tiers import ROOM
from tests.kernels.keeping import told

LOOK = f"""
import os, resource, socket
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
seen = {{
    "interfaces": [name for _, name in socket.if_nameindex()],
    "files": [path for path in ("/etc/shadow", {__file__!r}) if os.path.exists(path)],
    "filtered": [status[name].strip() for name in ("Seccomp", "NoNewPrivs", "CapEff")],
    "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
    "others": [p for p in os.listdir("/proc") if p.isdigit() and int(p) > os.getpid()],
}}
"""


@pytest.mark.environment
@pytest.mark.usefixtures("sealed")
def test_there_is_nothing_in_a_room_to_reach_or_to_take() -> None:
    assert Path("/etc/shadow").exists()
    assert told("seen", ROOM, after=LOOK) == {
        "interfaces": ["lo"],
        "files": [],
        "filtered": ["2", "1", "0" * 16],
        "memory": limits.ADDRESS_SPACE,
        "others": [],
    }
