from __future__ import annotations

import stat
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from grader.errors import SubmissionUnreadable, UsageError
from grader.intake import Candidate, find_candidates, read_member
from grader.intake.archives import MEMBER_LIMIT_MB
from tests.lms import BLACKBOARD, CANVAS, GRADESCOPE, MOODLE, RIGHT, WRONG, unpacked, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@pytest.fixture(params=[zipped, unpacked], ids=["zip", "folder"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Mapping[str, bytes]], Path]:
    """Lays files out as a platform hands them out: packed, and as a teacher unpacks them."""
    name = "download.zip" if request.param is zipped else "download"
    return lambda files: request.param(tmp_path / name, files)


def found(path: Path) -> dict[str, list[Candidate]]:
    by_student: dict[str, list[Candidate]] = {}
    for candidate in find_candidates([path]):
        by_student.setdefault(candidate.student, []).append(candidate)
    return by_student


def content(candidate: Candidate) -> bytes:
    if candidate.member is not None:
        return read_member(candidate.path, candidate.member)
    return candidate.path.read_bytes()


def test_canvas_tells_students_attempts_and_who_is_late(
    make: Callable[[Mapping[str, bytes]], Path],
) -> None:
    students = found(make(CANVAS))
    assert set(students) == {"doeanna", "李小明 (23)", "李小明 (24)", "ghostgina"}
    first, second = sorted(students["doeanna"], key=lambda c: c.attempt or 0)
    assert (content(first), content(second)) == (WRONG, RIGHT)
    late, other = students["李小明 (23)"], students["李小明 (24)"]
    assert [c.marked_late for c in (*late, *other)] == [True, False]
    assert [c.known and c.known.account for c in (*late, *other)] == ["23", "24"]


def test_who_handed_in_no_notebook_is_listed_all_the_same(
    make: Callable[[Mapping[str, bytes]], Path],
) -> None:
    (only,) = found(make(CANVAS))["ghostgina"]
    assert content(only) == b"%PDF-1.4"


@pytest.mark.parametrize(
    ("name", "student", "late"),
    [
        ("anon_a1B2c_901_nb.ipynb", "anon_a1B2c", False),
        ("LATE_anon_x9_902_nb.ipynb", "anon_x9", True),
    ],
)
def test_anonymous_students_of_canvas_stay_anonymous(
    tmp_path: Path, name: str, student: str, late: bool
) -> None:
    (only,) = find_candidates([zipped(tmp_path / "a.zip", {name: RIGHT})])
    assert (only.student, only.marked_late) == (student, late)


def test_moodle_tells_students_of_one_name_apart(
    make: Callable[[Mapping[str, bytes]], Path],
) -> None:
    students = found(make(MOODLE))
    assert set(students) == {"李 小明", "Anna Doe (32)", "Anna Doe (33)", "Participant"}
    assert content(students["Anna Doe (32)"][0]) == WRONG
    assert {c.known.account for cs in students.values() for c in cs if c.known} == {
        "31",
        "32",
        "33",
        "34",
    }


@pytest.mark.parametrize(
    "name",
    [
        "李 小明_31_assignsubmission_file_作业.ipynb",
        "李 小明_31_assignsubmission_file_/作业.ipynb",
        "kurs-aufgabe-5/李 小明_31_assignsubmission_file/a_b.ipynb",
    ],
)
def test_older_and_flat_downloads_of_moodle_are_read(tmp_path: Path, name: str) -> None:
    (only,) = find_candidates([zipped(tmp_path / "a.zip", {name: RIGHT})])
    assert (only.student, only.known and only.known.account) == ("李 小明", "31")


def test_blackboard_tells_when_each_attempt_came(
    make: Callable[[Mapping[str, bytes]], Path],
) -> None:
    students = found(make(BLACKBOARD))
    assert set(students) == {"adoe", "lxm"}
    last = max(students["adoe"], key=lambda c: c.handed_in_at or datetime.min.replace(tzinfo=UTC))
    assert content(last) == RIGHT
    assert last.handed_in_at is not None
    assert last.handed_in_at.day == 21


def test_gradescopes_metadata_tells_each_member_of_a_group(
    make: Callable[[Mapping[str, bytes]], Path],
) -> None:
    students = found(make(GRADESCOPE))
    assert set(students) == {"李小明", "Anna Doe", "submission_409194024"}
    (li,), (anna,) = students["李小明"], students["Anna Doe"]
    assert content(li) == content(anna) == RIGHT
    assert li.known is not None
    assert (li.known.login, li.known.email) == ("20260001", "li@x.cn")
    assert li.handed_in_at == datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)


