"""How often a lesson's grader was wrong in tests: the one sentence at the foot of every report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.language.messages import say

if TYPE_CHECKING:
    from grader.language.messages import Message
    from grader.models import Measured, Rates


def error_rate(rates: Rates | None) -> Message | None:
    """How often right work lost points; None if it was never measured."""
    if rates is None:
        return None
    told = [part for part in (_composed(rates.mixed), _by_others(rates.sealed)) if part]
    if not told:
        return None
    sentence = told[0] if len(told) == 1 else say("{tests}; {more}", tests=told[0], more=told[1])
    return say("{sentence}.", sentence=sentence)


def _composed(measured: Measured | None) -> Message | None:
    if measured is None or not (share := measured.tally.hurt_share).of:
        return None
    of, one_in = f"{share.of:,}", f"{share.one_in:,}"
    if not share.count:
        return say(
            "In tests with {of} right notebooks, this lesson's grader took points from none of "
            "them (95 % certain: fewer than 1 in {one_in})",
            of=of,
            one_in=one_in,
        )
    return say(
        "In tests with {of} right notebooks, this lesson's grader took points from {hurt} of them "
        "(95 % certain: fewer than 1 in {one_in})",
        of=of,
        hurt=f"{share.count:,}",
        one_in=one_in,
    )


def _by_others(measured: Measured | None) -> Message | None:
    if measured is None or not (share := measured.tally.hurt_share).of:
        return None
    if not share.count:
        return say(
            "{of} right notebooks by people who had not seen the grader lost no points",
            of=f"{share.of:,}",
        )
    return say(
        "{hurt} of {of} right notebooks by people who had not seen the grader lost points",
        of=f"{share.of:,}",
        hurt=f"{share.count:,}",
    )
