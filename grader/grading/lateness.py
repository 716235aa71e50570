"""How late a notebook is by the assignment's deadline, and what that costs."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from grader.models import Lateness

if TYPE_CHECKING:
    from datetime import datetime

    from grader.course.assignment import DeadlineTable


def lateness_of(
    deadline: DeadlineTable | None, handed_in_at: datetime | None, *, marked_late: bool = False
) -> Lateness | None:
    """None for a notebook in time, or where nobody can tell.

    `marked_late` is a platform's word that it came late, which does not say how late.
    """
    if deadline is None:
        return None
    due = deadline.moment
    if handed_in_at is None:
        return Lateness(due, None, None, 0.0) if marked_late else None
    late_by = handed_in_at - due
    if late_by <= timedelta(minutes=deadline.grace_minutes):
        return None
    days = math.ceil(late_by / timedelta(days=1))
    percent = min(deadline.cap_percent, days * deadline.percent_per_day)
    return Lateness(due, handed_in_at, days, percent)
