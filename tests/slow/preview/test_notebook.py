from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

import grader
from grader.isolation.tiers import NONE
from grader.kernels.sources import kernel_source
from grader.preview.notebook import watching
from tests.preview.session import WATCH, Session, cells_of, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.kernels import KernelSource

SIGNS = "✓·!?‖"
STATE = """
def _state():
    import hashlib, pickle, random, numpy, torch
    things = [random.getstate(), numpy.random.get_state(), torch.get_rng_state().tolist(),
              torch.is_grad_enabled(), loader.generator.get_state().tolist(), model.state_dict(),
              [p.grad for p in model.parameters()], optimizer.state_dict(), model.training,
              X, y, losses, sorted(n for n in globals() if not n.startswith("_"))]
    return [hashlib.sha256(pickle.dumps(thing)).hexdigest() for thing in things]
"""
UNUSUAL = [
    "import torch\nfrom torch import nn",
    "# === data ===\nX = torch.arange(0, 5, dtype=torch.float32).view(-1, 1)\ny = 2 * X + 1\n"
    "loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), batch_size=2,"
    " shuffle=True, generator=torch.Generator().manual_seed(3))",
    "# === model ===\nmodel = nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Dropout(0.5),"
    " nn.Linear(4, 1))",
    "# === loss ===\ndef loss_fn(guess, answer):\n"
    "    return ((guess - answer) ** 2).mean() + 0.01 * sum(p.sum() for p in model.parameters())",
    "# === optimizer ===\noptimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)",
    "# === train ===\nepochs = 5\nlosses = []\nfor epoch in range(epochs):\n"
    "    for a, b in loader:\n        loss = loss_fn(model(a), b)\n        optimizer.zero_grad()\n"
    "        loss.backward()\n        optimizer.step()\n    losses.append(loss.item())",
]


@pytest.fixture(scope="module")
def kernels() -> Iterator[KernelSource]:
    with closing(kernel_source(tiers=(NONE,))) as source:
        yield source


@pytest.fixture
def session(kernels: KernelSource) -> Iterator[Session]:
    with closing(Session(kernels)) as opened:
        yield opened


def signs(said: str) -> str:
    return "".join(line[0] for line in said.splitlines() if line[:1] in SIGNS and line[1:2] == " ")


def test_a_lesson_that_was_written_for_an_older_version_is_told_where_its_names_are() -> None:
    with pytest.raises(ImportError, match=r"imports from grader.checks.*@graded"):
        from grader import recipe_beside  # noqa: F401


def test_outside_of_a_notebook_it_says_where_to_call_it() -> None:
    watching.cache_clear()
    assert "Jupyter" in repr(grader.check())
    assert "Jupyter" in repr(grader.hint("data"))


def test_a_right_notebook_is_right_but_for_what_only_grading_can_do(session: Session) -> None:
    said = session.run(WATCH, *cells_of("reference.en").values(), "check()")
    assert signs(said) == "✓✓✓✓✓✓"
    assert "Lesson 1" in said
    assert "your cells learn the other line" in said.partition("instructor's run")[2]
    assert "grader-look" in session.html
    assert 'class="step v-passed"' in session.html


def test_not_done_yet_is_not_wrong(session: Session) -> None:
    handout = cells_of("handout.zh")
    said = session.run(WATCH, *handout.values(), "check()")
    assert signs(said) == "······"
    assert "还没做" in said
    # Wrong cards, and the rest still waits.
    wrong = handout["data-todo"].partition("X = ...")[0] + (
        "X = torch.arange(0, 5, dtype=torch.float32).view(-1, 1)\ny = 3 * X + 1"
    )
    said = session.run(wrong, "check()")
    assert signs(said) == "!·····"
    # The steps behind are no worse for it.
    assert signs(session.run("check('model')")) == "·"


