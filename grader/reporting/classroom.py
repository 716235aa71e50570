"""What the page of a class says: who is done, who waits for a person, what is often wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.models import Outcome, Step, Verdict
from grader.reporting.charts.boundaries import BoundaryChart, boundary_chart
from grader.reporting.charts.exam import ExamChart, HardCards, exam_chart, hard_cards
from grader.reporting.charts.histogram import Histogram, histogram
from grader.reporting.charts.landing import LandingChart, landing_chart
from grader.reporting.mistakes import Link, Mistake, common_mistakes, link_to
from grader.reporting.shares import CheckShare, check_shares
from grader.reporting.wording import by_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.models import AssignmentInfo, CheckResult, GradedSubmission, Mark


@dataclass(frozen=True, slots=True)
class Row:
    """One student in the table; `file` is what the notebook was called."""

    link: Link
    mark: Mark
    outcome: Outcome
    file: str

    @property
    def diagnoses(self) -> str:
        """The ids of this student's mistakes, with spaces between."""
        return " ".join(sorted({diagnosis.id for diagnosis in self.mark.diagnoses}))

    def verdict(self, step: Step) -> Verdict | None:
        """The verdict of a step; None where the step was never reached."""
        return next((s.verdict for s in self.mark.steps if s.step is step), None)

    @property
    def unexpected(self) -> bool:
        """Whether the outcome is worth a word beside the name."""
        return self.outcome is not Outcome.COMPLETED

    @property
    def broken(self) -> tuple[CheckResult, ...]:
        """The checks that broke through our fault or the assignment's."""
        checks = (check for step in self.mark.steps for check in step.checks)
        return tuple(check for check in checks if check.judgement.verdict is Verdict.ERROR)


@dataclass(frozen=True, slots=True)
class Tally:
    """A class in numbers; `mean` in percent, None where nobody has a mark."""

    submissions: int
    marked: int
    full: int
    withheld: int
    not_attempted: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class Stuck:
    """How many are right up to this step and not in it; `share` of those with a mark."""

    step: Step
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class ClassPage:
    """Everything on the page of a class, from top to bottom; on a `plain` one, only the marks."""

    assignment: AssignmentInfo
    tally: Tally
    steps: tuple[Step, ...]
    rows: tuple[Row, ...]
    stuck: tuple[Stuck, ...]
    histogram: Histogram | None
    landing: LandingChart | None
    boundaries: BoundaryChart | None
    exam: ExamChart | None
    hard_cards: HardCards | None
    mistakes: tuple[Mistake, ...]
    checks: tuple[CheckShare, ...]
    plain: bool = False

    @property
    def suspects(self) -> int:
        """How many checks may be wrong themselves."""
        return sum(check.suspect for check in self.checks)

    @property
    def withheld(self) -> tuple[Row, ...]:
        """The students whose mark waits for a person."""
        return tuple(row for row in self.rows if row.mark.withheld)


def class_page(assignment: AssignmentInfo, graded: Sequence[GradedSubmission]) -> ClassPage:
    """Arrange the marks of a class for its teacher, students in the order of their names."""
    ordered = _in_order(graded)
    rows = _rows(ordered)
    answers = [g.figures.answers for g in ordered if g.figures.answers]
    expected = assignment.expectation
    return ClassPage(
        assignment=assignment,
        tally=tally([row.mark for row in rows]),
        steps=_reached(rows),
        rows=rows,
        stuck=tuple(_stuck([row.mark for row in rows if not row.mark.withheld])),
        histogram=histogram(list(_percents(row.mark for row in rows))),
        landing=landing_chart(
            [g.figures.learned for g in ordered if g.figures.learned],
            assignment.target,
            expected,
        ),
        boundaries=boundary_chart(answers, expected.boundary if expected else None),
        exam=exam_chart(answers, expected.accuracy if expected else None),
        hard_cards=hard_cards(answers),
        mistakes=common_mistakes(ordered),
        checks=check_shares([row.mark for row in rows]),
    )


def plain_class_page(assignment: AssignmentInfo, graded: Sequence[GradedSubmission]) -> ClassPage:
    """The marks of a class alone, for when the rest cannot be worked out."""
    rows = _rows(_in_order(graded))
    return ClassPage(
        assignment=assignment,
        tally=tally([row.mark for row in rows]),
        steps=_reached(rows),
        rows=rows,
        stuck=(),
        histogram=None,
        landing=None,
        boundaries=None,
        exam=None,
        hard_cards=None,
        mistakes=(),
        checks=(),
        plain=True,
    )


def _in_order(graded: Sequence[GradedSubmission]) -> list[GradedSubmission]:
    return sorted(graded, key=lambda g: by_name(g.submission.student))


def _rows(ordered: Iterable[GradedSubmission]) -> tuple[Row, ...]:
    return tuple(
        Row(link_to(g.submission.student), g.mark, g.outcome, g.submission.path.name)
        for g in ordered
    )


def _reached(rows: Sequence[Row]) -> tuple[Step, ...]:
    reached = {step.step for row in rows for step in row.mark.steps}
    return tuple(step for step in Step if step in reached)


def tally(marks: Sequence[Mark]) -> Tally:
    """Count a class; a mark that is withheld counts as nothing else."""
    counted = [mark for mark in marks if not mark.withheld]
    percents = list(_percents(counted))
    return Tally(
        submissions=len(marks),
        marked=len(counted),
        full=sum(mark.max_points > 0 and mark.points >= mark.max_points for mark in counted),
        withheld=len(marks) - len(counted),
        not_attempted=sum(_is_untouched(mark) for mark in counted),
        mean=sum(percents) / len(percents) if percents else None,
    )


def _percents(marks: Iterable[Mark]) -> Iterator[float]:
    for mark in marks:
        if mark.max_points > 0 and not mark.withheld:
            yield 100 * mark.points / mark.max_points


def _is_untouched(mark: Mark) -> bool:
    verdicts = {step.verdict for step in mark.steps}
    return Verdict.NOT_ATTEMPTED in verdicts and verdicts <= {
        Verdict.NOT_ATTEMPTED,
        Verdict.NOT_ASSESSED,
    }


def _stuck(marks: Sequence[Mark]) -> Iterator[Stuck]:
    first = Counter(
        next((s.step for s in mark.steps if s.verdict is not Verdict.PASSED), None)
        for mark in marks
    )
    for step in Step:
        if first[step]:
            yield Stuck(step, first[step], first[step] / len(marks))
