"""A student's notebook as it was read."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads these types
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003
from enum import StrEnum
from pathlib import Path  # noqa: TC003

from grader.language.messages import Message  # noqa: TC001
from grader.models.steps import Step  # noqa: TC001


class CellKind(StrEnum):
    """What a notebook cell is."""

    CODE = "code"
    MARKDOWN = "markdown"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a student's notebook; `number` counts all cells from 1, as a person would."""

    number: int
    kind: CellKind
    source: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's notebook for one assignment.

    `steps` names the cells that hold each step's code (several after a split, the same cell for
    several steps if everything is in one); `setup` are the handout's own cells that the notebook
    no longer holds as they were, which run first; `unchanged` are steps whose cells still say what
    the handout says; `texts` are cells that hold a missing step's code, but as text; `rounds` is
    how many times all steps are there; `called` are the student's names for results that have not
    the handout's, as far as the code tells; `is_marked`: something shows that it was made from the
    handout; `given` are the code cells that came with the handout and hold no step, and
    `looks` those among them that only show what the student has made; `remarks` is what reading it
    found worth mentioning (an ambiguity, a repair); `handed_in_at` is when it came, and later tries
    have a larger `attempt`, as far as a learning platform tells.
    """

    student: str
    assignment: str
    language: str
    path: Path
    sha256: str
    cells: tuple[Cell, ...]
    steps: Mapping[Step, tuple[int, ...]]
    setup: tuple[Cell, ...] = ()
    unchanged: frozenset[Step] = frozenset()
    texts: Mapping[Step, int] = field(default_factory=dict)
    rounds: int = 1
    called: Mapping[str, str] = field(default_factory=dict)
    is_marked: bool = True
    given: frozenset[int] = frozenset()
    looks: frozenset[int] = frozenset()
    remarks: tuple[Message, ...] = ()
    handed_in_at: datetime | None = None
    attempt: int | None = None
