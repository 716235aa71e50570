from __future__ import annotations

from typing import TYPE_CHECKING

from grader.authoring.audit import audit
from grader.execution.runner import notebook_runner
from grader.models import (
    CODE_STEPS,
    Step,
    Verdict,
)
from tests.authoring.test_audit import lesson_with_three_entries

if TYPE_CHECKING:
    from pathlib import Path


def test_an_audit_with_kernels_tells_right_from_wrong(tmp_path: Path) -> None:
    lesson = lesson_with_three_entries(tmp_path)
    runner = notebook_runner()
    try:
        found = audit(lesson, runner, seeds=(0,))
    finally:
        runner.close()
    assert [t.entry.name for t in found.tried if not t.as_due] == []
    assert [t.entry.name for t in found.tried if t.named is False] == []
    assert found.accused == ()
    handouts = [t for t in found.tried if t.entry.name.startswith("handout")]
    assert {v for t in handouts for v in t.verdicts.values()} == {Verdict.NOT_ATTEMPTED}
    wrong = found.tried[-1]
    assert [s for s, v in wrong.verdicts.items() if v is Verdict.FAILED] == ["train", "result"]
    assert "train.follows_descent" not in found.never_failed
    assert {id_.partition(".")[0] for id_ in found.never_failed} >= set(CODE_STEPS) - {Step.TRAIN}
