from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import polib
import pytest

import grader
from grader.diagnosis import CATALOGUE, not_attempted
from grader.evidence import LossPart, LossProbed, LossSeen
from grader.models import Step
from grader.replay import DataSet, Line, gradient
from tests.diagnosis.answers import OF_NUMBERS, OF_PICTURES, of_numbers, of_pictures
from tests.diagnosis.behaviours import (
    BEHAVIOURS,
    EXACT,
    GRID,
    NOISY,
    NOISY_CARDS,
    SOURCES,
    STEPS,
    Run,
    every_check,
    loop,
    looped,
    noisy,
    run,
)
from tests.diagnosis.habits import DRAWING, HABITS, by_hand, dealing, heard
from tests.diagnosis.slips import SLIPS
from tests.evidence_factory import (
    CARDS,
    EPOCHS,
    GOAL,
    START,
    TRAIN_CELL,
    data_part,
    loss_part,
    model_part,
    noisy_cards,
    result_part,
    tensor,
    train_part,
    training_seen,
)

CHINESE = {
    entry.msgid: entry.msgstr
    for entry in polib.pofile(str(Path(grader.__file__).parent / "language" / "locale" / "zh.po"))
}
ANSWERS = ("zero_grad()", "optimizer.step", "nn.Linear(1, 1)", "lr=0.01")

each_text = pytest.mark.parametrize(
    "text",
    [rule.message.text for rule in CATALOGUE] + [rule.hint.text for rule in CATALOGUE],
)
each_rule = pytest.mark.parametrize(
    ("message", "hint"),
    [(rule.message.text, rule.hint.text) for rule in CATALOGUE],
    ids=[f"{rule.step}-{rule.id}" for rule in CATALOGUE],
)


def named(step: Step, seen: Run) -> str | None:
    found = seen.diagnosis(step)
    return found.id if found is not None else None


def place(step: Step, seen: Run) -> tuple[int | None, int | None]:
    found = seen.diagnosis(step)
    assert found is not None
    return found.cell, found.line


# ---- what is named -----------------------------------------------------------------------------


@pytest.mark.parametrize("step", Step)
def test_honest_evidence_is_accused_of_nothing(step: Step) -> None:
    assert run().diagnosis(step) is None


@pytest.mark.parametrize("seeded", [True, False])
def test_honest_noise_is_accused_of_nothing(seeded: bool) -> None:
    assert noisy(seeded=seeded).diagnosis(Step.DATA) is None


@pytest.mark.parametrize("events", ["ZFLBS", "FLBSZ", "FZLBS"])
def test_an_honest_loop_in_another_order_is_accused_of_nothing(events: str) -> None:
    assert loop(events * 100).diagnosis(Step.TRAIN) is None


@pytest.mark.parametrize(
    ("step", "mistake"), BEHAVIOURS, ids=[f"{step}-{mistake}" for step, mistake in BEHAVIOURS]
)
def test_what_behaves_like_a_mistake_is_named_by_it(step: Step, mistake: str) -> None:
    found = BEHAVIOURS[step, mistake].diagnosis(step)
    assert found is not None
    assert (found.step, found.id) == (step, mistake)


@pytest.mark.parametrize(("step", "mistake"), OF_NUMBERS, ids=map("-".join, OF_NUMBERS))
def test_what_behaves_like_a_mistake_about_numbers_is_named_by_it(step: Step, mistake: str) -> None:
    assert named(step, OF_NUMBERS[step, mistake]) == mistake


@pytest.mark.parametrize(("step", "mistake"), OF_PICTURES, ids=map("-".join, OF_PICTURES))
def test_what_behaves_like_a_mistake_about_pictures_is_named_by_it(
    step: Step, mistake: str
) -> None:
    assert named(step, OF_PICTURES[step, mistake]) == mistake


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("honest", [of_numbers(), of_pictures()], ids=["numbers", "pictures"])
def test_honest_answers_are_accused_of_nothing(step: Step, honest: Run) -> None:
    # What these two find out is all that is known of a model that knows, and of a wrong share.
    told_by_itself = {"model.fresh", "train.accuracy"}
    assert named(step, replace(honest, failed=every_check(step) - told_by_itself)) is None


def test_every_named_mistake_has_evidence_that_behaves_like_it() -> None:
    known = {(rule.step, rule.id) for rule in CATALOGUE}
    assert known == {*BEHAVIOURS, *OF_NUMBERS, *OF_PICTURES, *SLIPS, *HABITS}


