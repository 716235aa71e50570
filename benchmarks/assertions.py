"""What an instructor would write into test cells: a few honest assertions for each step.

Of the scope that courses with nbgrader and otter have: shapes, values, types, and whether the loss
came down. They tell right from wrong where they can, and name no mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.models import Step
from grader.recipes.recipe import LineRecipe, read_table, validated

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class StepTest:
    """A step's assertions, what they are worth, and the names that they need."""

    step: Step
    points: int
    names: tuple[str, ...]
    source: str


def step_tests(course: Path, lesson: str) -> tuple[StepTest, ...]:
    """The test of each step of a lesson, in order, with the lesson's own numbers."""
    path = course / "assignments" / lesson / "assignment.toml"
    recipe = validated(LineRecipe, read_table(path).get("recipe"), path)
    cards = len(recipe.inputs.values())
    return (
        StepTest(Step.DATA, 15, ("torch", "X", "y"), _data(recipe, cards)),
        StepTest(Step.MODEL, 15, ("torch", "model"), _MODEL),
        StepTest(Step.LOSS, 15, ("torch", "loss_fn"), _LOSS),
        StepTest(Step.OPTIMIZER, 15, ("torch", "optimizer"), _optimizer(recipe)),
        StepTest(Step.TRAIN, 25, ("losses",), _train(recipe)),
        StepTest(Step.RESULT, 15, ("torch", "model"), _result(recipe)),
    )


def _data(recipe: LineRecipe, cards: int) -> str:
    grid = recipe.inputs
    lines = [
        f"assert X.shape == ({cards}, 1), X.shape",
        f"assert y.shape == ({cards}, 1), y.shape",
        "assert X.dtype == y.dtype",
        f"fronts = torch.arange({cards}, dtype=X.dtype).view(-1, 1) * {grid.step} + {grid.start}",
        'assert torch.allclose(X, fronts, atol=1e-5), "X does not hold the fronts of the cards"',
    ]
    if recipe.noise:
        lines += [
            f"noise = y - ({recipe.w} * X + {recipe.b})",
            f"assert abs(noise.mean()) < {recipe.noise}, noise.mean()",
            f"assert {recipe.noise / 2} < noise.std() < {recipe.noise * 2}, noise.std()",
        ]
    else:
        lines.append(f"assert torch.allclose(y, {recipe.w} * X + {recipe.b}), y")
    return "\n".join(lines)


_MODEL = """\
probe = torch.tensor([[-1.0], [0.0], [4.0]], dtype=next(model.parameters()).dtype)
assert model(probe).shape == (3, 1), model(probe).shape
assert sum(p.numel() for p in model.parameters() if p.requires_grad) == 2
below, at, above = model(probe).detach().flatten().tolist()
assert abs((above - at) - 4 * (at - below)) < 1e-4, "the model is not a line\""""

_LOSS = """\
guesses = torch.tensor([[1.0], [5.0], [-2.0]])
answers = torch.tensor([[2.0], [3.0], [1.0]])
assert abs(float(loss_fn(guesses, answers)) - 14 / 3) < 1e-4, loss_fn(guesses, answers)"""


def _optimizer(recipe: LineRecipe) -> str:
    return (
        "assert isinstance(optimizer, torch.optim.SGD), type(optimizer)\n"
        f'assert optimizer.param_groups[0]["lr"] == {recipe.learning_rate}'
    )


def _train(recipe: LineRecipe) -> str:
    return (
        f"assert len(losses) == {recipe.epochs}, len(losses)\n"
        "assert all(isinstance(loss, float) for loss in losses)\n"
        "assert losses[-1] < losses[0] / 2, (losses[0], losses[-1])"
    )


def _result(recipe: LineRecipe) -> str:
    return (
        "probe = torch.tensor([[0.0], [1.0]], dtype=next(model.parameters()).dtype)\n"
        "b, with_w = model(probe).detach().flatten().tolist()\n"
        f"assert abs(with_w - b - {recipe.w}) < 0.3, with_w - b\n"
        f"assert abs(b - {recipe.b}) < 1.5, b"
    )
