"""Compares the demo's reports with what the class deserves."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from jsonschema import Draft202012Validator

from demo.handing_in import Expected
from grader.models import Outcome, Verdict
from grader.reporting.filenames import report_path
from grader.reporting.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from demo.handing_in import HandedIn

_FULL: Final = 100.0
FEWEST_MARKS: Final = 48
FEWEST_LESSONS: Final = 4


def result_path(reports: Path, handed_in: HandedIn) -> Path:
    """Where a work's JSON result is."""
    page = report_path(reports, handed_in.work.lesson, handed_in.work.student)
    return page.with_name(f"{page.stem}.json")


def faults(reports: Path, class_: Sequence[HandedIn]) -> tuple[str, ...]:
    """What is not as expected, one sentence each; none if all is well."""
    schema = json.loads(files("grader.reporting").joinpath("result.schema.json").read_text("utf-8"))
    validator = Draft202012Validator(schema)
    found: list[str] = []
    marked: list[Result] = []
    for handed_in in class_:
        path = result_path(reports, handed_in)
        if not path.is_file():
            found.append(f"{path} is missing.")
            continue
        text = path.read_text("utf-8")
        breaches = [error.message for error in validator.iter_errors(json.loads(text))]
        found += [f"{path} breaks the schema: {breach}" for breach in breaches]
        if breaches:
            continue
        result = Result.model_validate_json(text)
        found += _differences(handed_in, result)
        if not result.withheld:
            marked.append(result)
    if len(marked) < FEWEST_MARKS:
        found.append(f"Only {len(marked)} submissions are marked, not {FEWEST_MARKS}.")
    lessons = {result.assignment for result in marked}
    if len(lessons) < FEWEST_LESSONS:
        found.append(f"Only {len(lessons)} lessons are marked, not {FEWEST_LESSONS}.")
    return tuple(found)


def _differences(handed_in: HandedIn, result: Result) -> Iterator[str]:
    if not _as_expected(handed_in.expected, result):
        work = handed_in.work
        got = f"{result.points:g} points{', withheld' if result.withheld else ''}"
        steps = ", ".join(f"{step.id} {step.verdict}" for step in result.steps)
        yield (
            f"{work.student}, {work.lesson} ({work.variant}): expected {handed_in.expected}; "
            f"got {got} ({result.outcome}; {steps or 'no steps'})."
        )


def _as_expected(expected: Expected, result: Result) -> bool:
    match expected:
        case Expected.FULL_MARKS:
            return result.points == _FULL and not result.withheld
        case Expected.NOT_ATTEMPTED:
            verdicts = {step.verdict for step in result.steps}
            return result.points == 0 and verdicts == {Verdict.NOT_ATTEMPTED}
        case Expected.LESS:
            return result.points < _FULL and not result.withheld
        case Expected.UNREADABLE:
            return result.outcome is Outcome.UNREADABLE and result.withheld
        case Expected.TO_CONFIRM:
            return result.points == _FULL and result.withheld
