"""The steps of a notebook, and what can be found of each."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from grader.language.messages import Message, say

if TYPE_CHECKING:
    from collections.abc import Mapping


class Step(StrEnum):
    """The five cells a student fills in, and what came out of them."""

    DATA = "data"
    MODEL = "model"
    LOSS = "loss"
    OPTIMIZER = "optimizer"
    TRAIN = "train"
    RESULT = "result"


CODE_STEPS = (Step.DATA, Step.MODEL, Step.LOSS, Step.OPTIMIZER, Step.TRAIN)
# What the steps are called in sentences and on pages.
STEP_TITLES: Final[Mapping[Step, Message]] = {
    Step.DATA: say("Data"),
    Step.MODEL: say("Model"),
    Step.LOSS: say("Loss"),
    Step.OPTIMIZER: say("Optimizer"),
    Step.TRAIN: say("Training"),
    Step.RESULT: say("Result"),
}


class Verdict(StrEnum):
    """What a check found, from best to worst."""

    PASSED = "passed"
    NOT_ATTEMPTED = "not_attempted"
    FAILED = "failed"
    NOT_ASSESSED = "not_assessed"
    ERROR = "error"

    @property
    def severity(self) -> int:
        """Rank for "the worst of": 0 is the best."""
        return _RANKS[self]


_RANKS: Final = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Outcome(StrEnum):
    """How an execution ended."""

    COMPLETED = "completed"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    KERNEL_DIED = "kernel_died"
    OUT_OF_MEMORY = "out_of_memory"
    UNREADABLE = "unreadable"
