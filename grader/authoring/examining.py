"""Finds everything that is wrong with a lesson's files, at once: where it is, and what to do.

Grading, releasing and auditing stop at the first thing that they cannot work with; an author needs
the whole list.
"""

from __future__ import annotations

import ast
import re
import traceback
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING

import nbformat
import polib
from pydantic import ValidationError

from grader.authoring import regions
from grader.authoring.bank import Entry, bank_files, build, content_of
from grader.authoring.release import drifted, reference_faults
from grader.authoring.toml_places import line_of
from grader.course.assignment import AssignmentTable, load_checks, rubric_faults
from grader.diagnosis import CATALOGUE
from grader.errors import AssignmentError, BrokenTomlError
from grader.language.catalogues import CATALOGUES
from grader.language.messages import Message, say
from grader.models import CODE_STEPS
from grader.recipes.kinds import KINDS
from grader.recipes.reading import read_table, written_tolerances
from grader.submission import read_handouts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pydantic import BaseModel

    from grader.checks.checking import Check
    from grader.course.course import Folders

# polib has its own sentence only to say where a catalogue is broken.
_LINE = re.compile(r"\(line (\d+)\)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to fix; `line` counts from 1, None if a file has no meaningful lines."""

    path: Path
    message: Message
    line: int | None = None

    @property
    def told(self) -> Message:
        """The problem with its place, as a terminal can jump to it."""
        place = str(self.path) if self.line is None else f"{self.path}:{self.line}"
        return say("{place}: {problem}", place=place, problem=self.message)


def require_sound(lessons: Sequence[Folders], *, finished: bool = True) -> None:
    """AssignmentError with all problems of these lessons, if any."""
    found = [message for home in lessons for message in examine(home, finished)]
    if found:
        raise AssignmentError(*found)


def require_usable(lessons: Sequence[Folders]) -> None:
    """The same for what grading needs: numbers, checks, Chinese, handouts and references."""
    found = [message for home in lessons for message in _usable(home, True)]
    if found:
        raise AssignmentError(*found)


def examine(home: Folders, finished: bool = True) -> tuple[Message, ...]:
    """Every problem of a lesson; one that is not `finished` may lack tolerances and handouts."""
    found = list(_usable(home, finished))
    if finished:
        found += [problem.told for problem in _bank(home)]
        if not found:
            found += [
                Problem(path, say("is out of date. Run `grader release {id}`.", id=home.id)).told
                for path in drifted(home)
            ]
    return tuple(found)


def _usable(home: Folders, finished: bool) -> Iterator[Message]:
    folder = home.assignment
    numbers = tuple(_table(home.table, AssignmentTable))
    yield from (problem.told for problem in numbers)
    if not numbers:
        tolerances = tuple(_tolerances(home))
        if finished:
            yield from (problem.told for problem in tolerances)
        if not tolerances:
            yield from (problem.told for problem in _checks(home))
    yield from (problem.told for problem in _catalogues(folder))
    for path in home.references():
        yield from reference_faults(path, home.id)
        yield from (problem.told for problem in _code(path))
    if finished:
        try:
            if not read_handouts(folder):
                message = say("has no handout. Run `grader release {id}`.", id=home.id)
                yield Problem(folder, message).told
        except AssignmentError as error:
            yield from error.messages


def _table(path: Path, model: type[BaseModel], name: str | None = None) -> Iterator[Problem]:
    """What is wrong with a TOML file, or with one entry of it."""
    try:
        table = read_table(path)
    except AssignmentError as error:
        yield _unread(path, error)
        return
    text = path.read_text("utf-8")
    for entry in (name,) if name is not None else (None,):
        content = table if entry is None else content_of(entry, table[entry])
        try:
            model.model_validate(content)
        except ValidationError as error:
            for wrong in error.errors():
                parts = [part for part in wrong["loc"] if part not in KINDS]
                place = parts if entry is None else [entry, *parts]
                named = ".".join(str(part) for part in place)
                message = _wrong_entry(named, wrong["type"], wrong["msg"])
                yield Problem(path, message, line_of(text, place))


def _unread(path: Path, error: AssignmentError) -> Problem:
    """A file that is missing or not TOML."""
    if isinstance(error, BrokenTomlError):
        return Problem(path, say("is not valid TOML: {error}", error=error.problem), error.line)
    return Problem(path, say("is missing. `grader new` shows what belongs there."))


def _wrong_entry(name: str, kind: str, problem: str) -> Message:
    if kind == "missing":
        return say("`{entry}` is missing. Add it.", entry=name)
    if kind == "extra_forbidden":
        return say("there is no entry `{entry}`: correct its name, or remove it.", entry=name)
    return say("`{entry}` cannot be used: {problem}", entry=name, problem=problem)


def _tolerances(home: Folders) -> Iterator[Problem]:
    kind = AssignmentTable.model_validate(read_table(home.table)).recipe.tolerances
    path = home.tolerances
    try:
        known = written_tolerances(home.assignment, kind)
    except AssignmentError:
        yield Problem(
            path,
            say("does not fit the recipe's kind. Run `grader calibrate {id}`.", id=home.id),
        )
        return
    if known is None:
        yield Problem(path, say("is missing. Run `grader calibrate {id}`.", id=home.id))


def _checks(home: Folders) -> Iterator[Problem]:
    path = home.assignment / "checks.py"
    try:
        checks = load_checks(path)
    except AssignmentError as error:
        cause = error.__cause__
        line = _line_in(path, cause) if cause is not None else None
        what = (
            say("{name}: {error}", name=type(cause).__name__, error=str(cause))
            if cause is not None
            else error.message
        )
        message = say("cannot be imported: {problem}", problem=what) if cause is not None else what
        yield Problem(path, message, line)
        return
    text = path.read_text("utf-8")
    for fault in rubric_faults(checks):
        yield Problem(path, fault.problem, _line_naming(text, fault.check))
    yield from _untranslated(home, checks)


def _line_in(path: Path, error: BaseException) -> int | None:
    """The line of the file that an exception came from."""
    if isinstance(error, SyntaxError):
        return error.lineno
    frames = [
        f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)
    ]
    return frames[-1] if frames else None


