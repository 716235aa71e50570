"""Drives one notebook: starts its kernel, runs its cells, and tells what is shown and observed.

On Linux in a process of its own (see `driver_host`); elsewhere in the grader's.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING

from grader.errors import KernelGoneError, KernelLostError
from grader.execution import harness
from grader.execution.cells import Ran
from grader.execution.events import (
    EVENT,
    TASK,
    Broke,
    CellBegan,
    CellEnded,
    Ended,
    Lost,
    Recorded,
    Suspected,
)
from grader.execution.outputs import Showing, error_of, outputs_of
from grader.language.messages import say
from grader.models import CellError, CellRun, Outcome, Step
from grader.submission.reaching import reaches

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from grader.execution.cells import Cells, Kernel, Limits
    from grader.execution.events import Event
    from grader.models import Cell, Output, Plan, Transfer

QUESTION_S = 30.0
OPENING_S = 120.0  # where torch is not loaded yet, on a slow disk
OUTCOME_OF_LIMIT = {"memory": Outcome.OUT_OF_MEMORY, "processes": Outcome.KERNEL_DIED}
NAME_OF_LIMIT = {"memory": "OutOfMemory", "processes": "TooManyProcesses"}


def drive(speaking: socket.socket, line: socket.socket) -> None:
    """Do the one task that the grader sends, reporting event by event."""

    grader = speaking.makefile("rwb")

    def tell(event: Event) -> None:
        grader.write(EVENT.dump_json(event) + b"\n")
        grader.flush()

    # Whoever looks at a notebook without Jupyter needs a Run, and none of this.
    from grader.execution.jupyter_cells import JupyterKernel
    from grader.kernels.jupyter import kernel_manager

    try:
        task = TASK.validate_json(grader.readline())
        kernel = JupyterKernel(kernel_manager(line, task.tier))
        asyncio.run(Run(task.plan, kernel, task.limits, tell, prepared=task.prepared).execute())
    except Exception as error:
        tell(Broke(f"{type(error).__name__}: {error}"))


class Run:
    """One run in progress."""

    def __init__(
        self,
        plan: Plan,
        kernel: Kernel,
        limits: Limits,
        tell: Callable[[Event], None],
        *,
        prepared: bool = False,
    ) -> None:
        self.plan = plan
        self.kernel = kernel
        self.limits = limits
        self.tell = tell
        self.prepared = prepared
        self.outcome = Outcome.COMPLETED
        self.running: Cell | None = None
        self.begun = False
        self.asked_s = 0.0
        self.room = Showing()

    async def execute(self) -> None:
        """Run every cell of the plan; a student's fault is reported, not raised."""
        began = time.perf_counter()
        try:
            await self._execute()
        except KernelLostError:
            self.tell(Lost())
        else:
            self.tell(Ended(self.outcome, time.perf_counter() - began))
        finally:
            await self.kernel.end()

    async def _execute(self) -> None:
        runner = await self.kernel.start(self.limits)
        try:
            await self._open(runner)
            await self._run_cells(runner)
        except KernelGoneError as gone:
            self._kernel_gone(gone)
        except Exception:
            if not self.begun:
                raise
            # Whatever a student's kernel sends must not break the grader.
            self._kernel_gone(KernelGoneError(garbled=True))
        finally:
            runner.close()

    async def _open(self, runner: Cells) -> None:
        opening = harness.opening(self.plan, prepared=self.prepared)
        opened = await runner.run(opening, history=False, limit_s=OPENING_S)
        if failed := error_of(0, opened.outputs):
            raise RuntimeError(f"the recorder did not start: {failed.name}: {failed.value}")

    async def _run_cells(self, runner: Cells) -> None:
        for cell in self.plan.cells:
            if runner.out_of_time:
                self.outcome = Outcome.TIMED_OUT
                break
            await self._run_cell(runner, cell)
            if complete := self.plan.complete_after(cell.number):
                await self._observe(runner, complete)
                if Step.TRAIN in complete:
                    # What the training showed is told before a loop of ours is there to be found.
                    await self._observe(runner, (), plain=self.plan.epochs)
        in_time = self.outcome is not Outcome.TIMED_OUT
        await self._observe(runner, (Step.RESULT,), self.plan.transfer if in_time else None)

    async def _run_cell(self, runner: Cells, cell: Cell) -> None:
        self.begun = True
        self.tell(CellBegan(cell.number))
        self.running = cell
        ran = await self._ran(runner, cell)
        error = error_of(cell.number, ran.outputs)
        if ran.timed_out:
            self.outcome = Outcome.TIMED_OUT
            error = CellError(cell.number, "TimedOut", "", "", error.line if error else None)
        elif error is not None and self.outcome is Outcome.COMPLETED:
            self.outcome = Outcome.RAISED
        if harness.speaks_for_us(ran.outputs):
            self.tell(
                Suspected(
                    say("Cell {cell} emitted a record in the recorder's name.", cell=cell.number)
                )
            )
        for way in harness.reached(ran.outputs):
            self.tell(Suspected(reaches(cell.number, way)))
        shown, cut = self._shown(ran)
        self.tell(CellEnded(CellRun(cell.number, shown, error, ran.cut or cut)))
        self.running = None

    async def _ran(self, runner: Cells, cell: Cell) -> Ran:
        if cell.number not in self.plan.stand_ins:
            return await runner.run(cell.source)
        ran = await runner.run(harness.stand_in(cell), history=False)
        await runner.run(harness.NOTHING, history=False, limit_s=QUESTION_S)
        return ran

    def _shown(self, ran: Ran) -> tuple[tuple[Output, ...], bool]:
        """What a cell showed, and whether there was more than there is room for.

        If the reference's cells are in the same process, it is not shown.
        """
        return ((), False) if self.plan.stand_ins else self.room.take(outputs_of(ran.outputs))

    async def _observe(
        self,
        runner: Cells,
        steps: tuple[Step, ...],
        transfer: Transfer | None = None,
        *,
        plain: int | None = None,
    ) -> None:
        question = harness.observe(
            steps,
            self.plan.probe_seed,
            secrets.token_hex(8),
            plain=plain,
            transfer=transfer,
            stand_ins=self.plan.stand_ins,
        )
        left_s = self.limits.asking_s - self.asked_s
        if left_s <= 0:
            late = say(
                "Observing what this notebook does took too long: an instructor has to look."
            )
            self.tell(Suspected(late))
            return
        began = time.monotonic()
        ran = await runner.run(question.source, history=False, limit_s=min(QUESTION_S, left_s))
        said = harness.answers(ran.outputs, question)
        self.asked_s += time.monotonic() - began
        due = question.parts
        for record in said[:due]:
            self.tell(Recorded(record))
        # Training once more may take too long: what it would have shown was not observed.
        if len(said) != due and not ran.timed_out:
            self.tell(
                Suspected(
                    say(
                        "The recorder gave {count} answers where {due} were expected: an "
                        "instructor has to look at what this notebook does.",
                        count=len(said),
                        due=due,
                    )
                )
            )

    def _kernel_gone(self, gone: KernelGoneError) -> None:
        """The kernel died, or was ended: of which cell that is the error, if of any."""
        cause = self.kernel.ending.cause if self.kernel.ending else ""
        if cause == "lost":
            raise KernelLostError from gone
        ran = Ran(gone.outputs, gone.timed_out, gone.cut)
        limit = Outcome.TIMED_OUT if ran.timed_out else Outcome.KERNEL_DIED
        self.outcome = OUTCOME_OF_LIMIT.get(cause, limit)
        if self.running is not None:
            name = "TimedOut" if ran.timed_out else "KernelDied"
            error = CellError(self.running.number, NAME_OF_LIMIT.get(cause, name), "", "")
            shown, cut = self._shown(ran)
            self.tell(CellEnded(CellRun(self.running.number, shown, error, ran.cut or cut)))
        if gone.garbled:
            self.tell(
                Suspected(
                    say("The kernel sent messages that cannot be read: an instructor has to look.")
                )
            )
