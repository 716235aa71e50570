"""One run of a plan in a kernel: what the notebook showed, and what was observed."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from grader.execution import harness
from grader.execution.cell_runner import CellRunner, KernelGoneError
from grader.execution.outputs import error_of, outputs_of
from grader.messages import Message, say
from grader.models import CellError, CellRun, Execution, Outcome, Step

if TYPE_CHECKING:
    from grader.execution.cell_runner import Limits, Ran
    from grader.kernels import KernelSource
    from grader.models import Cell, Plan

QUESTION_S = 30.0


class Run:
    """One run on its way: what has been shown and observed so far."""

    def __init__(self, plan: Plan, kernels: KernelSource, limits: Limits) -> None:
        self.plan = plan
        self.kernels = kernels
        self.limits = limits
        self.runs: list[CellRun] = []
        self.records: list[str] = []
        self.suspicions: list[Message] = []
        self.outcome = Outcome.COMPLETED

    async def execute(self) -> Execution:
        """Run every cell of the plan in a kernel of its own; a student's fault is a value."""
        began = time.perf_counter()
        manager = self.kernels.new_kernel()
        try:
            await manager.start_kernel()
            runner = CellRunner(manager, self.limits)
            await runner.async_start_new_kernel_client()
            try:
                await self._run_cells(runner)
            except KernelGoneError as gone:
                self._kernel_gone(gone.ran)
                if gone.garbled:
                    self.suspicions.append(
                        say("The kernel sent messages that cannot be read: a person has to look.")
                    )
            finally:
                runner.close()
        finally:
            await manager.shutdown_kernel(now=True)
        return Execution(
            outcome=self.outcome,
            runs=tuple(self.runs),
            records=tuple(self.records),
            isolation=self.kernels.isolation,
            duration_s=time.perf_counter() - began,
            error=next((run.error for run in self.runs if run.error is not None), None),
            suspicions=tuple(self.suspicions),
        )

    async def _run_cells(self, runner: CellRunner) -> None:
        opened = await runner.run(harness.opening(self.plan), history=False)
        if failed := error_of(0, opened.outputs):
            raise RuntimeError(f"the recorder did not start: {failed.name}: {failed.value}")
        for cell in self.plan.cells:
            if runner.out_of_time:
                self.outcome = Outcome.TIMED_OUT
                break
            await self._run_cell(runner, cell)
            if complete := self.plan.steps.get(cell.number):
                await self._observe(runner, complete)
        await self._observe(runner, (Step.RESULT,))
        if self.plan.transfer is not None and self.outcome is not Outcome.TIMED_OUT:
            seed = self.plan.probe_seed
            await self._ask(runner, harness.transfer_run(self.plan.transfer, seed, _token()))

    async def _run_cell(self, runner: CellRunner, cell: Cell) -> None:
        self.runs.append(CellRun(cell.number))
        self._note(cell, await runner.run(cell.source))

    def _note(self, cell: Cell, ran: Ran) -> None:
        error = error_of(cell.number, ran.outputs)
        if ran.timed_out:
            self.outcome = Outcome.TIMED_OUT
            error = CellError(cell.number, "TimedOut", "", "", error.line if error else None)
        elif error is not None and self.outcome is Outcome.COMPLETED:
            self.outcome = Outcome.RAISED
        if harness.speaks_for_us(ran.outputs):
            self.suspicions.append(
                say("Cell {cell} emitted a record in the recorder's name.", cell=cell.number)
            )
        self.runs[-1] = CellRun(cell.number, outputs_of(ran.outputs), error, ran.cut)

    async def _observe(self, runner: CellRunner, steps: tuple[Step, ...]) -> None:
        await self._ask(runner, harness.observe(steps, self.plan.probe_seed, _token()), len(steps))
        if Step.TRAIN in steps:
            await self._ask(runner, harness.plain_run(self.plan.epochs, _token()))

    async def _ask(self, runner: CellRunner, question: harness.Question, parts: int = 1) -> None:
        ran = await runner.run(question.source, history=False, limit_s=QUESTION_S)
        said = harness.answers(ran.outputs, question)
        if ran.timed_out:
            return  # training once more took too long: what it would have shown was not observed
        if len(said) == parts:
            self.records.extend(said)
        else:
            self.suspicions.append(
                say(
                    "The recorder gave {count} answers where {due} were due: a person has to look "
                    "at what this notebook does.",
                    count=len(said),
                    due=parts,
                )
            )

    def _kernel_gone(self, ran: Ran) -> None:
        self.outcome = Outcome.TIMED_OUT if ran.timed_out else Outcome.KERNEL_DIED
        if self.runs:
            cell = next(c for c in self.plan.cells if c.number == self.runs[-1].cell)
            name = "TimedOut" if ran.timed_out else "KernelDied"
            if self.runs[-1].error is None and not self.runs[-1].outputs:
                error = CellError(cell.number, name, "", "")
                self.runs[-1] = CellRun(cell.number, outputs_of(ran.outputs), error, ran.cut)


def _token() -> str:
    return secrets.token_hex(8)
