from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.isolation import visible
from grader.isolation.tiers import LANDLOCK, ROOM
from grader.isolation.visible import Hidden, View, hidden_here, readable, view
from grader.kernels.trying import best_isolation, seen_in
from tests.kernels.running import linux_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = linux_only


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A made-up machine: what is /usr elsewhere."""
    root = tmp_path.resolve() / "usr"
    for folder in ("bin", "lib", "share", "src", "local/lib"):
        (root / folder).mkdir(parents=True)
    (root / "lib64").symlink_to("lib")
    monkeypatch.setattr(visible, "SYSTEM", (str(root), str(root / "local")))
    _forget()
    yield root
    _forget()


@pytest.fixture
def python_in(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Makes this Python one in a virtual environment of the machine."""

    def move(where: str) -> Path:
        prefix = machine / where
        packages = prefix / "lib/python3/site-packages"
        packages.mkdir(parents=True)
        (prefix / "bin").mkdir()
        (prefix / "bin/python").touch()
        (prefix / "pyvenv.cfg").touch()
        for name in ("prefix", "exec_prefix"):
            monkeypatch.setattr(sys, name, str(prefix))
        monkeypatch.setattr(sys, "executable", str(prefix / "bin/python"))
        paths = {"purelib": packages, "platlib": packages}
        own = sysconfig.get_path
        monkeypatch.setattr(sysconfig, "get_path", lambda name: str(paths.get(name) or own(name)))
        _forget()
        return prefix

    return move


def _forget() -> None:
    readable.cache_clear()
    view.cache_clear()


def course(folder: Path) -> Path:
    """A course with a solution."""
    (folder / "solutions/01").mkdir(parents=True)
    (folder / "solutions/01/reference.ipynb").touch()
    return folder


def seen(path: Path, shown: View) -> bool:
    """Whether a room shows a file: the innermost folder that it lies in decides."""
    nearest = max(
        (each for each in (*shown.shown, *shown.covered) if path.is_relative_to(each)),
        key=lambda each: len(each.parts),
        default=None,
    )
    return nearest is not None and nearest not in shown.covered


@pytest.mark.parametrize(
    "where", ["src/app", "local/course", "share/course", "lib/course", "local/lib/a/b", "games"]
)
def test_a_course_among_the_programs_of_a_machine_is_not_seen(machine: Path, where: str) -> None:
    folder = course(machine / where)
    shown = view(hidden_here([folder]))
    assert not seen(folder / "solutions/01/reference.ipynb", shown)
    assert shown.exposed == ()
    assert seen(machine / "lib/libc.so", shown)


@pytest.mark.parametrize("where", ["src/app/.venv", "share/app/.venv", "lib/x/y/env", "src/app"])
def test_a_python_in_the_course_is_seen_and_the_course_is_not(
    where: str, python_in: Callable[[str], Path]
) -> None:
    prefix = python_in(where)
    folder = course(prefix.parent if where != "src/app" else prefix)
    shown = view(hidden_here([folder]))
    assert not seen(folder / "solutions/01/reference.ipynb", shown)
    assert seen(prefix / "lib/python3/site-packages/torch.py", shown)
    assert seen(prefix / "bin/python", shown)
    assert seen(prefix / "pyvenv.cfg", shown)
    assert shown.exposed == ()


@pytest.mark.parametrize("where", ["course", "lib/python3/site-packages/course", "lib/course"])
def test_a_course_in_a_virtual_environment_is_not_seen(
    where: str, python_in: Callable[[str], Path]
) -> None:
    prefix = python_in("src/env")
    folder = course(prefix / where)
    shown = view(hidden_here([folder]))
    assert not seen(folder / "solutions/01/reference.ipynb", shown)
    assert seen(prefix / "lib/python3/site-packages/torch.py", shown)


