from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.errors import UsageError
from grader.intake import Candidate, Settled, choose, find_candidates
from grader.models import Submission
from tests.notebooks import lesson, save, save_all

if TYPE_CHECKING:
    from collections.abc import Iterable


def owners(candidates: Iterable[Candidate]) -> list[tuple[str, str | None]]:
    return [(candidate.student, candidate.assignment) for candidate in candidates]


def submission(path: Path, *, sha256: str, student: str = "anna") -> Submission:
    return Submission(student, "01_exact_line", "en", path, sha256, cells=(), steps={})


def test_a_folder_of_notebooks_belongs_to_the_students_they_are_called_after(
    tmp_path: Path,
) -> None:
    save_all(lesson(), [tmp_path / "bert.ipynb", tmp_path / "anna.ipynb"])
    assert owners(find_candidates([tmp_path])) == [("anna", None), ("bert", None)]


def test_a_students_folder_may_hold_notebooks_of_any_name(tmp_path: Path) -> None:
    save_all(lesson(), [tmp_path / "anna" / "homework.ipynb", tmp_path / "anna" / "second.ipynb"])
    assert owners(find_candidates([tmp_path])) == [("anna", None), ("anna", None)]


@pytest.mark.parametrize(
    "given",
    [".", "submitted", "submitted/anna", "submitted/anna/week_1", "submitted/anna/week_1/nb.ipynb"],
)
def test_nbgraders_folders_name_student_and_assignment_from_wherever_one_looks(
    tmp_path: Path, given: str
) -> None:
    save_all(
        lesson(),
        [tmp_path / "submitted/anna/week_1/nb.ipynb", tmp_path / "source/week_1/nb.ipynb"],
    )
    assert owners(find_candidates([tmp_path / given])) == [("anna", "week_1")]


def test_a_single_notebook_belongs_to_the_student_it_is_called_after(tmp_path: Path) -> None:
    path = save(lesson(), tmp_path / "anna.ipynb")
    assert find_candidates([path]) == (Candidate("anna", path),)


def test_the_same_file_given_twice_is_found_once(tmp_path: Path) -> None:
    path = save(lesson(), tmp_path / "anna.ipynb")
    assert len(find_candidates([tmp_path, path, tmp_path / "." / "anna.ipynb"])) == 1


def test_hidden_files_and_checkpoints_are_nobodys_work(tmp_path: Path) -> None:
    save_all(
        lesson(),
        [
            tmp_path / "anna.ipynb",
            tmp_path / "._anna.ipynb",
            tmp_path / ".ipynb_checkpoints" / "anna-checkpoint.ipynb",
        ],
    )
    assert owners(find_candidates([tmp_path])) == [("anna", None)]


def test_a_folder_of_nothing_but_checkpoints_is_listed_as_empty(tmp_path: Path) -> None:
    save(lesson(), tmp_path / "anna.ipynb")
    save(lesson(), tmp_path / "bert" / ".ipynb_checkpoints" / "nb-checkpoint.ipynb")
    anna, bert = find_candidates([tmp_path])
    assert (anna.problem, bert.student) == (None, "bert")
    assert "only hidden files" in str(bert.problem)


@pytest.mark.parametrize(
    "name", ["李 小明", 'O\'Brien "Bob"', "<script>alert(1)<", "a.b", "[red]", "{x}", "-rf", "café"]
)
def test_a_students_name_may_hold_anything_that_a_file_name_may(tmp_path: Path, name: str) -> None:
    save_all(lesson(), [tmp_path / f"{name}.ipynb", tmp_path / "inner" / name / "a" / "nb.ipynb"])
    assert owners(find_candidates([tmp_path / f"{name}.ipynb"])) == [(name, None)]
    assert owners(find_candidates([tmp_path / "inner"])) == [(name, "a")]


def test_a_name_that_is_no_text_is_spelled_so_that_it_can_be_written(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    (tmp_path / "nb.ipynb").write_bytes(b"{}")
    Path(os.fsdecode(folder + b"/nb.ipynb")).rename(os.fsdecode(folder + b"/\xff\xfe.ipynb"))
    assert owners(find_candidates([tmp_path])) == [(r"\xff\xfe", None)]


def test_one_name_in_two_spellings_is_one_student(tmp_path: Path) -> None:
    save_all(lesson(), [tmp_path / "cafe\u0301.ipynb", tmp_path / "caf\u00e9.ipynb"])
    assert owners(find_candidates([tmp_path])) == [("caf\u00e9", None)] * 2


def test_a_linked_folder_is_reported_and_not_entered(tmp_path: Path) -> None:
    save(lesson(), tmp_path / "elsewhere" / "nb.ipynb")
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "anna").symlink_to(tmp_path / "elsewhere")
    assert find_candidates([tmp_path / "class"]) == (Candidate("anna", tmp_path / "class/anna"),)


def test_where_nothing_is_found_the_error_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no notebook")
    with pytest.raises(UsageError, match=r"<student>\.ipynb.*submitted/<student>"):
        find_candidates([tmp_path])


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere does not exist"):
        find_candidates([tmp_path / "nowhere"])


def test_a_file_that_is_no_notebook_is_named(tmp_path: Path) -> None:
    (tmp_path / "work.py").touch()
    with pytest.raises(UsageError, match=r"work\.py is neither a notebook"):
        find_candidates([tmp_path / "work.py"])


def test_of_two_different_notebooks_the_newer_is_chosen_and_doubted(tmp_path: Path) -> None:
    older, newer = save_all(lesson(), [tmp_path / "a.ipynb", tmp_path / "b.ipynb"])
    os.utime(older, (1, 1))
    (chosen,) = choose([submission(newer, sha256="1"), submission(older, sha256="2")])
    assert chosen.submission.path == newer
    assert "anna handed in 2 different notebooks" in str(chosen.doubt)
    assert "a.ipynb, b.ipynb" in str(chosen.doubt)


def test_what_a_person_chose_counts_until_another_notebook_comes(tmp_path: Path) -> None:
    paths = save_all(lesson(), [tmp_path / f"{name}.ipynb" for name in "abc"])
    first, second, third = (submission(each, sha256=each.stem) for each in paths)
    settled = {(first.student, first.assignment): Settled("a", frozenset("ab"))}
    for rivals in ([first], [first, second]):
        (chosen,) = choose(rivals, settled)
        assert (chosen.submission, chosen.doubt) == (first, None)
    (chosen,) = choose([first, second, third], settled)
    assert chosen.doubt is not None


def test_equal_copies_of_a_notebook_leave_no_doubt(tmp_path: Path) -> None:
    copies = save_all(lesson(), [tmp_path / "a.ipynb", tmp_path / "b.ipynb"])
    (chosen,) = choose([submission(copy, sha256="same") for copy in copies])
    assert chosen.doubt is None


def test_each_student_keeps_a_notebook(tmp_path: Path) -> None:
    path = save(lesson(), tmp_path / "nb.ipynb")
    chosen = choose([submission(path, sha256=name, student=name) for name in ("bert", "anna")])
    assert [choice.submission.student for choice in chosen] == ["anna", "bert"]
    assert all(choice.doubt is None for choice in chosen)
