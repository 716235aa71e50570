"""Mistakes in lessons about a curve."""

from __future__ import annotations

from grader.diagnosis import network
from grader.diagnosis.classification.scores import parameters_hard_coded
from grader.diagnosis.rule import only
from grader.recipes.recipe import CurveRecipe

MODEL = only(CurveRecipe, *network.CURVE, parameters_hard_coded)
