"""What the lesson asks of a submission: learn the curve y = x²/2 - 1."""

from grader.checks import (
    CurveRecipe,
    CurveTolerances,
    Evidence,
    Judgement,
    graded,
    recipe_beside,
    say,
    tolerances_beside,
)
from grader.checks.criteria import data
from grader.checks.ready_made import (
    the_curve_is_found,
    the_loop_follows_the_slope,
    the_loss_is_the_mean_squared_error,
    the_model_is_a_network,
    the_optimizer_is_plain_gradient_descent,
)

RECIPE = recipe_beside(__file__, CurveRecipe)
TOLERANCES = tolerances_beside(__file__, CurveTolerances)


@graded(
    "data.inputs",
    points=5,
    hint=say("Where do the cards begin and end, and how far apart are they?"),
)
def the_inputs_are_the_cards(seen: Evidence) -> Judgement:
    """X holds the cards from -2 to 2, one a row."""
    return data.inputs_are(seen, RECIPE.inputs.values())


@graded("data.targets", points=10, hint=say("Work out y for x = 2 by hand, and compare."))
def the_targets_follow_the_rule(seen: Evidence) -> Judgement:
    """Beside each x, y holds what the rule makes of it."""
    return data.targets_are(seen, RECIPE.formula)


MODEL = the_model_is_a_network(RECIPE, TOLERANCES)
LOSS = the_loss_is_the_mean_squared_error()
OPTIMIZER = the_optimizer_is_plain_gradient_descent(RECIPE)
TRAINING = the_loop_follows_the_slope(RECIPE)
RESULT = the_curve_is_found(RECIPE, TOLERANCES)
