"""What is to be learned in a lesson: the kinds of recipe that there are, in one table.

A line, a curve, on which side of a threshold a number lies, or what is in a picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping  # noqa: TC003 - pydantic reads the types
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Discriminator, Field, FiniteFloat, Tag, model_validator

from grader.models import Step
from grader.recipes.formula import answers_by
from grader.recipes.recipe import ROLES, Recipe
from grader.recipes.tolerances import (
    CurveTolerances,
    LineTolerances,
    PicturesTolerances,
    ThresholdTolerances,
    Tolerances,
)
from grader.replay import DataSet, Line, line_orders, score_lines
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

# Between the first example and the last: what lies between two has to fit as well.
PLACES: Final = 201


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


class LineRecipe(Recipe):
    """A line is to be found from cards with numbers, perhaps with noise."""

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

    def architectures(self, model: ModelSeen) -> tuple[Architecture, ...]:
        """A line, in one order of its two numbers or in both."""
        return tuple(AffineMap(*places) for places in line_orders(model))


class ThresholdRecipe(Recipe):
    """Which side of a threshold a number is on is to be learned: yes above, no below."""

    loss_function: ClassVar[LossFunction] = CROSS_ENTROPY
    tolerances: ClassVar[type[Tolerances]] = ThresholdTolerances
    roles: ClassVar[Mapping[Step, tuple[str, ...]]] = {
        **ROLES,
        Step.TRAIN: ("losses", "accuracy"),
    }

    kind: Literal["threshold"]
    threshold: FiniteFloat
    inputs: Grid

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

    def architectures(self, model: ModelSeen) -> tuple[Architecture, ...]:
        """The network, if the model's numbers and answers are such a network's."""
        return tuple(network for network in self.networks(model) if fits(network, model))

    def between(self) -> DataSet:
        """Places between the first example and the last, with the curve's values there."""
        x = self.inputs.values()
        X = np.linspace(x[0], x[-1], PLACES).reshape(-1, 1)
        return DataSet(X, answers_by(self.formula, X))


class PicturesRecipe(NetworkRecipe):
    """What is in a picture is to be learned, by a network with one hidden layer.

    `cards` examples are to train on, in batches of `batch`, and `exam` more are held back; each has
    `pixels` numbers; `given` are the names that hold examples and answers for both.
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
        """How many numbers are on the front of a card."""
        return self.pixels

    @property
    def updates_per_epoch(self) -> int:
        """How often the model changes while it goes through the cards once."""
        return math.ceil(self.cards / self.batch)

    def architectures(self, model: ModelSeen) -> tuple[Architecture, ...]:
        """The network, if the model's numbers and answers are such a network's."""
        networks = self.networks(model)
        scores = tuple(n for n in networks if fits(n, model))
        return scores or tuple(n for n in networks if fits(n, model, shares=True))


AnyRecipe = Annotated[
    Annotated[LineRecipe, Tag("line")]
    | Annotated[CurveRecipe, Tag("curve")]
    | Annotated[ThresholdRecipe, Tag("threshold")]
    | Annotated[PicturesRecipe, Tag("pictures")],
    Discriminator(lambda table: table.get("kind", "line") if isinstance(table, dict) else "line"),
]
KINDS: Final = ("line", "curve", "threshold", "pictures")
