"""What the record of a training proves, and where it rests on nothing but the notebook's own word.

Where every update was replayed, there is no doubt. Torch's own optimizers are taken at their word,
as long as what they were given were the gradients of the lesson's loss; a student's own optimizer
could carry any numbers into the model.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grader.facts.gradients import ROUGHLY, follows, made_up
from grader.language.messages import say
from grader.replay import RESIDUAL, count_updates, data_behind, distance, gradient

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.evidence import OptimizerSeen, TrainedSeen, TrainingSeen
    from grader.facts.facts import Facts
    from grader.language.messages import Message
    from grader.models.arrays import Floats
    from grader.replay import DataSet

# So much of all gradients together, by their length, may be none of the lesson's loss: noise in the
# last digits of a finished training. What carries a model to typed numbers is nearly all of them.
FOREIGN = 0.2
# float32 keeps four digits of a step of this length.
TELLING = 1e-3
OWN_WAY = say(
    "The optimizer is none of torch's, and does not move the numbers by gradient descent. Whether "
    "the model learned by it cannot be worked out again, so an instructor has to look."
)
OTHER_GRADIENTS = say(
    "The gradients that the steps used are not those of the loss on your cards. Whether the model "
    "learned by them cannot be worked out again, so an instructor has to look."
)


def doubt(facts: Facts) -> Message | None:
    """Why the record does not prove that the model learned; None where nothing speaks against it.

    Only asked of what would pass: a training that failed needs no proof.
    """
    training = facts.training
    if training is None or not training.updates or facts.descends or _stands_still(training):
        return None
    optimizer = training.optimizer or facts.optimizer
    own = optimizer is not None and is_own(optimizer)
    if optimizer is not None and own and (optimizer.clears is False or rate_of(training) is None):
        return OWN_WAY
    # A loss on what the model answers can be on the wrong cards; it carries no numbers of its own.
    if not (training.bypassed or own or made_up(training)):
        return None
    return OTHER_GRADIENTS if _foreign(facts, training) > FOREIGN else None


def _stands_still(training: TrainingSeen) -> bool:
    """Whether nothing that was trained ever changed."""
    return all(each.changes < 2 for each in training.trained)


def is_own(optimizer: OptimizerSeen) -> bool:
    """Whether the class is the student's, whatever it derives from."""
    return not any(map(is_torchs, optimizer.lineage[:1]))


def is_torchs(kind: str) -> bool:
    """Whether the class of this full name is one of torch's optimizers."""
    return kind.startswith("torch.optim.")


# ---- steps by their gradients ------------------------------------------------------------------


def moves_as_descent(training: TrainingSeen, optimizer: OptimizerSeen) -> bool:
    """Whether each of its steps was -lr * gradient, by the gradients that it found."""
    rates = {group.get("lr") for group in optimizer.groups}
    rate = rates.pop() if len(rates) == 1 else None
    return isinstance(rate, (int, float)) and _all_move(_steps(training), rate)


def rate_of(training: TrainingSeen) -> float | None:
    """The one number by which every step multiplied the gradient that it found, if there is one."""
    steps = _steps(training)
    if not steps:
        return None
    # The longest one tells it best.
    before, used, after = max(steps, key=lambda step: float(np.abs(step[1]).max(initial=0.0)))
    length = float(used @ used)
    rate = float((before - after) @ used) / length if length > 0 else np.nan
    return rate if np.isfinite(rate) and _all_move(steps, rate) else None


def rates_of(training: TrainingSeen) -> tuple[float, ...]:
    """The number by which each step multiplied its gradient; none where one did anything else.

    Steps of which rounding would leave little are passed over.
    """
    rates = []
    for before, used, after in _steps(training):
        moved = float(np.abs(after - before).max(initial=0.0))
        if moved < TELLING * (1 + float(np.abs(before).max(initial=0.0))):
            continue
        length = float(used @ used)
        rate = float((before - after) @ used) / length if length > 0 else np.nan
        if not np.isfinite(rate) or distance(after, before - rate * used, before) > RESIDUAL:
            return ()
        rates.append(rate)
    return tuple(rates)


