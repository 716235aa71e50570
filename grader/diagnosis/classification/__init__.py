"""Mistakes in lessons whose answers are yes and no, by the step that they are made in."""

from grader.diagnosis import network
from grader.diagnosis.classification import (
    batches,
    cards,
    counting,
    learning,
    marks,
    scores,
)
from grader.diagnosis.rule import only
from grader.recipes.recipe import PicturesRecipe, ThresholdRecipe

_OF = (ThresholdRecipe, PicturesRecipe)

DATA = (
    *only(_OF, *cards.RULES),
    *only(ThresholdRecipe, *cards.RULES_OF_NUMBERS),
    *only(PicturesRecipe, *batches.DATA),
)
MODEL = (*only(_OF, *scores.RULES), *only(PicturesRecipe, *network.PICTURES))
LOSS = only(_OF, *marks.RULES)
LEARNING = only(_OF, *learning.RULES)
COUNTING = only(_OF, *counting.RULES)
BATCHES = only(PicturesRecipe, *batches.TRAIN)
