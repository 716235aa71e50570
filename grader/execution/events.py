"""What a run tells while it goes on, and the execution that is gathered from it.

A driver writes one event a line, as JSON; whatever ends it, what it told before is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from grader.language.messages import Message, say
from grader.models import CellRun, Execution, Outcome

if TYPE_CHECKING:
    from grader.models import Isolation

# Of one run, in bytes: what goes beyond is not read either, see `grader.evidence.bounds`.
MOST_RECORDED: Final = 24_000_000
UNREADABLE: Final = ""  # stands where a record was that nobody will read


@dataclass(frozen=True, slots=True)
class CellBegan:
    """A cell of the notebook is about to run."""

    cell: int
    kind: Literal["began"] = "began"


@dataclass(frozen=True, slots=True)
class CellEnded:
    """A cell has run, as far as it came."""

    run: CellRun
    kind: Literal["ran"] = "ran"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The recorder gave an answer: a JSON text."""

    record: str
    kind: Literal["recorded"] = "recorded"


@dataclass(frozen=True, slots=True)
class Suspected:
    """Somebody may have tried to speak in the recorder's place."""

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


class DriverBrokeError(Exception):
    """A driver said that it cannot run notebooks; the text is its own."""


@dataclass(slots=True)
class Gathering:
    """An execution on its way: all that was told so far.

    Without `ended` the run came to no end of its own: another one may.
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
        """Keep a record, or none at all of a run that tells too much: its mark is withheld."""
        self.recorded += len(record.encode("utf-8", "replace"))
        if self.recorded > MOST_RECORDED:
            self.records, record = [UNREADABLE], UNREADABLE
        if self.records[-1:] != [UNREADABLE]:
            self.records.append(record)

    def execution(self, isolation: Isolation, duration_s: float) -> Execution:
        """What was gathered; a run without an end is one whose kernel died on it."""
        suspicions = list(self.suspicions)
        if self.ended is None:
            suspicions.append(
                say("What ran this notebook was itself ended on the way: a person has to look.")
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
