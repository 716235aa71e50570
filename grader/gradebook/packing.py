"""How values stand in the columns of a gradebook: packed JSON, and moments in UTC.

No pickle (decision 0002), and nothing is lost on the way.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from grader.language.messages import Message
from grader.models import Execution, GradedSubmission

T = TypeVar("T")

# A tenth larger than at its best, in half the time.
_FAST: Final = 3


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """Packs values of one kind; what another version packed differently is None."""

    adapter: TypeAdapter[T]

    def pack(self, value: T) -> bytes:
        """The value as compressed JSON; nan and infinity are kept, half an emoji becomes `?`."""
        try:
            text = to_json(value, inf_nan_mode="constants")
        except PydanticSerializationError:
            plain = to_jsonable_python(value, inf_nan_mode="constants")
            text = json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace")
        return zlib.compress(text, _FAST)

    def unpack(self, packed: bytes) -> T | None:
        """The value; None where these bytes do not hold one."""
        try:
            return self.adapter.validate_json(zlib.decompress(packed))
        except (ValidationError, zlib.error):
            return None


GRADED: Final = Codec(TypeAdapter(GradedSubmission))
EXECUTION: Final = Codec(TypeAdapter(Execution))
MESSAGE: Final = Codec(TypeAdapter(Message))


def now() -> str:
    """This moment, as it is written down."""
    return as_text(datetime.now(UTC))


def storable(text: str) -> str:
    """The text as any database takes it: names of files may hold what is no character."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


def as_text(moment: datetime) -> str:
    """A moment as text that sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """The moment that a text says."""
    return datetime.fromisoformat(text)
