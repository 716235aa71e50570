from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from grader.authoring import drawing, mixed
from grader.authoring.mixed import Known, Mixed, Seen
from grader.cli import app
from grader.course.rates import written_rates
from grader.models import Step, Tally
from tests.authoring.test_mixed import RIGHT, diagnosis, mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typer.testing import Result

    from grader.models import Mark

pytestmark = pytest.mark.usefixtures("no_kernels")

ROOT = Path(__file__).parents[2]
LESSON = "01_exact_line"
WRONG = mark(diagnosis("step_missing", Step.TRAIN), train="failed")


class NoDrawing:
    """In place of what starts programs: a composition is only its name."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> NoDrawing:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def draw(self, name: str) -> Known:
        guilty = {} if name.startswith("right") else {Step.TRAIN: frozenset({"step_missing"})}
        return Known(name, Path(f"{name}.ipynb"), b"{}", guilty, "its parts")


@dataclass
class Course:
    """A course of one lesson, whose notebooks are all marked as `given`."""

    folder: Path
    given: dict[str, Mark] = field(default_factory=dict)
    complete: bool = True

    def run(self, *arguments: str, lang: str = "en") -> Result:
        options = ("--course", str(self.folder), "--lang", lang)
        return CliRunner().invoke(app, ["audit", LESSON, *arguments, *options])

    def grade(
        self, notebooks: Sequence[Callable[[], Known]], *_: object, **options: object
    ) -> Mixed:
        seen = [Seen(known := make(), self.marked(known)) for make in notebooks]
        kept = tuple(one for one in seen if options["every"] or not one.as_due)
        return Mixed(sum((one.tally for one in seen), Tally()), kept, self.complete)

    def marked(self, known: Known) -> Mark:
        if known.name in self.given:
            return self.given[known.name]
        return WRONG if known.guilty else RIGHT


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    for kind in ("assignments", "solutions"):
        shutil.copytree(ROOT / kind / LESSON, tmp_path / kind / LESSON)
    (tmp_path / "assignments" / LESSON / "rates.toml").unlink(missing_ok=True)
    made = Course(tmp_path)
    monkeypatch.setattr(drawing, "Drawing", NoDrawing)
    monkeypatch.setattr(mixed, "grade_known", made.grade)
    return made


def test_a_hurt_notebook_is_listed_with_its_parts_and_ends_with_1(course: Course) -> None:
    course.given["right-1"] = mark(loss="failed")
    ended = course.run("--mixed", "8", "--drawn-by", "abc")
    assert ended.exit_code == 1
    assert "right-1: its parts" in ended.output
    assert "is right and got" in ended.output
    assert '--mixed-only right-1 --drawn-by "abc" --keep' in ended.output


def test_nothing_to_say_ends_with_0(course: Course) -> None:
    ended = course.run("--mixed-only", "right-1", "--mixed-only", "right-2")
    assert ended.exit_code == 0
    assert "no line is crossed" in ended.output


def test_what_is_written_is_what_was_counted(course: Course) -> None:
    assert course.run("--mixed", "8", "--drawn-by", "abc", "--write").exit_code == 0
    rates = written_rates(course.folder / "assignments" / LESSON)
    assert rates is not None
    assert rates.mixed is not None
    assert (rates.mixed.tally.right, rates.mixed.tally.wrong, rates.mixed.seed) == (6, 2, "abc")
    assert rates.sealed is None


def test_an_interruption_reports_and_writes_nothing(course: Course) -> None:
    course.complete = False
    ended = course.run("--mixed", "8", "--write")
    assert ended.exit_code == 130
    assert "interrupted" in ended.output
    assert written_rates(course.folder / "assignments" / LESSON) is None


def test_what_is_kept_can_be_graded_as_a_sealed_set(course: Course, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    course.run("--mixed-only", "wrong-1", "--mixed-only", "right-1", "--keep", str(kept))
    labels = json.loads((kept / LESSON / "labels.json").read_text("utf-8"))
    assert {label["file"]: label["wrong_steps"] for label in labels} == {
        "right-1.ipynb": [],
        "wrong-1.ipynb": ["train"],
    }
    ended = course.run("--sealed", str(kept / LESSON), "--write")
    assert ended.exit_code == 0
    rates = written_rates(course.folder / "assignments" / LESSON)
    assert rates is not None
    assert rates.sealed is not None
    assert (rates.sealed.tally.right, rates.sealed.tally.wrong) == (1, 1)


def test_a_few_compositions_are_no_rate(course: Course) -> None:
    assert course.run("--mixed-only", "right-1", "--write").exit_code == 2


def test_the_rates_of_a_course_are_shown(course: Course) -> None:
    course.run("--mixed", "8", "--write")
    shown = CliRunner().invoke(app, ["rates", "--course", str(course.folder), "--lang", "zh"])
    assert shown.exit_code == 0
    assert "对的 6 份，错的 2 份" in shown.output
