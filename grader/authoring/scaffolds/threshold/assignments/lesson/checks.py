"""What the lesson asks of a submission: tell numbers above 0 from the others."""

from grader.checks import (
    Evidence,
    Judgement,
    ThresholdRecipe,
    ThresholdTolerances,
    graded,
    recipe_beside,
    say,
    tolerances_beside,
)
from grader.checks.criteria import classification, data
from grader.checks.ready_made import (
    the_accuracy_is_counted,
    the_boundary_is_found,
    the_loop_follows_the_slope,
    the_loss_is_the_cross_entropy,
    the_model_scores_a_line,
    the_optimizer_is_plain_gradient_descent,
)

RECIPE = recipe_beside(__file__, ThresholdRecipe)
TOLERANCES = tolerances_beside(__file__, ThresholdTolerances)


@graded(
    "data.inputs",
    points=5,
    hint=say("Where do the cards begin and end, and how far apart are they?"),
)
def the_inputs_are_the_fifty_cards(seen: Evidence) -> Judgement:
    """X holds the fifty cards from -5 to 4.8, one a row."""
    return data.inputs_are(seen, RECIPE.inputs.values())


@graded("data.targets", points=10, hint=say("What stands on the back of -2, of 0, and of 2?"))
def the_targets_say_yes_or_no(seen: Evidence) -> Judgement:
    """Beside each x, y holds 1 if x is above 0, and 0 if it is not."""
    return classification.sides_are(seen, RECIPE.threshold)


MODEL = the_model_scores_a_line(RECIPE, TOLERANCES)
LOSS = the_loss_is_the_cross_entropy(RECIPE)
OPTIMIZER = the_optimizer_is_plain_gradient_descent(RECIPE)
TRAINING = the_loop_follows_the_slope(RECIPE, points=10)
ACCURACY = the_accuracy_is_counted(RECIPE)
RESULT = the_boundary_is_found(RECIPE, TOLERANCES)
