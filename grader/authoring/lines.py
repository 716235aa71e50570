"""What is counted of a tally, in words, and the lines that a grader for classes must not cross."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grader.language.messages import say

if TYPE_CHECKING:
    from grader.language.messages import Message
    from grader.models import Share, Tally

# Of fewer, luck alone makes shares that are on the wrong side of a line.
_A_RATE: Final = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One share of a tally: what it counts, and how large it may be; None if it is only told."""

    about: Message
    share: Share
    limit: float | None = None
    wanted: bool = False

    @property
    def bound(self) -> float:
        """The end of its 95 % interval that is bad news."""
        return self.share.at_least if self.wanted else self.share.at_most

    @property
    def crossed(self) -> bool:
        """Whether the share is worse than its line; of a few, whether it must be."""
        if self.limit is None or not self.share.of:
            return False
        if self.limit == 0:
            return self.share.count > 0
        if self.wanted:
            worse, surely = self.share.rate < self.limit, self.share.at_most < self.limit
        else:
            worse, surely = self.share.rate >= self.limit, self.share.at_least > self.limit
        return worse and (surely or self.share.of >= _A_RATE)


def lines_of(tally: Tally) -> tuple[Line, ...]:
    """All that is counted, worst harm first."""
    return (
        Line(say("right notebooks that lost points"), tally.hurt_share, 0.0),
        Line(say("right notebooks in which a mistake was named"), tally.accused_share, 0.0),
        Line(say("wrong notebooks with full marks"), tally.full_share, 0.0),
        Line(say("wrong steps with all their points"), tally.missed_share),
        Line(say("right steps of wrong notebooks that were blamed"), tally.blamed_share, 0.005),
        Line(say("mistakes called by their name"), tally.named_share, 0.95, wanted=True),
        Line(say("mistakes called by another name"), tally.misnamed_share, 0.01),
        Line(say("mistakes without a name"), tally.unnamed_share),
        Line(say("marks withheld for a person"), tally.withheld_share),
    )


def is_sound(tally: Tally) -> bool:
    """Whether no line is crossed."""
    return not any(line.crossed for line in lines_of(tally))
