"""What the steps are called in sentences and on pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grader.messages import Message, say
from grader.models import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

STEP_TITLES: Final[Mapping[Step, Message]] = {
    Step.DATA: say("Data"),
    Step.MODEL: say("Model"),
    Step.LOSS: say("Loss"),
    Step.OPTIMIZER: say("Optimizer"),
    Step.TRAIN: say("Training"),
    Step.RESULT: say("Result"),
}
