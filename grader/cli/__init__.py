"""The commands: arguments in, exit codes out; the only part of the grader that prints.

Exit codes: 0 everything that was handed in has a mark; 1 some mark is withheld or missing and
needs attention; 2 wrong usage or a broken assignment; 3 a fault in the grader; 130 interrupted.
"""

from __future__ import annotations

from typing import Annotated

import typer

from grader.cli.audit import audit
from grader.cli.calibrate import calibrate
from grader.cli.check import check
from grader.cli.choose import choose
from grader.cli.export import export
from grader.cli.grade import grade
from grader.cli.gradescope import gradescope
from grader.cli.new import new
from grader.cli.override import override
from grader.cli.rates import rates
from grader.cli.regrade import regrade
from grader.cli.release import release
from grader.cli.review import review

app = typer.Typer(
    name="grader",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (grade, check, regrade, override, choose, export, review, new, release, audit):
    app.command()(command)
app.command()(calibrate)
app.command()(rates)
app.command(hidden=True)(gradescope)


def _show_version(wanted: bool) -> None:
    if wanted:
        from grader.reporting.result import grader_version

        typer.echo(grader_version())
        raise typer.Exit


@app.callback()
def grader(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Grade beginners' PyTorch notebooks by watching them train."""
