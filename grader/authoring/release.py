"""Makes the handout that students receive out of a reference.

A reference is the solved notebook; each step's cell holds its solution and its stub in a region
(see `regions`). The handout has the stubs, no outputs, and every cell but the steps' is locked.
"""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from typing import TYPE_CHECKING, Final

import nbformat

from grader.authoring import regions
from grader.authoring.nbgrader_marks import mark_for_nbgrader
from grader.course.assignment import load_checks
from grader.errors import AssignmentError
from grader.language.messages import say
from grader.models import CODE_STEPS, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nbformat import NotebookNode

    from grader.language.messages import Message


NO_POINTS: Final[Mapping[Step, float]] = {}


def release(
    reference: NotebookNode, name: str = "reference", points: Mapping[Step, float] = NO_POINTS
) -> NotebookNode:
    """Give the handout of `reference`; AssignmentError, by its `name`, telling all its faults.

    `points` are what each step is worth, as nbgrader is to know it.
    """
    if faults := faults_of(reference, name):
        raise AssignmentError(*faults)
    handout = deepcopy(reference)
    for cell in handout.cells:
        cell.metadata["deletable"] = False
        step = _step(cell)
        mark_for_nbgrader(cell, Step(step) if step is not None else None, points)
        if step is None:
            cell.metadata["editable"] = False
        else:
            cell.source = regions.stubbed(cell.source)
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
    if faults := [each for path in references for each in reference_faults(path, assignment_id)]:
        raise AssignmentError(*faults)
    points = _points(assignments / assignment_id)
    for path in references:
        language = path.name.split(".")[1]
        handout = nbformat.v4.writes(release(_read(path), str(path), points)) + "\n"
        yield assignments / assignment_id / f"handout.{language}.ipynb", handout


def _points(folder: Path) -> dict[Step, float]:
    """What each step of an assignment is worth; nothing where its checks cannot be read yet."""
    try:
        checks = load_checks(folder / "checks.py")
    except AssignmentError:
        return {}
    points = dict.fromkeys(Step, 0.0)
    for check in checks:
        points[check.step] += check.points
    return {step: worth for step, worth in points.items() if worth}


def _read(path: Path) -> NotebookNode:
    # nbformat.read would mend missing or doubled ids at random; they must be reported instead.
    try:
        notebook: NotebookNode = nbformat.v4.reads(path.read_text(encoding="utf-8"))
    except (ValueError, AttributeError) as problem:
        raise AssignmentError(_unreadable(str(path), problem)) from problem
    return notebook


def _metadata_fault(
    reference: NotebookNode, name: str, assignment_id: str, language: str
) -> Message | None:
    expected = {"assignment": assignment_id, "lang": language, "format": 1}
    if reference.metadata.get("grader") == expected:
        return None
    return say(
        "{name}: the notebook's metadata must say grader = {expected}. "
        "Correct it with the notebook's property inspector.",
        name=name,
        expected=json.dumps(expected),
    )


def reference_faults(path: Path, assignment_id: str) -> tuple[Message, ...]:
    """All that keeps a reference from giving a handout; none where nothing does."""
    try:
        reference = _read(path)
    except AssignmentError as unreadable:
        return unreadable.messages
    metadata = _metadata_fault(reference, str(path), assignment_id, path.name.split(".")[1])
    return (*((metadata,) if metadata is not None else ()), *faults_of(reference, str(path)))


def faults_of(reference: NotebookNode, name: str) -> tuple[Message, ...]:
    """What is wrong with its cells: first their ids and steps, and then each by itself."""
    if faults := tuple(_faults_of_identity(reference, name)):
        return faults
    try:
        nbformat.validate(reference)
    except nbformat.ValidationError as error:
        return (_unreadable(name, error),)
    return tuple(
        _at(name, cell.id, problem)
        for cell in reference.cells
        if (problem := _fault(cell)) is not None
    )


def _faults_of_identity(reference: NotebookNode, name: str) -> Iterator[Message]:
    """Where a cell has no id of its own, or a step not exactly one cell."""
    for cell_id, count in Counter(cell.get("id") for cell in reference.cells).items():
        if cell_id is None:
            yield say("{name}: a cell has no id. Give every cell an id of its own.", name=name)
        elif count > 1:
            yield _at(
                name, cell_id, say("{count} cells have this id. Give each its own.", count=count)
            )
    found = Counter(map(_step, reference.cells))
    for step in CODE_STEPS:
        if found[step] != 1:
            yield say(
                "{name}: step {step} has {count} cells and must have one. "
                'One cell carries the metadata grader = {{"step": "{step}"}}.',
                name=name,
                step=step.value,
                count=found[step],
            )


def _step(cell: NotebookNode) -> str | None:
    """The step that the cell's metadata names."""
    step: str | None = cell.metadata.get("grader", {}).get("step")
    return step


def _fault(cell: NotebookNode) -> Message | None:
    """What is wrong with a cell: it carries all four marks of a step and a region, or none."""
    step = _step(cell)
    if step is None:
        if regions.has_regions(cell.source):
            return say(
                "a solution stands outside a step. "
                'Give the cell the metadata grader = {{"step": ...}}.'
            )
        if (prefix := cell.id.partition("-")[0]) in tuple(CODE_STEPS):
            return say("{step}- begins the id of that step's own cell. Rename this.", step=prefix)
        return None
    if step not in tuple(CODE_STEPS):
        return say(
            "there is no step {step}. Use one of {steps}.", step=step, steps=", ".join(CODE_STEPS)
        )
    if f"step:{step}" not in cell.metadata.get("tags", []):
        return say("the tag step:{step} is missing. Add it.", step=step)
    if not cell.id.startswith(f"{step}-"):
        return say("the id does not begin with {step}-. Rename it.", step=step)
    if cell.source.splitlines()[:1] != [f"# === {step} ==="]:
        return say("the first line is not # === {step} ===. Put it there.", step=step)
    return regions.fault(cell.source)


def _at(name: str, cell_id: str, problem: Message) -> Message:
    return say('{name}, cell "{cell}": {problem}', name=name, cell=cell_id, problem=problem)


def _unreadable(name: str, problem: Exception) -> Message:
    return say(
        "{name} is not a notebook of format 4.5: {problem}. Save it again from Jupyter.",
        name=name,
        problem=str(problem).partition("\n")[0],
    )
