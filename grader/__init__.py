"""Grades beginners' PyTorch notebooks by watching them train.

In a notebook, `check` and `hint` show students how far their work is. All others, and `check` with
its points, are for people who write checks; see `assignments/01_exact_line/checks.py`.
"""

from grader.evidence import Evidence
from grader.judgements import failed, not_assessed, passed
from grader.messages import say
from grader.models import Judgement
from grader.preview.notebook import begin, check, hint
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

__version__ = "0.1.0"

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

begin()
