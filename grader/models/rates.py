"""How often a lesson's grader was wrong, over notebooks of which it is known what they deserve."""

from __future__ import annotations

import math
from collections.abc import Callable  # noqa: TC003
from dataclasses import dataclass, fields
from datetime import date  # noqa: TC003 - pydantic reads these types
from typing import Final

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many: `count` of `of`."""

    count: int
    of: int

    @property
    def rate(self) -> float:
        """As a number from 0 to 1; 0 of nothing is 0."""
        return self.count / self.of if self.of else 0.0

    @property
    def at_most(self) -> float:
        """What the true rate lies below, with 95 % confidence (exact, Clopper and Pearson)."""
        return _where(lambda p: _at_most(self.count, self.of, p) > 1 - CONFIDENCE, self.of)

    @property
    def at_least(self) -> float:
        """What the true rate lies above, with 95 % confidence."""
        return 1 - Share(self.of - self.count, self.of).at_most

    @property
    def one_in(self) -> int:
        """`at_most` as "fewer than 1 in so many": two digits, never more than was shown."""
        shown = math.floor(1 / self.at_most)
        rough = int(10.0 ** max(0, len(str(shown)) - 2))
        return shown // rough * rough


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the notebooks, counted.

    A withheld mark is counted as that and nothing else, since a person looks at it. `innocent` are
    the code steps without a mistake, in wrong notebooks; `guilty` those with one, of which `missed`
    got all their points. `mistakes` are those whose name is known: `named` got it, `misnamed` got
    another one. `accused` are right notebooks that a mistake was named in.
    """

    right: int = 0
    hurt: int = 0
    right_withheld: int = 0
    accused: int = 0
    wrong: int = 0
    full: int = 0
    wrong_withheld: int = 0
    innocent: int = 0
    blamed: int = 0
    guilty: int = 0
    missed: int = 0
    mistakes: int = 0
    named: int = 0
    misnamed: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            *(getattr(self, each.name) + getattr(other, each.name) for each in fields(Tally))
        )

    @property
    def hurt_share(self) -> Share:
        """Right notebooks that lost a point, of those with a mark."""
        return Share(self.hurt, self.right - self.right_withheld)

    @property
    def full_share(self) -> Share:
        """Wrong notebooks with full marks, of those with a mark."""
        return Share(self.full, self.wrong - self.wrong_withheld)

    @property
    def blamed_share(self) -> Share:
        """Innocent steps that lost a point or were said to have a mistake."""
        return Share(self.blamed, self.innocent)

    @property
    def missed_share(self) -> Share:
        """Guilty steps that got all their points."""
        return Share(self.missed, self.guilty)

    @property
    def named_share(self) -> Share:
        """Mistakes that were called by their name."""
        return Share(self.named, self.mistakes)

    @property
    def misnamed_share(self) -> Share:
        """Mistakes that were called by another one's name."""
        return Share(self.misnamed, self.mistakes)

    @property
    def unnamed_share(self) -> Share:
        """Mistakes that were given no name."""
        return Share(self.mistakes - self.named - self.misnamed, self.mistakes)

    @property
    def accused_share(self) -> Share:
        """Right notebooks that a mistake was named in."""
        return Share(self.accused, self.right - self.right_withheld)

    @property
    def withheld_share(self) -> Share:
        """Notebooks whose mark was withheld."""
        return Share(self.right_withheld + self.wrong_withheld, self.right + self.wrong)


@dataclass(frozen=True, slots=True)
class Measured:
    """A tally, with what it was made with: `source` is a commit, and `seed` drew the notebooks."""

    on: date
    version: str
    source: str
    tally: Tally
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Rates:
    """What was measured of one lesson's grader, the newest of each kind.

    `mixed` is over notebooks that were composed of the bank, `sealed` over those of people who had
    seen neither bank nor code, graded once, before anything was mended.
    """

    mixed: Measured | None = None
    sealed: Measured | None = None


def _at_most(count: int, of: int, rate: float) -> float:
    """How likely it is to see `count` or fewer of `of`, where each is seen at this rate."""
    if rate <= 0:
        return 1.0
    if rate >= 1:
        return float(count >= of)
    return math.fsum(
        math.exp(
            math.lgamma(of + 1)
            - math.lgamma(k + 1)
            - math.lgamma(of - k + 1)
            + k * math.log(rate)
            + (of - k) * math.log1p(-rate)
        )
        for k in range(count + 1)
    )


def _where(holds: Callable[[float], bool], of: int) -> float:
    """The largest rate at which something holds that holds below it and not above; 1 of nothing."""
    low, high = 0.0, 1.0
    if not of or holds(high):
        return 1.0
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return high
