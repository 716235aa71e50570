from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from grader.models import CODE_STEPS, Step
from grader.submission.finding import Found, find_steps
from grader.submission.handout import read_handout, read_handouts, template_of
from grader.submission.notebook import read_notebook
from tests.notebooks import EXACT_LINE, SETUP, STUBS, code, lesson, notebook, save, step_cell

Spoiler: TypeAlias = Callable[[NotebookNode], None]
ROOT = Path(__file__).parents[2]
LESSONS = sorted(
    path.relative_to(ROOT)
    for pattern in ("assignments/*/handout.*.ipynb", "solutions/*/reference.*.ipynb")
    for path in ROOT.glob(pattern)
)
STEP_CELLS = {Step.DATA: 3, Step.MODEL: 6, Step.LOSS: 9, Step.OPTIMIZER: 12, Step.TRAIN: 15}
SOLVED = [EXACT_LINE.of(step) for step in CODE_STEPS]


@pytest.fixture(scope="module")
def find(tmp_path_factory: pytest.TempPathFactory) -> Callable[[NotebookNode], Found]:
    folder = tmp_path_factory.mktemp("notebooks")
    template = template_of((read_handout(save(lesson(STUBS), folder / "handout.en.ipynb")),))

    def find(built: NotebookNode) -> Found:
        return find_steps(read_notebook(save(built, folder / "anna.ipynb")).cells, template)

    return find


def texts(found: Found) -> str:
    return " ".join(map(str, found.remarks))


def without_marks(built: NotebookNode) -> NotebookNode:
    for spoil in (wipe_metadata, renew_ids, delete_markers):
        spoil(built)
    return built


def wipe_metadata(built: NotebookNode) -> None:
    for cell in built.cells:
        cell.metadata = nbformat.from_dict({})


def renew_ids(built: NotebookNode) -> None:
    for number, cell in enumerate(built.cells):
        cell.id = f"renewed-{number}"


def delete_markers(built: NotebookNode) -> None:
    for cell in built.cells:
        cell.source = without_marker(cell.source)


def without_marker(source: str) -> str:
    return "\n".join(line for line in source.split("\n") if not line.startswith("# ==="))


def insert_cells(built: NotebookNode) -> None:
    cells = list(built.cells)
    for place in range(len(cells), -1, -2):
        cells.insert(place, code("print('a note of my own')"))
    built.cells = cells


SPOILERS = (wipe_metadata, renew_ids, delete_markers, insert_cells)


def test_the_steps_of_a_solved_lesson_are_found(find: Callable[[NotebookNode], Found]) -> None:
    found = find(lesson())
    assert found.steps == {step: (number,) for step, number in STEP_CELLS.items()}
    assert found.unchanged == frozenset()
    assert found.remarks == ()


def test_the_setup_and_the_look_cells_are_given(find: Callable[[NotebookNode], Found]) -> None:
    assert find(lesson()).given == {1, 4, 7, 10, 13, 16}


def test_an_untouched_handout_is_unchanged_in_every_step(
    find: Callable[[NotebookNode], Found],
) -> None:
    found = find(lesson(STUBS))
    assert found.unchanged == set(CODE_STEPS)
    assert found.remarks == ()


@pytest.mark.parametrize(
    "train",
    [
        "# my notes\n\n" + STUBS.train,
        "# nothing but a note",
        STUBS.train.replace("...", "... # hm"),
    ],
)
def test_notes_and_blank_lines_alone_change_nothing(
    find: Callable[[NotebookNode], Found], train: str
) -> None:
    assert find(lesson(train=train)).unchanged == {Step.TRAIN}


def test_a_step_half_done_is_not_unchanged(find: Callable[[NotebookNode], Found]) -> None:
    found = find(lesson(STUBS, data="X = torch.arange(5)\ny = ..."))
    assert Step.DATA not in found.unchanged


@pytest.mark.parametrize("line", ["#=== Data ===", "#  ====  DATA  ====", "# = data ="])
def test_a_marker_line_may_be_typed_freely(
    find: Callable[[NotebookNode], Found], line: str
) -> None:
    built = without_marks(lesson(data="inputs = 1"))
    built.cells[2].source = f"{line}\ninputs = 1"
    assert find(built).steps[Step.DATA] == (3,)


def test_a_marked_cell_with_names_of_its_own_is_believed(
    find: Callable[[NotebookNode], Found],
) -> None:
    assert find(lesson(loss="criterion = nn.MSELoss()")).steps[Step.LOSS] == (9,)


