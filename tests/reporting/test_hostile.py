from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.models import OutputKind
from grader.reporting import write_class, write_report
from tests.reporting import hostile, samples
from tests.reporting.markup import Page

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = hostile.corpus()


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 70


@pytest.mark.parametrize("name", CORPUS)
def test_nothing_hostile_is_more_than_text_on_a_page(name: str, tmp_path: Path) -> None:
    html = write_report(CORPUS[name], tmp_path).read_text(encoding="utf-8")
    assert Page(html).faults == []


def test_of_all_that_a_cell_may_show_only_text_cleaned_html_and_png_are_kept() -> None:
    kinds = {
        o.kind for g in CORPUS.values() if g.execution for r in g.execution.runs for o in r.outputs
    }
    assert kinds == set(OutputKind)


def test_a_class_of_hostile_names_is_a_sound_page(tmp_path: Path) -> None:
    path = write_class(samples.ASSIGNMENT, list(CORPUS.values()), tmp_path)
    assert Page(path.read_text(encoding="utf-8")).faults == []
