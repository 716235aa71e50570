from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake import Candidate, Known, Listed, identified, read_roster

LIST = (
    Listed("20260001", "李 小明", "li@x.cn", "A"),
    Listed("20260002", "Anna Doe", "Anna@x.cn", "B"),
    Listed("20260003", "Anna Doe", "doe@x.cn", "B"),
    Listed("20260004", "王芳", "wang@x.cn", "A"),
)


def candidate(student: str, known: Known | None = None) -> Candidate:
    return Candidate(student, Path("x.ipynb"), known=known)


def ids(*candidates: Candidate) -> tuple[list[str], list[str]]:
    found, strangers = identified(candidates, LIST)
    return [one.student for one in found], [one.student for one in strangers]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("header", ["student id,name,e-mail,section", "学号,姓名,邮箱,班级"])
def test_a_class_list_is_read_whatever_wrote_it(tmp_path: Path, encoding: str, header: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(f"{header}\n20260001,李 小明,li@x.cn,A\n\n", encoding)
    assert read_roster(path) == LIST[:1]


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_columns_may_stand_apart_as_spreadsheets_write_them(tmp_path: Path, between: str) -> None:
    path = tmp_path / "roster.csv"
    lines = (["学号", "姓名", "邮箱", "班级"], ["20260001", "李 小明", "li@x.cn", "A"])
    path.write_text("\n".join(map(between.join, lines)), "utf-8")
    assert read_roster(path) == LIST[:1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,email\nx,y\n", "no column for the student id"),
        ("", "no column for the student id"),
        ("id,name\n1,x\n1,y\n", "duplicate or missing: 1"),
        ("id,name\n,x\n", "one line with an id"),
    ],
)
def test_a_class_list_that_cannot_be_used_says_why(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=says):
        read_roster(path)


def test_an_id_an_email_or_a_login_decides() -> None:
    found, strangers = ids(
        candidate("20260001"),
        candidate("whatever", Known("gradescope", "x", email="ANNA@x.cn")),
        candidate("nothing", Known("blackboard", "20260003", login="20260003")),
    )
    assert (found, strangers) == (["20260001", "20260002", "20260003"], [])


def test_canvas_writes_names_without_spaces() -> None:
    known = Known("canvas", "17", name="李小明")
    assert ids(candidate("李小明", known)) == (["20260001"], [])


def test_a_name_that_two_people_have_is_nobodys() -> None:
    doe = candidate("annadoe", Known("canvas", "18", name="annadoe"))
    assert ids(doe) == (["annadoe"], ["annadoe"])
    first = candidate("王芳 (1)", Known("canvas", "1", name="王芳"))
    second = candidate("王芳 (2)", Known("canvas", "2", name="王芳"))
    assert ids(first, second)[1] == ["王芳 (1)", "王芳 (2)"]


def test_the_number_of_an_account_is_no_student_id() -> None:
    known = Known("canvas", "20260004", name="somebody")
    assert ids(candidate("somebody", known)) == (["somebody"], ["somebody"])


def test_traits_that_contradict_each_other_decide_nothing() -> None:
    known = Known("gradescope", "x", login="20260001", email="wang@x.cn")
    assert ids(candidate("x", known)) == (["x"], ["x"])