def test_metadata_that_would_make_objects_makes_none(tmp_path: Path) -> None:
    evil = b"submission_1: !!python/object/apply:os.system ['touch /tmp/owned']\n"
    files = {"e/submission_metadata.yml": evil, "e/submission_1/nb.ipynb": RIGHT}
    with pytest.raises(UsageError, match="Export the submissions again"):
        find_candidates([zipped(tmp_path / "a.zip", files)])


@pytest.mark.parametrize(
    ("names", "owners"),
    [
        (["anna.ipynb", "bert.ipynb"], [("anna", None), ("bert", None)]),
        (["anna/nb.ipynb", "bert/nb.ipynb"], [("anna", None), ("bert", None)]),
        (["hw/anna.ipynb", "hw/bert.ipynb"], [("anna", None), ("bert", None)]),
        (["week/anna/nb.ipynb", "week/bert/nb.ipynb"], [("anna", None), ("bert", None)]),
        (["anna/a.ipynb", "anna/b.ipynb"], [("anna", None), ("anna", None)]),
        (["submitted/anna/w1/nb.ipynb"], [("anna", "w1")]),
        (["c/submitted/anna/w1/nb.ipynb", "c/source/w1/nb.ipynb"], [("anna", "w1")]),
    ],
)
def test_a_zip_of_plain_folders_is_read_like_the_folders(
    tmp_path: Path, names: list[str], owners: list[tuple[str, str | None]]
) -> None:
    candidates = find_candidates([zipped(tmp_path / "hw.zip", dict.fromkeys(names, RIGHT))])
    assert [(c.student, c.assignment) for c in candidates] == owners


def test_a_student_who_is_called_like_a_download_stays_a_student(tmp_path: Path) -> None:
    names = ["a_1_2_b.ipynb", "anna.ipynb"]
    candidates = find_candidates([unpacked(tmp_path / "c", dict.fromkeys(names, RIGHT))])
    assert [c.student for c in candidates] == ["a_1_2_b", "anna"]


# Zips that mean harm, or met some on their way


@pytest.mark.parametrize("name", ["../../evil.ipynb", "/evil.ipynb", "..\\..\\evil.ipynb"])
def test_names_that_lead_out_of_a_zip_write_nothing_anywhere(tmp_path: Path, name: str) -> None:
    (only,) = find_candidates([zipped(tmp_path / "a.zip", {name: RIGHT})])
    assert (only.student, content(only)) == ("evil", RIGHT)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.zip"]


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("anna_1_2_nb.ipynb")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    (only,) = find_candidates([tmp_path / "a.zip"])
    with pytest.raises(SubmissionUnreadable, match="link"):
        content(only)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"anna.ipynb": b"0" * (MEMBER_LIMIT_MB * 1_000_000 + 1)})
    assert path.stat().st_size < 100_000
    (only,) = find_candidates([path])
    with pytest.raises(SubmissionUnreadable, match="more than 20 MB"):
        content(only)


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"anna.ipynb": b"0" * (MEMBER_LIMIT_MB * 1_000_000 + 1)})
    true = (MEMBER_LIMIT_MB * 1_000_000 + 1).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(true, (5).to_bytes(4, "little")))
    (only,) = find_candidates([path])
    with pytest.raises(SubmissionUnreadable):
        content(only)


def test_a_file_with_a_password_and_a_damaged_one_are_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"anna.ipynb": RIGHT})
    raw = bytearray(path.read_bytes())
    central = raw.find(b"PK\x01\x02")
    locked = bytearray(raw)
    locked[6] |= 1
    locked[central + 8] |= 1
    path.write_bytes(locked)
    with pytest.raises(SubmissionUnreadable, match="password"):
        read_member(path, "anna.ipynb")
    raw[60:90] = bytes(30)
    path.write_bytes(raw)
    with pytest.raises(SubmissionUnreadable, match="Download the zip again"):
        read_member(path, "anna.ipynb")


@pytest.mark.parametrize("content_", [b"", b"no zip", b"PK\x03\x04 broken off"])
def test_what_is_no_zip_is_named(tmp_path: Path, content_: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content_)
    with pytest.raises(UsageError, match="Download it again"):
        find_candidates([tmp_path / "a.zip"])


def test_names_in_another_encoding_are_read(tmp_path: Path) -> None:
    """Chinese Windows writes names in GBK and does not say so."""
    path = zipped(tmp_path / "a.zip", {"xxxxxx_7_8_nb.ipynb": RIGHT})
    path.write_bytes(path.read_bytes().replace(b"xxxxxx", "李小明".encode("gbk")))
    (only,) = find_candidates([path])
    assert only.student == "李小明"
    assert content(only) == RIGHT


def test_what_a_mac_adds_is_left_out(tmp_path: Path) -> None:
    files = {"anna.ipynb": RIGHT, "__MACOSX/._anna.ipynb": b"\0", ".DS_Store": b"\0"}
    (only,) = find_candidates([zipped(tmp_path / "a.zip", files)])
    assert only.student == "anna"
