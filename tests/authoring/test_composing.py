from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import nbformat
import pytest

from grader.authoring.bank import Entry, Insertion, load_bank
from grader.authoring.composing import Composer, Composition, touched
from grader.authoring.touches import TOUCHES
from grader.models import CODE_STEPS, Step, Verdict

ROOT = Path(__file__).parents[2]
SOLUTIONS = ROOT / "solutions" / "01_exact_line"


@cache
def reference() -> nbformat.NotebookNode:
    read: nbformat.NotebookNode = nbformat.read(SOLUTIONS / "reference.en.ipynb", as_version=4)
    return read


def source(composition: Composition) -> str:
    notebook = composition.notebook(reference())
    return "\n".join(c.source for c in notebook.cells if c.cell_type == "code")


def way(name: str, **changes: object) -> Entry:
    return Entry.model_validate({"name": name, "about": "a way", **changes})


SEQUENTIAL = way("sequential", write={"model": "model = nn.Sequential(nn.Linear(1, 1))"})
BY_HAND = way("by_hand", write={"loss": "loss_fn = lambda a, b: ((a - b) ** 2).mean()"})
NET = way("net", rename={"model": "net"})
LOOK = way("look", insert=[Insertion(source="print(model)", after=Step.MODEL)])
ONE_CELL = way("one_cell", merge=list(CODE_STEPS))
NO_ZERO = way(
    "no_zero",
    edit={"train": [["    optimizer.zero_grad()\n", ""]]},
    verdicts={"train": Verdict.FAILED, "result": Verdict.FAILED},
    diagnosis=["zero_grad_missing"],
)
L1 = way(
    "l1",
    write={"loss": "loss_fn = nn.L1Loss()"},
    verdicts={"loss": Verdict.FAILED},
    diagnosis=["loss_l1"],
)


def composed(*ways: Entry, mistakes: tuple[Entry, ...] = ()) -> Composition:
    return Composition("right-0", ways, mistakes, (), "a seed")


def test_ways_of_different_steps_are_in_one_notebook() -> None:
    text = source(composed(SEQUENTIAL, BY_HAND))
    assert "nn.Sequential(nn.Linear(1, 1))" in text
    assert "lambda a, b" in text


def test_other_names_hold_in_the_steps_and_in_the_cells_between() -> None:
    text = source(composed(SEQUENTIAL, NET, LOOK))
    assert "net = nn.Sequential" in text
    assert "print(net)" in text


def test_the_guilty_steps_are_those_of_the_mistakes_with_their_names() -> None:
    wrong = composed(SEQUENTIAL, mistakes=(NO_ZERO, L1))
    assert wrong.guilty == {
        Step.TRAIN: frozenset({"zero_grad_missing"}),
        Step.LOSS: frozenset({"loss_l1"}),
    }


def test_the_honest_part_has_the_references_code_for_the_mistakes() -> None:
    honest = composed(SEQUENTIAL, mistakes=(NO_ZERO, L1)).honest_part
    assert honest.guilty == {}
    assert "optimizer.zero_grad()" in source(honest)
    assert "nn.MSELoss()" in source(honest)
    assert "nn.Sequential" in source(honest)


def test_the_same_text_draws_the_same_composition_and_another_one_another() -> None:
    composer = Composer(load_bank(SOLUTIONS))
    drawn = [composer.wrong("wrong-1", text).made_of for text in ("a", "a", "b")]
    assert drawn[0] == drawn[1] != drawn[2]


def test_each_step_is_drawn_at_most_once_and_no_mistake_is_drawn_into_a_right_one() -> None:
    composer = Composer(load_bank(SOLUTIONS))
    for number in range(300):
        for drawn in (composer.right("r", str(number)), composer.wrong("w", str(number))):
            steps = [step for entry in (*drawn.ways, *drawn.mistakes) for step in touched(entry)]
            assert len(steps) == len(set(steps))
            assert all(entry.right for entry in drawn.ways)
        assert len(composer.wrong("w", str(number)).guilty) in (1, 2)


def test_every_way_of_the_bank_is_drawn() -> None:
    bank = load_bank(SOLUTIONS)
    composer = Composer(bank)
    drawn = {e.name for n in range(3000) for e in composer.right("r", str(n)).ways}
    assert {e.name for e in bank if e.right and not e.alone and touched(e)} <= drawn


@pytest.mark.parametrize("kept_out", [{"alone": True}, {"withheld": True}])
def test_an_entry_that_is_right_only_in_its_own_company_is_not_drawn(
    kept_out: dict[str, object],
) -> None:
    composer = Composer([SEQUENTIAL.model_copy(update=kept_out)])
    assert not any(composer.right("r", str(n)).ways for n in range(50))


def test_a_new_name_that_a_way_has_for_something_else_is_not_given() -> None:
    holder = way("holder", write={"model": "net = nn.Linear(1, 1)\nmodel = net"})
    composer = Composer([holder, NET])
    both = [drawn for n in range(300) if len((drawn := composer.right("r", str(n))).ways) == 2]
    assert both == []


def test_what_is_wrong_in_two_steps_or_has_no_name_is_no_mistake_to_draw() -> None:
    two = NO_ZERO.model_copy(
        update={"name": "two", "verdicts": {**NO_ZERO.verdicts, Step.LOSS: Verdict.FAILED}}
    )
    nameless = NO_ZERO.model_copy(update={"name": "nameless", "diagnosis": ()})
    composer = Composer([two, nameless, L1])
    drawn = {e.name for n in range(50) for e in composer.wrong("w", str(n)).mistakes}
    assert drawn == {"l1"}


@pytest.mark.parametrize("touch", TOUCHES, ids=lambda touch: touch.__name__)
@pytest.mark.parametrize("layout", [(), (NET,), (ONE_CELL,)], ids=["plain", "names", "one cell"])
def test_a_touch_leaves_the_work_as_it_is(touch: object, layout: tuple[Entry, ...]) -> None:
    for seed in range(5):
        made = Composition("right-0", layout, (), (touch,), str(seed))  # type: ignore[arg-type]
        before = Composition("right-0", layout, (), (), str(seed)).notebook(reference())
        after = made.notebook(reference())
        assert after.nbformat == 4
        nbformat.validate(after)
        assert statements(before) <= statements(after)


def statements(notebook: nbformat.NotebookNode) -> set[str]:
    """The statements of the steps' work, however they are spread over cells."""
    found = set()
    for cell in notebook.cells:
        if cell.cell_type != "code" or str(cell.id).startswith("look-"):
            continue
        plain = "\n".join(
            line for line in cell.source.splitlines() if not line.lstrip().startswith(("%", "!"))
        )
        try:
            body = ast.parse(plain).body
        except SyntaxError:
            continue
        found |= {ast.unparse(node) for node in body if not isinstance(node, ast.FunctionDef)}
    return found


def test_a_way_that_makes_a_result_anew_touches_its_step() -> None:
    again = way(
        "again",
        edit={
            "train": [["epochs = 100", "optimizer = torch.optim.SGD(model.parameters(), 0.01)\n"]]
        },
    )
    compared = way("compared", edit={"train": [["epochs = 100", "model == 3\nepochs = 100"]]})
    assert touched(again) == {Step.TRAIN, Step.OPTIMIZER}
    assert touched(compared) == {Step.TRAIN}
