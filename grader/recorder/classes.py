"""Tells which classes stand where an object of theirs was wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.nn.modules.loss import _Loss

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A loss is a module as well: the first that fits counts.
MADE_FOR = {"loss_fn": _Loss, "optimizer": torch.optim.Optimizer, "model": torch.nn.Module}


def uncalled(
    roles: Sequence[str],
    candidates: Mapping[str, Sequence[str]],
    found: Mapping[str, str],
    namespace: Mapping[str, Any],
) -> dict[str, str]:
    """The classes under the names of roles that nothing plays: they were never called."""
    missing = {role: (role, *candidates.get(role, ())) for role in roles if role not in found}
    classes = {
        role: [kind for name in names if _is_meant(role, name, kind := namespace.get(name))]
        for role, names in missing.items()
    }
    return {role: str(getattr(each[0], "__name__", "")) for role, each in classes.items() if each}


def _is_meant(role: str, name: str, kind: Any) -> bool:
    """Whether a class is to play the role: under its name, or else by what it is made for."""
    if not isinstance(kind, type):
        return False
    made_for = (other for other, base in MADE_FOR.items() if issubclass(kind, base))
    return name == role or next(made_for, None) == role
