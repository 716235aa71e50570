"""What the grader and a driver say to one another, and the execution that is gathered from it.

The grader sends one task; the driver answers with one event a line, as JSON. Whatever ends it,
what it told before is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from grader.errors import DriverBrokeError
from grader.execution.cells import Limits  # noqa: TC001 - pydantic reads these types
from grader.language.messages import Message, say
from grader.models import CellRun, Execution, Outcome, Plan

if TYPE_CHECKING:
    from grader.models import Isolation

# Of one run, in bytes: what goes beyond is not read either, see `grader.evidence.bounds`.
MOST_RECORDED: Final = 24_000_000
UNREADABLE: Final = ""  # takes the place of a record that will not be read


@dataclass(frozen=True, slots=True)
class CellBegan:
    """A cell of the notebook is about to run."""

    cell: int
    kind: Literal["began"] = "began"


@dataclass(frozen=True, slots=True)
class CellEnded:
    """A cell has run, to its end or not."""

    run: CellRun
    kind: Literal["ran"] = "ran"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The recorder gave an answer: a JSON text."""

    record: str
    kind: Literal["recorded"] = "recorded"


@dataclass(frozen=True, slots=True)
class Suspected:
    """Someone has to look at this run: see `Execution.suspicions`."""

    suspicion: Message
    kind: Literal["suspected"] = "suspected"


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over, and this is how."""

    outcome: Outcome
    duration_s: float
    kind: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True)
class Lost:
    """The kernel's keeper is gone, through no fault of the notebook."""

    kind: Literal["lost"] = "lost"


@dataclass(frozen=True, slots=True)
class Broke:
    """The driver itself broke: a fault of ours, or of the machine."""

    error: str
    kind: Literal["broke"] = "broke"


Event: TypeAlias = CellBegan | CellEnded | Recorded | Suspected | Ended | Lost | Broke
EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])


@dataclass(slots=True)
class Gathering:
    """An execution in progress: everything reported so far.

    Without `ended` the run did not come to its own end: another one may.
    """

    runs: list[CellRun] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    suspicions: list[Message] = field(default_factory=list)
    ended: Ended | None = None
    recorded: int = 0

    def take(self, event: Event) -> None:
        """Add one event; raises DriverBrokeError for the driver's own fault."""
        match event:
            case CellBegan(cell):
                self.runs.append(CellRun(cell))
            case CellEnded(run):
                self.runs[-1:] = [run]
            case Recorded(record):
                self._keep(record)
            case Suspected(suspicion):
                self.suspicions.append(suspicion)
            case Ended():
                self.ended = event
            case Lost():
                pass  # what was gathered has no end then
            case Broke(error):
                raise DriverBrokeError(error)

    def _keep(self, record: str) -> None:
        """Keep a record, or none at all of a run that sends too much: its mark is withheld."""
        self.recorded += len(record.encode("utf-8", "replace"))
        if self.recorded > MOST_RECORDED:
            self.records, record = [UNREADABLE], UNREADABLE
        if self.records[-1:] != [UNREADABLE]:
            self.records.append(record)

    def execution(self, isolation: Isolation, duration_s: float) -> Execution:
        """What was gathered; in a run without an end, the kernel died."""
        suspicions = list(self.suspicions)
        if self.ended is None:
            suspicions.append(
                say(
                    "The program that ran this notebook was itself ended on the way: an "
                    "instructor has to look."
                )
            )
        return Execution(
            outcome=self.ended.outcome if self.ended else Outcome.KERNEL_DIED,
            runs=tuple(self.runs),
            records=tuple(self.records),
            isolation=isolation,
            duration_s=self.ended.duration_s if self.ended else duration_s,
            error=next((run.error for run in self.runs if run.error is not None), None),
            suspicions=tuple(suspicions),
        )


@dataclass(frozen=True, slots=True)
class Task:
    """A plan to run, how long it may take, and how its kernel is isolated.

    `prepared`: its kernel has the recorder in it from the beginning.
    """

    plan: Plan
    limits: Limits
    tier: str
    prepared: bool = False


TASK: Final = TypeAdapter(Task)
