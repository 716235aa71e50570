"""What was counted, on the terminal: every notebook to look at, then a row per line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.authoring.lines import is_sound, lines_of
from grader.language.messages import say
from grader.models import STEP_TITLES
from grader.reporting.wording import finely, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grader.authoring.mixed import Mixed, Seen
    from grader.cli.counting import Counting
    from grader.cli.speaking import Speaker
    from grader.language.messages import Message
    from grader.models import Step, Tally


def report_counted(id_: str, found: Mixed, counting: Counting, speaker: Speaker) -> None:
    """Show what was not as due, and what that comes to."""
    for seen in found.kept:
        speaker.tell(say("{name}: {about}", name=seen.known.name, about=seen.known.about or "-"))
        for message in _findings(seen):
            speaker.tell(say("    {finding}", finding=message))
    Console(highlight=False).print(_table(id_, found.tally, speaker))
    if found.kept and counting.sealed is None:
        speaker.tell(
            say(
                "To look at one of them: grader audit {id} --mixed-only {name} --drawn-by "
                '"{seed}" --keep FOLDER',
                id=id_,
                name=found.kept[0].known.name,
                seed=counting.drawn_by,
            )
        )
    if not found.complete:
        speaker.tell(say("{id}: interrupted; this is what was seen until then.", id=id_))
    elif is_sound(found.tally):
        speaker.tell(say("{id}: no line is crossed.", id=id_))
    else:
        speaker.tell(say("{id}: not sound. What is marked with ✗ must not be.", id=id_))


def _table(id_: str, tally: Tally, speaker: Speaker) -> Table:
    table = Table(title=id_, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("")
    table.add_column(speaker.word(say("Seen")), justify="right")
    table.add_column(speaker.word(say("Of")), justify="right")
    table.add_column(speaker.word(say("Share")), justify="right")
    table.add_column(speaker.word(say("95 % bound")), justify="right")
    table.add_column("")
    for line in lines_of(tally):
        table.add_row(
            speaker.word(line.about),
            f"{line.share.count:,}",
            f"{line.share.of:,}",
            finely(line.share.rate),
            f"{'>' if line.wanted else '<'} {finely(line.bound)}" if line.share.of else "-",
            Text("✗" if line.crossed else "", style="bold red"),
        )
    return table


def _findings(seen: Seen) -> Iterator[Message]:
    """What was not as due in one notebook."""
    mark = seen.mark
    if mark.withheld_reason is not None:
        yield say("the mark is withheld: {reason}", reason=mark.withheld_reason)
        return
    if seen.hurt:
        checks = (check for step in mark.steps for check in step.checks)
        failed = [check.id for check in checks if check.points < check.max_points]
        yield say(
            "is right and got {points:g}: {checks}", points=mark.points, checks=", ".join(failed)
        )
    if seen.full:
        yield say("is wrong and got all points")
    if not seen.right and seen.blamed:
        yield say("right, and blamed: {steps}", steps=_titles(seen.blamed))
    if seen.missed:
        yield say("wrong, and with all points: {steps}", steps=_titles(seen.missed))
    said = ", ".join(dict.fromkeys(diagnosis.id for diagnosis in mark.diagnoses)) or "-"
    due = [name for names in seen.known.guilty.values() for name in sorted(names)]
    if seen.right and mark.diagnoses:
        yield say("is right; named was {said}", said=said)
    elif due and len(seen.named) < len(seen.known.guilty):
        yield say("named should be {due}; named was {said}", due=", ".join(due), said=said)
    elif not seen.right and not due:
        yield say("named was {said}", said=said)


def _titles(steps: Iterable[Step]) -> Message:
    return listed([STEP_TITLES[step] for step in steps])
