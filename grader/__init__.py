"""Grades beginners' PyTorch notebooks by watching them train.

In a notebook, `check` and `hint` show students how far their work is. All others, and `check` with
its points, are for people who write checks; see `assignments/01_exact_line/checks.py`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from grader.messages import say
from grader.preview.notebook import begin, check, hint

if TYPE_CHECKING:
    from grader.evidence import Evidence
    from grader.judgements import failed, not_assessed, passed
    from grader.models import Judgement
    from grader.recipe import (
        CurveRecipe,
        CurveTolerances,
        LineRecipe,
        LineTolerances,
        PicturesRecipe,
        PicturesTolerances,
        ThresholdRecipe,
        ThresholdTolerances,
        recipe_beside,
        tolerances_beside,
    )

__version__ = "0.2.0"

__all__ = [
    "CurveRecipe",
    "CurveTolerances",
    "Evidence",
    "Judgement",
    "LineRecipe",
    "LineTolerances",
    "PicturesRecipe",
    "PicturesTolerances",
    "ThresholdRecipe",
    "ThresholdTolerances",
    "check",
    "failed",
    "hint",
    "not_assessed",
    "passed",
    "recipe_beside",
    "say",
    "tolerances_beside",
]

# Loaded when it is asked for: every process of ours imports this package, a notebook too.
_HOMES = {
    "Evidence": "evidence",
    "Judgement": "models",
    **dict.fromkeys(("failed", "not_assessed", "passed"), "judgements"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'recipe')}"), name)


begin()
