"""What watching costs: a training loop of 100 epochs with the recorder and without, in turn.

Run it with `.venv/bin/python -m benchmarks.watching`.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import nbformat
from nbclient import NotebookClient

from grader.execution.cells import Limits
from grader.execution.planning import plan_run
from grader.execution.runner import notebook_runner
from grader.models import Cell, CellKind, Plan, Step, Submission

if TYPE_CHECKING:
    from grader.execution.runner import NotebookRunner

ROUNDS = 5
MOST = 2.0
DATA = """
import time
import torch
from torch import nn
X = torch.arange(0, 5, dtype=torch.float32).view(-1, 1)
y = 2 * X + 1
"""
TRAIN = """
model, loss_fn = nn.Linear(1, 1), nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
best = float("inf")
for _ in range(9):
    losses = []
    began = time.perf_counter()
    for epoch in range(100):
        y_pred = model(X)
        loss = loss_fn(y_pred, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    best = min(best, time.perf_counter() - began)
print(best)
"""


def watched_s(runner: NotebookRunner) -> float:
    """Seconds for the loop in a run of ours."""
    submission = Submission(
        student="benchmark",
        assignment="benchmark",
        language="en",
        path=Path("benchmark.ipynb"),
        sha256="",
        cells=(Cell(1, CellKind.CODE, DATA), Cell(2, CellKind.CODE, TRAIN)),
        steps={Step.DATA: (1,), Step.TRAIN: (2,)},
    )
    plan: Plan = plan_run(submission, seed=0, epochs=100, formula="X")
    execution = runner.run(plan, Limits())
    return float(execution.runs[1].outputs[0].content)


def plain_s() -> float:
    """Seconds for the loop under nbclient alone, on one thread as ours."""
    return asyncio.run(_plain_s())


async def _plain_s() -> float:
    cells = [nbformat.v4.new_code_cell(source) for source in (DATA, TRAIN)]
    client = NotebookClient(nbformat.v4.new_notebook(cells=cells), kernel_name="python3")
    async with client.async_setup_kernel(env=os.environ | {"OMP_NUM_THREADS": "1"}):
        for place, cell in enumerate(client.nb.cells):
            await client.async_execute_cell(cell, place)
    return float(client.nb.cells[1].outputs[0].text)


def main() -> None:
    """Print each round and the median ratio."""
    runner = notebook_runner()
    ratios = []
    try:
        for _ in range(ROUNDS):
            plain, watched = plain_s(), watched_s(runner)
            ratios.append(watched / plain)
            print(f"plain {plain * 1e3:5.1f} ms   watched {watched * 1e3:5.1f} ms")  # noqa: T201
    finally:
        runner.close()
    print(f"median ratio {median(ratios):.2f} (wanted: at most {MOST})")  # noqa: T201


if __name__ == "__main__":
    main()
