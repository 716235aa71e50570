"""Copies of a student's objects, whatever they hold: what cannot be copied is shared.

`copy.deepcopy` copies all or nothing. A model that remembers its latest answer, counts under a lock
or writes to a file is as good as any other, and only the rest of it has to be copied.

None of the notebook's code creates or destroys a copy: no `__new__`, `__init__` or `__del__`.
"""

from __future__ import annotations

import collections
import copyreg
import ctypes
import functools
import io
import sys
import types
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_DEEP = 200
# Of a library's objects only these hold what training changes; the others have threads, windows,
# files behind them, and copying them has surprising effects.
OWN_KIND = (
    *(torch.Tensor, torch.nn.Module, torch.optim.Optimizer, torch.Generator),
    torch.utils.hooks.RemovableHandle,  # a copy that lets go of it lets go of its own
    *(np.ndarray, np.random.Generator, np.random.RandomState),
    *(list, dict, tuple, set, frozenset, bytearray, collections.deque),
    *(functools.partial, types.MethodType, types.SimpleNamespace),
    *(io.TextIOWrapper, io.BufferedWriter),  # once they are closed
)
ROOTS = ("__main__", "collections", "random")
OWN_WAYS = (
    *("__reduce_ex__", "__reduce__", "__getstate__", "__setstate__"),
    *("__getnewargs_ex__", "__getnewargs__"),
)
NEW: Any = getattr(copyreg, "__newobj__")  # noqa: B009
OWN_TENSOR = ("__new__", "__init__", "__deepcopy__")
LIBRARIES = ("site-packages", "dist-packages")
OF_LIBRARIES = (
    *(types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType),
    *(types.ClassMethodDescriptorType, types.MethodWrapperType),
)


def copy_of(value: Any) -> Any:
    """The value with all that training can change in it; several go into a list together."""
    return _Copying().copy(value)


class _Copying:
    """One act of copying: what was met before is not copied again."""

    def __init__(self) -> None:
        self.known: dict[int, Any] = {}
        self.kept: list[Any] = []  # so that ids stay theirs
        self.depth = 0

    def copy(self, value: Any, _memo: Any = None) -> Any:
        if id(value) in self.known:
            return self.known[id(value)]
        self.depth += 1
        try:
            made = self._made(value) if self.depth < MOST_DEEP and copied(value) else value
        except Exception:
            self.known[id(value)] = made = value  # and not what was made of it so far
        finally:
            self.depth -= 1
        return self._know(value, made)

    def _know(self, value: Any, made: Any) -> Any:
        self.kept.append(value)
        if made is not value and hasattr(type(made), "__del__"):
            never_ends(made)
        return self.known.setdefault(id(value), made)

    def _made(self, value: Any) -> Any:
        for kind, make in KINDS.items():
            if isinstance(value, kind) and (kind is torch.Tensor or type(value) is kind):
                return make(self, value)
        own = getattr(type(value), "__deepcopy__", None)
        if own is not None and not notebooks(own):
            before = dict(self.known)
            try:
                return own(value, self.known)
            except Exception:
                self.known = before
        return self._rebuilt(value)

    def _rebuilt(self, value: Any) -> Any:
        """The object as `copy` would build it, piece by piece."""
        kind = type(value)
        reduce = copyreg.dispatch_table.get(kind)
        if any(notebooks(getattr(kind, name, None)) for name in OWN_WAYS):
            parts: Any = (NEW, (kind,), vars(value))
        else:
            parts = reduce(value) if reduce is not None else value.__reduce_ex__(4)
        if isinstance(parts, str):
            return value
        make, arguments, state, items, pairs = (*parts, None, None, None)[:5]
        if isinstance(value, tuple) and make is NEW:
            arguments = (kind, tuple(tuple.__iter__(value)))  # a named one asks for them singly
        copies = [self.copy(each) for each in arguments]
        made = self._know(value, begun(make, copies))
        if state is not None:
            self._set(made, self.copy(state))
        if isinstance(value, torch.optim.Optimizer):
            # Torch leaves out of its state what a student's own class has besides. A function that
            # was put on the original, as schedulers do, would move the original's numbers.
            more = {
                name: each
                for name, each in vars(value).items()
                if name not in vars(made) and not callable(each)
            }
            vars(made).update(self.copy(more))
        for item in items or ():
            beyond(kind, "append")(made, self.copy(item))
        for key, item in pairs or ():
            beyond(kind, "__setitem__")(made, self.copy(key), self.copy(item))
        return made

    def _set(self, made: Any, state: Any) -> None:
        # Asked of the class: an object that is still empty may not be able to answer.
        own = getattr(type(made), "__setstate__", None)
        if own is not None and not notebooks(own):
            own(made, state)
            return
        named, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
        if named:
            vars(made).update(named)
        for name, value in (slots or {}).items():
            object.__setattr__(made, name, value)

    # ---- kinds ---------------------------------------------------------------------------------

    def _tensor(self, value: torch.Tensor) -> torch.Tensor:
        if any(notebooks(getattr(type(value), name, None)) for name in OWN_TENSOR):
            with torch._C.DisableTorchFunctionSubclass():
                plain = value.detach().clone().as_subclass(torch.Tensor)
                own = torch.Tensor._make_subclass(type(value), plain, value.requires_grad)
            vars(self._know(value, own)).update(self.copy(vars(value)))
            return own
        if value.is_leaf:
            try:
                return value.__deepcopy__(self.known)  # type: ignore[no-untyped-call, no-any-return]
            except Exception:
                self.known.pop(id(value), None)
        made = value.detach().clone()
        if not value.is_leaf:
            return made  # what the model answered is no number of its own
        return (
            torch.nn.Parameter(made, value.requires_grad)
            if isinstance(value, torch.nn.Parameter)
            else made.requires_grad_(value.requires_grad)
        )

    def _list(self, value: list[Any]) -> list[Any]:
        made: list[Any] = self._know(value, [])
        made.extend(self.copy(each) for each in value)
        return made

    def _dict(self, value: dict[Any, Any]) -> dict[Any, Any]:
        made: dict[Any, Any] = self._know(value, {})
        made.update((self.copy(key), self.copy(each)) for key, each in list(value.items()))
        return made

    def _tuple(self, value: tuple[Any, ...]) -> tuple[Any, ...]:
        made = tuple(self.copy(each) for each in value)
        same = all(one is other for one, other in zip(value, made, strict=True))
        return value if same else made

    def _set_of(self, value: set[Any]) -> set[Any]:
        return {self.copy(each) for each in value}

    def _method(self, value: types.MethodType) -> types.MethodType:
        return types.MethodType(value.__func__, self.copy(value.__self__))

    def _file(self, value: io.TextIOWrapper | io.BufferedWriter) -> Any:
        """A log that was closed after training would keep the model from answering."""
        if not value.closed:
            return value
        return io.StringIO() if isinstance(value, io.TextIOWrapper) else io.BytesIO()

    def _generator(self, value: torch.Generator) -> torch.Generator:
        return torch.Generator(device=value.device).set_state(value.get_state())


