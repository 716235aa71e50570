"""Facts: everything that is known of one run, worked out when it is first asked for, and once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from grader.evidence import (
    DataPart,
    Evidence,
    LossPart,
    ModelPart,
    OptimizerPart,
    PlainPart,
    ResultPart,
    TrainPart,
    TransferPart,
)
from grader.facts import (
    answers,
    beginning,
    descent,
    lines,
    loss_function,
    pictures,
    precision,
    proof,
)
from grader.facts.code import Code
from grader.facts.hypotheses import Hypotheses
from grader.facts.transfer import Transfer
from grader.recipes.recipe import Recipe  # noqa: TC001 - the type of a field
from grader.replay import data_set_of, trajectory

if TYPE_CHECKING:
    from grader.evidence import LossSeen, ModelSeen, OptimizerSeen, Part, PlainRun, TrainingSeen
    from grader.facts.code import Place
    from grader.replay import DataSet, Trajectory
    from grader.replay.architectures import Architecture

P = TypeVar("P", bound="Part")
R = TypeVar("R", bound="Recipe")


@dataclass(frozen=True, eq=False)
class Facts:
    """One run of a submission, by the recipe of its lesson.

    What was not observed is None; `part` raises Unobserved for it, for checks that are not to be
    assessed without. Numbers are float64: data (n, width), answers (n, 1), parameters (p,).
    """

    evidence: Evidence
    recipe: Recipe
    code: Code = field(default_factory=Code)

    def part(self, kind: type[P]) -> P:
        """The part of this kind; raises Unobserved where it was not observed."""
        return self.evidence.part(kind)

    def find(self, kind: type[P]) -> P | None:
        """The part of this kind, None where it was not observed."""
        return self.evidence.part(kind) if kind in self.evidence else None

    def require(self, *kinds: type[Part]) -> None:
        """Raises Unobserved where one of these parts was not observed."""
        for kind in kinds:
            self.part(kind)

    def recipe_as(self, kind: type[R]) -> R:
        """The recipe, in a lesson of this kind; raises TypeError in another."""
        if not isinstance(self.recipe, kind):
            raise TypeError(f"facts of a {kind.__name__} were asked of another lesson")
        return self.recipe

    @cached_property
    def data(self) -> DataPart:
        """What the data step made; empty where it was not observed."""
        return self.find(DataPart) or DataPart(kind="data")

    @property
    def model(self) -> ModelSeen | None:
        """The model as the model step made it."""
        part = self.find(ModelPart)
        return part.model if part is not None else None

    @property
    def loss(self) -> LossSeen | None:
        """The loss function."""
        part = self.find(LossPart)
        return part.loss if part is not None else None

    @property
    def optimizer(self) -> OptimizerSeen | None:
        """The optimizer as the optimizer step made it."""
        part = self.find(OptimizerPart)
        return part.optimizer if part is not None else None

    @property
    def training(self) -> TrainingSeen | None:
        """The training up to the end of the training cell."""
        part = self.find(TrainPart)
        return part.training if part is not None else None

    @property
    def plain(self) -> PlainRun | None:
        """What the plain loop did on copies."""
        part = self.find(PlainPart)
        return part.plain if part is not None else None

    @cached_property
    def result(self) -> ResultPart:
        """What came out at the end of the notebook; empty where it was not observed."""
        return self.find(ResultPart) or ResultPart(kind="result")

    @property
    def trained_model(self) -> ModelSeen | None:
        """The model at the end of the notebook."""
        return self.result.model

    @cached_property
    def transfer(self) -> Transfer | None:
        """What the same cells did with other data."""
        part = self.find(TransferPart)
        return Transfer(part, self.recipe) if part is not None else None

    @cached_property
    def data_set(self) -> DataSet | None:
        """The data, answers in their own shape."""
        return data_set_of(self.data.X, self.data.y, self.recipe.width)

    @cached_property
    def columns(self) -> DataSet | None:
        """The data, answers as a column."""
        return self.data_set.as_columns() if self.data_set is not None else None

    exam = cached_property(answers.exam)

    @cached_property
    def made_architectures(self) -> tuple[Architecture, ...]:
        """All that the model of its own step can be; none where it is not the lesson's."""
        return self.recipe.architectures(self.model) if self.model is not None else ()

    @cached_property
    def architectures(self) -> tuple[Architecture, ...]:
        """All that the model can be replayed as which was trained, by `moving_model`."""
        moving = self.moving_model
        if moving is None or moving is self.model:
            return self.made_architectures
        return self.recipe.architectures(moving)

    moving_model = cached_property(beginning.moving_model)

    @property
    def architecture(self) -> Architecture | None:
        """What the model can be replayed as."""
        return next(iter(self.architectures), None)

    model_is_trained_where_made = cached_property(beginning.model_is_trained_where_made)
    model_is_filled_in = cached_property(beginning.model_is_filled_in)
    model_precision = cached_property(precision.model_precision)
    model_is_off_precision = cached_property(precision.model_is_off_precision)
    loss_is_as_asked = cached_property(loss_function.loss_is_as_asked)
    batches = cached_property(pictures.batches)
    repeats_its_batches = cached_property(pictures.repeats_its_batches)

    @cached_property
    def path(self) -> Trajectory | None:
        """The model's parameters over the training."""
        return trajectory(self.training) if self.training is not None else None

    watched_training = cached_property(descent.watched_training)
    made_numbers = cached_property(answers.made_numbers)
    first_numbers = cached_property(answers.first_numbers)
    made_line = cached_property(lines.made_line)
    start_line = cached_property(lines.start_line)
    descent_in_force = cached_property(descent.descent_in_force)
    known = cached_property(descent.known)
    replayable = cached_property(descent.replayable)
    exact_residual = cached_property(descent.exact_residual)
    plain_residual = cached_property(descent.plain_residual)
    descends = cached_property(descent.descends)
    doubt = cached_property(proof.doubt)
    gradients_made_up = cached_property(descent.gradients_made_up)
    begins_at_the_end = cached_property(beginning.begins_at_the_end)
    first_loss = cached_property(descent.first_loss)
    passing = cached_property(descent.passing)
    losses_are_true = cached_property(descent.losses_are_true)

    def count(self, kinds: str) -> int:
        """How many events of these kinds there were, together (see `TrainingSeen.events`)."""
        counts = self.training.counts if self.training is not None else {}
        return sum(counts.get(kind, 0) for kind in kinds)

    @cached_property
    def order(self) -> str:
        """The calls that matter for the loop's order, from its first one on."""
        events = self.training.events if self.training is not None else ""
        kept = "".join(kind for kind in events if kind in "FZBGS")
        first = next((place for place, kind in enumerate(kept) if kind in "ZBGS"), len(kept))
        return kept[max(0, kept.rfind("F", 0, first)) :]

    def event_place(self, kind: str, number: int = 0) -> Place:
        """Cell and line of the first (or a later) event of a kind."""
        training = self.training
        places = [i for i, k in enumerate(training.events) if k == kind] if training else []
        if training is None or number >= len(places):
            return None, None
        place = places[number]
        return training.event_cells[place] or None, training.event_lines[place] or None

    @cached_property
    def hypotheses(self) -> Hypotheses:
        """What other trainings would have left."""
        return Hypotheses(self)

    trained_line = cached_property(lines.trained_line)
    final_scores = cached_property(answers.final_scores)
    exam_scores = cached_property(answers.exam_scores)
    accuracy = cached_property(answers.accuracy)
    exam_accuracy = cached_property(answers.exam_accuracy)
    losses_at_ends = cached_property(answers.losses_at_ends)
    overwritten = cached_property(descent.overwritten)
    partly_trained = cached_property(descent.partly_trained)
    filled_in = cached_property(descent.filled_in)
    trained = cached_property(descent.trained)
    learned_here = cached_property(descent.learned_here)
