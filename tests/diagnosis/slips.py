"""Evidence that behaves like slips: calls that do not happen, cells that stop, moved cards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grader.evidence import LoaderSeen, ModelPart, ResultPart
from grader.facts import Code
from grader.models import CODE_STEPS, CellError, Step
from grader.replay import DataSet
from grader.replay.loss_functions import sigmoid
from tests.answers_factory import (
    NETWORK_START,
    NUMBERS,
    PRACTICE,
    data_of_pictures,
    line_model,
    network_model,
    picture_facts,
    practise,
    threshold_facts,
)
from tests.diagnosis.answers import counted, loss, model, of_pictures
from tests.diagnosis.behaviours import (
    DRAWN,
    EXACT,
    GRID,
    NOISY,
    SOURCES,
    STEPS,
    Run,
    loop,
    looped,
    run,
    stopped,
)
from tests.evidence_factory import (
    CARDS,
    START,
    TRAIN_CELL,
    batch,
    data_part,
    model_part,
    result_part,
    tensor,
    train_part,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.evidence import TrainingSeen
    from grader.replay import Line

SECOND_TIME = "Trying to backward through the graph a second time"
CRASHES = {
    "graphics_card_missing": ("AssertionError", "Torch not compiled with CUDA enabled"),
    "waits_for_an_answer": ("StdinNotImplementedError", "raw_input was called"),
    "file_missing": ("FileNotFoundError", "[Errno 2] No such file or directory: 'cards.csv'"),
    "import_missing": ("NameError", "name 'F' is not defined"),
    "name_misspelled": ("NameError", "name 'optimiser' is not defined"),
    "name_never_made": ("NameError", "name 'device' is not defined"),
}
REVERSED = CARDS.X[::-1]


def crashed(step: Step, name: str, value: str) -> Run:
    """Lesson 1, where the cell of a step stopped."""
    return run(error=CellError(STEPS[step][0], name, value, "", 3))


def still(training: TrainingSeen, *, gradients: bool = False) -> TrainingSeen:
    """The same calls, by which none of the model's numbers moved, or had a gradient but 0."""
    return training.model_copy(
        update={
            "trained": tuple(
                each.model_copy(
                    update={
                        "changes": 1,
                        "values": each.values[:1],
                        "gradients": tuple((tick, (0.0,)) for tick, _ in each.gradients)
                        if gradients
                        else (),
                    }
                )
                for each in training.trained
            )
        }
    )


def beside(training: TrainingSeen) -> TrainingSeen:
    """The same training of another model's numbers: the student's own stay."""
    return still(training).model_copy(
        update={"trained": (*still(training).trained, *training.trained)}
    )


def in_code(line: str, was: str) -> str:
    """The training cell with a line in place of another."""
    return SOURCES[TRAIN_CELL].replace(was, line)


def in_a_function() -> str:
    body = "\n".join("    " + line for line in SOURCES[TRAIN_CELL].splitlines())
    return f"def train():\n{body}"


def counting(number: float, line: str) -> Run:
    """Lesson 3, where this line counts this number."""
    return counted(number, boundary=0.0, train=f"{SOURCES[TRAIN_CELL]}\naccuracy = {line}")


def of_halves(number: float, line: str, *, chances: bool = False) -> Run:
    """Lesson 3 where as many cards say yes as no."""
    halves = DataSet(NUMBERS.X, (NUMBERS.X > -0.1).astype(float))
    answers = sigmoid if chances else None
    end = ResultPart(
        kind="result", model=line_model(np.array([3.0, 0.0]), answers), accuracy=number
    )
    code = Code({**SOURCES, TRAIN_CELL: f"{SOURCES[TRAIN_CELL]}\naccuracy = {line}"}, STEPS)
    seen = threshold_facts(end, cards=halves)
    return Run(replace(seen, code=code), frozenset({"train.accuracy"}))


def refused() -> Run:
    """Lesson 3, where the loss does not take what it is given."""
    error = CellError(TRAIN_CELL, "ValueError", "Target size must be the same as input size", "", 6)
    return Run(replace(threshold_facts(), code=Code(SOURCES, STEPS, {Step.TRAIN: error})))


def weighted(scores: np.ndarray, answers: np.ndarray) -> float:
    """The cross-entropy in which a yes counts three times."""
    return float(
        np.mean(3 * answers * np.logaddexp(0, -scores) + (1 - answers) * np.logaddexp(0, scores))
    )


def with_layers(*layers: str) -> Run:
    return run(model_part(layers=layers, answers=lambda x: START.at(x) * (x > 0)))


def deaf() -> ModelPart:
    """A model that answers with another line than its own numbers draw."""
    part = model_part(answers=lambda x: 0.3 - 0.8 * x)
    assert part.model is not None
    probe = part.model.probe.model_copy(update={"heard": (False, False)})
    return part.model_copy(update={"model": part.model.model_copy(update={"probe": probe})})


def pictures_shown(X: np.ndarray, failed: str = "data.cards") -> Run:
    part = data_of_pictures()
    return of_pictures(failed, seen=picture_facts(part.model_copy(update={"X": tensor(X)})))


def loader(failed: str = "data.batches", **seen: object) -> Run:
    part = data_of_pictures()
    other = LoaderSeen(type="DataLoader", **seen)
    return of_pictures(failed, seen=picture_facts(part.model_copy(update={"loader": other})))


