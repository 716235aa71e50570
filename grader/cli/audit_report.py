"""What an audit found, on the terminal: a row for each entry, then whatever is not as due."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.language.messages import say
from grader.models import STEP_TITLES, Step, Verdict
from grader.reporting.wording import VERDICT_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from grader.authoring.audit import Audit, Tried
    from grader.cli.speaking import Speaker
    from grader.course.assignment import Assignment
    from grader.language.messages import Message

_SIGNS: Final[Mapping[Verdict, str]] = {
    Verdict.PASSED: "✓",
    Verdict.NOT_ATTEMPTED: "○",
    Verdict.FAILED: "✗",
    Verdict.NOT_ASSESSED: "?",
    Verdict.ERROR: "!",
}
_OFF: Final = "bold red"
# Rows of a log are found by searching: they must not be folded at a terminal's usual 80 columns.
_LOG_WIDTH: Final = 160


def report(
    assignment: Assignment, found: Audit, speaker: Speaker, *, matrix: bool, partial: bool
) -> None:
    """Show an audit: by step, or with `matrix` by check; `partial` is one of some entries only."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _LOG_WIDTH
    signs = "  ".join(f"{_SIGNS[v]} {speaker.word(word)}" for v, word in VERDICT_WORDS.items())
    console.print(Text(signs))
    if matrix:
        for number, check in enumerate(assignment.checks, 1):
            console.print(Text(f"{number:>3} {check.id}"))
        console.print(_by_check(assignment, found, speaker))
    else:
        console.print(_by_step(assignment, found, speaker))
    for message in (*_findings(found), _summary(assignment, found)):
        speaker.tell(message)
    if found.sound and partial:
        speaker.tell(say("{id}: what was tried got what is due.", id=assignment.id))
    elif found.sound:
        speaker.tell(say("{id} is sound: it may be shown to a class.", id=assignment.id))


def _by_step(assignment: Assignment, found: Audit, speaker: Speaker) -> Table:
    table = Table(title=assignment.id, title_justify="left", box=SIMPLE_HEAD)
    table.add_column(speaker.word(say("Entry")), overflow="fold")
    for step in Step:
        table.add_column(speaker.word(STEP_TITLES[step]), justify="center")
    table.add_column(speaker.word(say("Diagnosis")), justify="center")
    for runs in _by_entry(found.tried):
        cells = (_step_cell(step, runs) for step in Step)
        table.add_row(Text(runs[0].entry.name), *cells, _diagnosis_cell(runs))
    return table


def _step_cell(step: Step, runs: Sequence[Tried]) -> Text:
    """The verdict that all seeds agree on and that is due; else the due one and those that came."""
    due = runs[0].entry.verdict(step)
    came = {run.verdicts[step] for run in runs if step in run.verdicts}
    if came == {due}:
        return Text(_SIGNS[due])
    return Text(f"{_SIGNS[due]}→{''.join(_SIGNS[v] for v in Verdict if v in came)}", style=_OFF)


def _diagnosis_cell(runs: Sequence[Tried]) -> Text:
    if any(run.named is False for run in runs):
        return Text(_SIGNS[Verdict.FAILED], style=_OFF)
    return Text(_SIGNS[Verdict.PASSED] if runs[0].entry.diagnosis else "")


def _by_check(assignment: Assignment, found: Audit, speaker: Speaker) -> Table:
    table = Table(title=assignment.id, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(speaker.word(say("Entry")), overflow="fold")
    for number in range(1, len(assignment.checks) + 1):
        table.add_column(str(number), justify="center")
    for runs in _by_entry(found.tried):
        cells = (_check_cell(check.id, runs) for check in assignment.checks)
        table.add_row(Text(runs[0].entry.name), *cells)
    return table


def _check_cell(check: str, runs: Sequence[Tried]) -> str:
    came = {
        one.judgement.verdict
        for run in runs
        for mark in run.graded.mark.steps
        for one in mark.checks
        if one.id == check
    }
    return "".join(_SIGNS[v] for v in Verdict if v in came)


def _by_entry(tried: Iterable[Tried]) -> Iterable[list[Tried]]:
    return (list(runs) for _, runs in groupby(tried, key=lambda run: run.entry.name))


def _findings(found: Audit) -> Iterable[Message]:
    """What is not as due, run by run, then the checks that nothing tests."""
    for run in found.tried:
        if not run.verdicts:
            yield say(
                "{name}, seed {seed}: no verdicts: {reason}",
                name=run.entry.name,
                seed=run.seed,
                reason=run.graded.mark.withheld_reason or "-",
            )
        elif run.graded.mark.withheld and not run.entry.withheld:
            yield say(
                "{name}, seed {seed}: the mark is withheld: {reason}",
                name=run.entry.name,
                seed=run.seed,
                reason=run.graded.mark.withheld_reason or "-",
            )
        elif run.entry.withheld and not run.graded.mark.withheld:
            yield say(
                "{name}, seed {seed}: the mark is not withheld, and should be.",
                name=run.entry.name,
                seed=run.seed,
            )
        for step, verdict in run.verdicts.items():
            if not run.entry.allows(step, verdict):
                yield say(
                    "{name}, seed {seed}, {step}: due is “{due}”, what came is “{came}”.",
                    name=run.entry.name,
                    seed=run.seed,
                    step=STEP_TITLES[step],
                    due=VERDICT_WORDS[run.entry.verdict(step)],
                    came=VERDICT_WORDS[verdict],
                )
        if run.named is False:
            yield _misnamed(run)
    if found.never_failed:
        yield say(
            "No entry fails {checks}: add one to the bank for each.",
            checks=", ".join(found.never_failed),
        )


def _misnamed(run: Tried) -> Message:
    made = ", ".join(diagnosis.id for diagnosis in run.graded.mark.diagnoses) or "-"
    if run.entry.right:
        return say(
            "{name}, seed {seed}: is right, and was accused of {made}.",
            name=run.entry.name,
            seed=run.seed,
            made=made,
        )
    return say(
        "{name}, seed {seed}: the diagnosis due is {due}, what came is {made}.",
        name=run.entry.name,
        seed=run.seed,
        due=" / ".join(run.entry.diagnosis) or "-",
        made=made,
    )


def _summary(assignment: Assignment, found: Audit) -> Message:
    right, due = found.diagnosed
    return say(
        "{id}: {entries} entries, {runs} runs. False passes: {false_passes}; false fails: "
        "{false_fails}; diagnosis named first: {right} of {due}; accused though right: {accused}.",
        id=assignment.id,
        entries=len({run.entry.name for run in found.tried}),
        runs=len(found.tried),
        false_passes=found.false_passes,
        false_fails=found.false_fails,
        right=right,
        due=due,
        accused=len(found.accused),
    )
