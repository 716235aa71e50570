"""How far an honest result may lie from the goal, for each kind of lesson."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Tolerances(BaseModel):
    """How far an honest result may be from the goal, as `grader calibrate` measured it.

    `false_fail` is how often honest training exceeds each of them, `joint_false_fail` how often any
    of them, over `draws` random starts (and noises, or orders of the examples).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    false_fail: float
    draws: int
    joint_false_fail: float | None = None


class LineTolerances(Tolerances):
    """`w`, `b` are the distances from the goal, `loss_ratio` the last over the first loss."""

    w: float
    b: float
    loss_ratio: float


class ThresholdTolerances(Tolerances):
    """`boundary` is the distance from the threshold, `loss` the loss at the end."""

    boundary: float
    loss: float


class CurveTolerances(Tolerances):
    """`distance` is the farthest from the curve between its ends, `loss` the loss at the end."""

    distance: float
    loss: float


class PicturesTolerances(Tolerances):
    """`accuracy` is the least share of right answers on new cards, `loss_ratio` as above."""

    accuracy: float
    loss_ratio: float


AnyTolerances = LineTolerances | CurveTolerances | ThresholdTolerances | PicturesTolerances
