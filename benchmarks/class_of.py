"""The class that every contender grades: the reference, right variants of it, and wrong ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import TYPE_CHECKING, Final

import nbformat

from grader.authoring.bank import Entry, build, load_bank
from grader.course.course import Course

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbformat import NotebookNode

LESSONS: Final = ("01_exact_line", "02_noisy_line")
LANGUAGES: Final = ("zh", "en")
REFERENCE: Final = Entry(name="reference", about="the solved notebook")

# In each five: how a class looks that has had the lesson. Whatever is cut off a class for a
# contender that needs seconds a notebook has the same mixture.
FIVE: Final = ("reference", "right", "reference", "right", "wrong")

# What beginners get wrong most, one mistake a step and more in the training, in either lesson.
# A loop that never ends is no part of it: it would measure the time limits, and nothing else.
MISTAKES: Final = (
    "zero_grad_missing_1",
    "target_shape_broadcast_1",
    "learning_rate_wrong_1",
    "train_crash_name",
    "loss_sum_1",
    "too_few_epochs_1",
    "bias_missing_1",
    "step_before_backward_1",
    "data_line_wrong_1",
    "losses_not_kept_1",
    "optimizer_stale_1",
    "train_not_attempted",
)


@dataclass(frozen=True, slots=True)
class Work:
    """What one student hands in for one lesson."""

    student: str
    lesson: str
    language: str
    entry: Entry
    notebook: NotebookNode

    def by(self, student: str) -> Work:
        """The same work, handed in by another student."""
        return replace(self, student=student)

    def write(self, path: Path) -> None:
        """Write the notebook to `path`, whose folder need not be there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.notebook, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8", newline="\n")


def class_of(course: Path, lesson: str, students: int) -> tuple[Work, ...]:
    """The class's works for a lesson of `course`: the same ones every time."""
    bank = {entry.name: entry for entry in load_bank(Course(course).folders(lesson).solutions)}
    references = {language: read_reference(course, lesson, language) for language in LANGUAGES}
    works = []
    for number, entry in enumerate(islice(_entries(bank, students), students)):
        language = LANGUAGES[number % 2]
        notebook = build(entry, references[language])
        works.append(Work(f"student{number + 1:04}", lesson, language, entry, notebook))
    return tuple(works)


def read_reference(course: Path, lesson: str, language: str) -> NotebookNode:
    """A lesson's solved notebook, with the regions that become the student's."""
    path = Course(course).folders(lesson).reference(language)
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def _entries(bank: dict[str, Entry], students: int) -> Iterator[Entry]:
    """The right variants are taken from all over the bank, however small the class."""
    right = [entry for entry in bank.values() if entry.right]
    stride = max(1, len(right) * len(FIVE) // (FIVE.count("right") * max(1, students)))
    kinds = {
        "reference": cycle([REFERENCE]),
        "right": cycle(right[::stride]),
        "wrong": cycle([bank[name] for name in MISTAKES]),
    }
    for kind in cycle(FIVE):
        yield next(kinds[kind])
