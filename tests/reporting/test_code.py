from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reporting.code import code_lines
from grader.reporting.printable import printable
from tests.reporting.markup import Page


def test_lines_are_numbered_from_one_and_the_diagnosed_one_is_marked() -> None:
    lines = code_lines("\nfor x in X:\n    loss.backward()\n", {3})
    assert [(line.number, line.marked) for line in lines] == [(1, False), (2, False), (3, True)]


def test_a_string_over_several_lines_is_closed_on_each() -> None:
    for line in code_lines('s = """one\ntwo\nthree"""'):
        assert Page(f"<h1></h1>{line.html}").faults == []


@pytest.mark.parametrize("copies", [1, 10_000])
def test_code_is_escaped_whether_coloured_or_not(copies: int) -> None:
    lines = code_lines("</code><script>alert('x')</script>\n" * copies)
    assert not any("<script" in line.html or "</code" in line.html for line in lines)


@given(st.text(alphabet="ab'\"\\#\n\t <>&()={}王 f", max_size=60))
def test_no_character_of_the_code_is_lost(source: str) -> None:
    tags_gone = "\n".join(Page(f"<h1></h1>{x.html}").root.text for x in code_lines(source))
    assert unescape(tags_gone) == printable(source).rstrip()
