from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.evidence import TensorSeen, TrainingSeen
from grader.recorder.tensors import leaves, same, tensor_record, told
from grader.recorder.watching import Tape, Training, Watched


@given(most=st.integers(4, 30), count=st.integers(0, 100))
def test_a_tape_keeps_the_first_and_the_last_and_counts_all(most: int, count: int) -> None:
    tape = Tape(most)
    for item in range(count):
        tape.append(item)
    kept = tape.items()
    half = most // 2
    assert tape.count == count
    assert kept == sorted(set(kept))
    assert kept[:half] == list(range(min(half, count)))
    assert kept[half:] == list(range(max(half, count - half), count))


# ---- tensors -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16", "int64", "bool"])
def test_a_tensor_is_written_down_whatever_its_type(dtype: str) -> None:
    record = tensor_record(torch.tensor([[0], [1]]).to(getattr(torch, dtype)))
    assert record is not None
    assert (record["shape"], record["dtype"], record["values"]) == ([2, 1], dtype, [0.0, 1.0])


@pytest.mark.parametrize(
    "value", [torch.arange(6.0).view(2, 3).t(), torch.ones(1).expand(3), torch.tensor(3.0)]
)
def test_views_and_single_numbers_are_written_down_in_row_order(value: torch.Tensor) -> None:
    record = tensor_record(value)
    assert record is not None
    assert record["values"] == np.asarray(value).reshape(-1).tolist()


def test_of_a_large_tensor_the_beginning_is_kept_and_the_whole_is_told_apart() -> None:
    one, other = torch.zeros(200_000), torch.zeros(200_000)
    other[199_999] = 1
    records = [tensor_record(each) or {} for each in (one, other)]
    assert [len(record["values"]) for record in records] == [4096, 4096]
    assert records[0]["digest"] != records[1]["digest"]


def test_many_decimals_are_packed_and_come_back_as_they_were() -> None:
    values = torch.randn(5000, 1)
    record = tensor_record(values) or {}
    assert len(str(record["values"])) < 8 * 5000
    assert TensorSeen.model_validate(record).values == tuple(values.reshape(-1).tolist())


def test_a_single_number_out_of_a_solved_system_is_written_down() -> None:
    solution = torch.linalg.lstsq(torch.eye(5, 2), torch.ones(5, 1)).solution
    assert solution[:1].stride() != (1, 1)
    record = tensor_record(solution[:1]) or {}
    assert record["digest"] == (tensor_record(torch.ones(1, 1)) or {})["digest"]


def test_an_empty_tensor_is_written_down() -> None:
    assert (tensor_record(torch.zeros(0, 1)) or {})["values"] == []


@pytest.mark.parametrize("value", [[1, 2], (1.0, 2.0), np.array([1, 2])])
def test_what_can_be_seen_as_numbers_keeps_its_own_type(value: Any) -> None:
    record = tensor_record(value)
    assert record is not None
    assert record["type"] == type(value).__name__
    assert record["values"] == [1.0, 2.0]


@pytest.mark.parametrize("value", [None, ..., "text", 3, ["a"], [[1], [2, 3]], {}, object()])
def test_what_holds_no_numbers_is_not_written_down(value: Any) -> None:
    assert tensor_record(value) is None


# ---- values over time --------------------------------------------------------------------------


def test_a_value_is_noted_when_it_changed_and_only_then() -> None:
    tensor = torch.tensor([1.0])
    watched = Watched(tensor)
    assert [watched.look(1), watched.look(2)] == [False, False]
    tensor.data += 1
    assert watched.look(3)
    assert watched.values.items() == [(1, [1.0]), (3, [2.0])]


def test_a_value_that_became_nan_changes_once() -> None:
    tensor = torch.tensor([1.0])
    watched = Watched(tensor)
    watched.look(1)
    tensor.fill_(math.nan)
    assert [watched.look(2), watched.look(3)] == [True, False]


def test_a_large_tensor_gets_fewer_snapshots() -> None:
    watched = Watched(torch.zeros(10_000))
    for tick in range(30):
        watched.tensor.fill_(tick)
        watched.look(tick)
    assert watched.values.count == 30
    assert len(watched.values.items()) <= 20


def test_many_large_tensors_share_the_room_for_snapshots() -> None:
    training = Training()
    training.watch(torch.zeros(10_000) for _ in range(20))
    for tick in range(30):
        for watched in training.watched:
            watched.tensor.fill_(tick)
            watched.look(tick)
    kept = [len(watched.values.items()) * 10_000 for watched in training.watched]
    assert kept[0] == 100_000
    assert sum(kept) <= 800_000


