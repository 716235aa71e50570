from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.assignment import TransferTable, load_assignment, load_assignments
from grader.errors import AssignmentError, UsageError
from grader.models import Step

ROOT = Path(__file__).parents[2]
LESSONS = ("01_exact_line", "02_noisy_line", "03_big_or_small", "04_cat_or_not")
shares = st.integers(-50, 50).map(lambda tenths: tenths / 10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of lesson 1 to break."""
    copy = tmp_path / "assignments" / "01_exact_line"
    shutil.copytree(ROOT / "assignments" / "01_exact_line", copy)
    return copy


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def refused(folder: Path) -> str:
    with pytest.raises(AssignmentError) as error:
        load_assignment(folder)
    return str(error.value)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_lessons_can_be_used(lesson: str) -> None:
    assignment = load_assignment(ROOT / "assignments" / lesson, ROOT / "solutions" / lesson)
    assert assignment.id == lesson
    assert sum(check.points for check in assignment.checks) == 100
    assert set(assignment.info.titles) == {"zh", "en"}
    assert assignment.solutions is not None


def test_every_folder_with_an_assignment_is_found() -> None:
    assert [assignment.id for assignment in load_assignments(ROOT)] == list(LESSONS)


def test_where_there_is_no_assignment_the_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=re.escape(str(tmp_path))):
        load_assignments(tmp_path)


def test_without_solutions_at_hand_an_assignment_can_still_be_used(folder: Path) -> None:
    assert load_assignment(folder, folder / "nowhere").solutions is None
    assert load_assignment(folder).solutions is None


@pytest.mark.parametrize("file", ["assignment.toml", "checks.py"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert f"{file} is missing" in refused(folder)


def test_every_wrong_key_is_named_at_once(folder: Path) -> None:
    path = folder / "assignment.toml"
    change(path, "format = 1", "format = 2\ncolour = 'red'")
    change(path, "cell_s = 20", "cell_s = 0")
    told = refused(folder)
    for named in ("assignment.toml", "format", "colour", "limits.cell_s"):
        assert named in told


def test_points_that_do_not_sum_to_a_hundred_are_refused_with_their_sum(folder: Path) -> None:
    change(folder / "checks.py", '"data.targets", points=10', '"data.targets", points=20')
    told = refused(folder)
    assert "110" in told
    assert "checks.py" in told


def test_points_may_be_shares_of_a_point(folder: Path) -> None:
    names = [f"{step}.share" for step in Step] + ["train.rest"]
    points = [14.3, 14.3, 14.3, 14.3, 14.3, 14.3, 14.2]
    lines = ["from grader.checks import graded, passed"]
    for name, worth in zip(names, points, strict=True):
        lines += [
            f"@graded({name!r}, points={worth})",
            f"def {name.replace('.', '_')}(seen):",
            "    '''It is right.'''",
            "    return passed()",
        ]
    (folder / "checks.py").write_text("\n".join(lines), "utf-8")
    assert len(load_assignment(folder).checks) == 7


def test_a_step_that_nobody_judges_is_refused(folder: Path) -> None:
    (folder / "checks.py").write_text(
        "from grader.checks import graded, passed\n"
        "@graded('train.all', points=100)\n"
        "def it_trains(seen):\n"
        '    """It trains."""\n'
        "    return passed()\n",
        "utf-8",
    )
    with pytest.raises(AssignmentError, match="no check for: data, model, loss"):
        load_assignment(folder)


def test_a_check_worth_less_than_nothing_is_refused(folder: Path) -> None:
    change(folder / "checks.py", '"data.targets", points=10', '"data.targets", points=-10')
    change(folder / "checks.py", '"data.inputs", points=5', '"data.inputs", points=25')
    refused(folder)


def test_two_checks_of_one_name_are_refused(folder: Path) -> None:
    change(folder / "checks.py", '"data.targets"', '"data.inputs"')
    assert "data.inputs" in refused(folder)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("raise OSError('no disk')", "OSError: no disk"),
        ("def (", "SyntaxError"),
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("@graded('cooking.salt', points=5)\ndef salt(seen): '''Salt.'''", "cooking"),
    ],
)
def test_checks_that_cannot_be_imported_are_named_with_the_reason(
    folder: Path, broken: str, told: str
) -> None:
    path = folder / "checks.py"
    path.write_text(f"{path.read_text('utf-8')}\n{broken}\n", "utf-8")
    message = refused(folder)
    assert "checks.py" in message
    assert told in message


def test_whatever_makes_a_mark_changes_the_digest(folder: Path) -> None:
    before = load_assignment(folder).digest
    assert load_assignment(folder).digest == before
    change(folder / "checks.py", "What lesson 1 asks", "What this lesson asks")
    assert load_assignment(folder).digest != before


def test_an_assignments_own_translations_are_found_by_language(folder: Path) -> None:
    (folder / "zh.po").write_text("", "utf-8")
    assert load_assignment(folder).info.catalogues == {"zh": folder / "zh.po"}


# ---- the transfer ------------------------------------------------------------------------------


@given(st.text(min_size=1), shares, shares)
def test_each_submission_draws_its_own_numbers_from_within_the_ranges(
    sha256: str, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    table = TransferTable(formula="{w}", ranges={"w": (low, high)})
    drawn = table.draw(sha256)
    assert low <= float(drawn) <= high
    assert table.draw(sha256) == drawn


def test_different_submissions_draw_different_numbers() -> None:
    table = TransferTable(formula="{w} * X + {b}", ranges={"w": (-4.0, -1.0), "b": (-3.0, 3.0)})
    drawn = {table.draw(str(number)) for number in range(100)}
    assert len(drawn) == 100


@pytest.mark.parametrize("formula", ["{w} * X + {c}", "{w * X", "{} * X"])
def test_a_formula_that_cannot_be_drawn_is_refused(folder: Path, formula: str) -> None:
    change(folder / "assignment.toml", "{w} * X + {b}", formula)
    assert "transfer" in refused(folder)
