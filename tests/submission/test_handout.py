from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.errors import AssignmentError
from grader.models import Step
from grader.submission.handout import read_handout, read_handouts, template_of
from tests.notebooks import STUBS, lesson, save

if TYPE_CHECKING:
    from pathlib import Path


def test_the_handouts_of_an_assignment_are_read_by_language(tmp_path: Path) -> None:
    for language in ("zh", "en"):
        save(lesson(STUBS, language=language), tmp_path / f"handout.{language}.ipynb")
    assert [handout.language for handout in read_handouts(tmp_path)] == ["en", "zh"]


def test_a_handout_that_names_no_assignment_is_the_authors_to_mend(tmp_path: Path) -> None:
    path = save(lesson(STUBS, assignment=None), tmp_path / "handout.en.ipynb")
    with pytest.raises(AssignmentError, match=r"grader\.assignment"):
        read_handout(path)


def test_a_handout_that_is_no_notebook_is_the_authors_to_mend(tmp_path: Path) -> None:
    (tmp_path / "handout.en.ipynb").write_text("{}")
    with pytest.raises(AssignmentError, match=r"handout\.en\.ipynb cannot be read"):
        read_handouts(tmp_path)


def test_a_step_has_to_set_the_names_that_its_stub_leaves_open(tmp_path: Path) -> None:
    template = template_of((read_handout(save(lesson(STUBS), tmp_path / "handout.en.ipynb")),))
    assert template.names[Step.DATA] == {"X", "y"}
    assert template.names[Step.TRAIN] == {"epochs", "losses"}
