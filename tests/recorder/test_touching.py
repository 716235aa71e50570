from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import torch

from grader.recorder.touching import Whole, own_functions

if TYPE_CHECKING:
    import pytest

# An audit hook stays for as long as its process, so it has one of its own.
HEARD = """
import gc, json
from grader.recorder.touching import listen
heard, cell = [], {"gc": gc}
listen(cell, heard.append)
exec(compile("gc.get_objects()", "library.py", "exec"), {"gc": gc})
exec(compile(%r, "<cell>", "exec"), cell)
print(json.dumps(heard))
"""


def heard(cell: str) -> object:
    program = [sys.executable, "-c", HEARD % cell]
    return json.loads(subprocess.run(program, capture_output=True, check=True, text=True).stdout)


def test_a_cell_that_looks_through_all_objects_is_told_and_a_library_is_not() -> None:
    assert heard("gc.get_objects()") == ["gc.get_objects"]
    assert heard("exec('g' + 'c.get_referrers(gc)')") == ["gc.get_referrers"]


def test_cleaning_up_is_not_told() -> None:
    assert heard("gc.collect(); gc.get_count()") == []


class Publisher:
    def publish(self) -> None:
        """Publish nothing."""


def whole() -> Whole:
    return Whole(SimpleNamespace(display_pub=Publisher()), "grader")


def test_what_was_left_alone_is_whole() -> None:
    assert whole().replaced() == []


def test_what_was_replaced_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    before = whole()
    monkeypatch.setattr(torch, "allclose", lambda *_: True)
    before.shell.display_pub.publish = print
    assert before.replaced() == ["torch.allclose", "IPython's publish"]


def test_a_function_with_other_code_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    before = whole()
    monkeypatch.setattr(own_functions, "__code__", (lambda _: {}).__code__)
    assert before.replaced() == ["the recorder"]
