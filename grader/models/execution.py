"""What is to be run of a notebook, and what running it showed."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads these types
from dataclasses import dataclass
from enum import StrEnum

from grader.language.messages import Message  # noqa: TC001
from grader.models.steps import Outcome, Step  # noqa: TC001
from grader.models.submission import Cell  # noqa: TC001


@dataclass(frozen=True, slots=True)
class CellError:
    """The exception that a cell ended with.

    `line` is the last line of the student's own code on the way to it, `began` the cell's own line
    on which that way began; None where that is not known.
    """

    cell: int
    name: str
    value: str
    traceback: str
    line: int | None = None
    began: int | None = None


class OutputKind(StrEnum):
    """How an output is to be shown."""

    TEXT = "text"
    HTML = "html"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class Output:
    """Something a cell showed: plain text, untrusted HTML, or a base64 PNG."""

    kind: OutputKind
    content: str


@dataclass(frozen=True, slots=True)
class CellRun:
    """What running one cell showed; `cut` says that output was dropped at the limit."""

    cell: int
    outputs: tuple[Output, ...] = ()
    error: CellError | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Isolation:
    """How well the kernel was isolated: the tier, what it leaves open, why not a better one."""

    tier: str
    missing: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Other answers on the same cards: a formula in X, and the cells that must learn them."""

    formula: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run in one kernel, and what is to be observed on the way.

    `steps` says which steps a cell is part of; `names` are the names that each step's cells assign,
    in order, by the role they may play (X, y, model, ...); `seed` starts the student's random
    numbers, `probe_seed` draws the probes; `shown` are the cells whose pictures somebody will look
    at; `stand_ins` are cells of the reference, which leave no text in the kernel.
    """

    cells: tuple[Cell, ...]
    steps: Mapping[int, tuple[Step, ...]]
    names: Mapping[str, tuple[str, ...]]
    seed: int
    probe_seed: int
    epochs: int
    transfer: Transfer | None = None
    shown: frozenset[int] = frozenset()
    stand_ins: frozenset[int] = frozenset()

    def complete_after(self, cell: int) -> tuple[Step, ...]:
        """The steps that are complete once this cell has run."""
        return complete_after(self.steps, cell)


def complete_after(parts: Mapping[int, tuple[Step, ...]], cell: int) -> tuple[Step, ...]:
    """The steps that a cell completes; `parts` says which steps each cell is part of."""
    later = {step for number, steps in parts.items() if number > cell for step in steps}
    return tuple(step for step in parts.get(cell, ()) if step not in later)


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of one notebook in one kernel; `records` are the recorder's JSON texts, in order.

    `suspicions` are reasons why someone has to look: something tried to impersonate the recorder,
    or not everything that it had to say was heard.
    """

    outcome: Outcome
    runs: tuple[CellRun, ...]
    records: tuple[str, ...]
    isolation: Isolation
    duration_s: float
    error: CellError | None = None
    suspicions: tuple[Message, ...] = ()
