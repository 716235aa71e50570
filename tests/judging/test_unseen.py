from __future__ import annotations

from pathlib import Path

import pytest

from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import (
    DataPart,
    Evidence,
    ModelPart,
    ModelProbed,
    ModelSeen,
    ResultPart,
    TrainPart,
    TransferPart,
)
from grader.judging.judged_run import Run
from grader.judging.unseen import unseen_of
from grader.language.messages import say
from grader.models import (
    CellError,
    CellRun,
    CheckResult,
    Execution,
    Isolation,
    Judgement,
    Outcome,
    Step,
    StepMark,
    Submission,
)
from tests.evidence_factory import evidence, model_part, model_seen, result_part

SCRATCH, DATA, TRAIN = 2, 3, 15
SUBMISSION = Submission(
    "anna", "01", "en", Path("a"), "", (), {Step.DATA: (DATA,), Step.TRAIN: (TRAIN,)}
)
UNSEEN = not_assessed(say("Not seen."))


def why(
    outcome: Outcome,
    *ended: tuple[int, str],
    judgement: Judgement = UNSEEN,
    ran: tuple[int, ...] = (1, 2),
    seen: Evidence | None = None,
) -> list[str]:
    """The reasons for a result that was judged so, where these cells ended so."""
    runs = [CellRun(cell) for cell in ran]
    runs += [CellRun(cell, error=CellError(cell, name, "", "")) for cell, name in ended]
    execution = Execution(outcome, tuple(runs), (), Isolation("none"), 1.0)
    check = CheckResult("result.line", Step.RESULT, say("a line"), judgement, 5)
    mark = StepMark(Step.RESULT, (check,))
    run = Run(SUBMISSION, execution, seen or Evidence(()), (mark,), {})
    return [str(reason) for reason in unseen_of([(mark, run)])]


@pytest.mark.parametrize(
    ("outcome", "ended", "said"),
    [
        (Outcome.KERNEL_DIED, (SCRATCH, "KernelDied"), "Python itself ended in cell 2."),
        (Outcome.KERNEL_DIED, (TRAIN, "KernelDied"), "Python itself ended in cell 15."),
        (Outcome.OUT_OF_MEMORY, (SCRATCH, "OutOfMemory"), "Cell 2 used more memory"),
        (Outcome.KERNEL_DIED, (SCRATCH, "TooManyProcesses"), "Cell 2 started more processes"),
        (Outcome.TIMED_OUT, (SCRATCH, "TimedOut"), "time was used up in cell 2."),
    ],
)
def test_what_was_not_observed_wants_a_person(
    outcome: Outcome, ended: tuple[int, str], said: str
) -> None:
    (reason,) = why(outcome, ended)
    assert said in reason


@pytest.mark.parametrize(
    ("outcome", "name"),
    [
        (Outcome.OUT_OF_MEMORY, "OutOfMemory"),
        (Outcome.KERNEL_DIED, "TooManyProcesses"),
        (Outcome.TIMED_OUT, "TimedOut"),
    ],
)
def test_a_limit_that_a_steps_own_cell_ran_into_is_that_cells_doing(
    outcome: Outcome, name: str
) -> None:
    assert why(outcome, (TRAIN, name)) == []


def test_a_kernel_that_ends_between_cells_ended_behind_the_last_one() -> None:
    (reason,) = why(Outcome.KERNEL_DIED, ran=(1, 2, 3))
    assert "cell 3" in reason


def test_time_that_many_cells_used_up_together_is_nobodys_mistake() -> None:
    (reason,) = why(Outcome.TIMED_OUT, ran=(1, 2))
    assert "cell 2" in reason


def test_what_was_observed_before_the_end_counts() -> None:
    assert why(Outcome.KERNEL_DIED, (SCRATCH, "KernelDied"), judgement=passed()) == []


@pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.RAISED])
def test_a_run_that_came_to_its_end_hides_nothing(outcome: Outcome) -> None:
    assert why(outcome, seen=evidence()) == []


@pytest.mark.parametrize("missing", [DataPart, TrainPart, ResultPart, TransferPart])
@pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.RAISED])
def test_an_answer_that_did_not_come_from_a_whole_run_wants_a_person(
    outcome: Outcome, missing: type[DataPart | TrainPart | ResultPart | TransferPart]
) -> None:
    (reason,) = why(outcome, seen=evidence(without=[missing]))
    assert reason == (
        "Not everything could be observed, although the notebook ran to its end: a person has to "
        "look."
    )


def test_an_answer_that_nobody_needed_may_be_missing() -> None:
    seen = evidence(without=[TransferPart])
    assert why(Outcome.COMPLETED, seen=seen, judgement=passed()) == []


def test_an_answer_about_a_step_without_a_cell_is_not_due() -> None:
    seen = evidence(without=[ModelPart])
    assert why(Outcome.COMPLETED, seen=seen) == []


CLOSED = ModelProbed(error="ProgrammingError: Cannot operate on a closed database.")


def silent(model: ModelSeen) -> ModelSeen:
    return model.model_copy(update={"probe": CLOSED})


@pytest.mark.parametrize("judgement", [UNSEEN, failed(say("No."))])
def test_a_model_that_answered_and_answers_no_more_wants_a_person(judgement: Judgement) -> None:
    last = result_part().model_copy(update={"model": silent(model_seen())})
    (reason,) = why(Outcome.COMPLETED, judgement=judgement, seen=evidence(last))
    assert reason.startswith("The model answered when it was made and gave no answer at the end")
    # What an error says is the student's word, which may be the reference's in a second run.
    assert "database" not in reason
    assert why(Outcome.COMPLETED, judgement=passed(), seen=evidence(last)) == []


def test_a_model_that_never_answered_or_is_another_one_by_then_wants_nobody() -> None:
    last = result_part().model_copy(update={"model": silent(model_seen())})
    never = model_part().model_copy(update={"model": silent(model_seen())})
    other = model_part().model_copy(update={"model": model_seen(parameters=())})
    for first in (never, other):
        assert why(Outcome.COMPLETED, seen=evidence(first, last)) == []
    assert why(Outcome.COMPLETED, seen=evidence(result_part())) == []
