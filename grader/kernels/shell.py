"""The program of a kernel without Jupyter: an IPython shell that answers over its own pipes.

It is run as a file and imports nothing of ours. One JSON line in is a cell (`source`, `history`),
one line out is what became of it (`outputs`, `cut`), with outputs in nbformat's form.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import sys
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

MOST_OUTPUTS = 2000
MOST_OUTPUT_CHARS = 2_000_000
# What the recorder tells of one step.
MOST_ANSWER_CHARS = 12_000_000


class Shown:
    """What the running cell has shown so far; of very much, only the beginning."""

    def __init__(self) -> None:
        self.begin()

    def begin(self, most_chars: int = MOST_OUTPUT_CHARS) -> None:
        """A cell begins, of which no more than this is shown."""
        self.most_chars = most_chars
        self.outputs: list[dict[str, Any]] = []
        self.chars = 0
        self.cut = False

    def add(self, output: dict[str, Any], said: str) -> None:
        """Add an output of which `said` is the text; what a stream says on belongs together."""
        self.chars += len(said)
        if self.chars > self.most_chars or len(self.outputs) >= MOST_OUTPUTS:
            self.cut = True
            return
        last = self.outputs[-1] if self.outputs else {}
        if "text" in output and output.get("name") == last.get("name"):
            last["text"] += output["text"]
        else:
            self.outputs.append(output)


SHOWN = Shown()


class Stream(io.TextIOBase):
    """Standard output or error."""

    def __init__(self, name: str) -> None:
        self.stream = name

    def writable(self) -> bool:
        """It is there to be written to."""
        return True

    def write(self, text: str) -> int:
        """Show the text below the cell."""
        if text:
            SHOWN.add({"output_type": "stream", "name": self.stream, "text": text}, text)
        return len(text)


class Publisher(DisplayPublisher):
    """What `display` shows."""

    def publish(self, data: Any, metadata: Any = None, *_: Any, **__: Any) -> None:
        """Show it below the cell."""
        output = {"output_type": "display_data", "data": data, "metadata": metadata or {}}
        SHOWN.add(output, str(data))


class Hook(DisplayHook):
    """What a cell's last expression shows."""

    def write_output_prompt(self) -> None:
        """No prompt: there is no terminal."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Show it below the cell."""
        output = {"output_type": "execute_result", "data": format_dict, "metadata": md_dict or {}}
        SHOWN.add(output, str(format_dict))


class Compiler(CachingCompiler):
    """Names a cell's code by what it says, as the kernels of Jupyter do."""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:  # noqa: ARG002
        """The name that stands in tracebacks for a file's."""
        digest = hashlib.sha256(raw_code.encode(errors="replace")).hexdigest()[:16]
        return f"<ipython-input-{digest}>"


class Shell(InteractiveShell):
    """An IPython shell whose outputs are collected."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)

    def init_io(self) -> None:
        """Leave the streams as they are."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        output = {
            "output_type": "error",
            "ename": getattr(etype, "__name__", str(etype)),
            "evalue": str(evalue),
            "traceback": list(stb),
        }
        SHOWN.add(output, str(evalue))


def main() -> None:
    """Answer until nobody asks any more."""
    # A shell's background jobs ignore SIGINT, and so would the cell that is to be interrupted.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
    # A folder beside this file is no place to import from.
    sys.path[0] = ""
    settings = Config()
    settings.HistoryManager.enabled = False
    shell = Shell.instance(config=settings)
    shell.compile = Compiler()  # type: ignore[no-untyped-call]
    for line in requests:
        asked = json.loads(line)
        SHOWN.begin(MOST_OUTPUT_CHARS if asked["history"] else MOST_ANSWER_CHARS)
        try:
            shell.run_cell(  # type: ignore[no-untyped-call]
                asked["source"], store_history=asked["history"], silent=not asked["history"]
            )
        except KeyboardInterrupt:
            shell.showtraceback()
        answers.write(json.dumps({"outputs": SHOWN.outputs, "cut": SHOWN.cut}, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