def test_a_course_is_hidden_by_whatever_link_it_is_reached(machine: Path, tmp_path: Path) -> None:
    folder = course(machine / "share/course")
    (tmp_path / "link").symlink_to(folder)
    assert not seen(folder / "solutions", view(hidden_here([tmp_path / "link"])))
    # Two names of one folder among the programs are one folder.
    other = course(machine / "lib/course")
    assert not seen(other / "solutions", view(hidden_here([machine / "lib64/course"])))
    assert machine / "lib64" in view(Hidden()).links


def test_what_cannot_be_hidden_is_named(machine: Path, python_in: Callable[[str], Path]) -> None:
    packages = python_in("src/env") / "lib/python3/site-packages"
    for folder in (machine / "share", packages):
        hidden = hidden_here([folder / "gradebook.db"])
        assert view(hidden).exposed == (folder,)
        assert seen_in(ROOM, hidden) == (folder,)
        assert best_isolation((ROOM, LANDLOCK), hidden).tier not in {ROOM, LANDLOCK}


def test_a_file_stands_for_its_folder_as_does_one_that_is_still_to_come(machine: Path) -> None:
    folder = machine / "share/class"
    folder.mkdir()
    (folder / "anna.ipynb").touch()
    for path in (folder / "anna.ipynb", folder / "new/reports", folder / "gradebook.db"):
        assert folder in hidden_here([path]).wanted


@pytest.mark.parametrize("target", ["lib/libc.so", "share/words", "lib/no such", "loop"])
def test_a_link_that_was_handed_in_covers_nothing_of_the_machine(
    target: str, machine: Path, tmp_path: Path
) -> None:
    for name in ("lib/libc.so", "share/words"):
        (machine / name).touch()
    (machine / "loop").symlink_to("loop")
    handed_in = tmp_path / "anna.ipynb"
    handed_in.symlink_to(machine / target)
    assert hidden_here([handed_in]) == Hidden()


def test_where_nothing_can_be_covered_what_is_in_sight_is_told(machine: Path) -> None:
    beside, within = course(machine / "src/app"), course(machine / "share/course")
    hidden = hidden_here([beside, within])
    assert seen_in(LANDLOCK, hidden) == (within,)
    assert "share/course can be read in it" in best_isolation((LANDLOCK,), hidden).why


def test_where_one_works_the_grader_and_temporary_files_are_hidden_if_they_can_be(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "share/work").mkdir()
    monkeypatch.chdir(machine / "share/work")
    assert not seen(machine / "share/work/roster.csv", view(hidden_here()))
    monkeypatch.chdir(machine / "share")
    assert view(hidden_here()).exposed == ()
    monkeypatch.setattr(visible, "__file__", str(machine / "lib/grader/isolation/visible.py"))
    (machine / "lib/grader/kernels").mkdir(parents=True)
    assert not seen(machine / "lib/grader/checking.py", view(hidden_here()))


def test_only_what_would_be_seen_is_named_and_of_a_class_only_its_folder(
    machine: Path, python_in: Callable[[str], Path]
) -> None:
    students = [machine / f"share/class/student{number}" for number in range(3000)]
    assert hidden_here([machine / "src/app", machine / "games"]) == Hidden()
    for student in students:
        student.mkdir(parents=True)
    found = hidden_here([machine / "src/app", machine / "share/class", *students])
    assert found.wanted == (machine / "share/class",)
    # A Python between the two is laid on top of the outer one, and shows what lies in it.
    packages = python_in("share/class/.venv") / "lib/python3/site-packages"
    (packages / "course").mkdir()
    hidden = hidden_here([machine / "share/class", packages / "course"])
    assert not seen(packages / "course/solutions", view(hidden))


def test_what_is_hidden_reaches_other_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = Hidden((Path("/a b"), Path("/\u8bfe")), (Path("/c"),))
    monkeypatch.setenv(*next(iter(hidden.encode().items())))
    assert Hidden.told() == hidden
    assert Hidden.told() == Hidden()
