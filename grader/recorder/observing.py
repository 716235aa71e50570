"""What can be observed of each step once its cell has run: shapes, values, answers to probes."""

from __future__ import annotations

import contextlib
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .classes import uncalled
from .copies import copy_of
from .dealing import loader_record
from .optimizers import optimizer_record
from .roles import ROLES, find_roles, modules_of, parameters_of, set_up
from .tensors import numbers, tensor_record
from .untouched import Variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .recording import Recorder

PROBE_X = (-100.0, -31.0, -9.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 10.0, 37.0, 100.0)
PROBE_EXAMPLES = 12  # where an example holds more than one number
PROBE_ANSWERS = 6
MOST_PROBE_ANSWERS = 64
MOST_LOSSES = 2000
MOST_LAYERS = 50
MOST_EPOCHS = 1 << 53
# Kept from before the notebook began: a class may call itself what it likes.
ROLES_OF_STEP = {
    "data": ("X", "y", "X_test", "y_test", "loader"),
    "model": ("model",),
    "loss": ("loss_fn",),
    "optimizer": ("optimizer", "model"),
    "train": ROLES,
    "result": ROLES,
}


def observe(recorder: Recorder, steps: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """One part per step, in order; `seed` draws the probes, after the student's code ran."""
    return [_observe_step(recorder, step, seed) for step in steps]


def _observe_step(recorder: Recorder, step: str, seed: int) -> dict[str, Any]:
    namespace = recorder.shell.user_ns
    names = find_roles(ROLES_OF_STEP[step], recorder.names, namespace, recorder.training)
    values = {role: namespace[name] for role, name in names.items()}
    part: dict[str, Any] = {"kind": step, "names": names}
    part["uncalled"] = uncalled(ROLES_OF_STEP[step], recorder.names, names, namespace)
    with untouched(recorder):
        match step:
            case "data":
                part |= _data(recorder, values)
            case "model" if "model" in values:
                part |= {"model": _model(recorder, values["model"], seed)}
            case "loss" if "loss_fn" in values:
                part |= {"loss": _loss(values["loss_fn"], _answers(recorder), seed)}
            case "optimizer" if "optimizer" in values:
                part |= {"optimizer": optimizer_record(recorder, values)}
            case "train":
                part |= {"training": training_of(recorder, values)}
                keep_answers(recorder, values, seed)
            case "result":
                part |= result_of(recorder, values, seed)
    return part | {"faults": list(recorder.faults), "replaced": recorder.replaced()}


@contextlib.contextmanager
def untouched(recorder: Recorder) -> Iterator[None]:
    """Whatever is tried in here leaves the student's variables and random numbers as they were.

    What goes wrong in here is caused by the student's objects, not by the recorder.
    """
    states = (torch.get_rng_state(), np.random.get_state(), random.getstate())
    faults = len(recorder.faults)
    variables = Variables(recorder.shell.user_ns)
    try:
        with recorder.aside, torch.no_grad():
            yield
    finally:
        del recorder.faults[faults:]
        with contextlib.suppress(Exception):
            variables.put_back()
        torch.set_rng_state(states[0])
        np.random.set_state(states[1])
        random.setstate(states[2])


def _data(recorder: Recorder, values: dict[str, Any]) -> dict[str, Any]:
    tensors = ("X", "y", "X_test", "y_test")
    part: dict[str, Any] = {role: tensor_record(values.get(role)) for role in tensors}
    part["given"] = recorder.given
    part["kept_noise"] = tensor_record(recorder.shell.user_ns.get("noise"))
    if "loader" in values:
        part["loader"] = loader_record(*(values.get(r) for r in ("loader", "X", "y", "X_test")))
    if recorder.random_states and part["y"] is not None:
        count = len(part["y"]["values"])
        part["noise"] = _drawn(recorder, count, torch.randn, np.random.RandomState.standard_normal)
        part["even"] = _drawn(recorder, count, torch.rand, np.random.RandomState.random_sample)
    return part


def _drawn(
    recorder: Recorder, count: int, of_torch: Callable[..., Any], of_numpy: Callable[..., Any]
) -> dict[str, list[float]]:
    """The random numbers that a student could have drawn here, by source."""
    ours = torch.Generator()
    ours.set_state(recorder.random_states["torch"])
    state = ours.get_state()
    drawn = {"torch": of_torch(count, generator=ours).tolist()}
    ours.set_state(state)
    drawn["torch_float64"] = of_torch(count, generator=ours, dtype=torch.float64).tolist()
    legacy = np.random.RandomState()
    legacy.set_state(recorder.random_states["numpy"])
    drawn["numpy"] = of_numpy(legacy, count).tolist()
    reseeded = torch.Generator().manual_seed(torch.initial_seed())
    drawn["torch_reseeded"] = of_torch(count, generator=reseeded).tolist()
    return drawn


def _model(recorder: Recorder, model: Any, seed: int) -> dict[str, Any]:
    model = _unfolded(model, _width(recorder))
    parameters = parameters_of(model, recorder.shell.user_ns)
    layers = [m for m in modules_of(model) if not list(m.children())]
    return {
        "type": type(model).__name__,
        "is_module": isinstance(model, torch.nn.Module),
        "set_up": set_up(model),
        "layers": [type(m).__name__ for m in layers[:MOST_LAYERS]],
        "parameters": [{"name": name, **(tensor_record(p) or {})} for name, p in parameters],
        "probe": probe(recorder, model, seed),
    }


def _width(recorder: Recorder) -> int:
    """How many numbers are on one of the student's cards."""
    data_set = _playing(recorder, "X")
    return (
        data_set[0].numel()
        if isinstance(data_set, torch.Tensor) and data_set.ndim and len(data_set)
        else 1
    )


def _playing(recorder: Recorder, role: str) -> Any:
    """What plays this role now, None if nothing does."""
    namespace = recorder.shell.user_ns
    names = find_roles((role,), recorder.names, namespace, recorder.training)
    return namespace.get(names.get(role, role))


def _unfolded(model: Any, width: int) -> Any:
    """A model whose lazy layers know their shapes: if needed, a copy that was called once."""
    lazy = torch.nn.parameter.UninitializedParameter
    if not isinstance(model, torch.nn.Module):
        return model
    if not any(isinstance(p, lazy) for _, p in parameters_of(model, {})):
        return model
    model = copy_of(model)
    model(torch.zeros(2, width))
    return model


def probe(recorder: Recorder, model: Any, seed: int) -> dict[str, Any]:
    """The model's answers to inputs drawn from `seed`, one row an input.

    Examples with a single number have a fixed grid of inputs as well.
    """
    generator, width = torch.Generator().manual_seed(seed), _width(recorder)
    if width == 1:
        drawn = torch.rand(8, generator=generator) * 40 - 20
        inputs = torch.cat([torch.tensor(PROBE_X), drawn]).view(-1, 1)
    else:
        inputs = torch.rand(PROBE_EXAMPLES, width, generator=generator) * 4 - 2
    parameters = parameters_of(model, recorder.shell.user_ns)
    if parameters:
        inputs = inputs.to(parameters[0][1].dtype)
    namespace = recorder.shell.user_ns
    return either(copy_of(model), model, lambda asked: _answered(asked, inputs, width, namespace))


def _answered(
    model: Any, inputs: torch.Tensor, width: int, namespace: dict[str, Any]
) -> dict[str, Any]:
    try:
        with torch.enable_grad():
            answers = model(inputs)
        values = answers.detach().to(torch.float64).reshape(-1).tolist()
    except Exception as error:
        return {"inputs": [], "outputs": [], "error": f"{type(error).__name__}: {error}"}
    return {
        "width": width,
        "inputs": numbers(inputs.reshape(-1)),
        "outputs": values,
        "shape": list(answers.shape),
        "heard": _heard(answers, [p for _, p in parameters_of(model, namespace)]),
    }


def _heard(answers: torch.Tensor, parameters: list[torch.Tensor]) -> list[bool]:
    """Whether each number that can learn has any say in the answers; nothing if that is not known.

    Each answer counts with a weight of its own, so that a sum that never changes is no evidence.
    """
    if not all(p.requires_grad for p in parameters):
        return []
    if answers.grad_fn is None:
        return [False] * len(parameters)
    with contextlib.suppress(Exception), torch.enable_grad():
        weights = torch.linspace(0.5, 1.5, answers.numel(), dtype=answers.dtype)
        total = (answers.reshape(-1) * weights).sum()
        slopes: tuple[Any, ...] = torch.autograd.grad(total, parameters, allow_unused=True)
        return [slope is not None and bool(slope.ne(0).any()) for slope in slopes]
    return []


def either(one: Any, original: Any, ask: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """What a copy answers, so that the original is not affected: no running mean, no list.

    A copy that does not answer proves nothing; then the original is asked.
    """
    said = ask(one)
    return ask(original) if "error" in said and one is not original else said


def _answers(recorder: Recorder) -> int:
    """How many answers the loss is probed with: as many as there are examples, where they are few.

    A loss that counts on the lesson's own number of examples is right.
    """
    answers = _playing(recorder, "y")
    count = answers.numel() if isinstance(answers, torch.Tensor) else 0
    return count if 1 < count <= MOST_PROBE_ANSWERS else PROBE_ANSWERS


def _loss(loss_fn: Any, count: int, seed: int) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(seed + 1)
    one, probes = copy_of(loss_fn), []
    # As many as it takes to make luck rare: a loss without a minimum passes each with even odds,
    # one that never looks at the answers only where these are far larger than the guesses.
    for scale, spread in zip((1.0, 3.0, 10.0) * 4, (1.0, 10.0) * 6, strict=True):
        prediction = torch.randn(count, 1, generator=generator) * scale
        target = torch.randn(count, 1, generator=generator) * scale * spread + 0.5
        probes.append(_loss_probe(one, loss_fn, prediction, target))
    seen: dict[str, Any] = {
        "type": type(loss_fn).__name__,
        "set_up": set_up(loss_fn),
        "probes": probes,
    }
    return seen | _marks_of_choices(one, loss_fn, count, generator)


def _marks_of_choices(
    one: Any, loss_fn: Any, count: int, generator: torch.Generator
) -> dict[str, Any]:
    """The loss for yes and no, from scores and from probabilities."""
    target = torch.tensor([1.0, 0.0, 1.0, 1.0, 0.0, 0.0]).repeat(count)[:count].view(-1, 1)
    scores = [torch.randn(count, 1, generator=generator) * scale for scale in (0.5, 1.0, 2.0)]
    return {
        "choices": [_loss_probe(one, loss_fn, score, target) for score in scores],
        "shares": [_loss_probe(one, loss_fn, score.sigmoid(), target) for score in scores],
    }


def _loss_probe(
    one: Any, loss_fn: Any, prediction: torch.Tensor, target: torch.Tensor
) -> dict[str, Any]:
    return either(one, loss_fn, lambda asked: _marked(asked, prediction, target))


def _marked(loss_fn: Any, prediction: torch.Tensor, target: torch.Tensor) -> dict[str, Any]:
    seen: dict[str, Any] = {
        "prediction": prediction.reshape(-1).tolist(),
        "target": target.reshape(-1).tolist(),
    }
    try:
        with torch.enable_grad():
            prediction = prediction.clone().requires_grad_()
            value = loss_fn(prediction, target)
            seen["shape"] = list(value.shape)
            seen["value"] = value.item()
            # Nothing else that the loss was made from gets a gradient this way.
            value.backward(inputs=[prediction])
            if prediction.grad is not None:
                seen["gradient"] = prediction.grad.reshape(-1).tolist()
    except Exception as error:
        seen["error"] = f"{type(error).__name__}: {error}"
    return seen


def training_of(recorder: Recorder, values: dict[str, Any]) -> dict[str, Any]:
    """What was seen of training so far, and the student's own list of losses."""
    recorder.training.tick += 1  # what changed since the last event is younger than that event
    recorder.training.look()
    parameters = [p for _, p in parameters_of(values.get("model"), recorder.shell.user_ns)]
    part = recorder.training.record(parameters)
    part["kept_losses"] = kept_losses(values.get("losses"))
    part["owned_before"] = recorder.owned_before
    epochs = recorder.shell.user_ns.get("epochs")
    # More than any loop needs, and no more digits than JSON can be written with.
    part["epochs"] = (
        min(max(epochs, -MOST_EPOCHS), MOST_EPOCHS) if isinstance(epochs, int) else None
    )
    if "optimizer" in values:
        part["optimizer"] = optimizer_record(recorder, values)
    return part


def kept_losses(losses: Any) -> dict[str, Any] | None:
    """The list that the student kept: its length, and its numbers as far as they are numbers."""
    if losses is None:
        return None
    items, in_list = list(losses), isinstance(losses, (list, tuple))
    half = MOST_LOSSES // 2
    ends = items if len(items) <= MOST_LOSSES else items[:half] + items[-half:]
    numbers = []
    for item in ends:
        with contextlib.suppress(Exception):
            numbers.append(float(item))
    return {
        "count": len(items),
        "values": numbers,
        "left_out": len(items) - len(ends),
        "tensors": sum(isinstance(item, torch.Tensor) for item in ends) if in_list else 0,
    }


def result_of(recorder: Recorder, values: dict[str, Any], seed: int) -> dict[str, Any]:
    """What came out: the model as it is now."""
    recorder.training.look()
    parameters = [p for _, p in parameters_of(values.get("model"), recorder.shell.user_ns)]
    part: dict[str, Any] = {"changed_by_hand": recorder.training.changed_by_hand(parameters)}
    part["kept_losses"] = kept_losses(values.get("losses"))
    part["untrained"] = recorder.training.untrained(parameters)
    with contextlib.suppress(Exception):
        part["accuracy"] = float(values["accuracy"])
    if "model" in values:
        part["model"] = _last_answered(recorder, values["model"], seed)
    kept = {role: tensor_record(values.get(role)) for role in ("y", "X_test", "y_test")}
    return part | kept | {"X": _in_short(values.get("X"))}


def keep_answers(recorder: Recorder, values: dict[str, Any], seed: int) -> None:
    """Keep the model's answers right after training: it may close what it needs later."""
    with contextlib.suppress(Exception):
        seen = _model(recorder, values["model"], seed + 2)
        recorder.answers = (id(values["model"]), str(seen["parameters"]), seen["probe"])


def _last_answered(recorder: Recorder, model: Any, seed: int) -> dict[str, Any]:
    """The model, and what the same numbers answered after training if it no longer answers."""
    seen = _model(recorder, model, seed + 2)
    if "error" in seen["probe"] and recorder.answers[:2] == (id(model), str(seen["parameters"])):
        seen["probe"] = recorder.answers[2]
    return seen


def _in_short(data_set: Any) -> dict[str, Any] | None:
    """The cards once more; of many numbers only what distinguishes them from others."""
    record = tensor_record(data_set)
    if record is not None and isinstance(record["values"], dict):
        record["values"] = []
    return record
