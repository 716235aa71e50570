"""Nobody's hand-in in another's hands: what one student hands in says nothing of the others."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from grader.errors import SubmissionUnreadable, UsageError
from grader.intake import find_candidates, find_hand_ins, read_member
from tests.lms import CANVAS, MOODLE, RIGHT, WRONG, unpacked, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from grader.intake import Candidate

    Make = Callable[[Mapping[str, bytes]], Path]

ALICE, BOB = "Alice Adams_101_assignsubmission_file_", "Bob Brown_102_assignsubmission_file_"
MALLORY = "Mallory Moe_103_assignsubmission_file_"
SWAPPED = (
    f'"{ALICE}": {{":submitters": [{{":name": Mallory Moe}}]}}\n'
    f'"{MALLORY}": {{":submitters": [{{":name": Alice Adams}}]}}\n'
).encode()


@pytest.fixture(params=[zipped, unpacked], ids=["zip", "folder"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    name = "download.zip" if request.param is zipped else "download"
    return lambda files: request.param(tmp_path / name, files)


def owners(path: Path) -> dict[str, list[str]]:
    """The files of each student."""
    found: dict[str, list[str]] = {}
    for one in find_candidates([path]):
        found.setdefault(one.student, []).append(file_of(one))
    return found


def file_of(one: Candidate) -> str:
    return (one.member or one.path.name).rpartition("/")[2]


# A platform's index


@pytest.mark.parametrize(
    "index",
    [
        SWAPPED,
        b"[" * 3_000,
        b'"a": {":submitters": [1]}',
        b"{}",
        b"a: &a [1,1]\nb: &b [*a,*a]\nc: &c [*b,*b]\n",
        b"",
        b"\xff\xfe",
    ],
)
def test_an_index_in_ones_own_folder_says_nothing(make: Make, index: bytes) -> None:
    files = {f"{who}/hw.ipynb": RIGHT for who in (ALICE, BOB, MALLORY)}
    found = owners(make({**files, f"{MALLORY}/submission_metadata.yml": index}))
    assert set(found) == {"Alice Adams", "Bob Brown", "Mallory Moe"}


def test_an_index_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "e", {"submission_1/nb.ipynb": RIGHT})
    (folder / "submission_metadata.yml").symlink_to("/dev/zero")
    assert "submission_1" in owners(folder)


def test_a_lone_students_index_is_not_believed(tmp_path: Path) -> None:
    index = b"submission_1: {':submitters': [{':name': Alice Adams}]}"
    files = {"mallory/submission_metadata.yml": index, "mallory/submission_1/nb.ipynb": RIGHT}
    with pytest.raises(UsageError, match="anyone could have written it"):
        find_candidates([zipped(tmp_path / "late.zip", files)])


@pytest.mark.parametrize(
    "entry", [b"{':submitters': [1]}", b"{':submitters': {}}", b"7", b"{':submitters': [[[]]]}"]
)
def test_a_broken_entry_of_an_index_spoils_that_entry_only(tmp_path: Path, entry: bytes) -> None:
    index = b"submission_1: {':submitters': [{':name': Anna}]}\nsubmission_2: " + entry
    files = {"submission_metadata.yml": index}
    files |= {f"submission_{number}/nb.ipynb": RIGHT for number in (1, 2)}
    assert set(owners(unpacked(tmp_path / "e", files))) == {"Anna", "submission_2"}


def test_a_folder_that_an_index_does_not_name_is_nobodys(make: Make) -> None:
    files = {"submission_metadata.yml": b"submission_1: {':submitters': [{':name': Anna}]}"}
    files |= {f"submission_{number}/nb.ipynb": RIGHT for number in (1, 2)}
    anna, nobody = find_candidates([make(files)])
    assert (anna.student, anna.problem, nobody.student) == ("Anna", None, "submission_2")
    assert "does not say whose" in str(nobody.problem)


def test_aliases_of_aliases_are_not_multiplied(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    lines += ["submission_1: {':submitters': [{':name': *a29}, {':name': Anna}]}"]
    files = {"submission_metadata.yml": "\n".join(lines).encode(), "submission_1/n.ipynb": RIGHT}
    assert set(owners(unpacked(tmp_path / "e", files))) == {"Anna"}


def test_two_students_of_one_name_in_an_export_stay_two(tmp_path: Path) -> None:
    index = b"\n".join(
        b"submission_%d: {':submitters': [{':name': Anna Doe, ':email': %d@x.cn}]}" % (n, n)
        for n in (1, 2)
    )
    files = {"submission_metadata.yml": index}
    files |= {f"submission_{number}/nb.ipynb": RIGHT for number in (1, 2)}
    found = owners(unpacked(tmp_path / "e", files))
    assert set(found) == {"Anna Doe (1@x.cn)", "Anna Doe (2@x.cn)"}


# The form that a class came in


@pytest.mark.parametrize(
    "place",
    [
        "submitted/zoe/x/hw.ipynb",
        "resubmitted/hw.ipynb",
        "submitted/bob.ipynb",
        "bob_1_2_hw.ipynb",
        "Bob Brown_102_assignsubmission_file_/hw.ipynb",
        "HW_bob_attempt_2026-11-20-10-00-00_hw.ipynb",
        "alice/hw.ipynb",
    ],
)
def test_a_name_in_ones_own_folder_decides_about_nobody(make: Make, place: str) -> None:
    others = {"alice/hw.ipynb": RIGHT, "bob/hw.ipynb": RIGHT}
    found = owners(make({**others, f"mallory/{place}": WRONG}))
    assert set(found) == {"alice", "bob", "mallory"}
    assert found["alice"] == found["bob"] == ["hw.ipynb"]


@pytest.mark.parametrize(
    "name",
    [
        "Bob_102_assignsubmission_file_hw.ipynb",
        "HW_bob_attempt_2026-11-20-10-00-00_hw.ipynb",
        "bob_5_6_hw.ipynb",
    ],
)
def test_the_end_of_a_flat_name_is_the_students_and_tells_nothing(make: Make, name: str) -> None:
    canvas = {f"alice_17_901_{name}": RIGHT, "bob_18_902_hw.ipynb": RIGHT}
    assert set(owners(make(canvas))) == {"alice", "bob"}


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("Anna_Doe_32_assignsubmission_file/nb.ipynb", "Anna_Doe"),
        ("Anna_Doe_32_assignsubmission_file_nb.ipynb", "Anna_Doe"),
        ("Al_101_assignsubmission_file_x_55_assignsubmission_file_/nb.ipynb",
         "Al_101_assignsubmission_file_x"),
        ("Mo_5_assignsubmission_file_Al_101_assignsubmission_file_nb.ipynb", "Mo"),
        ("HW_mo_attempt_2026-11-20-10-00-00_x_al_attempt_2026-11-21-10-00-00_nb.ipynb", "mo"),
    ],
)  # fmt: skip
def test_names_may_hold_what_looks_like_a_platforms_words(
    make: Make, name: str, student: str
) -> None:
    assert set(owners(make({name: RIGHT}))) == {student}


@pytest.mark.parametrize(("download", "late"), [(CANVAS, ["李小明 (23)"]), (MOODLE, [])])
def test_a_stray_notebook_beside_a_download_is_its_own(
    make: Make, download: dict[str, bytes], late: list[str]
) -> None:
    without = {one.student for one in find_candidates([make(download)])}
    found = find_candidates([make({**download, "stray.ipynb": RIGHT})])
    assert {one.student for one in found} == {"stray", *without}
    assert [one.student for one in found if one.marked_late] == late


def test_dates_in_names_are_no_numbers_of_canvas(make: Make) -> None:
    names = ["2026_11_20_anna.ipynb", "2026_11_20_bert.ipynb", "2026_11_21_cem.ipynb"]
    assert len(owners(make(dict.fromkeys(names, RIGHT)))) == 3


def test_when_it_came_is_nothing_that_students_write_themselves(make: Make) -> None:
    (one,) = find_candidates([make({"anna/nb.ipynb": RIGHT, "anna/timestamp.txt": b"2020-01-01"})])
    assert one.handed_in_at is None


def test_nbgraders_timestamp_stands_beside_the_notebook(make: Make) -> None:
    place = "submitted/anna/week_1"
    files = {f"{place}/nb.ipynb": RIGHT, f"{place}/x/timestamp.txt": b"2020-01-01"}
    (one,) = find_candidates([make({**files, f"{place}/timestamp.txt": b"2026-11-20 10:00 UTC"})])
    assert one.handed_in_at is not None
    assert one.handed_in_at.year == 2026


def test_repositories_below_one_folder_are_students(make: Make) -> None:
    files = {f"hw1-submissions/hw1-{who}/hw.ipynb": RIGHT for who in ("alice", "bob")}
    files |= {f"hw1-submissions/hw1-{who}/README.md": b"# hw1" for who in ("alice", "bob")}
    assert set(owners(make({**files, "README.md": b"# all"}))) == {"hw1-alice", "hw1-bob"}


def test_a_lone_folder_in_a_zip_is_a_class_unless_its_student_is_known(tmp_path: Path) -> None:
    files = {"mallory/alice/hw.ipynb": RIGHT, "mallory/bob/hw.ipynb": RIGHT}
    path = zipped(tmp_path / "late.zip", files)
    found = find_hand_ins([path], students=["mallory"])
    assert {one.student for one in found.candidates} == {"mallory"}
    unknown = find_hand_ins([path])
    assert {one.student for one in unknown.candidates} == {"alice", "bob"}
    assert "taken for the class folder" in str(unknown.notes[0])


@pytest.mark.parametrize("inner", ["alice", "Alice Adams_101_assignsubmission_file"])
def test_a_lone_folder_on_a_disk_is_its_students(tmp_path: Path, inner: str) -> None:
    files = {f"mallory/{inner}/hw.ipynb": RIGHT, f"mallory/{inner}2/hw.ipynb": WRONG}
    assert set(owners(unpacked(tmp_path / "late", files))) == {"mallory"}


def test_logins_of_blackboard_with_an_underscore_are_told_apart(make: Make) -> None:
    names = [f"HW1_{who}_smith_attempt_2026-11-20-10-00-00" for who in ("john", "jane")]
    files = {f"{name}_hw.ipynb": RIGHT for name in names}
    assert len(owners(make(files))) == 2
    notes = {
        f"{name}.txt": f"Name: X Y ({name.split('_', 1)[1].partition('_attempt')[0]})".encode()
        for name in names
    }
    assert set(owners(make({**files, **notes}))) == {"john_smith", "jane_smith"}


# Everything is on the list


@pytest.mark.parametrize("name", ["work.ipynb.txt", "work.json", "work.IPYNB.TXT", "work", "w.bin"])
def test_a_notebook_under_another_name_is_read_as_one(make: Make, name: str) -> None:
    (one,) = find_candidates([make({f"bert/{name}": RIGHT})])
    assert one.problem is None
    assert f"was called {name}" in str(one.remark)


def test_a_class_of_nothing_but_renamed_notebooks_is_read(make: Make) -> None:
    files = {"anna.json": RIGHT, "bert.txt": RIGHT, "notes.txt": b"for me"}
    found = {one.student: one for one in find_candidates([make(files)])}
    assert set(found) == {"anna", "bert", "notes"}
    assert found["anna"].remark is not None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "gb18030", "utf-8-sig"])
def test_it_is_found_in_any_encoding(make: Make, encoding: str) -> None:
    (one,) = find_candidates([make({"bert/work.json": RIGHT.decode().encode(encoding)})])
    assert one.remark is not None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("work.py", b"import torch"),
        ("scan.pdf", b"%PDF-1.4"),
        ("work.zip", b"PK\x03\x04"),
        ("data.json", b'{"cells": 3}'),
        ("data.json", b'{"nbformat": "4", "cells": []}'),
    ],
)
def test_what_is_no_notebook_is_listed_by_student_and_name(
    make: Make, name: str, content: bytes
) -> None:
    found = owners(make({"anna/nb.ipynb": RIGHT, f"bert/{name}": content}))
    assert found == {"anna": ["nb.ipynb"], "bert": [name]}


def test_zips_alone_and_beside_notebooks_are_listed(tmp_path: Path) -> None:
    zips = {"anna.zip": b"PK\x03\x04", "bert.zip": b"PK\x03\x04"}
    assert set(owners(unpacked(tmp_path / "a", zips))) == {"anna", "bert"}
    mixed = {**zips, "cem.ipynb": RIGHT}
    assert set(owners(unpacked(tmp_path / "b", mixed))) == {"anna", "bert", "cem"}


def test_a_notebook_however_deep_is_found(make: Make) -> None:
    assert owners(make({"a/b/c/d/e/f/hw.ipynb": RIGHT})) == {"a": ["hw.ipynb"]}


def test_folders_without_end_are_listed_and_not_entered(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    deepest = folder / "anna" / "/".join("x" * 40)
    deepest.mkdir(parents=True)
    (one,) = find_candidates([folder])
    assert (one.student, "folders deep" in str(one.problem)) == ("anna", True)


def test_an_empty_folder_is_a_student_without_work(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "class", {"anna/nb.ipynb": RIGHT})
    (folder / "bert").mkdir()
    assert "empty" in str({one.student: one for one in find_candidates([folder])}["bert"].problem)


def test_links_and_texts_of_canvas_are_listed(make: Make) -> None:
    path = make(
        {
            "annadoe_17_901_hw.ipynb": RIGHT,
            "berta_18_link.html": b"<html>",
            "cem_LATE_19_text.html": b"<p>x",
        }
    )
    found = {one.student: one for one in find_candidates([path])}
    assert set(found) == {"annadoe", "berta", "cem"}
    assert found["cem"].marked_late


def test_what_lies_beside_a_notebook_is_named_with_it(make: Make) -> None:
    path = make({"anna/nb.ipynb": RIGHT, "anna/plot.png": b"\x89PNG", "anna/src/x.py": b""})
    (one,) = find_candidates([path])
    assert one.beside == ("anna/plot.png", "anna/src/x.py")


def test_two_members_of_one_name_are_both_told_of(tmp_path: Path) -> None:
    path = zipped(tmp_path / "c.zip", {"anna/nb.ipynb": RIGHT, "bert/nb.ipynb": WRONG})
    path.write_bytes(path.read_bytes().replace(b"bert/nb", b"anna/nb"))
    (one,) = find_candidates([path])
    assert "2 files with this name" in str(one.problem)


def test_what_is_apart_was_not_handed_in(tmp_path: Path) -> None:
    files = {"anna.ipynb": RIGHT, "reports/01/anna.json": b"{}", "gradebook.db": b"SQLite"}
    folder = unpacked(tmp_path / "class", files)
    found = find_hand_ins([folder], apart=[folder / "reports", folder / "gradebook.db"])
    assert [one.student for one in found.candidates] == ["anna"]


def test_what_lies_beside_submitted_is_listed(make: Make) -> None:
    files = {"submitted/anna/w/nb.ipynb": RIGHT, "source/w/nb.ipynb": RIGHT}
    anna, bob, cem = find_candidates(
        [make({**files, "bob/nb.ipynb": RIGHT, "cem/scan.pdf": b"%PDF"})]
    )
    assert [one.student for one in (anna, bob, cem)] == ["anna", "bob", "cem"]
    assert anna.problem is None
    assert all("next to the folder submitted" in str(one.problem) for one in (bob, cem))


def test_a_text_that_was_typed_in_is_listed_as_that(make: Make) -> None:
    files = {
        "HW_anna_attempt_2026-11-20-10-00-00_hw.ipynb": RIGHT,
        "HW_anna_attempt_2026-11-20-10-00-00.txt": b"Name: Anna (anna)",
        "HW_bert_attempt_2026-11-20-10-00-00.txt": b"Name: Bert (bert)",
    }
    anna, bert = find_candidates([make(files)])
    assert (anna.problem, anna.beside, bert.student) == (None, (), "bert")
    assert "Nothing was uploaded" in str(bert.problem)


def test_a_hidden_folder_with_a_notebook_is_a_students(make: Make) -> None:
    assert set(owners(make({"anna/hw.ipynb": RIGHT, ".bert/hw.ipynb": RIGHT}))) == {"anna", ".bert"}


def test_a_thousand_notebooks_of_one_student_are_one_line(make: Make) -> None:
    files = {f"mallory/{n}.ipynb": b"{}" for n in range(1_000)}
    alice, mallory = find_candidates([make({**files, "alice/hw.ipynb": RIGHT})])
    assert alice.problem is None
    assert "1000 notebooks" in str(mallory.problem)


def test_thousands_of_files_of_one_student_hold_up_nobody(make: Make) -> None:
    files = {f"mallory/data/{n // 100}/{n}.png": b"" for n in range(2_500)}
    path = make({**files, "mallory/hw.ipynb": RIGHT, "alice/hw.ipynb": RIGHT})
    alice, mallory = find_candidates([path])
    assert (alice.problem, mallory.problem) == (None, None)
    assert len(mallory.beside) == 21


def test_a_name_of_thousands_of_folders_is_listed_and_costs_nothing(tmp_path: Path) -> None:
    files = {"alice/hw.ipynb": RIGHT, "mallory/" + "a/" * 30_000 + "hw.ipynb": WRONG}
    alice, mallory = find_candidates([zipped(tmp_path / "c.zip", files)])
    assert alice.problem is None
    assert "folders deep" in str(mallory.problem)


@pytest.mark.parametrize("index", [b"", b"[", b"other: 1"])
def test_an_index_of_no_export_ends_nothing(make: Make, index: bytes) -> None:
    assert "alice" in owners(make({"alice.ipynb": RIGHT, "submission_metadata.yml": index}))


def test_of_several_paths_one_that_is_damaged_is_listed(tmp_path: Path) -> None:
    good = zipped(tmp_path / "good.zip", {"anna/hw.ipynb": RIGHT})
    (tmp_path / "bad.zip").write_bytes(b"")
    anna, bad = sorted(find_candidates([good, tmp_path / "bad.zip"]), key=lambda one: one.student)
    assert (anna.student, anna.problem) == ("anna", None)
    assert "cannot be opened as a zip" in str(bad.problem)


def test_what_is_packed_in_an_unknown_way_is_not_called_locked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "c.zip", {"anna/hw.ipynb": RIGHT})
    raw = bytearray(path.read_bytes())
    central = raw.find(b"PK\x01\x02")
    raw[8] = raw[central + 10] = 97
    path.write_bytes(raw)
    with pytest.raises(SubmissionUnreadable, match="not supported"):
        read_member(path, "anna/hw.ipynb")


def test_names_in_bytes_of_another_encoding_are_read(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "class", {"anna.ipynb": RIGHT})
    name = os.fsencode(folder) + b"/" + "李华".encode("gbk") + b".ipynb"
    (folder / "anna.ipynb").rename(os.fsdecode(name))
    (one,) = find_candidates([folder])
    assert one.student == "李华"
    assert one.path.read_bytes() == RIGHT


@pytest.mark.parametrize("damage", [b"\xff" * 40, b""])
def test_a_damaged_member_is_that_members_fault(tmp_path: Path, damage: bytes) -> None:
    path = zipped(tmp_path / "c.zip", {"anna/nb.ipynb": RIGHT, "bert/nb.ipynb": RIGHT})
    raw = bytearray(path.read_bytes())
    raw[60:100] = damage.ljust(40, b"\0")
    path.write_bytes(raw)
    anna, bert = find_candidates([path])
    with pytest.raises(SubmissionUnreadable):
        read_member(path, anna.member or "")
    assert read_member(path, bert.member or "") == RIGHT
