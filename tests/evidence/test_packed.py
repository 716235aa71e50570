from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.evidence.packed import MOST_BYTES, unpacked


def packed(raw: bytes) -> dict[str, str]:
    return {"packed": base64.b64encode(zlib.compress(raw)).decode("ascii")}


@given(st.lists(st.floats(width=32), max_size=50))
def test_packed_numbers_come_back_as_they_were(values: list[float]) -> None:
    found = unpacked(packed(np.array(values, dtype="<f4").tobytes()))
    np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize("value", [[1.0, 2.0], (), None, "text", {"packed": "", "more": 1}])
def test_what_is_not_packed_is_left_as_it_is(value: object) -> None:
    assert unpacked(value) is value


@pytest.mark.parametrize(
    "value",
    [
        {"packed": 3},
        {"packed": "no base64!"},
        {"packed": base64.b64encode(b"no deflated bytes").decode()},
        packed(b"12345"),
        packed(bytes(MOST_BYTES + 4)),
        {"packed": "A" * 4_000_000},
    ],
    ids=["a number", "no base64", "not deflated", "cut off", "too many", "too long"],
)
def test_packed_numbers_that_cannot_be_read_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="packed numbers"):
        unpacked(value)
