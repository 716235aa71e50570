"""What a lesson's numbers are: what is to be learned, how it is trained, and what chance allows.

A recipe's kind says what is to be learned: a line, a curve, on which side of a threshold a number
lies, or what is in a picture. It knows how such a lesson's guesses are marked, and its model.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, Self, TypeVar

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    FiniteFloat,
    Tag,
    ValidationError,
    model_validator,
)

from grader.errors import AssignmentError
from grader.language.messages import say
from grader.models import Step
from grader.recipes.formula import answers_by
from grader.remembering import remembered
from grader.replay import Line, line_orders, score_lines
from grader.replay.architectures import (
    Activation,
    AffineMap,
    Architecture,
    Network,
    fits,
    network_places,
)
from grader.replay.loss_functions import CROSS_ENTROPY, SQUARED_ERROR, LossFunction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.evidence import ModelSeen

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R", bound="Recipe")

# What each step's cell makes: the names that later cells find the student's work by.
ROLES: Mapping[Step, tuple[str, ...]] = {
    Step.DATA: ("X", "y"),
    Step.MODEL: ("model",),
    Step.LOSS: ("loss_fn",),
    Step.OPTIMIZER: ("optimizer",),
    Step.TRAIN: ("losses",),
}


class Tolerances(BaseModel):
    """How far an honest result may lie from the goal, as `grader calibrate` measured it.

    `false_fail` is how often honest training exceeds each of them, `joint_false_fail` how often any
    of them, over `draws` random starts (and noises, or orders of the cards).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    false_fail: float
    draws: int
    joint_false_fail: float | None = None


class LineTolerances(Tolerances):
    """`w`, `b` are the distances from the goal, `loss_ratio` the last over the first loss."""

    w: float
    b: float
    loss_ratio: float


class ThresholdTolerances(Tolerances):
    """`boundary` is the distance from the threshold, `loss` the loss at the end."""

    boundary: float
    loss: float


class CurveTolerances(Tolerances):
    """`distance` is the farthest from the curve between its ends, `loss` the loss at the end."""

    distance: float
    loss: float


class PicturesTolerances(Tolerances):
    """`accuracy` is the least share of right answers on new cards, `loss_ratio` as above."""

    accuracy: float
    loss_ratio: float


AnyTolerances = LineTolerances | CurveTolerances | ThresholdTolerances | PicturesTolerances


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
    """The numbers that every lesson has, from `[recipe]` in assignment.toml.

    `given` are names that the handout itself makes, for the data step to work with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    loss_function: ClassVar[LossFunction]
    tolerances: ClassVar[type[Tolerances]]
    roles: ClassVar[Mapping[Step, tuple[str, ...]]] = ROLES
    epochs: int = Field(gt=0)
    learning_rate: float = Field(gt=0, allow_inf_nan=False)
    given: tuple[str, ...] = ()

    def architectures(self, model: ModelSeen) -> tuple[Architecture, ...]:
        """What the model can be replayed as: nothing, one thing, or where numbers are equal two."""
        raise NotImplementedError

    @property
    def width(self) -> int:
        """How many numbers stand on the front of a card."""
        return 1

    @property
    def updates_per_epoch(self) -> int:
        """How often the model changes while it goes through the cards once."""
        return 1

    @property
    def line(self) -> Line | None:
        """The line to be found, where it is one."""
        return None


class LineRecipe(Recipe):
    """A line is to be found by cards with numbers, perhaps behind noise."""

    loss_function: ClassVar[LossFunction] = SQUARED_ERROR
    tolerances: ClassVar[type[Tolerances]] = LineTolerances

    kind: Literal["line"] = "line"
    w: FiniteFloat
    b: FiniteFloat
    inputs: Grid
    noise: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    @property
    def line(self) -> Line:
        """The line to be found."""
        return Line(self.w, self.b)

    @remembered
    def architectures(self, model: ModelSeen) -> tuple[Architecture, ...]:
        """A line, in one order of its two numbers or in both."""
        return tuple(AffineMap(*places) for places in line_orders(model))


class ThresholdRecipe(Recipe):
    """On which side of a threshold a number lies is to be found out: yes above, no below."""

    loss_function: ClassVar[LossFunction] = CROSS_ENTROPY
    tolerances: ClassVar[type[Tolerances]] = ThresholdTolerances
    roles: ClassVar[Mapping[Step, tuple[str, ...]]] = {
        **ROLES,
        Step.TRAIN: ("losses", "accuracy"),
    }

    kind: Literal["threshold"]
    threshold: FiniteFloat
    inputs: Grid

    @remembered
    def architectures(self, model: ModelSeen) -> tuple[Architecture, ...]:
        """A line whose values are scores, or whose scores come out as probabilities."""
        return score_lines(model, shares=False) or score_lines(model, shares=True)


class NetworkRecipe(Recipe):
    """Something is to be learned by a network with one layer of `hidden` numbers in between."""

    hidden: int = Field(gt=0)
    activation: Activation = "relu"

    @property
    def size(self) -> int:
        """How many numbers the network has: weights and biases of two layers."""
        return self.hidden * (self.width + 2) + 1

    def networks(self, model: ModelSeen) -> tuple[Network, ...]:
        """Every way in which the model's numbers can be those of such a network."""
        shapes = [p.shape for p in model.parameters]
        return network_places(shapes, self.width, self.hidden, self.activation)


