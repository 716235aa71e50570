"""The three ways a check can end by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.language.messages import say
from grader.models import Judgement, Verdict

if TYPE_CHECKING:
    from grader.language.messages import Message


def passed(actual: Message | None = None) -> Judgement:
    """The evidence shows what the check asks for."""
    return Judgement(Verdict.PASSED, say("Right."), actual=actual)


def failed(
    message: Message,
    *,
    expected: Message | None = None,
    actual: Message | None = None,
    hint: Message | None = None,
) -> Judgement:
    """The evidence shows something else; `message` says what, for a beginner."""
    return Judgement(Verdict.FAILED, message, expected, actual, hint)


def not_assessed(message: Message) -> Judgement:
    """What the check asks for could not be seen: neither right nor wrong."""
    return Judgement(Verdict.NOT_ASSESSED, message)
