"""What is told of a run with the reference's cells in it: verdicts, bounded numbers, known words.

In such a run the student's own code has the reference beside it in the same process, and may put
what it finds there into whatever it names, raises or prints. So nothing of its making is passed on
that the notebook, or the run of the notebook as it was handed in, did not say already.
"""

from __future__ import annotations

import builtins
import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from grader.judging.judged_run import suspicions_of
from grader.language.messages import Message, say
from grader.models import CellKind, Step
from grader.recipes.recipe import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.judging.judged_run import Run
    from grader.language.messages import Value
    from grader.models import CheckResult, Diagnosis, Judgement, StepMark

LONGEST_WORD: Final = 40
LONGEST_NUMBERS: Final = 24
MOST_COUNT: Final = 1_000_000
DIGITS: Final = 5
NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
BETWEEN: Final = re.compile(r"[\s,:()\[\]]*")
WORD: Final = re.compile(r"[^\W\d]\w*")
TYPES: Final = (
    *("float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "bool"),
    *("Tensor", "Parameter", "ndarray", "list", "tuple", "function", "method", "Sequential"),
)
KEPT_BACK: Final = say("not shown until the steps before this one are right")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What may be repeated: `names` by themselves, `texts` as a whole; `lines` of each own cell."""

    names: frozenset[str]
    texts: frozenset[str]
    lines: Mapping[int, int]

    def mark(self, mark: StepMark) -> StepMark:
        """The mark of a step, saying nothing else."""
        return replace(mark, checks=tuple(map(self._check, mark.checks)))

    def diagnosis(self, found: Diagnosis) -> Diagnosis:
        """The mistake, at a place that is in the notebook as it was handed in."""
        last = self.lines.get(found.cell or 0)
        return replace(
            found,
            message=self.message(found.message),
            hint=self.message(found.hint),
            cell=found.cell if last is not None else None,
            line=found.line if found.line in range(1, (last or 0) + 1) else None,
        )

    def message(self, message: Message) -> Message:
        """The sentence with nothing else in it."""
        if (stop := self._stop(message)) is not None:
            return stop
        values = tuple((name, self._value(value)) for name, value in message.values)
        return replace(message, values=values, count=min(message.count, MOST_COUNT))

    def _stop(self, message: Message) -> Message | None:
        """How a cell stopped, where not even the kind of exception is to be told."""
        told = dict(message.values)
        if set(told) - {"line"} != {"name", "value"} or self._value(told["name"]) != KEPT_BACK:
            return None
        if "line" not in told:
            return say(
                "The cell stopped; why is not shown until the steps before this one are right."
            )
        return say(
            "The cell stopped in its line {line}; why is not shown until the steps before this one "
            "are right.",
            line=self._value(told["line"]),
        )

    def _check(self, result: CheckResult) -> CheckResult:
        return replace(result, judgement=self._judgement(result.judgement))

    def _judgement(self, judgement: Judgement) -> Judgement:
        return replace(
            judgement,
            message=self.message(judgement.message),
            expected=self.message(judgement.expected) if judgement.expected else None,
            actual=self.message(judgement.actual) if judgement.actual else None,
            hint=self.message(judgement.hint) if judgement.hint else None,
        )

    def _value(self, value: Value) -> Value:
        if isinstance(value, Message):
            return self.message(value)
        if not isinstance(value, str):
            return _bounded(value)
        if value in self.texts or value in self.names:
            return value
        return _numbers(value) or KEPT_BACK


def own_words(first: Run) -> OwnWords:
    """The words of a notebook, and of its run without anything of the reference."""
    cells = [cell for cell in first.submission.cells if cell.kind is CellKind.CODE]
    names = {name for cell in cells for name in WORD.findall(cell.source)}
    roles = [*(role for found in ROLES.values() for role in found), *Step]
    return OwnWords(
        names=frozenset(
            n for n in (*names, *roles, *TYPES, *dir(builtins)) if len(n) <= LONGEST_WORD
        ),
        texts=frozenset(_texts(first)),
        lines={cell.number: len(cell.source.splitlines()) for cell in cells},
    )


def _texts(first: Run) -> Iterator[str]:
    for error in first.stopped.values():
        yield from (error.name, error.value)
    for suspicion in suspicions_of(first):
        yield from _told(suspicion)
    for mark in first.steps:
        for check in mark.checks:
            said = check.judgement
            for message in (said.message, said.expected, said.actual, said.hint):
                yield from _told(message) if message is not None else ()


def _told(message: Message) -> Iterator[str]:
    for _, value in message.values:
        if isinstance(value, Message):
            yield from _told(value)
        elif isinstance(value, str):
            yield value


def _bounded(value: float) -> float:
    """A number with as many digits as a page shows; what no honest work comes to is infinite."""
    if abs(value) > MOST_COUNT:
        return math.inf if value > 0 else -math.inf
    return value if isinstance(value, int) else float(f"{value:.{DIGITS}g}")


def _numbers(text: str) -> str:
    """A short row of numbers; empty where the text is anything else."""
    if len(text) > 4 * LONGEST_NUMBERS or not BETWEEN.fullmatch(NUMBER.sub("", text)):
        return ""
    short = NUMBER.sub(lambda found: f"{float(found.group()):.{DIGITS}g}", text)
    return short if len(short) <= LONGEST_NUMBERS else ""
