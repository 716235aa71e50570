"""What the same cells did with other data: whether they learn whatever they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from grader.facts.answers import scores_of, share_right
from grader.facts.kept_losses import LOSS_RTOL
from grader.facts.lines import first_line, line_of
from grader.replay import data_set_of, trajectory, true_losses

if TYPE_CHECKING:
    from grader.evidence import TransferPart
    from grader.models.arrays import Floats
    from grader.recipes.recipe import Recipe
    from grader.replay import DataSet, Line, Trajectory


@dataclass(frozen=True, eq=False)
class Transfer:
    """The second run of the same cells, by the recipe of the lesson."""

    part: TransferPart
    recipe: Recipe

    @cached_property
    def columns(self) -> DataSet | None:
        """The data with other answers, as a column."""
        found = data_set_of(self.part.X, self.part.y, self.recipe.width)
        return found.as_columns() if found is not None else None

    @cached_property
    def path(self) -> Trajectory | None:
        """The model's parameters over the second training."""
        return trajectory(self.part.training) if self.part.training is not None else None

    @cached_property
    def start_line(self) -> Line | None:
        """The line that the model stood for before its first update."""
        return first_line(self.part.model, self.path, self.recipe)

    @cached_property
    def trained_line(self) -> Line | None:
        """The line that the model stands for at the end."""
        return line_of(self.part.model, self.recipe)

    @cached_property
    def scores(self) -> Floats | None:
        """What the model scores on the data (n, 1)."""
        return scores_of(self.part.model, self.recipe, self.columns)

    @cached_property
    def exam_accuracy(self) -> float | None:
        """The share of right answers on the other examples that were kept back."""
        exam = data_set_of(self.part.X_test, self.part.y_test, self.recipe.width)
        return share_right(scores_of(self.part.model, self.recipe, exam), exam)

    @cached_property
    def keeps_own_answers(self) -> bool:
        """Whether some loss is not that of the answers which the data has now.

        A data set that was made with the data shows its own answers, whatever `y` is by then. The
        first loss may be one and the same for all answers: that of a model that knows nothing.
        """
        training, model, columns = self.part.training, self.part.model, self.columns
        if training is None or model is None or columns is None or not training.losses:
            return False
        recorded = np.array([loss for _, loss in training.losses])
        expected = [
            true_losses(training, architecture, columns, self.recipe.loss_function)
            for architecture in self.recipe.architectures(model)
        ]
        return bool(expected) and all(
            each is not None
            and bool(np.any(np.abs(recorded[: len(each)] - each) > LOSS_RTOL * (1 + each)))
            for each in expected
        )
