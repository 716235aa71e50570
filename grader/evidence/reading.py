"""From the recorder's JSON to the evidence of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from grader.errors import Unobserved
from grader.evidence.bounds import Room
from grader.evidence.parts import (
    DataPart,
    LossPart,
    ModelPart,
    OptimizerPart,
    Part,
    PlainPart,
    ResultPart,
    TrainPart,
    TransferPart,
)
from grader.evidence.training import FEWEST_KEPT
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from grader.language.messages import Message

P = TypeVar("P", bound=Part)

TOO_LARGE = say("More was observed of this notebook than can be read.")
UNREAD = say("What was observed of this notebook could not be read.")

_ANY_PART: TypeAdapter[Part] = TypeAdapter(
    Annotated[
        DataPart
        | ModelPart
        | LossPart
        | OptimizerPart
        | TrainPart
        | PlainPart
        | ResultPart
        | TransferPart,
        Field(discriminator="kind"),
    ]
)


class Evidence:
    """The parts that were observed; asking for one that was not raises Unobserved.

    `formula` gives the answers that were put on the examples for the transfer; `why` says why parts
    of some kinds were not even looked for; `too_large` says that not all that the recorder told
    could be read, `unread` that some of it was not in the form that the recorder gives it.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        formula: str = "",
        why: Mapping[type[Part], Message] | None = None,
        *,
        too_large: bool = False,
        unread: bool = False,
    ) -> None:
        self._parts = {type(part): part for part in parts}
        self.formula = formula
        self.too_large = too_large
        self.unread = unread
        self._why = why or {}

    def __contains__(self, kind: type[Part]) -> bool:
        return kind in self._parts

    def part(self, kind: type[P]) -> P:
        """The part of this kind."""
        part = self._parts.get(kind)
        if not isinstance(part, kind):
            raise Unobserved(self._why_not(kind))
        return part

    def _why_not(self, kind: type[Part]) -> Message:
        if self.too_large or self.unread:
            return TOO_LARGE if self.too_large else UNREAD
        return self._why.get(kind, say("The run ended before this could be observed."))

    def parts(self) -> Iterable[Part]:
        """Everything that was observed."""
        return self._parts.values()

    @property
    def faults(self) -> tuple[str, ...]:
        """The problems that the recorder itself had: what it saw may be incomplete."""
        return tuple(dict.fromkeys(fault for part in self.parts() for fault in part.faults))

    @property
    def contradicts_itself(self) -> bool:
        """Whether the training's record cannot have come from the recorder alone.

        Every gradient has its loss and its examples, and every optimizer step its update, as far as
        they are kept; only a step that an exception ended has none.
        """
        return any(
            training.counts.get("S", 0) < len(training.updates)
            or training.gradients < max(len(training.losses), len(training.backwards))
            or (training.gradients > 0 and not training.losses)
            or len(training.losses) < min(training.gradients, FEWEST_KEPT)
            or len(training.backwards) < min(training.gradients, FEWEST_KEPT)
            or len(training.updates) < min(training.counts.get("S", 0) - 1, FEWEST_KEPT)
            for part in self.parts()
            if isinstance(part, TrainPart | TransferPart)
            and (training := part.training) is not None
        )

    @property
    def replaced(self) -> tuple[str, ...]:
        """The functions of torch that the notebook replaced with its own code."""
        return tuple(sorted({name for part in self._parts.values() for name in part.replaced}))


def read_evidence(
    records: Iterable[str],
    formula: str = "",
    why: Mapping[type[Part], Message] | None = None,
) -> Evidence:
    """The evidence in the recorder's JSON texts; what does not have the right shape is left out.

    So is what goes beyond the bounds on each, or on all of them together.
    """
    room = Room()
    read = [_read(record, room) for record in records]
    parts = [part for part in read if part is not None]
    return Evidence(parts, formula, why, too_large=room.refused, unread=None in read)


def _read(record: str, room: Room) -> Part | None:
    if not room.holds(record):
        return None
    try:
        return _ANY_PART.validate_json(record, context=room)
    except (ValidationError, RecursionError):
        return None
