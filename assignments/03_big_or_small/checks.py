"""What lesson 3 asks of a submission: tell fifty numbers apart, big ones from small ones."""

from grader import (
    Evidence,
    Judgement,
    ThresholdRecipe,
    ThresholdTolerances,
    check,
    recipe_beside,
    say,
    tolerances_beside,
)
from grader.criteria import boundary, classification, data, model, optimizer, training

RECIPE = recipe_beside(__file__, ThresholdRecipe)
TOLERANCES = tolerances_beside(__file__, ThresholdTolerances)


@check(
    "data.inputs",
    points=5,
    hint=say("Where do the cards begin and end, and which of them lies in the middle?"),
)
def the_inputs_are_the_fifty_cards(seen: Evidence) -> Judgement:
    """X holds the fifty cards from -5 to 4.8, one a row."""
    return data.inputs_are(seen, RECIPE.inputs.values())


@check("data.targets", points=10, hint=say("What stands on the back of -2, of 0, and of 2?"))
def the_targets_say_which_are_big(seen: Evidence) -> Judgement:
    """Beside each x, y holds 1 if x is above 0, and 0 if it is not."""
    return classification.sides_are(seen, RECIPE.threshold)


@check("model.parameters", points=5, hint=say("What does a line need besides its slope?"))
def the_model_has_weight_and_bias(seen: Evidence) -> Judgement:
    """The model has one weight and one bias, and may change both."""
    return model.has_weight_and_bias(seen)


@check("model.scores", points=5, hint=say("Which layer turns one number into one number?"))
def the_model_gives_scores(seen: Evidence) -> Judgement:
    """The model answers with a score: w * x + b, for any x."""
    return classification.gives_scores(seen, RECIPE)


@check("model.fresh", points=5, hint=say("A pupil who has seen the answers learns nothing."))
def the_model_starts_fresh(seen: Evidence) -> Judgement:
    """Before its first lesson the model does not know the rule."""
    return classification.starts_fresh(seen, RECIPE, TOLERANCES.loss)


@check("loss.value", points=10, hint=say("What does a score of 0 cost, and what a score of 2?"))
def the_loss_is_the_cross_entropy(seen: Evidence) -> Judgement:
    """The loss is the mean binary cross-entropy of scores and answers."""
    return classification.is_cross_entropy(seen, RECIPE)


@check("loss.gradient", points=5, hint=say("The loss must stay connected to the guess."))
def the_loss_can_be_learned_from(seen: Evidence) -> Judgement:
    """The loss tells each guess in which direction to move."""
    return classification.can_be_learned_from(seen, RECIPE)


@check("optimizer.parameters", points=5, hint=say("Whose parameters were handed over?"))
def the_optimizer_owns_the_model(seen: Evidence) -> Judgement:
    """The optimizer moves all numbers of your model, and no others."""
    return optimizer.owns_the_model(seen)


@check("optimizer.method", points=5, hint=say("The lesson names the method: SGD."))
def the_optimizer_is_plain_sgd(seen: Evidence) -> Judgement:
    """The optimizer is plain gradient descent."""
    return optimizer.is_plain_sgd(seen)


@check("optimizer.learning_rate", points=5, hint=say("The lesson says how big a step is."))
def the_learning_rate_is_right(seen: Evidence) -> Judgement:
    """The learning rate is the lesson's."""
    return optimizer.has_learning_rate(seen, RECIPE.learning_rate)


@check("train.follows_descent", points=10, hint=say("Three calls in the loop, each has its turn."))
def the_loop_follows_the_slope(seen: Evidence) -> Judgement:
    """Every update moves the model down the slope of its loss."""
    return training.follows_descent(seen, RECIPE)


@check("train.epochs", points=5, hint=say("Count how often the loop's body runs."))
def the_loop_runs_all_epochs(seen: Evidence) -> Judgement:
    """The model goes through all cards once an epoch, as often as there are epochs."""
    return training.goes_through_cards(seen, RECIPE)


@check("train.losses", points=5, hint=say("One number an epoch, taken from the loss."))
def the_loop_keeps_the_losses(seen: Evidence) -> Judgement:
    """`losses` holds the loss of every epoch."""
    return training.keeps_losses(seen, RECIPE)


@check("train.accuracy", points=5, hint=say("Right cards over all cards, after the last round."))
def the_accuracy_is_the_share_of_right_answers(seen: Evidence) -> Judgement:
    """`accuracy` is the share of cards that the trained model answers right."""
    return classification.counts_right_answers(seen, RECIPE)


@check("result.boundary", points=5, hint=say("Look at the training first: the result follows it."))
def the_boundary_is_found(seen: Evidence) -> Judgement:
    """The boundary lies between the small cards and the big ones."""
    return boundary.boundary_is_found(seen, RECIPE, TOLERANCES)


@check("result.loss", points=5, hint=say("Draw `losses` and look at its end."))
def the_loss_falls(seen: Evidence) -> Judgement:
    """Training brings the loss down as far as the cards allow."""
    return boundary.loss_comes_down(seen, RECIPE, TOLERANCES)


@check("result.another_threshold", points=5, hint=say("Would your cells find any boundary?"))
def the_cells_learn_another_threshold(seen: Evidence) -> Judgement:
    """With another threshold on the cards, your cells find the other boundary."""
    return boundary.learns_another_threshold(seen, RECIPE)
