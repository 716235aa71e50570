"""Judges the training loop: each update, their number, and the losses kept on the way.

Verdicts come from numbers alone; the order of calls only explains a failure elsewhere. Where the
student's own earlier steps can be replayed (the lesson's model and loss, SGD), the updates must be
what float64 descent makes of the recorded parameters and examples; where they cannot, they are
compared with the plain loop on copies of the student's own objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.checks.judgements import failed, not_assessed, passed
from grader.facts.kept_losses import keeps_last_batches, losses_agree
from grader.language.messages import say, say_count
from grader.models import Verdict
from grader.replay import RESIDUAL, count_updates, passes, takes_turns

if TYPE_CHECKING:
    from grader.evidence import LossesKept, TrainingSeen
    from grader.facts import Facts
    from grader.models import Judgement


BESIDE = say(
    "Right, as far as the same loop shows that was run beside yours: without your code, what this "
    "model does cannot be worked out once more."
)
FILLED_IN = say("The model's numbers were filled in: no round of the loop changed them.")


def follows_descent(facts: Facts) -> Judgement:
    """Every update moves the model down the slope of its loss, by the learning rate."""
    training = facts.watched_training
    if count_updates(training) == 0:
        return failed(say("The model was never updated."))
    if facts.path is None:
        return failed(say("The training changed numbers other than those of your model."))
    if len(facts.path.states) < 2:
        # Where the slope is 0 from the start, standing still would be what descent does.
        return failed(say("The model was never updated."))
    if facts.begins_at_the_end:
        return failed(
            say("Before the first round, the model's numbers were set to ones that already fit."),
            hint=say("Let the training begin with a model that knows nothing yet."),
        )
    exact, relative = facts.exact_residual, facts.plain_residual
    if facts.descends:
        return passed()
    if relative is not None and relative <= RESIDUAL and not facts.replayable:
        return passed(message=BESIDE) if facts.doubt is None else not_assessed(facts.doubt)
    if _shows_others(training):
        return failed(say("The model practised on cards other than yours."))
    if exact is None and relative is None:
        return not_assessed(say("The updates of this model could not be followed."))
    return failed(
        say("The model's numbers do not move the way gradient descent moves them."),
        hint=say("Go through one round of the loop on paper: what has to happen in which order?"),
    )


def _shows_others(training: TrainingSeen) -> bool:
    """Whether a gradient came from cards that are known not to be among the student's."""
    shown = {number for _, each in training.backwards for number in each if number >= 0}
    rows = [training.batches[n].rows for n in shown if n < len(training.batches)]
    return any(each is not None and min(each, default=0) < 0 for each in rows)


def goes_through_data(facts: Facts) -> Judgement:
    """Every card is used exactly as often as there are epochs."""
    training, data_set, recipe = facts.watched_training, facts.data_set, facts.recipe
    if facts.filled_in:
        return failed(FILLED_IN)
    times = passes(training, data_set) if data_set is not None else float(count_updates(training))
    if not times:
        return failed(say("The model did not learn anything from the cards: no gradient moved it."))
    if not np.isclose(times, recipe.epochs):
        return failed(
            say("The model did not learn from all cards as often as the lesson asks."),
            expected=say_count(recipe.epochs, "{count} time", "{count} times"),
            actual=say_count(
                1 if times == 1 else 2, "{times:g} time", "{times:g} times", times=times
            ),
        )
    if data_set is not None and not takes_turns(training, data_set):
        return failed(
            say("Some cards had their turn more often than others."),
            hint=say("Count for one card: how often does the model learn from it in one round?"),
        )
    due = recipe.epochs * recipe.updates_per_epoch
    if recipe.updates_per_epoch > 1 and count_updates(training) != due:
        return failed(
            say("The model did not change once for every batch."),
            expected=say("{count} steps", count=due),
            actual=say("{count} steps", count=count_updates(training)),
        )
    if facts.repeats_its_batches:
        return failed(
            say("Every round goes through the same batches in the same order."),
            hint=say("When does `loader` shuffle, and how often is it asked to in your cell?"),
        )
    return passed()


def keeps_losses(facts: Facts) -> Judgement:
    """`losses` holds one number per epoch: the loss of that epoch."""
    first = _judge_losses(facts, facts.watched_training.kept_losses)
    later = facts.result.kept_losses
    if first.verdict is Verdict.PASSED or later is None:
        return first
    # Tensors, for example, may be turned into numbers in a cell of their own.
    second = _judge_losses(facts, later)
    return second if second.verdict is Verdict.PASSED else first


def _judge_losses(facts: Facts, kept: LossesKept | None) -> Judgement:
    training, epochs = facts.watched_training, facts.recipe.epochs
    if kept is None and "losses" in facts.code.known_names():
        return failed(say("`losses` is not a list of numbers."))
    if kept is None:
        return failed(say("There is no list `losses` with the loss of each epoch."))
    if kept.count != epochs or len(kept.values) + kept.left_out != kept.count:
        return failed(
            say("`losses` does not hold one number for each epoch."),
            expected=say_count(epochs, "{count} number", "{count} numbers"),
            actual=say_count(kept.count, "{count} number", "{count} numbers"),
        )
    if kept.tensors:
        return failed(
            say("`losses` holds tensors; the lesson asks for plain numbers."),
            hint=say("Print losses[0]: what is there around the number?"),
        )
    if facts.filled_in:
        return failed(FILLED_IN)
    if facts.recipe.updates_per_epoch > 1 and keeps_last_batches(training, kept):
        return failed(
            say("`losses` holds the loss of one batch of each round, not the mean of all of them."),
            hint=say("How many batches does a round have, and how many are in your number?"),
        )
    if not losses_agree(training, kept, facts.passing):
        return failed(say("The numbers in `losses` are not the losses of the training."))
    if not facts.losses_are_true:
        return failed(
            say(
                "The loop computes something other than the lesson's loss, and `losses` holds that."
            )
        )
    return passed()