def test_cells_are_filled_in_one_after_the_other_as_a_beginner_does(session: Session) -> None:
    handout, reference = cells_of("handout.en"), steps_of("reference.en")
    session.run(WATCH, *handout.values())
    for step in ("data", "model", "loss", "optimizer", "train"):
        said = session.run(reference[f"{step}-todo"], f"check('{step}')")
        assert signs(said) == "✓", said
    assert signs(session.run("check()")) == "✓✓✓✓✓✓"


def test_a_mistake_is_named_and_gone_once_it_is_mended(session: Session) -> None:
    cells = steps_of("reference.en")
    forgotten = cells["train-todo"].replace("    optimizer.zero_grad()\n", "")
    assert forgotten != cells["train-todo"]
    said = session.run(WATCH, *{**cells, "train-todo": forgotten}.values(), "check()")
    assert signs(said)[:5] == "✓✓✓✓!"
    assert "In [" in said
    assert "blackboard" in session.run("hint()")
    # Mended, but the model has been trained already: that is said, and not counted as a mistake.
    said = session.run(cells["train-todo"], "check('train')")
    assert signs(said) == "?"
    assert "2 times" in said
    afresh = [cells[f"{step}-todo"] for step in ("model", "optimizer", "train")]
    assert signs(session.run(*afresh, "check()")) == "✓✓✓✓✓✓"


def test_what_was_made_anew_has_to_be_trained_anew(session: Session) -> None:
    cells = steps_of("reference.en")
    said = session.run(WATCH, *cells.values(), cells["model-todo"], "check()")
    assert signs(said) == "✓✓✓???"
    assert "run this one again too" in said


def test_what_ran_before_the_import_has_to_run_again(session: Session) -> None:
    cells = steps_of("reference.en")
    said = session.run(*cells.values(), WATCH, "check()")
    assert signs(said) == "??????"
    assert "Restart the notebook" in said
    assert signs(session.run(*cells.values(), "check()")) == "✓✓✓✓✓✓"


def test_the_question_may_stand_in_the_steps_own_cell(session: Session) -> None:
    cells = steps_of("reference.en")
    asked = {**cells, "data-todo": cells["data-todo"] + "\nprint(check('data'))"}
    assert signs(session.run(WATCH, cells["setup"], asked["data-todo"])) == "✓"
    assert signs(session.run(*asked.values(), "check()")) == "✓✓✓✓✓✓"


def test_nothing_in_the_notebook_is_changed_by_asking(session: Session) -> None:
    session.run(WATCH, *UNUSUAL, STATE)
    before = session.ask("_state()")
    session.run("check(lesson='01_exact_line')", "check('train')", "hint()", "hint('data')")
    assert session.ask("_state()") == before


def test_training_is_the_same_whether_or_not_anybody_looks(kernels: KernelSource) -> None:
    def losses(*asked: str) -> object:
        with closing(Session(kernels)) as session:
            begin = "import random, numpy, torch; random.seed(1); numpy.random.seed(1)"
            session.run(begin + "; torch.manual_seed(1)", *asked[:1])
            for cell in UNUSUAL:
                session.run(cell, *asked[1:])
            return session.ask(
                "[losses, random.random(), numpy.random.rand(), torch.rand(1).item()]"
            )

    assert losses(WATCH, "check(lesson='01_exact_line')", "hint()") == losses()


def test_hints_come_one_after_the_other(session: Session) -> None:
    session.run(WATCH, *cells_of("handout.en").values())
    first, second, third = (session.run("hint('data')") for _ in range(3))
    assert len({first, second, third}) == 3
    for _ in range(5):
        last = session.run("hint('data')")
    assert "hints below the cell" in last
    assert "nothing to fix" in session.run(*steps_of("reference.en").values(), "hint()")


def test_what_it_cannot_know_it_says(session: Session) -> None:
    assert "Which lesson" in session.run(WATCH, "Z = 1", "check()")
    assert "no lesson" in session.run("check(lesson='7')")
    assert "no step 'dta'" in session.run("check('dta')")
    assert signs(session.run("check(lesson='02_noisy_line')")) == "······"
