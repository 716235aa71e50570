from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.checking import Check, graded, run_checks
from grader.checks.judgements import failed, not_assessed, passed
from grader.course.assignment import load_assignment
from grader.errors import Unobserved
from grader.evidence import (
    DataPart,
    LossPart,
    ModelPart,
    OptimizerPart,
    PlainPart,
    ResultPart,
    TransferPart,
)
from grader.facts import Code
from grader.language.messages import say
from grader.models import CellError, Judgement, Step, Verdict
from grader.replay import Descent, Line
from tests.evidence_factory import NO_CODE, Part, facts, observed, train_part

if TYPE_CHECKING:
    from grader.facts import Facts
    from grader.models import CheckResult

LESSON_1 = load_assignment(Path(__file__).parents[2] / "assignments" / "01_exact_line")
KINDS = [type(part) for part in observed()]
HINT = say("Look again.")


@graded("train.always", points=4, hint=HINT)
def always(_facts: Facts) -> Judgement:
    """Training is always right."""
    return passed()


@graded("train.never", points=4, hint=HINT)
def never(_facts: Facts) -> Judgement:
    """Training is never right.

    What stands below the first line is for authors.
    """
    return failed(say("It is wrong."))


@graded("train.unseen", points=4, hint=HINT)
def unseen(_facts: Facts) -> Judgement:
    """Training was not seen."""
    raise Unobserved(say("Nobody was there."))


@graded("train.broken", points=4, hint=HINT)
def broken(_facts: Facts) -> Judgement:
    """Training breaks the check."""
    raise ZeroDivisionError("our own fault")


def judged(
    *checks: Check, code: Code = NO_CODE, not_attempted: frozenset[Step] = frozenset()
) -> list[CheckResult]:
    return list(run_checks(checks, facts(code=code), not_attempted=not_attempted))


def verdict(
    one: Check, code: Code = NO_CODE, not_attempted: frozenset[Step] = frozenset()
) -> Verdict:
    return judged(one, code=code, not_attempted=not_attempted)[0].judgement.verdict


def stopped(name: str, line: int | None = 3, value: str = "of a kind") -> Code:
    return Code(stopped={Step.TRAIN: CellError(15, name, value, "Traceback", line)})


# ---- what a check is ---------------------------------------------------------------------------


def test_a_checks_sentence_is_the_first_line_of_its_docstring() -> None:
    assert str(never.sentence) == "Training is never right."


def test_a_check_belongs_to_the_step_that_its_id_begins_with() -> None:
    assert never.step is Step.TRAIN


def test_an_id_that_names_no_step_is_refused() -> None:
    with pytest.raises(ValueError, match="cooking"):
        graded("cooking.salt", points=1)(never.judge)


def test_a_check_without_a_sentence_is_refused() -> None:
    with pytest.raises(ValueError, match=r"train\.silent"):

        @graded("train.silent", points=1)
        def silent(_facts: Facts) -> Judgement:
            return passed()


# ---- what becomes of it ------------------------------------------------------------------------


def test_a_check_that_passes_gets_its_points_and_needs_no_hint() -> None:
    (result,) = judged(always)
    assert (result.points, result.max_points) == (4, 4)
    assert result.judgement.hint is None


def test_a_check_that_fails_gets_nothing_and_the_checks_hint() -> None:
    (result,) = judged(never)
    assert result.judgement.verdict is Verdict.FAILED
    assert result.points == 0
    assert result.judgement.hint is HINT


def test_a_judgements_own_hint_comes_before_the_checks() -> None:
    own = say("Rather look there.")

    @graded("train.hinting", points=1, hint=HINT)
    def hinting(_facts: Facts) -> Judgement:
        """Training is hinted at."""
        return failed(say("It is wrong."), hint=own)

    (result,) = judged(hinting)
    assert result.judgement.hint is own


def test_what_was_not_seen_is_not_assessed_with_the_reason() -> None:
    (result,) = judged(unseen)
    assert result.judgement.verdict is Verdict.NOT_ASSESSED
    assert str(result.judgement.message) == "Nobody was there."


def test_a_check_that_breaks_is_our_error_and_the_reason_is_kept_for_us() -> None:
    (result,) = judged(broken)
    assert result.judgement.verdict is Verdict.ERROR
    assert "our own fault" in str(result.judgement.reason)
    assert "our own fault" not in str(result.judgement.message)


def test_a_check_that_breaks_does_not_stop_the_others() -> None:
    verdicts = [result.judgement.verdict for result in judged(broken, always, unseen)]
    assert verdicts == [Verdict.ERROR, Verdict.PASSED, Verdict.NOT_ASSESSED]


