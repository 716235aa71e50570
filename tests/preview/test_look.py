from __future__ import annotations

from grader.language.messages import say
from grader.models import Verdict
from grader.preview.look import Look
from grader.preview.text import Line
from tests.reporting.markup import Page

LOOK = Look(
    "A lesson <b>",
    (
        Line(say("{sign} right", sign="✓"), verdict=Verdict.PASSED),
        Line(say("NameError: {value}", value="<script>alert(1)</script>\x1b[31m"), 1),
        Line(say("Open `{name}`.", name="X"), 2),
    ),
    "en",
)


def test_as_text_it_is_a_line_each_with_nothing_that_steers_a_terminal() -> None:
    title, right, raised, last = repr(LOOK).splitlines()
    assert (title, right) == ("A lesson <b>", "✓ right")
    assert raised.startswith("  NameError: <script>")
    assert "\x1b" not in raised
    assert last == "    Open `X`."


def test_as_html_what_a_student_wrote_is_text() -> None:
    html = LOOK._repr_html_()
    page = Page(html)
    assert page.faults == ["headings do not begin with one h1: []"]  # it is a part of a page
    assert not list(page.all("script"))
    assert "<script>alert(1)</script>" in page.root.text
    assert '<p class="step v-passed">' in html
    assert "<code>X</code>" in html


def test_its_html_is_in_its_language() -> None:
    chinese = Look("", (Line(say("There is nothing to mend here.")),), "zh")
    assert 'lang="zh' in chinese._repr_html_()
    assert repr(chinese) == "这里没有要改的。"