def begun(weights: float, shifts: Sequence[float]) -> Run:
    """Lesson 4 with one number for all weights of the hidden layer, which nothing ever moves."""
    theta = np.concatenate([np.full(18, weights), shifts, NETWORK_START[21:]])
    made = ModelPart(kind="model", model=network_model(theta))
    return of_pictures(seen=picture_facts(made, training=practise(start=theta)))


def untrained(end: Line | None = None) -> Run:
    """A model at the end of which a tensor was never seen to move."""
    return run(result_part(end).model_copy(update={"untrained": True}))


SHIFTED = 3.0 + 1.5 * np.array(DRAWN).reshape(-1, 1)
ON_EXAM = (practise()[0].model_copy(update={"leaked": 20}), practise()[1])
ANSWERS_SHOWN = looped().model_copy(update={"batches": (batch(CARDS.y),)})
SLIPS: dict[tuple[Step, str], Run] = {
    **{
        (step, mistake): crashed(step, *error)
        for step in CODE_STEPS
        for mistake, error in CRASHES.items()
    },
    (Step.DATA, "data_more_columns"): run(data_part(X=tensor(np.hstack([CARDS.X, CARDS.X])))),
    (Step.DATA, "cards_mixed_up"): run(data_part(DataSet(REVERSED, CARDS.y))),
    (Step.DATA, "cards_in_another_order"): run(data_part(DataSet(REVERSED, CARDS.y[::-1]))),
    (Step.DATA, "noise_not_centered"): run(
        data_part(DataSet(GRID, EXACT + SHIFTED), kept_noise=tensor(SHIFTED)), recipe=NOISY
    ),
    (Step.DATA, "pictures_not_flattened"): pictures_shown(PRACTICE.X.reshape(-1, 2, 3)),
    (Step.DATA, "cards_rescaled"): pictures_shown(PRACTICE.X * 2 - 1),
    (Step.DATA, "loader_without_answers"): loader(error="ValueError: too many values to unpack"),
    (Step.DATA, "exam_dealt"): loader(epochs=((((-1,) * 16, (False,) * 16),),) * 2, of_exam=16),
    (Step.MODEL, "dropout_added"): with_layers("Dropout", "Linear"),
    (Step.MODEL, "normalisation_added"): with_layers("BatchNorm1d", "Linear"),
    (Step.MODEL, "parameters_not_used"): run(deaf()),
    (Step.MODEL, "softmax_of_one_score"): model(
        ModelPart(kind="model", model=line_model(answers=np.ones_like)), "model.scores"
    ),
    (Step.LOSS, "loss_weighted"): loss(weighted),
    (Step.TRAIN, "takes_too_long"): stopped("TimedOut", "the cell took longer than 60 s"),
    (Step.TRAIN, "call_without_brackets"): run(train=in_code("loss.backward", "loss.backward()")),
    (Step.TRAIN, "function_never_called"): run(train_part(looped("")), train=in_a_function()),
    (Step.TRAIN, "guess_through_numpy"): stopped(
        "RuntimeError", "Can't call numpy() on Tensor that requires grad."
    ),
    (Step.TRAIN, "data_wants_gradients"): run(
        data_part(y=tensor(CARDS.y, requires_grad=True)),
        error=CellError(TRAIN_CELL, "RuntimeError", SECOND_TIME, "", 9),
    ),
    (Step.TRAIN, "graph_reused"): stopped("RuntimeError", SECOND_TIME),
    (Step.TRAIN, "other_model_trained"): run(train_part(beside(looped()))),
    (Step.TRAIN, "gradient_is_zero"): run(train_part(still(looped(), gradients=True))),
    (Step.TRAIN, "guess_broadcast"): loop(
        slope=lambda error: 2 * (error + CARDS.y.reshape(-1) - CARDS.y.mean()) / len(error)
    ),
    (Step.TRAIN, "guess_from_answers"): run(train_part(ANSWERS_SHOWN)),
    (Step.TRAIN, "losses_of_something_else"): run(failed=["train.losses"]),
    (Step.TRAIN, "trained_on_exam"): of_pictures(seen=picture_facts(training=ON_EXAM)),
    (Step.TRAIN, "guess_shape_other"): refused(),
    (Step.TRAIN, "accuracy_typed_in"): counting(0.9, "0.9"),
    (Step.TRAIN, "argmax_of_one_column"): counting(0.52, "(model(X).argmax(1) == y).mean()"),
    (Step.TRAIN, "accuracy_counts_all_as_no"): counting(0.52, "(X < -9 == y).mean()"),
    (Step.TRAIN, "scores_compared_with_answers"): counting(0.02, "(model(X) == y).mean()"),
    (Step.TRAIN, "accuracy_of_no_decision"): of_halves(0.5, "share(model)"),
    (Step.TRAIN, "probabilities_above_zero"): of_halves(0.5, "share(model)", chances=True),
    (Step.RESULT, "weights_all_alike"): begun(0.25, [0.5] * 3),
    (Step.RESULT, "hidden_layer_silent"): begun(0.0, [-5.0, -6.0, -7.0]),
    (Step.RESULT, "part_not_trained"): untrained(),
}
