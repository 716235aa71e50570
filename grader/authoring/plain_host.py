"""Runs notebooks in plain IPython and torch, each in a process of its own; no grader takes part.

Started by `plain` as a program. It reads a line of JSON per notebook, and answers with one. The
first line is the exception: `warm` is run and forgotten, in the process that the others are forked
from, and `given` is run there and kept, so that no notebook has to run those cells again.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import types
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from IPython.core.interactiveshell import InteractiveShell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A notebook that takes longer is not one that a class has the patience for.
PATIENCE_S: Final = 30


def serve() -> None:
    """Answer until there are no more notebooks."""
    answers = os.fdopen(os.dup(1), "w")
    # What a notebook prints, or a program that it starts, must not come between the answers.
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    shell = _shell()
    given = frozenset[str]()
    for line in sys.stdin:
        task = json.loads(line)
        if "warm" in task:
            _run(shell, task["warm"])
            shell.reset(new_session=False)
            given = frozenset(task["given"])
            _run(shell, task["given"])
            continue
        task["cells"] = [cell for cell in task["cells"] if cell not in given]
        answers.write(_in_a_fork(shell, task) + "\n")
        answers.flush()


def _shell() -> Any:
    """IPython, which has neither a machine to change nor a screen."""
    from traitlets.config import Config

    shell: Any = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    # `!pip install` and its like are somebody else's machine.
    shell.system = lambda *_, **__: None
    shell.getoutput = lambda *_, **__: []
    shell.set_hook("show_in_pager", lambda *_, **__: None)
    shell.enable_gui = lambda *_: None
    shell.showtraceback = lambda *_, **__: None
    _be_colab()
    return shell


def _be_colab() -> None:
    """What a notebook of Colab imports, without a drive behind it."""
    package, colab = types.ModuleType("google"), types.ModuleType("google.colab")
    colab.drive = types.SimpleNamespace(mount=lambda *_, **__: None)  # type: ignore[attr-defined]
    package.colab = colab  # type: ignore[attr-defined]
    sys.modules.setdefault("google", package)
    sys.modules["google.colab"] = colab


def _in_a_fork(shell: Any, task: Mapping[str, Any]) -> str:
    """What became of one notebook, as JSON; "null" where its process did not live to tell."""
    with TemporaryDirectory(prefix="grader-plain-") as folder:
        ours, theirs = os.pipe()
        child = os.fork()
        if not child:
            signal.alarm(PATIENCE_S)
            os.chdir(folder)
            try:
                os.write(theirs, json.dumps(_told(shell, task)).encode())
            finally:
                os._exit(0)
        os.close(theirs)
        with os.fdopen(ours, "rb") as answer:
            told = answer.read().decode()
        os.waitpid(child, 0)
    return told or "null"


def _told(shell: Any, task: Mapping[str, Any]) -> dict[str, object]:
    """Whether all cells ran, and what they left behind."""
    _seed(task["seed"])
    names = task["names"]
    error = _run(shell, task["cells"])
    mine = shell.user_ns
    losses = mine.get(names["losses"])
    return {
        "error": error,
        "losses": [float(loss) for loss in losses] if isinstance(losses, list) else None,
        "loss": _loss(mine, names),
    }


def _run(shell: Any, cells: Sequence[str]) -> str | None:
    """What the first cell that raises has to say."""
    for cell in cells:
        result = shell.run_cell(cell, store_history=False)
        if problem := result.error_before_exec or result.error_in_exec:
            return f"{type(problem).__name__}: {problem}"
    return None


def _loss(mine: Mapping[str, Any], names: Mapping[str, str]) -> float | None:
    """The loss of the trained model on the whole data, if they are called as in the handout."""
    model, loss_fn, X, y = (mine.get(names[role]) for role in ("model", "loss_fn", "X", "y"))
    try:
        return float(loss_fn(model(X), y))  # type: ignore[misc]
    # A model that wants to be asked in another way is none the worse for it.
    except Exception:
        return None


def _seed(seed: int) -> None:
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)


if __name__ == "__main__":
    serve()
