"""Marks as a table for any spreadsheet, and as JSON for any program."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from grader.exchange.standing import Exported
from grader.models import Step
from grader.reporting.grades import harmless
from grader.reporting.result import result_of
from grader.reporting.wording import in_full

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.exchange.standing import Standing
    from grader.language.messages import Translations

HEADER = (
    "student", "name", "email", "section", "assignment", "points", "max_points", "withheld",
    "outcome", "handed_in_at", "late_days", "late_percent", "by_hand",
)  # fmt: skip


def to_csv(standings: Sequence[Standing]) -> Exported:
    """One line a student and assignment; a withheld mark has no points."""
    reached = {mark.step for one in standings for mark in one.graded.mark.steps}
    steps = [step for step in Step if step in reached]
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow([*HEADER, *steps])
    for one in standings:
        graded, mark, student = one.graded, one.graded.mark, one.student
        late = mark.lateness
        moment = graded.submission.handed_in_at
        by_step = {} if mark.withheld else {s.step: in_full(s.points) for s in mark.steps}
        rows.writerow(
            [
                harmless(student.id),
                harmless(student.name or ""),
                harmless(student.email or ""),
                harmless(student.section or ""),
                harmless(graded.assignment.id),
                "" if mark.withheld else in_full(mark.points),
                in_full(mark.max_points),
                "true" if mark.withheld else "false",
                graded.outcome,
                moment.isoformat() if moment is not None else "",
                late.days if late is not None and late.days is not None else "",
                in_full(late.percent) if late is not None else "",
                harmless("; ".join(_by_hand(one))),
                *(by_step.get(step, "") for step in steps),
            ]
        )
    # With the mark at its beginning, Excel reads the table as UTF-8.
    return Exported(text.getvalue().encode("utf-8-sig"), len(standings))


def _by_hand(one: Standing) -> list[str]:
    mark = one.graded.mark
    given = [
        (check.id, check.override)
        for step in mark.steps
        for check in step.checks
        if check.override is not None
    ]
    if mark.override is not None:
        given.append(("total", mark.override))
    return [f"{what} {in_full(o.points)} ({o.by}: {o.reason})" for what, o in given]


def to_json(standings: Sequence[Standing], translations: Translations, language: str) -> Exported:
    """The JSON results of all, in the form of result.schema.json."""
    results = [
        {
            **result_of(one.graded, translations, language).model_dump(mode="json"),
            "name": one.student.name,
            "email": one.student.email,
            "section": one.student.section,
        }
        for one in standings
    ]
    text = json.dumps({"schema_version": 1, "results": results}, ensure_ascii=False, indent=2)
    return Exported(text.encode() + b"\n", len(standings))
