"""What the gradebook knows of a class, and what is written into it: no work is done twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from grader.gradebook import Change, Maker, NewMark
from grader.grading.deciding import decided
from grader.grading.lateness import lateness_of
from grader.grading.provenance import maker_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grader.course.lesson import Lesson
    from grader.gradebook import Entry, GivenOverride, Gradebook, Review, Work
    from grader.grading.handed_in import HandedIn
    from grader.grading.marker import Marked, Marker
    from grader.models import GradedSubmission, Mark

# In a maker's place where the grader broke: no grader and no lesson is this one, so that the next
# grading makes the mark.
NOBODY: Final = Maker(digest="broken", assignment_digest="", grader_version="")


@dataclass(frozen=True, slots=True)
class Ledger:
    """A gradebook seen from one grading; `force` makes every mark anew, from new runs."""

    book: Gradebook
    lessons: Mapping[str, Lesson]
    makers: Mapping[str, Maker]
    overrides: Mapping[tuple[str, str], Sequence[GivenOverride]]
    reviewed: Mapping[tuple[str, str], Review]
    force: bool = False

    @classmethod
    def of(
        cls,
        book: Gradebook,
        lessons: Mapping[str, Lesson],
        *,
        seed: int | None = None,
        force: bool = False,
    ) -> Ledger:
        """The ledger of these lessons."""
        makers = {id_: maker_of(lesson, seed) for id_, lesson in lessons.items()}
        return cls(
            book,
            lessons,
            makers,
            book.overrides(list(lessons)),
            book.reviewed(list(lessons)),
            force,
        )

    def mark(self, handed_in: HandedIn, marker: Marker) -> GradedSubmission:
        """The mark that counts: the one that is known if nothing changed since, else a new one."""
        work, submission = handed_in.work, handed_in.submission
        entry = self.book.entry(work)
        known = self._known(entry)
        if known is not None:
            return self.decided(replace(known, submission=submission), work)
        kept = {} if self.force else self.book.evidence(work)
        marked = marker(work, kept)
        self.record(work, marked, entry)
        # What was read of the file itself says more: when it came, and which attempt it is.
        return self.decided(replace(marked.graded, submission=submission), work)

    def record(self, work: Work, marked: Marked, before: Entry | None) -> None:
        """Write a mark down with its evidence, and what it changes in an earlier one."""
        self.book.record(self.new_mark(work, marked, before), again=self.force)

    def new_mark(self, work: Work, marked: Marked, before: Entry | None) -> NewMark:
        """A mark as it is written down; its changes are those in an earlier one."""
        old = before.graded if before is not None and before.maker != NOBODY.digest else None
        return NewMark(
            work=work,
            graded=marked.graded,
            maker=self.makers[work.assignment],
            evidence=marked.made,
            run=marked.first,
            changes=tuple(differences(old.mark, marked.graded.mark)) if old is not None else (),
        )

    def no_mark(self, work: Work, withheld: GradedSubmission) -> NewMark:
        """That a mark could not be made, as it is written down: it is tried again the next time."""
        return NewMark(work=work, graded=withheld, maker=NOBODY, evidence={})

    def decided(self, graded: GradedSubmission, work: Work) -> GradedSubmission:
        """The mark after overrides and lateness."""
        assignment = self.lessons[work.assignment].assignment
        deadline = assignment.table.deadline
        review = self.reviewed.get((work.student, work.assignment))
        return decided(
            # Its titles and translations are those of today, and of this machine.
            replace(graded, assignment=assignment.info),
            doubt=work.doubt,
            overrides=self.overrides.get((work.student, work.assignment), ()),
            lateness=lateness_of(deadline, work.handed_in_at, marked_late=work.marked_late),
            comment=review.comment if review is not None else None,
        )

    def is_current(self, entry: Entry) -> bool:
        """Whether the mark would be made the same way today."""
        return entry.maker == self.makers[entry.work.assignment].digest

    def _known(self, entry: Entry | None) -> GradedSubmission | None:
        if entry is None or self.force or not self.is_current(entry):
            return None
        return entry.graded


def differences(old: Mark, new: Mark) -> Iterator[Change]:
    """The checks that give other points than before; one that is gone or new counts as 0 there."""
    before = {check.id: check.points for step in old.steps for check in step.checks}
    after = {check.id: check.points for step in new.steps for check in step.checks}
    for check in {**before, **after}:
        was, is_ = before.get(check, 0.0), after.get(check, 0.0)
        if was != is_:
            yield Change(check, was, is_)
