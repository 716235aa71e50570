"""`grader check`: a student's own check of a notebook, before it is handed in."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.isolation import IsolationWish
from grader.cli.speaking import LanguageOption, speaker_for
from grader.errors import SubmissionUnreadable, UsageError
from grader.language.messages import say
from grader.models import Verdict

if TYPE_CHECKING:
    from grader.cli.speaking import Speaker
    from grader.execution.runner import NotebookRunner
    from grader.execution.shell_runner import AloneRunner
    from grader.preview.verdicts import Preview

_STYLES: Final = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "yellow",
    Verdict.NOT_ASSESSED: "magenta",
    Verdict.ERROR: "red",
}


def check(
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="Your notebook.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="PAGE.html", help="Write a page, too."),
    ] = None,
    assignment: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The assignment, if the notebook does not name it."),
    ] = None,
    lang: LanguageOption = None,
    isolation: Annotated[
        IsolationWish,
        typer.Option(help="How well the notebook must be isolated; your own need not be."),
    ] = IsolationWish.NONE,
    course: Annotated[
        Path,
        typer.Option(
            help="The folder that contains assignments/, for lessons that did not come with the "
            "grader."
        ),
    ] = Path(),
) -> None:
    """Check your own notebook before you hand it in; nothing is kept or sent anywhere."""
    speaker = speaker_for(lang)
    with error_boundary(speaker):
        from grader.preview.course import lessons_at
        from grader.preview.verdicts import preview_notebook

        lessons = lessons_at(course)
        if assignment is not None and assignment not in lessons:
            raise UsageError(
                say(
                    "There is no assignment {assignment}. Choose one of: {known}.",
                    assignment=assignment,
                    known=", ".join(sorted(lessons)),
                )
            )
        code = ExitCode.WITHHELD
        try:
            with closing(_runner(isolation, speaker)) as runner:
                preview = preview_notebook(notebook, lessons, runner, assignment=assignment)
        except SubmissionUnreadable as error:
            speaker.warn(say("{path}: {reason}", path=str(notebook), reason=error.message))
        else:
            _tell(preview, speaker if lang else speaker_for(_tongue(preview)))
            if out is not None:
                _write(preview, out, lang, speaker)
            if not preview.graded.mark.withheld:
                code = ExitCode.MARKED
    raise typer.Exit(code)


def _runner(wish: IsolationWish, speaker: Speaker) -> AloneRunner | NotebookRunner:
    if wish is IsolationWish.NONE:
        from importlib.util import find_spec

        if missing := [name for name in ("torch", "IPython") if find_spec(name) is None]:
            raise UsageError(
                say(
                    "{names} is not installed here, and notebooks need it: "
                    'pip install "torchgrade[student]".',
                    names=", ".join(missing),
                )
            )
        from grader.execution.shell_runner import AloneRunner

        return AloneRunner()
    from grader.cli.isolation import open_runner

    return open_runner(wish, speaker)


def _tongue(preview: Preview) -> str | None:
    """The notebook's own language, if it is one of ours."""
    from grader.reporting import known_language

    return known_language(preview.graded.submission.language)


def _tell(preview: Preview, speaker: Speaker) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    from grader.preview.text import lines_of, outcome_of
    from grader.reporting import translator
    from grader.reporting.printable import printable

    info = preview.graded.assignment
    words = translator(speaker.language, info.own_catalogues(speaker.language))
    console = Console(highlight=False, soft_wrap=False)
    console.print(Text(printable(info.title(speaker.language)), style="bold"))
    for line in (*outcome_of(preview), *lines_of(preview, preview.graded.mark.steps, live=False)):
        style = _STYLES.get(line.verdict, "") if line.verdict else ""
        text = Text(printable(line.message.render(words)), style=style)
        console.print(Padding(text, (0, 0, 0, 2 * line.indent), expand=False))


def _write(preview: Preview, out: Path, language: str | None, speaker: Speaker) -> None:
    from grader.reporting import preview_html
    from grader.reporting.files import write_whole

    try:
        write_whole(out, preview_html(preview.graded, preview.right, preview.left_open, language))
    except OSError as error:
        raise UsageError(
            say("{path} cannot be written: {reason}.", path=str(out), reason=str(error.strerror))
        ) from error
    speaker.tell(say("Page: {path}", path=str(out)))