KINDS: dict[type, Callable[[_Copying, Any], Any]] = {
    torch.Tensor: _Copying._tensor,
    list: _Copying._list,
    dict: _Copying._dict,
    tuple: _Copying._tuple,
    set: _Copying._set_of,
    types.MethodType: _Copying._method,
    torch.Generator: _Copying._generator,
    io.TextIOWrapper: _Copying._file,
    io.BufferedWriter: _Copying._file,
}


def notebooks(function: Any) -> bool:
    """Whether a function is the notebook's: how it would copy its objects is not how they are.

    A function is known by its names' home, whatever it says of itself; torch's and Python's classes
    hold nothing else than functions.
    """
    function = getattr(function, "__func__", function)
    if getattr(function, "__module__", None) == "__main__":
        return True
    if isinstance(function, types.FunctionType):
        home = sys.modules.get(function.__globals__.get("__name__", ""))
        return home is None or vars(home) is not function.__globals__ or home.__name__ == "__main__"
    return function is not None and type(function) not in OF_LIBRARIES


def begun(make: Any, arguments: list[Any]) -> Any:
    """The object that `make` makes of them, past what a notebook's class does to those it makes.

    A `__new__` that always returns the same object would return the student's own.
    """
    if make is NEW:
        kind, *arguments = arguments
        new = beyond(kind, "__new__")
        return new(kind) if new is object.__new__ else new(kind, *arguments)
    if not isinstance(make, type) or not students(make):
        return make(*arguments)
    made = begun(NEW, [make, *arguments])
    begin = beyond(make, "__init__")
    if begin is not object.__init__:
        begin(made, *arguments)
    return made


def beyond(kind: type, name: str) -> Any:
    """The method that a class inherits from what is not the student's own."""
    owners = (each for each in kind.__mro__ if name in vars(each))
    return next(
        getattr(each, name)
        for each in owners
        if not students(each) and not notebooks(vars(each)[name])
    )


def never_ends(made: Any) -> None:
    """Keep a copy alive as long as the process: its end would close files that it shares.

    A reference that is never released, so not even the end of the process runs its `__del__`.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(made))


def students(kind: type) -> bool:
    """Whether a class is the student's own, from the notebook or a file next to it."""
    root = kind.__module__.partition(".")[0]
    file = getattr(sys.modules.get(root), "__file__", None) or ""
    return root not in sys.stdlib_module_names and not any(part in file for part in LIBRARIES)


def copied(value: Any) -> bool:
    """Whether a value is the student's own, or holds what training changes."""
    if isinstance(value, OWN_KIND):
        return True
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)):
        return False
    return type(value).__module__.partition(".")[0] in ROOTS or students(type(value))
