"""Inputs of up to 20 MB that were made to keep the grader busy, and honest large ones.

`made(kind, name)` makes one, `grade` takes it from the file and the kernel's words to the page.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import nbformat
import numpy as np

from grader.course.assignment import load_assignment
from grader.course.lesson import open_lesson
from grader.errors import SubmissionUnreadable
from grader.execution.outputs import Showing, error_of, outputs_of
from grader.judging.notebook import grade_submission
from grader.models import CellRun, Execution, Isolation, Outcome
from grader.replay import DataSet, Line, descend, gradient, squared_error
from grader.reporting import write_report
from grader.submission import without_personal_data
from grader.submission.reading import parse_submission
from tests.evidence_factory import (
    CARDS,
    GOAL,
    HOW,
    START,
    losses_kept,
    observed,
    result_part,
    train_part,
    training_seen,
)
from tests.notebooks import lesson as lesson_notebook
from tests.recordings import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from grader.course.lesson import Lesson
    from grader.evidence import Part
    from grader.models import Plan

SIZE: Final = 19_900_000
LESSON: Final = "01_exact_line"
HONEST: Final = json.dumps(lesson_notebook()).encode()
CELLS: Final = 16


@dataclass(frozen=True, slots=True)
class Input:
    """A file, the recorder's words, and what each cell shows (in nbformat's form)."""

    content: bytes
    records: Sequence[str]
    said: Sequence[dict[str, Any]] = ()


# ---- the way from a file and a kernel's words to a page ------------------------------------------


class Shows:
    """A runner whose kernel says the same of every notebook."""

    isolation = Isolation("none")

    def __init__(self, records: Sequence[str], runs: Sequence[CellRun] = ()) -> None:
        self.records, self.runs = tuple(records), tuple(runs)

    def run(self, _plan: Plan, _limits: object) -> Execution:
        return Execution(Outcome.COMPLETED, self.runs, self.records, self.isolation, 0.5)


def opened(name: str = LESSON) -> Lesson:
    return open_lesson(load_assignment(ROOT / "assignments" / name, ROOT / "solutions" / name))


def grade(given: Input) -> object:
    """Read, judge and draw; what it came to is the points, or why it was not read."""
    lesson = opened()
    without_personal_data(given.content)
    try:
        submission = parse_submission(
            given.content, Path("a.ipynb"), "anna", lesson.handouts, LESSON
        )
    except SubmissionUnreadable as error:
        return str(error.message)[:200]
    done = grade_submission(submission, lesson, Shows(given.records, _runs(given.said)))
    with TemporaryDirectory() as folder:
        page = write_report(done, Path(folder), "en")
        return {
            "points": done.mark.points,
            "withheld": str(done.mark.withheld_reason or "")[:200],
            "page": page.stat().st_size,
        }


def _runs(said: Sequence[dict[str, Any]]) -> list[CellRun]:
    """What is kept of it where every cell of the lesson shows it."""
    room, runs = Showing(), []
    outputs = [nbformat.from_dict(each) for each in said]
    for cell in range(1, CELLS + 1) if outputs else ():
        shown, cut = room.take(outputs_of(outputs))
        runs.append(CellRun(cell, shown, error_of(cell, outputs), cut))
    return runs


def told(parts: Iterable[Part]) -> list[str]:
    """The parts as the recorder tells them: many numbers packed."""
    return [json.dumps(_packed(json.loads(part.model_dump_json()))) for part in parts]


def _packed(value: Any) -> Any:
    if isinstance(value, dict) and "count" in value:
        return value  # a student's own list is told as it is
    if isinstance(value, dict):
        return {name: _packed(each) for name, each in value.items()}
    if isinstance(value, list):
        if len(value) > 512 and all(isinstance(each, float) for each in value):
            raw = np.array(value, dtype="<f4").tobytes()
            return {"packed": base64.b64encode(zlib.compress(raw, 1)).decode()}
        return [_packed(each) for each in value]
    return value


# ---- files ---------------------------------------------------------------------------------------


def _file(**changed: object) -> bytes:
    document = json.loads(HONEST) | changed
    return json.dumps(document, ensure_ascii=False).encode()


def _cell(source: object, kind: str = "code", **metadata: object) -> dict[str, object]:
    return {"cell_type": kind, "source": source, "metadata": metadata, "outputs": []}


def _cells(*cells: dict[str, object]) -> bytes:
    honest = json.loads(HONEST)["cells"]
    return _file(cells=[*honest, *cells])


def _around(inside: str) -> bytes:
    """A notebook that Colab has saved, with this JSON in its metadata, repeated up to 20 MB."""
    head, tail = '{"metadata": {"executionInfo": [', "0]}, " + HONEST.decode()[1:]
    count = (SIZE - len(head) - len(tail)) // len(inside.encode())
    return (head + inside * count + tail).encode()


def _of(text: str, size: int = SIZE) -> str:
    return text * (size // len(text.encode()))


FILES: Final[Mapping[str, Callable[[], bytes]]] = {
    "empty lists": lambda: _around("[],"),
    "empty tables": lambda: _around("{},"),
    "small tables": lambda: _around('{"":0},'),
    "numbers": lambda: _around("0.1,"),
    "long numbers": lambda: _around("1e999999,"),
    "a huge number": lambda: _around("1" * 5000 + ","),
    "texts": lambda: _around('"a",'),
    "wide texts": lambda: _around('"\U0001f600",'),
    "nested": lambda: (
        _file(metadata={"executionInfo": json.loads("[" * 800 + "]" * 800)})[:-1]
        + b', "x": '
        + b"[" * 900
        + b"0," * 9_000_000
        + b"0"
        + b"]" * 900
        + b"}"
    ),
    "too nested": lambda: b"[" * SIZE,
    "an open text": lambda: b'{"metadata": "' + b'\\"' * (SIZE // 2),
    # A line end takes two characters in the file.
    "one long cell": lambda: _cells(_cell(_of("a=1\n", SIZE * 4 // 5))),
    "one long line": lambda: _cells(_cell("x=[" + _of("1,") + "]")),
    "long cells": lambda: _cells(*[_cell(_of("x,", 99_000))] * 190),
    "longer cells": lambda: _cells(*[_cell(_of("\n", 101_000))] * 95),
    "as much code as is read": lambda: _cells(*[_cell(_of("a\n", 99_000))] * 10),
    "many targets": lambda: _cells(
        *[_cell("=".join(["X"] * 24_000) + "=(" + "...," * 12_000 + ")")] * 10
    ),
    "many readers": lambda: _cells(
        *[_cell(f"X = y = X, {','.join(f'{n}a{m}' for m in range(300))}") for n in "bcdefg" * 70]
    ),
    "many tags": lambda: _cells(_cell("1", tags=[str(n) for n in range(1_800_000)])),
    "many lines": lambda: _cells(_cell([""] * 4_000_000)),
    "quotations": lambda: _cells(_cell(_of(">"), "markdown")),
    "brackets in words": lambda: _cells(_cell(_of("["), "markdown")),
    "no notebook": lambda: _of("a").encode(),
    "markers": lambda: _cells(
        _cell("#" + _of("=", 18_000_000) + "a"), _cell(_of("# == a ", 90_000))
    ),
    "installers": lambda: _cells(
        _cell("!" + _of(" ", 9_000_000)), _cell(_of("!sudo \t", 9_000_000))
    ),
}


# ---- records -------------------------------------------------------------------------------------


def packed_zeros(count: int) -> dict[str, str]:
    """So many zeros in few characters."""
    return {"packed": base64.b64encode(zlib.compress(bytes(4 * count), 9)).decode()}


def _with(kind: str, **changed: Any) -> list[str]:
    """An honest run's records, with something else in one of them."""
    told = {part.kind: json.loads(part.model_dump_json()) for part in observed()}
    parts: dict[str, Any] = {str(name): part for name, part in told.items()}
    for name, value in changed.items():
        held, *below = name.split("__")
        if below:
            parts[kind][held][below[0]] = value
        else:
            parts[kind][held] = value
    return [json.dumps(part) for part in parts.values()]


