"""Evidence that behaves like each named mistake, by step and id: in memory, without a kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grader.diagnosis import CATALOGUE, diagnose
from grader.evidence import (
    LossPart,
    LossProbed,
    LossSeen,
    ModelPart,
    OptimizerPart,
    TrainedSeen,
)
from grader.facts import Code
from grader.models import CellError, Step
from grader.recipes.kinds import Grid
from grader.replay import DataSet, Line, descend, least_squares
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    GOAL,
    HOW,
    LINES,
    RECIPE,
    START,
    TRAIN_CELL,
    batch,
    bias,
    cards_on,
    data_part,
    facts,
    loss_part,
    losses_kept,
    model_part,
    noisy_cards,
    optimizer_part,
    optimizer_seen,
    parameter,
    reset_before,
    result_part,
    tensor,
    train_part,
    training_seen,
    weight,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from grader.evidence import TrainingSeen
    from grader.facts import Facts
    from grader.models import Diagnosis
    from grader.recipes.kinds import LineRecipe
    from tests.evidence_factory import Part

    Floats = NDArray[np.float64]
    Slope = Callable[[Floats], Floats]
    Bend = Callable[[int, Floats], Floats]

NOISY = RECIPE.model_copy(update={"inputs": Grid(start=0, stop=10, step=0.2), "noise": 1.5})
HONEST = descend(START, CARDS, HOW, EPOCHS)

STEPS = {
    Step.DATA: (3,),
    Step.MODEL: (6,),
    Step.LOSS: (9,),
    Step.OPTIMIZER: (12,),
    Step.TRAIN: (TRAIN_CELL,),
}
SOURCES = {
    3: "import torch\nX = torch.arange(5.0).reshape(-1, 1)\ny = 2 * X + 1",
    6: "from torch import nn\n\nmodel = nn.Linear(1, 1)",
    9: "loss_fn = nn.MSELoss()",
    12: "optimizer = torch.optim.SGD(model.parameters(), lr=0.01)",
    TRAIN_CELL: "\n".join(
        [
            "epochs = 100",
            "losses = []",
            "",
            "for epoch in range(epochs):",
            "    guess = model(X)",
            "    loss = loss_fn(guess, y)",
            "    losses.append(loss.item())",
            "    optimizer.zero_grad()",
            "    loss.backward()",
            "    optimizer.step()",
        ]
    ),
}


@dataclass(frozen=True)
class Run:
    """What is known of a run, and the checks of it that failed: all, if none is named."""

    facts: Facts
    failed: frozenset[str] = frozenset()

    def diagnosis(self, step: Step) -> Diagnosis | None:
        """The mistake that a step behaves like."""
        return diagnose(step, self.facts, self.failed or every_check(step))


def every_check(step: Step) -> frozenset[str]:
    """The checks of a step that some rule explains, and one that none knows by its name."""
    explained = {check for rule in CATALOGUE for check in rule.explains if rule.step is step}
    return frozenset({check for check in explained if "." in check} | {f"{step}.another"})


def run(
    *parts: Part,
    recipe: LineRecipe = RECIPE,
    error: CellError | None = None,
    failed: Iterable[str] = (),
    **sources: str,
) -> Run:
    """An honest run of lesson 1 but for these parts; `sources` are cells by their step's name."""
    changed = {STEPS[Step(step)][0]: source for step, source in sources.items()}
    stopped = {step: error for step, cells in STEPS.items() if error and error.cell in cells}
    code = Code(SOURCES | changed, STEPS, stopped)
    return Run(facts(*parts, recipe=recipe, code=code), frozenset(failed))


# ---- noise -------------------------------------------------------------------------------------


TOO_EARLY = "cannot assign module before Module.__init__() call"
DRAWN = tuple(float(value) for value in np.random.default_rng(1).normal(size=50))
NOISY_CARDS = noisy_cards(DRAWN)
GRID = NOISY_CARDS.X
EXACT = GOAL.at(GRID)
ANOTHER_NOISE = np.random.default_rng(2).normal(size=(50, 1))


def noisy(X: Floats = GRID, y: Floats = NOISY_CARDS.y, *, seeded: bool = False) -> Run:
    """Lesson 2 with these cards; `seeded` says whether the noise can be drawn again."""
    noise = {"seed 1": DRAWN} if seeded else {}
    return run(data_part(DataSet(X, y), noise=noise), recipe=NOISY)


