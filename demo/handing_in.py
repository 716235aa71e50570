"""Writes the class's notebooks, the same bytes every time, in nbgrader's layout."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import nbformat

from demo.colab import as_colab_saves
from demo.roster import HANDOUT, REFERENCE, Form, Work
from grader.authoring.bank import Entry, build, load_bank
from grader.course.course import Course, Folders

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from nbformat import NotebookNode

# The first try of a student who hands in twice.
_FIRST_TRY: Final = "zero_grad_missing_1"
_MONDAY_S, _TUESDAY_S = 1_760_000_000, 1_760_086_400
_WEB_PAGE: Final = (
    "<!DOCTYPE html>\n<title>lesson.ipynb</title>\n<p>Sign in to see this file.</p>\n"
)


class Expected(StrEnum):
    """What has to become of a student's work."""

    FULL_MARKS = "100 points"
    NOT_ATTEMPTED = "0 points, every step not attempted"
    LESS = "a mark below 100 points"
    UNREADABLE = "no mark: it cannot be read"
    TO_CONFIRM = "100 points, withheld until a person has confirmed which notebook counts"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A student's work where it lies, and what has to become of it."""

    work: Work
    path: Path
    expected: Expected


def hand_in(course: Path, works: Sequence[Work], folder: Path) -> tuple[HandedIn, ...]:
    """Write every work below `folder`/submitted, in place of what lies there."""
    shutil.rmtree(folder, ignore_errors=True)
    drawers = {work.lesson: _Drawer.of(course, work.lesson) for work in works}
    return tuple(_handed_in(work, drawers[work.lesson], folder) for work in works)


@dataclass(frozen=True, slots=True)
class _Drawer:
    """Where a lesson's notebooks come from."""

    home: Folders
    bank: dict[str, Entry]

    @classmethod
    def of(cls, course: Path, lesson: str) -> _Drawer:
        home = Course(course).folders(lesson)
        bank = {entry.name: entry for entry in load_bank(home.solutions)}
        bank[REFERENCE] = Entry(name=REFERENCE, about="the solved notebook")
        return cls(home, bank)

    def notebook(self, variant: str, language: str) -> NotebookNode:
        if variant == HANDOUT:
            return _read(self.home.handout(language))
        return build(self.bank[variant], _read(self.home.reference(language)))

    def expected(self, work: Work) -> Expected:
        if work.form is Form.WEB_PAGE:
            return Expected.UNREADABLE
        if work.form is Form.TWICE:
            return Expected.TO_CONFIRM
        if work.variant == HANDOUT:
            return Expected.NOT_ATTEMPTED
        return Expected.FULL_MARKS if self.bank[work.variant].right else Expected.LESS


def _handed_in(work: Work, drawer: _Drawer, folder: Path) -> HandedIn:
    path = folder / "submitted" / work.student / work.lesson / f"{work.lesson}.ipynb"
    path.parent.mkdir(parents=True)
    for file, text, changed_s in _files(work, drawer, path):
        file.write_text(text, encoding="utf-8", newline="\n")
        os.utime(file, (changed_s, changed_s))
    return HandedIn(work, path, drawer.expected(work))


def _files(work: Work, drawer: _Drawer, path: Path) -> Iterator[tuple[Path, str, int]]:
    """The files of a work: where, what stands in it, when it was changed."""
    if work.form is Form.WEB_PAGE:
        yield path, _WEB_PAGE, _TUESDAY_S
        return
    if work.form is Form.TWICE:
        first = path.with_name(f"{work.lesson} first try.ipynb")
        yield first, _saved(drawer.notebook(_FIRST_TRY, work.language), indent=1), _MONDAY_S
    notebook = drawer.notebook(work.variant, work.language)
    if work.form is Form.COLAB:
        yield path, _saved(as_colab_saves(notebook, work.student), indent=2), _TUESDAY_S
    else:
        yield path, _saved(notebook, indent=1), _TUESDAY_S


def _read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def _saved(notebook: NotebookNode, indent: int) -> str:
    return json.dumps(notebook, ensure_ascii=False, indent=indent) + "\n"
