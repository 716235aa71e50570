"""How a cell that did not run to its end is spoken of: what stopped it, and what to try."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from grader.language.messages import Message, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.models import CellError

# Ends that are not an exception of the student's code; after these nothing could be observed.
UNSEEN: Final[Mapping[str, Message]] = {
    "KernelDied": say("Python itself ended while this cell was running."),
    "OutOfMemory": say("The cell used more memory than a notebook is allowed, and was stopped."),
    "TooManyProcesses": say(
        "The cell started more processes than a notebook is allowed, and was stopped."
    ),
}
LIMITS: Final = {**UNSEEN, "TimedOut": say("The cell did not finish within its time limit.")}
# How a download ends in a room without a network, whichever library tries it.
_NO_NETWORK: Final = (
    "Temporary failure in name resolution",
    "Network is unreachable",
    "Name or service",
)
_NO_COMPILER: Final = ("InductorError", "BackendCompilerFailed", "CppCompileError")
_NO_GPU: Final = re.compile(
    r"Torch not compiled with CUDA|No CUDA GPUs|NVIDIA driver|CUDA (?:error|driver)"
    r"|deserialize object on a CUDA device|MPS (?:backend|device)|not linked with support for mps"
)
_ELSEWHERE: Final = re.compile(r"/content\b|/kaggle\b|/Users/|/home/|[A-Z]:\\")
_NO_FILE: Final = re.compile(r"No such file|does not exist|cannot be opened|not found")
_ASKS: Final = ("StdinNotImplementedError", "EOFError")


def lacks_gpu(error: CellError) -> bool:
    """Whether a cell stopped because it asked for a graphics card."""
    return _NO_GPU.search(error.value) is not None


def what_to_try(error: CellError) -> Message | None:
    """What the student may try next; nothing to say where a limit was reached."""
    if error.name in LIMITS:
        return None
    if any(sign in error.value for sign in _NO_NETWORK):
        return say("Notebooks are graded without a network: remove what this cell downloads.")
    if error.name in _NO_COMPILER:
        return say("Notebooks are graded without a compiler: leave `torch.compile` out.")
    if error.name in _ASKS:
        return say(
            "While a notebook is graded, nobody is there to answer `input()`: write the value "
            "into the code."
        )
    if lacks_gpu(error):
        return say(
            "Notebooks are graded on a machine without a graphics card: leave the tensors and "
            "the model on the processor, or ask `torch.cuda.is_available()` first."
        )
    if error.name in ("FileNotFoundError", "RuntimeError", "OSError", "NotADirectoryError"):
        return _about_a_file(error)
    return _READ_ON


def _about_a_file(error: CellError) -> Message:
    if _ELSEWHERE.search(error.value):
        return say(
            "This folder exists on the machine where you worked (Colab's is /content), but not "
            "where notebooks are graded: leave out what reads or writes there."
        )
    if error.name == "FileNotFoundError" and _NO_FILE.search(error.value):
        return say(
            "Only the notebook itself was handed in, without files beside it: make the data in "
            "the notebook, or leave out what reads this file."
        )
    return _READ_ON


def how_it_stopped(error: CellError) -> Message:
    """What happened, and where."""
    if error.name in LIMITS:
        return LIMITS[error.name]
    if error.line is None:
        return say("The cell stopped with {name}: {value}", name=error.name, value=error.value)
    return say(
        "The cell stopped at line {line} with {name}: {value}",
        line=error.line,
        name=error.name,
        value=error.value,
    )


_READ_ON: Final = say(
    "Read the last line of the message first, then look at the line that it names."
)
