from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import unquote

import jinja2
import pytest

from grader.language.messages import say
from grader.reporting.pages import render
from grader.reporting.writing import Unplaced, write_class, write_overview, write_report
from tests.reporting import samples
from tests.reporting.markup import Page

if TYPE_CHECKING:
    from pathlib import Path

    from grader.models import GradedSubmission

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\x00\u202e{{ 7 * 7 }}'
PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "accent") for ground in ("paper", "card")),
    *((ink, "accent-pale") for ink in ("ink", "soft", "accent")),
    *(
        (verdict, ground)
        for verdict in ("passed", "failed", "not_attempted", "not_assessed", "error")
        for ground in ("paper", "card", "accent-pale")
    ),
    ("ink", "failed-pale"),
    ("soft", "failed-pale"),
    ("failed", "failed-pale"),
    ("accent", "failed-pale"),
    *(
        (ink, ground)
        for ink in ("ink", "soft", "code-comment", "code-keyword", "code-string", "code-number")
        for ground in ("code", "failed-pale")
    ),
    ("code-name", "code"),
    ("code-name", "failed-pale"),
]
DRAWN = [(ink, "card") for ink in ("curve", "target", "start", "dot", "edge")]


def student(graded: GradedSubmission, out: Path, language: str | None = None) -> Page:
    path = write_report(graded, out, language)
    return Page(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "make",
    [
        samples.forgot_zero_grad,
        samples.two_mistakes,
        samples.untouched,
        samples.timed_out,
        samples.raised,
        samples.withheld,
        samples.unreadable,
    ],
)
def test_every_kind_of_student_page_is_sound(make: object, language: str, tmp_path: Path) -> None:
    assert callable(make)
    page = student(make(), tmp_path, language)
    assert page.faults == []
    assert page.all("html")[0].attributes["lang"] == {"en": "en", "zh": "zh-CN"}[language]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pages_of_a_class_are_sound(language: str, tmp_path: Path) -> None:
    graded = samples.whole_class()
    unplaced = [Unplaced(HOSTILE, say("The file is not valid JSON."))]
    paths = [
        write_class(samples.ASSIGNMENT, graded, tmp_path, language),
        write_class(samples.ASSIGNMENT, [], tmp_path / "empty", language),
        write_overview([(samples.ASSIGNMENT, graded)], tmp_path, language, unplaced),
        write_overview([], tmp_path / "empty", language),
    ]
    for path in paths:
        assert Page(path.read_text(encoding="utf-8")).faults == []