@pytest.mark.parametrize("one", [always, never, unseen, broken], ids=lambda one: one.id)
def test_a_step_that_was_not_attempted_is_not_judged(one: Check) -> None:
    (result,) = judged(one, not_attempted=frozenset({Step.TRAIN}))
    assert result.judgement.verdict is Verdict.NOT_ATTEMPTED
    assert result.points == 0
    assert result.judgement.hint is HINT


def test_another_step_that_was_not_attempted_changes_nothing() -> None:
    assert verdict(always, not_attempted=frozenset({Step.MODEL})) is Verdict.PASSED


# ---- cells that stopped ------------------------------------------------------------------------


@pytest.mark.parametrize("one", [never, unseen], ids=lambda one: one.id)
def test_what_a_cell_stopped_with_is_what_the_student_reads(one: Check) -> None:
    (result,) = judged(one, code=stopped("NameError"))
    assert result.judgement.verdict is Verdict.FAILED
    assert str(result.judgement.message) == ("The cell stopped at line 3 with NameError: of a kind")


def test_what_was_right_before_the_cell_stopped_stays_right() -> None:
    assert verdict(always, code=stopped("NameError")) is Verdict.PASSED


def test_a_cell_that_stopped_does_not_hide_an_error_of_ours() -> None:
    assert verdict(broken, code=stopped("NameError")) is Verdict.ERROR


def test_a_cell_that_stopped_in_an_unknown_line_is_told_without_it() -> None:
    (result,) = judged(never, code=stopped("NameError", None))
    assert str(result.judgement.message) == "The cell stopped with NameError: of a kind"


def test_a_cell_without_end_is_a_fault_of_the_cell() -> None:
    (result,) = judged(unseen, code=stopped("TimedOut"))
    assert result.judgement.verdict is Verdict.FAILED
    assert "did not finish" in str(result.judgement.message)


def test_when_the_kernel_died_then_what_was_not_seen_is_not_assessed() -> None:
    (result,) = judged(unseen, code=stopped("KernelDied"))
    assert result.judgement.verdict is Verdict.NOT_ASSESSED
    assert "Python itself ended" in str(result.judgement.message)


@pytest.mark.parametrize(
    ("name", "words"),
    [("OutOfMemory", "more memory"), ("TooManyProcesses", "more processes")],
)
def test_a_notebook_that_took_too_much_is_told_of_what(name: str, words: str) -> None:
    (result,) = judged(unseen, code=stopped(name))
    assert result.judgement.verdict is Verdict.NOT_ASSESSED
    assert words in str(result.judgement.message)
    assert result.judgement.hint is None


def test_what_cannot_work_while_grading_is_told_with_the_reason() -> None:
    download = stopped("URLError", value="Temporary failure in name resolution")
    (result,) = judged(never, code=download)
    assert "without a network" in str(result.judgement.hint)
    (result,) = judged(never, code=stopped("InductorError"))
    assert "torch.compile" in str(result.judgement.hint)


# ---- notebooks that replace torch --------------------------------------------------------------


def test_where_torch_was_replaced_nothing_passes() -> None:
    changed = [part.model_copy(update={"replaced": ("torch.allclose",)}) for part in observed()]
    for result in run_checks(LESSON_1.checks, facts(*changed[:1])):
        assert result.judgement.verdict is Verdict.NOT_ASSESSED
        assert "torch.allclose" in str(result.judgement.message)


# ---- the lesson's own checks -------------------------------------------------------------------


def test_honest_evidence_gets_full_marks() -> None:
    results = run_checks(LESSON_1.checks, facts())
    assert sum(result.points for result in results) == 100


def points(seen: Facts) -> float:
    return sum(result.points for result in run_checks(LESSON_1.checks, seen))


# The plain loop is asked only where a step before the training is no line, no SGD or no squares.
NEEDED = [kind for kind in KINDS if kind is not PlainPart]
parts_of_the_evidence = st.sets(st.sampled_from(KINDS))


@settings(max_examples=40, deadline=None)
@given(needed=st.sampled_from(NEEDED), others=parts_of_the_evidence)
def test_where_evidence_is_missing_nothing_breaks_and_the_mark_is_never_full(
    needed: type[Part], others: set[type[Part]]
) -> None:
    results = run_checks(LESSON_1.checks, facts(without={needed, *others}))
    verdicts = {result.judgement.verdict for result in results}
    assert Verdict.ERROR not in verdicts
    assert Verdict.NOT_ASSESSED in verdicts
    assert sum(result.points for result in results) < 100


@settings(max_examples=40, deadline=None)
@given(missing=parts_of_the_evidence, more=parts_of_the_evidence)
def test_less_evidence_never_earns_more(missing: set[type[Part]], more: set[type[Part]]) -> None:
    assert points(facts(without=missing | more)) <= points(facts(without=missing))


