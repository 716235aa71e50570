from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.recorder.classes import uncalled
from grader.recorder.roles import ROLES, find_roles, fits, groups_of, parameters_of
from grader.recorder.watching import MOST_WATCHED, Training

if TYPE_CHECKING:
    from collections.abc import Iterator

X, Y = torch.zeros(2, 1), torch.ones(2, 1)
MODEL = nn.Linear(1, 1)
SGD = torch.optim.SGD(MODEL.parameters(), lr=0.1)


class OwnLoss(nn.Module):
    def forward(self, guess: torch.Tensor, answer: torch.Tensor) -> torch.Tensor:
        return ((guess - answer) ** 2).mean()


@pytest.mark.parametrize(
    ("role", "value"),
    [
        ("X", X),
        ("y", np.zeros(3)),
        ("y", [1.0, 2.0]),
        ("model", MODEL),
        ("model", lambda x: x),
        ("loss_fn", nn.MSELoss()),
        ("loss_fn", nn.functional.mse_loss),
        ("loss_fn", OwnLoss()),
        ("optimizer", SGD),
        ("losses", []),
        ("losses", [1.0, torch.tensor(2.0)]),
    ],
)
def test_a_value_can_play_its_role(role: str, value: Any) -> None:
    assert fits(role, value)


@pytest.mark.parametrize(
    ("role", "value"),
    [
        *((role, None) for role in ROLES),
        *((role, ...) for role in ROLES),
        ("X", 3),
        ("X", torch.tensor(3.0)),
        ("model", nn.Linear),
        ("model", nn.MSELoss()),
        ("model", OwnLoss()),
        ("loss_fn", MODEL),
        ("loss_fn", "mse"),
        ("optimizer", torch.optim.SGD),
        ("losses", 3.0),
        ("losses", [X, Y]),
        ("losses", ["many"]),
    ],
)
def test_a_value_cannot_play_another_role(role: str, value: Any) -> None:
    assert not fits(role, value)


def found(namespace: dict[str, Any], *names: str, training: Training | None = None) -> Any:
    return find_roles(("X", "y"), dict.fromkeys(ROLES, names), namespace, training or Training())


def test_the_expected_name_comes_first() -> None:
    assert found({"X": X, "y": Y, "cards": Y}, "cards", "X", "y") == {"X": "X", "y": "y"}


def test_the_first_tensor_is_taken_for_the_inputs_and_the_last_for_the_answers() -> None:
    namespace = {"cards": X, "rule": Y, "answers": Y}
    assert found(namespace, "cards", "rule", "answers") == {"X": "cards", "y": "answers"}


def test_what_was_used_in_the_training_is_what_is_meant() -> None:
    training = Training()
    training.input, training.target = X, Y
    namespace = {"raw": torch.zeros(3), "cards": X, "answers": Y, "spare": torch.ones(3)}
    names = found(namespace, *namespace, training=training)
    assert names == {"X": "cards", "y": "answers"}


def test_of_two_models_the_last_counts_unless_another_one_learned() -> None:
    namespace, training = {"one": MODEL, "other": nn.Linear(1, 1)}, Training()
    candidates = {"model": ("one", "other")}
    assert find_roles(("model",), candidates, namespace, training) == {"model": "other"}
    training.watch(MODEL.parameters())
    training.look()
    with torch.no_grad():
        MODEL.weight.add_(1)
    training.look()
    assert find_roles(("model",), candidates, namespace, training) == {"model": "one"}


@pytest.mark.parametrize(
    ("role", "one", "other"),
    [
        ("losses", [3.0, 1.0], torch.zeros(1)),
        ("accuracy", 0.5, 100),
        ("X", torch.zeros(5, 1), torch.zeros(5)),
        ("loss_fn", lambda guess, answer: guess - answer, lambda guess: guess),
    ],
)
def test_what_looks_the_part_plays_it(role: str, one: Any, other: Any) -> None:
    for names in (("one", "other"), ("other", "one")):
        namespace = {"one": one, "other": other}
        assert find_roles((role,), {role: names}, namespace, Training()) == {role: "one"}


def test_a_loss_is_not_taken_for_the_accuracy() -> None:
    namespace = {"X": torch.zeros(8, 1), "total": 0.119, "right": 0.875, "my_acc": 0.3, "epoch": 9}
    for name, taken in (("total", False), ("right", True), ("my_acc", True), ("epoch", False)):
        found = find_roles(("X", "accuracy"), {"accuracy": (name,)}, namespace, Training())
        assert ("accuracy" in found) == taken