def test_a_chinese_page_is_chinese_throughout(tmp_path: Path) -> None:
    page = student(samples.two_mistakes(language="zh"), tmp_path)
    told = [e.text for tag in ("p", "dd", "figcaption", "desc", "h2", "h3") for e in page.all(tag)]
    assert [text for text in told if re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", text)] == []


def test_a_page_is_in_the_language_of_the_submission_unless_one_is_forced(tmp_path: Path) -> None:
    assert "接下来做什么" in student(samples.graded(language="zh"), tmp_path).text_of("h2")
    assert "What to do next" in student(samples.graded(language="zh"), tmp_path, "en").text_of("h2")


def test_nothing_that_a_student_wrote_acts_on_the_page(tmp_path: Path) -> None:
    sources = {step: f"{text}\n# {HOSTILE}" for step, text in samples.SOURCES.items()}
    page = student(samples.graded(HOSTILE, sources=sources), tmp_path)
    assert page.faults == []
    assert "{{ 7 * 7 }}" in page.text_of("bdi")[0]
    assert "<script>alert(1)</script>" in page.text_of("pre")[0]


def test_the_names_of_a_class_are_harmless_and_their_links_lead_to_their_pages(
    tmp_path: Path,
) -> None:
    names = [HOSTILE, "../../x", "index", "a&b=c#d?e%20f", "张 三", "x" * 300]
    graded = [samples.graded(name) for name in names]
    for one in graded:
        write_report(one, tmp_path)
    path = write_class(samples.ASSIGNMENT, graded, tmp_path)
    page = Page(path.read_text(encoding="utf-8"))
    assert page.faults == []
    in_table = [a for a in page.all("a") if a.parent and a.parent.tag == "th"]
    found = {unquote(link.attributes["href"]) for link in in_table}
    assert found == {p.name for p in path.parent.glob("*.html")} - {"index.html"}
    assert len(found) == len(names)


def test_the_mark_and_the_next_thing_to_do_come_first(tmp_path: Path) -> None:
    page = student(samples.forgot_zero_grad(), tmp_path, "en")
    assert page.text_of("p", "big") == ["85 / 100"]
    assert page.text_of("p", "lead") == [
        "This behaves as if the gradients of earlier epochs were never cleared."
    ]
    assert page.text_of("a", "place")[0] == "Cell 11, line 6"
    # In the excerpt beside the advice, and in the whole cell further down.
    assert page.text_of("span", "marked") == ["6 loss.backward() ◀ look here"] * 2
    first, *_ = page.all("section")
    assert first.attributes["aria-labelledby"] == "next"
    assert "look here" in first.text


def test_what_was_not_done_is_never_called_wrong(tmp_path: Path) -> None:
    page = student(samples.untouched(), tmp_path, "en")
    assert set(page.text_of("span", "badge")) == {"not done yet", "could not be judged"}


def test_a_withheld_mark_shows_no_number_as_the_mark(tmp_path: Path) -> None:
    page = student(samples.withheld(), tmp_path, "en")
    assert page.text_of("p", "big") == ["on hold"]
    assert "ZeroDivisionError" not in page.root.text


def test_a_student_is_not_told_what_to_ask_of_the_student(tmp_path: Path) -> None:
    page = student(samples.unreadable(), tmp_path, "en")
    assert "valid JSON" not in page.root.text
    assert "hand it in again" in page.root.text


def test_a_step_that_was_followed_through_says_so(tmp_path: Path) -> None:
    page = student(samples.two_mistakes(), tmp_path, "en")
    assert any("costs you points only once" in note for note in page.text_of("p", "note"))


def test_every_picture_is_told_in_words(tmp_path: Path) -> None:
    page = student(samples.forgot_zero_grad(), tmp_path, "en")
    pictures = [e for e in page.all("svg") if e.attributes.get("role") == "img"]
    assert len(pictures) == 3
    for picture in pictures:
        title, words = [e for e in page.elements if e.parent is picture][:2]
        assert (title.tag, words.tag) == ("title", "desc")
        assert len(words.text) > 30


def test_names_between_backticks_are_set_as_code(tmp_path: Path) -> None:
    remark = say("There is no `X<b>` yet, only {name}.", name="`<i>y`")
    graded = samples.with_remark(samples.graded(), remark)
    page = student(graded, tmp_path, "en")
    assert page.faults == []
    assert {"X<b>", "<i>y"} <= set(page.text_of("code"))


def test_a_template_that_lacks_a_value_is_our_mistake() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render("student.html.j2", "en", ())


@cache
def palettes() -> tuple[dict[str, str], dict[str, str]]:
    style = files("grader.reporting").joinpath("templates/style.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in (light, dark)]
    return found[0], found[1]


def contrast(one: str, two: str) -> float:
    """The contrast of two colours as WCAG 2.1 defines it."""

    def luminance(colour: str) -> float:
        parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(theme: int) -> None:
    colours = palettes()[theme]
    weak = [pair for pair in PAIRS if contrast(*(colours[name] for name in pair)) < 4.5]
    faint = [pair for pair in DRAWN if contrast(*(colours[name] for name in pair)) < 3]
    assert (weak, faint) == ([], [])


def test_both_themes_name_the_same_colours() -> None:
    light, dark = palettes()
    assert light.keys() == dark.keys()


def test_what_holds_for_a_whole_step_is_said_once(tmp_path: Path) -> None:
    page = student(samples.untouched(), tmp_path, "en")
    told = [e for e in page.all("p") if e.text == "This cell still says what the handout says."]
    on_cards = [e for e in told if "lead" not in e.attributes.get("class", "")]
    assert len(on_cards) == len(samples.SOURCES)
