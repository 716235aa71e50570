from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.authoring.bank import Entry, Insertion, build, load_bank
from grader.errors import AssignmentError
from grader.models import CODE_STEPS, Step, Verdict
from tests.notebooks import EXACT_LINE, lesson

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from nbformat import NotebookNode

ABOUT = 'about = "something else"\n'
DATA, MODEL, TRAIN = (
    f"# === {step} ===\n{EXACT_LINE.of(step)}" for step in (Step.DATA, Step.MODEL, Step.TRAIN)
)


def entry(**changes: Any) -> Entry:
    return Entry(name="variant", about="something else", **changes)


def built(**changes: Any) -> NotebookNode:
    return build(entry(**changes), lesson())


def sources(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def body(notebook: NotebookNode, step: Step) -> str:
    [cell] = (c for c in notebook.cells if c.metadata.get("grader", {}).get("step") == step)
    marker, _, rest = str(cell.source).partition("\n")
    assert marker == f"# === {step} ==="
    return rest


def places(notebook: NotebookNode, *wanted: str) -> list[int]:
    return [sources(notebook).index(source) for source in wanted]


def bank(folder: Path, **files: str) -> tuple[Entry, ...]:
    (folder / "bank").mkdir()
    for name, text in files.items():
        (folder / "bank" / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_bank(folder)


def problem_with(folder: Path, **files: str) -> str:
    with pytest.raises(AssignmentError) as caught:
        bank(folder, **files)
    return str(caught.value)


# What is done to the reference


def test_an_entry_that_changes_nothing_is_the_solved_reference() -> None:
    assert sources(built()) == sources(lesson())


def test_solutions_stand_without_their_marks() -> None:
    region = (
        "### BEGIN SOLUTION\nmodel = nn.Linear(1, 1)\n### STUB\n# model = ...\n### END SOLUTION"
    )
    notebook = build(entry(), lesson(model=region))
    assert body(notebook, Step.MODEL) == "model = nn.Linear(1, 1)"


def test_outputs_of_the_reference_are_left_behind() -> None:
    reference = lesson()
    reference.cells[0].execution_count = 3
    reference.cells[0].outputs = [{"output_type": "stream", "name": "stdout", "text": "hello"}]
    cell = build(entry(), reference).cells[0]
    assert (cell.outputs, cell.execution_count) == ([], None)


def test_the_reference_itself_stays_as_it_was() -> None:
    reference = lesson()
    build(entry(write={"loss": "loss_fn = nn.L1Loss()"}, drop=["model"]), reference)
    assert sources(reference) == sources(lesson())


def test_a_written_step_keeps_its_marker_line() -> None:
    notebook = built(write={"loss": "\nloss_fn = nn.L1Loss()\n"})
    assert body(notebook, Step.LOSS) == "loss_fn = nn.L1Loss()"


def test_pieces_are_replaced_one_after_the_other() -> None:
    notebook = built(edit={"optimizer": [("SGD", "Adam"), ("Adam(", "AdamW(")]})
    assert body(notebook, Step.OPTIMIZER) == EXACT_LINE.optimizer.replace("SGD", "AdamW")


def test_edits_work_on_what_was_written() -> None:
    notebook = built(write={"loss": "loss_fn = nn.L1Loss()"}, edit={"loss": [("L1", "Huber")]})
    assert body(notebook, Step.LOSS) == "loss_fn = nn.HuberLoss()"


@pytest.mark.parametrize(("old", "count"), [("zero_gard", 0), ("loss", 6)])
def test_an_edit_that_does_not_match_once_is_refused(old: str, count: int) -> None:
    with pytest.raises(AssignmentError) as caught:
        built(edit={"train": [(old, "")]})
    assert f"variant: '{old}' occurs {count} times in the train cell" in str(caught.value)


def test_names_are_renamed_in_every_step() -> None:
    notebook = built(rename={"model": "net", "loss_fn": "criterion"})
    assert body(notebook, Step.OPTIMIZER) == EXACT_LINE.optimizer.replace("model", "net")
    assert "criterion(prediction, y)" in body(notebook, Step.TRAIN)


def test_only_whole_names_in_code_are_renamed() -> None:
    text = 'y_pred = "y"  # y\nprint(y, f"{y_pred}")'
    notebook = built(write={"train": text}, rename={"y": "ys"})
    assert body(notebook, Step.TRAIN) == text.replace("print(y,", "print(ys,")


def test_cells_around_the_steps_keep_their_names() -> None:
    assert "shown = model\nshown" in sources(built(rename={"model": "net"}))


def test_cells_are_added_before_and_behind_a_step() -> None:
    added = (Insertion(source="X.T", before=Step.MODEL), Insertion(source="list(y)", after="data"))
    notebook = built(insert=added)
    data, look, before, model = places(notebook, DATA, "X", "X.T", MODEL)
    assert places(notebook, "list(y)") == [data + 1]
    assert data < look < before == model - 1


def test_a_cell_added_nowhere_in_particular_comes_behind_the_training() -> None:
    train, added = places(built(insert=(Insertion(source="losses[-1]"),)), TRAIN, "losses[-1]")
    assert added == train + 1


def test_a_split_cell_goes_on_in_an_unmarked_one() -> None:
    notebook = built(split={"train": 2})
    assert body(notebook, Step.TRAIN) == "epochs = 100\nlosses = []"
    [rest] = (cell for cell in notebook.cells if cell.id == "rest-train")
    assert rest.source.startswith("for epoch in range(epochs):")
    assert "grader" not in rest.metadata


@given(st.sampled_from(CODE_STEPS), st.integers(min_value=0, max_value=12))
def test_the_halves_of_a_split_cell_make_the_whole(step: Step, line: int) -> None:
    whole = f"# === {step} ===\n{EXACT_LINE.of(step)}"
    texts = sources(built(split={step: line}))
    [place] = (n for n, text in enumerate(texts) if text.startswith(f"# === {step} ==="))
    first, rest = texts[place : place + 2]
    assert (first + "\n" + rest).rstrip("\n") == whole


@given(st.permutations(CODE_STEPS), st.integers(min_value=2, max_value=5))
def test_merged_steps_stand_in_order_in_the_cell_of_the_last(steps: list[Step], count: int) -> None:
    merged = [step for step in CODE_STEPS if step in steps[:count]]
    notebook = built(merge=steps[:count])
    whole = "\n\n".join(f"# === {step} ===\n{EXACT_LINE.of(step)}" for step in merged)
    [cell] = (c for c in notebook.cells if c.source == whole)
    assert cell.metadata.grader.step == merged[-1]
    assert len(notebook.cells) == len(lesson().cells) - count + 1


def test_dropped_steps_are_gone() -> None:
    notebook = built(drop=["loss", "train"])
    kept = [c.metadata.grader.step for c in notebook.cells if "grader" in c.metadata]
    assert kept == ["data", "model", "optimizer"]


@given(st.sets(st.sampled_from(["X", "y", "model", "loss", "epoch", "losses", "range"])))
def test_renaming_back_gives_the_reference_again(names: set[str]) -> None:
    there = built(rename={name: f"my_{name}" for name in names})
    back = build(entry(rename={f"my_{name}": name for name in names}), there)
    assert sources(back) == sources(lesson())


# What is due


def test_an_entry_without_verdicts_is_right_and_every_step_must_pass() -> None:
    assert entry().right
    assert {entry().verdict(step) for step in Step} == {Verdict.PASSED}


def test_a_step_gets_the_verdict_that_is_written_and_the_others_must_pass() -> None:
    wrong = entry(verdicts={"train": "failed", "result": "not_assessed"})
    assert not wrong.right
    assert wrong.verdict(Step.TRAIN) is Verdict.FAILED
    assert wrong.verdict(Step.RESULT) is Verdict.NOT_ASSESSED
    assert wrong.verdict(Step.LOSS) is Verdict.PASSED


# What stands in the files


def test_a_table_is_an_entry_and_its_name_the_entrys(tmp_path: Path) -> None:
    text = f"""
[zero_grad_missing]
about = "the gradients are never cleared"
edit.train = [["    optimizer.zero_grad()\\n", ""]]
verdicts = {{ train = "failed", result = "failed" }}
diagnosis = ["zero_grad_missing"]

[l1]
{ABOUT}
write.loss = '''
loss_fn = nn.L1Loss()
'''
insert = [{{ after = "loss", source = "loss_fn" }}]
split.train = 2
merge = ["data", "model"]
"""
    missing, l1 = bank(tmp_path, wrong=text)
    assert (missing.name, missing.diagnosis) == ("zero_grad_missing", ("zero_grad_missing",))
    assert missing.edit == {Step.TRAIN: (("    optimizer.zero_grad()\n", ""),)}
    assert missing.verdict(Step.RESULT) is Verdict.FAILED
    assert l1.write == {Step.LOSS: "loss_fn = nn.L1Loss()\n"}
    assert l1.insert == (Insertion(source="loss_fn", after=Step.LOSS),)
    assert l1.split == {Step.TRAIN: 2}
    assert l1.merge == (Step.DATA, Step.MODEL)


def test_entries_come_file_by_file_in_the_order_of_the_files_names(tmp_path: Path) -> None:
    entries = bank(tmp_path, b=f"[third]\n{ABOUT}", a=f"[first]\n{ABOUT}[second]\n{ABOUT}")
    assert [e.name for e in entries] == ["first", "second", "third"]


def test_without_a_bank_there_are_no_entries(tmp_path: Path) -> None:
    assert load_bank(tmp_path) == ()


def test_two_entries_of_one_name_are_refused_also_across_files(tmp_path: Path) -> None:
    told = problem_with(tmp_path, a=f"[same]\n{ABOUT}", b=f"[same]\n{ABOUT}[other]\n{ABOUT}")
    assert told.endswith("two entries are called same.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"[x]\n{ABOUT}verdict = 'failed'", "verdict: Extra inputs are not permitted"),
        (f"[x]\n{ABOUT}edit.trian = [['a', 'b']]", "edit.trian"),
        (f"[x]\n{ABOUT}edit.train = [['a']]", "edit.train.0"),
        (f"[x]\n{ABOUT}verdicts = {{ train = 'wrong' }}", "verdicts.train"),
        (f"[x]\n{ABOUT}insert = [{{ behind = 'data', source = '' }}]", "insert.0.behind"),
        ("[x]\nedit.train = []", "about: Field required"),
        ("x = 1", "Entry"),
        ("[x", "is not valid TOML"),
    ],
)
def test_a_file_that_is_no_bank_is_refused_with_the_place(
    tmp_path: Path, text: str, told: str
) -> None:
    message = problem_with(tmp_path, wrong=text)
    assert "wrong.toml" in message
    assert told in message
