"""Makes the handout that students receive out of a reference.

In a reference, each step's cell holds its solution in a region, and in the same region the stub
that takes its place in the handout, commented out so that the reference runs:

    ### BEGIN SOLUTION
    X = torch.arange(0, 5)
    ### STUB
    # X = ...  # TODO: the five cards
    ### END SOLUTION

The handout keeps `X = ...  # TODO: the five cards` alone. All cells but the steps' are locked.
"""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from itertools import pairwise
from typing import TYPE_CHECKING

import nbformat

from grader.errors import AssignmentError
from grader.messages import say
from grader.models import CODE_STEPS, Step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbformat import NotebookNode

    from grader.messages import Message

MARKS = BEGIN, STUB, END = "### BEGIN SOLUTION", "### STUB", "### END SOLUTION"


def release(reference: NotebookNode, name: str = "reference") -> NotebookNode:
    """Give the handout of `reference`, which errors call `name`.

    AssignmentError where a region or a mark is wrong.
    """
    _require_identity(reference, name)
    handout = deepcopy(reference)
    for cell in handout.cells:
        place = _Place(name, cell.id)
        step = _step(cell, place)
        cell.metadata["deletable"] = False
        if step is None:
            cell.metadata["editable"] = False
        else:
            cell.source = _with_stubs(cell.source, place)
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    return handout


def write_handouts(solutions: Path, assignments: Path, assignment_id: str) -> tuple[Path, ...]:
    """Write the handout of every reference of the assignment; gives their paths."""
    handouts = dict(_handouts(solutions, assignments, assignment_id))
    for path, text in handouts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return tuple(handouts)


def drifted(solutions: Path, assignments: Path, assignment_id: str) -> tuple[Path, ...]:
    """The handouts that are missing or are not what their references give."""
    return tuple(
        path
        for path, text in _handouts(solutions, assignments, assignment_id)
        if not path.is_file() or path.read_bytes() != text.encode()
    )


def _handouts(solutions: Path, assignments: Path, assignment_id: str) -> Iterator[tuple[Path, str]]:
    references = sorted((solutions / assignment_id).glob("reference.*.ipynb"))
    if not references:
        raise AssignmentError(
            say(
                "{folder} has no reference. Put the solved notebook there as reference.zh.ipynb.",
                folder=str(solutions / assignment_id),
            )
        )
    for path in references:
        language = path.name.split(".")[1]
        reference = _read(path)
        _require_metadata(reference, str(path), assignment_id, language)
        handout = nbformat.v4.writes(release(reference, str(path))).rstrip("\n") + "\n"
        yield assignments / assignment_id / f"handout.{language}.ipynb", handout


def _read(path: Path) -> NotebookNode:
    # nbformat.read would mend missing or doubled ids at random; they must be reported instead.
    try:
        notebook: NotebookNode = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        nbformat.validate(notebook)
    except (
        json.JSONDecodeError,
        UnicodeDecodeError,
        AttributeError,
        nbformat.ValidationError,
    ) as e:
        raise AssignmentError(
            say(
                "{name} is not a notebook of format 4.5: {problem}. Save it again from Jupyter.",
                name=str(path),
                problem=str(e).splitlines()[0],
            )
        ) from e
    return notebook


def _require_metadata(
    reference: NotebookNode, name: str, assignment_id: str, language: str
) -> None:
    expected = {"assignment": assignment_id, "lang": language, "format": 1}
    if reference.metadata.get("grader") != expected:
        raise AssignmentError(
            say(
                "{name}: the notebook's metadata must say grader = {expected}. "
                "Correct it under the notebook's properties.",
                name=name,
                expected=json.dumps(expected),
            )
        )


