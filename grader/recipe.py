"""What a lesson's numbers are: the line to find, how it is trained, and what chance allows."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from grader.errors import AssignmentError
from grader.messages import say
from grader.replay import Line

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T", bound=BaseModel)


class Tolerances(BaseModel):
    """How far an honest result may lie from the goal, as `grader calibrate` measured it.

    `w`, `b` are the distances, `loss_ratio` the last over the first loss, that honest training
    each exceeds with probability `false_fail`; `joint_false_fail` is how often it exceeded any of
    them over `draws` random starts (and noises).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    false_fail: float
    draws: int
    w: float
    b: float
    loss_ratio: float
    joint_false_fail: float | None = None


class Grid(BaseModel):
    """Evenly spaced numbers, as numpy.arange gives them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: FiniteFloat
    stop: FiniteFloat
    step: float = Field(gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _holds_numbers(self) -> Self:
        if self.stop <= self.start:
            raise ValueError("stop has to be larger than start")
        return self

    def values(self) -> NDArray[np.float64]:
        """The numbers; each is start + i * step, so that no rounding error adds up."""
        count = math.ceil((self.stop - self.start) / self.step - 1e-9)
        return self.start + self.step * np.arange(count, dtype=np.float64)


class Recipe(BaseModel):
    """The numbers of a lesson, from `[recipe]` in assignment.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    w: FiniteFloat
    b: FiniteFloat
    epochs: int = Field(gt=0)
    learning_rate: float = Field(gt=0, allow_inf_nan=False)
    inputs: Grid
    noise: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    @property
    def line(self) -> Line:
        """The line to be found."""
        return Line(self.w, self.b)


def read_table(path: Path) -> dict[str, object]:
    """A TOML file's content; raises AssignmentError where there is none or it is broken."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise AssignmentError(say("{path} is missing.", path=str(path))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(
            say("{path} is no valid TOML: {error}", path=str(path), error=str(error))
        ) from None


def recipe_beside(checks: str) -> Recipe:
    """The recipe in the assignment.toml that lies beside a checks.py (its `__file__`)."""
    path = Path(checks).with_name("assignment.toml")
    return validated(Recipe, read_table(path).get("recipe"), path)


def written_tolerances(folder: Path) -> Tolerances | None:
    """What an assignment's tolerances.toml says now; None where there is none."""
    path = folder / "tolerances.toml"
    return validated(Tolerances, read_table(path), path) if path.is_file() else None


def tolerances_beside(checks: str) -> Tolerances:
    """The tolerances.toml that `grader calibrate` wrote beside a checks.py (its `__file__`)."""
    path = Path(checks).with_name("tolerances.toml")
    return validated(Tolerances, read_table(path), path)


def validated(model: type[T], table: object, path: Path) -> T:
    """The table as a model; raises AssignmentError naming every wrong entry at once."""
    try:
        return model.model_validate(table)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        raise AssignmentError(
            say("{path} cannot be used: {problems}", path=str(path), problems=problems)
        ) from None
