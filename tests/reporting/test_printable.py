from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reporting.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 你好 🐱\n\tindented", "plain 你好 🐱\n\tindented"),
        ("\x1b[0;31mNameError\x1b[0m: x", "NameError: x"),
        ("\x1b]0;title\x07done", "done"),
        (" 10%\r 50%\r100%\n", "100%\n"),
        ("line\r\nline\r\n", "line\nline\n"),
        ("a\x00b\ud800c", "a\ufffdb\ufffdc"),
        ("exe.\u202egpj", "exe.\ufffdgpj"),
    ],
)
def test_text_is_shown_as_a_person_would_see_it(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(alphabet=st.characters(codec=None)))
def test_whatever_was_written_can_be_saved(text: str) -> None:
    shown = printable(text)
    assert shown.encode().decode() == shown
    assert "\x1b" not in shown


@given(st.text())
def test_what_is_printable_stays_as_it_is(text: str) -> None:
    assert printable(printable(text)) == printable(text)
