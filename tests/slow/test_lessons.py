from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import run_kernel

from grader.models import CODE_STEPS
from tests.notebooks import code
from tests.test_lessons import handout, reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent.parent

LINES = ("01_exact_line", "02_noisy_line")

LESSONS = (*LINES, "03_big_or_small", "04_cat_or_not")

LANGUAGES = ("zh", "en")

PICTURES = {"01_exact_line": 3, "02_noisy_line": 4, "03_big_or_small": 4, "04_cat_or_not": 4}


# What the handout shows before there is anything to do.
GIVEN_PICTURES = {"04_cat_or_not": 1}


each_lesson = pytest.mark.parametrize("assignment", LESSONS)


each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    with run_kernel(kernel_name="python3") as client:
        assert isinstance(client, BlockingKernelClient)
        yield client


def run(notebook: NotebookNode, kernel: BlockingKernelClient) -> NotebookNode:
    """Run all cells as a student would, up to the first exception, which fails the test."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []

            def keep(message: dict[str, Any], outputs: list[NotebookNode] = cell.outputs) -> None:
                if message["msg_type"] in {"stream", "display_data", "execute_result", "error"}:
                    outputs.append(nbformat.v4.output_from_msg(message))

            reply = kernel.execute_interactive(cell.source, output_hook=keep, timeout=60)
            assert reply["content"]["status"] == "ok", (cell.id, cell.outputs)
    return notebook


def fresh(notebook: NotebookNode) -> NotebookNode:
    """The notebook in a kernel that remembers nothing of the one before."""
    notebook.cells.insert(0, code("%reset -f", id="forget"))
    return notebook


def printed(cell: NotebookNode, stream: str = "stdout") -> str:
    return "".join(out.text for out in cell.outputs if out.get("name") == stream)


def complaints(notebook: NotebookNode) -> Mapping[str, str]:
    """What cells wrote to stderr; an exception has already ended the run."""
    written = {
        cell.id: printed(cell, "stderr") for cell in notebook.cells if cell.cell_type == "code"
    }
    return {cell_id: text for cell_id, text in written.items() if text}


def pictures(notebook: NotebookNode) -> int:
    return sum(
        "image/png" in out.get("data", {})
        for cell in notebook.cells
        for out in cell.get("outputs", [])
    )


@each_lesson
@each_language
def test_an_untouched_handout_runs_and_says_what_is_not_done(
    assignment: str, language: str, kernel: BlockingKernelClient
) -> None:
    done = run(fresh(handout(assignment, language)), kernel)
    assert complaints(done) == {}
    looks = [cell for cell in done.cells if cell.id.startswith("look-")]
    assert len(looks) == 6
    not_done = {"zh": "还没写好", "en": "Not done yet"}[language]
    assert all(printed(cell).startswith(not_done) for cell in looks)


@pytest.mark.parametrize("assignment", LINES)
@each_language
def test_a_reference_runs_and_learns_the_line(
    assignment: str, language: str, kernel: BlockingKernelClient
) -> None:
    asked = fresh(reference(assignment, language))
    asked.cells.append(
        code("import json; print(json.dumps([*rule(model), len(losses)]))", id="asked")
    )
    done = run(asked, kernel)
    assert complaints(done) == {}
    assert pictures(done) == PICTURES[assignment]
    w, b, count = json.loads(printed(done.cells[-1]))
    assert count == 100
    # The farthest that an honest run gets: lesson 1 never, lesson 2 one in a million.
    near_w, near_b = {"01_exact_line": (0.284, 0.808), "02_noisy_line": (0.339, 1.694)}[assignment]
    assert abs(w - 2) <= near_w
    assert abs(b - 1) <= near_b


@each_language
def test_a_reference_runs_and_finds_the_boundary(
    language: str, kernel: BlockingKernelClient
) -> None:
    asked = fresh(reference("03_big_or_small", language))
    ask = "import json; print(json.dumps([boundary_of(model), losses[-1], len(losses), accuracy]))"
    asked.cells.append(code(ask, id="asked"))
    done = run(asked, kernel)
    assert complaints(done) == {}
    assert pictures(done) == PICTURES["03_big_or_small"]
    boundary, loss, count, accuracy = json.loads(printed(done.cells[-1]))
    assert (count, accuracy) == (100, 1.0)
    # The whole range of honest starts.
    assert 0.042 < boundary < 0.109
    assert loss < 0.0565


@each_language
def test_a_reference_runs_and_knows_a_cat(language: str, kernel: BlockingKernelClient) -> None:
    asked = fresh(reference("04_cat_or_not", language))
    ask = "import json; print(json.dumps([losses[0], losses[-1], len(losses), accuracy]))"
    asked.cells.append(code(ask, id="asked"))
    done = run(asked, kernel)
    assert complaints(done) == {}
    assert pictures(done) == PICTURES["04_cat_or_not"]
    first, last, count, accuracy = json.loads(printed(done.cells[-1]))
    assert count == 10
    assert last < 0.4 * first
    # The lowest of 10,000 honest starts, less one percent.
    assert accuracy >= 0.95


@each_lesson
def test_looking_changes_nothing_that_is_the_students(
    assignment: str, kernel: BlockingKernelClient
) -> None:
    notebook = fresh(reference(assignment, "en"))
    state = """
