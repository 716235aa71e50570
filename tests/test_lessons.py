from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from grader.authoring.release import drifted
from grader.course.course import Course
from grader.models import CODE_STEPS

if TYPE_CHECKING:
    from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent
LINES = ("01_exact_line", "02_noisy_line")
LESSONS = (*LINES, "03_big_or_small", "04_cat_or_not")
LANGUAGES = ("zh", "en")
DATA = {"04_cat_or_not": ("X", "y", "X_test", "y_test", "loader")}
TRAIN = dict.fromkeys(LINES, ("epochs", "losses"))
# Only Chinese needs a font that plots do not bring along.
CHINESE_ONLY = {"setup-font"}

each_lesson = pytest.mark.parametrize("assignment", LESSONS)
each_language = pytest.mark.parametrize("language", LANGUAGES)


def reference(assignment: str, language: str) -> NotebookNode:
    return read(ROOT / "solutions" / assignment / f"reference.{language}.ipynb")


def handout(assignment: str, language: str) -> NotebookNode:
    return read(ROOT / "assignments" / assignment / f"handout.{language}.ipynb")


def read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.v4.reads(path.read_text(encoding="utf-8"))
    return notebook


def code_cells(notebook: NotebookNode) -> dict[str, str]:
    return {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}


class _WithoutTexts(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        values = [self.visit(part) for part in node.values if not isinstance(part, ast.Constant)]
        return ast.JoinedStr(values)


def without_texts(source: str) -> str:
    return ast.dump(_WithoutTexts().visit(ast.parse(source)))


@each_lesson
def test_the_handouts_are_what_the_references_give(assignment: str) -> None:
    assert drifted(Course(ROOT).folders(assignment)) == ()


@each_lesson
def test_both_languages_have_the_same_cells_and_the_same_code(assignment: str) -> None:
    chinese, english = (reference(assignment, language) for language in LANGUAGES)
    ids = [cell.id for cell in chinese.cells if cell.id not in CHINESE_ONLY]
    assert ids == [cell.id for cell in english.cells]
    zh, en = code_cells(chinese), code_cells(english)
    for cell_id in en:
        assert without_texts(zh[cell_id]) == without_texts(en[cell_id]), cell_id


@each_lesson
@each_language
def test_each_step_has_a_goal_a_cell_a_look_and_hints(assignment: str, language: str) -> None:
    ids = [cell.id for cell in handout(assignment, language).cells]
    for step in CODE_STEPS:
        start = ids.index(f"goal-{step}")
        pattern = [f"goal-{step}", f"{step}-todo", f"look-{step}", f"hints-{step}"]
        assert ids[start : start + 4] == pattern


@each_lesson
@each_language
def test_the_points_in_the_headings_sum_to_100(assignment: str, language: str) -> None:
    headings = [
        cell.source.partition("\n")[0]
        for cell in handout(assignment, language).cells
        if cell.id.startswith("goal-")
    ]
    points = [re.search(r"(\d+) (?:分|points)", heading) for heading in headings]
    assert [int(found[1]) for found in points if found] == [15, 15, 15, 15, 25, 15]


@each_lesson
@each_language
def test_a_table_lists_the_names_to_keep(assignment: str, language: str) -> None:
    (table,) = (cell for cell in handout(assignment, language).cells if cell.id == "names")
    data = DATA.get(assignment, ("X", "y"))
    train = TRAIN.get(assignment, ("epochs", "losses", "accuracy"))
    listed = tuple(re.findall(r"^\| `(\w+)`", table.source, re.MULTILINE))
    assert listed == (*data, "model", "loss_fn", "optimizer", *train)


@each_lesson
def test_no_line_breaks_off_between_chinese_characters(assignment: str) -> None:
    # Markdown would show the break as a gap in the sentence.
    for cell in handout(assignment, "zh").cells:
        if cell.cell_type == "markdown":
            assert re.search(r"[^\x00-\x7f]\n *[\u3400-\u9fff]", cell.source) is None, cell.id


@each_lesson
@each_language
def test_no_line_of_a_solution_stands_in_the_handout(assignment: str, language: str) -> None:
    handed = "\n".join(cell.source for cell in handout(assignment, language).cells)
    assert "### " not in "\n".join(code_cells(handout(assignment, language)).values())
    for source in code_cells(reference(assignment, language)).values():
        for region in re.findall(r"### BEGIN SOLUTION\n(.*?)\n *### STUB", source, re.DOTALL):
            for line in region.splitlines():
                assert line.strip() not in handed


@each_lesson
@each_language
def test_code_fits_the_width_of_a_page(assignment: str, language: str) -> None:
    for source in code_cells(handout(assignment, language)).values():
        assert all(len(line) <= 100 for line in source.splitlines())