# ---- models and losses -------------------------------------------------------------------------


def wide_model() -> ModelPart:
    """A layer for two questions: it cannot answer one."""
    part = model_part(parameters=(parameter("weight", [[0.5, 0.25]]), bias(0.5)))
    assert part.model is not None
    why = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (14x1 and 2x1)"
    probe = part.model.probe.model_copy(update={"outputs": (), "shape": (), "error": why})
    return part.model_copy(update={"model": part.model.model_copy(update={"probe": probe})})


def deep_model() -> ModelPart:
    """Two layers, one behind the other."""
    numbers = (parameter("0.weight", [[0.5], [0.25]]), parameter("1.weight", [[0.5, 0.25]]))
    return model_part(layers=("Linear", "Linear"), parameters=numbers)


def with_tensors(training: TrainingSeen) -> TrainingSeen:
    """The same losses, each with its tensor around it."""
    kept = training.kept_losses
    assert kept is not None
    tensors = kept.model_copy(update={"tensors": kept.count})
    return training.model_copy(update={"kept_losses": tensors})


def unanswered(*, error: str | None = None, shape: tuple[int, ...] | None = None) -> LossPart:
    """A loss that gives no number for drawn pairs."""
    probe = LossProbed(prediction=(1.0, 2.0), target=(0.0, 4.0), shape=shape, error=error)
    return loss_part().model_copy(update={"loss": LossSeen(type="function", probes=(probe,) * 3)})


def huber(guess: Floats, answer: Floats) -> float:
    off = np.abs(guess - answer)
    return float(np.mean(np.where(off < 1, off**2 / 2, off - 0.5)))


# ---- loops -------------------------------------------------------------------------------------


def squared(error: Floats) -> Floats:
    return 2 * error / len(error)


def looped(
    events: str = "FLZBS" * EPOCHS,
    slope: Slope = squared,
    *,
    bend: Bend = lambda _, gradient: gradient,
    start: Line = START,
    data_set: DataSet = CARDS,
    **changed: object,
) -> TrainingSeen:
    """What a loop with these calls does: `slope` is its loss's, `bend` is done before each step."""
    x, y = data_set.X.reshape(-1), data_set.y.reshape(-1)
    now = guessing = np.array([start.w, start.b])
    gathered = np.zeros(2)
    states: list[tuple[int, Floats]] = [(1, now)]
    gradients: list[tuple[int, Floats]] = []
    updates: list[tuple[int, tuple[int, ...]]] = []
    backwards: list[tuple[int, tuple[int, ...]]] = []
    for tick, kind in enumerate(events, start=1):
        if kind == "F":
            guessing = now
        elif kind == "Z":
            gathered = np.zeros(2)
        elif kind == "B":
            pull = slope(guessing[0] * x + guessing[1] - y)
            gathered = gathered + np.array([np.sum(pull * x), np.sum(pull)])
            gradients.append((tick, gathered))
            backwards.append((tick, (0,)))
        elif kind == "S":
            moved = now - HOW.learning_rate * bend(len(updates), gathered)
            states += [(tick, moved)] if (moved != now).any() else []
            now = moved
            updates.append((tick, (0,)))
    kept = {
        "events": events,
        "event_cells": (TRAIN_CELL,) * len(events),
        "event_lines": tuple(LINES[kind] for kind in events),
        "counts": {kind: events.count(kind) for kind in sorted(set(events))},
        "trained": tuple(
            TrainedSeen(
                shape=shape,
                changes=len(states),
                values=tuple((tick, (float(np.float32(s[place])),)) for tick, s in states),
                gradients=tuple((tick, (float(g[place]),)) for tick, g in gradients),
            )
            for place, shape in enumerate(((1, 1), (1,)))
        ),
        "batches": (batch(data_set.X),),
        "backwards": tuple(backwards),
        "updates": tuple(updates),
    }
    return training_seen(HONEST).model_copy(update=kept | changed)


def loop(events: str = "FLZBS" * EPOCHS, slope: Slope = squared, **changed: object) -> Run:
    """Lesson 1 with another loop."""
    return run(train_part(looped(events, slope, **changed)))  # type: ignore[arg-type]


def stopped(name: str, value: str) -> Run:
    """Lesson 1, where the loop stopped with an exception."""
    return run(error=CellError(TRAIN_CELL, name, value, "", 9))


