from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import nbformat
import pytest

from grader.authoring.release import drifted, release, write_handouts
from grader.course.course import Course, Folders
from grader.errors import AssignmentError
from grader.models import CODE_STEPS, Step
from tests.notebooks import EXACT_LINE, STUBS, StepTexts, lesson, save

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode


def region(step: Step) -> str:
    stub = "\n".join(f"# {line}" for line in STUBS.of(step).splitlines())
    return f"### BEGIN SOLUTION\n{EXACT_LINE.of(step)}\n### STUB\n{stub}\n### END SOLUTION"


def reference(language: str = "en") -> NotebookNode:
    solved = StepTexts(**{step.value: region(step) for step in CODE_STEPS})
    return lesson(solved, language=language)


def cell(notebook: NotebookNode, cell_id: str) -> NotebookNode:
    found: NotebookNode = next(cell for cell in notebook.cells if cell.id == cell_id)
    return found


def problem(notebook: NotebookNode) -> str:
    with pytest.raises(AssignmentError) as caught:
        release(notebook, "reference.en.ipynb")
    return str(caught.value)


def saved(tmp_path: Path, *languages: str) -> Folders:
    home = Course(tmp_path).folders("01_exact_line")
    for language in languages:
        save(reference(language), home.reference(language))
    return home


def test_the_handout_is_the_lesson_with_its_stubs() -> None:
    handout = release(reference())
    sources = [(found.id, found.source) for found in handout.cells]
    assert sources == [(found.id, found.source) for found in lesson(STUBS).cells]


def test_the_reference_stays_as_it_was() -> None:
    solved = reference()
    before = copy.deepcopy(solved)
    release(solved)
    assert solved == before


def test_students_can_edit_the_steps_and_delete_nothing() -> None:
    handout = release(reference())
    editable = {found.id for found in handout.cells if found.metadata.get("editable", True)}
    assert editable == {f"{step}-todo" for step in CODE_STEPS}
    assert all(found.metadata.deletable is False for found in handout.cells)


def test_outputs_are_not_handed_out() -> None:
    solved = reference()
    look = cell(solved, "look-data")
    look.execution_count = 3
    look.outputs = [nbformat.v4.new_output("stream", text="the answer")]
    handed = cell(release(solved), "look-data")
    assert (handed.outputs, handed.execution_count) == ([], None)


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    home = saved(tmp_path, "en", "zh")
    first = [path.read_bytes() for path in write_handouts(home)]
    second = [path.read_bytes() for path in write_handouts(home)]
    assert first == second
    assert all(text.endswith(b"}\n") and b"\r" not in text for text in first)


def test_a_handout_is_written_for_each_language(tmp_path: Path) -> None:
    written = write_handouts(saved(tmp_path, "en", "zh"))
    assert [path.name for path in written] == ["handout.en.ipynb", "handout.zh.ipynb"]


def test_only_a_handout_that_differs_has_drifted(tmp_path: Path) -> None:
    home = saved(tmp_path, "en", "zh")
    english, chinese = write_handouts(home)
    assert drifted(home) == ()
    english.write_text(english.read_text().replace("TODO", "DONE") + " ")
    assert drifted(home) == (english,)
    chinese.unlink()
    assert drifted(home) == (english, chinese)


def test_a_fault_is_told_with_its_notebook_and_cell() -> None:
    solved = reference()
    cell(solved, "model-todo").source = "# === model ===\nmodel = nn.Linear(1, 1)"
    told = problem(solved)
    assert told.startswith('reference.en.ipynb, cell "model-todo": there is no solution')


def test_a_nested_solution_is_told() -> None:
    solved = reference()
    found = cell(solved, "loss-todo")
    found.source = found.source.replace("### STUB", "### BEGIN SOLUTION")
    assert "is where ### STUB should be" in problem(solved)


def test_a_solution_outside_a_step_is_told() -> None:
    solved = reference()
    cell(solved, "look-data").source = region(Step.DATA)
    assert '"look-data": a solution is outside a step' in problem(solved)


def test_a_missing_tag_is_told() -> None:
    solved = reference()
    cell(solved, "data-todo").metadata.tags = []
    assert "the tag step:data is missing" in problem(solved)


def test_a_missing_marker_line_is_told() -> None:
    solved = reference()
    found = cell(solved, "data-todo")
    found.source = found.source.partition("\n")[2]
    assert "the first line is not # === data ===" in problem(solved)


def test_a_step_cell_with_another_id_is_told() -> None:
    solved = reference()
    cell(solved, "data-todo").id = "cards"
    assert "the id does not begin with data-" in problem(solved)


def test_another_cell_with_a_steps_id_is_told() -> None:
    solved = reference()
    cell(solved, "look-data").id = "data-look"
    assert "only the id of that step's own cell begins with data-" in problem(solved)


def test_a_step_that_does_not_exist_is_told() -> None:
    solved = reference()
    cell(solved, "look-data").metadata.grader = nbformat.from_dict({"step": "exam"})
    assert "there is no step exam" in problem(solved)


def test_a_step_without_a_cell_is_told() -> None:
    solved = reference()
    solved.cells.remove(cell(solved, "train-todo"))
    assert "step train has 0 cells and must have one" in problem(solved)


def test_an_id_that_two_cells_have_is_told() -> None:
    solved = reference()
    cell(solved, "look-data").id = "setup"
    assert '"setup": 2 cells have this id' in problem(solved)


def test_a_cell_without_an_id_is_told() -> None:
    solved = reference()
    del cell(solved, "look-data")["id"]
    assert "a cell has no id" in problem(solved)


def test_a_notebook_that_breaks_the_format_is_told() -> None:
    solved = reference()
    cell(solved, "look-data").metadata.tags = "not a list"
    assert "is not a notebook of format 4.5" in problem(solved)


@pytest.mark.parametrize("text", ["no json", "[1]", "{}"])
def test_a_file_that_is_no_notebook_is_told(tmp_path: Path, text: str) -> None:
    home = saved(tmp_path, "en")
    home.reference("en").write_text(text)
    with pytest.raises(AssignmentError, match="is not a notebook"):
        write_handouts(home)


def test_a_reference_of_another_assignment_is_told(tmp_path: Path) -> None:
    other = Course(tmp_path).folders("02_noisy_line")
    saved(tmp_path, "en").solutions.rename(other.solutions)
    with pytest.raises(AssignmentError, match='"assignment": "02_noisy_line"'):
        write_handouts(other)


def test_a_folder_without_a_reference_is_told(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match="has no reference"):
        drifted(Course(tmp_path).folders("01_exact_line"))
