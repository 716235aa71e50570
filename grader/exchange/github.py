"""GitHub Classroom: what a grading step hands to autograding-grading-reporter.

Form: version 3 of the runners' result (classroom-resources/autograding-python-grader), JSON in
base64; the reporter finds it in the environment variable <STEP-ID>_RESULTS.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final

from grader.models import Outcome, Verdict
from grader.reporting.result import result_of

if TYPE_CHECKING:
    from grader.language.messages import Translations
    from grader.models import GradedSubmission
    from grader.reporting.result import Result, ResultCheck

_LONGEST_OUTPUT: Final = 500


def runner_result(graded: GradedSubmission, translations: Translations, language: str) -> str:
    """The result in base64, for `result=...` in a step's output."""
    result = result_of(graded, translations, language)
    checks = [check for step in result.steps for check in step.checks]
    said: dict[str, object] = {
        "version": 3,
        "status": _status(result),
        "max_score": result.max_points,
        "tests": [_test(check) for check in checks],
    }
    if result.isolation is not None:
        said["isolation"] = result.isolation.model_dump()
    if result.withheld_reason is not None:
        said["message"] = result.withheld_reason
    return base64.b64encode(json.dumps(said).encode()).decode()


def _status(result: Result) -> str:
    if result.withheld or result.outcome is Outcome.UNREADABLE:
        return "error"
    return "pass" if result.points >= result.max_points else "fail"


def _test(check: ResultCheck) -> dict[str, str | int | float]:
    passed = check.verdict is Verdict.PASSED
    hint = f"\n{check.hint}" if check.hint and not passed else ""
    return {
        "name": check.sentence,
        "status": "pass" if passed else "fail",
        "message": check.message,
        "test_code": check.id,
        "task_id": 0,
        "filename": "",
        "line_no": 0,
        "duration": 0,
        "score": check.points,
        "output": f"{check.message}{hint}"[:_LONGEST_OUTPUT],
    }
