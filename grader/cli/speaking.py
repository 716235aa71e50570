"""Words messages in the reader's language and puts them on the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from grader.language.messages import Message


@dataclass(frozen=True, slots=True)
class Speaker:
    """Speaks to the person at the terminal, in their language."""

    language: str

    def word(self, message: Message) -> str:
        """The message in the speaker's language, on one line.

        Nothing in it can steer the terminal, or pretend to be the next line.
        """
        from grader.reporting import translator
        from grader.reporting.printable import on_one_line

        return on_one_line(message.render(translator(self.language)))

    def show(self, path: Path) -> None:
        """Name a file."""
        typer.echo(str(path))

    def tell(self, message: Message) -> None:
        """Say what was done."""
        typer.echo(self.word(message))

    def warn(self, message: Message) -> None:
        """Say what went wrong, or waits for a person."""
        typer.echo(self.word(message), err=True)


def speaker_for(language: str | None) -> Speaker:
    """A speaker of the language that was asked for, else of the locale's."""
    from grader.reporting import default_language

    return Speaker(language or default_language())


def _known(tag: str | None) -> str | None:
    if tag is None:
        return None
    from grader.reporting import known_language, languages

    language = known_language(tag)
    if language is None:
        raise typer.BadParameter(f"'{tag}' is not one of {', '.join(languages())}.")
    return language


LanguageOption = Annotated[
    str | None,
    typer.Option("--lang", callback=_known, help="Language of messages and pages: zh or en."),
]
CourseOption = Annotated[
    Path, typer.Option(help="The folder that holds assignments/ and solutions/.")
]
