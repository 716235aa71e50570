"""`from grader import check, hint`: a student's own look from within the notebook.

The import begins to watch. While a notebook is graded, these names do nothing
(`grader.recorder.silent`).
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import GraderError
from grader.language.messages import Message, say

if TYPE_CHECKING:
    from typing import Any

    from grader.preview.live import Live
    from grader.preview.look import Hint, Look


def check(what: str | None = None, *, lesson: str | None = None) -> Look:
    """How far the work in this notebook is, of one step (`check("data")`) or of all (`check()`).

    `lesson` names the lesson where the notebook's own cells do not tell it. Nothing in the notebook
    is changed by it.
    """
    from grader.preview.look import look

    return look(watching(), what, lesson)


def hint(what: str | None = None, *, lesson: str | None = None) -> Hint:
    """In a notebook: what to try next, in one step or in the first that is not right yet.

    Asked again about the same, it tells the next hint.
    """
    from grader.preview.look import hinted

    return hinted(watching(), what, lesson)


def begin() -> None:
    """Begin to watch the notebook that this is imported in, if it is one."""
    if shell() is not None:
        watching()


def shell() -> Any:
    """The IPython shell of this process, if there is one."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


@cache
def watching() -> Live | Message:
    """What watches this notebook; or why nothing can."""
    if shell() is None or "inside" in sys.modules:
        return say("check() looks at a notebook: call it in Jupyter, Colab or IPython.")
    if find_spec("torch") is None:
        return say("torch is not installed here, so there is nothing to look at yet.")
    try:
        return _begun()
    except GraderError as error:
        return error.message
    except Exception as error:
        return say(
            "The grader broke on this; it is not your fault. Show your instructor: {error}",
            error=f"{type(error).__name__}: {error}",
        )


def _begun() -> Live:
    from grader.preview.course import lessons_at
    from grader.preview.following import Following
    from grader.preview.live import Live

    lessons = lessons_at(Path())
    live = Live(
        shell(),
        Following(
            [handout for lesson in lessons.values() for handout in lesson.handouts],
            {id_: lesson.assignment.table.recipe for id_, lesson in lessons.items()},
        ),
        lessons,
    )
    live.begin()
    return live


__all__ = ["begin", "check", "hint", "watching"]
