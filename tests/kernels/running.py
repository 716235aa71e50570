"""Runs cells in a kernel of a source, the way the grader's notebooks are run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nbclient import NotebookClient
from nbformat import v4

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from grader.kernels import KernelSource

linux_only = pytest.mark.skipif(not Path("/proc").exists(), reason="kernels fork on Linux only")


def run_cells(source: KernelSource, *cells: str, timeout_s: float = 60) -> list[str]:
    """What each cell shows: its text, results in plain text, the names of its errors."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    asyncio.run(_run(source, notebook, timeout_s))
    return ["".join(map(_text, cell.outputs)).strip() for cell in notebook.cells]


def straggler(mark: str) -> str:
    """A cell that starts a process which leaves the kernel's session and loses its parent."""
    return f"import os; os.system('setsid sh -c \"sleep 1000; : {mark}\" & exit')"


def count_of(mark: str) -> str:
    """A cell that counts the processes with `mark` in their command lines."""
    return (
        "import time; time.sleep(0.2)\nfrom pathlib import Path\n"
        f"sum(b'{mark}' in each.read_bytes() for each in Path('/proc').glob('[0-9]*/cmdline'))"
    )


def processes_with(mark: str) -> list[str]:
    """The command lines of the processes, on the whole machine, that contain `mark`."""
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(entry.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return [line for line in lines if mark in line]


async def _run(source: KernelSource, notebook: NotebookNode, timeout_s: float) -> None:
    client = NotebookClient(notebook, km=source.new_kernel(), allow_errors=True, timeout=timeout_s)
    async with client.async_setup_kernel(cleanup_kc=True):
        for index, cell in enumerate(notebook.cells):
            await client.async_execute_cell(cell, index)


def _text(output: NotebookNode) -> str:
    kind = output["output_type"]
    if kind == "stream":
        return str(output["text"])
    if kind == "error":
        return str(output["ename"])
    return str(output["data"].get("text/plain", ""))
