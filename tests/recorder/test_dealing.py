"""Which cards a batch holds, as the recorder tells them: by their bytes, and as a loader deals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, TensorDataset

from grader.recorder.observing import _loader as loader_record
from grader.recorder.watching import RowIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

CARDS = torch.arange(30.0).view(10, 3)
ANSWERS = (torch.arange(10) < 5).float().view(-1, 1)


# ---- a deck ------------------------------------------------------------------------------------


@given(st.permutations(range(10)), st.integers(1, 10))
def test_the_cards_of_a_batch_are_known_in_any_order(order: list[int], count: int) -> None:
    assert RowIndex(CARDS).rows(CARDS[order[:count]]) == order[:count]


def test_a_card_that_is_none_of_the_deck_is_told_apart() -> None:
    batch = torch.stack([CARDS[2], CARDS[2] + 0.5, CARDS[7]])
    assert RowIndex(CARDS).rows(batch) == [2, -1, 7]


def test_of_two_cards_that_are_alike_the_first_is_meant() -> None:
    doubled = torch.cat([CARDS, CARDS[3:4]])
    assert RowIndex(doubled).rows(CARDS[3:4]) == [3]


def test_a_picture_is_the_same_card_flat_or_square() -> None:
    square = torch.rand(5, 4, 4)
    assert RowIndex(square).rows(square.view(5, 16)[[4, 0]]) == [4, 0]
    assert RowIndex(square.view(5, 16)).rows(square[[1]]) == [1]


@pytest.mark.parametrize(
    "strange",
    [CARDS[:2, :2], torch.zeros(0, 3), CARDS[:2].double(), CARDS[:2].long(), torch.tensor(1.0)],
    ids=["too narrow", "empty", "float64", "whole numbers", "one number"],
)
def test_what_is_no_batch_of_such_cards_is_none(strange: torch.Tensor) -> None:
    assert RowIndex(CARDS).rows(strange) is None


def test_views_and_cards_with_a_gradient_are_known_too() -> None:
    turned = CARDS.t().contiguous().t()
    assert RowIndex(turned).rows(CARDS[::2].requires_grad_()) == [0, 2, 4, 6, 8]


# ---- a loader ----------------------------------------------------------------------------------


def rows(seen: dict[str, Any]) -> list[list[list[int]]]:
    return [[batch for batch, _ in epoch] for epoch in seen["epochs"]]


def all_beside(seen: dict[str, Any]) -> bool:
    return all(b for epoch in seen["epochs"] for _, beside in epoch for b in beside)


def test_two_epochs_of_a_loader_are_told_batch_by_batch() -> None:
    loader = DataLoader(TensorDataset(CARDS, ANSWERS), batch_size=4)
    seen = loader_record(loader, CARDS, ANSWERS)
    epoch = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert seen["type"] == "DataLoader"
    assert rows(seen) == [epoch, epoch]
    assert all_beside(seen)
    assert "error" not in seen


def test_a_shuffling_loader_deals_every_card_in_two_orders() -> None:
    torch.manual_seed(0)
    loader = DataLoader(TensorDataset(CARDS, ANSWERS), batch_size=4, shuffle=True)
    seen = loader_record(loader, CARDS, ANSWERS)
    first, second = ([row for batch in epoch for row in batch] for epoch in rows(seen))
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    assert all_beside(seen)


def test_a_card_with_the_answer_of_another_one_is_told() -> None:
    loader = DataLoader(TensorDataset(CARDS, ANSWERS.roll(1, 0)), batch_size=10)
    ((_, beside),) = loader_record(loader, CARDS, ANSWERS)["epochs"][0]
    assert [row for row, right in enumerate(beside) if not right] == [0, 5]


def test_answers_in_a_line_count_as_answers_in_a_column() -> None:
    loader = DataLoader(TensorDataset(CARDS, ANSWERS.view(-1)), batch_size=5)
    assert all_beside(loader_record(loader, CARDS, ANSWERS))


def test_a_list_of_pairs_is_a_loader_too() -> None:
    pairs = [(CARDS[:5], ANSWERS[:5]), (CARDS[5:], ANSWERS[5:])]
    assert rows(loader_record(pairs, CARDS, ANSWERS))[0] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


def test_what_can_be_gone_through_only_once_is_let_be() -> None:
    batches = iter([(CARDS, ANSWERS)])
    assert "only once" in loader_record(batches, CARDS, ANSWERS)["error"]
    assert next(batches)[0] is CARDS


class Endless:
    """Deals the same batch for ever."""

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        while True:
            yield CARDS[:1], ANSWERS[:1]


def test_a_loader_without_end_is_left_after_many_batches() -> None:
    assert [len(epoch) for epoch in loader_record(Endless(), CARDS, ANSWERS)["epochs"]] == [500] * 2


class Sulking(TensorDataset):
    """Cannot be dealt from."""

    def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
        raise IndexError(f"no card {index}")


@pytest.mark.parametrize(
    ("loader", "X", "why"),
    [
        (7, CARDS, "TypeError"),
        (DataLoader(Sulking(CARDS)), CARDS, "IndexError: no card 0"),
        (DataLoader(TensorDataset(CARDS)), CARDS, "ValueError"),
        (DataLoader(TensorDataset(CARDS, ANSWERS)), None, "AttributeError"),
    ],
    ids=["a number", "a dataset that raises", "no answers", "no cards"],
)
def test_what_goes_wrong_in_dealing_is_kept_as_words(loader: Any, X: Any, why: str) -> None:
    seen = loader_record(loader, X, ANSWERS)
    assert seen["error"].startswith(why)
    assert "epochs" not in seen
