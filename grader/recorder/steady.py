"""The same notebook runs alike every time: random numbers begin alike, no limit is come near to.

A traceback of an endless recursion has thousands of frames, each of which IPython draws with its
lines; and `torch.compile` starts a compiler, which is not there, to make a model that answers the
same.
"""

from __future__ import annotations

import random
import types
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDS = 10  # of the frames of a long traceback, so many from its beginning and from its end


def steady(shell: Any) -> None:
    """Keep long tracebacks short, and models as they are."""
    drawer = shell.InteractiveTB
    draw = drawer.structured_traceback

    def draw_ends(
        kind: Any = None, error: Any = None, trace: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        for each in _chain(error):
            each.__traceback__ = shortened(each.__traceback__)
        return draw(kind, error, shortened(trace), *args, **kwargs)

    drawer.structured_traceback = draw_ends
    torch.compile = _as_it_is
    torch.nn.Module.compile = _nothing  # type: ignore[method-assign]


def seed_everything(seed: int) -> None:
    """Start python's, numpy's and torch's random numbers from one seed."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if torch.accelerator.is_available():
        torch.manual_seed(seed)
    else:
        # The other records the whole call stack for each device that is not present: 8 ms.
        torch.default_generator.manual_seed(seed)


def shortened(trace: types.TracebackType | None) -> types.TracebackType | None:
    """The traceback without the middle of a very long one."""
    frames = list(_frames(trace))
    if len(frames) <= 2 * ENDS:
        return trace
    short = frames[-ENDS]
    for each in reversed(frames[:ENDS]):
        short = types.TracebackType(short, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return short


def _frames(trace: types.TracebackType | None) -> Iterator[types.TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, and those that it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _as_it_is(model: Any = None, *_: Any, **__: Any) -> Any:
    return model if model is not None else lambda function: function


def _nothing(*_: Any, **__: Any) -> None:
    """A model is as fast as it is."""