@pytest.mark.parametrize(
    "answers",
    [
        lambda w, b, x: w * x + b,
        lambda w, b, x: x @ w.view(1, 1) + b,
        lambda w, b, x: torch.nn.functional.linear(x, w.view(1, 1), b),
        lambda w, b, x: torch.addcmul(b, w, x),
        lambda w, b, x: torch.stack([w * each + b for each in x]),
    ],
)
def test_the_cards_that_a_plain_function_answered_are_seen_in_its_loss(answers: Any) -> None:
    training, X = Training(), torch.arange(5.0).view(-1, 1)
    w, b = (torch.randn(1, requires_grad=True) for _ in range(2))
    for batch in (X[:2], X[2:], X[:2]):
        training.backward((answers(w, b, batch) ** 2).mean(), X)
    seen = [
        sorted(t for n in n_s for t in training.batches[n].reshape(-1).tolist())
        for _, n_s in training.backwards.items()
    ]
    assert seen == [[0.0, 1.0], [2.0, 3.0, 4.0], [0.0, 1.0]]


def test_what_is_not_among_the_cards_is_not_taken_for_them() -> None:
    training, X = Training(), torch.arange(5.0).view(-1, 1)
    w = torch.randn(1, requires_grad=True)
    training.backward((w * (X / 10)).sum(), X)
    training.backward((w * torch.cat([X, X**2], dim=1)).sum(), X)
    assert [numbers for _, numbers in training.backwards.items()] == [[], []]


def test_a_change_behind_the_optimizers_back_is_by_hand() -> None:
    training, tensor = Training(), torch.tensor([1.0])
    training.watch([tensor])
    training.look()
    tensor += 1
    training.update()
    assert not training.changed_by_hand([tensor])
    tensor += 1
    training.look()
    assert training.changed_by_hand([tensor])
    assert not training.changed_by_hand([torch.tensor([1.0])])


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_gradient_that_was_changed_behind_backward_is_noted(size: int) -> None:
    tensor = torch.ones(size, requires_grad=True)
    training = Training()
    training.watch([tensor])
    for factor in (1.0, 2.0, math.nan):
        tensor.grad = None
        torch.autograd.backward(tensor.sum())
        training.leave_gradients()
        assert tensor.grad is not None
        tensor.grad.data.mul_(factor)
        training.tick += 1
        training.look_at_gradients()
    (tick, left, used), (later, _, _) = told(training.watched[0].altered.items())
    assert (tick, later) == (2, 3)
    assert (left, used) == ([1.0] * size, [2.0] * size)


def test_a_gradient_that_nothing_left_is_noted() -> None:
    tensor = torch.ones(1, requires_grad=True)
    training = Training()
    training.watch([tensor])
    training.leave_gradients()
    tensor.grad = torch.ones(1)
    training.look_at_gradients()
    assert training.watched[0].altered.items() == [(0, [], [1.0])]


def test_a_gradient_that_was_computed_and_put_in_place_is_no_change() -> None:
    tensor, other = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    training = Training()
    training.watch([tensor])
    gradients = torch.autograd.grad((tensor * 3 + other).sum(), [other, tensor])
    training.leave_computed([other, tensor], gradients)
    tensor.grad = gradients[1]
    training.look_at_gradients()
    assert training.watched[0].altered.count == 0


def _guess_and_trace(training: Training, shown: torch.Tensor) -> None:
    answers = torch.nn.Linear(1, 1)(shown)
    training.show(shown, answers.grad_fn)
    training.backward(answers.mean())


def test_an_answer_that_no_loss_is_made_of_is_behind_no_gradient() -> None:
    training = Training()
    training.show(torch.zeros(2, 1), torch.nn.Linear(1, 1)(torch.zeros(2, 1)).grad_fn)
    _guess_and_trace(training, torch.ones(2, 1))
    assert [shown for _, shown in training.backwards.items()] == [[1]]


def test_the_same_cards_are_kept_once_and_known_again() -> None:
    training = Training()
    for shown in (torch.zeros(2, 1), torch.ones(2, 1), torch.zeros(2, 1)):
        _guess_and_trace(training, shown)
    assert len(training.batches) == 2
    assert [shown for _, shown in training.backwards.items()] == [[0], [1], [0]]


def test_cards_beyond_the_room_are_known_to_be_missing() -> None:
    training = Training()
    _guess_and_trace(training, torch.zeros(70_000, 1))
    assert training.batches == []
    assert training.backwards.items() == [(0, [-1])]


def test_gradients_gathered_over_several_cards_belong_to_one_update() -> None:
    training = Training()
    for shown in (torch.zeros(2, 1), torch.ones(2, 1)):
        _guess_and_trace(training, shown)
    training.update()
    assert [shown for _, shown in training.updates.items()] == [[0, 1]]


