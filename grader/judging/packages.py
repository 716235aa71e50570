"""Packages that a notebook imports and the grading machine lacks: never charged to the student.

The notebook is run once more without these imports. What a step needed of them could not be
observed; a name that is only misspelt is a mistake like any other.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from grader.execution.planning import assigned_names, read_names
from grader.judging.judged_run import MISSING_NAME
from grader.judging.rewriting import put
from grader.language.messages import Message, say
from grader.models import CellKind, Verdict
from grader.submission.packages import is_misspelt
from grader.syntax import nodes, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Set

    from grader.judging.judged_run import JudgedRun
    from grader.models import CellError, Execution, StepMark, Submission

# Of a package, not of a part of one that is here.
_NO_MODULE: Final = re.compile(r"No module named '(\w+)'")
_EXCEPTIONS: Final = ("ModuleNotFoundError", "ImportError")


@dataclass(frozen=True, slots=True)
class Lacking:
    """Packages that are not here, each with the cell that asked for it first.

    `names` are what the notebook calls them and what it takes from them.
    """

    packages: Mapping[str, int]
    names: frozenset[str] = frozenset()

    def remarks(self) -> Iterator[Message]:
        """What was done about it."""
        for package, cell in self.packages.items():
            yield say(
                "{package} is not installed where notebooks are graded: cell {cell} was run "
                "without it.",
                package=package,
                cell=cell,
            )

    def needed(self, first: JudgedRun, marks: Iterable[StepMark]) -> Message | None:
        """Why the mark cannot be given, if a step may have failed for want of a package."""
        failing = [
            m.step for m in marks if m.verdict not in (Verdict.PASSED, Verdict.NOT_ATTEMPTED)
        ]
        numbers = {n for step in failing for n in first.submission.steps.get(step, ())}
        sources = {cell.number: cell.source for cell in first.submission.cells}
        read = {name for n in numbers for name in read_names(sources.get(n, ""))}
        stopped = {
            run.cell
            for run in first.execution.runs
            if run.error is not None and self._caused(run.error)
        }
        lost = {name for n in stopped for name in assigned_names(sources.get(n, ""))}
        if not failing or (read.isdisjoint(self.names | lost) and numbers.isdisjoint(stopped)):
            return None
        return say(
            "Cell {cell} needs {package}, which is not installed on the machine that grades, or "
            "is a file that was not handed in: an instructor has to look.",
            package=", ".join(self.packages),
            cell=min(self.packages.values()),
        )

    def _caused(self, error: CellError) -> bool:
        missing = MISSING_NAME.search(error.value)
        return _package(error) in self.packages or (
            missing is not None and ("*" in self.names or missing[1] in self.names)
        )


def missing_packages(execution: Execution) -> dict[str, int]:
    """The packages that cells asked for in vain, each with the first of these cells."""
    errors = [run.error for run in reversed(execution.runs) if run.error is not None]
    found = {_package(error): error.cell for error in errors}
    return {name: cell for name, cell in found.items() if name and not is_misspelt(name)}


def without_packages(
    submission: Submission, packages: Set[str]
) -> tuple[Submission, frozenset[str]]:
    """The notebook without the imports of these packages, and the names that they would bind."""
    names: set[str] = set()

    def cleared(source: str) -> str:
        lines = source.split("\n")
        found = [node for node in nodes(source) if isinstance(node, ast.Import | ast.ImportFrom)]
        for node in sorted(found, key=lambda node: (node.lineno, node.col_offset), reverse=True):
            gone = [a for a in node.names if _top(node, a) in packages]
            left = [a for a in node.names if a not in gone]
            if gone:
                names.update(_bound(node, alias) for alias in gone)
                put(lines, node, ast.unparse(ast.Import(left)) if left else "pass")
        changed = "\n".join(lines)
        return changed if parse(changed) is not None else source

    cells = tuple(
        replace(cell, source=cleared(cell.source)) if cell.kind is CellKind.CODE else cell
        for cell in submission.cells
    )
    return replace(submission, cells=cells), frozenset(names)


def _package(error: CellError) -> str:
    found = _NO_MODULE.search(error.value) if error.name in _EXCEPTIONS else None
    return found[1] if found is not None else ""


def _top(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    if isinstance(node, ast.ImportFrom):
        return "" if node.level else (node.module or "").partition(".")[0]
    return alias.name.partition(".")[0]


def _bound(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    top = alias.name if isinstance(node, ast.ImportFrom) else alias.name.partition(".")[0]
    return alias.asname or top
