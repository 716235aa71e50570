"""The gradebook goes away while a class is graded, and comes back: what is lost, what is said?"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.gradebook import move_points
from grader.course.assignment import load_assignments
from grader.errors import GradebookError
from grader.gradebook import Gradebook
from grader.grading import grade_class, regrade_class, regrading
from grader.intake import find_candidates
from tests.gradebook.postgres import server
from tests.notebooks import EXACT_LINE, lesson, save
from tests.recordings import Recordings, copy_course

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.grading import Regrading
    from grader.models import GradedSubmission

CLASS = 30
FEW_EPOCHS = EXACT_LINE.train.replace("epochs = 100", "epochs = 50")
Points = dict[str, float | None]


class Course:
    """A class of thirty, of whom every third has too few epochs; no kernel is started."""

    def __init__(self, root: Path) -> None:
        self.root = copy_course(root / "course")
        self.handed_in = root / "class"
        for number in range(CLASS):
            train = EXACT_LINE.train if number % 3 else FEW_EPOCHS
            save(lesson(train=train), self.handed_in / f"s{number:02}.ipynb")
        self.due = self.grade(str(root / "undisturbed.db"))

    def grade(self, where: str, after: Callable[[int], None] = lambda _: None) -> Points:
        """Grade into a gradebook, and tell `after` how many are done; gives all that it holds."""
        done: list[GradedSubmission] = []

        def tell(graded: GradedSubmission) -> None:
            done.append(graded)
            after(len(done))

        with Gradebook(where, create=True) as book:
            grade_class(
                find_candidates([self.handed_in]),
                assignments=load_assignments(self.root),
                runner=Recordings(),
                book=book,
                jobs=2,
                on_graded=tell,
            )
        return kept(where)

    def regrade(self, where: str, after: Callable[[int], None] = lambda _: None) -> Regrading:
        with Gradebook(where) as book:
            done: list[object] = []

            def tell(regraded: object) -> None:
                done.append(regraded)
                after(len(done))

            return regrade_class(book, load_assignments(self.root), on_regraded=tell)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


def kept(where: str) -> Points:
    """The points of everyone who has a mark; nobody has half of one."""
    with Gradebook(where) as book:
        entries = [entry for entry in book.entries() if entry.maker is not None]
        assert all(entry.graded is not None and book.evidence(entry.work) for entry in entries)
        return {entry.work.student: entry.points for entry in entries}


def marks_made(where: str) -> int:
    with closing(sqlite3.connect(where)) as connection:
        return int(connection.execute("SELECT count(*) FROM mark").fetchone()[0])


def at(moment: int, happens: Callable[[], object]) -> Callable[[int], None]:
    def after(done: int) -> None:
        if done == moment:
            happens()

    return after


def test_a_gradebook_that_was_moved_away_goes_on_where_it_was_once_it_is_back(
    course: Course, tmp_path: Path
) -> None:
    place, away = tmp_path / "gradebook.db", tmp_path / "away.db"
    with pytest.raises(GradebookError, match="moved or deleted"):
        course.grade(str(place), at(10, lambda: shutil.move(place, away)))
    assert not place.exists()
    shutil.move(away, place)
    before = kept(str(place))
    assert 10 <= len(before) < CLASS
    assert before.items() <= course.due.items()
    assert course.grade(str(place)) == course.due
    assert marks_made(str(place)) == CLASS


def test_a_gradebook_that_was_deleted_is_made_anew(course: Course, tmp_path: Path) -> None:
    place = tmp_path / "gradebook.db"
    with pytest.raises(GradebookError, match="moved or deleted"):
        course.grade(str(place), at(10, place.unlink))
    assert not place.exists()
    assert course.grade(str(place)) == course.due
    assert marks_made(str(place)) == CLASS


def test_a_damaged_gradebook_is_named_and_a_copy_of_it_serves(
    course: Course, tmp_path: Path
) -> None:
    place, copy = tmp_path / "gradebook.db", tmp_path / "copy.db"
    course.grade(str(place))
    shutil.copy(place, copy)
    content = place.read_bytes()
    place.write_bytes(content[: len(content) // 3])
    damaged = place.read_bytes()
    with pytest.raises(GradebookError, match=r"damaged.*a copy"):
        course.grade(str(place))
    assert place.read_bytes()[: len(damaged)] == damaged
    shutil.copy(copy, place)
    assert course.grade(str(place)) == course.due
    assert marks_made(str(place)) == CLASS


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[], object]]:
    """A disk of 400 kB at `folder`; gives what makes it larger."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o"]
    made = subprocess.run([*mount, "size=400k", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no disk can be made here: {made.stderr.decode().strip()}")
    try:
        yield lambda: subprocess.check_call([*mount, "remount,size=50m", folder])
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.environment
def test_a_disk_that_runs_full_loses_nothing(course: Course, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as larger:
        place = tmp_path / "disk" / "gradebook.db"
        with pytest.raises(GradebookError, match=r"full.*give the same command again"):
            course.grade(str(place))
        larger()
        before = kept(str(place))
        assert 0 < len(before) < CLASS
        assert before.items() <= course.due.items()
        assert course.grade(str(place)) == course.due
        assert marks_made(str(place)) == CLASS


@pytest.mark.environment
def test_a_server_that_is_killed_loses_nothing(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrading, "_BUNCH", 4)
    # pytest's own folders are closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="grader-postgres-"))
    try:
        with server(folder) as running:
            place = running.new_database("outage")
            with pytest.raises(GradebookError, match="give the same command again") as raised:
                course.grade(place, at(10, running.kill))
            assert str(running.port) in str(raised.value)
            with pytest.raises(GradebookError, match="cannot be used"):
                course.grade(place)
            running.start()
            before = kept(place)
            assert 10 <= len(before) < CLASS
            assert before.items() <= course.due.items()
            assert course.grade(place) == course.due

            move_points(course.root / "assignments/01_exact_line/checks.py", "train.epochs")
            with pytest.raises(GradebookError, match="give the same command again"):
                course.regrade(place, at(3, running.kill))
            running.start()
            course.regrade(place)
            assert kept(place) == course.grade(str(tmp_path / "moved.db"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