def test_an_optimizer_of_ones_own_is_read_by_what_it_holds() -> None:
    class Own:
        def __init__(self, numbers: Any, rate: float) -> None:
            self.numbers, self.rate = list(numbers), rate

        def step(self) -> None: ...

        def zero_grad(self) -> None: ...

    (group,) = groups_of(Own(MODEL.parameters(), 0.1))
    assert group["lr"] == 0.1
    assert [id(p) for p in group["params"]] == [id(p) for p in MODEL.parameters()]


def test_no_name_plays_two_roles() -> None:
    assert found({"cards": X}, "cards") == {"X": "cards"}


def test_the_parameters_of_a_function_are_the_trainable_tensors_it_names() -> None:
    namespace: dict[str, Any] = {
        "w": torch.ones(1, requires_grad=True),
        "b": torch.ones(1, requires_grad=True),
        "c": torch.ones(1),
    }
    exec("def model(x):\n    return w * x + b + c", namespace)  # noqa: S102
    assert [name for name, _ in parameters_of(namespace["model"], namespace)] == ["w", "b"]
    assert [name for name, _ in parameters_of(MODEL, {})] == ["weight", "bias"]


class Architecture:
    """A model that is no module."""

    def __init__(self) -> None:
        self.b, self.w = (torch.zeros(1, requires_grad=True) for _ in range(2))
        self.seen = torch.zeros(1)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return self.w * x + self.b


class Listing(Architecture):
    def parameters(self) -> Iterator[torch.Tensor]:
        yield from (self.w, self.b)


class Refusing(Architecture):
    def parameters(self) -> list[torch.Tensor]:
        raise ValueError("not today")


def test_the_parameters_of_an_object_are_those_that_it_lists_or_else_holds() -> None:
    held, listing, refusing = Architecture(), Listing(), Refusing()
    assert [v for _, v in parameters_of(held, {})] == [held.b, held.w]
    assert [v for _, v in parameters_of(listing, {})] == [listing.w, listing.b]
    assert [v for _, v in parameters_of(refusing, {})] == [refusing.b, refusing.w]


def test_the_parameters_of_a_method_are_those_of_its_object() -> None:
    architecture = Architecture()
    assert [v for _, v in parameters_of(architecture.__call__, {})] == [
        architecture.b,
        architecture.w,
    ]
    assert [name for name, _ in parameters_of(MODEL.forward, {})] == ["weight", "bias"]


def test_the_parameters_of_a_closure_are_the_trainable_tensors_that_it_keeps() -> None:
    w, other = torch.zeros(1, requires_grad=True), torch.zeros(1)

    def model(x: torch.Tensor) -> torch.Tensor:
        return w * x + other

    assert [name for name, _ in parameters_of(model, {})] == ["w"]


def test_the_parameters_of_a_partial_function_are_the_trainable_arguments_put_in() -> None:
    w, b, x = (torch.ones(1, requires_grad=wanted) for wanted in (True, True, False))
    by_name = functools.partial(torch.nn.functional.linear, weight=w, bias=b, input=x)
    by_place = functools.partial(torch.add, w, b)
    assert [v for _, v in parameters_of(by_name, {})] == [w, b]
    assert [v for _, v in parameters_of(by_place, {})] == [w, b]


def test_an_object_that_lists_without_end_is_asked_only_so_often() -> None:
    class Endless(Architecture):
        def parameters(self) -> Iterator[torch.Tensor]:
            while True:
                yield torch.zeros(1, requires_grad=True)

    assert len(parameters_of(Endless(), {})) == MOST_WATCHED


def test_of_two_loaders_the_one_with_all_cards_deals() -> None:
    X = torch.zeros(8, 1)
    loaders = {"one": DataLoader(TensorDataset(X)), "other": DataLoader(TensorDataset(X[:3]))}
    names = {"loader": ("one", "other")}
    assert find_roles(("X", "loader"), names, {"X": X, **loaders}, Training())["loader"] == "one"


