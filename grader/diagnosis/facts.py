"""What a diagnosis looks at: the evidence of one run, computed into the numbers it compares."""

from __future__ import annotations

import ast
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from grader.evidence import (
    DataPart,
    LossPart,
    ModelPart,
    OptimizerPart,
    ResultPart,
    TrainPart,
)
from grader.models import Step
from grader.recipes.recipe import LineRecipe
from grader.replay import DataSet, data_behind, data_set_of, descent_of, distances, trajectory
from grader.replay.architectures import AffineMap
from grader.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from grader.evidence import (
        Evidence,
        LossSeen,
        ModelSeen,
        OptimizerSeen,
        Part,
        TrainingSeen,
    )
    from grader.models import CellError
    from grader.recipes.recipe import Recipe
    from grader.replay import Trajectory
    from grader.replay.architectures import Architecture

    Floats = NDArray[np.float64]
    Slope = Callable[[Floats, Floats, Floats], Floats]

P = TypeVar("P", bound="Part")

# One replayed update may be this far from the recorded one, relative to 1 + |before| + |change|: a
# true hypothesis stays below 2e-6, a false one is 1e-4 and up in all but a few starts.
MATCH = 1e-5
# Guesses for one hypothesis: a whole record of events on fifty thousand cards, say. Beyond it a
# mistake stays without a name, which costs nobody a point.
MOST_REPLAYED = 150_000_000


