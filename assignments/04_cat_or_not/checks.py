"""What lesson 4 asks of a submission: tell drawings of cats from drawings of dogs."""

from grader.checks import (
    Evidence,
    Judgement,
    PicturesRecipe,
    PicturesTolerances,
    graded,
    recipe_beside,
    say,
    tolerances_beside,
)
from grader.checks.criteria import classification, pictures
from grader.checks.ready_made import (
    the_accuracy_of_the_exam_is_counted,
    the_loop_follows_the_slope_by_batches,
    the_loss_is_the_cross_entropy,
    the_model_has_the_size_of_a_network,
    the_optimizer_is_plain_gradient_descent,
    the_pictures_are_told_apart,
)

RECIPE = recipe_beside(__file__, PicturesRecipe)
TOLERANCES = tolerances_beside(__file__, PicturesTolerances)


@graded("data.cards", points=5, hint=say("Which shape does a card have, and what is its answer?"))
def the_cards_are_the_given_ones(seen: Evidence) -> Judgement:
    """X holds the 400 pictures for practice, one a row, and y their answers."""
    return pictures.cards_are_given(seen, RECIPE)


@graded("data.exam", points=5, hint=say("Which cards must the pupil not see before the exam?"))
def the_exam_is_kept_back(seen: Evidence) -> Judgement:
    """X_test and y_test hold the 200 cards for the exam, and no card for practice."""
    return pictures.exam_is_kept_back(seen, RECIPE)


@graded("data.batches", points=5, hint=say("How many at a time, and what happens before a round?"))
def the_cards_are_dealt_in_batches(seen: Evidence) -> Judgement:
    """In every round, loader deals all cards in shuffled batches of 32."""
    return pictures.batches_are_dealt(seen, RECIPE)


MODEL = the_model_has_the_size_of_a_network(RECIPE)


@graded("model.scores", points=5, hint=say("Which three parts does the task name, in which order?"))
def the_model_gives_scores(seen: Evidence) -> Judgement:
    """The model answers with a score for each picture: Linear, ReLU, Linear."""
    return classification.gives_scores(seen, RECIPE)


@graded("model.fresh", points=5, hint=say("A pupil who has seen the answers learns nothing."))
def the_model_starts_fresh(seen: Evidence) -> Judgement:
    """Before its first lesson the model cannot tell cats from dogs."""
    return pictures.starts_fresh(seen, RECIPE)


LOSS = the_loss_is_the_cross_entropy(RECIPE)
OPTIMIZER = the_optimizer_is_plain_gradient_descent(RECIPE)
TRAINING = the_loop_follows_the_slope_by_batches(RECIPE, points=10)
ACCURACY = the_accuracy_of_the_exam_is_counted(RECIPE)
RESULT = the_pictures_are_told_apart(RECIPE, TOLERANCES)
