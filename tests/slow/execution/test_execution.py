from __future__ import annotations

import json
from typing import TYPE_CHECKING

from grader.evidence import (
    DataPart,
    Evidence,
    LossPart,
    ModelPart,
    OptimizerPart,
    PlainPart,
    ResultPart,
    TrainPart,
    TransferPart,
    read_evidence,
)
from grader.execution.cells import Limits
from grader.execution.planning import candidate_names
from grader.execution.runner import NotebookRunner
from grader.models import CODE_STEPS, Cell, CellKind, Execution, Outcome, Plan, Step, Transfer
from tests.notebooks import EXACT_LINE, SETUP

if TYPE_CHECKING:
    from grader.execution.runner import NotebookRunner

FORMULA = "-3.0 * X + 0.5"
QUICK = Limits(cell_s=1, notebook_s=20)
TRAIN_CELL, LAST_CELL = 6, 7
ENDLESS = "while True: pass"
STUBBORN = f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{ENDLESS}"


def plan(last: str = "losses[-1]", **steps: str) -> Plan:
    """Setup, the five steps (each replaceable) and a last cell."""
    sources = [SETUP, *(steps.get(step, EXACT_LINE.of(step)) for step in CODE_STEPS), last]
    cells = tuple(Cell(n, CellKind.CODE, source) for n, source in enumerate(sources, 1))
    places = {step: (number,) for number, step in enumerate(CODE_STEPS, 2)}
    return Plan(
        cells=cells,
        steps={number: (step,) for step, (number,) in places.items()},
        names=candidate_names(cells, places),
        seed=7,
        probe_seed=1,
        epochs=100,
        transfer=Transfer(FORMULA, cells[1:6]),
    )


def seen(run: Execution) -> Evidence:
    return read_evidence(run.records, FORMULA)


def test_an_honest_notebook_is_observed_in_every_part(runner: NotebookRunner) -> None:
    run = runner.run(plan(), QUICK)
    assert run.outcome is Outcome.COMPLETED
    assert run.error is None
    assert run.suspicions == ()
    assert [one.cell for one in run.runs] == list(range(1, 8))
    kinds = (DataPart, ModelPart, LossPart, OptimizerPart, TrainPart, PlainPart, ResultPart)
    for kind in (*kinds, TransferPart):
        assert kind in seen(run), kind.__name__
        assert seen(run).part(kind).faults == ()
        assert seen(run).part(kind).replaced == ()
    training = seen(run).part(TrainPart).training
    assert training is not None
    assert training.counts == dict.fromkeys("FLZBS", 100)


def test_the_same_notebook_gives_the_same_records(runner: NotebookRunner) -> None:
    first, second = (runner.run(plan(), QUICK) for _ in range(2))
    assert first.records == second.records


def test_a_cell_that_raises_tells_where_and_the_next_ones_run(runner: NotebookRunner) -> None:
    run = runner.run(plan(loss="loss_fn = nn.MSELoss()\n\nnn.mse"), QUICK)
    assert run.outcome is Outcome.RAISED
    assert run.error is not None
    assert (run.error.cell, run.error.line, run.error.name) == (4, 3, "AttributeError")
    assert run.runs[-1].error is None
    assert ResultPart in seen(run)


def test_a_cell_without_end_is_interrupted_and_the_next_ones_run(runner: NotebookRunner) -> None:
    run = runner.run(plan(model=f"model = nn.Linear(1, 1)\n{ENDLESS}"), QUICK)
    assert run.outcome is Outcome.TIMED_OUT
    assert run.error is not None
    assert (run.error.cell, run.error.name) == (3, "TimedOut")
    assert len(run.runs) == 7
    assert TrainPart in seen(run)


def test_a_cell_that_swallows_the_interrupt_is_ended_and_what_was_seen_stays(
    runner: NotebookRunner,
) -> None:
    run = runner.run(plan(loss=STUBBORN), QUICK)
    assert run.outcome is Outcome.TIMED_OUT
    assert run.error is not None
    assert (run.error.cell, run.error.name) == (4, "TimedOut")
    assert DataPart in seen(run)
    assert ModelPart in seen(run)
    assert LossPart not in seen(run)


