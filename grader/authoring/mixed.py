"""Grades notebooks of which it is known what they deserve, and counts how often that was missed.

What is due to a wrong notebook: each guilty step loses points, no innocent one does, and each
mistake is called by its name. Where one mistake hides another, a name may be missing; the step
that holds it may still not get all its points. The result follows from the steps, and is not
judged. A withheld mark is neither right nor wrong: a person looks at it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.grading import grade_submission
from grader.models import CODE_STEPS, Step, Tally
from grader.submission import parse_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from grader.grading import Lesson
    from grader.judging.notebook import Runs
    from grader.models import Diagnosis, Mark


@dataclass(frozen=True, slots=True)
class Known:
    """A notebook with what is wrong in it: the guilty steps, and the names their mistakes may get.

    A mistake without a name is not asked for one. `about` says to a person what it is.
    """

    name: str
    path: Path
    content: bytes
    guilty: Mapping[Step, frozenset[str]]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a known notebook."""

    known: Known
    mark: Mark

    @property
    def right(self) -> bool:
        """Whether it deserves full marks."""
        return not self.known.guilty

    @property
    def _full(self) -> bool:
        return bool(self.mark.steps) and self.mark.points >= self.mark.max_points

    @property
    def hurt(self) -> bool:
        """Whether right work lost points."""
        return self.right and not self.mark.withheld and not self._full

    @property
    def full(self) -> bool:
        """Whether wrong work got all points."""
        return not self.right and not self.mark.withheld and self._full

    @property
    def blamed(self) -> tuple[Step, ...]:
        """The innocent steps that lost points, or are said to have a mistake."""
        accused = {diagnosis.step for diagnosis in self.mark.diagnoses}
        return tuple(
            step
            for step in CODE_STEPS
            if step not in self.known.guilty and (step in accused or step not in self._complete)
        )

    @property
    def missed(self) -> tuple[Step, ...]:
        """The guilty steps that got all their points."""
        return tuple(step for step in self.known.guilty if step in self._complete)

    @property
    def _complete(self) -> frozenset[Step]:
        return frozenset(m.step for m in self.mark.steps if m.points >= m.max_points)

    @property
    def named(self) -> tuple[Step, ...]:
        """The steps whose mistake was called by its name."""
        said = {name for diagnosis in self.mark.diagnoses for name in _names(diagnosis)}
        return tuple(step for step, names in self.known.guilty.items() if names & said)

    @property
    def misnamed(self) -> tuple[Step, ...]:
        """The steps whose mistake was called by a name that is nobody's."""
        untrue = {
            diagnosis.step
            for diagnosis in self.mark.diagnoses
            if not any(names & set(_names(diagnosis)) for names in self.known.guilty.values())
        }
        return tuple(
            step
            for step, names in self.known.guilty.items()
            if names and step in untrue and step not in self.named
        )

    @property
    def tally(self) -> Tally:
        """The notebook, counted."""
        held = self.mark.withheld
        if self.right:
            accused = bool(self.mark.diagnoses) and not held
            return Tally(right=1, hurt=self.hurt, right_withheld=held, accused=accused)
        if held:
            return Tally(wrong=1, wrong_withheld=1)
        return Tally(
            wrong=1,
            full=self.full,
            innocent=len(CODE_STEPS) - len(self.known.guilty),
            blamed=len(self.blamed),
            guilty=len(self.known.guilty),
            missed=len(self.missed),
            mistakes=sum(bool(names) for names in self.known.guilty.values()),
            named=len(self.named),
            misnamed=len(self.misnamed),
        )

    @property
    def as_due(self) -> bool:
        """Whether there is nothing to look at."""
        if self.mark.withheld:
            return False
        if self.right:
            return not self.hurt and not self.mark.diagnoses
        asked = [step for step, names in self.known.guilty.items() if names]
        return not self.blamed and not self.missed and len(self.named) == len(asked)


@dataclass(frozen=True, slots=True)
class Mixed:
    """Everything that was graded, counted; what is to be looked at is kept."""

    tally: Tally
    kept: tuple[Seen, ...]
    complete: bool = True


def grade_known(
    notebooks: Iterable[Callable[[], Known]],
    lesson: Lesson,
    runner: Runs,
    *,
    jobs: int,
    every: bool = False,
    on_seen: Callable[[Seen], None] = lambda _: None,
) -> Mixed:
    """Grade each, in `jobs` threads at once; what a person interrupts is told as far as it got.

    What was not as due is kept, or `every` one.
    """
    tally, kept, complete = Tally(), list[Seen](), True
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        waiting = [pool.submit(_seen, make, lesson, runner) for make in notebooks]
        try:
            for done in as_completed(waiting):
                seen = done.result()
                tally += seen.tally
                if every or not seen.as_due:
                    kept.append(seen)
                on_seen(seen)
        except KeyboardInterrupt:
            complete = False
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    kept.sort(key=lambda seen: seen.known.name)
    return Mixed(tally, tuple(kept), complete)


def _seen(make: Callable[[], Known], lesson: Lesson, runner: Runs) -> Seen:
    """One of them, graded as a hand-in would be."""
    known = make()
    submission = parse_submission(
        known.content, known.path, known.name, lesson.handouts, lesson.assignment.id
    )
    return Seen(known, grade_submission(submission, lesson, runner).mark)


def _names(diagnosis: Diagnosis) -> Iterator[str]:
    yield diagnosis.id
    yield from diagnosis.also
