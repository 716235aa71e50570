from __future__ import annotations

from pathlib import Path

import pytest

from grader.isolation import mounts
from grader.isolation.mounts import other_names

TABLE = r"""22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw
23 22 0:21 / /proc rw - proc proc rw
30 22 8:2 /classes/a\040b /usr/share/class rw - ext4 /dev/sda2 rw
31 22 8:2 / /srv rw - ext4 /dev/sda2 rw
32 22 8:1 /home/anna/course /usr/src/app ro - ext4 /dev/sda1 rw
33 22 8:1 /home/anna/course/solutions /usr/lib/answers ro - ext4 /dev/sda1 rw
"""


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mountinfo").write_text(TABLE)
    monkeypatch.setattr(mounts, "TABLE", tmp_path / "mountinfo")


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("/srv/classes/a b", {"/usr/share/class"}),
        ("/srv/classes/a b/anna", {"/usr/share/class/anna"}),
        ("/usr/share/class", {"/srv/classes/a b"}),
        ("/home/anna/course", {"/usr/src/app", "/usr/lib/answers"}),
        ("/home/anna/course/solutions/01", {"/usr/src/app/solutions/01", "/usr/lib/answers/01"}),
        ("/home/anna", {"/usr/src/app", "/usr/lib/answers"}),
        ("/home/bert", set()),
        ("/", set()),
        ("/srv/classes/c", set()),
    ],
)
def test_a_folder_that_is_shown_twice_has_two_names(folder: str, names: set[str]) -> None:
    assert other_names(Path(folder)) == set(map(Path, names))


def test_where_nothing_is_known_of_mounts_a_folder_has_one_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mounts, "TABLE", Path("/no/such"))
    assert other_names(Path("/srv")) == set()
