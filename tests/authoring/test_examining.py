"""Whatever is wrong with a lesson's files is told at once, with its place and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from grader.authoring.beginning import Kind, begin
from grader.authoring.examining import examine, require_sound, require_usable
from grader.authoring.toml_places import line_of
from grader.course.course import Course
from grader.errors import AssignmentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent.parent


class Mine:
    """A new lesson that a test may break."""

    def __init__(self, root: Path) -> None:
        begin(Course(root), "mine", Kind.LINE)
        self.home = Course(root).folders("mine")
        self.folder, self.solutions = self.home.assignment, self.home.solutions

    def change(self, file: str, old: str, new: str) -> None:
        path = next(p for p in (self.folder / file, self.solutions / file) if p.is_file())
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    def rewrite(self, change: Callable[[NotebookNode], None]) -> None:
        path = self.solutions / "reference.en.ipynb"
        notebook = nbformat.read(path, as_version=4)
        change(notebook)
        nbformat.write(notebook, path)

    def told(self, *, finished: bool = True) -> list[str]:
        root = f"{self.folder.parent.parent}/"
        found = examine(self.home, finished)
        return [str(message).replace(root, "") for message in found]


@pytest.fixture
def course(tmp_path: Path) -> Mine:
    return Mine(tmp_path)


@pytest.mark.parametrize("id_", sorted(p.name for p in (ROOT / "assignments").iterdir()))
def test_nothing_is_wrong_with_our_own_lessons(id_: str) -> None:
    assert examine(Course(ROOT).folders(id_)) == ()


def test_nothing_is_wrong_with_a_new_lesson(course: Mine) -> None:
    assert course.told() == []


def test_an_entry_that_cannot_be_used_is_told_with_its_line(course: Mine) -> None:
    course.change("assignment.toml", "learning_rate = 0.01", "learning_rate = -1")
    (told,) = course.told()
    assert told.startswith("assignments/mine/assignment.toml:14: `recipe.learning_rate` cannot be")


def test_an_unknown_entry_and_a_missing_one_say_what_to_do(course: Mine) -> None:
    course.change("assignment.toml", "epochs = 100", "epochen = 100")
    told = course.told()
    assert "`recipe.epochs` is missing. Add it." in told[0]
    assert "mine/assignment.toml:13: there is no entry `recipe.epochen`" in told[1]


def test_a_file_that_is_no_toml_is_told_with_its_line(course: Mine) -> None:
    course.change("assignment.toml", "seed = 7", "seed = = 7")
    assert course.told()[0].startswith("assignments/mine/assignment.toml:3: is not valid TOML")


def test_a_slip_in_the_checks_is_told_with_its_line(course: Mine) -> None:
    course.change("checks.py", "return data.inputs_are(", "return data.inputs_are((")
    (told,) = course.told()
    assert told.startswith("assignments/mine/checks.py:")
    assert "cannot be imported: SyntaxError" in told


def test_a_name_that_does_not_exist_is_told_with_its_line(course: Mine) -> None:
    course.change("checks.py", "MODEL = the_model_is_a_line(RECIPE)", "MODEL = the_model(RECIPE)")
    (told,) = course.told()
    assert "checks.py:38: cannot be imported: NameError: name 'the_model'" in told


def test_everything_wrong_with_the_rubric_is_told(course: Mine) -> None:
    course.change("checks.py", '"data.targets", points=10', '"data.inputs", points=20')
    course.change("checks.py", "RESULT = the_line_is_found(RECIPE, TOLERANCES)\n", "")
    told = course.told()
    assert "two checks are called data.inputs" in told[0]
    assert "checks.py:32" in told[0]
    assert "there is no check for: result" in told[1]
    assert "worth 95 points together" in told[2]


def test_a_sentence_without_its_chinese_is_told(course: Mine) -> None:
    course.change("checks.py", "Work out y for x = 3 by hand", "Work out y for x = 4 by hand")
    (told,) = course.told()
    assert told.startswith("assignments/mine/zh.po: “Work out y for x = 4")


def test_a_toml_file_that_ends_too_early_is_told_with_its_last_line(course: Mine) -> None:
    with course.home.table.open("a", encoding="utf-8") as table:
        table.write("zone =")
    last = len(course.home.table.read_text("utf-8").splitlines())
    told = course.told()[0]
    assert told.startswith(f"assignments/mine/assignment.toml:{last}: is not valid TOML")


def test_a_broken_catalogue_is_told_with_its_line(course: Mine) -> None:
    course.change("zh.po", 'msgid "X holds', 'msgidd "X holds')
    assert course.told()[0].startswith("assignments/mine/zh.po:11: is not a valid catalogue")


def test_all_faults_of_a_notebook_are_told_with_their_cells(course: Mine) -> None:
    def broken(notebook: NotebookNode) -> None:
        cells = {cell.id: cell for cell in notebook.cells}
        cells["data-todo"].source = cells["data-todo"].source.replace("### STUB\n", "")
        cells["model-todo"].metadata["tags"] = []
        cells["loss-todo"].source = cells["loss-todo"].source.replace("nn.MSELoss()", "nn.MSELoss(")

    course.rewrite(broken)
    told = "\n".join(course.told())
    assert 'reference.en.ipynb, cell "data-todo": ' in told
    assert 'reference.en.ipynb, cell "model-todo": the tag step:model is missing' in told
    assert 'cell "loss-todo": the solution is not valid Python at line' in told


def test_a_file_that_is_no_notebook_is_told(course: Mine) -> None:
    (course.solutions / "reference.zh.ipynb").write_text("{", "utf-8")
    assert "is not a notebook of format 4.5" in course.told()[0]


def test_all_faults_of_the_bank_are_told(course: Mine) -> None:
    course.change("bank/wrong.toml", 'diagnosis = ["bias_missing"]', 'diagnosis = ["no_bias"]')
    course.change("bank/wrong.toml", "2 * X + 1", "3 * X + 1")
    course.change("bank/wrong.toml", 'verdicts = { train = "failed" }', 'verdict = "failed"')
    course.change("bank/right.toml", "[loss_by_hand]", "[loss_l1]")
    told = "\n".join(course.told())
    assert "there is no mistake called `no_bias`" in told
    assert "Bank entry data_rule_wrong: '3 * X + 1' occurs 0 times in the data cell" in told
    assert "there is no entry `losses_not_kept.verdict`" in told
    assert "`loss_l1` is in the bank twice" in told


def test_tolerances_and_handouts_are_asked_for_only_of_a_finished_lesson(course: Mine) -> None:
    (course.folder / "tolerances.toml").unlink()
    (course.folder / "handout.zh.ipynb").unlink()
    (course.folder / "handout.en.ipynb").unlink()
    assert course.told(finished=False) == []
    told = "\n".join(course.told())
    assert "tolerances.toml: is missing. Run `grader calibrate mine`" in told
    assert "has no handout. Run `grader release mine`" in told


def test_a_handout_that_is_out_of_date_is_told(course: Mine) -> None:
    course.rewrite(lambda notebook: notebook.cells.pop(0))
    (told,) = course.told()
    assert "handout.en.ipynb: is out of date. Run `grader release mine`" in told


def test_errors_of_every_file_are_told_together(course: Mine) -> None:
    course.change("assignment.toml", "epochs = 100", "epochs = 0")
    course.change("zh.po", 'msgid "X holds', 'msgidd "X holds')
    course.change("bank/wrong.toml", 'diagnosis = ["bias_missing"]', 'diagnosis = ["no_bias"]')
    (course.solutions / "reference.zh.ipynb").write_text("{", "utf-8")
    with pytest.raises(AssignmentError) as error:
        require_sound([course.home])
    told = str(error.value)
    for named in ("assignment.toml:13", "zh.po:11", "reference.zh.ipynb", "bank/wrong.toml:"):
        assert named in told
    assert len(error.value.messages) == 4


def test_grading_does_not_ask_for_the_bank(course: Mine) -> None:
    course.change("bank/wrong.toml", 'diagnosis = ["bias_missing"]', 'diagnosis = ["no_bias"]')
    require_usable([course.home])
    shutil.rmtree(course.solutions)
    require_usable([course.home])


def test_a_line_is_found_by_table_and_key() -> None:
    text = 'format = 1\n[title]\nzh = "x"\n[recipe]\ninputs = { start = 0 }\n\n[a.b]\nc.d = 1\n'
    assert line_of(text, ["format"]) == 1
    assert line_of(text, ["title", "en"]) == 2
    assert line_of(text, ["recipe", "inputs", "start"]) == 5
    assert line_of(text, ["a", "b", "c", "d"]) == 8
    assert line_of(text, ["nowhere"]) is None