def test_a_cell_with_names_of_its_own_is_not_joined_by_another_steps_cell(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson(data="A = 1\nB = 2", train="X, y = A, B\n" + EXACT_LINE.train)
    assert find(built).steps[Step.DATA] == (3,)


def test_a_cell_that_only_looks_at_a_training_is_not_the_training(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson(optimizer=f"{EXACT_LINE.optimizer}\n{EXACT_LINE.train}", train="losses[-1]")
    found = find(built)
    assert set(found.steps[Step.OPTIMIZER]) < set(found.steps[Step.TRAIN])


def test_colabs_own_ids_are_ids_too(find: Callable[[NotebookNode], Found]) -> None:
    built = lesson(loss="criterion = nn.MSELoss()")
    for cell in built.cells:
        cell.metadata = nbformat.from_dict({"id": cell.pop("id")})
    delete_markers(built)
    assert find(built).steps[Step.LOSS] == (9,)


def test_without_any_mark_the_names_tell_the_steps(find: Callable[[NotebookNode], Found]) -> None:
    found = find(without_marks(lesson()))
    assert found.steps == {step: (number,) for step, number in STEP_CELLS.items()}


def test_without_any_mark_the_stubs_are_known_by_their_names_too(
    find: Callable[[NotebookNode], Found],
) -> None:
    found = find(without_marks(lesson(STUBS)))
    assert found.unchanged == set(CODE_STEPS)


def test_everything_in_one_cell_is_every_step(find: Callable[[NotebookNode], Found]) -> None:
    found = find(notebook(SETUP, "\n".join(SOLVED)))
    assert found.steps == dict.fromkeys(CODE_STEPS, (2,))


def test_cells_merged_into_the_first_are_every_step(find: Callable[[NotebookNode], Found]) -> None:
    marked = "\n".join(f"# === {step.value} ===\n{EXACT_LINE.of(step)}" for step in CODE_STEPS)
    assert find(notebook(SETUP, step_cell("data", marked))).steps == dict.fromkeys(CODE_STEPS, (2,))
    assert find(notebook(step_cell("data", "\n".join(SOLVED)))).steps == dict.fromkeys(
        CODE_STEPS, (1,)
    )


LOOP = EXACT_LINE.train.partition("losses = []\n")[2]


@pytest.mark.parametrize(
    "below",
    [
        LOOP.replace("losses.append", "later.append").replace("for", "later = losses\nfor", 1),
        "pupil = nn.Linear(1, 1)\nfor _ in range(9):\n    loss_fn(pupil(X), y).backward()",
    ],
)
def test_a_training_tried_out_below_is_no_part_of_a_split_step(
    find: Callable[[NotebookNode], Found], below: str
) -> None:
    built = lesson(train="epochs = 100\nlosses = []")
    built.cells[15:15] = [code(LOOP), code(below)]
    assert find(built).steps[Step.TRAIN] == (15, 16)


def test_a_split_step_that_was_done_anew_in_one_cell_counts_as_that(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson(train="epochs = 100\nlosses = []")
    built.cells[15:15] = [code(LOOP), code(EXACT_LINE.train)]
    assert find(built).steps[Step.TRAIN] == (17,)


@pytest.mark.parametrize(
    "below",
    ["optimizer = torch.optim.Adam(model.parameters())", 'optimizer.param_groups[0]["lr"] = 1'],
)
def test_what_is_made_anew_or_changed_before_the_training_is_part_of_its_step(
    find: Callable[[NotebookNode], Found], below: str
) -> None:
    built = lesson()
    built.cells.insert(STEP_CELLS[Step.OPTIMIZER], code(below))
    assert STEP_CELLS[Step.OPTIMIZER] + 1 in find(built).steps[Step.OPTIMIZER]


def test_a_step_under_own_names_goes_on_in_the_next_cell(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson(
        data="xs = torch.arange(5.0).view(-1, 1)",
        train=EXACT_LINE.train.replace("X", "xs").replace(", y)", ", ys)"),
    )
    built.cells.insert(STEP_CELLS[Step.DATA], code("ys = 2 * xs + 1"))
    assert find(built).steps[Step.DATA] == (3, 4)


def test_a_stub_under_another_name_is_one(find: Callable[[NotebookNode], Found]) -> None:
    assert find(lesson(model="net = ...")).unchanged == {Step.MODEL}


def test_steps_that_no_mark_led_to_get_one_remark(find: Callable[[NotebookNode], Found]) -> None:
    fresh = notebook(*(code(source) for source in (SETUP, *SOLVED)))
    [remark] = find(fresh).remarks
    assert "5 steps were not in their own cells" in str(remark)


def test_a_split_step_is_all_of_its_cells_in_order(find: Callable[[NotebookNode], Found]) -> None:
    built = lesson(train="epochs = 100\nlosses = []")
    loop = code(EXACT_LINE.train.partition("losses = []\n")[2], metadata={"tags": ["step:train"]})
    built.cells.insert(15, loop)
    found = find(built)
    assert found.steps[Step.TRAIN] == (15, 16)
    assert "spread over the cells 15, 16" in texts(found)


def test_a_second_cell_that_builds_on_the_first_is_no_copy_of_it(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson(data="X = torch.arange(0.0, 5.0)\ny = 2 * X + 1")
    built.cells.insert(3, step_cell("data", "X = X.view(-1, 1)\ny = y.view(-1, 1)"))
    assert find(built).steps[Step.DATA] == (3, 4)


def test_of_a_copied_step_the_last_counts_and_a_remark_says_so(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson()
    built.cells.insert(15, step_cell("train", EXACT_LINE.train))
    found = find(built)
    assert found.steps[Step.TRAIN] == (16,)
    assert "cell 16 counts, because it comes last, and not 15" in texts(found)


def test_a_fresh_copy_of_the_stub_below_the_work_does_not_count(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson()
    built.cells += [step_cell(step, STUBS.of(step)) for step in CODE_STEPS]
    assert find(built).steps == {step: (number,) for step, number in STEP_CELLS.items()}


def test_work_in_a_new_cell_below_an_empty_stub_is_found(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson(model=STUBS.model)
    built.cells.insert(6, code(EXACT_LINE.model))
    found = find(built)
    assert found.steps[Step.MODEL] == (7,)
    assert "its names were found in cell 7" in texts(found)


def test_a_loop_in_a_new_cell_keeps_the_stub_that_it_needs(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson(train=STUBS.train)
    built.cells.insert(15, code(EXACT_LINE.train.partition("losses = []\n")[2]))
    assert find(built).steps[Step.TRAIN] == (15, 16)


def test_work_in_its_place_is_preferred_to_play_at_the_end(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson(model=STUBS.model)
    built.cells.insert(6, code(EXACT_LINE.model))
    built.cells.append(code("model = nn.Linear(3, 3)"))
    assert find(built).steps[Step.MODEL] == (7,)


def test_play_with_the_names_does_not_outdo_a_filled_step(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson()
    built.cells += [code("X = torch.zeros(3)"), code("model = None"), code(EXACT_LINE.train)]
    assert find(built).steps == {step: (number,) for step, number in STEP_CELLS.items()}


def test_a_cell_copied_and_rewritten_for_another_step_serves_that_one(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson()
    built.cells[5] = step_cell("data", EXACT_LINE.model)
    found = find(built)
    assert (found.steps[Step.DATA], found.steps[Step.MODEL]) == ((3,), (6,))


def test_a_look_cell_that_was_played_with_is_no_train_cell(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson(train=STUBS.train)
    built.cells[15].source = "for _ in range(9):\n    loss_fn(model(X), y).backward()"
    assert find(built).steps[Step.TRAIN] == (15,)


def test_a_step_that_was_deleted_is_missing_and_a_remark_says_so(
    find: Callable[[NotebookNode], Found],
) -> None:
    built = lesson()
    del built.cells[8]
    found = find(built)
    assert Step.LOSS not in found.steps
    assert "No cell of the step Loss was found" in texts(found)


@pytest.mark.parametrize(
    "source", ["X = = 1", "\x00", "(" * 300, "-" * 90_000 + "1", "a" * 200_000]
)
def test_code_that_is_no_python_is_still_the_marked_step(
    find: Callable[[NotebookNode], Found], source: str
) -> None:
    assert find(lesson(data=source)).steps[Step.DATA] == (3,)


@pytest.mark.parametrize("path", LESSONS, ids=str)
@pytest.mark.parametrize("spoilers", list(combinations(SPOILERS, 2)))
def test_no_two_mishaps_lose_a_step_of_a_lesson(
    path: Path, spoilers: tuple[Spoiler, ...], tmp_path: Path
) -> None:
    handouts = read_handouts(ROOT / "assignments" / path.parent.name)
    built = nbformat.read(ROOT / path, as_version=4)
    work = {
        Step(cell.metadata.grader.step): without_marker(cell.source)
        for cell in built.cells
        if "grader" in cell.metadata
    }
    for spoil in spoilers:
        spoil(built)
    cells = read_notebook(save(built, tmp_path / "anna.ipynb")).cells
    found = find_steps(cells, template_of(tuple(handouts)))
    assert work == {
        step: without_marker(cells[number - 1].cell.source)
        for step, (number,) in found.steps.items()
    }
    assert found.unchanged == (set(CODE_STEPS) if path.stem.startswith("handout") else set())


@settings(deadline=None)
@given(
    spoilers=st.lists(st.sampled_from(SPOILERS), unique=True),
    filled=st.sets(st.sampled_from(CODE_STEPS)),
)
def test_not_even_all_mishaps_together_lose_a_step(
    find: Callable[[NotebookNode], Found], spoilers: list[Spoiler], filled: set[Step]
) -> None:
    built = lesson(STUBS, **{step.value: EXACT_LINE.of(step) for step in filled})
    for spoil in spoilers:
        spoil(built)
    found = find(built)
    assert [len(found.steps[step]) for step in CODE_STEPS] == [1, 1, 1, 1, 1]
    assert found.unchanged == set(CODE_STEPS) - filled
