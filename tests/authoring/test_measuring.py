from __future__ import annotations

import numpy as np
import pytest

from grader.authoring.measuring import Networks, measure_curve, measure_pictures, measure_threshold
from grader.errors import AssignmentError
from grader.replay import DataSet, Descent, Line, descend
from tests import curve_factory
from tests.answers_factory import EXAM, NUMBERS, PICTURES, PRACTICE, THRESHOLD


def quiet(_count: int) -> None: ...


def test_no_honest_start_is_beyond_the_measured_tolerances() -> None:
    measured = measure_threshold(THRESHOLD, 10_000, seed=0, on_drawn=quiet)
    for w, b in np.random.default_rng(1).uniform(-1, 1, (30, 2)):
        how = Descent(THRESHOLD.learning_rate)
        end = descend(Line(w, b), NUMBERS, how, THRESHOLD.epochs, THRESHOLD.loss_function)[-1]
        scores = end[0] * NUMBERS.X + end[1]
        assert abs(end[1] / end[0]) <= measured.boundary
        assert THRESHOLD.loss_function.value(scores, NUMBERS.y) <= measured.loss
    assert (measured.boundary, measured.loss) == pytest.approx((0.11, 0.0569), abs=1e-4)
    assert measured.false_fail == pytest.approx(3e-4)


def test_every_draw_is_told_of() -> None:
    told: list[int] = []
    measure_threshold(THRESHOLD, 10_000, seed=0, on_drawn=told.append)
    assert sum(told) == 10_000


def test_a_training_that_parts_nothing_cannot_be_measured() -> None:
    short = THRESHOLD.model_copy(update={"epochs": 1, "learning_rate": 0.001})
    with pytest.raises(AssignmentError, match="does not tell the cards apart"):
        measure_threshold(short, 10_000, seed=0, on_drawn=quiet)


def speckled(count: int, seed: int) -> DataSet:
    """Pictures of forty dots, all dusty, of which two are dark where the answer is yes."""
    random = np.random.default_rng(seed)
    yes = (np.arange(count) < count // 2).astype(np.float64).reshape(-1, 1)
    dots = random.normal(0, 0.3, (count, 40))
    dots[:, :2] += yes
    return DataSet(dots, yes)


def test_pictures_are_measured_by_starts_and_shufflings() -> None:
    recipe = PICTURES.model_copy(update={"epochs": 40, "hidden": 16, "pixels": 40})
    cards = speckled(200, seed=1), speckled(100, seed=2)
    measured = measure_pictures(recipe, *cards, 200, seed=0, on_drawn=quiet)
    again = measure_pictures(recipe, *cards, 200, seed=0, on_drawn=quiet)
    assert measured == again
    assert 0.75 <= measured.accuracy < 1
    assert 0 < measured.loss_ratio < 1


def test_pictures_that_luck_tells_apart_make_no_exam() -> None:
    recipe = PICTURES.model_copy(update={"epochs": 40, "hidden": 16})
    with pytest.raises(AssignmentError, match="luck looks like knowledge"):
        measure_pictures(recipe, PRACTICE, EXAM, 200, seed=0, on_drawn=quiet)


@pytest.mark.parametrize("seed", [3, 4])
def test_torch_ends_where_networks_side_by_side_end(seed: int) -> None:
    torch = pytest.importorskip("torch")
    recipe = PICTURES.model_copy(update={"epochs": 1})
    side_by_side = Networks(recipe, np.random.default_rng(seed), 2)
    torch.manual_seed(seed)
    alone = torch.nn.Sequential(
        torch.nn.Linear(recipe.pixels, recipe.hidden),
        torch.nn.ReLU(),
        torch.nn.Linear(recipe.hidden, 1),
    )
    parts = (
        (alone[0].weight, side_by_side.weights[1].T),
        (alone[0].bias, side_by_side.shifts[1, 0]),
        (alone[2].weight, side_by_side.last[1].T),
        (alone[2].bias, side_by_side.shift[1, 0]),
    )
    with torch.no_grad():
        for part, start in parts:
            part.copy_(torch.tensor(start))
    order = np.random.default_rng(seed)
    order.bit_generator.state = side_by_side.random.bit_generator.state
    rows = order.permuted(np.tile(np.arange(recipe.cards), (2, 1)), axis=1)[1]
    X, y = (torch.tensor(side).float() for side in (PRACTICE.X[rows], PRACTICE.y[rows]))
    optimizer = torch.optim.SGD(alone.parameters(), lr=recipe.learning_rate)
    for faces, answers in zip(X.split(recipe.batch), y.split(recipe.batch), strict=True):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(alone(faces), answers).backward()
        optimizer.step()
    side_by_side.practise(PRACTICE, recipe)
    scores = alone(torch.tensor(EXAM.X).float()).detach().numpy().reshape(-1)
    assert side_by_side.scores(EXAM.X)[1] == pytest.approx(scores, abs=2e-6)


def test_torch_starts_as_evenly_as_the_networks_are_drawn() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    recipe = PICTURES.model_copy(update={"pixels": 256, "hidden": 16})
    drawn = Networks(recipe, np.random.default_rng(0), 4)
    first, last = torch.nn.Linear(256, 16), torch.nn.Linear(16, 1)
    for part, numbers in (
        (first.weight, drawn.weights),
        (first.bias, drawn.shifts),
        (last.weight, drawn.last),
    ):
        most = 1 / part.shape[-1] ** 0.5 if part.dim() > 1 else 1 / 256**0.5
        assert part.abs().max().item() <= most
        assert np.abs(numbers).max() <= np.float32(most)
        assert np.abs(numbers).max() > 0.8 * most


def test_pictures_that_cannot_be_told_apart_make_no_exam() -> None:
    noise = DataSet(PRACTICE.X, PRACTICE.y[::-1]), DataSet(EXAM.X, EXAM.y)
    with pytest.raises(AssignmentError, match="shows nothing"):
        measure_pictures(PICTURES, *noise, 200, seed=0, on_drawn=quiet)


def test_no_honest_start_is_beyond_a_curves_measured_tolerances() -> None:
    recipe = curve_factory.RECIPE.model_copy(update={"hidden": 16})
    measured = measure_curve(recipe, 500, seed=0, on_drawn=quiet)
    assert measured == measure_curve(recipe, 500, seed=0, on_drawn=quiet)
    networks = Networks(recipe, np.random.default_rng(1), 40)
    for _ in range(recipe.epochs):
        networks.learn_all(curve_factory.cards_by())
    assert networks.losses(curve_factory.cards_by()).max() <= measured.loss * 1.2
    assert 0 < measured.loss < measured.distance < 1


def test_a_curve_that_is_hardly_learned_cannot_be_measured() -> None:
    short = curve_factory.RECIPE.model_copy(update={"epochs": 2})
    with pytest.raises(AssignmentError, match="does not come near the curve"):
        measure_curve(short, 100, seed=0, on_drawn=quiet)
    flat = curve_factory.RECIPE.model_copy(update={"formula": "0.3 * X", "epochs": 20})
    with pytest.raises(AssignmentError, match="near to the curve before training"):
        measure_curve(flat, 2000, seed=0, on_drawn=quiet)
