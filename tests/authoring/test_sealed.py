from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from grader.authoring.mixed import Known
from grader.authoring.sealed import keep_labelled, read_labelled
from grader.errors import AssignmentError
from grader.models import Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def labelled(folder: Path, *labels: Mapping[str, object]) -> tuple[Known, ...]:
    for label in labels:
        (folder / str(label["file"])).write_text("{}", encoding="utf-8")
    (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    return read_labelled(folder)


def test_a_notebook_without_a_wrong_step_is_right(tmp_path: Path) -> None:
    (one,) = labelled(tmp_path, {"file": "a.ipynb", "wrong_steps": [], "mistake": None})
    assert (one.name, one.guilty, one.content) == ("a", {}, b"{}")


def test_a_mistake_of_the_catalogue_is_asked_for_by_its_name(tmp_path: Path) -> None:
    label = {"file": "a.ipynb", "wrong_steps": ["train"], "mistake": "zero_grad_missing"}
    (one,) = labelled(tmp_path, label)
    assert one.guilty == {Step.TRAIN: frozenset({"zero_grad_missing"})}


def test_a_mistake_in_other_words_is_asked_for_no_name(tmp_path: Path) -> None:
    label = {"file": "a.ipynb", "wrong_steps": ["train", "result"], "mistake": "never clears"}
    (one,) = labelled(tmp_path, label)
    assert one.guilty == {Step.TRAIN: frozenset()}
    assert one.about == "never clears"


@pytest.mark.parametrize("labels", ["", "[{}]", '[{"file": "missing.ipynb"}]'])
def test_labels_that_cannot_be_used_are_named(tmp_path: Path, labels: str) -> None:
    (tmp_path / "labels.json").write_text(labels, encoding="utf-8")
    with pytest.raises(AssignmentError, match=r"labels\.json"):
        read_labelled(tmp_path)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    guilty = {Step.DATA: frozenset({"data_swapped"}), Step.TRAIN: frozenset({"step_missing"})}
    kept = [
        Known("right-1", tmp_path / "right-1.ipynb", b"{}", {}, "one_cell"),
        Known("wrong-2", tmp_path / "wrong-2.ipynb", b"{ }", guilty, "!data_swapped"),
    ]
    keep_labelled(tmp_path, kept)
    assert list(read_labelled(tmp_path)) == kept
