"""Finds what a student calls things: which name plays the role of X, y, model, loss_fn ..."""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn.modules.loss import _Loss

from .tensors import RowIndex
from .watching import MOST_WATCHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .watching import Training

ROLES = (
    "X",
    "y",
    "model",
    "loss_fn",
    "optimizer",
    "losses",
    "X_test",
    "y_test",
    "accuracy",
)


EXAM = {"X_test", "y_test"}
CARDS = {"X", "y", *EXAM}
# How far float32 takes a share of some hundred examples from a whole number of them.
SHARE_ATOL = 1e-3
# What is in the names of cards that people keep back.
EXAM_WORDS = ("test", "exam", "val")
# What people call the learning rate of an optimizer that they write themselves.
RATES = ("lr", "learning_rate", "rate", "eta", "alpha", "step_size")


def find_roles(
    roles: Sequence[str],
    candidates: Mapping[str, Sequence[str]],
    namespace: Mapping[str, Any],
    training: Training,
) -> dict[str, str]:
    """Which name plays which role: the expected one, else the candidate that fits best.

    A role whose own name is open still (`...`) has nobody. `candidates` are the names that a
    step's cell assigns, in order. Of several tensors the one that was fed to the model is X and the
    one it was compared with is y; before any training the first is taken for X and the last for y.
    If examples are kept for an exam, answers and examples are told apart by their number. A number
    is an accuracy if it is called one, or is a share of the examples. Of anything else that fits
    equally well, the last counts.
    """
    found: dict[str, str] = {}
    for role in roles:
        if fits(role, namespace.get(role)):
            found[role] = role
        # What is open still, or a class that nobody called, is meant to play it.
        own = namespace.get(role)
        if role in found or own is Ellipsis or isinstance(own, type):
            continue
        fitting = [
            name
            for name in candidates.get(role, ())
            if name not in found.values() and fits(role, namespace.get(name))
        ]
        if role in CARDS:
            # Where one cell does all, what comes below the model is made with it.
            above = _above_the_model(candidates.get(role, ()), namespace)
            fitting = [name for name in fitting if name in above] or fitting
        if role in ("X", "y"):
            fitting = _behind(role, fitting, found.get("X"), namespace, training)
        if role in EXAM or (role == "y" and EXAM & set(candidates)):
            fitting = _as_many(role, fitting, found, namespace)
        if role == "loader":
            fitting = _dealing_all(fitting, found, namespace)
        if role == "accuracy":
            fitting = _shares(fitting, found, namespace)
        if fitting:
            ranks = {name: _rank(role, namespace[name], namespace, training) for name in fitting}
            best = [name for name in fitting if ranks[name] == max(ranks.values())]
            found[role] = best[0 if role in ("X", "X_test") else -1]
    return found


def _above_the_model(names: Sequence[str], namespace: Mapping[str, Any]) -> list[str]:
    """The names that a cell gives to anything before it makes a model or an optimizer."""
    trains = (torch.nn.Module, torch.optim.Optimizer)
    return list(itertools.takewhile(lambda n: not isinstance(namespace.get(n), trains), names))


def _behind(
    role: str,
    names: Sequence[str],
    X: str | None,
    namespace: Mapping[str, Any],
    training: Training,
) -> list[str]:
    """The names of the examples or answers in use, or of those that batches of were in use.

    Answers are as many as the examples that are called `X`; all names, if nothing tells.
    """
    tensors = {name: namespace[name] for name in names if isinstance(namespace[name], torch.Tensor)}
    used = training.first_input if role == "X" else training.target
    latest = training.input if role == "X" else used
    exactly = [name for name, each in tensors.items() if each is latest]
    if exactly and len(training.batches) < 2:
        return exactly
    if X is not None:
        count = len(namespace[X])
        whole = [name for name, each in tensors.items() if each.ndim and len(each) == count]
        if used is not None and count:
            whole = [name for name in whole if RowIndex(tensors[name]).holds(used)] or whole
    elif len(training.batches) < 2:
        whole = []
    elif used is not None:
        larger = {name: t for name, t in tensors.items() if t.ndim and len(t) > len(used) > 0}
        whole = [name for name, each in larger.items() if RowIndex(each).holds(used)]
    else:
        whole = []
    return whole or exactly or list(names)


def _rank(role: str, value: Any, namespace: Mapping[str, Any], training: Training) -> int:
    """How well a value that could play a role looks the part."""
    match role:
        case "model":
            own = [tensor for _, tensor in parameters_of(value, namespace)]
            learned = any(training.moved(tensor) for tensor in own)
            return 4 * learned + 2 * bool(own) + isinstance(value, torch.nn.Module)
        case "loss_fn":
            return 2 * is_loss(value) + _takes(value, 2)
        case "optimizer":
            return training.stepped(value)
        case "losses":
            seen = {round(loss, 3) for _, loss in training.losses.items()}
            is_list = isinstance(value, list)
            holds = any(round(float(item), 3) in seen for item in value[:1])
            return 4 * (len(value) > 0) + 2 * is_list + holds
        case "accuracy":
            return 2 * (0 <= float(value) <= 1) + (not isinstance(value, int))
        case "loader":
            return isinstance(value, torch.utils.data.DataLoader)
    return 2 * isinstance(value, torch.Tensor) + (getattr(value, "ndim", 1) > 1)


