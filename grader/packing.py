"""Many numbers in few characters, as `inside.watching` packs them: deflated float32 in base64."""

from __future__ import annotations

import base64
import zlib

import numpy as np

MOST_BYTES = 8_000_000


def unpacked(value: object) -> object:
    """The numbers in `{"packed": text}` as a tuple; anything else as it is.

    Raises ValueError where the text is broken, or holds more than MOST_BYTES.
    """
    if not isinstance(value, dict) or set(value) != {"packed"}:
        return value
    try:
        inflating = zlib.decompressobj()
        raw = inflating.decompress(base64.b64decode(value["packed"], validate=True), MOST_BYTES)
    except (TypeError, ValueError, zlib.error) as error:
        raise ValueError("packed numbers that cannot be read") from error
    if not inflating.eof or len(raw) % 4:
        raise ValueError("packed numbers that are cut off, or too many")
    return tuple(np.frombuffer(raw, dtype="<f4").astype(np.float64).tolist())
