"""Whether a student's own look says what grading says, in all places where one can look.

For every entry of a lesson's bank, each check has to get the verdict that grading gives it, or be
named as one that only the instructor's run can judge: by the run of `grader check`, on its page,
and by `check()` in a notebook. The notebook's cells are run in a kernel that is not shut in: a bank
is the author's own.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.authoring.audit import notebooks_of
from grader.execution.cells import KernelGoneError, Limits
from grader.execution.jupyter_cells import JupyterKernel
from grader.execution.planning import plan_run
from grader.grading import grade_submission
from grader.isolation.tiers import NONE
from grader.kernels.jupyter import kernel_manager
from grader.language.messages import say
from grader.models import CellKind, Verdict
from grader.preview.verdicts import preview_of
from grader.reporting import preview_html
from grader.submission import read_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grader.authoring.bank import Entry
    from grader.course.lesson import Lesson
    from grader.judging.judged_run import Runs
    from grader.kernels import KernelSource
    from grader.language.messages import Message
    from grader.models import GradedSubmission, Submission
    from grader.preview.verdicts import Preview

TERMINAL: Final = "terminal"
PAGE: Final = "page"
NOTEBOOK: Final = "notebook"
PLACES: Final = (TERMINAL, PAGE, NOTEBOOK)

BEGIN: Final = """import random as _random, numpy as _numpy, torch as _torch
_random.seed({seed}); _numpy.random.seed({seed}); _torch.manual_seed({seed})
from grader import check"""
ASK: Final = """_graded = check().preview.graded
print("SEEN", __import__("json").dumps({
    "verdicts": {c.id: c.judgement.verdict.value for m in _graded.mark.steps for c in m.checks},
    "diagnoses": {d.step.value: d.id for d in _graded.mark.diagnoses},
    "troubles": __import__("grader.preview.notebook", fromlist=["watching"]).watching().faults,
}))"""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a notebook: verdicts by check, diagnoses by step (on a page, none)."""

    verdicts: dict[str, str]
    diagnoses: dict[str, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """One entry: what grading says, and what is said in each place (None: its kernel was lost)."""

    entry: Entry
    graded: Said
    places: dict[str, Said | None]

    def disagreements(self) -> Iterator[Message]:
        """Each difference, in one line."""
        for place, said in self.places.items():
            if said is None:
                continue
            for check, verdict in said.verdicts.items():
                due = self.graded.verdicts.get(check, "-")
                if verdict not in (due, Verdict.NOT_ASSESSED):
                    yield self._differs(place, check, verdict, due)
            for step, diagnosis in said.diagnoses.items():
                due = self.graded.diagnoses.get(step, "-")
                if diagnosis != due:
                    yield self._differs(place, step, diagnosis, due)

    def _differs(self, place: str, what: str, said: str, due: str) -> Message:
        return say(
            "{entry}, {place}, {what}: {said}, and grading says {due}.",
            entry=self.entry.name,
            place=place,
            what=what,
            said=said,
            due=due,
        )

    def left_open(self, place: str) -> tuple[str, ...]:
        """The checks that grading has a verdict for, and the place has not."""
        said = self.places.get(place)
        return tuple(
            check
            for check, verdict in (said.verdicts.items() if said is not None else ())
            if verdict == Verdict.NOT_ASSESSED and self.graded.verdicts.get(check) != verdict
        )


def compare(
    lesson: Lesson,
    graders: Runs,
    students: Callable[[Submission, int], Preview],
    kernels: KernelSource,
    *,
    seed: int = 0,
    jobs: int = 2,
    names: Sequence[str] = (),
    every_cell: bool = False,
    on_compared: Callable[[Compared], None] = lambda _: None,
) -> tuple[Compared, ...]:
    """Compare all entries of the bank (or those in `names`), the handouts and the references.

    `graders` run for the mark; `students` make the preview that the terminal shows; `kernels` are
    for the notebooks. With `every_cell`, cells that only show something are run there as well.
    """
    table = lesson.assignment.table.limits
    limits = Limits(table.cell_s, table.notebook_s).shared_by(jobs)
    with tempfile.TemporaryDirectory(prefix="grader-agreement-") as folder:
        notebooks = list(notebooks_of(lesson, Path(folder), names))

        def one(notebook: tuple[Entry, Path]) -> Compared:
            entry, path = notebook
            submission = read_submission(path, entry.name, lesson.handouts)
            preview = students(submission, seed)
            cells = _sources(submission, lesson, every_cell=every_cell)
            compared = Compared(
                entry,
                _said(grade_submission(submission, lesson, graders, seed=seed)),
                {
                    TERMINAL: _said(preview.graded),
                    PAGE: _on_page(preview),
                    NOTEBOOK: asyncio.run(_in_notebook(cells, lesson, kernels, limits, seed)),
                },
            )
            on_compared(compared)
            return compared

        with ThreadPoolExecutor(max_workers=jobs) as pool:
            return tuple(pool.map(one, notebooks))


def findings_of(lesson: Lesson, compared: Sequence[Compared]) -> Iterator[Message]:
    """What came out: all differences, and in each place how much could not be judged."""
    differences = [message for one in compared for message in one.disagreements()]
    yield from differences
    for place in PLACES:
        said = [one.places[place] for one in compared]
        opened = Counter(check for one in compared for check in one.left_open(place))
        yield say(
            "{place}: {verdicts} verdicts on {notebooks} notebooks, {open} of them left to grading "
            "({most}); {lost} notebooks ended their kernel.",
            place=place,
            verdicts=sum(len(each.verdicts) for each in said if each is not None),
            notebooks=len(compared),
            open=sum(opened.values()),
            most=", ".join(f"{check} {count}" for check, count in opened.most_common(4)) or "-",
            lost=sum(each is None for each in said),
        )
    yield say(
        "{id}: differences between students' own looks and grading: {count}.",
        id=lesson.assignment.id,
        count=len(differences),
    )


def _said(graded: GradedSubmission) -> Said:
    return Said(
        {c.id: c.judgement.verdict.value for m in graded.mark.steps for c in m.checks},
        {d.step.value: d.id for d in graded.mark.diagnoses},
    )


def _on_page(preview: Preview) -> Said:
    """The verdicts as the page's icons show them, check by check."""
    html = preview_html(preview.graded, preview.right, preview.left_open)
    shown = re.findall(r'<li class="check">\s*<svg class="icon v-(\w+)"', html)
    ids = [check.id for check in preview.left_open]
    ids += [check.id for mark in preview.graded.mark.steps for check in mark.checks]
    return Said(dict(zip(ids, shown, strict=True)), {})


def _sources(submission: Submission, lesson: Lesson, *, every_cell: bool) -> list[str]:
    if every_cell:
        return [c.source for c in submission.cells if c.kind is CellKind.CODE and c.source.strip()]
    recipe = lesson.assignment.table.recipe
    plan = plan_run(submission, seed=0, epochs=recipe.epochs, formula="", roles=recipe.roles)
    return [cell.source for cell in plan.cells]


async def _in_notebook(
    sources: Sequence[str], lesson: Lesson, kernels: KernelSource, limits: Limits, seed: int
) -> Said | None:
    kernel = JupyterKernel(kernel_manager(kernels.new_line(), NONE))
    try:
        cells = await kernel.start(limits)
        lines = [BEGIN.format(seed=seed), *sources]
        try:
            for source in lines:
                await cells.run(source)
            asked = ASK.replace("check()", f"check(lesson={lesson.assignment.id!r})")
            ran = await cells.run(asked, limit_s=limits.cell_s)
        except KernelGoneError:
            return None
        finally:
            cells.close()
    finally:
        await kernel.end()
    text = "".join(str(output.get("text", output)) for output in ran.outputs)
    if "SEEN " not in text:
        raise RuntimeError(text)
    seen = json.loads(text.partition("SEEN ")[2])
    if seen["troubles"]:
        raise RuntimeError("\n".join(seen["troubles"]))
    return Said(seen["verdicts"], seen["diagnoses"])


def own_run(lesson: Lesson, runner: Runs) -> Callable[[Submission, int], Preview]:
    """What makes the preview that `grader check` shows, with this runner."""
    from grader.judging.judged_run import run_and_judge

    return lambda submission, seed: preview_of(
        run_and_judge(submission, lesson.assignment, runner, seed), lesson
    )