def _takes(value: Any, count: int) -> bool:
    """Whether a function can be given so many arguments, and wants no fewer."""
    with contextlib.suppress(TypeError, ValueError):
        inspect.signature(value).bind(*range(count))
        try:
            inspect.signature(value).bind(*range(count - 1))
        except TypeError:
            return True
    return False


def _as_many(
    role: str, names: Sequence[str], found: Mapping[str, str], namespace: Mapping[str, Any]
) -> list[str]:
    """The names whose tensors are as many as the cards they could belong to."""
    counts = {name: len(namespace[name]) for name in names}
    practice = len(namespace[found["X"]]) if "X" in found else None
    exam = len(namespace[found["X_test"]]) if "X_test" in found else None
    match role:
        case "y":
            fitting = [name for name in names if counts.get(name) == practice]
            return [name for name in fitting if not _sounds_like_an_exam(name)] or fitting
        case "X_test":
            others = [name for name in names if counts.get(name) != practice]
            return others or [name for name in names if _sounds_like_an_exam(name)]
        case "y_test":
            fitting = [name for name in names if counts.get(name) == exam]
            return [name for name in fitting if _sounds_like_an_exam(name)] or fitting
    return list(names)


def _sounds_like_an_exam(name: str) -> bool:
    return any(word in name.lower() for word in EXAM_WORDS)


def _dealing_all(
    names: Sequence[str], found: Mapping[str, str], namespace: Mapping[str, Any]
) -> list[str]:
    """The names of what deals as many cards as X has, and not those of an exam; or else all."""
    count = len(namespace[found["X"]]) if "X" in found else -1
    sets: dict[str, Any] = {name: getattr(namespace[name], "dataset", None) for name in names}
    whole = [n for n, each in sets.items() if hasattr(each, "__len__") and len(each) == count]
    return whole or list(names)


def _shares(
    names: Sequence[str], found: Mapping[str, str], namespace: Mapping[str, Any]
) -> list[str]:
    """The names of what may be an accuracy: so many of the examples, or a name that says so."""
    counts = [len(namespace[found[cards]]) for cards in ("X_test", "X") if cards in found]
    wholes = [(name, float(namespace[name]) * count) for name in names for count in counts]
    shares = {
        name
        for name, whole in wholes
        if math.isfinite(whole)
        and abs(whole - round(whole)) < SHARE_ATOL
        and 0 <= float(namespace[name]) <= 1
        and not isinstance(namespace[name], int)
    }
    return [name for name in names if not counts or name in shares or "acc" in name.lower()]


def fits(role: str, value: Any) -> bool:
    """Whether a value could play a role at all."""
    if value is None or value is Ellipsis or isinstance(value, type):
        return False
    if role == "accuracy":
        return _is_number(value)
    if role == "loader":
        return isinstance(value, torch.utils.data.DataLoader) or (
            _is_batches(value) and not is_series(value)
        )
    if role in CARDS:
        return (isinstance(value, (torch.Tensor, np.ndarray)) and value.ndim > 0) or isinstance(
            value, list
        )
    if role == "optimizer":
        return isinstance(value, torch.optim.Optimizer) or _moves_numbers(value)
    if role == "losses":
        return is_series(value)
    if role == "model":
        return callable(value) and not is_loss(value)
    return callable(value) and not (isinstance(value, torch.nn.Module) and not is_loss(value))


def _is_number(value: Any) -> bool:
    """Whether a value is a single number."""
    single = isinstance(value, torch.Tensor) and value.numel() == 1
    return single or isinstance(value, (float, int, np.number))


def _is_batches(value: Any) -> bool:
    """Whether a value can be iterated, and is neither tensor nor text."""
    single = (torch.Tensor, np.ndarray, str, bytes, dict, torch.nn.Module)
    return hasattr(value, "__iter__") and not isinstance(value, (*single, range))


def is_series(value: Any) -> bool:
    """Whether a value is a list (or the like) of single numbers."""
    if isinstance(value, (np.ndarray, torch.Tensor)):
        return value.ndim == 1
    numbers = (bool, int, float, np.number)
    return isinstance(value, (list, tuple)) and all(
        isinstance(item, numbers) or (isinstance(item, torch.Tensor) and item.ndim == 0)
        for item in value
    )