def _line_naming(text: str, check: str | None) -> int | None:
    """The last line that has the check's id."""
    lines = [n for n, line in enumerate(text.splitlines(), 1) if check and f'"{check}"' in line]
    return lines[-1] if lines else None


def _catalogues(folder: Path) -> Iterator[Problem]:
    """What is wrong with the lesson's own translations as files."""
    for path in sorted(folder.glob("*.po")):
        try:
            catalogue = polib.pofile(str(path))
        except (OSError, ValueError) as error:
            line = _LINE.search(str(error))
            message = say("is not a valid catalogue: {error}", error=str(error))
            yield Problem(path, message, int(line[1]) if line else None)
            continue
        for entry in catalogue:
            if _fields(entry.msgid) != _fields(entry.msgstr) and entry.msgstr:
                message = say(
                    "“{sentence}” and its translation must have the same {{fields}}.",
                    sentence=entry.msgid,
                )
                yield Problem(path, message, entry.linenum)


def _fields(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:
        return {text}


def _untranslated(home: Folders, checks: tuple[Check, ...]) -> Iterator[Problem]:
    """Sentences that a reader of one of the lesson's languages would get in English."""
    said = dict.fromkeys(
        message.text
        for check in checks
        for message in (check.sentence, check.hint)
        if message is not None
    )
    titles = AssignmentTable.model_validate(read_table(home.table)).title
    for language in titles:
        ours = CATALOGUES / f"{language}.po"
        if not ours.is_file():
            continue
        path = home.assignment / f"{language}.po"
        try:
            known = _translated_by_us(ours) | (_translated(path) if path.is_file() else set())
        except (OSError, ValueError):
            continue
        for text in said:
            if text not in known:
                yield Problem(path, say("“{sentence}” is not translated. Add it.", sentence=text))


@cache
def _translated_by_us(ours: Path) -> set[str]:
    """The same file for every lesson, and a long one."""
    return _translated(ours)


def _translated(path: Path) -> set[str]:
    return {entry.msgid for entry in polib.pofile(str(path)).translated_entries()}


def _code(path: Path) -> Iterator[Problem]:
    """Step cells of a reference whose solution is not Python."""
    try:
        notebook = nbformat.v4.reads(path.read_text("utf-8"))
    except (ValueError, AttributeError, OSError):
        return
    for cell in notebook.cells:
        if cell.metadata.get("grader", {}).get("step") not in tuple(CODE_STEPS):
            continue
        try:
            ast.parse(regions.solved(cell.source))
        except SyntaxError as error:
            message = say(
                'cell "{cell}": the solution is not valid Python at line {line}: {problem}',
                cell=cell.get("id", "?"),
                line=error.lineno or 0,
                problem=error.msg,
            )
            yield Problem(path, message)


def _bank(home: Folders) -> Iterator[Problem]:
    """What is wrong with the bank's entries: their form, their names, and edits that do not fit."""
    known = {rule.id for rule in CATALOGUE} | {"not_attempted", "not_found"}
    references = _notebooks(home)
    seen: dict[str, Path] = {}
    for path in bank_files(home.solutions):
        try:
            table = read_table(path)
        except AssignmentError as error:
            yield _unread(path, error)
            continue
        text = path.read_text("utf-8")
        for name, content in table.items():
            line = line_of(text, [name])
            if name in seen:
                message = say("`{entry}` is in the bank twice. Rename one.", entry=name)
                yield Problem(path, message, line)
            seen[name] = path
            problems = tuple(_table(path, Entry, name))
            yield from problems
            if problems:
                continue
            entry = Entry.model_validate(content_of(name, content))
            for id_ in entry.diagnosis:
                if id_ not in known:
                    message = say("there is no mistake called `{id}`.", id=id_)
                    yield Problem(path, message, line_of(text, [name, "diagnosis"]))
            for message in _unfit(entry, references):
                yield Problem(path, message, line)


def _unfit(entry: Entry, references: Sequence[nbformat.NotebookNode]) -> tuple[Message, ...]:
    """Why the entry cannot be made of the references."""
    for reference in references:
        try:
            build(entry, reference)
        except AssignmentError as error:
            return error.messages
    return ()


def _notebooks(home: Folders) -> tuple[nbformat.NotebookNode, ...]:
    """The references that are without faults."""
    return tuple(
        nbformat.v4.reads(path.read_text("utf-8"))
        for path in home.references()
        if not reference_faults(path, home.id)
    )
