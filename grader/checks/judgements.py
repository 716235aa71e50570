"""The three ways in which a check can end itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.models import RIGHT, Judgement, Verdict

if TYPE_CHECKING:
    from grader.language.messages import Message


def passed(actual: Message | None = None, *, message: Message = RIGHT) -> Judgement:
    """The evidence shows what the check asks for; another `message` says that it proves less."""
    return Judgement(Verdict.PASSED, message, actual=actual)


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
