"""Reads recipes and tolerances from a lesson's folder; every wrong entry is named at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from grader.errors import AssignmentError, BrokenTomlError
from grader.language.messages import say
from grader.recipes.kinds import AnyRecipe
from grader.recipes.recipe import Recipe

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R", bound=Recipe)


class _HoldsRecipe(BaseModel):
    recipe: AnyRecipe


def read_table(path: Path) -> dict[str, object]:
    """A TOML file's content; raises AssignmentError if it is missing or broken."""
    text = ""
    try:
        text = path.read_text("utf-8")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise AssignmentError(say("{path} is missing.", path=str(path))) from None
    except tomllib.TOMLDecodeError as error:
        raise BrokenTomlError(path, str(error), _line_of(error, text)) from None
    except UnicodeDecodeError as error:
        raise BrokenTomlError(path, str(error), None) from None


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> int:
    """Where the text is no TOML; before Python 3.14, only tomllib's own sentence says it."""
    if isinstance(line := getattr(error, "lineno", None), int):
        return line
    told = re.search(r"\(at line (\d+), column \d+\)$", str(error))
    return int(told[1]) if told else text.count("\n") + 1


def recipe_of(folder: Path) -> Recipe:
    """The recipe of an assignment, whatever its kind."""
    path = folder / "assignment.toml"
    return validated(_HoldsRecipe, {"recipe": read_table(path).get("recipe")}, path).recipe


def recipe_beside(checks: str, kind: type[R]) -> R:
    """The recipe in the assignment.toml next to a checks.py (its `__file__`)."""
    path = Path(checks).with_name("assignment.toml")
    return validated(kind, read_table(path).get("recipe"), path)


def written_tolerances(folder: Path, kind: type[T]) -> T | None:
    """What an assignment's tolerances.toml says now; None if there is none."""
    path = folder / "tolerances.toml"
    return validated(kind, read_table(path), path) if path.is_file() else None


def tolerances_beside(checks: str, kind: type[T]) -> T:
    """The tolerances.toml that `grader calibrate` wrote next to a checks.py (its `__file__`)."""
    path = Path(checks).with_name("tolerances.toml")
    return validated(kind, read_table(path), path)


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