def test_when_the_kernel_dies_then_earlier_steps_keep_their_records(runner: NotebookRunner) -> None:
    run = runner.run(plan(train="import os\nos._exit(1)"), QUICK)
    assert run.outcome is Outcome.KERNEL_DIED
    assert run.error is not None
    assert (run.error.cell, run.error.name) == (TRAIN_CELL, "KernelDied")
    assert OptimizerPart in seen(run)
    assert TrainPart not in seen(run)


def test_a_death_is_told_though_the_cell_had_something_to_say_before(
    runner: NotebookRunner,
) -> None:
    dying = "import os\nprint('farewell', flush=True)\nos._exit(1)"
    run = runner.run(plan(train=dying), QUICK)
    assert run.outcome is Outcome.KERNEL_DIED
    assert run.error is not None
    assert (run.error.cell, run.error.name) == (TRAIN_CELL, "KernelDied")


def test_a_death_while_we_ask_blames_no_cell_for_an_error_it_did_not_have(
    runner: NotebookRunner,
) -> None:
    trap = "def model(x):\n    __import__('os')._exit(1)"
    run = runner.run(plan(model=trap), QUICK)
    assert run.outcome is Outcome.KERNEL_DIED
    assert DataPart in seen(run)
    assert [one.cell for one in run.runs] == [1, 2, 3]


def test_a_flood_of_output_is_cut_and_the_next_cells_run(runner: NotebookRunner) -> None:
    flood = "for _ in range(400): print('x' * 10_000)"
    run = runner.run(plan(last=flood), Limits(cell_s=10))
    assert run.outcome is Outcome.COMPLETED
    assert run.runs[-1].cut
    assert not run.runs[0].cut
    assert sum(len(output.content) for output in run.runs[-1].outputs) < 100_000
    assert TransferPart in seen(run)


def test_a_record_in_our_name_is_no_record_and_raises_suspicion(runner: NotebookRunner) -> None:
    forged = json.dumps({"token": "guess", "record": {"kind": "train", "training": None}})
    mime = "application/vnd.grader.evidence"
    last = f"from IPython.display import publish_display_data as say\nsay({{{mime!r}: {forged!r}}})"
    run = runner.run(plan(last=last), QUICK)
    assert [str(suspicion) for suspicion in run.suspicions] == [
        f"Cell {LAST_CELL} emitted a record in the recorder's name."
    ]
    training = seen(run).part(TrainPart).training
    assert training is not None


def test_other_names_than_the_expected_ones_are_found(runner: NotebookRunner) -> None:
    renamed = plan(
        data="cards = torch.arange(5.).view(-1, 1)\nanswers = 2 * cards + 1",
        model="net = nn.Linear(1, 1)",
        loss="criterion = nn.MSELoss()",
        optimizer="opt = torch.optim.SGD(net.parameters(), lr=0.01)",
        train="history = []\nfor epoch in range(100):\n"
        "    loss = criterion(net(cards), answers)\n    history.append(loss.item())\n"
        "    opt.zero_grad()\n    loss.backward()\n    opt.step()",
        last="history[-1]",
    )
    evidence = seen(runner.run(renamed, QUICK))
    names = {role: name for part in evidence.parts() for role, name in part.names.items()}
    assert names == {
        "X": "cards",
        "y": "answers",
        "model": "net",
        "loss_fn": "criterion",
        "optimizer": "opt",
        "losses": "history",
    }
    plain = evidence.part(PlainPart).plain
    assert plain is not None
    assert plain.count == 100


def test_a_notebook_that_replaces_a_function_of_torch_says_so(runner: NotebookRunner) -> None:
    patched = plan(last="torch.allclose = lambda *_: True")
    assert seen(runner.run(patched, QUICK)).replaced == ("torch.allclose",)


def test_a_notebook_that_uses_up_its_time_is_stopped_between_its_cells(
    runner: NotebookRunner,
) -> None:
    slow = plan(data=f"import time\ntime.sleep(1)\n{EXACT_LINE.data}")
    run = runner.run(slow, Limits(cell_s=10, notebook_s=0.6))
    assert run.outcome is Outcome.TIMED_OUT
    assert len(run.runs) < 7
    assert Step.TRAIN not in {step for one in run.runs for step in slow.steps.get(one.cell, ())}
