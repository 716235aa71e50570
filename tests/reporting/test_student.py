from __future__ import annotations

from dataclasses import replace

from grader.language.messages import say
from grader.models import CheckResult, Judgement, Step, Verdict
from grader.reporting.student import student_page
from tests.reporting import samples


def test_diagnoses_come_first_in_the_advice_with_their_place() -> None:
    first, second = student_page(samples.two_mistakes()).advice
    assert (first.step, first.cell, first.line) == (Step.OPTIMIZER, 9, 2)
    assert (second.step, second.cell, second.line) == (Step.TRAIN, 11, 6)


def test_without_a_diagnosis_the_first_failed_check_is_the_advice() -> None:
    graded = samples.graded(mark=samples.marked(train=(samples.OFF_TRACK,)))
    (advice,) = student_page(graded).advice
    assert advice.message == samples.OFF_TRACK.message
    assert (advice.cell, advice.line) == (11, None)


def test_when_nothing_was_done_then_the_first_step_is_the_advice() -> None:
    (advice,) = student_page(samples.untouched()).advice
    assert advice.step is Step.DATA


def test_a_step_without_a_diagnosis_is_advised_on_by_its_first_failed_check() -> None:
    wrong = Judgement(Verdict.FAILED, say("The shape is not right."))
    mark = replace(
        samples.marked(data=(wrong,), train=(samples.OFF_TRACK,), result=(wrong,)),
        diagnoses=(samples.FORGOT_ZERO_GRAD,),
    )
    advice = student_page(samples.graded(mark=mark)).advice
    assert [(a.step, a.message) for a in advice] == [
        (Step.DATA, wrong.message),
        (Step.TRAIN, samples.FORGOT_ZERO_GRAD.message),
    ]


def test_a_result_that_is_off_is_advised_on_when_nothing_before_it_is() -> None:
    wrong = Judgement(Verdict.FAILED, say("The line does not fit."))
    (advice,) = student_page(samples.graded(mark=samples.marked(result=(wrong,)))).advice
    assert (advice.step, advice.cell) == (Step.RESULT, None)


def test_our_own_fault_is_no_advice_for_the_student() -> None:
    page = student_page(samples.withheld())
    assert page.advice == ()
    assert not page.complete


def test_when_everything_is_right_then_there_is_nothing_to_do() -> None:
    page = student_page(samples.graded())
    assert page.complete
    assert page.advice == ()


def test_the_diagnosed_line_is_marked_in_the_code() -> None:
    cards = student_page(samples.forgot_zero_grad()).cards
    (cell,) = next(card.cells for card in cards if card.mark.step is Step.TRAIN)
    assert [line.number for line in cell.lines if line.marked] == [6]


def test_the_line_of_an_exception_is_marked_in_the_code() -> None:
    cards = student_page(samples.raised()).cards
    (cell,) = next(card.cells for card in cards if card.mark.step is Step.MODEL)
    assert [line.number for line in cell.lines if line.marked] == [2]


def test_a_right_step_that_stopped_because_of_an_earlier_one_has_no_line_marked() -> None:
    stopped = samples.raised()
    page = student_page(replace(stopped, mark=samples.marked()))
    assert not any(line.marked for card in page.cards for c in card.cells for line in c.lines)


def test_the_exception_is_shown_where_no_advice_tells_of_it() -> None:
    raised = student_page(samples.raised()).raised
    assert raised is not None
    assert raised.name == "AttributeError"


def test_an_exception_that_the_advice_tells_of_is_not_shown_twice() -> None:
    stop = say("The cell stopped with {name}: {value}", name="AttributeError", value="no linear")
    told = samples.marked(model=(Judgement(Verdict.FAILED, stop),))
    page = student_page(replace(samples.raised(), mark=told))
    assert page.raised is None
    assert (page.advice[0].cell, page.advice[0].line) == (5, 2)


def test_running_out_of_time_is_no_exception_of_the_students() -> None:
    assert student_page(samples.timed_out()).raised is None


def test_a_cell_that_holds_several_steps_is_shown_once() -> None:
    graded = samples.graded()
    everything = dict.fromkeys(samples.SOURCES, (3,))
    whole = replace(graded, submission=replace(graded.submission, steps=everything))
    cards = student_page(whole).cards
    assert [len(card.cells) for card in cards] == [1, 0, 0, 0, 0, 0]
    assert [card.elsewhere for card in cards] == [(), (3,), (3,), (3,), (3,), ()]


def test_a_step_is_as_right_as_its_worst_check() -> None:
    def checks(card_checks: tuple[CheckResult, ...]) -> set[Verdict]:
        return {check.judgement.verdict for check in card_checks}

    card = next(
        c for c in student_page(samples.two_mistakes()).cards if c.mark.step is Step.OPTIMIZER
    )
    assert checks(card.mark.checks) == {Verdict.PASSED, Verdict.FAILED}
    assert card.mark.verdict is Verdict.FAILED