def endless() -> Run:
    """A loop that was stopped after more rounds than the lesson asks for."""
    training = train_part(looped("FLZBS" * 5 * EPOCHS))
    return run(training, error=CellError(TRAIN_CELL, "TimedOut", "longer than 60 s", "", 9))


def on_a_subset() -> Run:
    """A loop that shows three of the five cards."""
    dealt = DataSet(CARDS.X[:3], CARDS.y[:3])
    states = descend(START, dealt, HOW, EPOCHS)
    return run(train_part(training_seen(states, shown=[(0, 1, 2)] * EPOCHS)))


def overwritten() -> Run:
    """The answer is filled in behind the last step."""
    events = "FLZBS" * EPOCHS
    honest = looped(events)
    trained = tuple(
        each.model_copy(
            update={
                "values": (*each.values, (len(events) + 1, (value,))),
                "changes": each.changes + 1,
            }
        )
        for each, value in zip(honest.trained, (2.0, 1.0), strict=True)
    )
    return run(train_part(honest.model_copy(update={"trained": trained})))


def recreated() -> Run:
    """A new model in every round: the last one moved once."""
    return run(train_part(looped("FLZBS", models=EPOCHS)))


def filled_in() -> Run:
    """No update, and yet the goal at the end."""
    return run(train_part(looped("FL" * EPOCHS)), result_part(GOAL))


def begun_at_the_end() -> Run:
    training = training_seen(descend(GOAL, CARDS, HOW, EPOCHS))
    return run(train_part(reset_before(training, START)), result_part(GOAL))


def on_clean_answers() -> Run:
    """A loop of lesson 2 that marks the guesses by the line itself."""
    seen = looped(data_set=cards_on(GOAL, GRID))
    return run(data_part(NOISY_CARDS), train_part(seen), recipe=NOISY)


def no_longer_than(most: float) -> Bend:
    return lambda _, gradient: gradient * min(1.0, most / float(np.linalg.norm(gradient)))


def root(error: Floats) -> Floats:
    slope: Floats = error / (len(error) * np.sqrt(np.mean(error**2)))
    return slope


def sign(error: Floats) -> Floats:
    slope: Floats = np.sign(error) / len(error)
    return slope


SHORT = EPOCHS // 2
BREAKING = SOURCES[TRAIN_CELL] + "\n    if epoch == 50:\n        break"

# ---- every named mistake -----------------------------------------------------------------------