def _tensor(values: object, *shape: int) -> dict[str, object]:
    return {"shape": shape, "dtype": "float32", "values": values}


def _many_ticks() -> list[str]:
    trained = [
        {
            "shape": [1],
            "changes": 1000,
            "values": [[64 * n + m, [0.0]] for n in range(1000)],
            "gradients": [],
        }
        for m in range(60)
    ]
    large = {"shape": [1], "changes": 1, "values": [[0, packed_zeros(150_000)]], "gradients": []}
    return _with("train", training__trained=[*trained, large], training__parameters=list(range(61)))


def _many_dealt() -> list[str]:
    batches = [_tensor([float(n % 5)], 1, 1) for n in range(40_000)]
    everything = list(range(0, 40_000, 200))
    moments = [[n + 1, everything[n % 50 :]] for n in range(4000)]
    return _with("train", training__batches=batches, training__backwards=moments)


def _cards(count: int, *, column: bool = True, batches: int = 1, epochs: int = 100) -> list[str]:
    X = np.linspace(0, 4, count).reshape(-1, 1).astype(np.float32).astype(np.float64)
    cards = DataSet(X, GOAL.at(X))
    parts = list(observed(cards=cards))
    rows = [tuple(range(n, count, batches)) for n in range(batches)]
    states, marks = [np.array([START.w, START.b])], []
    for each in rows * epochs:
        dealt = DataSet(cards.X[list(each)], cards.y[list(each)])
        marks.append(squared_error(Line(*states[-1]), dealt))
        states.append(HOW.step(states[-1], gradient(states[-1], dealt), None)[0])
    kept = losses_kept(np.array(marks).reshape(epochs, batches).mean(axis=1).tolist())
    parts[4] = train_part(
        training_seen(np.array(states), cards, shown=rows * epochs, kept_losses=kept)
    )
    parts[6] = result_part(Line(*states[-1]), cards)
    records = told(parts)
    if not column:
        data = json.loads(records[0])
        data["y"]["shape"] = [count]
        records[0] = json.dumps(data)
    return records


