"""Where everything is in the folder of a course.

assignments/ID/    what students may see: assignment.toml, checks.py, tolerances.toml, handouts
solutions/ID/      for instructors only: the references, and the bank

The folder is the registration: there is no list to edit.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.errors import UsageError
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.language.messages import Message

ASSIGNMENTS: Final = "assignments"
SOLUTIONS: Final = "solutions"
_TABLE: Final = "assignment.toml"


@dataclass(frozen=True, slots=True)
class Folders:
    """The two folders of one assignment, whether they are there or not."""

    assignment: Path
    solutions: Path

    @property
    def id(self) -> str:
        """The assignment's id: what its folder is called."""
        return self.assignment.name

    @property
    def table(self) -> Path:
        """Its numbers; where this file is, there is an assignment."""
        return self.assignment / _TABLE

    @property
    def tolerances(self) -> Path:
        """How far honest results may lie from the goal, as it was calibrated."""
        return self.assignment / "tolerances.toml"

    @property
    def bank(self) -> Path:
        """The folder of the right and wrong variants."""
        return bank_in(self.solutions)

    def handout(self, language: str) -> Path:
        """What students receive."""
        return self.assignment / f"handout.{language}.ipynb"

    def reference(self, language: str) -> Path:
        """The solved notebook."""
        return self.solutions / f"reference.{language}.ipynb"

    def references(self) -> tuple[Path, ...]:
        """The solved notebooks that there are, by language."""
        return references_in(self.solutions)


@dataclass(frozen=True, slots=True)
class Course:
    """The folder of a course."""

    root: Path = Path()

    @property
    def assignments(self) -> Path:
        """The folder that students may see."""
        return self.root / ASSIGNMENTS

    @property
    def solutions(self) -> Path:
        """The folder that is for instructors only."""
        return self.root / SOLUTIONS

    def folders(self, id_: str) -> Folders:
        """The folders of one assignment."""
        return Folders(self.assignments / id_, self.solutions / id_)

    def all(self) -> tuple[Folders, ...]:
        """The folders of every assignment there is, by id."""
        return tuple(self.folders(path.name) for path in assignments_in(self.assignments))

    @property
    def without_assignments(self) -> Message:
        """What is said where it has none."""
        return say(
            "There is no assignment under {path}. Run this where the folder `assignments` is.",
            path=str(self.assignments),
        )

    def chosen(self, assignment: str | None) -> tuple[Folders, ...]:
        """The assignment that was named, or all; UsageError where there is none."""
        known = self.all()
        found = tuple(each for each in known if assignment in (None, each.id))
        if found:
            return found
        if not known:
            raise UsageError(self.without_assignments)
        raise UsageError(
            say(
                "There is no assignment {assignment} in {path}. Choose one of: {known}.",
                assignment=assignment or "",
                path=str(self.assignments),
                known=", ".join(each.id for each in known),
            )
        )

    def hidden(self) -> Iterator[Path]:
        """What no student's code may ever see: its folders, which may be links to elsewhere."""
        yield self.root
        for folder in (self.assignments, self.solutions):
            yield folder
            with suppress(OSError):
                yield from folder.iterdir()


def assignments_in(folder: Path) -> tuple[Path, ...]:
    """The folders of the assignments that lie in a folder, by id."""
    return tuple(sorted(path.parent for path in folder.glob(f"*/{_TABLE}")))


def bank_in(solutions: Path) -> Path:
    """The folder of the right and wrong variants of one assignment."""
    return solutions / "bank"


def references_in(solutions: Path) -> tuple[Path, ...]:
    """The solved notebooks of one assignment, by language."""
    return tuple(sorted(solutions.glob("reference.*.ipynb")))
