"""What is asked of a submission: all that the author of a lesson's checks.py needs.

Ready-made checks are in `grader.checks.ready_made`, and judgements for a check in one's own words
in `grader.checks.criteria`; see `assignments/01_exact_line/checks.py`.
"""

from grader.checks.check import Check, graded
from grader.checks.judgements import failed, not_assessed, passed
from grader.evidence import Evidence
from grader.language.messages import say
from grader.models import Judgement
from grader.recipes.recipe import (
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

__all__ = [
    "Check",
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
    "failed",
    "graded",
    "not_assessed",
    "passed",
    "recipe_beside",
    "say",
    "tolerances_beside",
]
