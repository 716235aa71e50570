"""The values that pass from module to module on a submission's way from a file to a report."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads a Plan's types
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from grader.expected import Expectation  # noqa: TC001 - codecs read the types
from grader.story import Learned, Story  # noqa: TC001

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from grader.messages import Message


FULL_MARKS: Final = 100.0


class Step(StrEnum):
    """The five cells a student fills in, and what came out of them."""

    DATA = "data"
    MODEL = "model"
    LOSS = "loss"
    OPTIMIZER = "optimizer"
    TRAIN = "train"
    RESULT = "result"


CODE_STEPS = (Step.DATA, Step.MODEL, Step.LOSS, Step.OPTIMIZER, Step.TRAIN)


class Verdict(StrEnum):
    """What a check found, from best to worst."""

    PASSED = "passed"
    NOT_ATTEMPTED = "not_attempted"
    FAILED = "failed"
    NOT_ASSESSED = "not_assessed"
    ERROR = "error"

    @property
    def severity(self) -> int:
        """Rank for "the worst of": 0 is the best."""
        return _RANKS[self]


_RANKS: Final = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Outcome(StrEnum):
    """How an execution ended."""

    COMPLETED = "completed"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    KERNEL_DIED = "kernel_died"
    OUT_OF_MEMORY = "out_of_memory"
    UNREADABLE = "unreadable"


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
    several steps where everything stands in one); `unchanged` are steps whose cells still say what
    the handout says; `given` are the code cells that came with the handout and hold no step, and
    `looks` those among them that only show what the student has made;
    `remarks` is what reading it found worth telling (an ambiguity, a repair); `handed_in_at` is
    when it came, and later tries have a larger `attempt`, as far as a learning platform tells.
    """

    student: str
    assignment: str
    language: str
    path: Path
    sha256: str
    cells: tuple[Cell, ...]
    steps: Mapping[Step, tuple[int, ...]]
    unchanged: frozenset[Step] = frozenset()
    given: frozenset[int] = frozenset()
    looks: frozenset[int] = frozenset()
    remarks: tuple[Message, ...] = ()
    handed_in_at: datetime | None = None
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class CellError:
    """The exception that a cell ended with; `line` is the cell's own line, where known."""

    cell: int
    name: str
    value: str
    traceback: str
    line: int | None = None


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
    """How well the kernel was shut in: the tier, what it leaves open, why there was no better."""

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
    at; `stand_ins` are cells of the reference, which leave no text behind in the kernel.
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

    `suspicions` are signs that someone tried to speak in the recorder's place.
    """

    outcome: Outcome
    runs: tuple[CellRun, ...]
    records: tuple[str, ...]
    isolation: Isolation
    duration_s: float
    error: CellError | None = None
    suspicions: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one check found, in words for the student; `reason` is for the instructor only."""

    verdict: Verdict
    message: Message
    expected: Message | None = None
    actual: Message | None = None
    hint: Message | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """Points that a person gave in place of the grader's; the last one given counts."""

    points: float
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """What a person wrote to the student about the whole work."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late a notebook came, and the percentage of its points that this costs.

    `days` are begun days after the deadline and its grace; None where only that it is late is
    known, and then it costs nothing until a person has looked.
    """

    due: datetime
    handed_in_at: datetime | None
    days: int | None
    percent: float


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check's judgement, with the sentence it judges and the points it is worth."""

    id: str
    step: Step
    sentence: Message
    judgement: Judgement
    max_points: float
    override: Override | None = None

    @property
    def points(self) -> float:
        """What a person gave; else what was earned."""
        return self.override.points if self.override is not None else self.earned

    @property
    def earned(self) -> float:
        """All of the check's points, or none, whatever a person gave."""
        return self.max_points if self.judgement.verdict is Verdict.PASSED else 0.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A named mistake that the evidence behaves like, with its place in the notebook.

    `also` are the ids of mistakes that behave the same; the message then says "either ... or ...".
    """

    id: str
    step: Step
    message: Message
    hint: Message
    cell: int | None = None
    line: int | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepMark:
    """One step's points and verdict (the worst of its checks).

    `followed_through`: judged in a second run, where earlier steps were the reference's.
    """

    step: Step
    checks: tuple[CheckResult, ...]
    followed_through: bool = False

    @property
    def verdict(self) -> Verdict:
        """The worst verdict among the checks."""
        return max((c.judgement.verdict for c in self.checks), key=lambda v: v.severity)

    @property
    def points(self) -> float:
        """The sum of the checks' points."""
        return sum(c.points for c in self.checks)

    @property
    def max_points(self) -> float:
        """The sum of what the checks are worth."""
        return sum(c.max_points for c in self.checks)


@dataclass(frozen=True, slots=True)
class Mark:
    """The points of a submission, with the verdicts that give them.

    A withheld mark counts for nothing until a person has looked: `withheld_reason` says why.
    `override` is what a person gave for the whole, whatever the steps say.
    """

    steps: tuple[StepMark, ...]
    diagnoses: tuple[Diagnosis, ...] = ()
    withheld_reason: Message | None = None
    override: Override | None = None
    lateness: Lateness | None = None
    comment: Comment | None = None

    @property
    def withheld(self) -> bool:
        """Whether a person must look before the mark counts."""
        return self.withheld_reason is not None

    @property
    def points(self) -> float:
        """What a person gave for the whole; else what was earned, less what lateness costs."""
        if self.override is not None:
            return self.override.points
        return self.earned - self.lost

    @property
    def earned(self) -> float:
        """The sum over the steps."""
        return sum(s.points for s in self.steps)

    @property
    def lost(self) -> float:
        """What lateness costs of it."""
        return self.earned * self.lateness.percent / 100 if self.lateness is not None else 0.0

    @property
    def max_points(self) -> float:
        """The most that can be reached, also where a person gave a mark for what has no steps."""
        return sum(s.max_points for s in self.steps) or (FULL_MARKS if self.override else 0.0)


@dataclass(frozen=True, slots=True)
class AssignmentInfo:
    """What a report says of an assignment: its id, titles by language, own translations.

    `false_fail` is how often honest training exceeds each of the result's tolerances, and `draws`
    over how many random starts that was tried; None where it was never calibrated.
    """

    id: str
    titles: Mapping[str, str]
    target: Learned | None = None
    epochs: int | None = None
    catalogues: Mapping[str, Path] = field(default_factory=dict)
    false_fail: float | None = None
    draws: int | None = None
    expectation: Expectation | None = None

    def title(self, language: str) -> str:
        """The title in `language`, else in the first language there is."""
        return self.titles.get(language) or next(iter(self.titles.values()))


@dataclass(frozen=True, slots=True)
class GradedSubmission:
    """A submission with all that its report needs; an unreadable one has no execution."""

    submission: Submission
    assignment: AssignmentInfo
    outcome: Outcome
    mark: Mark
    story: Story
    execution: Execution | None = None
    duration_s: float = 0.0