def test_cards_in_batches_are_not_taken_for_all_of_them() -> None:
    X, training = torch.arange(8.0).view(-1, 1), Training()
    w = torch.ones(1, requires_grad=True)
    for batch in (X[:4], X[4:]):
        training.show(batch, (w * batch).grad_fn)
    namespace = {"xb": X[4:], "xs": X, "ys": 2 * X, "yb": 2 * X[4:]}
    names = dict.fromkeys(("X", "y"), ("xs", "ys", "xb", "yb"))
    assert find_roles(("X", "y"), names, namespace, training) == {"X": "xs", "y": "ys"}


def test_of_two_cards_as_many_as_x_those_count_that_the_batches_came_from() -> None:
    X, training = torch.arange(8.0).view(-1, 1), Training()
    w = torch.ones(1, requires_grad=True)
    for batch in (X[:4], X[4:]):
        training.show(batch, (w * batch).grad_fn)
    training.target = 2 * X[4:]
    namespace = {"xs": X, "ys": 2 * X, "noise": torch.rand(8, 1)}
    names = dict.fromkeys(("X", "y"), ("xs", "ys", "noise"))
    assert find_roles(("X", "y"), names, namespace, training) == {"X": "xs", "y": "ys"}


def test_a_first_batch_that_was_looked_at_is_not_taken_for_the_answers() -> None:
    namespace = {"xs": torch.zeros(8, 1), "ys": torch.ones(8, 1), "labels": torch.ones(4, 1)}
    assert found(namespace, *namespace) == {"X": "xs", "y": "ys"}


def test_of_two_optimizers_the_one_that_stepped_last_counts() -> None:
    training, trial = Training(), torch.optim.SGD(MODEL.parameters(), lr=0.2)
    for optimizer in (SGD, trial, SGD):
        training.step(optimizer, list(MODEL.parameters()))
    names = {"optimizer": ("opt", "trial")}
    namespace = {"opt": SGD, "trial": trial}
    assert find_roles(("optimizer",), names, namespace, training) == {"optimizer": "opt"}


def test_a_list_of_losses_deals_no_cards() -> None:
    loader = DataLoader(TensorDataset(torch.zeros(9, 1)))
    namespace = {"X": torch.zeros(8, 1), "both_piles": loader, "history": [0.7, 0.6]}
    names = {"loader": ("both_piles", "history")}
    assert find_roles(("X", "loader"), names, namespace, Training())["loader"] == "both_piles"


def test_an_exam_on_the_cards_that_were_practised_is_found_by_its_name() -> None:
    X, y = torch.zeros(8, 1), torch.ones(8, 1)
    namespace = {"fronts": X, "backs": y, "exam_fronts": X, "exam_backs": y}
    roles = ("X", "y", "X_test", "y_test")
    names = dict.fromkeys(roles, tuple(namespace))
    assert find_roles(roles, names, namespace, Training()) == {
        "X": "fronts",
        "y": "backs",
        "X_test": "exam_fronts",
        "y_test": "exam_backs",
    }


def test_a_class_under_a_roles_name_is_played_by_nobody_else() -> None:
    namespace = {"loss_fn": nn.MSELoss, "rule": lambda a, b: a - b}
    names = {"loss_fn": ("rule", "loss_fn")}
    assert find_roles(("loss_fn",), names, namespace, Training()) == {}
    assert uncalled(("loss_fn",), names, {}, namespace) == {"loss_fn": "MSELoss"}


def test_a_class_under_an_own_name_was_not_called_either() -> None:
    namespace = {"opt": torch.optim.SGD}
    assert uncalled(("optimizer",), {"optimizer": ("opt",)}, {}, namespace) == {"optimizer": "SGD"}


def test_where_one_cell_does_all_a_class_is_said_of_the_role_it_is_made_for() -> None:
    namespace = {"opt": torch.optim.SGD, "crit": nn.MSELoss, "net": nn.Linear}
    roles = ("model", "loss_fn", "optimizer")
    names = dict.fromkeys(roles, tuple(namespace))
    said = {"model": "Linear", "loss_fn": "MSELoss", "optimizer": "SGD"}
    assert uncalled(roles, names, {}, namespace) == said


def test_a_number_without_end_is_no_accuracy() -> None:
    namespace = {"X": torch.zeros(8, 1), "best": float("inf"), "right": 0.875}
    names = {"accuracy": ("right", "best")}
    assert find_roles(("X", "accuracy"), names, namespace, Training())["accuracy"] == "right"