@dataclass(frozen=True)
class Facts:
    """One run of a submission, as far as its mistakes can be told from it.

    `sources` are the cells' sources by number, `steps` the cells of each step, `stopped` the
    exceptions that ended a step's own cell, `failed` the ids of the checks that failed.
    """

    seen: Evidence
    recipe: Recipe
    sources: Mapping[int, str]
    steps: Mapping[Step, tuple[int, ...]]
    stopped: Mapping[Step, CellError] = field(default_factory=dict)
    failed: frozenset[str] = frozenset()

    def part(self, kind: type[P]) -> P | None:
        """The part of this kind, None where it was not observed."""
        return self.seen.part(kind) if kind in self.seen else None

    @cached_property
    def data(self) -> DataPart | None:
        """The data step."""
        return self.part(DataPart)

    @cached_property
    def model(self) -> ModelSeen | None:
        """The model as the model step made it."""
        part = self.part(ModelPart)
        return part.model if part is not None else None

    @cached_property
    def loss(self) -> LossSeen | None:
        """The loss function."""
        part = self.part(LossPart)
        return part.loss if part is not None else None

    @cached_property
    def optimizer(self) -> OptimizerSeen | None:
        """The optimizer as the optimizer step made it."""
        part = self.part(OptimizerPart)
        return part.optimizer if part is not None else None

    @cached_property
    def training(self) -> TrainingSeen | None:
        """The training up to the end of the training cell."""
        part = self.part(TrainPart)
        return part.training if part is not None else None

    @cached_property
    def result(self) -> ResultPart | None:
        """What came out at the end of the notebook."""
        return self.part(ResultPart)

    @cached_property
    def data_set(self) -> DataSet | None:
        """The cards, with the targets as a column."""
        width = self.recipe.width
        data_set = data_set_of(self.data.X, self.data.y, width) if self.data is not None else None
        return data_set.as_columns() if data_set is not None else None

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How often each kind of event happened."""
        return self.training.counts if self.training is not None else {}

    def count(self, kinds: str) -> int:
        """How often events of these kinds happened, together."""
        return sum(self.counts.get(kind, 0) for kind in kinds)

    @cached_property
    def order(self) -> str:
        """The calls that matter for the loop's order, behind whatever came before its first."""
        events = self.training.events if self.training is not None else ""
        kept = "".join(kind for kind in events if kind in "FZBGS")
        first = next((place for place, kind in enumerate(kept) if kind in "ZBGS"), len(kept))
        return kept[max(0, kept.rfind("F", 0, first)) :]

    @cached_property
    def path(self) -> Trajectory | None:
        """The model's parameters over the training."""
        return trajectory(self.training) if self.training is not None else None

    @cached_property
    def line_recipe(self) -> LineRecipe:
        """The recipe, in a lesson about a line."""
        if not isinstance(self.recipe, LineRecipe):
            raise TypeError("a rule about lines was asked of another lesson")
        return self.recipe

    @cached_property
    def architecture(self) -> Architecture | None:
        """What the model can be replayed as."""
        architectures = self.recipe.architectures(self.model) if self.model is not None else ()
        return next(iter(architectures), None)

    @cached_property
    def states(self) -> Floats | None:
        """The (w, b) that the training went through (k, 2), None for anything but a line."""
        if self.path is None or not isinstance(self.architecture, AffineMap):
            return None
        if self.path.states.shape[1] != 2:
            return None
        return self.path.states[:, [self.architecture.weight, self.architecture.bias]]

    def own(self, error: Floats, _x: Floats, y: Floats) -> Floats:
        """The derivative of the lesson's own loss by each guess; `error` is guess - answer."""
        return self.recipe.loss_function.slope(error + y, y)

    @cached_property
    def learning_rate(self) -> float:
        """The learning rate in force."""
        made = self.training.optimizer if self.training is not None else None
        how = descent_of(self.optimizer or made)
        return how.learning_rate if how is not None else self.recipe.learning_rate

    def error_says(self, step: Step, *texts: str) -> bool:
        """Whether the step's cell stopped with an exception that says one of these."""
        error = self.stopped.get(step)
        return error is not None and any(text in f"{error.name}: {error.value}" for text in texts)

    def event_place(self, kind: str, number: int = 0) -> tuple[int | None, int | None]:
        """Cell and line of the first (or a later) event of a kind."""
        training = self.training
        places = [i for i, k in enumerate(training.events) if k == kind] if training else []
        if training is None or number >= len(places):
            return None, None
        place = places[number]
        return training.event_cells[place] or None, training.event_lines[place] or None

    def binding_place(self, step: Step, *names: str) -> tuple[int | None, int | None]:
        """Cell and line where a step last binds one of these names; else its last cell."""
        numbers = self.steps.get(step, ())
        for number in reversed(numbers):
            line = _binding_line(self.sources.get(number, ""), names)
            if line is not None:
                return number, line
        return (numbers[-1] if numbers else None), None

    def reads(self, step: Step, name: str) -> bool:
        """Whether a step's own code uses a name without setting it."""
        return any(
            isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
            for number in self.steps.get(step, ())
            for node in _nodes(self.sources.get(number, ""))
        )

    def loop_place(self) -> tuple[int | None, int | None]:
        """Cell and line where the training's first loop begins."""
        for number in self.steps.get(Step.TRAIN, ()):
            nodes = _nodes(self.sources.get(number, ""))
            lines = [node.lineno for node in nodes if isinstance(node, (ast.For, ast.While))]
            if lines:
                return number, min(lines)
        return self.binding_place(Step.TRAIN)

    def breaks_off(self) -> bool:
        """Whether the training cell has a way out of its loop."""
        return any(
            isinstance(node, (ast.Break, ast.Return))
            for number in self.steps.get(Step.TRAIN, ())
            for node in _nodes(self.sources.get(number, ""))
        )

    def stop_place(self, step: Step) -> tuple[int | None, int | None]:
        """Cell and line where a step's cell stopped."""
        error = self.stopped.get(step)
        return (error.cell, error.line) if error is not None else (None, None)

    def explained_by(self, *slopes: Slope, targets: Floats | None = None) -> bool:
        """Whether the recorded calls, with `slopes` as the loss's derivative, give the record.

        A derivative that jumps is given with all its values at the jump: in float32 a guess may lie
        on either side of an answer that it meets, or on it.

        The events are walked through in their order: a forward pass remembers the parameters, a
        backward pass adds its gradient, zero_grad clears, a step moves by the learning rate. Each
        step starts from the recorded parameters, so that no error adds up. The first update that is
        another one ends the walk.
        """
        if not self.replayable or self.data_set is None:
            return False
        data_set = self.data_set
        if targets is not None:
            data_set = DataSet(data_set.X, targets.reshape(-1, 1))
        return all(
            float(distances(after, ends, before).min()) <= MATCH
            for before, after, ends in self._replayed(slopes, data_set)
        )

    @cached_property
    def explained_by_own_loss(self) -> bool:
        """Whether the lesson's own loss explains the record."""
        return self.explained_by(self.own)

    @cached_property
    def explained_by_squares(self) -> bool:
        """Whether the mean squared error explains the record."""
        return self.explained_by(squared)

    @cached_property
    def replayable(self) -> bool:
        """Whether there are updates of a model whose gradients can be computed."""
        if self.path is None or self.architecture is None or self.data_set is None:
            return False
        if len(self._events) * self.data_set.X.size > MOST_REPLAYED:
            return False
        return self._events.find("S") >= 0

    @cached_property
    def _events(self) -> str:
        """The events up to the first update of which some value was left out."""
        if self.training is None or self.path is None:
            return ""
        gap = self.path.gap
        return self.training.events[: self.path.ticks[gap] if gap is not None else None]

    def _replayed(
        self, slopes: tuple[Slope, ...], data_set: DataSet
    ) -> Iterator[tuple[Floats, Floats, Floats]]:
        """The numbers before and after each update (p), and where each slope leads (k, p)."""
        training, path, architecture = self.training, self.path, self.architecture
        if training is None or path is None or architecture is None:
            return
        states, ticks = path.states, path.ticks
        shown, behind = dict(training.backwards), data_behind(training, data_set)
        cleared = np.zeros((len(slopes), states.shape[1]))
        forward, gathered = states[0], cleared
        for tick, kind in enumerate(self._events, start=1):
            before = states[max(0, bisect_right(ticks, tick - 1) - 1)]
            if kind == "F":
                forward = before
            elif kind == "Z":
                gathered = cleared
            elif kind == "B":
                seen = behind(shown.get(tick, ())) or data_set
                gathered = gathered + [
                    _pull(architecture, forward, seen, slope) for slope in slopes
                ]
            elif kind == "S":
                with np.errstate(all="ignore"):
                    ends = before - self.learning_rate * gathered
                yield before, states[bisect_right(ticks, tick) - 1], ends

    @cached_property
    def moves(self) -> tuple[Floats, Floats]:
        """Parameters (m, 2) before each change, and the changes (m, 2)."""
        if self.states is None or self.path is None or self.data_set is None:
            return np.zeros((0, 2)), np.zeros((0, 2))
        if len(self.states) * len(self.data_set) > MOST_REPLAYED:
            return np.zeros((0, 2)), np.zeros((0, 2))
        pairs = list(self.path.pairs())
        return self.states[pairs], self.states[[i + 1 for i in pairs]] - self.states[pairs]

    def pulls(self, slope: Slope) -> Floats:
        """The gradient (m, 2) that a loss would have given before each change.

        It is no number where it is not known which cards it would have come from.
        """
        before, _ = self.moves
        if self.data_set is None or not len(before):
            return np.full((len(before), 2), np.nan)
        x, y = self.data_set.X.reshape(-1), self.data_set.y.reshape(-1)
        pulls = np.zeros_like(before)
        with np.errstate(all="ignore"):
            # One after the other: all errors at once would be as many as changes times cards.
            for place, (w, b) in enumerate(before):
                pull = slope(w * x + b - y, x, y)
                pulls[place] = pull @ x, pull.sum()
        return pulls

    @cached_property
    def strides(self) -> Floats | None:
        """How many plain steps long each change is; None where one points another way."""
        before, changes = self.moves
        full = -self.learning_rate * self.pulls(self.own)
        usable = np.isfinite(full).all(axis=1) & np.isfinite(changes).all(axis=1)
        usable &= np.abs(full).max(axis=1, initial=0.0) > 1e-4
        if usable.sum() < 3:
            return None
        full, changes, before = full[usable], changes[usable], before[usable]
        with np.errstate(all="ignore"):
            factors = (full * changes).sum(axis=1) / (full * full).sum(axis=1)
        scale = 1 + np.abs(before) + np.abs(changes)
        off = np.abs(changes - factors[:, None] * full) / scale
        return factors if float(off.max()) <= MATCH else None


def squared(error: Floats, _x: Floats, _y: Floats) -> Floats:
    """The derivative of the mean squared error by each guess."""
    return 2 * error / len(error)


def _pull(architecture: Architecture, theta: Floats, data_set: DataSet, slope: Slope) -> Floats:
    """The gradient that a loss of this slope gives at theta."""
    with np.errstate(all="ignore"):
        y = data_set.y.reshape(-1)
        errors = architecture.scores(theta, data_set.X).reshape(-1) - y
        return architecture.vjp(theta, data_set.X, slope(errors, data_set.X[:, 0], y)[:, None])


def _nodes(source: str) -> tuple[ast.AST, ...]:
    tree = parse(source)
    return tuple(ast.walk(tree)) if tree is not None else ()


def _binding_line(source: str, names: tuple[str, ...]) -> int | None:
    lines = [
        node.lineno
        for node in _nodes(source)
        if (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in names)
        or (isinstance(node, ast.FunctionDef) and node.name in names)
    ]
    return max(lines, default=None)