RECORDS: Final[Mapping[str, Callable[[], list[str]]]] = {
    "packed zeros": lambda: (
        _with("data", given={str(n): _tensor(packed_zeros(150_000), 1) for n in range(20)}) * 100
    ),
    "more packed zeros": lambda: _with("data", X=_tensor(packed_zeros(2_000_000), 2_000_000, 1)),
    "lists in lists": lambda: _with("data", more=[[]] * 6_000_000),
    "long texts": lambda: _with(
        "data",
        faults=["f" * 2_000_000] * 5,
        replaced=["r" * 100_000] * 90,
        names={"X": "x" * 10**6},
    ),
    "a long learning rate": lambda: _with(
        "optimizer", optimizer__groups=[{"lr": "x" * 9_000_000, "momentum": 10**4000}]
    ),
    "a long error": lambda: _with("transfer", error="e" * 10_000_000),
    "many ticks": _many_ticks,
    "many dealt": _many_dealt,
    "many parameters": lambda: _with(
        "model",
        model__parameters=[_tensor([0.0], 1) | {"name": str(n)} for n in range(150_000)],
    ),
    "many batches": lambda: _with(
        "train", training__batches=[_tensor([], 0) for _ in range(250_000)]
    ),
    "150,000 cards": lambda: _cards(150_000),
    "150,000 cards in a row": lambda: _cards(150_000, column=False),
    "150,000 cards in batches": lambda: _cards(150_000, batches=40, epochs=100),
    "16,667 cards": lambda: _cards(16_667),
    "16,667 cards in a row": lambda: _cards(16_667, column=False),
}


# ---- what cells show -----------------------------------------------------------------------------


def _stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _shown(**data: str) -> dict[str, Any]:
    named = {name.replace("_", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "data": named, "metadata": {}}


def _raised(*traceback: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": "E", "evalue": "v", "traceback": list(traceback)}


_BOMB: Final = "iVBORw0KGgoAAAANSUhEUgAB" + "A" * 1_400_000

OUTPUTS: Final[Mapping[str, Callable[[], list[dict[str, Any]]]]] = {
    "a traceback": lambda: [_raised("<ipython-input" * 1_400_000)],
    "colours": lambda: [_stream("\x1b[" * 1_000_000), _raised("\x1b[0;" * 5_000_000)],
    "carriage returns": lambda: [_stream("a\r" * 1_000_000)] * 10,
    "lines": lambda: [_stream("\n" * 2_000_000)] * 10,
    "nested pages": lambda: [_shown(text_html="<div>" * 4_000) for _ in range(1_000)],
    "pictures in pages": lambda: [_shown(text_html='<img src="data:' * 2_000)] * 500,
    "pictures": lambda: [_shown(image_png=_BOMB)] * 14,
    "many outputs": lambda: [_shown(text_plain="a")] * 2_000,
    "wide": lambda: [_stream("\U0001f600" * 4_000_000)],
}


# ---- honest and large ----------------------------------------------------------------------------


def _saved_with_pictures() -> bytes:
    document = json.loads(HONEST)
    png = base64.b64encode(np.random.default_rng(0).bytes(1_100_000)).decode()
    picture = {"output_type": "display_data", "data": {"image/png": png}, "metadata": {}}
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [picture]
    return json.dumps(document).encode()


def _saved_with_a_chart() -> bytes:
    document = json.loads(HONEST)
    points = [{"x": n / 7, "y": n / 3, "text": "[1] {2}"} for n in range(250_000)]
    chart = {"application/vnd.plotly.v1+json": {"data": points}, "text/html": "[{" * 900_000}
    cell = next(c for c in document["cells"] if c["cell_type"] == "code")
    cell["outputs"] = [{"output_type": "display_data", "data": chart, "metadata": {}}]
    return json.dumps(document).encode()


def _printout() -> list[dict[str, Any]]:
    lines = (f"epoch {n}: loss {1 / (n + 1):.6f}\n" for n in range(10_000))
    return [_stream("".join(lines))]


def _long_training() -> list[str]:
    parts = list(observed())
    parts[4] = train_part(training_seen(descend(START, CARDS, HOW, 10_000)))
    return told(parts)


HONESTLY: Final[Mapping[str, Callable[[], Input]]] = {
    "pictures": lambda: Input(_saved_with_pictures(), told(observed())),
    "a chart": lambda: Input(_saved_with_a_chart(), told(observed())),
    "10,000 lines": lambda: Input(HONEST, told(observed()), _printout()),
    "10,000 epochs": lambda: Input(HONEST, _long_training()),
    "20,000 cards": lambda: Input(HONEST, _cards(20_000)),
    "20,000 cards in batches": lambda: Input(HONEST, _cards(20_000, batches=20)),
}


def made(kind: str, name: str) -> Input:
    """The input of this name."""
    match kind:
        case "file":
            return Input(FILES[name](), told(observed()))
        case "record":
            return Input(HONEST, RECORDS[name]())
        case "output":
            return Input(HONEST, told(observed()), OUTPUTS[name]())
        case _:
            return HONESTLY[name]()