FIELDS = [
    (DataPart, "X"),
    (DataPart, "y"),
    (ModelPart, "model"),
    (LossPart, "loss"),
    (OptimizerPart, "optimizer"),
    (ResultPart, "model"),
    (TransferPart, "training"),
    (TransferPart, "model"),
    (TransferPart, "X"),
    (TransferPart, "y"),
]
RECORDED = ["losses", "kept_losses", "backwards", "updates", "parameters", "trained"]


@settings(max_examples=40, deadline=None)
@given(emptied=st.sets(st.sampled_from(FIELDS), min_size=1))
def test_what_a_part_should_have_held_and_does_not_is_missed(
    emptied: set[tuple[type[Part], str]],
) -> None:
    parts = [
        part.model_copy(update={name: None for kind, name in emptied if kind is type(part)})
        for part in observed()
    ]
    results = run_checks(LESSON_1.checks, facts(*parts))
    assert Verdict.ERROR not in {result.judgement.verdict for result in results}
    assert sum(result.points for result in results) < 100


@settings(max_examples=40, deadline=None)
@given(emptied=st.sets(st.sampled_from(RECORDED), min_size=1))
def test_a_training_with_holes_in_its_record_is_never_full(emptied: set[str]) -> None:
    training = observed()[4].training  # type: ignore[union-attr]
    holes: dict[str, object] = {n: None if n == "kept_losses" else () for n in emptied}
    if "trained" in emptied:
        holes["parameters"] = (None, None)
    seen = facts(train_part(training.model_copy(update=holes)))  # type: ignore[union-attr]
    results = run_checks(LESSON_1.checks, seen)
    assert Verdict.ERROR not in {result.judgement.verdict for result in results}
    assert sum(result.points for result in results) < 100


@settings(max_examples=25, deadline=None)
@given(epochs=st.integers(0, 99))
def test_a_training_that_broke_off_is_never_full(epochs: int) -> None:
    assert points(facts(*observed(epochs=epochs))) < 100


@pytest.mark.parametrize("missing", KINDS, ids=lambda kind: kind.__name__)
def test_a_missing_part_never_turns_a_verdict_into_failed(missing: type[Part]) -> None:
    for result in run_checks(LESSON_1.checks, facts(without=[missing])):
        assert result.judgement.verdict in (Verdict.PASSED, Verdict.NOT_ASSESSED), result.id


def test_without_any_evidence_nothing_is_earned() -> None:
    for result in run_checks(LESSON_1.checks, facts(without=KINDS)):
        assert result.judgement.verdict is Verdict.NOT_ASSESSED


@settings(max_examples=25, deadline=None)
@given(
    start=st.builds(Line, st.floats(-10, 10), st.floats(-10, 10)),
    rate=st.floats(-1, 10),
    epochs=st.integers(0, 120),
)
def test_no_training_breaks_a_check(start: Line, rate: float, epochs: int) -> None:
    parts = observed(start=start, how=Descent(rate), epochs=epochs)
    for result in run_checks(LESSON_1.checks, facts(*parts)):
        assert result.judgement.verdict is not Verdict.ERROR, result.judgement.reason


@pytest.mark.parametrize("judgement", [passed(), failed(say("no")), not_assessed(say("unseen"))])
def test_the_same_evidence_gets_the_same_results(judgement: Judgement) -> None:
    constant = Check("train.constant", say("It stays."), 1, None, lambda _: judgement)
    assert judged(constant, always) == judged(constant, always)


def test_a_check_that_forgets_to_return_is_a_fault_of_the_lesson_not_of_the_notebook() -> None:
    @graded("train.forgetful", points=4)
    def forgetful(_facts: Facts) -> Judgement:  # type: ignore[empty-body]
        """Training is looked at."""

    (result,) = run_checks([forgetful], facts())
    assert result.judgement.verdict is Verdict.ERROR
    assert "train.forgetful returned None" in str(result.judgement.reason)


def test_a_hint_or_a_message_that_is_not_said_is_told_with_how_to_write_it() -> None:
    with pytest.raises(ValueError, match=r"hint of check 'train\.plain' as say\('Look'\)"):
        graded("train.plain", points=4, hint="Look")(never.judge)  # type: ignore[arg-type]

    @graded("train.unsaid", points=4)
    def unsaid(_facts: Facts) -> Judgement:
        """Training is looked at."""
        return failed("no")  # type: ignore[arg-type]

    (result,) = run_checks([unsaid], facts())
    assert "train.unsaid: write its message as say('no')" in str(result.judgement.reason)
