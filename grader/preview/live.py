"""Watches a notebook from within, with the recorder that watches graded ones.

Nothing in here may disturb the notebook: what goes wrong is kept, and told when somebody asks.
"""

from __future__ import annotations

import hashlib
import json
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.evidence import TransferPart, read_evidence
from grader.judging.judged_run import judge, stopped_steps
from grader.language.messages import Message, say
from grader.models import (
    CODE_STEPS,
    STEP_TITLES,
    CellError,
    CellRun,
    Execution,
    Isolation,
    Outcome,
    Step,
    Submission,
)
from grader.preview.verdicts import ELSEWHERE, preview_of
from grader.recorder import observing, recording, rehearsing, watching

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.course.lesson import Lesson
    from grader.preview.following import Following, Ran
    from grader.preview.verdicts import Preview


@dataclass
class Live:
    """One notebook while it is worked on; `running` is the cell that runs at the moment."""

    shell: Any
    following: Following
    lessons: Mapping[str, Lesson]
    recorder: Any = None
    running: Ran | None = None
    trained: list[object] = field(default_factory=list)
    parts: dict[Step, list[str]] = field(default_factory=dict)
    errors: dict[int, CellError] = field(default_factory=dict)
    hints: dict[Step, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Hook into torch and IPython; what ran before was not seen."""
        self.recorder = recording.Recorder(self.shell, {}, {}, {}, shown=None)
        self.recorder.install()
        history = self.shell.history_manager.input_hist_raw
        for number, source in enumerate(history):
            if source.strip():
                self.following.run(source, number, None, watched=False)
        self.shell.events.register("pre_run_cell", self.before)
        self.shell.events.register("post_run_cell", self.after)

    # ---- following the cells -------------------------------------------------------------------

    def before(self, info: Any) -> None:
        """A cell begins."""
        try:
            number = self.shell.execution_count
            cell_id = getattr(info, "cell_id", None)
            self.running = self.following.run(info.raw_cell, number, cell_id, watched=True)
            self._begin_again(self.running)
            self._point_out()
            with self.recorder.aside:
                self.recorder.enter(number, self.recorder.file_of(self.running.marked.cell.source))
            # Where a function comes from is told by the code as it was run, magics and all.
            name = self.shell.compile.get_code_name(info.raw_cell, info.raw_cell, 0)
            self.recorder.files[name] = number
        except Exception:
            self.faults.append(traceback.format_exc())

    def after(self, result: Any) -> None:
        """A cell has run."""
        try:
            ran, self.running = self.running, None
            if ran is None:
                return
            error = result.error_before_exec or result.error_in_exec
            self.errors.pop(ran.number, None)
            if error is not None:
                self.errors[ran.number] = self._cell_error(ran.number, error)
            self._observe(ran)
            training = self.recorder.training
            moved = training.updates.count or training.backwards.count
            if moved and Step.TRAIN in self.following.steps_of(ran.number):
                self.trained.append(ran.key)
        except Exception:
            self.faults.append(traceback.format_exc())

    def _begin_again(self, ran: Ran) -> None:
        """A step that is done once more is recorded as if it were the first time."""
        steps = self.following.steps_of(ran.number)
        if Step.MODEL in steps:
            self.trained.clear()
        if not ran.again or not steps:
            return
        for step in steps:
            self.parts.pop(step, None)
        self.recorder.training = watching.Training()
        self.recorder.copies = self.recorder.owned_before = None
        if Step.DATA in steps:
            self.recorder.random_states, self.recorder.given = {}, {}

    def _point_out(self) -> None:
        parts = self.following.steps_of_cells()
        self.recorder.steps = {n: [str(step) for step in steps] for n, steps in parts.items()}
        self.recorder.names = self.following.names()

    def _observe(self, ran: Ran) -> None:
        """Keep what is to be seen of the steps that a cell completes."""
        for step in self.following.complete_after(ran.number):
            records = observing.observe(self.recorder, [str(step)], self._seed())
            if step is Step.TRAIN:
                plain = rehearsing.plain_run(self.recorder, self._epochs())
                records.append({"kind": "plain", "plain": plain})
            self.parts[step] = [json.dumps(record) for record in records]

    # ---- judging -------------------------------------------------------------------------------

    def preview(self, lesson: Lesson) -> Preview:
        """The verdicts of what was seen so far, and of what is there now."""
        if self.running is not None:
            # The question stands in a step's own cell.
            self._observe(self.running)
        result = observing.observe(self.recorder, [str(Step.RESULT)], self._seed())
        records = [record for step in CODE_STEPS for record in self.parts.get(step, ())]
        records += [json.dumps(record) for record in result]
        submission, execution = self._submission(lesson), self._execution()
        evidence = read_evidence(
            records,
            why={TransferPart: ELSEWHERE},
            stopped=stopped_steps(submission, execution),
        )
        run = judge(submission, lesson.assignment, execution, evidence)
        return preview_of(run, lesson, self.unseen())

    def unseen(self) -> dict[Step, Message]:
        """The steps of which nothing certain is known, and how to come to know it."""
        reasons = dict(self._unseen())
        earlier = next((reasons[step] for step in CODE_STEPS if step in reasons), None)
        if earlier is not None:
            reasons.setdefault(Step.TRAIN, earlier)
            reasons.setdefault(Step.RESULT, reasons[Step.TRAIN])
        return reasons

    def _unseen(self) -> Iterator[tuple[Step, Message]]:
        if len(self.trained) > len(set(self.trained)):
            yield (
                Step.TRAIN,
                say(
                    "The training ran {count} times with the same model. Run the model's cell and "
                    "those after it again, so that one training is judged.",
                    count=len(self.trained),
                ),
            )
        for step, anew in self.following.outdated().items():
            yield (
                step,
                say(
                    "The step {anew} was run again after this one: run this one again too.",
                    anew=STEP_TITLES[anew],
                ),
            )
        for step in self.following.unwatched():
            yield (
                step,
                say(
                    "This cell ran before `from grader import check`. Restart the notebook and run "
                    "all cells, so that they are watched."
                ),
            )

    def _submission(self, lesson: Lesson) -> Submission:
        found = self.following.found
        return Submission(
            student="",
            assignment=lesson.assignment.id,
            language=self.following.language or "",
            path=Path(),
            sha256=self._digest(),
            cells=tuple(one.marked.cell for one in self.following.ran),
            steps=self.following.steps,
            unchanged=found.unchanged if found is not None else frozenset(),
            given=found.given if found is not None else frozenset(),
        )

    def _execution(self) -> Execution:
        now = [one.number for one in self.following.ran]
        errors = [self.errors[number] for number in now if number in self.errors]
        return Execution(
            outcome=Outcome.RAISED if errors else Outcome.COMPLETED,
            runs=tuple(CellRun(n, error=self.errors.get(n)) for n in now),
            records=(),
            isolation=Isolation("none"),
            duration_s=0.0,
            error=errors[0] if errors else None,
        )

    def _cell_error(self, number: int, error: BaseException) -> CellError:
        line = None
        for frame, at in traceback.walk_tb(error.__traceback__):
            if frame.f_globals is self.shell.user_ns:
                line = at
        if isinstance(error, SyntaxError):
            line = error.lineno
        return CellError(number, type(error).__name__, str(error)[:2000], "", line)

    def _epochs(self) -> int:
        recipe = self.following.recipe
        return recipe.epochs if recipe is not None else 100

    def _seed(self) -> int:
        return int(self._digest()[:8], 16)

    def _digest(self) -> str:
        sources = "\0".join(one.marked.cell.source for one in self.following.ran)
        return hashlib.sha256(sources.encode(errors="replace")).hexdigest()
