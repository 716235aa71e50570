"""The result of a submission as JSON: the contract with every program that reads our marks."""

from __future__ import annotations

import json
import math
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.models import STEP_TITLES, Outcome, Step, Verdict
from grader.reporting.files import write_whole
from grader.reporting.printable import printable

if TYPE_CHECKING:
    from pathlib import Path

    from grader.language.messages import Message, Translations
    from grader.models import CheckResult, Diagnosis, GradedSubmission, Mark, Override, StepMark

SCHEMA_VERSION: Final = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ResultOverride(_Part):
    """Points that a person gave instead of the grader's; `at` with its offset from UTC."""

    points: float
    reason: str
    by: str
    at: datetime


class ResultLateness(_Part):
    """How late the notebook came, and the percentage and points that it cost.

    `days` is null if it is only known to be late.
    """

    due: datetime
    handed_in_at: datetime | None
    days: int | None
    percent: float
    points: float


class ResultCheck(_Part):
    """What one check found, in the language of the result."""

    id: str
    verdict: Verdict
    points: float
    max_points: float
    sentence: str
    message: str
    expected: str | None
    actual: str | None
    hint: str | None
    override: ResultOverride | None


class ResultStep(_Part):
    """One step's verdict and points; `followed_through` as in the report."""

    id: Step
    title: str
    points: float
    max_points: float
    verdict: Verdict
    followed_through: bool
    checks: tuple[ResultCheck, ...]


class ResultDiagnosis(_Part):
    """A named mistake; `cell` counts all cells from 1, `line` the lines of that cell.

    `also` are the ids of mistakes that behave the same.
    """

    id: str
    also: tuple[str, ...]
    step: Step
    cell: int | None
    line: int | None
    message: str
    hint: str


class ResultLine(_Part):
    """A line w*x + b; null where the number is not finite."""

    w: float | None
    b: float | None


class ResultLoss(_Part):
    """The recorded losses in short; null where a loss is not finite."""

    first: float | None
    last: float | None
    count: int


class ResultIsolation(_Part):
    """How well the notebook was isolated while it ran."""

    tier: str
    missing: tuple[str, ...]


class Result(_Part):
    """One graded submission."""

    schema_version: Literal[1]
    student: str
    assignment: str
    language: str
    outcome: Outcome
    points: float
    max_points: float
    withheld: bool
    withheld_reason: str | None
    override: ResultOverride | None
    lateness: ResultLateness | None
    remarks: tuple[str, ...]
    steps: tuple[ResultStep, ...]
    diagnoses: tuple[ResultDiagnosis, ...]
    learned: ResultLine | None
    loss: ResultLoss | None
    isolation: ResultIsolation | None
    duration_s: float
    grader_version: str

    def same_mark_as(self, other: Result) -> bool:
        """Whether both say the same about the work; the file and its run may differ."""
        aside: dict[str, object] = {"remarks": (), "duration_s": 0.0}
        return self.model_copy(update=aside) == other.model_copy(update=aside)


def result_of(graded: GradedSubmission, translations: Translations, language: str) -> Result:
    """Put a graded submission into the words of `translations`, whose language is `language`."""
    mark, figures = graded.mark, graded.figures
    reason = mark.withheld_reason
    isolation = graded.execution.isolation if graded.execution else None
    return Result(
        schema_version=SCHEMA_VERSION,
        student=printable(graded.submission.student),
        assignment=printable(graded.assignment.id),
        language=language,
        outcome=graded.outcome,
        points=_rounded(mark.points),
        max_points=_rounded(mark.max_points),
        withheld=mark.withheld,
        withheld_reason=_text(reason, translations),
        override=_override(mark.override),
        lateness=_lateness(mark),
        remarks=tuple(printable(r.render(translations)) for r in graded.submission.remarks),
        steps=tuple(_step(step, translations) for step in mark.steps),
        diagnoses=tuple(_diagnosis(diagnosis, translations) for diagnosis in mark.diagnoses),
        learned=(
            ResultLine(w=_finite(figures.learned.w), b=_finite(figures.learned.b))
            if figures.learned
            else None
        ),
        loss=(
            ResultLoss(
                first=_finite(figures.losses[0]),
                last=_finite(figures.losses[-1]),
                count=len(figures.losses),
            )
            if figures.losses
            else None
        ),
        isolation=(
            ResultIsolation(tier=isolation.tier, missing=isolation.missing) if isolation else None
        ),
        duration_s=round(graded.duration_s, 3),
        grader_version=grader_version(),
    )


def read_json(path: Path) -> Result | None:
    """The result that was written to `path`; None if there is none, or it has another form."""
    try:
        return Result.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def write_json(result: Result, path: Path) -> Path:
    """Write the result; the same result always gives the same bytes."""
    return write_whole(path, result.model_dump_json(indent=2) + "\n")


@cache
def grader_version() -> str:
    """The version of this program, "unknown" if it runs without being installed."""
    try:
        return version("torchgrade")
    except PackageNotFoundError:
        return "unknown"


def schema_text() -> str:
    """The JSON Schema of `Result`, as it is shipped in `result.schema.json`."""
    schema = Result.model_json_schema() | {
        "$schema": "https://json-schema.org/draft/2020-12/schema"
    }
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def _step(mark: StepMark, translations: Translations) -> ResultStep:
    return ResultStep(
        id=mark.step,
        title=STEP_TITLES[mark.step].render(translations),
        points=_rounded(mark.points),
        max_points=_rounded(mark.max_points),
        verdict=mark.verdict,
        followed_through=mark.followed_through,
        checks=tuple(_check(check, translations) for check in mark.checks),
    )


def _check(check: CheckResult, translations: Translations) -> ResultCheck:
    judgement = check.judgement
    return ResultCheck(
        id=check.id,
        verdict=judgement.verdict,
        points=_rounded(check.points),
        max_points=_rounded(check.max_points),
        sentence=printable(check.sentence.render(translations)),
        message=printable(judgement.message.render(translations)),
        expected=_text(judgement.expected, translations),
        actual=_text(judgement.actual, translations),
        hint=_text(judgement.hint, translations),
        override=_override(check.override),
    )


def _override(given: Override | None) -> ResultOverride | None:
    if given is None:
        return None
    return ResultOverride(
        points=_rounded(given.points),
        reason=printable(given.reason),
        by=printable(given.by),
        at=given.at,
    )


def _lateness(mark: Mark) -> ResultLateness | None:
    late = mark.lateness
    if late is None:
        return None
    return ResultLateness(
        due=late.due,
        handed_in_at=late.handed_in_at,
        days=late.days,
        percent=late.percent,
        points=_rounded(mark.lost),
    )


def _diagnosis(diagnosis: Diagnosis, translations: Translations) -> ResultDiagnosis:
    return ResultDiagnosis(
        id=diagnosis.id,
        also=diagnosis.also,
        step=diagnosis.step,
        cell=diagnosis.cell,
        line=diagnosis.line,
        message=printable(diagnosis.message.render(translations)),
        hint=printable(diagnosis.hint.render(translations)),
    )


def _text(message: Message | None, translations: Translations) -> str | None:
    return printable(message.render(translations)) if message else None


def _rounded(points: float) -> float:
    return round(points, 2)


def _finite(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None
