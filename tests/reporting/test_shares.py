from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from grader.models import Judgement, Lateness, Mark, Override, Step, Verdict
from grader.reporting.shares import CheckShare, check_shares
from tests.reporting import samples

UNEXPLAINED = samples.marked(train=(samples.OFF_TRACK,))
EXPLAINED = replace(UNEXPLAINED, diagnoses=(samples.FORGOT_ZERO_GRAD,))


def share_of(marks: list[Mark], name: str = "train.follows_descent") -> CheckShare:
    return next(check for check in check_shares(marks) if check.id == name)


def test_the_share_counts_those_who_passed_among_those_who_were_judged() -> None:
    share = share_of([samples.marked(), samples.marked(), UNEXPLAINED, Mark(())])
    assert (share.passed, share.count, share.share) == (2, 3, 2 / 3)


def test_checks_stand_in_the_order_of_the_steps_whoever_came_first() -> None:
    only_result = Mark((samples.judged(Step.RESULT),))
    steps = [check.step for check in check_shares([only_result, samples.marked()])]
    assert steps == sorted(steps, key=tuple(Step).index)


def test_a_check_that_strong_students_fail_for_no_known_reason_is_suspect() -> None:
    share = share_of([*[samples.marked()] * 6, *[UNEXPLAINED] * 2])
    assert (share.puzzled, share.strong, share.suspect) == (2, 8, True)


def test_a_mistake_that_we_can_name_makes_no_check_suspect() -> None:
    assert not share_of([*[samples.marked()] * 6, *[EXPLAINED] * 6]).suspect


def test_a_check_that_only_weak_students_fail_is_not_suspect() -> None:
    wrong = Judgement(Verdict.FAILED, samples.OFF_TRACK.message)
    weak = samples.marked(train=(wrong,) * 2, data=(wrong,), model=(wrong,))
    assert not share_of([*[samples.marked()] * 6, *[weak] * 6]).suspect


def test_however_many_weak_students_there_are_strong_ones_are_counted_among_themselves() -> None:
    wrong = Judgement(Verdict.FAILED, samples.OFF_TRACK.message)
    weak = replace(
        samples.marked(train=(wrong,) * 2, data=(wrong,), model=(wrong,)),
        diagnoses=(samples.FORGOT_ZERO_GRAD,),
    )
    share = share_of([*[samples.marked()] * 6, *[UNEXPLAINED] * 2, *[weak] * 40])
    assert (share.puzzled, share.strong, share.suspect) == (2, 8, True)


def test_a_handful_of_students_is_too_few_to_suspect_a_check() -> None:
    assert not share_of([UNEXPLAINED] * 4).suspect


def of_ability(count: int, *, passing_training: range) -> list[Mark]:
    """Students of whom the later ones have fewer points, and those in the range pass training."""
    wrong = (Judgement(Verdict.FAILED, samples.OFF_TRACK.message),) * 2
    marks = []
    for n in range(count):
        failed = dict.fromkeys(("data", "model", "loss")[: 3 * n // count], wrong)
        trained = {} if n in passing_training else {"train": wrong}
        mark = samples.marked(**failed, **trained)
        marks.append(replace(mark, diagnoses=(samples.FORGOT_ZERO_GRAD,)))
    return marks


def test_a_check_that_only_strong_students_pass_discriminates() -> None:
    share = share_of(of_ability(30, passing_training=range(10)))
    assert share.discrimination is not None
    assert share.discrimination > 0.7
    assert not share.suspect


def test_a_check_that_weak_students_pass_rather_than_strong_ones_is_suspect() -> None:
    share = share_of(of_ability(30, passing_training=range(15, 30)))
    assert share.discrimination is not None
    assert share.discrimination < -0.5
    assert (share.inverted, share.suspect) == (True, True)


def test_where_all_are_equal_or_few_nothing_is_said_of_discrimination() -> None:
    assert share_of([samples.marked()] * 30).discrimination is None
    assert share_of(of_ability(9, passing_training=range(4))).discrimination is None
    assert share_of(of_ability(30, passing_training=range(2))).discrimination is None


def test_a_result_that_is_off_after_a_known_mistake_makes_no_check_suspect() -> None:
    wrong = Judgement(Verdict.FAILED, samples.OFF_TRACK.message)
    marks = [replace(samples.marked(result=(wrong,)), diagnoses=(samples.WRONG_RATE,))] * 9
    assert not share_of(marks, "result.learned").suspect


MOMENT = datetime(2026, 11, 20, tzinfo=UTC)
TOO_LATE = Lateness(MOMENT, MOMENT, 10, 100.0)
BY_HAND = Override(0.0, "Copied.", "a teacher", MOMENT)


def test_who_is_strong_is_what_was_earned_however_late_it_came() -> None:
    share = share_of([*[samples.marked()] * 6, *[replace(UNEXPLAINED, lateness=TOO_LATE)] * 2])
    assert (share.puzzled, share.strong) == (2, 8)


def test_points_given_by_hand_for_the_whole_make_nobody_strong_or_weak() -> None:
    marks = of_ability(30, passing_training=range(10))
    by_hand = [replace(mark, override=BY_HAND) for mark in marks]
    assert share_of(by_hand) == share_of(marks)
    full = replace(BY_HAND, points=100.0)
    assert share_of([replace(mark, override=full) for mark in marks]) == share_of(marks)


def test_points_given_by_hand_for_a_check_make_nobody_strong_or_weak() -> None:
    def without_points(mark: Mark) -> Mark:
        steps = tuple(
            replace(step, checks=tuple(replace(check, override=BY_HAND) for check in step.checks))
            for step in mark.steps
        )
        return replace(mark, steps=steps)

    marks = [*[samples.marked()] * 6, *[UNEXPLAINED] * 2]
    assert share_of([without_points(mark) for mark in marks]) == share_of(marks)
