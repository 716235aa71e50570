"""nbclient with limits that lose nothing: a cell is interrupted, then killed; output is capped."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import nbformat
from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellTimeoutError, DeadKernelError

from grader.execution.cells import (
    GRACE_S,
    MOST_ANSWER_CHARS,
    MOST_OUTPUT_CHARS,
    MOST_OUTPUTS,
    KernelGoneError,
    Limits,
    Ran,
)

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

    from grader.isolation.launch import Ending
    from grader.kernels.jupyter import PrivateKernelManager

EMPTY_CELL: Final[dict[str, Any]] = {"cell_type": "code", "metadata": {}, "execution_count": None}
SHOWN = {"stream", "display_data", "execute_result", "update_display_data", "error"}


class CellRunner(NotebookClient):
    """Runs one cell after the other in one kernel."""

    def __init__(self, manager: AsyncKernelManager, limits: Limits) -> None:
        self._manager = manager
        super().__init__(
            nbformat.v4.new_notebook(),
            km=manager,
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            # See `outputs`: its way takes minutes for one long line, and no limit ends it.
            coalesce_streams=False,
            startup_timeout=60,
            iopub_timeout=4,
        )
        self._limits = limits
        self._deadline = time.monotonic() + limits.notebook_s
        self._limit_s: float | None = None
        self.answers_us = False
        self._timed_out = False
        self._cut = False
        self._chars = 0
        self._reply: dict[str, Any] = {}

    @property
    def out_of_time(self) -> bool:
        """Whether the notebook has used up its time."""
        return time.monotonic() >= self._deadline

    async def run(self, source: str, *, history: bool = True, limit_s: float | None = None) -> Ran:
        """Run `source`; raises KernelGoneError where the kernel does not survive it.

        What we ask ourselves leaves no `history` and prints nothing; `limit_s` takes the place of
        both limits.
        """
        self._limit_s = limit_s
        self.answers_us = not history
        # nbformat's own way of making a cell validates it against a schema, at 1 ms each.
        cell = nbformat.from_dict(EMPTY_CELL | {"source": source, "outputs": []})
        self.nb.cells.append(cell)
        self._timed_out = self._cut = False
        self._chars = 0
        self._reply = {}
        try:
            await self.async_execute_cell(cell, len(self.nb.cells) - 1, store_history=history)
        except (DeadKernelError, CellTimeoutError) as error:
            raise KernelGoneError(self._ran(cell)) from error
        except Exception as error:
            # What the kernel sent cannot be read, and there is no telling what comes next.
            raise KernelGoneError(self._ran(cell), garbled=True) from error
        return self._ran(cell)

    def _ran(self, cell: Any) -> Ran:
        outputs = list(cell.outputs)
        if self._reply.get("status") == "error" and not any(map(_is_error, outputs)):
            # The exception was not shown: hidden by the notebook, or lost on its way.
            told = {name: self._reply.get(name) for name in ("ename", "evalue", "traceback")}
            outputs.append(nbformat.from_dict({"output_type": "error", **told}))
        return Ran(tuple(outputs), self._timed_out, self._cut)

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: Any, cell_index: int) -> None:
        """Hear what the cell shows; between messages, limits of time get their turn.

        nbclient's own loop never yields while there are messages, so a flood outlasts every limit.
        """
        assert self.kc is not None  # noqa: S101 - a cell is running
        while True:
            message = await ensure_async(self.kc.iopub_channel.get_msg(timeout=None))
            await asyncio.sleep(0)
            if message["parent_header"].get("msg_id") == parent_msg_id:
                try:
                    self.process_message(message, cell, cell_index)
                except CellExecutionComplete:
                    return

    async def _check_raise_for_error(self, cell: Any, cell_index: int, exec_reply: Any) -> None:
        self._reply = (exec_reply or {}).get("content", {})
        await super()._check_raise_for_error(cell, cell_index, exec_reply)

    def _get_timeout(self, cell: Any) -> float:  # type: ignore[override]  # noqa: ARG002
        if self._limit_s is not None:
            return self._limit_s
        return max(0.05, min(self._limits.cell_s, self._deadline - time.monotonic()))

    async def _async_handle_timeout(self, timeout: float, cell: Any = None) -> None:
        self._timed_out = True
        await self._manager.interrupt_kernel()
        patience = time.monotonic() + GRACE_S
        while not await self._replied():
            if time.monotonic() > patience:
                await self._manager.shutdown_kernel(now=True)
                raise CellTimeoutError.error_from_timeout_and_cell("timed out", int(timeout), cell)
            await asyncio.sleep(0.02)

    async def _replied(self) -> bool:
        assert self.kc is not None  # noqa: S101 - a cell is running
        return bool(await ensure_async(self.kc.shell_channel.msg_ready()))

    def close(self) -> None:
        """Let go of the channels to the kernel."""
        if self.kc is not None:
            self.kc.stop_channels()

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Take one message of the kernel, unless the cell has said too much already."""
        if self.answers_us and msg["msg_type"] == "stream":
            # What a process of an earlier cell still prints must not drown an answer.
            return None
        if msg["msg_type"] in SHOWN:
            self._chars += _length(msg["content"])
            most = MOST_ANSWER_CHARS if self.answers_us else MOST_OUTPUT_CHARS
            if self._chars > most or len(cell.outputs) >= MOST_OUTPUTS:
                # Also an exception: the reply to the cell tells of it, whatever its length.
                self._cut = True
                return None
        return super().process_message(msg, cell, cell_index)


class JupyterKernel:
    """A kernel that jupyter_client starts, and nbclient speaks to."""

    def __init__(self, manager: PrivateKernelManager) -> None:
        self._manager = manager

    @property
    def ending(self) -> Ending | None:
        """How the kernel ended, and why, as far as that is known."""
        return self._manager.ending

    async def start(self, limits: Limits) -> CellRunner:
        """Start the kernel and what runs cells in it."""
        await self._manager.start_kernel()
        runner = CellRunner(self._manager, limits)
        await runner.async_start_new_kernel_client()
        return runner

    async def end(self) -> None:
        """End the kernel with all that it started; may be called again."""
        await self._manager.shutdown_kernel(now=True)


def _length(content: Any) -> int:
    """How many characters an output has, whichever of its fields they are in."""
    told = (content.get(name) for name in ("text", "data", "evalue", "traceback"))
    return sum(len(str(part)) for part in told if part)


def _is_error(output: Any) -> bool:
    return bool(output.output_type == "error")
