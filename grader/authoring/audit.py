"""Runs an assignment's bank: every variant must get exactly the expected verdicts."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from grader.authoring.bank import Entry, build, load_bank
from grader.course.course import Folders
from grader.errors import AssignmentError
from grader.grading import grade_submission
from grader.language.messages import say
from grader.models import CODE_STEPS, GradedSubmission, Step, Verdict
from grader.submission import read_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grader.grading import Lesson
    from grader.judging.notebook import Runs
    from grader.language.messages import Message

REFERENCE = Entry(name="reference", about="the solved notebook")
HANDOUT = Entry(
    name="handout",
    about="nothing filled in",
    verdicts=dict.fromkeys((*CODE_STEPS, Step.RESULT), Verdict.NOT_ATTEMPTED),
    diagnosis=("not_attempted",),
)


@dataclass(frozen=True, slots=True)
class Tried:
    """One entry under one seed, and what was said of it."""

    entry: Entry
    seed: int
    graded: GradedSubmission

    @property
    def verdicts(self) -> dict[Step, Verdict]:
        """The verdict of each step."""
        return {mark.step: mark.verdict for mark in self.graded.mark.steps}

    def false_passes(self) -> Iterator[Step]:
        """Steps that passed and should not have."""
        return (
            step
            for step, verdict in self.verdicts.items()
            if verdict is Verdict.PASSED and not self.entry.allows(step, verdict)
        )

    def false_fails(self) -> Iterator[Step]:
        """Steps that should have passed and did not."""
        return (
            step
            for step, verdict in self.verdicts.items()
            if verdict is not Verdict.PASSED
            and self.entry.verdict(step) is Verdict.PASSED
            and not self.entry.allows(step, verdict)
        )

    @property
    def as_due(self) -> bool:
        """Whether every step got its expected verdict, and the mark is withheld if expected."""
        return (
            bool(self.verdicts)
            and self.graded.mark.withheld is self.entry.withheld
            and all(self.entry.allows(step, verdict) for step, verdict in self.verdicts.items())
        )

    @property
    def named(self) -> bool | None:
        """Whether the first diagnosis is an expected one; None if none is expected or made."""
        made = [diagnosis.id for diagnosis in self.graded.mark.diagnoses]
        if not self.entry.diagnosis:
            return None if not made else False
        return bool(made) and made[0] in self.entry.diagnosis


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything that was tried, and which checks no entry ever failed."""

    tried: tuple[Tried, ...]
    never_failed: tuple[str, ...]

    @property
    def false_passes(self) -> int:
        """How many steps passed that should not have."""
        return sum(len(list(t.false_passes())) for t in self.tried)

    @property
    def false_fails(self) -> int:
        """How many steps did not pass that should have."""
        return sum(len(list(t.false_fails())) for t in self.tried)

    @property
    def diagnosed(self) -> tuple[int, int]:
        """How many entries got the expected diagnosis first, and how many expect one."""
        due = [t for t in self.tried if t.entry.diagnosis]
        return sum(t.named is True for t in due), len(due)

    @property
    def accused(self) -> tuple[Tried, ...]:
        """Right variants for which a mistake was named nevertheless."""
        return tuple(t for t in self.tried if t.entry.right and t.named is False)

    @property
    def sound(self) -> bool:
        """Whether the rubric is ready for a class."""
        return all(t.as_due for t in self.tried) and not self.never_failed and not self.accused


def audit(
    lesson: Lesson,
    runner: Runs,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    jobs: int = 2,
    names: Sequence[str] = (),
    on_tried: Callable[[Tried], None] = lambda _: None,
) -> Audit:
    """Grade the handouts, the references and every bank entry (or those in `names`) by `seeds`."""
    with tempfile.TemporaryDirectory(prefix="grader-audit-") as folder:
        notebooks = list(notebooks_of(lesson, Path(folder), names))
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            waiting = [
                pool.submit(_try, lesson, runner, entry, path, seed)
                for entry, path in notebooks
                for seed in seeds
            ]
            tried = []
            try:
                for done in as_completed(waiting):
                    tried.append(done.result())
                    on_tried(tried[-1])
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    order = {entry.name: place for place, (entry, _) in enumerate(notebooks)}
    tried.sort(key=lambda t: (order[t.entry.name], t.seed))
    return Audit(tuple(tried), () if names else _never_failed(lesson, tried))


def how_many(lesson: Lesson, seeds: Sequence[int], names: Sequence[str] = ()) -> int:
    """How many runs an audit is going to take."""
    return len(seeds) * sum(1 for _ in _entries(lesson, names))


def _entries(lesson: Lesson, names: Sequence[str]) -> Iterator[tuple[Entry, Path, str]]:
    """Each entry with the notebook it is made from, and its language."""
    solutions = lesson.assignment.solutions
    if solutions is None:
        raise AssignmentError(_no_solutions(lesson))
    home = Folders(lesson.assignment.folder, solutions)
    for language in sorted({handout.language for handout in lesson.handouts}):
        yield _in_language(HANDOUT, language), home.handout(language), language
        yield _in_language(REFERENCE, language), home.reference(language), language
    languages = sorted(lesson.references)
    for place, entry in enumerate(load_bank(solutions)):
        if not names or entry.name in names:
            language = languages[place % len(languages)]
            yield entry, home.reference(language), language


def _in_language(entry: Entry, language: str) -> Entry:
    return entry.model_copy(update={"name": f"{entry.name}.{language}"})


def notebooks_of(
    lesson: Lesson, folder: Path, names: Sequence[str] = ()
) -> Iterator[tuple[Entry, Path]]:
    """The handouts, the references and every bank entry (or those in `names`) as files."""
    for entry, source, _ in _entries(lesson, names):
        notebook = nbformat.read(source, as_version=4)
        if not entry.name.startswith("handout."):
            notebook = build(entry, notebook)
        path = folder / f"{entry.name}.ipynb"
        nbformat.write(notebook, path)
        yield entry, path


def _try(lesson: Lesson, runner: Runs, entry: Entry, path: Path, seed: int) -> Tried:
    submission = read_submission(path, entry.name, lesson.handouts)
    return Tried(entry, seed, grade_submission(submission, lesson, runner, seed=seed))


def _never_failed(lesson: Lesson, tried: Sequence[Tried]) -> tuple[str, ...]:
    failed = {
        check.id
        for t in tried
        for mark in t.graded.mark.steps
        for check in mark.checks
        if check.judgement.verdict is Verdict.FAILED
    }
    return tuple(check.id for check in lesson.assignment.checks if check.id not in failed)


def _no_solutions(lesson: Lesson) -> Message:
    return say(
        "{id} has no solutions here: an audit needs its reference and its bank.",
        id=lesson.assignment.id,
    )
