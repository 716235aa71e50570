"""Compositions of a small bank, in plain torch: only what is honest is drawn."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.authoring.drawing import Drawing
from grader.course.assignment import load_assignment
from grader.errors import AssignmentError
from grader.grading import Lesson, open_lesson

ROOT = Path(__file__).parents[3]
BANK = """
[sequential]
about = "a right way"
write.model = "model = nn.Sequential(nn.Linear(1, 1))"

[by_name]
about = "a right way that takes a model of torch's"
edit.train = [["model(X)", "X * model.weight + model.bias"]]

[typo]
about = "right nowhere, whatever the bank says"
write.optimizer = "optimizer = torch.optim.SDG(model.parameters(), lr=0.01)"

[untrained]
about = "learns nothing, whatever the bank says"
edit.train = [["    optimizer.step()\\n", ""]]

[frozen_by_name]
about = "a mistake that stops at a model without these names"
edit.train = [["for epoch", "model.weight.requires_grad = False\\nfor epoch"]]
verdicts = { train = "failed" }
diagnosis = ["weight_frozen"]

[step_missing]
about = "a mistake"
edit.train = [["    optimizer.step()\\n", ""]]
verdicts = { train = "failed", result = "failed" }
diagnosis = ["step_missing"]
"""


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    for kind in ("assignments", "solutions"):
        folder = tmp_path / kind / "01_exact_line"
        shutil.copytree(ROOT / kind / "01_exact_line", folder)
    shutil.rmtree(folder / "bank")
    (folder / "bank").mkdir()
    (folder / "bank" / "bank.toml").write_text(BANK, encoding="utf-8")
    return open_lesson(load_assignment(tmp_path / "assignments" / "01_exact_line", folder))


def test_only_what_runs_and_learns_in_plain_torch_is_drawn(lesson: Lesson) -> None:
    with Drawing(lesson, "a seed", jobs=1) as drawing:
        right = [drawing.draw(f"right-{number}") for number in range(12)]
        wrong = [drawing.draw(f"wrong-{number}") for number in range(8)]
        again = drawing.draw("right-3")
    made_of = [set(known.about.split(" + ")) for known in (*right, *wrong)]
    assert not any({"typo", "untrained"} & parts for parts in made_of)
    assert not any({"sequential", "by_name"} <= parts for parts in made_of)
    assert not any({"sequential", "!frozen_by_name"} <= parts for parts in made_of)
    assert any("sequential" in parts for parts in made_of)
    assert any("by_name" in parts for parts in made_of)
    assert all(not known.guilty for known in right)
    assert all(len(known.guilty) == 1 for known in wrong)
    assert again == right[3]


def test_a_reference_that_does_not_run_is_named(lesson: Lesson) -> None:
    path = next(iter(lesson.references.values())).path
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("nn.MSELoss()", "nn.MSELos()"), encoding="utf-8")
    with pytest.raises(AssignmentError, match="MSELos"), Drawing(lesson, "", jobs=1):
        pass
