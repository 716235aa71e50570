from __future__ import annotations

import pytest
import typer

from grader.cli.error_boundary import ExitCode, error_boundary
from grader.cli.speaking import Speaker
from grader.language.messages import say

IN_ENGLISH = Speaker("en")


def test_who_stops_a_command_is_told_of_no_pages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, error_boundary(IN_ENGLISH):
        raise KeyboardInterrupt
    assert ended.value.exit_code == ExitCode.INTERRUPTED
    assert capsys.readouterr().err == "Interrupted.\n"


def test_a_command_says_itself_what_is_left_of_its_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept = say("Interrupted. What is marked is kept: the same command grades the rest.")
    with pytest.raises(typer.Exit), error_boundary(IN_ENGLISH, kept):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == f"{kept}\n"
