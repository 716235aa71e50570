"""What a student's page says, and in which order; the template only lays it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.models import CODE_STEPS, CellKind, Outcome, Verdict
from grader.reporting.charts.answers import contact_sheet, curve_chart
from grader.reporting.charts.descent import descent_chart
from grader.reporting.charts.fit import fit_chart
from grader.reporting.charts.training import data_chart, loss_chart
from grader.reporting.code import code_lines, lines_around
from grader.reporting.outputs import shown_run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from grader.language.messages import Message
    from grader.models import Cell, CellError, CellRun, Diagnosis, GradedSubmission, Step, StepMark
    from grader.reporting.charts.answers import ContactSheet, CurveChart
    from grader.reporting.charts.descent import DescentChart
    from grader.reporting.charts.fit import FitChart
    from grader.reporting.charts.training import DataChart, LossChart
    from grader.reporting.code import CodeLine
    from grader.reporting.outputs import ShownRun


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do next, with its place in the notebook, and the code there, where known."""

    step: Step
    message: Message
    hint: Message | None
    cell: int | None = None
    line: int | None = None
    code: tuple[CodeLine, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeCell:
    """One of the student's cells, with what it showed when it ran."""

    number: int
    lines: tuple[CodeLine, ...]
    run: ShownRun | None


@dataclass(frozen=True, slots=True)
class StepCard:
    """One step: its mark, what it behaves like, and its code.

    `elsewhere` are cells of this step that are shown with an earlier one.
    """

    mark: StepMark
    diagnoses: tuple[Diagnosis, ...]
    cells: tuple[CodeCell, ...]
    elsewhere: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StudentPage:
    """Everything on a student's page, from top to bottom."""

    graded: GradedSubmission
    advice: tuple[Advice, ...]
    loss: LossChart | None
    data: DataChart | None
    descent: DescentChart | None
    cards: tuple[StepCard, ...]
    curve: CurveChart | None = None
    fit: FitChart | None = None
    sheet: ContactSheet | None = None

    @property
    def complete(self) -> bool:
        """Whether every step is right."""
        steps = self.graded.mark.steps
        return bool(steps) and all(step.verdict is Verdict.PASSED for step in steps)

    @property
    def raised(self) -> CellError | None:
        """The exception that ended the run, unless another sentence on the page mentions it."""
        execution, outcome = self.graded.execution, self.graded.outcome
        error = execution.error if execution and outcome is Outcome.RAISED else None
        if error is None:
            return None
        told = any(("name", error.name) in advice.message.values for advice in self.advice)
        return None if told else error

    @property
    def shown_cells(self) -> frozenset[int]:
        """The cells that are on the page and can be linked to."""
        return frozenset(cell.number for card in self.cards for cell in card.cells)


def student_page(graded: GradedSubmission) -> StudentPage:
    """Arrange a graded submission for its student."""
    assignment = graded.assignment
    return StudentPage(
        graded=graded,
        advice=tuple(_with_code(advice, graded) for advice in _advice(graded)),
        loss=loss_chart(graded.figures, assignment.expectation),
        data=data_chart(graded.figures, assignment.target) if _is_about_a_line(graded) else None,
        descent=descent_chart(graded.figures, assignment.target, assignment.expectation),
        cards=tuple(_cards(graded)),
        curve=curve_chart(graded.figures),
        fit=fit_chart(graded.figures),
        sheet=contact_sheet(graded.figures),
    )


def _is_about_a_line(graded: GradedSubmission) -> bool:
    """Whether the cards are drawn with lines; other lessons have pictures of their own."""
    return graded.figures.answers is None and graded.figures.fit is None


def notebook_cells(graded: GradedSubmission) -> tuple[CodeCell, ...]:
    """Every code cell of the notebook in its order, with what it showed."""
    runs = {run.cell: run for run in graded.execution.runs} if graded.execution else {}
    return tuple(
        _code(
            cell, runs.get(cell.number), _marked_lines(graded, cell.number, runs.get(cell.number))
        )
        for cell in graded.submission.cells
        if cell.kind is CellKind.CODE
    )


def _advice(graded: GradedSubmission) -> tuple[Advice, ...]:
    advice: list[Advice] = []
    for step in graded.mark.steps:
        named = [d for d in graded.mark.diagnoses if d.step is step.step]
        if named:
            advice += [Advice(d.step, d.message, d.hint, d.cell, d.line) for d in named]
        elif step.step in CODE_STEPS:
            advice += _first_check(graded, (step,), {Verdict.FAILED, Verdict.NOT_ATTEMPTED})
        if step.verdict is Verdict.NOT_ATTEMPTED:
            break  # The steps are done in order: what comes after an empty one can wait.
    # A result that is off, or a check that saw nothing, is worth a word only on its own.
    return tuple(
        advice
        or _first_check(graded, graded.mark.steps, {Verdict.FAILED})
        or _first_check(graded, graded.mark.steps, {Verdict.NOT_ASSESSED})
    )


def _with_code(advice: Advice, graded: GradedSubmission) -> Advice:
    source = next((c.source for c in graded.submission.cells if c.number == advice.cell), "")
    return replace(advice, code=lines_around(source, advice.line))


def _first_check(
    graded: GradedSubmission, steps: Sequence[StepMark], verdicts: Collection[Verdict]
) -> list[Advice]:
    for check in (check for step in steps for check in step.checks):
        judgement = check.judgement
        if judgement.verdict in verdicts:
            place = _place(graded, check.step)
            return [Advice(check.step, judgement.message, judgement.hint, *place)]
    return []


def _place(graded: GradedSubmission, step: Step) -> tuple[int | None, int | None]:
    """The cell and line where the step stopped, else its first cell."""
    cells = graded.submission.steps.get(step, ())
    error = graded.execution.error if graded.execution else None
    if error is not None and error.cell in cells:
        return error.cell, error.line
    return next(iter(cells), None), None


def _cards(graded: GradedSubmission) -> Iterator[StepCard]:
    cells = {cell.number: cell for cell in graded.submission.cells}
    runs = {run.cell: run for run in graded.execution.runs} if graded.execution else {}
    seen: set[int] = set()
    for mark in graded.mark.steps:
        numbers = [n for n in graded.submission.steps.get(mark.step, ()) if n in cells]
        yield StepCard(
            mark=mark,
            diagnoses=tuple(d for d in graded.mark.diagnoses if d.step is mark.step),
            cells=tuple(
                _code(cells[n], runs.get(n), _marked_lines(graded, n, runs.get(n)))
                for n in numbers
                if n not in seen
            ),
            elsewhere=tuple(n for n in numbers if n in seen),
        )
        seen.update(numbers)


def _marked_lines(graded: GradedSubmission, cell: int, run: CellRun | None) -> set[int]:
    marked = {d.line for d in graded.mark.diagnoses if d.cell == cell and d.line}
    steps = {step for step, cells in graded.submission.steps.items() if cell in cells}
    passed = all(m.verdict is Verdict.PASSED for m in graded.mark.steps if m.step in steps)
    # A right step that only stopped because of an earlier one has nothing to look at.
    if run and run.error and run.error.line and not passed:
        marked.add(run.error.line)
    return marked


def _code(cell: Cell, run: CellRun | None, marked: Collection[int]) -> CodeCell:
    return CodeCell(cell.number, code_lines(cell.source, marked), shown_run(run) if run else None)