class CurveRecipe(NetworkRecipe):
    """A curve is to be learned from cards with numbers, by a network; `formula` gives it in X."""

    loss_function: ClassVar[LossFunction] = SQUARED_ERROR
    tolerances: ClassVar[type[Tolerances]] = CurveTolerances

    kind: Literal["curve"]
    formula: str
    inputs: Grid
    activation: Activation = "tanh"

    @model_validator(mode="after")
    def _gives_answers(self) -> Self:
        try:
            answers = answers_by(self.formula, self.inputs.values())
        except Exception as error:
            raise ValueError(f"formula cannot be worked out: {error!r}") from None
        if answers.shape != self.inputs.values().shape or not np.isfinite(answers).all():
            raise ValueError("formula does not give one number for every card")
        return self

    @remembered
    def architectures(self, model: ModelSeen) -> tuple[Architecture, ...]:
        """The network, if the model's numbers and answers are such a network's."""
        return tuple(network for network in self.networks(model) if fits(network, model))


class PicturesRecipe(NetworkRecipe):
    """What is in a picture is to be found out, by a network with one hidden layer.

    `cards` are to practise on, in batches of `batch`, and `exam` cards are kept back; `pixels` are
    the numbers on one card; `given` are the names that hold cards and answers for both.
    """

    loss_function: ClassVar[LossFunction] = CROSS_ENTROPY
    tolerances: ClassVar[type[Tolerances]] = PicturesTolerances
    roles: ClassVar[Mapping[Step, tuple[str, ...]]] = {
        **ROLES,
        Step.DATA: ("X", "y", "X_test", "y_test", "loader"),
        Step.TRAIN: ("losses", "accuracy"),
    }

    kind: Literal["pictures"]
    cards: int = Field(gt=0)
    exam: int = Field(gt=0)
    pixels: int = Field(gt=0)
    batch: int = Field(gt=0)
    given: tuple[str, str, str, str]

    @property
    def width(self) -> int:
        """How many numbers stand on the front of a card."""
        return self.pixels

    @property
    def updates_per_epoch(self) -> int:
        """How often the model changes while it goes through the cards once."""
        return math.ceil(self.cards / self.batch)

    @remembered
    def architectures(self, model: ModelSeen) -> tuple[Architecture, ...]:
        """The network, if the model's numbers and answers are such a network's."""
        networks = self.networks(model)
        scores = tuple(n for n in networks if fits(n, model))
        return scores or tuple(n for n in networks if fits(n, model, shares=True))


KINDS: Final = ("line", "curve", "threshold", "pictures")


def _kind(table: object) -> str:
    return str(table.get("kind", "line")) if isinstance(table, dict) else "line"


AnyRecipe = Annotated[
    Annotated[LineRecipe, Tag("line")]
    | Annotated[CurveRecipe, Tag("curve")]
    | Annotated[ThresholdRecipe, Tag("threshold")]
    | Annotated[PicturesRecipe, Tag("pictures")],
    Discriminator(_kind),
]


class _HoldsRecipe(BaseModel):
    recipe: AnyRecipe


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


def recipe_of(folder: Path) -> Recipe:
    """The recipe of an assignment, whatever its kind."""
    path = folder / "assignment.toml"
    return validated(_HoldsRecipe, {"recipe": read_table(path).get("recipe")}, path).recipe


def recipe_beside(checks: str, kind: type[R]) -> R:
    """The recipe in the assignment.toml that lies beside a checks.py (its `__file__`)."""
    path = Path(checks).with_name("assignment.toml")
    return validated(kind, read_table(path).get("recipe"), path)


def written_tolerances(folder: Path, kind: type[T]) -> T | None:
    """What an assignment's tolerances.toml says now; None where there is none."""
    path = folder / "tolerances.toml"
    return validated(kind, read_table(path), path) if path.is_file() else None


def tolerances_beside(checks: str, kind: type[T]) -> T:
    """The tolerances.toml that `grader calibrate` wrote beside a checks.py (its `__file__`)."""
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
