from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.reporting import write_class
from tests.browser.reading import NARROW, WIDE
from tests.reporting import samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.reading import Reader

STUDENTS = 1000
KINDS = (samples.graded, samples.forgot_zero_grad, samples.untouched, samples.withheld)
# A wait of a tenth of a second is not noticed; a busy machine is given some grace.
UNNOTICED_MS = 400


@pytest.fixture
def page(reader: Reader, tmp_path: Path) -> Iterator[Page]:
    path = write_class(samples.ASSIGNMENT, samples.whole_class("en"), tmp_path, "en")
    with reader.reading(path) as opened:
        yield opened.page
        assert opened.violations() == []
        assert opened.trouble == []


def names(page: Page) -> list[str]:
    return page.locator("#table tbody tr:visible th a").all_inner_texts()


def heading(page: Page, name: str) -> None:
    page.locator("#table thead").get_by_role("button", name=name).click()


def test_a_click_on_a_heading_sorts_and_a_second_one_turns_it_around(page: Page) -> None:
    heading(page, "Mark")
    first = names(page)
    assert first[0] == "wang_wei"
    # Marks that are on hold stand behind all others.
    assert set(first[-2:]) == {"qian_duo", "sun_li"}
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Mark")
    heading(page, "Mark")
    assert names(page)[-1] == "wang_wei"
    assert page.locator("th[aria-sort]").count() == 1


def test_a_step_sorts_by_its_verdicts(page: Page) -> None:
    heading(page, "Training")
    heading(page, "Training")
    verdicts = page.locator("#table tbody td:nth-child(7)").evaluate_all(
        "cells => cells.map(cell => cell.dataset.v || '')"
    )
    order = ["", "error", "not_assessed", "failed", "not_attempted", "passed"]
    assert verdicts == sorted(verdicts, key=order.index)


def test_the_table_is_filtered_by_name_verdict_and_diagnosis(page: Page) -> None:
    page.get_by_label("Name").fill("S00")
    assert names(page) == [f"s{n:03}" for n in range(6)]
    page.get_by_label("Name").fill("")
    page.get_by_label("Diagnosis").select_option("zero_grad_missing")
    assert len(names(page)) == 7
    assert page.get_by_role("status").inner_text() == "Shown: 7 of 22"
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Step").select_option(label="Model")
    page.get_by_label("Verdict").select_option("failed")
    assert names(page) == ["zhou_yu"]
    page.get_by_role("button", name="Show all").click()
    assert len(names(page)) == 22


def test_the_table_is_worked_by_the_keyboard_alone(page: Page) -> None:
    page.get_by_label("Name").focus()
    page.keyboard.type("zhou")
    assert names(page) == ["zhou_yu"]
    page.get_by_role("button", name="Student").focus()
    page.keyboard.press("Enter")
    assert page.locator("th[aria-sort]").count() == 1


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_thousand_students_are_sorted_and_filtered_without_a_wait(
    reader: Reader, tmp_path: Path, width: int
) -> None:
    graded = [KINDS[n % len(KINDS)](f"学生{n:04}") for n in range(STUDENTS)]
    path = write_class(samples.ASSIGNMENT, graded, tmp_path, "zh")
    with reader.reading(path, width) as opened:
        page = opened.page
        assert opened.overhang() <= 0
        for work in (
            "document.querySelectorAll('#table th button')[1].click()",
            "document.querySelectorAll('#table th button')[0].click()",
            "const name = document.getElementById('by-name'); name.value = '07';"
            "name.dispatchEvent(new Event('input', {bubbles: true}))",
        ):
            # Until the next frame is painted: script, style and layout.
            until_painted = (
                f"new Promise(done => {{ const start = performance.now(); {work};"
                "requestAnimationFrame(() => done(performance.now() - start)) })"
            )
            taken_ms: list[float] = [page.evaluate(until_painted) for _ in range(3)]
            assert min(taken_ms) < UNNOTICED_MS
        assert 0 < page.locator("#table tbody tr:not([hidden])").count() < STUDENTS
        assert opened.trouble == []