def _require_identity(reference: NotebookNode, name: str) -> None:
    """Every cell has an id of its own, and every step exactly one cell."""
    for identity, count in Counter(cell.get("id") for cell in reference.cells).items():
        if identity is None:
            raise AssignmentError(
                say("{name}: a cell has no id. Give every cell an id of its own.", name=name)
            )
        if count > 1:
            raise _Place(name, identity).wrong(
                say("{count} cells have this id. Give each its own.", count=count)
            )
    found = Counter(cell.metadata.get("grader", {}).get("step") for cell in reference.cells)
    for step in CODE_STEPS:
        if found[step] != 1:
            raise AssignmentError(
                say(
                    "{name}: step {step} has {count} cells, and must have one. "
                    'Mark one cell with the metadata grader = {{"step": "{step}"}}.',
                    name=name,
                    step=step.value,
                    count=found[step],
                )
            )


class _Place:
    """Where in which notebook something is wrong."""

    def __init__(self, notebook: str, cell: str) -> None:
        self._notebook = notebook
        self._cell = cell

    def wrong(self, problem: Message) -> AssignmentError:
        """The error that says so."""
        return AssignmentError(
            say(
                '{notebook}, cell "{cell}": {problem}',
                notebook=self._notebook,
                cell=self._cell,
                problem=problem,
            )
        )


def _step(cell: NotebookNode, place: _Place) -> Step | None:
    """The step that the cell is for; all four marks of it must be there, or none."""
    name = cell.metadata.get("grader", {}).get("step")
    if name is not None and name not in tuple(CODE_STEPS):
        raise place.wrong(
            say(
                "there is no step {step}. The steps are data, model, loss, optimizer and train.",
                step=str(name),
            )
        )
    lines = cell.source.splitlines()
    if name is None:
        if any(line.strip() in MARKS for line in lines):
            raise place.wrong(
                say(
                    "a solution stands outside a step. "
                    'Give the cell the metadata grader = {{"step": ...}}.'
                )
            )
        return None
    step = Step(name)
    if f"step:{step}" not in cell.metadata.get("tags", []):
        raise place.wrong(say("the tag step:{step} is missing. Add it.", step=step.value))
    if not cell.id.startswith(f"{step}-"):
        raise place.wrong(say("the id must begin with {step}-. Rename it.", step=step.value))
    if lines[:1] != [f"# === {step} ==="]:
        raise place.wrong(
            say("the first line must be # === {step} ===. Put it there.", step=step.value)
        )
    return step


def _with_stubs(source: str, place: _Place) -> str:
    """The cell's source with each region replaced by its stub."""
    lines = source.splitlines()
    _require_regions(lines, place)
    kept: list[str] = []
    passed = END
    for line in lines:
        if line.strip() in MARKS:
            passed = line.strip()
        elif passed == STUB:
            kept.append(_uncommented(line, place))
        elif passed == END:
            kept.append(line)
    return "\n".join(kept)


def _require_regions(lines: list[str], place: _Place) -> None:
    """The marks come one after the other, as often as need be, and each stub says something."""
    due = BEGIN
    for line, next_line in pairwise([*lines, ""]):
        mark = line.strip()
        if mark not in MARKS:
            continue
        if mark != due:
            raise place.wrong(
                say(
                    "{mark} stands where {due} is due. A region goes {begin}, {stub}, {end}, "
                    "and holds no other.",
                    mark=mark,
                    due=due,
                    begin=BEGIN,
                    stub=STUB,
                    end=END,
                )
            )
        if mark == STUB and next_line.strip() in {"", END}:
            raise place.wrong(
                say("the stub is empty. Write after {stub} what students receive.", stub=STUB)
            )
        due = MARKS[(MARKS.index(mark) + 1) % len(MARKS)]
    if due != BEGIN:
        raise place.wrong(say("{due} is missing. Close the region with it.", due=due))
    if not any(line.strip() == BEGIN for line in lines):
        raise place.wrong(
            say("there is no solution. Put it between {begin} and {end}.", begin=BEGIN, end=END)
        )


def _uncommented(line: str, place: _Place) -> str:
    """A stub's line without the comment mark that keeps it from running in the reference."""
    code = line.lstrip()
    if not code.startswith("# "):
        raise place.wrong(
            say('a line of the stub does not begin with "# ": {line}. Comment it out.', line=code)
        )
    return line[: len(line) - len(code)] + code.removeprefix("# ")
