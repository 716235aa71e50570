from __future__ import annotations

from dataclasses import replace

import pytest

from grader.facts import Code, Facts
from grader.facts.accuracy import halves_scores
from grader.models import Step
from tests.answers_factory import threshold_facts


def counted(source: str) -> Facts:
    """Lesson 3, whose training cell counts in this way."""
    return replace(threshold_facts(), code=Code({9: source}, {Step.TRAIN: (9,)}))


@pytest.mark.parametrize(
    "source",
    [
        "accuracy = ((model(X) > 0.5) == y).float().mean().item()",
        "scores = model(X).detach().squeeze()\nsays = scores >= 0.5",
        "with torch.no_grad():\n    out = model(X)\n    yes = (0.5 < out).float()",
        "s = model.forward(X)[:, 0]\nright = sum(bool(a > 0.5) == bool(b) for a, b in zip(s, y))\n"
        "yes = s > 0.5",
    ],
)
def test_scores_beside_a_half_are_told(source: str) -> None:
    assert halves_scores(counted(source))


@pytest.mark.parametrize(
    "source",
    [
        "accuracy = ((model(X) > 0) == (y > 0.5)).float().mean().item()",
        "p = torch.sigmoid(model(X))\nsays = p > 0.5",
        "says = model(X).sigmoid() > 0.5",
        "says = predict(model, X) > 0.5",
        "out = model(X)\nout = 1 / (1 + torch.exp(-out))\nsays = out > 0.5",
        "out = model(X)\nsays = out > 0\nif accuracy > 0.5:\n    print(accuracy)",
    ],
)
def test_whatever_may_be_a_probability_is_not(source: str) -> None:
    assert not halves_scores(counted(source))
