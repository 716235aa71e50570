"""Finds out how well this machine can shut kernels in: by shutting something in."""

from __future__ import annotations

import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.isolation.launch import ENDED, FAILED, MESSAGE_BYTES, READY, Ending, Launch
from grader.isolation.places import PrivateFolder
from grader.isolation.students import could_work
from grader.isolation.tiers import (
    CLOSED_BY_ANOTHER_USER,
    LANDLOCK,
    LEFT_OPEN,
    NONE,
    ROOM,
    ROOM_HOME,
    TIERS,
)
from grader.isolation.visible import Hidden, readable, view
from grader.kernels.booting import start_program
from grader.models import Isolation

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE_S: Final = 30.0
NOTHING: Final = Hidden()


def best_isolation(tiers: Sequence[str] = TIERS, hidden: Hidden = NOTHING) -> Isolation:
    """The first of these tiers that works here; `why` says what the better ones failed with.

    None works in which a folder can be seen that is wanted hidden.
    """
    reasons: list[str] = []
    for tier in tiers:
        failure = _failure(tier, hidden)
        if failure is None:
            return Isolation(tier, _left_open(tier), "; ".join(reasons))
        reasons.append(f"{tier}: {failure}")
    return Isolation(NONE, LEFT_OPEN[NONE], "; ".join(reasons))


def seen_in(tier: str, hidden: Hidden) -> tuple[Path, ...]:
    """The folders that students' code would see in a tier, though they are wanted hidden."""
    if tier == ROOM:
        return view(hidden).exposed
    # Landlock can cover nothing.
    return hidden.wanted if tier == LANDLOCK else ()


def _left_open(tier: str) -> tuple[str, ...]:
    if tier == LANDLOCK and could_work((*readable(), Path(tempfile.gettempdir()))):
        return tuple(gap for gap in LEFT_OPEN[tier] if gap not in CLOSED_BY_ANOTHER_USER)
    return LEFT_OPEN[tier]


def _failure(tier: str, hidden: Hidden) -> str | None:
    """Why a program cannot be started in a tier; None if it can."""
    if sys.platform != "linux":
        return None if tier == NONE else sys.platform
    if seen := seen_in(tier, hidden):
        return f"{', '.join(map(str, seen))} can be read in it"
    folder = PrivateFolder()
    home = ROOM_HOME if tier == ROOM else str(folder.path)
    launch = Launch(("/bin/true",), {}, home, tier, "")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(PATIENCE_S)
    with ours, theirs:
        keeper = start_program("grader.kernels.keeper", theirs, told=hidden.encode())
        theirs.close()
        try:
            ours.send(launch.encode())
            answer = ours.recv(MESSAGE_BYTES)
        except OSError as error:
            answer = f"{FAILED.decode()} {error}".encode()
    keeper.wait()
    folder.remove()
    if answer == READY or (answer.startswith(ENDED) and Ending.decode(answer).status == 0):
        return None
    word, _, reason = answer.decode(errors="replace").partition(" ")
    return reason if word == FAILED.decode() else f"its program ended: {answer.decode()}"