BEHAVIOURS: dict[tuple[Step, str], Run] = {
    (Step.DATA, "data_missing_dimension"): run(data_part(X=tensor(CARDS.X.reshape(-1)))),
    (Step.DATA, "target_shape_broadcast"): run(data_part(y=tensor(CARDS.y.reshape(-1)))),
    (Step.DATA, "data_dtype_integer"): run(data_part(X=tensor(CARDS.X, dtype="int64"))),
    (Step.DATA, "data_dtype_double"): run(data_part(y=tensor(CARDS.y, dtype="float64"))),
    (Step.DATA, "data_swapped"): run(data_part(DataSet(CARDS.y, CARDS.X))),
    (Step.DATA, "noise_on_inputs"): noisy(GRID + NOISY_CARDS.y - EXACT, EXACT),
    (Step.DATA, "data_inputs_wrong"): run(
        data_part(cards_on(GOAL, [1, 2, 3, 4, 5])), failed=["data.inputs"]
    ),
    (Step.DATA, "noise_missing"): noisy(y=EXACT),
    (Step.DATA, "noise_shared"): run(
        data_part(DataSet(GRID, EXACT + 0.75), kept_noise=tensor([0.75])), recipe=NOISY
    ),
    (Step.DATA, "data_line_wrong"): run(data_part(cards_on(Line(1.0, 2.0)))),
    (Step.DATA, "noise_wrong_distribution"): noisy(y=EXACT + np.abs(NOISY_CARDS.y - EXACT)),
    (Step.DATA, "noise_scale_wrong"): noisy(y=noisy_cards(DRAWN, sd=15.0).y, seeded=True),
    (Step.DATA, "noise_drawn_twice"): run(
        data_part(NOISY_CARDS, kept_noise=tensor(ANOTHER_NOISE)),
        recipe=NOISY,
    ),
    (Step.MODEL, "class_not_called"): run(
        ModelPart(kind="model", uncalled={"model": "Linear"}),
    ),
    (Step.LOSS, "class_not_called"): run(LossPart(kind="loss", uncalled={"loss_fn": "MSELoss"})),
    (Step.OPTIMIZER, "class_not_called"): run(
        OptimizerPart(kind="optimizer", uncalled={"optimizer": "SGD"})
    ),
    **{
        (step, "super_init_missing"): run(
            error=CellError(STEPS[step][0], "AttributeError", TOO_EARLY, "", 3)
        )
        for step in (Step.MODEL, Step.LOSS, Step.OPTIMIZER)
    },
    (Step.MODEL, "weight_frozen"): run(
        model_part(parameters=(weight(0.4375, requires_grad=False), bias(-0.3125)))
    ),
    (Step.MODEL, "bias_missing"): run(model_part(Line(0.4375, 0.0), parameters=[weight(0.4375)])),
    (Step.MODEL, "activation_added"): run(
        model_part(answers=lambda x: np.maximum(START.at(x), 0.0))
    ),
    (Step.MODEL, "model_wrong_size"): run(wide_model()),
    (Step.MODEL, "extra_layers"): run(deep_model()),
    (Step.MODEL, "parameters_hard_coded"): run(model_part(GOAL)),
    (Step.MODEL, "parameters_unknown"): run(model_part(parameters=[])),
    (Step.MODEL, "model_dtype_other"): run(
        model_part(
            parameters=[
                each.model_copy(update={"dtype": "float64"}) for each in (weight(0.5), bias(0.5))
            ]
        ),
        train_part(training_seen(np.array([[0.5, 0.5]]))),
    ),
    (Step.MODEL, "least_squares_pasted"): run(
        data_part(NOISY_CARDS), model_part(least_squares(NOISY_CARDS)), recipe=NOISY
    ),
    (Step.LOSS, "loss_item_backward"): run(
        unanswered(error="AttributeError: 'float' object has no attribute 'backward'")
    ),
    (Step.LOSS, "loss_not_reduced"): run(unanswered(shape=(6,))),
    (Step.LOSS, "loss_detached"): run(loss_part(connected=False)),
    (Step.LOSS, "loss_l1"): run(loss_part(lambda g, a: float(np.mean(np.abs(g - a))))),
    (Step.LOSS, "loss_huber"): run(loss_part(huber)),
    (Step.LOSS, "loss_sum"): run(loss_part(lambda g, a: float(np.sum((g - a) ** 2)))),
    (Step.LOSS, "loss_negated"): run(loss_part(lambda g, a: -float(np.mean((g - a) ** 2)))),
    (Step.LOSS, "loss_root"): run(loss_part(lambda g, a: float(np.sqrt(np.mean((g - a) ** 2))))),
    (Step.LOSS, "loss_not_squared"): run(loss_part(lambda g, a: float(np.mean(g - a)))),
    (Step.LOSS, "loss_scaled"): run(loss_part(lambda g, a: float(np.mean((g - a) ** 2)) / 2)),
    (Step.LOSS, "loss_against_inputs"): run(
        unanswered(error="RuntimeError: The size of tensor a (6) must match"),
        loss="def loss_fn(guess, answer):\n    return ((guess - X) ** 2).mean()",
    ),
    (Step.OPTIMIZER, "optimizer_stale"): run(train_part(looped(owned_before=(False, False)))),
    (Step.OPTIMIZER, "optimizer_other_model"): run(optimizer_part(owns=(False, False), foreign=2)),
    (Step.OPTIMIZER, "optimizer_partial"): run(optimizer_part(owns=(True, False))),
    (Step.OPTIMIZER, "optimizer_class_wrong"): run(optimizer_part(name="Adam")),
    (Step.OPTIMIZER, "maximize_set"): run(optimizer_part(maximize=True)),
    (Step.OPTIMIZER, "momentum_added"): run(optimizer_part(momentum=0.9)),
    (Step.OPTIMIZER, "weight_decay_added"): run(optimizer_part(weight_decay=0.1)),
    (Step.OPTIMIZER, "learning_rate_too_high"): run(optimizer_part(lr=0.1)),
    (Step.OPTIMIZER, "learning_rate_too_low"): run(optimizer_part(lr=0.0001)),
    (Step.OPTIMIZER, "learning_rate_wrong"): run(optimizer_part(lr=0.02)),
    (Step.TRAIN, "never_ends"): endless(),
    (Step.TRAIN, "least_squares_pasted"): filled_in(),
    (Step.TRAIN, "parameters_hard_coded"): begun_at_the_end(),
    (Step.TRAIN, "no_training"): run(train_part(looped("FL" * EPOCHS)), result_part(START)),
    (Step.TRAIN, "loss_item_backward"): stopped(
        "AttributeError", "'float' object has no attribute 'backward'"
    ),
    (Step.TRAIN, "forward_once"): loop("FL" + "ZBS" * EPOCHS),
    (Step.TRAIN, "loss_detached"): stopped(
        "RuntimeError", "element 0 of tensors does not require grad and does not have a grad_fn"
    ),
    (Step.TRAIN, "model_recreated_in_loop"): recreated(),
    (Step.TRAIN, "optimizer_stale"): loop(
        bend=lambda _, gradient: 0 * gradient,
        optimizer=optimizer_seen(owns=(False, False), foreign=2),
    ),
    (Step.TRAIN, "backward_missing"): loop("FLZS" * EPOCHS),
    (Step.TRAIN, "step_missing"): loop("FLZB" * EPOCHS),
    (Step.TRAIN, "backward_outside_loop"): loop("FL" * EPOCHS + "ZBS"),
    (Step.TRAIN, "step_outside_loop"): loop("FLZB" * EPOCHS + "S"),
    (Step.TRAIN, "step_before_backward"): loop("FLSZB" * EPOCHS),
    (Step.TRAIN, "zero_grad_before_step"): loop("FLBZS" * EPOCHS),
    (Step.TRAIN, "backward_twice"): loop("FLZBBS" * EPOCHS),
    (Step.TRAIN, "step_twice"): loop("FLZBSS" * EPOCHS),
    (Step.TRAIN, "zero_grad_missing"): loop("FLBS" * EPOCHS),
    (Step.TRAIN, "zero_grad_sometimes"): loop("FLZBSFLBS" * SHORT),
    (Step.TRAIN, "loss_against_inputs"): loop(data_set=DataSet(CARDS.X, CARDS.X)),
    (Step.TRAIN, "trained_on_clean_target"): on_clean_answers(),
    (Step.TRAIN, "loss_l1"): loop(slope=sign),
    (Step.TRAIN, "loss_huber"): loop(slope=lambda error: np.clip(error, -1, 1) / len(error)),
    (Step.TRAIN, "loss_root"): loop(slope=root),
    (Step.TRAIN, "loss_not_squared"): loop(slope=lambda error: np.ones_like(error) / len(error)),
    (Step.TRAIN, "loss_negated"): loop(slope=lambda error: -squared(error)),
    (Step.TRAIN, "loss_sum"): loop(slope=lambda error: 2 * error),
    (Step.TRAIN, "loss_scaled"): loop(slope=lambda error: 3 * squared(error)),
    (Step.TRAIN, "weight_frozen"): loop(bend=lambda _, gradient: gradient * np.array([0.0, 1.0])),
    (Step.TRAIN, "trained_on_subset"): on_a_subset(),
    (Step.TRAIN, "parameters_overwritten"): overwritten(),
    (Step.TRAIN, "gradients_clipped"): loop(bend=no_longer_than(5.0)),
    (Step.TRAIN, "scheduler_added"): loop(bend=lambda number, gradient: gradient * 0.9**number),
    (Step.TRAIN, "noise_redrawn_each_epoch"): run(result_part(cards=cards_on(Line(2.0, 1.5)))),
    (Step.TRAIN, "losses_are_tensors"): run(
        train_part(with_tensors(training_seen(descend(START, CARDS, HOW, EPOCHS)))),
        failed=["train.losses"],
    ),
    (Step.TRAIN, "losses_not_kept"): run(
        train_part(looped(kept_losses=None)),
        failed=["train.losses"],
        train="for epoch in range(100):\n    losses = loss.item()",
    ),
    (Step.TRAIN, "cell_run_twice"): loop("FLZBS" * 2 * EPOCHS),
    (Step.TRAIN, "stops_early"): run(
        train_part(looped("FLZBS" * SHORT, kept_losses=losses_kept([0.5] * SHORT))), train=BREAKING
    ),
    (Step.TRAIN, "too_few_epochs"): loop("FLZBS" * SHORT, epochs=SHORT),
    (Step.TRAIN, "too_many_epochs"): loop("FLZBS" * 2 * EPOCHS, epochs=2 * EPOCHS),
    (Step.RESULT, "parameters_overwritten"): run(result_part(GOAL, changed_by_hand=True)),
}
