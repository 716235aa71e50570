"""One hostile notebook: a cell of its own in the midst of an honest lesson."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - a field's type
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.isolation.tiers import LANDLOCK, ROOM
from grader.models import Outcome

if TYPE_CHECKING:
    from tests.slow.attacks.processes import Peaks

UNHARMED = Outcome.COMPLETED, ""
TIMED_OUT = Outcome.TIMED_OUT, "TimedOut"
DIED = Outcome.KERNEL_DIED, "KernelDied"
OUT_OF_MEMORY = Outcome.OUT_OF_MEMORY, "OutOfMemory"
CROWDED = Outcome.KERNEL_DIED, "TooManyProcesses"


def raised(name: str) -> tuple[Outcome, str]:
    """The ending of a cell that raises an exception of this name."""
    return Outcome.RAISED, name


@dataclass(frozen=True, slots=True)
class Attack:
    """What a cell tries (`does`), and all that may come of it.

    `row` is its line in the table that the corpus began with. `ends` are the outcomes that are
    named rightly, each with the name of the cell's error. `gaps` are breaches that are expected
    where a tier says that it leaves something open, by its word for that. `most` bounds what was
    seen from outside while it ran, `cut` says that its output is shown as cut, `says` are words
    that its notebook must show (that it was tried at all), `silent` words that it must not.
    """

    row: int
    does: str
    cell: str
    ends: tuple[tuple[Outcome, str], ...] = (UNHARMED,)
    gaps: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tiers: tuple[str, ...] = (ROOM, LANDLOCK)
    cell_s: float = 20.0
    within_s: float = 40.0
    cut: bool | None = False
    says: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    most: Peaks | None = None
    suspected: bool | None = False
