"""Mistakes in lessons whose answers are yes and no, by the step that they are made in."""

from grader.diagnosis import network
from grader.diagnosis.classification import (
    accuracy,
    batches,
    data,
    direction,
    loss,
    scores,
)
from grader.diagnosis.rule import only
from grader.recipes.recipe import PicturesRecipe, ThresholdRecipe

_OF = (ThresholdRecipe, PicturesRecipe)

DATA = (
    *only(_OF, *data.RULES),
    *only(ThresholdRecipe, *data.RULES_OF_NUMBERS),
    *only(PicturesRecipe, *batches.DATA),
)
MODEL = (*only(_OF, *scores.RULES), *only(PicturesRecipe, *network.PICTURES))
LOSS = only(_OF, *loss.RULES)
DIRECTION = only(_OF, *direction.RULES)
ACCURACY = only(_OF, *accuracy.RULES)
BATCHES = only(PicturesRecipe, *batches.TRAIN)
