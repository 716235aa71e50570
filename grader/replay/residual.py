"""How far recorded updates are from gradient descent.

`RESIDUAL` bounds what float32 does to one honest update or to a trajectory of up to 200 epochs:
the largest seen over 300 seeds and every honest way to write the loop was 3.5e-7 (momentum 9.3e-7);
the smallest of any wrong loop was 5.7e-4.
Where values of a large model were left out, the updates between are replayed at one go; `BRIDGED`
bounds what float32 does to those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from grader.replay.data_set import alike, at_once, data_behind
from grader.replay.descent import gradient
from grader.replay.loss_functions import SQUARED_ERROR
from grader.replay.trajectory import trajectory
from grader.replay.updates import count_updates, updates_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.evidence import TrainingSeen
    from grader.models.arrays import Floats
    from grader.replay.architectures import Architecture
    from grader.replay.data_set import DataSet
    from grader.replay.descent import Descent
    from grader.replay.loss_functions import LossFunction

RESIDUAL = 2e-6
BRIDGED = 1e-3
MOST_BRIDGED = 200
# float32 ends at 3.4e38; from here on a recorded infinity is what float64 leads to as well.
OVERFLOWS = 1e37


def descent_residual(
    training: TrainingSeen,
    architecture: Architecture,
    data_set: DataSet,
    how: Descent,
    losses: Sequence[LossFunction] = (SQUARED_ERROR,),
) -> float | None:
    """How far the recorded updates are from descent on the examples, one update at a time.

    Of several `losses` each update may be by another: ways to write one loss differ where a guess
    meets a bend of theirs. The largest |recorded - expected| / (1 + |before| + |change|) over the
    updates that were kept; an update that left no trace counts with the change it should have
    made. None where the parameters or the examples of an update were not seen.
    """
    path = trajectory(training)
    updates = updates_of(training)
    if path is None or not updates:
        return None
    states, behind = path.states, data_behind(training, data_set)
    places: list[int] = []
    reached: list[int] = []
    dealt: list[list[DataSet]] = []
    done = 0
    at = np.array([tick for tick, _ in updates])
    if np.any(np.diff(at) < 0):
        return None
    for i in range(len(states)):
        last = i + 1 == len(states)
        # Updates by hand are noticed at the next event, which may be the next gradient's.
        side: Literal["left", "right"] = "right" if training.updates else "left"
        end = len(updates) if last else max(done, int(np.searchsorted(at, path.ticks[i + 1], side)))
        due = updates[done:end]
        if i == path.gap:
            done = int(np.searchsorted(at, path.ticks[i + 1], "right"))
            if how.momentum:
                break
            if len(due) > MOST_BRIDGED or len(updates) < count_updates(training):
                continue
        else:
            done += len(due)
        seen = [behind(shown) for _, shown in due]
        known = [each for each in seen if each is not None]
        if len(known) < len(seen):
            return None
        if training.updates and not how.momentum and i != path.gap:
            # Each step of an optimizer was observed: all but the last one left the numbers alone.
            stayed = known if last else known[:-1]
            alone = [[each] for each in {id(each): each for each in stayed}.values()]
            places += [i] * len(alone)
            reached += [i] * len(alone)
            dealt += alone
            known = known[len(stayed) :]
        places.append(i)
        reached.append(min(i + 1, len(states) - 1))
        dealt.append(known)
    expected = _in_turn if how.momentum else _at_once
    if not places:
        return 0.0
    with np.errstate(all="ignore"):
        due_there = [expected(states[places], dealt, how, architecture, loss) for loss in losses]
    each_off = [distances(states[reached], due, states[places]) for due in due_there]
    off = np.min(each_off, axis=0)
    bridged = np.array([place == path.gap for place in places])
    return float(np.max(np.where(bridged, off * RESIDUAL / BRIDGED, off)))


def _in_turn(
    states: Floats,
    dealt: Sequence[Sequence[DataSet]],
    how: Descent,
    architecture: Architecture,
    loss_function: LossFunction,
) -> Floats:
    """Where updates on the cards dealt lead from each state, the momentum of all before in them."""
    reached, buffer = [], None
    for theta, seen in zip(states, dealt, strict=True):
        for data_set in seen:
            theta, buffer = how.step(
                theta, gradient(theta, data_set, architecture, loss_function), buffer
            )
        reached.append(theta)
    return np.array(reached)


def _at_once(
    states: Floats,
    dealt: Sequence[Sequence[DataSet]],
    how: Descent,
    architecture: Architecture,
    loss_function: LossFunction,
) -> Floats:
    """The same without momentum, where no state waits for another."""
    reached = states.copy()
    for number in range(max(map(len, dealt), default=0)):
        dealt_now = [seen[number] if number < len(seen) else None for seen in dealt]
        for data_set, which in alike(dealt_now):
            room = at_once(data_set)
            for begin in range(0, len(which), room):
                some = which[begin : begin + room]
                slopes = gradient(reached[some], data_set, architecture, loss_function)
                reached[some], _ = how.step(reached[some], slopes, None)
    return reached


def distance(recorded: Floats, expected: Floats, before: Floats) -> float:
    """The largest of all `distances`."""
    return float(np.max(distances(recorded, expected, before), initial=0.0))


def distances(recorded: Floats, expected: Floats, before: Floats) -> Floats:
    """For each state (..., p) the largest |recorded - expected| / (1 + |before| + |change|).

    Where float64 leads some number of a state to infinity, nan or beyond float32, that state cannot
    be compared; a number that became nan where all should have stayed finite is infinitely far off.
    """
    with np.errstate(all="ignore"):
        scale = 1 + np.abs(before) + np.abs(recorded - before)
        off = np.abs(recorded - expected) / scale
    within = np.isfinite(expected) & (np.abs(expected) < OVERFLOWS)
    # One number beyond float32 makes nan of the others in the next gradient.
    comparable = np.broadcast_to(np.all(within, axis=-1, keepdims=True), np.shape(off))
    off = np.where(comparable, np.where(np.isfinite(recorded), off, np.inf), 0.0)
    return np.asarray(np.max(off, axis=-1, initial=0.0), dtype=np.float64)
