"""What the lesson asks of a submission: learn y = 2x + 1 from five cards."""

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


@graded("data.inputs", points=5, hint=say("How many cards are there, and what does each row hold?"))
def the_inputs_are_the_five_cards(seen: Evidence) -> Judgement:
    """X holds the cards 0, 1, 2, 3, 4, one a row."""
    return data.inputs_are(seen, RECIPE.inputs.values())


@graded("data.targets", points=10, hint=say("Work out y for x = 3 by hand, and compare."))
def the_targets_follow_the_rule(seen: Evidence) -> Judgement:
    """Beside each x, y holds what the rule makes of it."""
    return data.targets_are(seen, RECIPE.line)


MODEL = the_model_is_a_line(RECIPE)
LOSS = the_loss_is_the_mean_squared_error()
OPTIMIZER = the_optimizer_is_plain_gradient_descent(RECIPE)
TRAINING = the_loop_follows_the_slope(RECIPE)
RESULT = the_line_is_found(RECIPE, TOLERANCES)
