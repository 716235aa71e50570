"""How often a lesson's grader was wrong in tests: the one sentence at the foot of every report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.language.messages import Message
    from grader.models import Rates, Share


def error_rate(rates: Rates | None) -> Message | None:
    """How often right work lost points; None if it was never measured."""
    told: Message | None = None
    for part in _parts(rates) if rates is not None else ():
        told = part if told is None else say("{tests}; {more}", tests=told, more=part)
    return told and say("{sentence}.", sentence=told)


def _parts(rates: Rates) -> Iterator[Message]:
    if rates.mixed is not None and (composed := rates.mixed.tally.hurt_share).of:
        yield say(
            "In tests with {of} right notebooks, this lesson's grader took points from {hurt} "
            "(95 % certain: fewer than 1 in {one_in})",
            of=f"{composed.of:,}",
            hurt=_number(composed),
            one_in=f"{composed.one_in:,}",
        )
    if rates.sealed is not None and (others := rates.sealed.tally.hurt_share).of:
        yield say(
            "of {of} right ones by people who had not seen the grader, {hurt} lost points",
            of=f"{others.of:,}",
            hurt=_number(others),
        )


def _number(share: Share) -> Message:
    return say("{count}", count=f"{share.count:,}") if share.count else say("none")
