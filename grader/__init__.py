"""Grades beginners' PyTorch notebooks by watching them train.

In a notebook, `check` and `hint` show students how far their work is. What people who write lessons
need is in `grader.checks`.
"""

from grader.preview.notebook import begin, check, hint

__version__ = "0.2.0"

__all__ = ["check", "hint"]

# Lessons that were written for 0.1 imported these from here.
_IN_CHECKS = (
    *("CurveRecipe", "CurveTolerances", "Evidence", "Judgement", "LineRecipe", "LineTolerances"),
    *("PicturesRecipe", "PicturesTolerances", "ThresholdRecipe", "ThresholdTolerances"),
    *("failed", "not_assessed", "passed", "recipe_beside", "say", "tolerances_beside"),
)


def __getattr__(name: str) -> object:
    if name in _IN_CHECKS:
        raise ImportError(
            f"{name!r} is not here since 0.2: a lesson's checks.py imports from grader.checks, "
            "where `@check` is called `@graded` and `Evidence` is `Facts`"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


begin()
