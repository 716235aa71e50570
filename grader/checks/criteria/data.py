"""Judges the cards: inputs, answers, and the noise on them."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from grader.checks.judgements import failed, passed
from grader.evidence import DataPart
from grader.facts.examples import inputs_of_answers, is_in_another_order
from grader.facts.noise import NOISE_ATOL, kept_another_noise
from grader.facts.precision import off_precision
from grader.language.messages import say
from grader.models import Verdict
from grader.recipes.formula import answers_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from grader.evidence import TensorSeen
    from grader.facts import Facts
    from grader.language.messages import Message
    from grader.models import Judgement
    from grader.models.arrays import Floats
    from grader.replay import Line

# torch.arange, numpy.arange, linspace and a list times 0.2 differ by up to 9.5e-7 on 0..10.
INPUTS_ATOL = 1e-5
# A right sample of another random stream fails once in a million notebooks, over all four tests.
CHANCE = 1e-6
SHARE = CHANCE / 4
# With fewer examples than this, rule and noise cannot be told apart.
FEWEST = 4


def inputs_are(facts: Facts, inputs: NDArray[np.float64]) -> Judgement:
    """X holds `inputs` as a column of floats."""
    X = facts.part(DataPart).X
    if X is None:
        return failed(say("There is no `X` that holds the cards yet."))
    if (wrong := wrong_form(facts, "X", X, len(inputs))) is not None:
        return wrong
    off = np.abs(X.array().reshape(-1) - inputs)
    if not np.all(off <= INPUTS_ATOL):
        return failed(
            say("The cards are the ones that the task asks for, in another order.")
            if is_in_another_order(X.array().reshape(-1), inputs)
            else say("The numbers on the cards are not the ones that the task asks for."),
            expected=say("{values}", values=_values(inputs)),
            actual=say("{values}", values=_values(X.array().reshape(-1))),
        )
    return passed()


def pairs(facts: Facts) -> tuple[Floats, Floats, Judgement | None]:
    """X and y as flat numbers, and what is wrong with either, if anything.

    Where X alone was changed, y is judged by what X was made from: one mistake, one step's loss.
    """
    X, y = facts.part(DataPart).X, facts.part(DataPart).y
    wrong = failed(say("There is no `y` that holds the answers yet."))
    if X is None or y is None:
        return np.zeros(0), np.zeros(0), wrong
    values = y.array().reshape(-1)
    x = inputs_of_answers(facts.recipe, X, values)
    if (form := wrong_form(facts, "y", y, _count(X))) is not None:
        return x, values, form
    finite = bool(np.isfinite(x).all())
    wrong = failed(say("`{name}` holds something that is not a number.", name="X"))
    return x, values, None if finite else wrong


def _count(X: TensorSeen) -> int:
    """How many cards X holds; cards that lie in one row are as many as there are numbers."""
    in_a_row = len(X.shape) == 2 and X.shape[0] == 1
    return int(np.prod(X.shape)) if in_a_row or not X.shape else X.shape[0]


def targets_are(facts: Facts, rule: Line | str) -> Judgement:
    """Each y is exactly what the line, or the formula, gives for its X."""
    x, y, wrong = pairs(facts)
    if wrong is not None:
        return wrong
    expected = answers_by(rule, x) if isinstance(rule, str) else rule.at(x)
    if x.size != y.size or not np.allclose(y, expected, rtol=1e-5, atol=1e-5):
        return failed(
            say("The answers on the cards do not follow the rule of this lesson."),
            actual=say("{values}", values=_values(y)),
        )
    return passed()


def targets_are_noisy(facts: Facts, line: Line, sd: float) -> Judgement:
    """Each y is the line plus normal noise of standard deviation `sd`, drawn once.

    Noise from the seeded random numbers, normal or even, is compared number by number. Noise from
    another source must look like a sample of the right line, strength and kind, within what chance
    gives with probability 1 - CHANCE. Even noise of the same variance from another source mostly
    passes: fifty examples are too few to tell the two apart at that rate.
    """
    part = facts.part(DataPart)
    x, values, wrong = pairs(facts)
    if wrong is not None:
        return wrong
    if x.size != values.size:
        return failed(say("There are not as many answers as cards."))
    noise = values - line.at(x)
    judged = _right_noise(x, values, part, line, sd)
    if judged.verdict is Verdict.PASSED and kept_another_noise(part, noise):
        return failed(
            say("The noise on the cards is not the one in your `noise`."),
            hint=say("How often is noise drawn in your cell, and which draw ends up on the cards?"),
        )
    return judged


def _right_noise(
    x: NDArray[np.float64], values: NDArray[np.float64], part: DataPart, line: Line, sd: float
) -> Judgement:
    noise = values - line.at(x)
    for drawn in part.noise.values():
        if any(np.allclose(noise, due, rtol=0, atol=NOISE_ATOL) for due in _as_drawn(drawn, sd)):
            return passed()
    if (explained := _from_seeded_noise(x, values, part, line, sd)) is not None:
        return explained
    if _spread_evenly(x, values, part):
        return failed(say("The noise is of a different kind from what the lesson asks for."))
    return _plausible(x, noise, sd)


def _as_drawn(drawn: Sequence[float], sd: float) -> Iterator[NDArray[np.float64]]:
    """The drawn numbers at strength `sd`: as they are, with their mean taken away, and brought to
    exactly that strength, by either of the two usual ways to measure it."""
    plain = np.asarray(drawn)
    for noise in (plain, plain - plain.mean()):
        yield sd * noise
        if len(noise) > 1 and noise.std() > 0:
            yield sd * noise / noise.std()
            yield sd * noise / noise.std(ddof=1)


def _from_seeded_noise(
    x: NDArray[np.float64], y: NDArray[np.float64], part: DataPart, line: Line, sd: float
) -> Judgement | None:
    """Where y is exactly a line plus a multiple of the seeded noise, and not the right ones."""
    for drawn in part.noise.values():
        design = np.column_stack([x, np.ones_like(x), drawn])
        (w, b, scale), *_ = np.linalg.lstsq(design, y, rcond=None)
        if np.abs(design @ (w, b, scale) - y).max() > NOISE_ATOL:
            continue
        if abs(scale) < NOISE_ATOL:
            return failed(
                say("The answers lie exactly on a line: there is no noise on them."),
                expected=say("noise of strength {sd}", sd=sd),
            )
        if not math.isclose(abs(scale), sd, abs_tol=1e-4):
            return failed(
                say("The noise does not have the strength that the lesson asks for."),
                expected=say("strength {sd}", sd=sd),
                actual=say("strength {sd:.3g}", sd=abs(float(scale))),
            )
        if not np.allclose([w, b], [line.w, line.b], atol=1e-4):
            return failed(say("Without its noise, y does not follow the rule of this lesson."))
    return None


def _spread_evenly(x: NDArray[np.float64], y: NDArray[np.float64], part: DataPart) -> bool:
    """Whether y is exactly a line plus a multiple of the seeded even numbers."""
    for drawn in part.even.values():
        design = np.column_stack([x, np.ones_like(x), drawn])
        found = np.linalg.lstsq(design, y, rcond=None)[0]
        if abs(found[2]) > NOISE_ATOL and np.abs(design @ found - y).max() <= NOISE_ATOL:
            return len(y) >= FEWEST
    return False


def _plausible(x: NDArray[np.float64], noise: NDArray[np.float64], sd: float) -> Judgement:
    """Four tests that a right sample of any source fails with probability SHARE each.

    Of the fitted line (chi-square, 2 degrees), the spread (Wilson and Hilferty's approximation),
    the kind by the largest distance between the distributions (the bound of Dvoretzky, Kiefer and
    Wolfowitz, with Massart's constant), and by the example that is furthest from the line.
    """
    count = len(noise)
    if np.abs(noise).max() < NOISE_ATOL:
        return failed(
            say("The answers lie exactly on a line: there is no noise on them."),
            expected=say("noise of strength {sd}", sd=sd),
        )
    if count < FEWEST:
        return failed(say("There are too few cards to see a rule behind the noise."))
    design = np.column_stack([x, np.ones_like(x)])
    fitted = design @ np.linalg.lstsq(design, noise, rcond=None)[0]
    if float(fitted @ fitted) / sd**2 > -2 * math.log(SHARE):
        return failed(say("Without its noise, y does not follow the rule of this lesson."))
    rest = noise - fitted
    degrees = count - 2
    spread = float(rest @ rest) / sd**2 / degrees
    score = (spread ** (1 / 3) - (1 - 2 / (9 * degrees))) / math.sqrt(2 / (9 * degrees))
    if abs(score) > NormalDist().inv_cdf(1 - SHARE / 2):
        return failed(
            say("The noise does not have the strength that the lesson asks for."),
            expected=say("strength {sd}", sd=sd),
            actual=say("strength {sd:.3g}", sd=sd * math.sqrt(spread)),
        )
    if not _bell_shaped(noise / sd):
        return failed(say("The noise is of a different kind from what the lesson asks for."))
    return passed()


def _bell_shaped(standard: NDArray[np.float64]) -> bool:
    """Whether these numbers can be a sample of the standard normal distribution."""
    count = len(standard)
    due = np.array([NormalDist().cdf(value) for value in np.sort(standard)])
    steps = np.arange(count + 1) / count
    apart = max(float(np.max(steps[1:] - due)), float(np.max(due - steps[:-1])))
    furthest = 2 * NormalDist().cdf(float(np.abs(standard).max())) - 1
    return apart <= math.sqrt(math.log(2 / SHARE) / (2 * count)) and furthest**count >= SHARE


def wrong_form(
    facts: Facts, name: str, value: TensorSeen, count: int, width: int = 1
) -> Judgement | None:
    """What is wrong with type, shape or dtype of `count` examples of `width` floats, if anything.

    Examples with many numbers may have them in any shape, as long as there is one example a row.
    """
    wide = width > 1 and len(value.shape) > 1
    fits = wide and value.shape[0] == count and int(np.prod(value.shape[1:])) == width
    if value.type != "Tensor":
        return failed(
            say("`{name}` is not a tensor, so a model cannot work with it.", name=name),
            expected=say("a torch tensor"),
            actual=say("{type}", type=value.type),
        )
    if value.shape != (count, width) and not fits:
        return failed(
            say("`{name}` does not have as many rows as expected.", name=name)
            if value.shape[1:] == (width,)
            else say("`{name}` does not have the shape of one card a row.", name=name),
            expected=say("shape ({count}, {width})", count=count, width=width),
            actual=say("shape {shape}", shape=str(value.shape)),
        )
    if not count:
        return failed(say("There is not a single card in `{name}`.", name=name))
    if not np.isfinite(value.array()).all():
        return failed(say("`{name}` holds something that is not a number.", name=name))
    if not value.dtype.startswith("float"):
        return failed(
            _no_decimals(name, value.dtype),
            expected=say("a float type"),
            actual=say("{type}", type=value.dtype),
        )
    if off_precision(facts, name, value):
        return failed(
            say("`{name}` holds numbers of a different precision from the model's.", name=name),
            expected=say("{type}", type=facts.model_precision or ""),
            actual=say("{type}", type=value.dtype),
        )
    return None


def _no_decimals(name: str, dtype: str) -> Message:
    if "int" in dtype:
        return say("`{name}` holds whole numbers; a model calculates with decimals.", name=name)
    if dtype == "bool":
        return say("`{name}` holds true and false; a model calculates with decimals.", name=name)
    if dtype.startswith("complex"):
        return say("`{name}` holds complex numbers; a model calculates with decimals.", name=name)
    return say("`{name}` holds no decimals that a model could calculate with.", name=name)


def _values(values: NDArray[np.float64]) -> str:
    shown = ", ".join(f"{v:.4g}" for v in values[:6])
    return shown + (" …" if len(values) > 6 else "")
