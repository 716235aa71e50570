"""What can be observed of an optimizer: its settings, whose numbers it moves, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from .copies import copy_of
from .roles import groups_of, parameters_of, set_up

if TYPE_CHECKING:
    from .recording import Recorder

MOST_GROUPS = 10
TORCHS = frozenset(kind for kind in vars(torch.optim).values() if isinstance(kind, type))


def optimizer_record(recorder: Recorder, values: dict[str, Any]) -> dict[str, Any]:
    """What plays the optimizer, and which numbers of what plays the model it owns."""
    optimizer = values["optimizer"]
    model = [p for _, p in parameters_of(values.get("model"), recorder.shell.user_ns)]
    groups = groups_of(optimizer)
    owned = [p for group in groups for p in group["params"]]
    return {
        "type": type(optimizer).__name__,
        "lineage": [name_of(kind) for kind in type(optimizer).__mro__],
        "set_up": set_up(optimizer),
        "clears": clears(optimizer),
        "rate": None if type(optimizer) in TORCHS else tried_rate(optimizer),
        "groups": [_settings(group) for group in groups[:MOST_GROUPS]],
        "owns": [any(p is q for q in owned) for p in model],
        "foreign": sum(not any(p is q for q in model) for p in owned),
    }


def name_of(kind: type) -> str:
    """A class's full name; one that only calls itself torch's is the notebook's."""
    module = kind.__module__
    if module.partition(".")[0] == "torch" and kind not in TORCHS:
        module = "__main__"
    return f"{module}.{kind.__qualname__}"


def clears(optimizer: Any) -> bool | None:
    """Whether a copy's own `zero_grad` leaves no gradient; None where it is torch's."""
    if type(optimizer).zero_grad is torch.optim.Optimizer.zero_grad:
        return None
    one = copy_of(optimizer)
    owned = [p for group in groups_of(one) for p in group["params"]]
    try:
        for p in owned:
            p.grad = torch.ones_like(p)
        one.zero_grad()
    except Exception:
        return None
    return all(p.grad is None or not bool(p.grad.any()) for p in owned)


def tried_rate(optimizer: Any) -> float | None:
    """By which one number a copy's steps multiply any gradient; None where they do not."""
    one = copy_of(optimizer)
    owned = [p for group in groups_of(one) for p in group["params"]]
    if any(isinstance(p, torch.nn.parameter.UninitializedParameter) for p in owned):
        return None
    generator = torch.Generator().manual_seed(0)
    rates: list[float] = []
    for _ in range(2):
        before = [p.detach().clone() for p in owned]
        for p in owned:
            p.grad = torch.randn(p.shape, generator=generator).to(p.dtype)
        slopes = [p.grad.clone() for p in owned if p.grad is not None]
        try:
            one.step()
        except Exception:
            return None
        moves = [was - p.detach() for was, p in zip(before, owned, strict=True)]
        rates += [float((move / slope).mean()) for move, slope in zip(moves, slopes, strict=True)]
        if not all(
            torch.allclose(move, rates[0] * slope, rtol=1e-3, atol=1e-6)
            for move, slope in zip(moves, slopes, strict=True)
        ):
            return None
    # As it was written down: subtracting rounds it off.
    return float(f"{rates[0]:.4g}") if rates else None


def _settings(group: dict[str, Any]) -> dict[str, Any]:
    """The settings of a parameter group; a learning rate may be a tensor with one number."""
    single = {
        key: value.item() if isinstance(value, torch.Tensor) and value.numel() == 1 else value
        for key, value in group.items()
    }
    scalars = (bool, int, float, str, type(None))
    return {key: value for key, value in single.items() if isinstance(value, scalars)}
