"""What lesson 4 asks of a submission: tell drawings of cats from drawings of dogs."""

from grader import (
    Evidence,
    Judgement,
    PicturesRecipe,
    PicturesTolerances,
    check,
    recipe_beside,
    say,
    tolerances_beside,
)
from grader.criteria import classification, optimizer, pictures, training

RECIPE = recipe_beside(__file__, PicturesRecipe)
TOLERANCES = tolerances_beside(__file__, PicturesTolerances)


@check("data.cards", points=5, hint=say("Which shape does a card have, and what is its answer?"))
def the_cards_are_the_given_ones(seen: Evidence) -> Judgement:
    """X holds the 400 pictures for practice, one a row, and y their answers."""
    return pictures.cards_are_given(seen, RECIPE)


@check("data.exam", points=5, hint=say("Which cards must the pupil not see before the exam?"))
def the_exam_is_kept_back(seen: Evidence) -> Judgement:
    """X_test and y_test hold the 200 cards for the exam, and no card for practice."""
    return pictures.exam_is_kept_back(seen, RECIPE)


@check("data.batches", points=5, hint=say("How many at a time, and what happens before a round?"))
def the_cards_are_dealt_in_batches(seen: Evidence) -> Judgement:
    """In every round, loader deals all cards in shuffled batches of 32."""
    return pictures.batches_are_dealt(seen, RECIPE)


@check(
    "model.size", points=5, hint=say("Count: weights and biases of the first layer, the second.")
)
def the_model_has_the_right_size(seen: Evidence) -> Judgement:
    """The model has the 4129 numbers of a network from 256 over 16 to 1, all free to learn."""
    return pictures.has_size(seen, RECIPE)


@check("model.scores", points=5, hint=say("Which three parts does the task name, in which order?"))
def the_model_gives_scores(seen: Evidence) -> Judgement:
    """The model answers with a score for each picture: Linear, ReLU, Linear."""
    return classification.gives_scores(seen, RECIPE)


@check("model.fresh", points=5, hint=say("A pupil who has seen the answers learns nothing."))
def the_model_starts_fresh(seen: Evidence) -> Judgement:
    """Before its first lesson the model cannot tell cats from dogs."""
    return pictures.starts_fresh(seen, RECIPE)


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


@check("train.follows_descent", points=10, hint=say("Three calls for each batch, in turn."))
def the_loop_follows_the_slope(seen: Evidence) -> Judgement:
    """Every update moves the model down the slope of its loss."""
    return training.follows_descent(seen, RECIPE)


@check("train.epochs", points=5, hint=say("How many batches does one round have?"))
def the_loop_runs_all_epochs(seen: Evidence) -> Judgement:
    """The model goes through all cards once an epoch, as often as there are epochs."""
    return training.goes_through_cards(seen, RECIPE)


@check("train.losses", points=5, hint=say("One number a round, not one a batch."))
def the_loop_keeps_the_losses(seen: Evidence) -> Judgement:
    """`losses` holds the mean loss of every round."""
    return training.keeps_losses(seen, RECIPE)


@check("train.accuracy", points=5, hint=say("Right cards over all cards of the exam."))
def the_accuracy_is_the_share_of_right_answers(seen: Evidence) -> Judgement:
    """`accuracy` is the share of the exam's cards that the trained model answers right."""
    return classification.counts_right_answers(seen, RECIPE, exam=True)


@check("result.exam", points=5, hint=say("Look at the training first: the result follows it."))
def the_model_passes_the_exam(seen: Evidence) -> Judgement:
    """On cards that it never saw, the model is right as often as honest training makes it."""
    return pictures.passes_exam(seen, RECIPE, TOLERANCES)


@check("result.loss", points=5, hint=say("Draw `losses` and look at its end."))
def the_loss_falls(seen: Evidence) -> Judgement:
    """Training brings the loss down as far as the cards allow."""
    return pictures.loss_comes_down(seen, RECIPE, TOLERANCES)


@check("result.other_pictures", points=5, hint=say("Would your cells learn any two drawings?"))
def the_cells_learn_other_pictures(seen: Evidence) -> Judgement:
    """With other drawings on the cards, your cells learn to tell those apart."""
    return pictures.learns_other_pictures(seen, RECIPE)
