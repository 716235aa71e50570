from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reporting.printable import on_one_line, printable, printable_code, printable_output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 你好 🐱\n\tindented", "plain 你好 🐱\n\tindented"),
        ("\x1b[0;31mNameError\x1b[0m: x", "NameError: x"),
        ("\x1b]0;title\x07done", "done"),
        ("anna\rbert", "anna\ufffdbert"),
        ("line\r\nline\r\n", "line\nline\n"),
        ("a\x00b\ud800c", "a\ufffdb\ufffdc"),
        ("exe.\u202egpj", "exe.\ufffdgpj"),
    ],
)
def test_text_is_shown_as_a_person_would_see_it(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" 10%\r 50%\r100%\n", "100%\n"),
        ("a\rb", "b"),
        ("abc\rx", "xbc"),
        ("abc\r", "abc"),
        ("\rabc\r\r\n", "abc\n"),
        ("one\x1b[1m\rtwo and more\rthree", "threend more"),
        ("a\r\nb\rc", "a\nc"),
    ],
)
def test_a_line_is_written_over_as_on_a_terminal(text: str, shown: str) -> None:
    assert printable_output(text) == shown


def test_no_line_of_code_hides_another() -> None:
    assert printable_code("evil()\rgood()\r\nmore()") == "evil()\ngood()\nmore()"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028", "\u2029"])
def test_a_name_never_begins_a_line_of_its_own(end: str) -> None:
    assert on_one_line(f"cem{end}[3/3] bert: 100") == "cem\ufffd[3/3] bert: 100"


@given(st.text(alphabet=st.characters(codec=None)))
def test_whatever_was_written_can_be_saved(text: str) -> None:
    shown = printable(text)
    assert shown.encode().decode() == shown
    assert "\x1b" not in shown


@given(st.text())
def test_what_is_printable_stays_as_it_is(text: str) -> None:
    assert printable(printable(text)) == printable(text)
