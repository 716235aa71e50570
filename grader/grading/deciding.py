"""What has the last word on a mark: overrides, lateness, doubts about which notebook counts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from grader.gradebook import WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.gradebook import GivenOverride
    from grader.language.messages import Message
    from grader.models import Comment, GradedSubmission, Lateness, Mark, Override, StepMark


# Two decimals, as points are shown; a comma is the decimal point of many keyboards.
_POINTS: Final = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,2})?")


def points_of(text: str) -> float | None:
    """The points that a person typed; None for anything but a plain number, such as 7.5 or 7,5.

    Digits of full width are digits. What Python alone takes for a number (1_0, 1e1, nan) is none:
    nobody can mean it, and a slip of the keyboard would become a mark.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    return float(plain.replace(",", ".")) if _POINTS.fullmatch(plain) else None


def decided(
    graded: GradedSubmission,
    *,
    doubt: Message | None = None,
    overrides: Sequence[GivenOverride] = (),
    lateness: Lateness | None = None,
    comment: Comment | None = None,
) -> GradedSubmission:
    """The mark that counts, from the one that was judged.

    An override of the whole mark stands whatever else there is, and a withheld mark with it is
    withheld no longer: a person has looked.
    """
    given = {one.check: one.override for one in overrides}
    mark = _decided(graded.mark, doubt, given, lateness)
    return replace(graded, mark=replace(mark, comment=comment))


def _decided(
    mark: Mark, doubt: Message | None, given: Mapping[str, Override], lateness: Lateness | None
) -> Mark:
    whole = given.get(WHOLE)
    return replace(
        mark,
        steps=tuple(_overridden(step, given) for step in mark.steps),
        withheld_reason=None if whole is not None else mark.withheld_reason or doubt,
        override=whole,
        lateness=lateness,
    )


def _overridden(step: StepMark, given: Mapping[str, Override]) -> StepMark:
    if not any(check.id in given for check in step.checks):
        return step
    checks = tuple(replace(check, override=given.get(check.id)) for check in step.checks)
    return replace(step, checks=checks)
