from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.judging.scoring import score, step_marks
from grader.language.messages import say
from grader.models import CheckResult, Judgement, Step, Verdict

POINTS = (5.0, 10.0, 5.0, 15.0)
verdicts = st.lists(st.sampled_from(Verdict), min_size=4, max_size=4)


def result(
    verdict: Verdict, step: Step = Step.TRAIN, points: float = 5, name: str = "train.x"
) -> CheckResult:
    return CheckResult(name, step, say("It is right."), Judgement(verdict, say("So.")), points)


def results(found: list[Verdict]) -> list[CheckResult]:
    steps = (Step.DATA, Step.DATA, Step.LOSS, Step.TRAIN)
    return [result(v, s, p) for v, s, p in zip(found, steps, POINTS, strict=True)]


@given(verdicts)
def test_marks_stay_within_their_bounds(found: list[Verdict]) -> None:
    mark = score(step_marks(results(found)))
    assert 0 <= mark.points <= mark.max_points == sum(POINTS)
    for step in mark.steps:
        assert 0 <= step.points <= step.max_points


@given(verdicts)
def test_full_marks_need_every_check_to_pass(found: list[Verdict]) -> None:
    mark = score(step_marks(results(found)))
    assert (mark.points == mark.max_points) is (set(found) == {Verdict.PASSED})


@given(verdicts, st.integers(0, 3))
def test_one_more_check_that_passes_never_lowers_a_mark(found: list[Verdict], place: int) -> None:
    better = [*found[:place], Verdict.PASSED, *found[place + 1 :]]
    before, after = (score(step_marks(results(each))) for each in (found, better))
    assert after.points >= before.points


@given(verdicts, st.sets(st.integers(0, 3)))
def test_marks_are_monotone_in_verdicts(found: list[Verdict], improved: set[int]) -> None:
    """Whatever passes besides, mark and step marks never fall; what no longer passes never pays."""
    better = [Verdict.PASSED if n in improved else verdict for n, verdict in enumerate(found)]
    before, after = (score(step_marks(results(each))) for each in (found, better))
    assert after.points >= before.points
    for one, other in zip(before.steps, after.steps, strict=True):
        assert other.points >= one.points


@given(verdicts, st.sampled_from([verdict for verdict in Verdict if verdict != Verdict.PASSED]))
def test_no_verdict_but_passed_is_worth_anything(found: list[Verdict], instead: Verdict) -> None:
    changed = [verdict if verdict is Verdict.PASSED else instead for verdict in found]
    before, after = (score(step_marks(results(each))) for each in (found, changed))
    assert after.points == before.points


@given(verdicts)
def test_a_steps_verdict_is_the_worst_of_its_checks(found: list[Verdict]) -> None:
    for step in step_marks(results(found)):
        own = [check.judgement.verdict for check in step.checks]
        assert step.verdict in own
        assert all(step.verdict.severity >= verdict.severity for verdict in own)


@given(verdicts)
def test_a_mark_is_withheld_exactly_where_a_check_broke(found: list[Verdict]) -> None:
    assert score(step_marks(results(found))).withheld is (Verdict.ERROR in found)


def test_steps_stand_in_the_order_of_the_lesson_whatever_came_first() -> None:
    marks = step_marks([result(Verdict.PASSED, step) for step in reversed(Step)])
    assert [mark.step for mark in marks] == list(Step)


def test_every_check_of_a_step_is_kept_in_its_order() -> None:
    names = ["train.a", "train.b", "train.c"]
    (mark,) = step_marks([result(Verdict.PASSED, name=name) for name in names])
    assert [check.id for check in mark.checks] == names


def test_steps_that_were_followed_through_say_so() -> None:
    both = [result(Verdict.PASSED, step) for step in (Step.LOSS, Step.TRAIN)]
    marks = step_marks(both, frozenset({Step.TRAIN}))
    assert [mark.followed_through for mark in marks] == [False, True]


def test_a_broken_check_is_named_to_whoever_mends_it() -> None:
    mark = score(step_marks([result(Verdict.ERROR, name="train.snapped")]))
    assert "train.snapped" in str(mark.withheld_reason)


def test_a_suspicion_withholds_the_mark_and_gives_the_reason() -> None:
    mark = score(step_marks([result(Verdict.PASSED)]), suspicions=[say("Cell 3 spoke for us.")])
    assert mark.withheld
    assert str(mark.withheld_reason) == "Cell 3 spoke for us."


def test_a_broken_check_comes_before_a_suspicion() -> None:
    marks = step_marks([result(Verdict.ERROR, name="train.snapped")])
    assert "train.snapped" in str(score(marks, suspicions=[say("Hm.")]).withheld_reason)
