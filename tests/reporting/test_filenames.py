from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reporting.filenames import class_path, file_stem, report_path

names = st.one_of(
    st.text(),
    st.text(alphabet="aAbB .-_~/\\:é\u0301e王ﬁ", max_size=6),
    st.sampled_from(["index", "Index", "CON", "con.txt", "..", ".", "", "~", "王小明"]),
)


def folded(name: str) -> str:
    """The name as a file system sees it that does not mind Unicode form."""
    return unicodedata.normalize("NFKC", name)


@given(names, names)
def test_different_names_never_meet_where_unicode_form_does_not_count(one: str, two: str) -> None:
    assert (one == two) == (folded(file_stem(one)) == folded(file_stem(two)))


@given(names)
def test_every_name_gives_one_file_inside_the_folder(name: str) -> None:
    stem = file_stem(name)
    assert Path("reports", stem).parent == Path("reports")
    assert len(f"{stem}.html".encode()) < 200
    assert not set(stem) & set('/\\:*?"<>|%#&`$\0\n')
    assert stem[0] not in ".-"
    assert stem[-1] not in ". "
    assert stem.casefold().split(".")[0] not in {"index", "con", "nul", "com1"}


@pytest.mark.parametrize(
    "name", ["王小明", "s001", "li_hua", "2023-011", "a.b", "Zoë Müller", "O'Brien"]
)
def test_a_plain_name_stays_as_it_is(name: str) -> None:
    assert file_stem(name) == name


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ("<script>alert(1)</script>", "script_alert(1)__script"),
        ('O\'Brien "Bob"', "O'Brien _Bob"),
        ("index", "index"),
        ("王" * 200, "王" * 26),
        ("///", "_"),
    ],
)
def test_any_other_name_keeps_what_is_readable(name: str, readable: str) -> None:
    assert file_stem(name).rpartition("~")[0] == readable


def test_a_report_stands_in_the_folder_of_its_assignment() -> None:
    assert report_path(Path("out"), "01_exact_line", "李华") == Path("out/01_exact_line/李华.html")
    assert class_path(Path("out"), "01_exact_line") == Path("out/01_exact_line/index.html")