@pytest.mark.parametrize(("step", "mistake"), SLIPS, ids=map("-".join, SLIPS))
def test_what_behaves_like_a_slip_is_named_by_it(step: Step, mistake: str) -> None:
    assert named(step, SLIPS[step, mistake]) == mistake


@pytest.mark.parametrize(("step", "mistake"), HABITS, ids=map("-".join, HABITS))
def test_what_behaves_like_a_habit_is_named_by_it(step: Step, mistake: str) -> None:
    assert named(step, HABITS[step, mistake]) == mistake


def test_a_bias_without_a_say_is_missing() -> None:
    assert named(Step.MODEL, run(heard(Line(0.5, 0.0), True, False))) == "bias_missing"


def test_one_number_as_noise_is_shared_by_all_cards() -> None:
    seen = run(data_part(DataSet(GRID, EXACT + 0.7312)), recipe=NOISY, data=DRAWING)
    assert named(Step.DATA, seen) == "noise_shared"


def test_a_typed_number_is_another_rule_and_no_noise() -> None:
    seen = run(data_part(DataSet(GRID, EXACT + 2.0)), recipe=NOISY, data=DRAWING)
    assert named(Step.DATA, seen) == "data_line_wrong"


def test_another_rule_is_not_called_noise() -> None:
    assert named(Step.DATA, run(data_part(DataSet(CARDS.X, CARDS.X**2)))) == "data_line_wrong"


def test_numbers_filled_in_near_the_goal_are_named() -> None:
    code = "model = nn.Linear(1, 1)\nnn.init.constant_(model.weight, 2.05)"
    assert named(Step.MODEL, run(model_part(Line(2.05, 0.9)), model=code)) == (
        "parameters_hard_coded"
    )


def test_gradients_that_are_cut_off_one_by_one_are_named() -> None:
    seen = loop(bend=lambda _, gradient: np.clip(gradient, -2, 2))
    assert named(Step.TRAIN, seen) == "gradients_clipped"


def test_gradients_that_pile_up_by_hand_are_named() -> None:
    piling = train_part(by_hand(looped("FLBS" * EPOCHS)))
    assert named(Step.TRAIN, run(piling)) == "zero_grad_missing"
    assert named(Step.TRAIN, run(train_part(by_hand(looped("FLZBS" * EPOCHS))))) is None


def test_a_card_that_has_no_turn_is_named_though_there_are_batches() -> None:
    assert named(Step.TRAIN, run(train_part(dealing((0, 1), (2, 3))))) == "trained_on_subset"
    assert named(Step.TRAIN, run(train_part(dealing((0, 1), (2, 3), (4,))))) is None


@pytest.mark.parametrize("rounded", [-1e-6, 0.0, 1e-6])
def test_the_mean_distance_is_named_though_a_guess_meets_its_answer(rounded: float) -> None:
    def slope(error: np.ndarray) -> np.ndarray:
        return np.sign(error + rounded) / len(error)

    # Both errors of this start are halves, so that the path stands on cards again and again.
    assert named(Step.TRAIN, loop(slope=slope, start=Line(1.5, 1.0))) == "loss_l1"


def test_even_noise_is_named_wherever_it_lies() -> None:
    even = np.random.default_rng(4).uniform(size=50)
    part = noisy(y=EXACT + 1.5 * (2 * even - 1).reshape(-1, 1)).facts.data
    assert part is not None
    seen = run(part.model_copy(update={"even": {"torch": tuple(even)}}), recipe=NOISY)
    assert named(Step.DATA, seen) == "noise_wrong_distribution"


@pytest.mark.parametrize("seed", range(5))
def test_noise_that_is_drawn_anew_is_named_though_y_stays(seed: int) -> None:
    fresh = np.random.default_rng(seed)
    states = [np.array([START.w, START.b])]
    for _ in range(EPOCHS):
        data_set = noisy_cards(fresh.normal(size=50))
        states.append(states[-1] - 0.01 * gradient(states[-1], data_set))
    training = training_seen(np.array(states), NOISY_CARDS)
    parts = (data_part(NOISY_CARDS), train_part(training), result_part(cards=NOISY_CARDS))
    assert named(Step.TRAIN, run(*parts, recipe=NOISY)) == "noise_redrawn_each_epoch"


def test_a_loss_that_marks_by_the_fronts_is_named_though_it_can_mark() -> None:
    fronts = CARDS.X.reshape(-1)
    seen = run(
        loss_part(lambda guess, _: float(np.mean((guess - fronts) ** 2))),
        loss="def loss_fn(guess, answer):\n    return ((guess - X) ** 2).mean()",
    )
    assert named(Step.LOSS, seen) == "loss_against_inputs"


