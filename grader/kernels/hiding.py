"""Loaded modules that stay hidden until they are imported, as in a new process.

A kernel that was forked with everything loaded must not let `import matplotlib` alone give
`matplotlib.pyplot`: the same notebook would fail on the student's own machine. Runs in kernels.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType
    from typing import Any, TypeAlias

    Filter: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Modules that become visible together, after those that they need.

    `filters` are the warning filters that they set when they were loaded.
    """

    modules: tuple[tuple[str, ModuleType], ...]
    filters: tuple[Filter, ...]
    needs: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A submodule as an attribute of its package."""

    package: ModuleType
    name: str
    module: ModuleType


class HiddenModules(MetaPathFinder, Loader):
    """Finds hidden modules for the import system, which takes them for newly loaded ones.

    Modules of the standard library are never hidden: too much of it looks itself up.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set(sys.modules)
        self._filters = list(warnings.filters)
        self._groups: list[Group] = []
        self._owners: dict[str, Group] = {}
        self._modules: dict[str, ModuleType] = {}
        self._specs: dict[str, ModuleSpec | None] = {}
        self._links: dict[str, Link] = {}

    def gather(self, *needs: Group) -> Group:
        """Make a group of the modules that were loaded since the last one (or since the start)."""
        new = {name: module for name, module in sys.modules.items() if name not in self._seen}
        self._seen.update(new)
        third_party = {
            name: module
            for name, module in new.items()
            if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("__")
        }
        filters = tuple(each for each in warnings.filters if each not in self._filters)
        warnings.filters = list(self._filters)
        group = Group(tuple(third_party.items()), filters, needs)
        self._groups.append(group)
        return group

    def hide(self) -> None:
        """Hide all gathered groups until something imports one of their modules."""
        for group in self._groups:
            self._find_links(group)
        for group in self._groups:
            for name, module in group.modules:
                self._owners[name] = group
                self._modules[name] = module
                self._specs[name] = getattr(module, "__spec__", None)
                sys.modules.pop(name, None)
        for link in self._links.values():
            delattr(link.package, link.name)
        sys.meta_path.insert(0, self)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """A spec that yields the hidden module, or None for one that is not hidden."""
        return ModuleSpec(fullname, self) if fullname in self._owners else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The hidden module itself."""
        return self._modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        """Make the module's group visible; its code has run long ago."""
        name = getattr(module.__spec__, "name", module.__name__)
        module.__spec__ = self._specs[name]
        self._show(self._owners[name])

    def _show(self, group: Group) -> None:
        if group not in self._groups:
            return
        self._groups.remove(group)
        for needed in group.needs:
            self._show(needed)
        warnings.filters = [*group.filters, *warnings.filters]
        for name, module in group.modules:
            if self._owners.pop(name, None):
                sys.modules.setdefault(name, module)
                if link := self._links.pop(name, None):
                    setattr(link.package, link.name, module)

    def _find_links(self, group: Group) -> None:
        own = {name for name, _ in group.modules}
        for name, module in group.modules:
            package, _, child = name.rpartition(".")
            holder = sys.modules.get(package)
            if holder is not None and package not in own and vars(holder).get(child) is module:
                self._links[name] = Link(holder, child, module)


def import_quietly(names: Iterable[str]) -> None:
    """Import what can be imported by name; what cannot was made up by some other module."""
    for name in names:
        try:
            __import__(name)
        except Exception:  # noqa: S112
            continue
