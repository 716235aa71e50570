"""What is required of a submission: all that the author of a lesson's checks.py needs.

Ready-made checks are in `grader.checks.ready_made`, and judgements for a check in your own words in
`grader.checks.criteria`; see `assignments/01_exact_line/checks.py`.
"""

from grader.checks.checking import Check, graded
from grader.checks.judgements import failed, not_assessed, passed
from grader.facts import Facts
from grader.language.messages import say
from grader.models import Judgement
from grader.recipes.kinds import CurveRecipe, LineRecipe, PicturesRecipe, ThresholdRecipe
from grader.recipes.reading import recipe_beside, tolerances_beside
from grader.recipes.tolerances import (
    CurveTolerances,
    LineTolerances,
    PicturesTolerances,
    ThresholdTolerances,
)