def test_a_loss_that_is_right_is_not_called_a_multiple_of_itself() -> None:
    assert named(Step.LOSS, run(loss_part(connected=False))) != "loss_scaled"


def test_a_mistake_in_one_step_is_not_blamed_on_an_earlier_one() -> None:
    seen = BEHAVIOURS[Step.TRAIN, "zero_grad_missing"]
    earlier = (Step.DATA, Step.MODEL, Step.OPTIMIZER)
    assert [named(step, seen) for step in earlier] == [None] * 3


def test_mistakes_that_cannot_be_told_apart_are_named_together() -> None:
    found = run(model_part(GOAL)).diagnosis(Step.MODEL)
    assert found is not None
    assert (found.id, found.also) == ("parameters_hard_coded", ("least_squares_pasted",))


def test_a_step_that_still_waits_is_said_to_be_waiting() -> None:
    waiting = not_attempted(Step.LOSS, 9)
    assert (waiting.id, waiting.step, waiting.cell) == ("not_attempted", Step.LOSS, 9)


# ---- where it is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mistake", "line"),
    [
        ("zero_grad_missing", 9),
        ("step_twice", 10),
        ("backward_twice", 9),
        ("zero_grad_before_step", 8),
        ("forward_once", 5),
    ],
)
def test_a_call_is_shown_where_it_was_seen(mistake: str, line: int) -> None:
    assert place(Step.TRAIN, BEHAVIOURS[Step.TRAIN, mistake]) == (TRAIN_CELL, line)


@pytest.mark.parametrize(
    ("step", "mistake", "where"),
    [
        (Step.DATA, "data_missing_dimension", (3, 2)),
        (Step.DATA, "data_line_wrong", (3, 3)),
        (Step.MODEL, "bias_missing", (6, 3)),
        (Step.LOSS, "loss_sum", (9, 1)),
        (Step.OPTIMIZER, "momentum_added", (12, 1)),
        (Step.TRAIN, "too_few_epochs", (TRAIN_CELL, 1)),
        (Step.TRAIN, "losses_not_kept", (TRAIN_CELL, None)),
        (Step.TRAIN, "never_ends", (TRAIN_CELL, 4)),
    ],
)
def test_a_thing_is_shown_where_it_was_made(
    step: Step, mistake: str, where: tuple[int, int]
) -> None:
    assert place(step, BEHAVIOURS[step, mistake]) == where


def test_an_exception_is_shown_where_it_was_raised() -> None:
    assert place(Step.TRAIN, BEHAVIOURS[Step.TRAIN, "loss_item_backward"]) == (TRAIN_CELL, 9)


def test_a_thing_is_found_under_the_name_the_student_gave_it() -> None:
    part = data_part(X=tensor([0, 1, 2, 3, 4]))
    part = part.model_copy(update={"names": {"X": "cards", "y": "y"}})
    assert place(Step.DATA, run(part, data="\ncards = torch.arange(5.0)\ny = 2 * cards")) == (
        3,
        2,
    )


def test_what_is_bound_nowhere_is_shown_at_its_cell() -> None:
    seen = run(data_part(X=tensor([0, 1, 2, 3, 4])), data="import torch")
    assert place(Step.DATA, seen) == (3, None)


def test_a_cell_that_cannot_be_read_does_not_keep_a_mistake_from_being_named() -> None:
    seen = run(data_part(X=tensor([0, 1, 2, 3, 4])), data="X = (")
    assert place(Step.DATA, seen) == (3, None)


# ---- what is said ------------------------------------------------------------------------------


@each_rule
def test_a_mistake_is_described_by_its_behaviour(message: str, hint: str) -> None:
    assert message.startswith("It behaves like")
    assert hint


@each_rule
def test_a_hint_does_not_give_the_answer_away(message: str, hint: str) -> None:
    assert not [answer for answer in ANSWERS if answer in message or answer in hint]


@each_text
def test_a_mistake_is_worded_in_chinese_too(text: str) -> None:
    assert CHINESE.get(text)


def test_the_places_are_those_of_the_lesson() -> None:
    assert {cell for cells in STEPS.values() for cell in cells} == set(SOURCES)


def test_numbers_beyond_all_bounds_are_no_news_for_the_terminal() -> None:
    probe = LossProbed(prediction=(1e300,), target=(-1e300,), value=1e300)
    huge = LossSeen(type="MSELoss", probes=(probe,))
    seen = run(LossPart(kind="loss", loss=huge), failed=["loss.value"])
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        named(Step.LOSS, seen)
    assert not warned
