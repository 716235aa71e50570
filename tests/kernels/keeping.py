"""Has a keeper start a small program as it starts a kernel, and hears what it says."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.isolation.launch import ENDED, FAILED, MESSAGE_BYTES, READY, Ending, Launch
from grader.isolation.places import Places, PrivateFolder
from grader.isolation.tiers import NONE, ROOM, ROOM_HOME
from grader.isolation.visible import Hidden
from grader.kernels.booting import start_program

if TYPE_CHECKING:
    from types import TracebackType

PATIENCE_S = 30.0
NOTHING = Hidden()


class Kept:
    """A Python program that a keeper looks after, seen from where its driver would be.

    `limits` is code that sets other limits in the keeper first: theirs are too generous for a test.
    """

    def __init__(
        self, source: str, tier: str = NONE, *, limits: str = "", hidden: Hidden = NOTHING
    ) -> None:
        self._folder = PrivateFolder()
        self._log = Path(tempfile.mkstemp(prefix="grader-said-")[1])
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.line.settimeout(PATIENCE_S)
        with theirs:
            self.keeper = _start(theirs, self._log, limits, hidden)
        home = ROOM_HOME if tier == ROOM else str(self._folder.path)
        environment = Places(Path(home)).environment()
        argv = (sys.executable, "-c", source)
        self.line.send(Launch(argv, environment, home, tier, "how to reach it").encode())

    def __enter__(self) -> Kept:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.line.close()
        self.keeper.wait(PATIENCE_S)
        self._folder.remove()
        self._log.unlink()

    @property
    def said(self) -> str:
        """What the program has written to its standard error so far."""
        return self._log.read_text("utf-8")

    def hear(self, words: str) -> None:
        """Wait until the program has said `words`."""
        deadline = time.monotonic() + PATIENCE_S
        while words not in self.said:
            assert time.monotonic() < deadline, self.said
            time.sleep(0.005)

    def failure(self) -> str:
        """Wait for the keeper to say why the program could not be started."""
        word, _, reason = self.line.recv(MESSAGE_BYTES).partition(b" ")
        assert word == FAILED
        return reason.decode()

    def ending(self) -> Ending:
        """Wait for the program's end."""
        report = self.line.recv(MESSAGE_BYTES)
        if report == READY:
            report = self.line.recv(MESSAGE_BYTES)
        assert report.startswith(ENDED), report
        return Ending.decode(report)


def told(expression: str, tier: str = NONE, *, after: str = "", hidden: Hidden = NOTHING) -> Any:
    """What `expression` is in a program behind the walls of `tier`, once it has run `after`."""
    source = f"{after}\nimport json, sys\nsys.stderr.write(json.dumps({expression}))"
    with Kept(source, tier, hidden=hidden) as it:
        ending = it.ending()
        assert ending == Ending(0), it.said
        return json.loads(it.said)


def _start(
    theirs: socket.socket, log: Path, limits: str, hidden: Hidden
) -> subprocess.Popen[bytes]:
    program = "grader.kernels.keeper"
    if not limits:
        return start_program(program, theirs, log=log, told=hidden.encode())
    imports = "from grader.isolation import limits\nfrom grader.kernels import keeper"
    code = f"{imports}\n{limits}\nkeeper.main()"
    with log.open("wb") as errors:
        return subprocess.Popen(
            [sys.executable, "-c", code, str(theirs.fileno())],
            stderr=errors,
            pass_fds=[theirs.fileno()],
        )