learned = [p.tolist() for p in model.parameters()] if "model" in globals() else None
print(torch.get_rng_state().sum().item(), learned, globals().get("losses"))
"""
    cells = []
    for cell in notebook.cells:
        if cell.id.startswith("look-"):
            before, after = code(state, id=f"before-{cell.id}"), code(state, id=f"after-{cell.id}")
            cells += [before, cell, after]
        else:
            cells.append(cell)
    notebook.cells = cells
    done = {cell.id: cell for cell in run(notebook, kernel).cells}
    for step in (*CODE_STEPS, "result"):
        before, after = done[f"before-look-{step}"], done[f"after-look-{step}"]
        assert printed(before) == printed(after), step


@each_lesson
def test_a_look_at_something_wrong_says_so_and_goes_on(
    assignment: str, kernel: BlockingKernelClient
) -> None:
    wrong = {
        "data": "X = torch.arange(5)\ny = X_test = y_test = loader = 'cards'",
        "model": "model = 3",
        "loss": "loss_fn = len",
        "optimizer": "optimizer = model",
        "train": "losses = ['a', None]\nalbum = 7\naccuracy = 'high'",
    }
    notebook = fresh(handout(assignment, "en"))
    for cell in notebook.cells:
        if cell.id.endswith("-todo"):
            cell.source = wrong[cell.metadata.grader.step]
    done = run(notebook, kernel)
    assert complaints(done) == {}
    looks = [cell for cell in done.cells if cell.id.startswith("look-")]
    assert all("Nothing to see yet" in printed(cell) for cell in looks)
    assert pictures(done) == GIVEN_PICTURES.get(assignment, 0)


def test_without_a_chinese_font_the_lesson_runs_and_says_so(kernel: BlockingKernelClient) -> None:
    notebook = fresh(reference("01_exact_line", "zh"))
    hide = """
import importlib.util, matplotlib
from matplotlib import font_manager
any_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *of: None if name == "zhplot" else any_spec(name, *of)
all_fonts = font_manager.fontManager.ttflist
font_manager.fontManager.ttflist = [
    font for font in all_fonts if font.fname.startswith(matplotlib.get_data_path())
]
matplotlib.rcdefaults()
"""
    show = "font_manager.fontManager.ttflist, importlib.util.find_spec = all_fonts, any_spec"
    setup = next(place for place, cell in enumerate(notebook.cells) if cell.id == "setup-font")
    notebook.cells.insert(setup, code(hide, id="hide-fonts"))
    notebook.cells.append(code(show, id="show-fonts"))
    done = run(notebook, kernel)
    (font,) = (cell for cell in done.cells if cell.id == "setup-font")
    assert printed(font).startswith("没有找到中文字体")
    assert complaints(done) == {}
