"""Builds notebooks in memory, so that a test shows just the cells it is about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode, v4

from grader.models import CODE_STEPS, Step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class StepTexts:
    """The code of the five steps, without their marker lines."""

    data: str
    model: str
    loss: str
    optimizer: str
    train: str

    def of(self, step: Step) -> str:
        return str(getattr(self, step.value))


SETUP = "import torch\nfrom torch import nn"

EXACT_LINE = StepTexts(
    data="X = torch.arange(0, 5, dtype=torch.float32).view(-1, 1)\ny = 2 * X + 1",
    model="model = nn.Linear(1, 1)",
    loss="loss_fn = nn.MSELoss()",
    optimizer="optimizer = torch.optim.SGD(model.parameters(), lr=0.01)",
    train="""epochs = 100
losses = []
for epoch in range(epochs):
    prediction = model(X)
    loss = loss_fn(prediction, y)
    losses.append(loss.item())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()""",
)

STUBS = StepTexts(
    data="X = ...\ny = ...",
    model="model = ...",
    loss="loss_fn = ...",
    optimizer="optimizer = ...",
    train="epochs = 100\nlosses = []\nfor epoch in range(epochs):\n    ...",
)

LOOKS = StepTexts(
    data="X",
    model="shown = model\nshown",
    loss="loss_fn",
    optimizer="optimizer",
    train="losses[-1] if losses else 'not done yet'",
)


def code(source: str, *, id: str | None = None, metadata: object = None) -> NotebookNode:  # noqa: A002
    """A code cell without outputs."""
    cell: NotebookNode = v4.new_code_cell(source, metadata=nbformat.from_dict(metadata or {}))
    if id is not None:
        cell.id = id
    return cell


def markdown(text: str, *, id: str | None = None) -> NotebookNode:  # noqa: A002
    """A markdown cell."""
    cell: NotebookNode = v4.new_markdown_cell(text)
    if id is not None:
        cell.id = id
    return cell


def step_cell(step: Step | str, body: str) -> NotebookNode:
    """A step's editable cell with all four marks: metadata, tag, id and marker line."""
    name = Step(step).value
    return code(
        f"# === {name} ===\n{body}",
        id=f"{name}-todo",
        metadata={"grader": {"step": name}, "tags": [f"step:{name}"]},
    )


def notebook(
    *cells: NotebookNode | str,
    assignment: str | None = "01_exact_line",
    language: str | None = "en",
) -> NotebookNode:
    """A notebook of these cells (plain text is a code cell); without `assignment` it names none.

    Plain text gets its place as its id: nbformat's random ids have 32 bits, and among
    thousands of cells two are now and then the same.
    """
    built: NotebookNode = v4.new_notebook(
        cells=[
            code(cell, id=f"cell-{place}") if isinstance(cell, str) else cell
            for place, cell in enumerate(cells)
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )
    if assignment is not None:
        built.metadata["grader"] = {"assignment": assignment, "lang": language, "format": 1}
    return built


def lesson(
    texts: StepTexts = EXACT_LINE,
    *,
    assignment: str | None = "01_exact_line",
    language: str | None = "en",
    **replaced: str,
) -> NotebookNode:
    """A whole lesson as released: setup, then goal, step cell and look-cell for each step.

    `lesson()` is solved, `lesson(STUBS)` untouched, `lesson(train="...")` has its own train cell.
    """
    cells = [code(SETUP, id="setup")]
    for step in CODE_STEPS:
        cells += [
            markdown(f"## {step.value.title()}", id=f"goal-{step.value}"),
            step_cell(step, replaced.get(step.value, texts.of(step))),
            code(LOOKS.of(step), id=f"look-{step.value}"),
        ]
    return notebook(*cells, assignment=assignment, language=language)


def save(built: NotebookNode, path: Path) -> Path:
    """Write the notebook to `path`, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Plain JSON: nbformat would refuse the doubled ids that some tests are about.
    path.write_text(json.dumps(built, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def save_all(built: NotebookNode, paths: Iterable[Path]) -> tuple[Path, ...]:
    """Write the same notebook to every path."""
    return tuple(save(built, path) for path in paths)
