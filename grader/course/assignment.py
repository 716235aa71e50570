"""Reads `assignments/<id>/`: the folder is the registration, there is no list to edit."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.checks.checking import Check
from grader.course.course import Course
from grader.course.rates import RATES_FILE, written_rates
from grader.errors import AssignmentError, UsageError
from grader.language.messages import say
from grader.models import FULL_MARKS, AssignmentInfo, Learned, Rates, Step
from grader.recipes.expectation import expectation_of
from grader.recipes.kinds import AnyRecipe
from grader.recipes.reading import read_table, validated, written_tolerances

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from grader.language.messages import Message
    from grader.recipes.recipe import Recipe
    from grader.recipes.tolerances import Tolerances


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LimitsTable(_Strict):
    """`[limits]`: seconds for one cell and for the whole notebook."""

    cell_s: float = Field(default=20.0, gt=0)
    notebook_s: float = Field(default=60.0, gt=0)


class TransferTable(_Strict):
    """`[transfer]`: other answers for the same cards, or other cards.

    `formula` is Python in X that gives the new answers; `given` is Python that replaces what the
    handout gave. Both have a `{name}` for each entry of `ranges`, whose numbers are drawn anew for
    each submission, by its hash, so that a mark can be repeated.
    """

    formula: str = ""
    given: str = ""
    ranges: dict[str, tuple[float, float]] = {}

    @model_validator(mode="after")
    def _can_be_drawn(self) -> Self:
        try:
            self.draw("")
            self.draw_given("")
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ValueError(f"formula and ranges do not fit: {error!r}") from None
        return self

    def draw(self, sha256: str) -> str:
        """The formula for one submission."""
        return self.formula.format(**self._drawn(sha256))

    def draw_given(self, sha256: str) -> str:
        """What replaces the handout's own things, for one submission."""
        return self.given.format(**self._drawn(sha256))

    def _drawn(self, sha256: str) -> dict[str, float]:
        drawn = {}
        for name, (low, high) in self.ranges.items():
            digest = hashlib.sha256(f"{sha256}/{name}".encode()).digest()
            share = int.from_bytes(digest[:8], "big") / 2**64
            drawn[name] = round(low + (high - low) * share, 3)
        return drawn


class DeadlineTable(_Strict):
    """`[deadline]`: when it is due, and what being late costs; without it nothing is ever late.

    `due` has an offset, or else `zone` names its time zone. Each started day after `due` costs
    `percent_per_day` of the points, at most `cap_percent`; within `grace_minutes` it costs nothing.
    The times of plain files say little and count only if `file_times` is true.
    """

    due: datetime
    zone: str | None = None
    grace_minutes: float = Field(default=0.0, ge=0)
    percent_per_day: float = Field(default=0.0, ge=0, le=100)
    cap_percent: float = Field(default=100.0, ge=0, le=100)
    file_times: bool = False

    @model_validator(mode="after")
    def _has_one_zone(self) -> Self:
        if (self.due.tzinfo is None) is (self.zone is None):
            raise ValueError(
                "due needs either an offset (2026-11-20T23:59:00+08:00) or a zone (Asia/Shanghai)"
            )
        try:
            ZoneInfo(self.zone or "UTC")
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"zone {self.zone!r} is not known") from error
        return self

    @property
    def moment(self) -> datetime:
        """When it is due, with its zone."""
        return self.due.replace(tzinfo=ZoneInfo(self.zone)) if self.zone else self.due


class AttemptsTable(_Strict):
    """`[attempts]`: which of several notebooks of one student counts."""

    counts: Literal["latest", "best"] = "latest"


class AssignmentTable(_Strict):
    """assignment.toml."""

    format: Literal[1]
    title: dict[str, str] = Field(min_length=1)
    seed: int = 0
    recipe: AnyRecipe
    transfer: TransferTable
    limits: LimitsTable = LimitsTable()
    deadline: DeadlineTable | None = None
    attempts: AttemptsTable = AttemptsTable()


