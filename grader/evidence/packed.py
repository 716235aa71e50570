"""Many numbers in few characters, as `inside.watching` packs them: deflated float32 in base64."""

from __future__ import annotations

import base64
import zlib
from typing import Final

import numpy as np

# The recorder packs no more of one tensor (`MOST_PACKED`), however little that would take packed.
MOST_NUMBERS: Final = 150_000
MOST_BYTES: Final = 4 * MOST_NUMBERS
# Numbers that no deflating makes smaller, in base64, with a little for the frame around them.
_LONGEST: Final = MOST_BYTES * 4 // 3 + 1_000


def unpacked(value: object) -> object:
    """The numbers in `{"packed": text}` as a tuple; anything else as it is.

    Raises ValueError where the text is broken, or holds more than MOST_NUMBERS.
    """
    if not isinstance(value, dict) or set(value) != {"packed"}:
        return value
    text = value["packed"]
    if isinstance(text, str) and len(text) > _LONGEST:
        raise ValueError("packed numbers that are too many")
    try:
        inflating = zlib.decompressobj()
        raw = inflating.decompress(base64.b64decode(text, validate=True), MOST_BYTES)
    except (TypeError, ValueError, zlib.error) as error:
        raise ValueError("packed numbers that cannot be read") from error
    if not inflating.eof or len(raw) % 4:
        raise ValueError("packed numbers that are cut off, or too many")
    return tuple(np.frombuffer(raw, dtype="<f4").astype(np.float64).tolist())
