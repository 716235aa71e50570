from __future__ import annotations

import pytest

from grader.checks.stops import lacks_gpu, what_to_try
from grader.models import CellError


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("AssertionError", "Torch not compiled with CUDA enabled", "graphics card"),
        ("RuntimeError", "Found no NVIDIA driver on your system.", "graphics card"),
        ("StdinNotImplementedError", "raw_input was called", "input()"),
        ("RuntimeError", "Parent directory /content does not exist.", "/content"),
        ("FileNotFoundError", "No such file or directory: '/content/a.csv'", "/content"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'a.csv'", "beside it"),
        ("URLError", "<urlopen error [Errno -3] Temporary failure in name resolution>", "network"),
        ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied", "last line"),
    ],
)
def test_what_grading_has_not_is_told_in_a_sentence(name: str, value: str, word: str) -> None:
    assert word in str(what_to_try(CellError(1, name, value, "")))


def test_a_shape_is_no_matter_of_the_graphics_card() -> None:
    assert not lacks_gpu(CellError(1, "RuntimeError", "shape '[5]' is invalid", ""))
