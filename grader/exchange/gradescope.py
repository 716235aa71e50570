"""Gradescope: results.json for one submission, and the zip that makes an autograder of a lesson.

Form: docs/specs.md of gradescope/autograder_samples.
"""

from __future__ import annotations

import io
import json
import zipfile
from importlib.metadata import requires, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement
from pydantic import BaseModel, ConfigDict

import grader
from grader.course.course import Course, references_in
from grader.exchange.standing import Exported
from grader.language.messages import say
from grader.models import Verdict
from grader.reporting.result import result_of
from grader.reporting.wording import isolation_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.assignment import Assignment
    from grader.language.messages import Translations
    from grader.models import GradedSubmission
    from grader.reporting.result import Result, ResultCheck

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
# Lesson templates for authors, with their solutions, do not belong there.
_LEFT_OUT: Final = frozenset({"__pycache__", "scaffolds"})
_PROGRAMS: Final = ("setup.sh", "run_autograder")


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Test(_Form):
    """One check."""

    score: float
    max_score: float
    status: str
    name: str
    number: str
    output: str
    tags: tuple[str, ...]
    visibility: str


class Results(_Form):
    """What Gradescope reads; a withheld mark is hidden from the student until it is settled."""

    score: float
    execution_time: float
    output: str
    output_format: str = "text"
    test_output_format: str = "text"
    test_name_format: str = "text"
    visibility: str
    stdout_visibility: str = "hidden"
    extra_data: dict[str, str | bool]
    tests: tuple[Test, ...]


def results_json(graded: GradedSubmission, translations: Translations, language: str) -> bytes:
    """results.json for one submission."""
    result = result_of(graded, translations, language)
    visibility = "hidden" if result.withheld else "visible"
    results = Results(
        score=result.points,
        execution_time=result.duration_s,
        output=_summary(result, translations),
        visibility=visibility,
        extra_data={
            "assignment": result.assignment,
            "outcome": result.outcome,
            "withheld": result.withheld,
            "withheld_reason": result.withheld_reason or "",
            "grader_version": result.grader_version,
            "isolation": result.isolation.tier if result.isolation else "",
            "isolation_missing": ", ".join(result.isolation.missing if result.isolation else ()),
        },
        tests=tuple(
            _test(check, f"{place}.{number}", step.title)
            for place, step in enumerate(result.steps, 1)
            for number, check in enumerate(step.checks, 1)
        ),
    )
    return results.model_dump_json(indent=2).encode() + b"\n"


def crash_json(message: str) -> bytes:
    """results.json if the grader itself broke: nothing that the student is to blame for."""
    results = {"score": 0, "output": message, "visibility": "hidden", "stdout_visibility": "hidden"}
    return json.dumps(results, ensure_ascii=False).encode() + b"\n"


def autograder_zip(assignment: Assignment) -> Exported:
    """The zip to upload as a lesson's autograder: this grader, its requirements, the lesson."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in _contents(assignment):
            info = zipfile.ZipInfo(place, _EPOCH)
            info.external_attr = (0o755 if place in _PROGRAMS else 0o644) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return Exported(buffer.getvalue(), 1)


def _contents(assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    for name in _PROGRAMS:
        text = files("grader.exchange").joinpath("autograder", name).read_text("utf-8")
        yield name, text.replace("@ASSIGNMENT@", assignment.id).encode()
    yield "requirements.txt", "".join(f"{line}\n" for line in _requirements()).encode()
    package = Path(grader.__file__).parent
    for path in sorted(package.rglob("*")):
        if path.is_file() and _LEFT_OUT.isdisjoint(path.relative_to(package).parts):
            yield f"grader/{path.relative_to(package).as_posix()}", path.read_bytes()
    home = Course(Path("course")).folders(assignment.id)
    for path in sorted(assignment.folder.iterdir()):
        if path.is_file():
            yield (home.assignment / path.name).as_posix(), path.read_bytes()
    if assignment.solutions is not None:
        for path in references_in(assignment.solutions):
            yield (home.solutions / path.name).as_posix(), path.read_bytes()


def _requirements() -> Iterator[str]:
    """What the grader needs, in the versions that it runs with here."""
    for requirement in map(Requirement, requires("torchgrade") or ()):
        if requirement.name == "editables":
            continue  # how the grader is installed here, not what it needs
        if requirement.marker is None or requirement.marker.evaluate({"extra": "class"}):
            yield f"{requirement.name}=={version(requirement.name).partition('+')[0]}"


def _summary(result: Result, translations: Translations) -> str:
    lines = [diagnosis.message for diagnosis in result.diagnoses]
    if result.withheld:
        lines.insert(
            0, say("Your instructor will look at it before it counts.").render(translations)
        )
    if result.isolation is not None:
        said = isolation_sentences(result.isolation.tier, result.isolation.missing)
        lines += [sentence.render(translations) for sentence in said]
    return "\n".join(lines)


def _test(check: ResultCheck, number: str, title: str) -> Test:
    parts = [
        check.message,
        check.expected and f"+ {check.expected}",
        check.actual and f"- {check.actual}",
    ]
    if check.verdict is not Verdict.PASSED:
        parts.append(check.hint)
    if check.override is not None:
        parts.append(f"{check.override.by}: {check.override.reason}")
    return Test(
        score=check.points,
        max_score=check.max_points,
        status="passed" if check.verdict is Verdict.PASSED else "failed",
        name=check.sentence,
        number=number,
        output="\n".join(part for part in parts if part),
        tags=(title,),
        visibility="visible",
    )
