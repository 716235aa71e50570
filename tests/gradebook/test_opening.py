"""A gradebook that cannot be used says why, and loses nothing."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from grader.errors import GradebookError
from grader.gradebook import Gradebook, Kind, Maker, NewMark, Work, migrating, opening
from grader.models import Comment
from tests.reporting.samples import graded

MAKER = Maker("m" * 64, "d" * 64, "0.2.0")
WORDS = Comment("", "tutor", datetime(2026, 11, 20, 12, tzinfo=UTC))


def work(student: str) -> Work:
    return Work(student, "01_exact_line", "a" * 64, f"{student}.ipynb", b"{}")


def fill(book: Gradebook, *students: str) -> None:
    for student in students:
        book.record(NewMark(work(student), graded(student), MAKER, {}))


def students(where: str) -> list[str]:
    with Gradebook(where) as book:
        return [entry.work.student for entry in book.entries()]


def set_version(where: str, version: int) -> None:
    with closing(sqlite3.connect(where)) as connection, connection:
        connection.execute("UPDATE grader_gradebook SET schema_version = ?", [version])


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "gradebook.db")


def test_a_new_gradebook_makes_its_folder_and_is_in_wal_mode(tmp_path: Path) -> None:
    where = tmp_path / "deep" / "down" / "gradebook.db"
    with Gradebook(str(where), create=True):
        pass
    with closing(sqlite3.connect(where)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_one_that_was_never_made_is_not_made_by_looking(place: str) -> None:
    with pytest.raises(GradebookError, match="There is no gradebook"):
        Gradebook(place)
    assert not Path(place).exists()


def test_a_newer_gradebook_is_left_alone(place: str) -> None:
    with Gradebook(place, create=True) as book:
        fill(book, "anna")
    set_version(place, 99)
    before = Path(place).read_bytes()
    with pytest.raises(GradebookError, match="newer grader"):
        Gradebook(place, create=True)
    assert Path(place).read_bytes() == before


def test_an_older_gradebook_is_brought_up_to_date_step_by_step(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gradebook(place, create=True) as book:
        fill(book, "anna")

    def name_seats(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE student ADD COLUMN seat TEXT"))

    def seat_everyone(connection: Connection) -> None:
        connection.execute(text("UPDATE student SET seat = 'A1'"))

    now = migrating.VERSION
    monkeypatch.setattr(migrating, "VERSION", now + 2)
    monkeypatch.setattr(migrating, "MIGRATIONS", {now: name_seats, now + 1: seat_everyone})
    assert students(place) == ["anna"]
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("SELECT seat FROM student").fetchall() == [("A1",)]
        assert connection.execute("SELECT * FROM grader_gradebook").fetchall() == [(now + 2,)]


def schema(where: str) -> dict[str, list[object]]:
    """The columns, keys and indexes of each table, whenever they were added."""
    with closing(sqlite3.connect(where)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
        asked = ("table_xinfo", "foreign_key_list", "index_list", "index_info")
        return {
            f"{name}: {what}": sorted(
                (row[1:] for row in connection.execute(f"PRAGMA {what}({name!r})")), key=repr
            )
            for name in names
            for what in asked
        }


def test_a_gradebook_of_the_first_version_becomes_one_like_a_new_one(
    place: str, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(place)) as connection, connection:
        connection.executescript((Path(__file__).parent / "schema_1.sql").read_text("utf-8"))
        connection.execute("INSERT INTO student (id, name) VALUES ('anna', 'Anna')")
    new = str(tmp_path / "new.db")
    with Gradebook(new, create=True):
        pass
    with Gradebook(place) as book:
        fill(book, "bert")
        book.decide("bert", "01_exact_line", Kind.RELEASE, WORDS, seen=state(book, "bert"))
        assert sorted(book.students()) == ["anna", "bert"]
        assert book.review("bert", "01_exact_line").released
    assert schema(place) == schema(new)
    assert students(place) == ["bert"]


def test_one_that_has_the_table_already_only_gets_the_number(where: str) -> None:
    with Gradebook(where, create=True) as book:
        fill(book, "anna")
        book.decide("anna", "01_exact_line", Kind.RELEASE, WORDS, seen=state(book, "anna"))
    tell(where, "UPDATE grader_gradebook SET schema_version = 1")
    with Gradebook(where) as book:
        assert book.review("anna", "01_exact_line").released


def test_the_table_of_decisions_is_made_where_it_is_missing(where: str) -> None:
    with Gradebook(where, create=True) as book:
        fill(book, "anna")
    tell(where, "DROP TABLE decision", "UPDATE grader_gradebook SET schema_version = 1")
    with Gradebook(where) as book:
        assert not book.review("anna", "01_exact_line").released
        book.decide("anna", "01_exact_line", Kind.RELEASE, WORDS, seen=state(book, "anna"))
        assert book.review("anna", "01_exact_line").released
        assert book.undo("anna", "01_exact_line", "tutor", seen=state(book, "anna"))
    assert students(where) == ["anna"]


def tell(where: str, *statements: str) -> None:
    """Change a gradebook behind the grader's back."""
    engine = opening.open_database(where, create=False)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def state(book: Gradebook, student: str) -> str:
    return book.review(student, "01_exact_line").state


