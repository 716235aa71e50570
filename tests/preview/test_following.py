from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.models import Step
from grader.preview.course import lessons_at
from grader.preview.following import Following
from tests.preview.session import cells_of, steps_of
from tests.recordings import ROOT, copy_course

if TYPE_CHECKING:
    from pathlib import Path

LESSONS = lessons_at(ROOT)


@pytest.fixture
def following() -> Following:
    handouts = [handout for lesson in LESSONS.values() for handout in lesson.handouts]
    recipes = {id_: lesson.assignment.table.recipe for id_, lesson in LESSONS.items()}
    return Following(handouts, recipes)


def run_all(following: Following, cells: dict[str, str], first: int = 1) -> int:
    for number, source in enumerate(cells.values(), first):
        following.run(source, number, None, watched=True)
    return first + len(cells)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("lesson", sorted(LESSONS))
def test_the_handouts_own_cells_tell_lesson_and_language(
    following: Following, lesson: str, language: str
) -> None:
    setup = next(iter(cells_of(f"handout.{language}", lesson).values()))
    following.run(setup, 1, None, watched=True)
    assert following.lesson == lesson
    assert following.language == language


def test_a_lesson_that_was_named_needs_no_cells(following: Following) -> None:
    assert following.lesson is None
    following.named = "03_big_or_small"
    assert following.lesson == "03_big_or_small"


def test_a_cell_that_runs_again_takes_the_place_of_its_older_version(following: Following) -> None:
    after = run_all(following, cells_of("handout.en"))
    assert following.found is not None
    assert following.found.unchanged == set(following.steps) == {*Step} - {Step.RESULT}
    following.run(steps_of("reference.en")["data-todo"], after, None, watched=True)
    assert following.steps[Step.DATA] == (after,)
    assert Step.DATA not in following.found.unchanged


def test_cells_are_known_by_their_ids_where_there_are_some(following: Following) -> None:
    first = following.run("a = 1", 1, "cell", watched=True)
    second = following.run("a = 2", 2, "cell", watched=True)
    assert not first.again
    assert second.again
    assert following.ran == [second]


def test_what_a_step_needs_makes_it_outdated_when_it_is_made_anew(following: Following) -> None:
    cells = steps_of("reference.en")
    after = run_all(following, cells)
    assert following.outdated() == {}
    following.run(cells["model-todo"], after, None, watched=True)
    assert following.outdated() == {Step.OPTIMIZER: Step.MODEL, Step.TRAIN: Step.MODEL}
    following.run(cells["optimizer-todo"], after + 1, None, watched=True)
    assert set(following.outdated()) == {Step.TRAIN}
    following.run(cells["train-todo"], after + 2, None, watched=True)
    assert following.outdated() == {}


def test_steps_that_ran_unseen_are_told_until_they_run_again(following: Following) -> None:
    cells = steps_of("reference.en")
    for number, source in enumerate(cells.values()):
        following.run(source, number, None, watched=False)
    assert following.unwatched() == {*Step} - {Step.RESULT}
    run_all(following, cells, 20)
    assert following.unwatched() == frozenset()


def test_a_courses_own_lessons_come_first(tmp_path: Path) -> None:
    assert set(lessons_at(tmp_path)) == set(LESSONS)
    course = copy_course(tmp_path, "02_noisy_line")
    found = lessons_at(course)
    assert set(found) == {"02_noisy_line"}
    assert found["02_noisy_line"].references == {}
