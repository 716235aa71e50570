"""What a forked kernel has loaded before must change no verdict: probes that ask in many ways."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

from grader.execution.runner import NotebookRunner
from grader.kernels.fresh import FreshKernels
from tests.kernels.probes import ANSWERS, CELL
from tests.kernels.running import UNCONFINED, linux_only, run_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = [linux_only]

# Fresh kernels take seconds: they are asked a few, of each kind one.
ASKED_OF_FRESH_KERNELS = (
    "plt",
    "import matplotlib\nmatplotlib.pyplot",
    "import torch\ntorch.onnx.utils.__name__",
    "'matplotlib' in sys.modules",
)


def test_a_warm_kernel_answers_as_a_new_one(runner: NotebookRunner) -> None:
    assert answers(runner, tuple(ANSWERS)) == ANSWERS


def test_a_fresh_kernel_of_ours_answers_as_a_new_one() -> None:
    with closing(NotebookRunner(FreshKernels(UNCONFINED))) as runner:
        assert answers(runner, ASKED_OF_FRESH_KERNELS) == {
            probe: ANSWERS[probe] for probe in ASKED_OF_FRESH_KERNELS
        }


def answers(runner: NotebookRunner, probes: Sequence[str]) -> dict[str, str]:
    """Each is asked of a kernel of its own: what one imports, the next would have."""
    with ThreadPoolExecutor(2) as askers:
        shown = askers.map(lambda probe: run_cells(runner, CELL + probe), probes)
        return {probe: "".join(each) for probe, each in zip(probes, shown, strict=True)}
