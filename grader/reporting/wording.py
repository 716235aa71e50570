"""The words that every report uses for steps, verdicts and outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grader.language.messages import Message, say
from grader.models import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERDICT_WORDS: Final[Mapping[Verdict, Message]] = {
    Verdict.PASSED: say("right"),
    Verdict.NOT_ATTEMPTED: say("not done yet"),
    Verdict.FAILED: say("not right yet"),
    Verdict.NOT_ASSESSED: say("could not be judged"),
    Verdict.ERROR: say("an instructor will look"),
}

VERDICT_SIGNS: Final[Mapping[Verdict, str]] = {
    Verdict.PASSED: "✓",
    Verdict.NOT_ATTEMPTED: "·",
    Verdict.FAILED: "!",
    Verdict.NOT_ASSESSED: "?",
    Verdict.ERROR: "‖",
}

OUTCOME_WORDS: Final[Mapping[Outcome, Message]] = {
    Outcome.COMPLETED: say("ran to the end"),
    Outcome.RAISED: say("stopped with an error"),
    Outcome.TIMED_OUT: say("ran out of time"),
    Outcome.KERNEL_DIED: say("Python stopped"),
    Outcome.OUT_OF_MEMORY: say("ran out of memory"),
    Outcome.UNREADABLE: say("could not be read"),
}

OUTCOME_SENTENCES: Final[Mapping[Outcome, Message]] = {
    Outcome.RAISED: say(
        "Your notebook stopped with an error before its end. What came before the error counts."
    ),
    Outcome.TIMED_OUT: say(
        "Your notebook took longer than a notebook is given here, and was stopped. What was seen "
        "before that counts."
    ),
    Outcome.KERNEL_DIED: say(
        "Python itself stopped while your notebook was running. What was seen before that counts."
    ),
    Outcome.OUT_OF_MEMORY: say(
        "Your notebook exceeded its memory limit and was stopped. The usual reason is a "
        "list or tensor that keeps growing. What was seen before that counts."
    ),
    Outcome.UNREADABLE: say(
        "The file could not be read as a notebook. Open it again, save it as .ipynb and "
        "hand it in again."
    ),
}


DECISION_WORDS: Final[Mapping[str, Message]] = {
    "override": say("points by hand"),
    "comment": say("comment"),
    "release": say("released"),
    "choice": say("this notebook counts"),
}

ISOLATION_TIERS: Final[Mapping[str, Message]] = {
    "room": say("sealed room"),
    "landlock": say("Landlock"),
    "none": say("none"),
}

# What a tier may lack. A word that is not here is printed as it is.
ISOLATION_GAPS: Final[Mapping[str, Message]] = {
    "files": say("files"),
    "network": say("network"),
    "processes": say("processes"),
    "disk": say("disk space"),
    "file_attributes": say("times and owners of files"),
    "named_sockets": say("named sockets"),
    "process_list": say("the list of processes"),
}


def isolation_tier(tier: str) -> Message:
    """How well a notebook was isolated, as a word."""
    return ISOLATION_TIERS.get(tier) or say("{word}", word=tier)


def isolation_gaps(missing: Sequence[str]) -> Message:
    """What the isolation does not cover, as a list of words."""
    words = [ISOLATION_GAPS.get(gap) or say("{word}", word=gap) for gap in missing]
    return listed(words)


def isolation_sentences(tier: str, missing: Sequence[str]) -> tuple[Message, ...]:
    """How well a notebook was isolated, and what that does not cover, in full."""
    said = say("Isolation while it ran: {tier}.", tier=isolation_tier(tier))
    if not missing:
        return (said,)
    return said, say("What it does not cover: {missing}.", missing=isolation_gaps(missing))


def listed(words: Sequence[Message]) -> Message:
    """Words one after the other, with the language's comma between them."""
    whole = words[0] if words else Message("")
    for word in words[1:]:
        whole = say("{words}, {word}", words=whole, word=word)
    return whole


def in_full(points: float) -> str:
    """Points without trailing zeros: 85, 7.5, 3.33."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def percent(value: float) -> Message:
    """A share in percent, without decimals."""
    return say("{percent}%", percent=f"{value:.0f}")


def finely(rate: float) -> str:
    """A share in percent, with as many decimals as a rare fault needs."""
    return f"{100 * rate:.2f}".rstrip("0").rstrip(".") + "%"


def by_name(student: str) -> tuple[str, str]:
    """The key that sorts students as a person would look for them."""
    return student.casefold(), student
