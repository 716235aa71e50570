"""Laws of the intake: nothing vanishes, and what one student hands in is that student's alone."""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.intake import find_hand_ins
from tests.lms import RIGHT, unpacked, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grader.intake import Candidate, HandIns

# What a student may call a file, to harm or by habit: paths below the student's own place.
PLACES = [
    "hw.ipynb",
    "hw (1).ipynb",
    "HW.IPYNB",
    "a/hw.ipynb",
    "a/b/c/d/hw.ipynb",
    "work.ipynb.txt",
    "work.json",
    "work.py",
    "scan.pdf",
    "work.zip",
    "作业.ipynb",
    "submitted/zoe/x/hw.ipynb",
    "submitted/anna.ipynb",
    "resubmitted/hw.ipynb",
    "timestamp.txt",
    "submission_metadata.yml",
    "submission_1/hw.ipynb",
    "Anna Adams_101_assignsubmission_file_/hw.ipynb",
    "anna_17_901_hw.ipynb",
    "HW_anna_attempt_2026-11-20-10-00-00_hw.ipynb",
    ".ipynb_checkpoints/hw-checkpoint.ipynb",
    ".git/config",
]
INDEX = b'"Anna Adams_101_assignsubmission_file_": {":submitters": [{":name": "Mallory"}]}\n'
CONTENTS = [RIGHT, b"", b"print(1)", b"%PDF-1.4", b"PK\x03\x04", INDEX, b"2026-01-01 00:00:00 UTC"]
NAMES = st.text(string.ascii_lowercase + "小明", min_size=1, max_size=6).map(str.strip)


@dataclass(frozen=True)
class HandIn:
    """What one student hands in, by place below the student's own."""

    student: str
    files: dict[str, bytes]


@dataclass(frozen=True)
class Form:
    """How a class's files are named, flat names where a platform knows no folders."""

    name: str
    place: Callable[[int, str, int, str], str]

    def laid_out(self, hand_ins: Iterable[HandIn]) -> dict[str, bytes]:
        return {
            self.place(number, one.student, count, place): content
            for number, one in enumerate(hand_ins)
            for count, (place, content) in enumerate(one.files.items())
        }


def flat(place: str) -> str:
    return place.replace("/", "-")


FORMS = [
    Form("folders", lambda _n, student, _c, place: f"{student}/{place}"),
    Form(
        "moodle",
        lambda n, student, _c, place: f"{student}_{500 + n}_assignsubmission_file/{place}",
    ),
    Form(
        "older moodle",
        lambda n, student, _c, place: f"{student}_{500 + n}_assignsubmission_file_/{place}",
    ),
    Form(
        "flat moodle",
        lambda n, student, _c, place: f"{student}_{500 + n}_assignsubmission_file_{flat(place)}",
    ),
    Form(
        "canvas",
        lambda n, student, c, place: f"{student}_{500 + n}_{9000 + 100 * n + c}_{flat(place)}",
    ),
    Form(
        "blackboard",
        lambda n, student, _c, place: f"HW_{student}{n}_attempt_2026-11-20-10-00-00_{flat(place)}",
    ),
    Form("nbgrader", lambda _n, student, _c, place: f"submitted/{student}/week/{place}"),
]

hand_ins = st.builds(
    HandIn,
    NAMES,
    st.dictionaries(st.sampled_from(PLACES), st.sampled_from(CONTENTS), min_size=1, max_size=4),
)
classes = st.lists(hand_ins, min_size=2, max_size=5, unique_by=lambda one: one.student)
forms = st.sampled_from(FORMS)
as_zip = st.booleans()
many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def found(folder: Path, files: dict[str, bytes], *, zip_: bool) -> HandIns:
    path = zipped(folder / "c.zip", files) if zip_ else unpacked(folder / "c", files)
    return find_hand_ins([path], lessons=["01_exact_line"])


def places(one: Candidate, root: Path, *, zip_: bool) -> set[str]:
    """Every file that a candidate stands for."""
    own = one.member if zip_ else str(one.path.relative_to(root / "c"))
    return {own or "", *one.beside}


def is_hidden(place: str) -> bool:
    return any(part in (".ipynb_checkpoints", ".git") for part in place.split("/"))


@many
@given(classes, forms, as_zip)
def test_every_file_is_a_candidate_or_beside_one_and_nobodys_but_its_students(
    class_: list[HandIn], form: Form, zip_: bool
) -> None:
    files = form.laid_out(class_)
    with TemporaryDirectory() as folder:
        root = Path(folder)
        candidates = found(root, files, zip_=zip_).candidates
        told = [place for one in candidates for place in places(one, root, zip_=zip_)]
    notes = {"timestamp.txt"} if form.name == "nbgrader" else set()
    expected = {
        place for place in files if not is_hidden(place) and place.rpartition("/")[2] not in notes
    }
    assert expected <= set(told)
    owners = {place: one.student for one in candidates for place in places(one, root, zip_=zip_)}
    for number, one in enumerate(class_):
        for count, place in enumerate(one.files):
            name = form.place(number, one.student, count, place)
            if name in expected:
                assert owners[name].startswith(one.student)


@many
@given(classes, forms, as_zip)
def test_every_student_is_on_the_list(class_: list[HandIn], form: Form, zip_: bool) -> None:
    with TemporaryDirectory() as folder:
        found_ = found(Path(folder), form.laid_out(class_), zip_=zip_)
    told = {one.student for one in found_.candidates}
    for number, one in enumerate(class_):
        if form.name == "blackboard":
            assert f"{one.student}{number}" in told
        elif not all(is_hidden(place) or place == "timestamp.txt" for place in one.files):
            assert one.student in told


@many
@given(classes, hand_ins, forms, as_zip)
def test_another_students_files_change_nothing_of_the_others(
    class_: list[HandIn], newcomer: HandIn, form: Form, zip_: bool
) -> None:
    if newcomer.student in {one.student for one in class_}:
        return

    def seen(students: list[HandIn]) -> list[Candidate]:
        with TemporaryDirectory() as folder:
            root = Path(folder)
            return [
                without_place(one, root)
                for one in found(root, form.laid_out(students), zip_=zip_).candidates
            ]

    before = seen(class_)
    after = seen([*class_, newcomer])
    assert [one for one in after if one in before] == before


def without_place(one: Candidate, root: Path) -> Candidate:
    from dataclasses import replace

    away = Path("/") / one.path.relative_to(root)
    return replace(one, path=away, download=None)
