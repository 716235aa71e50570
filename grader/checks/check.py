"""`@graded` and what becomes of it: pure judgements on evidence, with no kernel anywhere near."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from grader.checks.judgements import failed, not_assessed
from grader.errors import Unobserved
from grader.language.messages import Message, say
from grader.models import CheckResult, Judgement, Step, Verdict

if TYPE_CHECKING:
    from grader.evidence import Evidence
    from grader.models import CellError

Judge = Callable[["Evidence"], Judgement]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is judged: its sentence is what the student reads.

    Raises ValueError where it is worth nothing, or its id does not begin with its step.
    """

    id: str
    step: Step
    sentence: Message
    points: float
    hint: Message | None
    judge: Judge

    def __post_init__(self) -> None:
        if self.points <= 0:
            raise ValueError(f"check {self.id!r} has to be worth something")
        if self.id.partition(".")[0] != self.step:
            raise ValueError(f"check {self.id!r} is about {self.step}, and its id is not")


def graded(id: str, *, points: float, hint: Message | None = None) -> Callable[[Judge], Check]:  # noqa: A002
    """Make a function of the evidence a check; its docstring's first line is its sentence.

    The id begins with the step it belongs to, as in "train.number_of_epochs". Raises ValueError
    where the id names no step, the points are none, or the docstring is missing.
    """
    step = Step(id.partition(".")[0])

    def make(judge: Judge) -> Check:
        sentence = (inspect.getdoc(judge) or "").partition("\n")[0]
        if not sentence:
            raise ValueError(f"check {id!r} has no docstring to show to the student")
        return Check(id, step, Message(sentence), points, hint, judge)

    return make


def run_checks(
    checks: Iterable[Check],
    evidence: Evidence,
    *,
    not_attempted: frozenset[Step] = frozenset(),
    stopped: Mapping[Step, CellError] | None = None,
    void: Mapping[Step, Message] | None = None,
) -> tuple[CheckResult, ...]:
    """Judge everything.

    `stopped` are the exceptions that ended a step's own cell; `void` are reasons why a step does
    not serve the steps behind it, however right it is by itself.
    """
    stopped, void = stopped or {}, void or {}
    return tuple(
        CheckResult(check.id, check.step, check.sentence, judgement, check.points)
        for check in checks
        for judgement in [
            _not_done(check)
            if check.step in not_attempted
            else _judge(check, evidence, stopped.get(check.step), void.get(check.step))
        ]
    )


def _not_done(check: Check) -> Judgement:
    message = say("Not done yet: this cell still waits for your code.")
    return Judgement(Verdict.NOT_ATTEMPTED, message, hint=check.hint)


def _judge(
    check: Check, evidence: Evidence, stopped: CellError | None, void: Message | None
) -> Judgement:
    try:
        # The numbers are the notebook's own: however large, they are no news for the terminal.
        with np.errstate(all="ignore"):
            judgement = check.judge(evidence)
    except Unobserved as unseen:
        judgement = not_assessed(unseen.message)
    except Exception:
        message = say("This check broke; a person will look at it. It is not your fault.")
        return Judgement(Verdict.ERROR, message, reason=traceback.format_exc())
    if judgement.verdict is Verdict.PASSED:
        if evidence.replaced:
            names = ", ".join(evidence.replaced)
            return not_assessed(
                say("The notebook puts its own code in place of {names}.", names=names)
            )
        return failed(void, hint=check.hint) if void is not None else judgement
    if stopped is None:
        return replace(judgement, hint=judgement.hint or check.hint)
    return replace(
        judgement,
        verdict=judgement.verdict if stopped.name in UNSEEN else Verdict.FAILED,
        message=_how_it_stopped(stopped),
        hint=_what_to_try(stopped),
    )


# Ends that are no exception of the student's code; after these nothing was left to be seen.
UNSEEN = {
    "KernelDied": say("Python itself ended while this cell was running."),
    "OutOfMemory": say("The cell used more memory than a notebook may have, and was ended."),
    "TooManyProcesses": say("The cell started more processes than a notebook may, and was ended."),
}
LIMITS = UNSEEN | {"TimedOut": say("The cell did not come to an end in the time it was given.")}
# How a download ends in a room without a network, whichever library tries it.
NO_NETWORK = ("Temporary failure in name resolution", "Network is unreachable", "Name or service")
NO_COMPILER = ("InductorError", "BackendCompilerFailed", "CppCompileError")


def _what_to_try(error: CellError) -> Message | None:
    if error.name in LIMITS:
        return None
    if any(sign in error.value for sign in NO_NETWORK):
        return say("Notebooks are graded without a network: what this cell fetches has to go.")
    if error.name in NO_COMPILER:
        return say("Notebooks are graded without a compiler: leave `torch.compile` out.")
    return say("Read the last line of the message first, then look at the line that it names.")


def _how_it_stopped(error: CellError) -> Message:
    if error.name in LIMITS:
        return LIMITS[error.name]
    if error.line is None:
        return say("The cell stopped with {name}: {value}", name=error.name, value=error.value)
    return say(
        "The cell stopped in its line {line} with {name}: {value}",
        line=error.line,
        name=error.name,
        value=error.value,
    )
