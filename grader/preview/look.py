"""What check() and hint() give back: an answer that shows itself, as HTML or as plain text."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.language.messages import Message, say
from grader.models import STEP_TITLES, Step, Verdict
from grader.preview.text import Line, lines_of
from grader.preview.verdicts import shown_verdict
from grader.reporting import default_language, look_html, translator
from grader.reporting.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.course.lesson import Lesson
    from grader.models import StepMark
    from grader.preview.live import Live
    from grader.preview.verdicts import Preview


@dataclass(frozen=True, slots=True)
class Look:
    """How far the work is; `lines` say so, in `language`."""

    title: str
    lines: tuple[Line, ...]
    language: str
    catalogues: tuple[Path, ...] = ()
    preview: Preview | None = None

    def __repr__(self) -> str:
        words = translator(self.language, self.catalogues)
        said = ["  " * line.indent + printable(line.message.render(words)) for line in self.lines]
        return "\n".join([self.title, *said] if self.title else said)

    def _repr_html_(self) -> str:
        return look_html(
            [(line.message, line.indent, line.verdict) for line in self.lines],
            self.language,
            self.catalogues,
            title=self.title,
        )


class Hint(Look):
    """What to try next."""

    __slots__ = ()


def look(live: Live | Message, what: str | None, lesson: str | None) -> Look:
    """The look at one step, or at all of them; whatever happens, it is said and not raised."""
    asked = _asked(live, what, lesson)
    if isinstance(asked, Message):
        return _note(asked)
    marks = asked.marks
    return Look(
        title=asked.lesson.assignment.info.title(asked.language),
        lines=tuple(lines_of(asked.preview, marks, live=True)),
        language=asked.language,
        catalogues=asked.catalogues,
        preview=asked.preview,
    )


def hinted(live: Live | Message, what: str | None, lesson: str | None) -> Hint:
    """The next hint for a step, or for the first that is not right yet."""
    asked = _asked(live, what, lesson)
    if isinstance(asked, Message):
        return Hint("", (Line(asked),), default_language())
    wanting = [m for m in asked.marks if shown_verdict(m) is not Verdict.PASSED]
    mark = next(iter(wanting), None)
    if mark is None:
        lines: tuple[Line, ...] = (Line(say("There is nothing to mend here.")),)
    else:
        ladder = list(dict.fromkeys(_ladder(asked.preview, mark)))
        given = asked.live.hints.get(mark.step, 0)
        asked.live.hints[mark.step] = given + 1
        head = say("{step}:", step=STEP_TITLES[mark.step])
        lines = (Line(head), Line(ladder[min(given, len(ladder) - 1)], 1))
    return Hint("", lines, asked.language, asked.catalogues, asked.preview)


def _ladder(preview: Preview, mark: StepMark) -> Iterator[Message]:
    """Hints from the nearest to the last."""
    for diagnosis in preview.graded.mark.diagnoses:
        if diagnosis.step is mark.step:
            yield diagnosis.hint
    for check in mark.checks:
        if check.judgement.verdict is Verdict.NOT_ASSESSED:
            yield check.judgement.message
        elif check.judgement.verdict is not Verdict.PASSED and check.judgement.hint is not None:
            yield check.judgement.hint
    yield say("Open the hints below the cell, one after the other: each tells more.")


@dataclass(frozen=True, slots=True)
class _Asked:
    live: Live
    lesson: Lesson
    preview: Preview
    marks: tuple[StepMark, ...]
    language: str

    @property
    def catalogues(self) -> tuple[Path, ...]:
        own = self.lesson.assignment.info.catalogues.get(self.language)
        return () if own is None else (own,)


def _asked(live: Live | Message, what: str | None, lesson: str | None) -> _Asked | Message:
    if isinstance(live, Message):
        return live
    steps = [step.value for step in Step]
    if what is not None and what not in steps:
        return say(
            "There is no step {step}. Steps are {steps}.", step=repr(what), steps=", ".join(steps)
        )
    known = ", ".join(sorted(live.lessons))
    if lesson is not None and lesson not in live.lessons:
        return say(
            "There is no lesson {lesson}. Lessons are {known}.", lesson=repr(lesson), known=known
        )
    live.following.named = lesson or live.following.named
    chosen = live.following.lesson
    if chosen is None:
        return say(
            "Which lesson is this? Run its first cells, or name it: check(lesson={example}). "
            "Lessons are {known}.",
            example=repr(min(live.lessons)),
            known=known,
        )
    try:
        preview = live.preview(live.lessons[chosen])
    except Exception:
        live.faults.append(traceback.format_exc())
    if live.faults:
        return say(
            "The grader broke on this; it is not your fault. Show your instructor: {error}",
            error=live.faults[0],
        )
    marks = tuple(m for m in preview.graded.mark.steps if what in (None, m.step.value))
    language = live.following.language or default_language()
    return _Asked(live, live.lessons[chosen], preview, marks, language)


def _note(message: Message) -> Look:
    return Look("", (Line(message),), default_language())
