"""What a hook can tell of the call that it watches."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from types import FrameType


def computed(args: Any, kwargs: Any, gradients: Any) -> tuple[list[torch.Tensor], list[Any]]:
    """What torch.autograd.grad was asked the gradients of, and what it returned."""
    inputs = kwargs.get("inputs", args[0] if args else ())
    tensors = [inputs] if isinstance(inputs, torch.Tensor) else list(inputs)
    return tensors, list(gradients)


def is_running(frame: FrameType | None) -> bool:
    """Whether the caller was called from there, directly or not."""
    caller = sys._getframe(1) if frame is not None else None
    while caller is not None and caller is not frame:
        caller = caller.f_back
    return caller is not None
