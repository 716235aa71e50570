"""What lesson 2 asks of a submission: find y = 2x + 1 behind the noise on fifty cards."""

from grader.checks import (
    Evidence,
    Judgement,
    LineRecipe,
    LineTolerances,
    graded,
    recipe_beside,
    say,
    tolerances_beside,
)
from grader.checks.criteria import data
from grader.checks.ready_made import (
    the_line_is_found,
    the_loop_follows_the_slope,
    the_loss_is_the_mean_squared_error,
    the_model_is_a_line,
    the_optimizer_is_plain_gradient_descent,
)

RECIPE = recipe_beside(__file__, LineRecipe)
TOLERANCES = tolerances_beside(__file__, LineTolerances)


@graded(
    "data.inputs",
    points=5,
    hint=say("Where do the cards begin and end, and how far apart are they?"),
)
def the_inputs_are_the_fifty_cards(seen: Evidence) -> Judgement:
    """X holds the fifty cards from 0 to 9.8, one a row."""
    return data.inputs_are(seen, RECIPE.inputs.values())


@graded(
    "data.targets",
    points=10,
    hint=say("First the rule, then a fresh random number for every card."),
)
def the_targets_follow_the_rule_with_noise(seen: Evidence) -> Judgement:
    """Beside each x, y holds what the rule makes of it, and noise of the right strength."""
    return data.targets_are_noisy(seen, RECIPE.line, RECIPE.noise)


MODEL = the_model_is_a_line(RECIPE)
LOSS = the_loss_is_the_mean_squared_error()
OPTIMIZER = the_optimizer_is_plain_gradient_descent(RECIPE)
TRAINING = the_loop_follows_the_slope(RECIPE)
RESULT = the_line_is_found(RECIPE, TOLERANCES)
