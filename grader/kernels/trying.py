"""Finds out how well this machine can shut kernels in: by shutting something in."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Final

from grader.kernels.booting import start_program
from grader.kernels.launch import ENDED, FAILED, MESSAGE_BYTES, READY, Ending, Launch
from grader.kernels.places import PrivateFolder
from grader.kernels.tiers import LEFT_OPEN, NONE, ROOM, ROOM_HOME, TIERS
from grader.models import Isolation

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE_S: Final = 30.0


def best_isolation(tiers: Sequence[str] = TIERS) -> Isolation:
    """The first of these tiers that works here; `why` says what the better ones failed with."""
    reasons: list[str] = []
    for tier in tiers:
        failure = _failure(tier)
        if failure is None:
            return Isolation(tier, LEFT_OPEN[tier], "; ".join(reasons))
        reasons.append(f"{tier}: {failure}")
    return Isolation(NONE, LEFT_OPEN[NONE], "; ".join(reasons))


def _failure(tier: str) -> str | None:
    """Why a program cannot be started in a tier; None if it can."""
    if sys.platform != "linux":
        return None if tier == NONE else sys.platform
    folder = PrivateFolder()
    home = ROOM_HOME if tier == ROOM else str(folder.path)
    launch = Launch(("/bin/true",), {}, home, tier, "")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(PATIENCE_S)
    with ours, theirs:
        keeper = start_program("grader.kernels.keeper", theirs)
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
