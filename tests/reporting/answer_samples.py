"""Graded submissions of the lessons about yes and no: right and wrong ones, and whole classes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from grader.judging.figures.run import figures_of
from grader.language.messages import say
from grader.models import (
    Answers,
    AssignmentInfo,
    Diagnosis,
    Expectation,
    Figures,
    PictureCard,
    Step,
)
from grader.recipes.expectation import expectation_of
from grader.recipes.recipe import ThresholdTolerances
from tests.answers_factory import LINE, NUMBERS, START, THRESHOLD, threshold_parts, walk
from tests.reporting import samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from grader.models import GradedSubmission, Mark

BIG_OR_SMALL: Final = AssignmentInfo(
    id="03_big_or_small",
    titles={"zh": "第 3 课：大还是小", "en": "Lesson 3: big or small"},
    epochs=100,
    catalogues={"zh": samples.CHINESE},
    expectation=expectation_of(
        THRESHOLD, ThresholdTolerances(false_fail=1e-5, draws=300_000, boundary=0.11, loss=0.0569)
    ),
)
CAT_OR_NOT: Final = AssignmentInfo(
    id="04_cat_or_not",
    titles={"zh": "第 4 课：是猫不是", "en": "Lesson 4: cat or not"},
    epochs=10,
    catalogues={"zh": samples.CHINESE},
    expectation=Expectation(accuracy=0.95),
)
INVERTED: Final = Diagnosis(
    id="labels_inverted",
    step=Step.DATA,
    message=say("It behaves as if the answers were swapped: 1 where 0 is due, and 0 where 1 is."),
    hint=say("Look at the first three cards: what stands on the back of each?"),
    cell=samples.CELL_OF[Step.DATA],
    line=3,
)
EXAM: Final = 200


def found_the_boundary(student: str = "li_hua", language: str = "zh") -> GradedSubmission:
    """Lesson 3, all right."""
    return _of_threshold(student, language, samples.marked(), 0)


def swapped_answers(student: str = "sun_li", language: str = "zh") -> GradedSubmission:
    """Lesson 3 with the answers swapped: no card is right, and there is no boundary."""
    mark = replace(samples.marked(data=(samples.OFF_TRACK,)), diagnoses=(INVERTED,))
    swapped = replace(NUMBERS, y=1 - NUMBERS.y)
    training = walk(LINE, START, swapped, [range(50)] * THRESHOLD.epochs)
    figures = figures_of(threshold_parts(training=training, cards=swapped), THRESHOLD)
    return _as_lesson(BIG_OR_SMALL, samples.graded(student, mark, language, figures=figures))


def never_cleared(
    student: str = "wu_yong", language: str = "zh", seed: int = 1
) -> GradedSubmission:
    """Lesson 3 with a forgotten zero_grad: the boundary is found by luck, if at all."""
    mark = replace(
        samples.marked(train=(samples.OFF_TRACK,)), diagnoses=(samples.FORGOT_ZERO_GRAD,)
    )
    return _of_threshold(student, language, mark, seed, order="FLBS")


def passed_the_exam(
    student: str = "li_hua", language: str = "zh", seed: int = 0
) -> GradedSubmission:
    """Lesson 4, all right: a handful of new cards is wrong."""
    return _of_pictures(student, language, samples.marked(), 5 + seed % 4, seed)


def failed_the_exam(
    student: str = "zhao_min", language: str = "zh", seed: int = 9
) -> GradedSubmission:
    """Lesson 4, hardly better than luck: more cards are wrong than are shown."""
    mark = replace(
        samples.marked(train=(samples.OFF_TRACK,)), diagnoses=(samples.FORGOT_ZERO_GRAD,)
    )
    return _of_pictures(student, language, mark, 87, seed)


def threshold_class(language: str = "zh", count: int = 24) -> list[GradedSubmission]:
    """A class of lesson 3: most are right, some swapped, some forgot, some never began."""
    return [
        _of_threshold("王小明", language, samples.marked(), 99),
        *(_of_threshold(f"s{n:03}", language, samples.marked(), n) for n in range(count)),
        *(never_cleared(f"t{n:03}", language, n) for n in range(max(1, count // 6))),
        swapped_answers(language=language),
        _as_lesson(BIG_OR_SMALL, samples.untouched(language=language)),
        _as_lesson(BIG_OR_SMALL, samples.raised(language=language)),
    ]


def pictures_class(language: str = "zh", count: int = 24) -> list[GradedSubmission]:
    """A class of lesson 4: most pass the exam, some do not, some never sat it."""
    return [
        *(passed_the_exam(f"s{n:03}", language, n) for n in range(count)),
        *(failed_the_exam(f"t{n:03}", language, n) for n in range(max(1, count // 6))),
        _as_lesson(CAT_OR_NOT, samples.untouched(language=language)),
        _as_lesson(CAT_OR_NOT, samples.withheld(language=language)),
    ]


def _of_threshold(
    student: str, language: str, mark: Mark, seed: int, *, order: str = "FLZBS"
) -> GradedSubmission:
    start = np.random.default_rng(seed).uniform(-1, 1, 2)
    training = walk(LINE, start, NUMBERS, [range(50)] * THRESHOLD.epochs, order=order)
    figures = figures_of(threshold_parts(training=training), THRESHOLD)
    return _as_lesson(BIG_OR_SMALL, samples.graded(student, mark, language, figures=figures))


def _of_pictures(
    student: str, language: str, mark: Mark, wrong: int, seed: int
) -> GradedSubmission:
    random = np.random.default_rng(seed)
    # Some cards are harder than others: everybody's mistakes are among the first thirty.
    mistaken = random.choice(30, min(wrong, 20), replace=False)
    right = range(100, 130 - len(mistaken))
    pictures = (*(_card(int(n), right=False) for n in mistaken), *(_card(n) for n in right))
    losses = tuple(0.7 * 0.8**n for n in range(10))
    figures = Figures(losses=losses, answers=Answers(pictures=pictures, wrong=wrong, exam=EXAM))
    return _as_lesson(CAT_OR_NOT, samples.graded(student, mark, language, figures=figures))


def _card(number: int, *, right: bool = True) -> PictureCard:
    yes = number % 2 == 0
    return PictureCard(tuple(_drawn(number).tolist()), yes, 0.9 if yes == right else 0.2)


def _drawn(number: int) -> NDArray[np.float64]:
    """A ring or a cross on 16 x 16 dots with some dust."""
    x, y = np.abs(np.mgrid[0:16, 0:16] - 7.5)
    ring, cross = np.abs(np.hypot(x, y) - 5) < 1, np.abs(x - y) < 1
    dust = np.random.default_rng(number).normal(0, 0.15, (16, 16))
    drawn: NDArray[np.float64] = 0.8 * (ring if number % 2 == 0 else cross) + dust
    return drawn.clip(0, 1).reshape(-1)


def _as_lesson(assignment: AssignmentInfo, graded: GradedSubmission) -> GradedSubmission:
    """The same submission, handed in to another lesson."""
    submission = replace(graded.submission, assignment=assignment.id)
    figures = graded.figures if graded.figures.answers else Figures()
    return replace(graded, submission=submission, assignment=assignment, figures=figures)
