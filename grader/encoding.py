"""Values of ours as JSON bytes and back, for what is kept or travels: no pickle, nothing lost."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from grader.messages import Message

T = TypeVar("T")

# A tenth larger than at its best, in half the time.
_FAST: Final = 3

# models.py names these for type checkers only; pydantic looks them up here.
_NAMES = {"Mapping": Mapping, "Path": Path, "Message": Message, "datetime": datetime}


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


def codec_of(kind: type[T]) -> Codec[T]:
    """The codec for a frozen dataclass of models.py, or one that holds some."""
    adapter: TypeAdapter[T] = TypeAdapter(kind)
    adapter.rebuild(_types_namespace=_NAMES)
    return Codec(adapter)
