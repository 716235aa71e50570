"""What stands on the review page: the list, the notebook, the evidence, the report, the forms."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from grader.gradebook import WHOLE
from grader.reporting import NOT_OF_ONE, default_language, without_page
from grader.reporting.pages import render
from grader.reporting.student import notebook_cells, student_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.gradebook import Review
    from grader.grading import Version
    from grader.language.messages import Message
    from grader.models import GradedSubmission
    from grader.reporting.student import CodeCell, StudentPage
    from grader.web.desk import Desk, Filter


@dataclass(frozen=True, slots=True)
class Sent:
    """What a refused form said, so that nobody has to type it again; "" where it said nothing."""

    do: str = ""
    check: str = ""
    points: str = ""
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A submission in the list."""

    graded: GradedSubmission
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """The submission that is looked at."""

    graded: GradedSubmission
    page: StudentPage
    cells: tuple[CodeCell, ...]
    review: Review
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything on the page; `previous` and `next` are addresses."""

    assignment: str
    assignments: tuple[tuple[str, str], ...]
    diagnoses: tuple[str, ...]
    wanted: Filter
    items: tuple[Item, ...]
    total: int
    opened: Opened | None
    previous: str | None
    next: str | None


def review_html(
    desk: Desk,
    *,
    assignment: str,
    student: str,
    wanted: Filter,
    form: str,
    notice: Message | None,
    sent: Sent,
) -> str:
    """The page; `form` is the secret of its forms, `sent` what a refused form said.

    Raises UsageError for an assignment that is not on the desk.
    """
    marks = desk.marks(assignment)
    students = [graded.submission.student for graded in marks if wanted.fits(graded)]
    if not student and students:
        student = students[0]
    graded = desk.mark(assignment, student) if student else None

    def drawn(shown: GradedSubmission | None) -> str:
        return _sheet_html(
            desk,
            assignment=assignment,
            student=student,
            marks=marks,
            graded=shown,
            wanted=wanted,
            form=form,
            notice=notice,
            sent=sent,
        )

    try:
        return drawn(graded)
    except NOT_OF_ONE:
        raise
    except Exception as error:
        if graded is None:
            raise
        desk.on_fault(f"{assignment}, {student}", error)
        return drawn(without_page(graded))


def _sheet_html(
    desk: Desk,
    *,
    assignment: str,
    student: str,
    marks: Sequence[GradedSubmission],
    graded: GradedSubmission | None,
    wanted: Filter,
    form: str,
    notice: Message | None,
    sent: Sent,
) -> str:
    language = desk.language or default_language()
    items = _items(assignment, marks, wanted, student)
    place = next((n for n, item in enumerate(items) if item.current), None)
    own = desk.assignments[assignment].info
    sheet = Sheet(
        assignment=assignment,
        assignments=tuple((id_, one.info.title(language)) for id_, one in desk.assignments.items()),
        diagnoses=tuple(sorted({d.id for one in marks for d in one.mark.diagnoses})),
        wanted=wanted,
        items=items,
        total=len(marks),
        opened=_opened(desk, assignment, graded) if graded is not None else None,
        previous=items[place - 1].href if place else None,
        next=_behind(items, place),
    )
    catalogue = own.catalogues.get(language)
    return render(
        "review.html.j2",
        language,
        () if catalogue is None else (catalogue,),
        sheet=sheet,
        title=own.title(language),
        form=form,
        notice=notice,
        sent=sent,
        whole=WHOLE,
    )


def _items(
    assignment: str, marks: Sequence[GradedSubmission], wanted: Filter, student: str
) -> tuple[Item, ...]:
    """Those that are wanted, and the one that is open whether it is or not."""
    shown = [g for g in marks if wanted.fits(g) or g.submission.student == student]
    return tuple(
        Item(
            graded,
            "/work?"
            + urlencode(
                {
                    "assignment": assignment,
                    "student": graded.submission.student,
                    **asdict(wanted),
                }
            ),
            graded.submission.student == student,
        )
        for graded in shown
    )


def _behind(items: Sequence[Item], place: int | None) -> str | None:
    if place is None:
        return items[0].href if items else None
    return items[place + 1].href if place + 1 < len(items) else None


def _opened(desk: Desk, assignment: str, graded: GradedSubmission) -> Opened:
    return Opened(
        graded=graded,
        page=student_page(graded),
        cells=notebook_cells(graded),
        review=desk.review(assignment, graded.submission.student),
        versions=desk.versions(assignment, graded.submission.student),
    )
