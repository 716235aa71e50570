from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.cli.isolation import IsolationWish, of_course, open_runner
from grader.cli.keeping import files_of_gradebook
from grader.cli.speaking import speaker_for
from grader.errors import UsageError
from tests.kernels.running import linux_only

# A database of SQLite and the files that it writes beside it.
ENDS = ("", "-wal", "-shm")


def test_a_course_is_hidden_with_what_its_links_lead_to(tmp_path: Path) -> None:
    course, elsewhere = tmp_path / "course", tmp_path / "elsewhere"
    for folder in (course / "assignments", elsewhere / "all/01_line", elsewhere / "02_line"):
        folder.mkdir(parents=True)
    (course / "solutions").symlink_to(elsewhere / "all")
    (course / "assignments/02_line").symlink_to(elsewhere / "02_line")
    named = {path.resolve() for path in of_course(course)}
    assert {course, elsewhere / "all/01_line", elsewhere / "02_line"} <= named


def test_a_gradebook_is_hidden_where_it_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "class.db"
    file.symlink_to(tmp_path / "true.db")
    both = [tmp_path / f"{name}.db{end}" for name in ("class", "true") for end in ENDS]
    assert files_of_gradebook(str(file)) == files_of_gradebook(f"sqlite:///{file}") == both
    assert files_of_gradebook("postgresql://grades@host/class") == []
    assert files_of_gradebook(None, [tmp_path / "anna.ipynb"])[0] == tmp_path / "gradebook.db"


@linux_only
@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "is a folder of this machine's programs"), ("zh", "是这台机器存放程序的文件夹")],
)
def test_marks_that_would_lie_among_the_programs_are_refused_with_what_to_do(
    language: str, said: str
) -> None:
    speaker = speaker_for(language)
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    with pytest.raises(UsageError) as refused:
        open_runner(IsolationWish.REQUIRED, speaker, hidden=[Path(packages) / "gradebook.db"])
    text = speaker.word(refused.value.messages[0])
    assert said in text
    assert packages in text
