"""What lesson 2 asks of a submission: find y = 2x + 1 behind the noise on fifty cards."""

from grader import (
    Evidence,
    Judgement,
    LineRecipe,
    LineTolerances,
    check,
    recipe_beside,
    say,
    tolerances_beside,
)
from grader.criteria import data, loss, model, optimizer, result, training

RECIPE = recipe_beside(__file__, LineRecipe)
TOLERANCES = tolerances_beside(__file__, LineTolerances)


@check(
    "data.inputs",
    points=5,
    hint=say("Where do the cards begin and end, and how far apart are they?"),
)
def the_inputs_are_the_fifty_cards(seen: Evidence) -> Judgement:
    """X holds the fifty cards from 0 to 9.8, one a row."""
    return data.inputs_are(seen, RECIPE.inputs.values())


@check(
    "data.targets",
    points=10,
    hint=say("First the rule, then a fresh random number for every card."),
)
def the_targets_follow_the_rule_with_noise(seen: Evidence) -> Judgement:
    """Beside each x, y holds what the rule makes of it, and noise of the right strength."""
    return data.targets_are_noisy(seen, RECIPE.line, RECIPE.noise)


@check("model.parameters", points=5, hint=say("What does a line need besides its slope?"))
def the_model_has_weight_and_bias(seen: Evidence) -> Judgement:
    """The model has one weight and one bias, and may change both."""
    return model.has_weight_and_bias(seen)


@check("model.line", points=5, hint=say("Which layer turns one number into one number?"))
def the_model_is_a_line(seen: Evidence) -> Judgement:
    """The model's guesses lie on a straight line, for any x."""
    return model.is_a_line(seen)


@check("model.fresh", points=5, hint=say("A pupil who has seen the answers learns nothing."))
def the_model_starts_fresh(seen: Evidence) -> Judgement:
    """Before its first lesson the model does not know the rule."""
    return model.starts_fresh(seen, RECIPE.line)


@check("loss.value", points=10, hint=say("Mark by hand: guesses 1 and 5, answers 2 and 3."))
def the_loss_is_the_mean_squared_error(seen: Evidence) -> Judgement:
    """The loss is the mean of the squared distances between guess and answer."""
    return loss.is_mean_squared_error(seen)


@check("loss.gradient", points=5, hint=say("The loss must stay connected to the guess."))
def the_loss_can_be_learned_from(seen: Evidence) -> Judgement:
    """The loss tells each guess in which direction to move."""
    return loss.can_be_learned_from(seen)


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


@check("train.follows_descent", points=15, hint=say("Three calls in the loop, each has its turn."))
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


@check("result.line", points=5, hint=say("Look at the training first: the result follows it."))
def the_line_is_found(seen: Evidence) -> Judgement:
    """w and b end where honest training leads."""
    return result.line_is_found(seen, RECIPE, TOLERANCES)


@check("result.loss", points=5, hint=say("Draw `losses` and look at its end."))
def the_loss_falls(seen: Evidence) -> Judgement:
    """Training brings the loss down as far as the cards allow."""
    return result.loss_falls(seen, RECIPE, TOLERANCES)


@check("result.another_line", points=5, hint=say("Would your cells learn any line on the cards?"))
def the_cells_learn_another_line(seen: Evidence) -> Judgement:
    """With other answers on the cards, your cells learn the other line."""
    return result.learns_another_line(seen, RECIPE)
