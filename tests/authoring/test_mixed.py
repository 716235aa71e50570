from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.authoring import mixed
from grader.authoring.drawing import names
from grader.authoring.lines import is_sound, lines_of
from grader.authoring.mixed import Known, Seen, grade_known
from grader.language.messages import say
from grader.models import Diagnosis, Judgement, Mark, Step, Tally, Verdict
from tests.reporting.samples import judged

if TYPE_CHECKING:
    from collections.abc import Callable


def diagnosis(id_: str, step: Step, *also: str) -> Diagnosis:
    return Diagnosis(id_, step, say("Like it."), say("Look."), also=also)


def mark(*said: Diagnosis, withheld: bool = False, **verdicts: str) -> Mark:
    """Passed where no verdict is given."""
    steps = tuple(
        judged(step, (Judgement(Verdict(verdicts.get(step, "passed")), say("So it is.")),))
        for step in Step
    )
    return Mark(steps, said, withheld_reason=say("Somebody must look.") if withheld else None)


def seen(mark: Mark, **guilty: str) -> Seen:
    due = {Step(step): frozenset(names.split()) for step, names in guilty.items()}
    return Seen(Known("one", Path("one.ipynb"), b"", due), mark)


RIGHT = mark()


def test_right_work_with_all_points_is_as_due() -> None:
    assert seen(RIGHT).as_due
    assert seen(RIGHT).tally == Tally(right=1)


def test_right_work_that_lost_a_point_is_hurt() -> None:
    one = seen(mark(train="failed"))
    assert one.tally == Tally(right=1, hurt=1)
    assert not one.as_due


def test_right_work_in_which_a_mistake_is_named_is_accused() -> None:
    assert seen(mark(diagnosis("loss_l1", Step.LOSS))).tally == Tally(right=1, accused=1)


def test_a_withheld_mark_is_counted_as_that_and_nothing_else() -> None:
    assert seen(mark(withheld=True, train="failed")).tally == Tally(right=1, right_withheld=1)
    wrong = seen(mark(withheld=True), train="step_missing")
    assert wrong.tally == Tally(wrong=1, wrong_withheld=1)


def test_a_mistake_with_full_marks_is_a_false_pass_and_a_guilty_step_missed() -> None:
    tally = seen(RIGHT, train="step_missing").tally
    assert (tally.full, tally.missed, tally.guilty, tally.named) == (1, 1, 1, 0)


def test_the_result_is_neither_guilty_nor_innocent() -> None:
    found = mark(diagnosis("step_missing", Step.TRAIN), train="failed", result="failed")
    tally = seen(found, train="step_missing").tally
    assert (tally.innocent, tally.blamed, tally.named) == (4, 0, 1)


@pytest.mark.parametrize(
    "found",
    [
        mark(diagnosis("step_missing", Step.TRAIN), train="failed", loss="failed"),
        mark(
            diagnosis("step_missing", Step.TRAIN),
            diagnosis("loss_l1", Step.LOSS),
            train="failed",
        ),
    ],
    ids=["it lost points", "a mistake is named in it"],
)
def test_an_innocent_step_is_blamed(found: Mark) -> None:
    assert seen(found, train="step_missing").blamed == (Step.LOSS,)


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ((diagnosis("step_missing", Step.TRAIN),), (1, 0)),
        ((diagnosis("no_training", Step.TRAIN, "step_missing"),), (1, 0)),
        ((diagnosis("no_training", Step.TRAIN),), (0, 1)),
        ((), (0, 0)),
    ],
    ids=["by its name", "by one of two names", "by another name", "by none"],
)
def test_a_mistake_is_called(said: tuple[Diagnosis, ...], counted: tuple[int, int]) -> None:
    tally = seen(mark(*said, train="failed"), train="step_missing").tally
    assert (tally.named, tally.misnamed) == counted


def test_a_mistake_whose_name_is_not_known_is_not_asked_for_one() -> None:
    one = seen(mark(train="failed"), train="")
    assert one.tally.mistakes == 0
    assert one.as_due


# Many


def counted(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[str], Seen], *wanted: str
) -> mixed.Mixed:
    monkeypatch.setattr(mixed, "_seen", lambda draw, *_: draw())
    notebooks = [partial(make, name) for name in wanted]
    return grade_known(notebooks, None, None, jobs=2)  # type: ignore[arg-type]


def test_what_was_not_as_due_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    hurt = seen(mark(train="failed"))
    found = counted(monkeypatch, lambda name: hurt if name == "b" else seen(RIGHT), "a", "b", "c")
    assert found.tally == Tally(right=3, hurt=1)
    assert found.kept == (hurt,)
    assert found.complete


def test_an_interruption_leaves_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: str) -> Seen:
        raise KeyboardInterrupt

    assert not counted(monkeypatch, stop, "a").complete


def test_three_of_four_compositions_are_right_and_kinds_alternate() -> None:
    wanted = names(2000)
    assert len(wanted) == len(set(wanted)) == 2000
    assert sum(name.startswith("right-") for name in wanted) == 1500
    assert sum(name.startswith("right-") for name in wanted[:40]) in range(28, 33)


# Lines


def test_one_right_notebook_that_lost_a_point_crosses_a_line() -> None:
    assert not is_sound(Tally(right=1500, hurt=1))
    assert is_sound(Tally(right=1500))


def test_one_mistake_with_full_marks_crosses_a_line() -> None:
    assert not is_sound(Tally(wrong=500, full=1))


@pytest.mark.parametrize(
    ("tally", "sound"),
    [
        (Tally(mistakes=600, named=571), True),
        (Tally(mistakes=600, named=569), False),
        (Tally(mistakes=20, named=18), True),
        (Tally(mistakes=20, named=10), False),
        (Tally(innocent=2000, blamed=9), True),
        (Tally(innocent=2000, blamed=10), False),
        (Tally(innocent=60, blamed=1), True),
        (Tally(mistakes=600, named=594, misnamed=6), False),
        (Tally(mistakes=600, named=595, misnamed=5), True),
    ],
)
def test_a_share_crosses_its_line_where_it_is_no_luck(tally: Tally, sound: bool) -> None:
    assert is_sound(tally) is sound


def test_every_line_has_a_bound_that_is_worse_than_what_was_seen() -> None:
    tally = Tally(1500, 1, 2, 1, 500, 1, 3, 1800, 4, 650, 5, 640, 620, 6)
    for line in lines_of(tally):
        if line.wanted:
            assert line.bound < line.share.rate
        else:
            assert line.bound > line.share.rate
