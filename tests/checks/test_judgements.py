from __future__ import annotations

from grader.checks.judgements import failed, not_assessed, passed
from grader.language.messages import say
from grader.models import Verdict


def test_what_passed_may_tell_what_was_seen() -> None:
    assert passed(say("w = 2")).actual == say("w = 2")
    assert passed().verdict is Verdict.PASSED


def test_what_failed_tells_what_is_wrong_what_is_due_and_what_to_try() -> None:
    judgement = failed(say("No."), expected=say("a"), actual=say("b"), hint=say("Try."))
    assert judgement.verdict is Verdict.FAILED
    told = (judgement.message, judgement.expected, judgement.actual, judgement.hint)
    assert [str(each) for each in told] == ["No.", "a", "b", "Try."]


def test_what_was_not_seen_is_neither_right_nor_wrong() -> None:
    judgement = not_assessed(say("Nobody was there."))
    assert judgement.verdict is Verdict.NOT_ASSESSED
    assert str(judgement.message) == "Nobody was there."