def test_events_are_counted_also_where_there_is_no_more_room() -> None:
    training = Training()
    for _ in range(3500):
        training.event("F", 1, 2)
    assert training.counts == {"F": 3500}
    assert len(training.kinds) == len(training.cells) == len(training.lines) == 3000


def test_a_training_becomes_evidence() -> None:
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    training = Training()
    training.watch(list(model.parameters()))
    for _ in range(3):
        training.event("B", 1, 2)
        training.look()
        _guess_and_trace(training, torch.ones(2, 1))
        optimizer.zero_grad()
        model(torch.ones(2, 1)).sum().backward()
        training.event("S", 1, 3)
        optimizer.step()
        training.update()
        training.look(optimizer=True)
    told = json.dumps(training.record(list(model.parameters())))
    seen = TrainingSeen.model_validate_json(told)
    assert seen.parameters == (0, 1)
    assert [each.changes for each in seen.trained] == [4, 4]
    assert seen.counts == {"B": 3, "S": 3}
    others = training.record(list(torch.nn.Linear(1, 1).parameters()))
    assert others["parameters"] == [None, None]


# ---- graphs and batches ------------------------------------------------------------------------


def test_the_leaves_of_a_loss_are_what_it_can_train() -> None:
    w, b = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    loss = ((w * torch.arange(3.0) + b) ** 2).mean()
    assert {id(leaf) for leaf in leaves(loss)} == {id(w), id(b)}
    assert leaves(loss.detach()) == []


def test_batches_are_the_same_by_shape_and_values() -> None:
    assert same(torch.ones(2, 1), torch.ones(2, 1))
    assert not same(torch.ones(2, 1), torch.ones(2))
    assert not same(torch.ones(2, 1), torch.zeros(2, 1))


class Practice:
    """A training of one number, told to the recorder's notes as the hooks tell it."""

    def __init__(self) -> None:
        self.training = Training()
        self.number = torch.zeros(1, requires_grad=True)
        self.other = torch.zeros(1, requires_grad=True)
        self.training.watch([self.number, self.other])
        self.training.look()

    def rounds(self, count: int, number: torch.Tensor) -> None:
        """So many rounds of a loop with an optimizer of its own."""
        optimizer = torch.optim.SGD([number], lr=0.1)
        for _ in range(count):
            for kind in "FZB":
                self.training.event(kind, 1, 1)
                self.training.look()
            self.training.losses.append((self.training.tick, 1.0))
            self.training.backwards.append((self.training.tick, [0]))
            self.training.event("S", 1, 1)
            self.training.step(
                optimizer, [p for group in optimizer.param_groups for p in group["params"]]
            )
            with torch.no_grad():
                number += 1
            self.training.update()
            self.training.look(optimizer=True)

    def set_back(self) -> None:
        with torch.no_grad():
            self.number.zero_()

    @property
    def told(self) -> dict[str, Any]:
        return self.training.record([self.number])


@pytest.fixture
def practice() -> Practice:
    return Practice()


def test_trials_with_other_models_before_and_beside_the_training_count_for_nothing(
    practice: Practice,
) -> None:
    practice.rounds(3, practice.other)
    practice.rounds(2, practice.number)
    practice.rounds(1, practice.other)
    practice.rounds(2, practice.number)
    told = practice.told
    assert told["events"] == "fzbs" * 3 + "FZBS" * 2 + "fzbs" + "FZBS" * 2
    assert told["counts"] == dict.fromkeys("FZBSfzbs", 4)
    assert [len(told[name]) for name in ("losses", "backwards", "updates")] == [4, 4, 4]


def test_where_no_optimizer_holds_the_model_all_that_happened_counts(practice: Practice) -> None:
    practice.rounds(3, practice.other)
    assert practice.told["events"] == "FZBS" * 3


def test_what_was_tried_before_the_model_was_set_back_counts_for_nothing(
    practice: Practice,
) -> None:
    practice.rounds(3, practice.number)
    practice.set_back()
    practice.rounds(2, practice.number)
    practice.set_back()
    practice.rounds(4, practice.number)
    assert practice.told["events"] == "fzbs" * 5 + "FZBS" * 4
    assert not practice.training.changed_by_hand([practice.number])


def test_a_model_that_is_set_back_behind_its_training_was_changed_by_hand(
    practice: Practice,
) -> None:
    practice.rounds(3, practice.number)
    practice.set_back()
    practice.training.look()
    assert practice.told["events"] == "FZBS" * 3
    assert practice.training.changed_by_hand([practice.number])


def test_numbers_that_are_changed_between_all_steps_are_not_set_back(practice: Practice) -> None:
    for _ in range(4):
        practice.rounds(1, practice.number)
        practice.set_back()
    practice.rounds(1, practice.number)
    assert practice.told["events"] == "FZBS" * 5
    assert practice.training.changed_by_hand([practice.number])