def _all_move(steps: Sequence[tuple[Floats, Floats, Floats]], rate: float) -> bool:
    return bool(steps) and all(
        distance(after, before - rate * used, before) <= RESIDUAL for before, used, after in steps
    )


def _steps(training: TrainingSeen) -> list[tuple[Floats, Floats, Floats]]:
    # Snapshots of the model keep the gradient of their time, and nothing updates them.
    own = [training.trained[place] for place in training.parameters if place is not None]
    return [step for each in own for step in _steps_of(each)]


def _steps_of(trained: TrainedSeen) -> Iterator[tuple[Floats, Floats, Floats]]:
    """The numbers before each recorded step, the gradient that it used, and the numbers after."""
    ticks = [tick for tick, _ in trained.values]
    left_out = len(ticks) // 2 if trained.changes > len(ticks) else None
    for tick, used in trained.gradients:
        place = bisect_left(ticks, tick)
        if place in (0, left_out):
            continue
        before = np.array(trained.values[place - 1][1])
        moved = place < len(ticks) and ticks[place] == tick
        after = np.array(trained.values[place][1]) if moved else before
        step = before, np.array(used), after
        # What has grown beyond all bounds does not tell how it was moved.
        if all(np.isfinite(each).all() for each in step):
            yield step


# ---- gradients by the loss ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Used:
    """The gradient (p,) of a step, the numbers it was taken at, and the cards that may be behind.

    `before` is what the step just before it used, None where that was not kept; `alone`: there was
    none before it.
    """

    at: Floats
    gradient: Floats
    cards: tuple[DataSet, ...]
    before: Floats | None
    alone: bool


def _foreign(facts: Facts, training: TrainingSeen) -> float:
    """Which part of the recorded gradients, by length, the loss on their cards does not explain.

    A gradient may be scaled, made smaller, or be added to the one before it; where that one is not
    known, nothing is said of it.
    """
    whole = foreign = 0.0
    for step in _used(facts, training) if facts.known else ():
        own = [
            gradient(step.at, cards, architecture, facts.recipe.loss_function)
            for cards in step.cards
            for architecture in facts.architectures
        ]
        added = [step.gradient] + ([] if step.before is None else [step.gradient - step.before])
        explained = any(
            follows(now, each) or _shrinks(now - each, step.at) for each in own for now in added
        )
        if explained or step.alone or step.before is not None:
            length = float(np.linalg.norm(step.gradient))
            whole += length
            foreign += 0.0 if explained else length
    return foreign / whole if np.isfinite(whole) and whole > 0 else 0.0


def _shrinks(more: Floats, at: Floats) -> bool:
    """Whether what is added to a gradient (p,) pulls all numbers towards 0 alike, and gently.

    That is what a penalty on large numbers does. One number alone could be pulled anywhere.
    """
    length = float(at @ at)
    strength = float(more @ at) / length if length > 0 else 0.0
    off = np.abs(more - strength * at).max(initial=0.0)
    return len(at) > 1 and 0 < strength < 1 and off <= ROUGHLY * np.abs(more).max(initial=0.0)


def _used(facts: Facts, training: TrainingSeen) -> Iterator[Used]:
    """Each step of which all was kept."""
    path, data_set = facts.path, facts.data_set
    if path is None or data_set is None:
        return
    behind = data_behind(training, data_set)
    kept = [dict(training.trained[p].gradients) for p in training.parameters if p is not None]
    whole = len(training.updates) == count_updates(training)
    backwards = [tick for tick, _ in training.backwards]
    before, number_before = None, -1
    for number, (tick, batches) in enumerate(training.updates):
        place, latest = bisect_left(path.ticks, tick) - 1, bisect_right(backwards, tick) - 1
        if place < 0 or place == path.gap or any(tick not in each for each in kept):
            continue
        used = np.concatenate([np.array(each[tick], dtype=np.float64) for each in kept])
        shown = [behind(batches)]
        if latest >= 0:
            shown.append(behind(training.backwards[latest][1]))
        cards = [each for each in shown if each is not None]
        if cards and used.shape == path.states[place].shape:
            follows_on = whole and number == number_before + 1
            yield Used(
                path.states[place],
                used,
                (*cards, *(each.as_columns() for each in cards)),
                before if follows_on else None,
                number == 0,
            )
        before, number_before = used, number
