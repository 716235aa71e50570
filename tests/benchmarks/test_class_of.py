from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.class_of import LESSONS, Work, class_of

COURSE = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=LESSONS)
def works(request: pytest.FixtureRequest) -> tuple[Work, ...]:
    return class_of(COURSE, request.param, 60)


def test_the_class_is_the_same_every_time() -> None:
    assert class_of(COURSE, LESSONS[0], 5) == class_of(COURSE, LESSONS[0], 5)


def test_each_five_have_two_references_two_right_variants_and_a_mistake(
    works: tuple[Work, ...],
) -> None:
    for first in range(0, 60, 5):
        entries = [work.entry for work in works[first : first + 5]]
        assert [entry.name for entry in entries].count("reference") == 2
        assert [entry.right for entry in entries].count(True) == 4


def test_nothing_but_the_reference_is_handed_in_twice(works: tuple[Work, ...]) -> None:
    names = [work.entry.name for work in works if work.entry.name != "reference"]
    assert len(set(names)) == len(names)


def test_mistakes_and_references_come_in_both_languages(works: tuple[Work, ...]) -> None:
    wrong = [work.language for work in works if not work.entry.right]
    assert wrong.count("zh") == wrong.count("en") == 6
    solved = [work.language for work in works if work.entry.name == "reference"]
    assert solved.count("zh") == solved.count("en") == 12


def test_a_work_is_written_as_a_notebook(tmp_path: Path, works: tuple[Work, ...]) -> None:
    works[0].by("anna").write(tmp_path / "anna" / "lesson.ipynb")
    notebook = json.loads((tmp_path / "anna" / "lesson.ipynb").read_text("utf-8"))
    assert notebook["metadata"]["grader"]["assignment"] == works[0].lesson