@dataclass(frozen=True)
class Assignment:
    """One exercise: what it is called, how it is run, and how it is judged.

    `digest` changes whenever anything that makes a mark changes: numbers, checks, handouts.
    """

    folder: Path
    solutions: Path | None
    table: AssignmentTable
    tolerances: Tolerances | None
    checks: tuple[Check, ...]
    digest: str
    rates: Rates | None = None

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    @cached_property
    def info(self) -> AssignmentInfo:
        """What a report says about it; where honest training leads takes a moment to compute."""
        table, tolerances = self.table, self.tolerances
        return AssignmentInfo(
            self.id,
            dict(table.title),
            _target(table.recipe),
            table.recipe.epochs,
            _catalogues(self.folder),
            false_fail=tolerances.false_fail if tolerances is not None else None,
            draws=tolerances.draws if tolerances is not None else None,
            expectation=expectation_of(table.recipe, tolerances),
            rates=self.rates,
        )


def load_assignments(root: Path) -> tuple[Assignment, ...]:
    """Every assignment under `root`/assignments, by id; raises AssignmentError, UsageError."""
    course = Course(root)
    homes = course.all()
    if not homes:
        raise UsageError(course.without_assignments)
    return tuple(load_assignment(home.assignment, home.solutions) for home in homes)


def load_assignment(folder: Path, solutions: Path | None = None) -> Assignment:
    """One assignment; `solutions` is where its reference and bank are, if they are at hand."""
    path = folder / "assignment.toml"
    table = validated(AssignmentTable, read_table(path), path)
    checks = load_checks(folder / "checks.py")
    tolerances = written_tolerances(folder, table.recipe.tolerances)
    if faults := tuple(rubric_faults(checks)):
        place = str(folder / "checks.py")
        raise AssignmentError(
            *(say("{place}: {problem}", place=place, problem=fault.problem) for fault in faults)
        )
    return Assignment(
        folder=folder,
        solutions=solutions if solutions is not None and solutions.is_dir() else None,
        table=table,
        tolerances=tolerances,
        checks=checks,
        digest=_digest(folder),
        rates=written_rates(folder),
    )


def _target(recipe: Recipe) -> Learned | None:
    return Learned(recipe.line.w, recipe.line.b) if recipe.line is not None else None


def load_checks(path: Path) -> tuple[Check, ...]:
    """The checks of a checks.py, in the order in which they are written; raises AssignmentError."""
    try:
        module = _imported(path)
    except AssignmentError:
        raise
    except Exception as error:
        raise AssignmentError(
            say(
                "{path} cannot be imported: {name}: {error}",
                path=str(path),
                name=type(error).__name__,
                error=str(error),
            )
        ) from error
    return tuple(check for value in vars(module).values() for check in _as_checks(value))


@dataclass(frozen=True, slots=True)
class RubricFault:
    """What is wrong with a lesson's checks; `check` is the id of the one to mend, if it is one."""

    problem: Message
    check: str | None = None


def rubric_faults(checks: tuple[Check, ...]) -> Iterator[RubricFault]:
    """What is wrong with the checks of a lesson, taken together."""
    ids = [check.id for check in checks]
    for id_ in dict.fromkeys(id_ for id_ in ids if ids.count(id_) > 1):
        problem = say("two checks are called {id}. Give each a name of its own.", id=id_)
        yield RubricFault(problem, id_)
    unjudged = [step.value for step in Step if step not in {check.step for check in checks}]
    if unjudged:
        yield RubricFault(
            say("there is no check for: {steps}. Every step needs one.", steps=", ".join(unjudged))
        )
    total = sum(check.points for check in checks)
    if total != FULL_MARKS:
        yield RubricFault(
            say(
                "the checks are worth {total:g} points together; change `points` so that they sum "
                "to 100.",
                total=total,
            )
        )


def _as_checks(value: object) -> tuple[Check, ...]:
    """A check of the lesson's own, or several ready-made ones under one name."""
    values = value if isinstance(value, tuple) else (value,)
    return tuple(each for each in values if isinstance(each, Check))


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"grader_checks_{path.parent.name}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise AssignmentError(say("{path} is missing.", path=str(path)))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _catalogues(folder: Path) -> dict[str, Path]:
    """The assignment's own translations, `<language>.po` next to its checks."""
    return {path.stem: path for path in sorted(folder.glob("*.po"))}


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        # How often the grader was wrong makes no mark.
        if path.is_file() and path.name != RATES_FILE:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