def test_a_migration_that_fails_changes_nothing(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gradebook(place, create=True) as book:
        fill(book, "anna")

    def break_halfway(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE student ADD COLUMN seat TEXT"))
        connection.execute(text("UPDATE nowhere SET seat = 'A1'"))

    with monkeypatch.context() as newer:
        newer.setattr(migrating, "VERSION", migrating.VERSION + 1)
        newer.setattr(migrating, "MIGRATIONS", {migrating.VERSION - 1: break_halfway})
        with pytest.raises(GradebookError):
            Gradebook(place)
    assert students(place) == ["anna"]
    with closing(sqlite3.connect(place)) as connection:
        assert "seat" not in connection.execute("SELECT sql FROM sqlite_master").fetchall()


def test_one_too_old_to_be_brought_up_to_date_says_so(place: str) -> None:
    with Gradebook(place, create=True):
        pass
    set_version(place, 0)
    with pytest.raises(GradebookError, match="older grader"):
        Gradebook(place)


def test_another_programs_database_is_recognised_and_left_alone(place: str) -> None:
    with closing(sqlite3.connect(place)) as connection, connection:
        connection.execute("CREATE TABLE assignment (id TEXT)")
    before = Path(place).read_bytes()
    with pytest.raises(GradebookError, match=r"another program.*assignment"):
        Gradebook(place, create=True)
    assert Path(place).read_bytes() == before


@pytest.mark.parametrize("content", [b"this is no database at all, whatever it is called", b"\0"])
def test_a_file_that_is_no_database_is_left_alone(place: str, content: bytes) -> None:
    Path(place).write_bytes(content * 100)
    with pytest.raises(GradebookError):
        Gradebook(place, create=True)
    assert Path(place).read_bytes() == content * 100


@pytest.mark.parametrize("where", ["nonsense://x", "sqlite:///a/b?c=d", "://"])
def test_a_place_that_is_none_is_named(where: str, tmp_path: Path) -> None:
    with pytest.raises(GradebookError):
        Gradebook(where.replace("/a", str(tmp_path / "no")), create=False)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(GradebookError) as raised:
        Gradebook("postgresql://grader:secret@127.0.0.1:1/x", create=True)
    assert "secret" not in str(raised.value)


def test_a_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GradebookError, match="--gradebook"):
        Gradebook(str(tmp_path / "file" / "gradebook.db"), create=True)


def test_a_read_only_gradebook_can_be_read_and_says_why_it_cannot_be_written() -> None:
    """Run by someone who is not the superuser, in a folder that everybody may look into."""
    folder = Path(tempfile.mkdtemp(prefix="grader-read-only-"))
    place = str(folder / "gradebook.db")
    with Gradebook(place, create=True) as book:
        fill(book, "anna")
    probe = f"""
import os
from grader.errors import GradebookError
from grader.gradebook import Gradebook
from tests.gradebook.test_opening import fill
with Gradebook("sqlite://", create=True) as everything_is_imported:
    fill(everything_is_imported, "anna")
if os.getuid() == 0:
    os.setuid(65534)
for create in (False, True):
    try:
        with Gradebook({place!r}, create=create) as book:
            fill(book, "bert")
    except GradebookError as error:
        print(error)
"""
    try:
        Path(place).chmod(0o444)
        folder.chmod(0o555)
        lines = python(probe).splitlines()
        assert [f"The gradebook {place} cannot be used" in line for line in lines] == [True, True]
        assert students(place) == ["anna"]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def python(source: str) -> str:
    """What a Python program of its own prints."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, cwd=root, check=True
    )
    return done.stdout


def test_a_locked_database_is_waited_for_and_then_named(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_PATIENCE_S", 0.2)
    with Gradebook(place, create=True) as book, closing(sqlite3.connect(place)) as other:
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(GradebookError, match="locked"):
            fill(book, "anna")
        other.execute("ROLLBACK")
        fill(book, "anna")
    assert students(place) == ["anna"]


def test_a_full_disk_is_named_and_what_was_written_before_stays(place: str) -> None:
    """A limit on the size of files does what a full disk does: writing fails."""
    probe = f"""
import resource, signal
from grader.errors import GradebookError
from tests.gradebook.test_opening import fill
from grader.gradebook import Gradebook
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Gradebook({place!r}, create=True) as book:
    fill(book, "anna")
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        for number in range(500):
            fill(book, f"s{{number}}")
            done = number
    except GradebookError as error:
        print(error)
        print(done)
"""
    message, last = python(probe).splitlines()
    assert "cannot be used" in message
    assert students(place) == ["anna", *sorted(f"s{n}" for n in range(int(last) + 1))]


@pytest.mark.parametrize("instead", [False, True])
def test_a_database_that_vanishes_is_named_and_nothing_is_written_beside_it(
    place: str, tmp_path: Path, instead: bool
) -> None:
    moved = str(tmp_path / "moved.db")
    with Gradebook(place, create=True) as book:
        fill(book, "anna")
        shutil.move(place, moved)
        if instead:
            Path(place).touch()
        with pytest.raises(GradebookError, match="moved or deleted"):
            fill(book, "bert")
        Path(place).unlink(missing_ok=True)
        shutil.move(moved, place)
        fill(book, "carl")
    assert students(place) == ["anna", "carl"]
