from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.cli.progress import shown_progress, shown_share
from grader.cli.speaking import Speaker
from grader.language.messages import say
from tests.reporting.samples import graded

if TYPE_CHECKING:
    import pytest

HOSTILE = graded("[bold]<b>\x1b[2J", language="en")
WITHHELD = replace(HOSTILE, mark=replace(HOSTILE.mark, withheld_reason=say("A person must look.")))


def test_on_a_terminal_a_bar_names_the_last_student_and_counts_what_is_withheld(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    with shown_progress(3, Speaker("en")) as show:
        show(HOSTILE)
        show(WITHHELD)
    shown = capsys.readouterr()
    assert "2/3" in shown.err
    assert "[bold]<b> (withheld: 1)" in shown.err
    assert shown.out == ""


def test_elsewhere_each_submission_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress(2, Speaker("en")) as show:
        show(HOSTILE)
        show(WITHHELD)
    assert capsys.readouterr().out.splitlines() == [
        f"[1/2] [bold]<b>, {HOSTILE.assignment.id}: 100 of 100 points",
        f"[2/2] [bold]<b>, {HOSTILE.assignment.id}: withheld",
    ]


def test_a_share_is_a_bar_on_a_terminal_and_nothing_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with shown_share(10, "01_exact_line", Speaker("en")) as show:
        show(4)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    with shown_share(10, "01_exact_line", Speaker("en")) as show:
        show(4)
        show(6)
    shown = capsys.readouterr()
    assert "01_exact_line" in shown.err
    assert "100%" in shown.err
    assert shown.out == ""