def is_loss(value: Any) -> bool:
    """Whether a value is a loss module: torch's, or one that learns nothing."""
    if isinstance(value, _Loss):
        return True
    if not isinstance(value, torch.nn.Module) or parameters_of(value, {}):
        return False
    with contextlib.suppress(TypeError, ValueError):  # no function, or one without a signature
        return len(inspect.signature(value.forward).parameters) > 1
    return False


def set_up(value: Any) -> bool:
    """Whether torch's own `__init__` of an object ran: a class may have forgotten to call it."""
    if isinstance(value, torch.nn.Module):
        return "_parameters" in vars(value)
    return not isinstance(value, torch.optim.Optimizer) or "param_groups" in vars(value)


def modules_of(model: Any) -> list[torch.nn.Module]:
    """A module and all its parts; nothing for what is not a module, or not set up."""
    return list(model.modules()) if isinstance(model, torch.nn.Module) and set_up(model) else []


def groups_of(optimizer: Any) -> list[dict[str, Any]]:
    """An optimizer's groups of parameters; none where it was not set up.

    A class of the student's own, which torch knows nothing of, is read by what it holds.
    """
    if isinstance(optimizer, torch.optim.Optimizer):
        return list(optimizer.param_groups) if set_up(optimizer) else []
    held = getattr(optimizer, "__dict__", {})
    groups = held.get("param_groups")
    if isinstance(groups, list) and all(isinstance(g, dict) and "params" in g for g in groups):
        return groups
    rates = [held[name] for name in RATES if isinstance(held.get(name), (int, float))]
    rates += [value for value in held.values() if type(value) is float]
    setting = {"lr": rates[0]} if rates else {}
    return [{"params": list(_held_tensors(held)), **setting}]


def _held_tensors(held: Mapping[str, Any]) -> Iterator[torch.Tensor]:
    for value in held.values():
        if isinstance(value, torch.nn.Module):
            yield from (tensor for _, tensor in _parameters_of_module(value))
        for each in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(each, torch.Tensor) and each.requires_grad:
                yield each


def _moves_numbers(value: Any) -> bool:
    """Whether an object of the student's own is made like an optimizer."""
    made = not isinstance(value, (type, torch.nn.Module))
    return made and all(callable(getattr(value, name, None)) for name in ("step", "zero_grad"))


def parameters_of(model: Any, namespace: Mapping[str, Any]) -> list[tuple[str, torch.Tensor]]:
    """A module's parameters, or the trainable tensors that any other model works with."""
    owner = getattr(model, "__self__", model)
    if isinstance(owner, torch.nn.Module):
        return _parameters_of_module(owner)
    named = {
        id(tensor): (place, tensor)
        for name, value in itertools.islice(_within_reach(owner, model, namespace), MOST_WATCHED)
        for place, tensor in _trainable(name, value)
    }
    return list(named.values())


def _parameters_of_module(module: torch.nn.Module) -> list[tuple[str, torch.Tensor]]:
    """What the module holds, once each: a class may list others as its own."""
    found: dict[int, tuple[str, torch.Tensor]] = {}
    known: set[int] = set()
    waiting = [("", module)]
    while waiting:
        place, one = waiting.pop()
        if id(one) in known or "_parameters" not in vars(one):
            continue
        known.add(id(one))
        for name, tensor in vars(one)["_parameters"].items():
            if tensor is not None:
                found.setdefault(id(tensor), (place + name, tensor))
        inner = vars(one)["_modules"].items()
        waiting += [(f"{place}{name}.", m) for name, m in reversed(inner) if m is not None]
    return list(found.values())


def _trainable(name: str, value: Any) -> list[tuple[str, torch.Tensor]]:
    """A trainable tensor, or those of a module that a function hands on to."""
    if isinstance(value, torch.nn.Module):
        return _parameters_of_module(value)
    trainable = isinstance(value, torch.Tensor) and value.requires_grad
    return [(name, value)] if trainable else []


def _within_reach(
    owner: Any, model: Any, namespace: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """What a function reads from outside, and what an object lists as its parameters or holds."""
    if isinstance(model, functools.partial):
        yield from _numbered(model.args)
        yield from model.keywords.items()
        yield from _within_reach(model.func, model.func, namespace)
    code = getattr(model, "__code__", None)
    if code is not None:
        yield from ((name, namespace.get(name)) for name in code.co_names)
        for name, cell in zip(code.co_freevars, model.__closure__ or (), strict=False):
            with contextlib.suppress(ValueError):  # nothing is in it yet
                yield name, cell.cell_contents
    listed = getattr(owner, "parameters", None)
    if callable(listed):
        with contextlib.suppress(Exception):
            yield from _numbered(listed())
    yield from getattr(owner, "__dict__", {}).items()


def _numbered(values: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The values under their places."""
    return ((str(place), value) for place, value in enumerate(values))
