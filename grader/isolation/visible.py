"""What students' code may see of a machine's files: its programs and this Python, nothing beside.

Named part by part, since a course may lie next to them: in /usr/src/app (where images of Docker
have theirs), in or around a virtual environment. What is to be hidden and lies inside one of these
parts is covered in a room; where that is not possible, no code may run.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.isolation.mounts import other_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MACHINE: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
PARTS: Final = (*("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "include", "share"),)
OF_PYTHON: Final = (*PARTS, "etc", "ssl", "pyvenv.cfg")
SYSTEM: Final = ("/usr", "/usr/local")
SCHEME: Final = ("stdlib", "platstdlib", "purelib", "platlib")
ROOT: Final = Path("/")
# How a program of ours is told what it is to hide.
VARIABLE: Final = "GRADER_HIDDEN"


@dataclass(frozen=True, slots=True)
class View:
    """What is shown, with what is covered of it again; `links` lead from one part to another.

    `exposed` ought to be covered and cannot. Whoever lays it all out goes by depth, so that a
    Python in a covered folder is shown nevertheless.
    """

    shown: tuple[Path, ...]
    links: tuple[Path, ...]
    covered: tuple[Path, ...]
    exposed: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Hidden:
    """Folders in sight of students' code that it must not see.

    Where one of `wanted` cannot be covered no code runs; those in `wished` are where they can be.
    """

    wanted: tuple[Path, ...] = ()
    wished: tuple[Path, ...] = ()

    def encode(self) -> dict[str, str]:
        """The environment that tells a program of ours."""
        told = [[str(path) for path in paths] for paths in (self.wanted, self.wished)]
        return {VARIABLE: json.dumps(told)}

    @classmethod
    def told(cls) -> Hidden:
        """What this program was told, once."""
        wanted, wished = json.loads(os.environ.pop(VARIABLE, "[[], []]"))
        return cls(tuple(map(Path, wanted)), tuple(map(Path, wished)))


def hidden_here(paths: Iterable[Path] = ()) -> Hidden:
    """These files and folders, and what no student's code has any business in.

    That is where the grader was started, where it unpacks lessons, and the grader itself. A file
    stands for its folder, and so does one that is still to come for the folder that will hold it.
    """
    package = Path(__file__).resolve().parents[1]
    around = (_working_folder(), Path(tempfile.gettempdir()), package)
    wanted = {_folder_of(path) for path in paths}
    wanted |= {name for folder in wanted for name in other_names(folder)}
    wished = {_folder_of(path) for path in around if path} - wanted
    return Hidden(_in_sight(wanted), _in_sight(wished))


@cache
def view(hidden: Hidden) -> View:
    """What a room shows."""
    parts = frozenset(_parts())
    shown = readable()
    links = {part for part in shown if part.is_symlink() and _lies_in(_real(part), shown)}
    bound = [part for part in shown if part not in links]
    covered: set[Path] = set()
    uncovered: set[Path] = set()
    exposed: set[Path] = set()
    for folder in (*hidden.wanted, *hidden.wished):
        places = {place for part in bound for place in _places(folder, part)}
        if places and any(_real(part) == folder for part in parts):
            exposed.add(folder)
            continue
        covered |= places
        uncovered |= {part for part in parts for place in places if part.is_relative_to(place)}
    return View(
        shown=_by_depth({*bound, *uncovered}),
        links=_by_depth(links),
        covered=_by_depth(covered),
        exposed=_by_depth(exposed.intersection(hidden.wanted)),
    )


@cache
def readable() -> tuple[Path, ...]:
    """The parts, none of which lies in another one."""
    every = frozenset(_parts())
    return _by_depth(part for part in every if every.isdisjoint(part.parents))


def _parts() -> Iterator[Path]:
    """Everything that is shown; much of it lies in other parts."""
    yield from (Path(folder) for folder in MACHINE if os.path.lexists(folder))
    yield from (path for folder in SYSTEM for path in _existing(Path(folder), PARTS))
    executable = Path(sys.executable)
    program = executable.resolve()
    prefixes = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix)}
    prefixes |= {each.parent.parent for each in (executable, program) if each.parent.name == "bin"}
    for prefix in sorted(prefixes - {ROOT, *map(Path, SYSTEM)}):
        yield from _existing(prefix, OF_PYTHON)
    for name in SCHEME:
        path = Path(sysconfig.get_path(name))
        if path.exists():
            yield path
    yield from (executable, program)


def _existing(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    return (folder / name for name in names if (folder / name).exists())


def _by_depth(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(sorted(paths, key=lambda path: (len(path.parts), path)))


def _in_sight(folders: set[Path]) -> tuple[Path, ...]:
    """Those that would be seen, without what lies in others: a class may have thousands.

    The rest is nobody's business in a kernel, not even the names.
    """
    seen = {each for each in folders if any(_places(each, part) for part in readable())}
    pythons = {above for part in _parts() for above in _real(part).parents}
    closed = seen - pythons
    return _by_depth(each for each in seen if closed.isdisjoint(each.parents))


def _lies_in(path: Path, parts: Iterable[Path]) -> bool:
    return any(path.is_relative_to(part) for part in parts if not part.is_symlink())


def _places(folder: Path, part: Path) -> tuple[Path, ...]:
    """Where a folder is found below a part, which may be a link."""
    real = _real(part)
    return (part / folder.relative_to(real),) if folder.is_relative_to(real) else ()


@cache
def _real(path: Path) -> Path:
    return path.resolve()


def _working_folder() -> Path | None:
    try:
        return Path.cwd()
    except OSError:
        return None  # it was deleted


def _folder_of(path: Path) -> Path:
    """The folder by its true name; of a file, or of what is still to come, that which holds it.

    Not where a file leads that is a link: a student may have handed it in, and it may lead to the
    machine's libraries.
    """
    folder = path.absolute()
    # Neither gives up on a link that leads to itself, or on a folder that cannot be entered.
    while not os.path.isdir(folder):  # noqa: PTH112
        folder = folder.parent
    return Path(os.path.realpath(folder))
