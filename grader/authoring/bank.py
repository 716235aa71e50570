"""The bank: right and wrong variants of a reference, each an edit with the expected verdicts.

`solutions/<id>/bank/*.toml` holds one table per entry; its name is the entry's name:

    [zero_grad_missing]
    about = "the gradients are never cleared"
    edit.train = [["    optimizer.zero_grad()\\n", ""]]
    verdicts = { train = "failed", result = "failed" }
    diagnosis = ["zero_grad_missing"]

What is done to the reference, in this order: `write.<step>` puts another body below the marker line
of a step's cell; `edit.<step>` replaces pieces of it (each must be there once); `rename` gives
names other names in the steps' cells; `insert` adds cells before or after a step's; `split.<step>`
cuts a cell in two after a line (counted from 1, below the marker); `merge` moves the named steps'
code, in order, into the cell of the last of them; `drop` takes steps' cells away. Steps without a
verdict must pass; `diagnosis` lists what the first diagnosis may name (several where the group is
ambiguous). `either` names steps that may come out right or wrong, since that depends on the start.
`withheld = true` where an instructor has to look before the mark counts.

`grader audit --mixed` composes entries (see `composing`); `alone = true` keeps one out of that: it
is right, or wrong, only in the company of the reference's other steps.
"""

from __future__ import annotations

import copy
import io
import tokenize
from typing import TYPE_CHECKING

import nbformat
from pydantic import BaseModel, ConfigDict

from grader.authoring.regions import solved
from grader.course.course import bank_in
from grader.errors import AssignmentError
from grader.language.messages import say
from grader.models import CODE_STEPS, Step, Verdict
from grader.recipes.reading import read_table, validated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Insertion(BaseModel):
    """A cell to add, before or after a step's cell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    before: Step | None = None
    after: Step | None = None


class Entry(BaseModel):
    """One variant of the reference, and what must be said about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    about: str
    write: dict[Step, str] = {}
    edit: dict[Step, tuple[tuple[str, str], ...]] = {}
    rename: dict[str, str] = {}
    insert: tuple[Insertion, ...] = ()
    split: dict[Step, int] = {}
    drop: tuple[Step, ...] = ()
    merge: tuple[Step, ...] = ()
    verdicts: dict[Step, Verdict] = {}
    either: frozenset[Step] = frozenset()
    diagnosis: tuple[str, ...] = ()
    withheld: bool = False
    alone: bool = False

    @property
    def right(self) -> bool:
        """Whether the variant deserves full marks."""
        return not self.verdicts

    def verdict(self, step: Step) -> Verdict:
        """The expected verdict."""
        return self.verdicts.get(step, Verdict.PASSED)

    def allows(self, step: Step, verdict: Verdict) -> bool:
        """Whether this verdict may be given."""
        open_ = step in self.either and verdict in (Verdict.PASSED, Verdict.FAILED)
        return open_ or verdict is self.verdict(step)


def load_bank(solutions: Path) -> tuple[Entry, ...]:
    """All entries under `solutions`/bank, by file; raises AssignmentError."""
    entries = [
        validated(Entry, content_of(name, table), path)
        for path in bank_files(solutions)
        for name, table in read_table(path).items()
    ]
    names = [entry.name for entry in entries]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise AssignmentError(
            say(
                "{path}: two entries are called {names}.",
                path=str(bank_in(solutions)),
                names=", ".join(repeated),
            )
        )
    return tuple(entries)


def bank_files(solutions: Path) -> tuple[Path, ...]:
    """The files of a bank, in their order."""
    return tuple(sorted(bank_in(solutions).glob("*.toml")))


def content_of(name: str, table: object) -> object:
    """What an entry says about itself, with its name."""
    return {"name": name, **table} if isinstance(table, dict) else table


def build(entry: Entry, reference: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The reference as a student would have written this variant of it."""
    notebook = copy.deepcopy(reference)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = solved(cell.source)
            cell.outputs, cell.execution_count = [], None
    cells = {step: _cell_of(notebook, step) for step in CODE_STEPS}
    for step, body in entry.write.items():
        cells[step].source = _marker(cells[step].source) + "\n" + body.strip("\n")
    for step, edits in entry.edit.items():
        for old, new in edits:
            cells[step].source = _edited(entry, step, cells[step].source, old, new)
    for cell in cells.values() if entry.rename else ():
        cell.source = renamed(cell.source, entry.rename)
    _rearrange(entry, notebook, cells)
    return notebook


def _rearrange(
    entry: Entry,
    notebook: nbformat.NotebookNode,
    cells: Mapping[Step, nbformat.NotebookNode],
) -> None:
    for number, insertion in enumerate(entry.insert):
        beside = insertion.before or insertion.after or Step.TRAIN
        place = notebook.cells.index(cells[beside]) + (insertion.before is None)
        new = nbformat.v4.new_code_cell(insertion.source.strip("\n"), id=f"mine-{number}")
        notebook.cells.insert(place, new)
    for step, line in entry.split.items():
        lines = cells[step].source.split("\n")
        rest = nbformat.v4.new_code_cell("\n".join(lines[line + 1 :]), id=f"rest-{step}")
        cells[step].source = "\n".join(lines[: line + 1])
        notebook.cells.insert(notebook.cells.index(cells[step]) + 1, rest)
    if entry.merge:
        *moved, last = (step for step in CODE_STEPS if step in entry.merge)
        cells[last].source = "\n\n".join(cells[step].source for step in (*moved, last))
        for step in moved:
            notebook.cells.remove(cells[step])
    for step in entry.drop:
        notebook.cells.remove(cells[step])


def _cell_of(notebook: nbformat.NotebookNode, step: Step) -> nbformat.NotebookNode:
    cells: list[nbformat.NotebookNode] = notebook.cells
    return next(c for c in cells if c.metadata.get("grader", {}).get("step") == step)


def _marker(source: str) -> str:
    return source.partition("\n")[0]


def _edited(entry: Entry, step: Step, source: str, old: str, new: str) -> str:
    if source.count(old) != 1:
        raise AssignmentError(
            say(
                "Bank entry {name}: {old} occurs {count} times in the {step} cell instead of once.",
                name=entry.name,
                old=repr(old),
                count=source.count(old),
                step=step.value,
            )
        )
    return source.replace(old, new)


def renamed(source: str, names: Mapping[str, str]) -> str:
    """The source with identifiers renamed."""
    lines = source.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    for token in reversed(tokens):
        if token.type == tokenize.NAME and token.string in names:
            (row, start), (_, end) = token.start, token.end
            line = lines[row - 1]
            lines[row - 1] = line[:start] + names[token.string] + line[end:]
    return "".join(lines)
