"""What a notebook is worth, check by check, and what its report needs."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads these types
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003
from pathlib import Path  # noqa: TC003
from typing import Annotated, Final

from pydantic import AliasChoices, Field

from grader.language.messages import Message, say
from grader.models.execution import Execution  # noqa: TC001
from grader.models.figures import Expectation, Figures, Learned  # noqa: TC001
from grader.models.rates import Rates  # noqa: TC001
from grader.models.steps import Outcome, Step, Verdict
from grader.models.submission import Submission  # noqa: TC001

FULL_MARKS: Final = 100.0


RIGHT: Final = say("Right.")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one check found, in words for the student; `reason` is for the instructor only.

    What passed needs no words; the `message` of one that does says on how much its proof rests.
    """

    verdict: Verdict
    message: Message
    expected: Message | None = None
    actual: Message | None = None
    hint: Message | None = None
    reason: str | None = None

    @property
    def words(self) -> Message | None:
        """What a page has to say besides the verdict."""
        return None if self.message == RIGHT else self.message


@dataclass(frozen=True, slots=True)
class Override:
    """Points that a person gave instead of the grader's; the last one given counts."""

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

    `days` are started days after the deadline, none within its grace; None if it is only known to
    be late, and then it costs nothing until someone has looked.
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

    A withheld mark does not count until someone has looked: `withheld_reason` says why. `override`
    is what was given by hand for the whole, whatever the steps say.
    """

    steps: tuple[StepMark, ...]
    diagnoses: tuple[Diagnosis, ...] = ()
    withheld_reason: Message | None = None
    override: Override | None = None
    lateness: Lateness | None = None
    comment: Comment | None = None

    @property
    def withheld(self) -> bool:
        """Whether an instructor must look before the mark counts."""
        return self.withheld_reason is not None

    @property
    def points(self) -> float:
        """The points given by hand for the whole; else what was earned, less lateness."""
        if self.override is not None:
            return self.override.points
        return self.earned - self.lost

    @property
    def earned(self) -> float:
        """The sum over the steps."""
        return sum(s.points for s in self.steps)

    @property
    def lost(self) -> float:
        """What is deducted for lateness."""
        return self.earned * self.lateness.percent / 100 if self.lateness is not None else 0.0

    @property
    def max_points(self) -> float:
        """The most that can be reached, even if a mark without steps was given by hand."""
        return sum(s.max_points for s in self.steps) or (FULL_MARKS if self.override else 0.0)


@dataclass(frozen=True, slots=True)
class AssignmentInfo:
    """What a report says about an assignment: its id, titles by language, own translations.

    `false_fail` is how often honest training exceeds each of the result's tolerances, and `draws`
    over how many random starts that was tried; None where it was never calibrated. `rates` are how
    often its grader was wrong, as far as that was measured.
    """

    id: str
    titles: Mapping[str, str]
    target: Learned | None = None
    epochs: int | None = None
    catalogues: Mapping[str, Path] = field(default_factory=dict)
    false_fail: float | None = None
    draws: int | None = None
    expectation: Expectation | None = None
    rates: Rates | None = None

    def title(self, language: str) -> str:
        """The title in `language`, else in the first language there is."""
        return self.titles.get(language) or next(iter(self.titles.values()))

    def own_catalogues(self, language: str) -> tuple[Path, ...]:
        """Its own translation into `language`, if there is one."""
        own = self.catalogues.get(language)
        return () if own is None else (own,)


@dataclass(frozen=True, slots=True)
class GradedSubmission:
    """A submission with all that its report needs; an unreadable one has no execution."""

    submission: Submission
    assignment: AssignmentInfo
    outcome: Outcome
    mark: Mark
    # Gradebooks of version 0.1 call it a story.
    figures: Annotated[Figures, Field(validation_alias=AliasChoices("figures", "story"))]
    execution: Execution | None = None
    duration_s: float = 0.0
