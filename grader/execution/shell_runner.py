"""Runs notebooks without Jupyter, for students who look at their own work on their own machine.

A new interpreter with an IPython shell takes the place of a kernel. It is not shut in: whoever runs
a notebook of their own this way has run it before. Time is limited, as it is for a class.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from importlib import resources
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from grader.execution.cells import GRACE_S, Kernel, KernelGoneError, Limits, Ran
from grader.execution.events import Gathering
from grader.execution.running import Run
from grader.isolation.places import PrivateFolder
from grader.isolation.tiers import LEFT_OPEN, NONE
from grader.models import Isolation

if TYPE_CHECKING:
    from grader.isolation.launch import Ending
    from grader.models import Execution, Plan

ATTEMPTS: Final = 3
LONGEST_ANSWER: Final = 64 << 20


class AloneRunner:
    """Runs each notebook in a new interpreter; safe to use from several threads at once."""

    @property
    def isolation(self) -> Isolation:
        """Nothing is shut in."""
        return Isolation(NONE, LEFT_OPEN[NONE])

    def run(self, plan: Plan, limits: Limits) -> Execution:
        """Run every cell of the plan; a student's fault is a value."""
        began = time.perf_counter()
        for _ in range(ATTEMPTS):
            gathering = Gathering()
            kernel: Kernel = AloneKernel()
            asyncio.run(Run(plan, kernel, limits, gathering.take).execute())
            # Ended before its first cell, it was ended by the machine and not by the notebook.
            if gathering.runs or not plan.cells:
                break
        return gathering.execution(self.isolation, time.perf_counter() - began)

    def close(self) -> None:
        """Nothing is left running between two notebooks."""


class AloneKernel:
    """One interpreter with an IPython shell, in a folder of its own."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._folder: PrivateFolder | None = None

    @property
    def ending(self) -> Ending | None:
        """Nobody watches why it ends."""
        return None

    async def start(self, limits: Limits) -> AloneCells:
        """Start the interpreter."""
        self._folder = PrivateFolder()
        program = str(resources.files("grader.kernels") / "shell.py")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_ANSWER,
            env=self._folder.places.environment(),
            cwd=self._folder.places.work,
        )
        return AloneCells(self._process, limits)

    async def end(self) -> None:
        """End the interpreter, and remove its folder; may be called again."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._folder is not None:
            self._folder.remove()


class AloneCells:
    """Runs one cell after the other in that interpreter."""

    def __init__(self, process: asyncio.subprocess.Process, limits: Limits) -> None:
        self._process = process
        self._limits = limits
        self._deadline: float | None = None

    @property
    def out_of_time(self) -> bool:
        """Whether the notebook has used up its time, which begins with its first cell."""
        return self._deadline is not None and time.monotonic() >= self._deadline

    async def run(self, source: str, *, history: bool = True, limit_s: float | None = None) -> Ran:
        """Run `source`; raises KernelGoneError where the interpreter does not survive it."""
        if limit_s is None:
            limit_s = self._left()
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None  # noqa: S101, PT018 - both are pipes
        answer = asyncio.ensure_future(stdout.readline())
        timed_out = False
        try:
            stdin.write(json.dumps({"source": source, "history": history}).encode() + b"\n")
            await stdin.drain()
            await asyncio.wait({answer}, timeout=limit_s)
            if not answer.done():
                timed_out = True
                await self._interrupt(answer)
            said = json.loads(await answer)
        except (OSError, ValueError, asyncio.CancelledError) as error:
            # The line is empty or torn off where the interpreter ended.
            answer.cancel()
            raise KernelGoneError(Ran((), timed_out, cut=False)) from error
        return Ran(tuple(map(_output, said["outputs"])), timed_out, said["cut"])

    def _left(self) -> float:
        if self._deadline is None:
            self._deadline = time.monotonic() + self._limits.notebook_s
        return max(0.05, min(self._limits.cell_s, self._deadline - time.monotonic()))

    async def _interrupt(self, answer: asyncio.Future[bytes]) -> None:
        if os.name == "posix":
            import signal

            self._process.send_signal(signal.SIGINT)
            await asyncio.wait({answer}, timeout=GRACE_S)
        if not answer.done():
            self._process.kill()

    def close(self) -> None:
        """Its pipes are closed with the interpreter."""


class _Output(SimpleNamespace):
    """An output as nbformat's own are read: by attribute, or as a mapping."""

    def get(self, name: str, default: Any = None) -> Any:
        return getattr(self, name, default)


def _output(said: dict[str, Any]) -> _Output:
    return _Output(**said)
