"""The packages that notebooks import: which ones grading has, which names are misspelt."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Final

from grader.syntax import nodes

if TYPE_CHECKING:
    from collections.abc import Iterable

# What an installation for a class has, by the names that notebooks import: see pyproject.toml.
PROVIDED: Final = frozenset(
    {
        *("IPython", "PIL", "matplotlib", "matplotlib_inline", "mpl_toolkits", "numpy", "torch"),
        *("ipywidgets", "pandas", "scipy", "seaborn", "sklearn", "tqdm"),
        *("grader", "google"),  # Colab's own modules are passed over
    }
)
# Whose names are written wrong; others that look like these are packages of their own.
_OFTEN: Final = (
    *("torch", "torchvision", "numpy", "matplotlib", "pandas", "sklearn", "seaborn", "scipy"),
    *("tqdm", "random", "math", "copy"),
)
_OF_THEIR_OWN: Final = frozenset(
    {"cupy", "numba", "polars", "timm", "torchaudio", "torchdata", "torchvision"}
)
_WRONG: Final = frozenset({"pytorch", "pyplot", "nn", "plt", "np", "pd"})


def others_imported(sources: Iterable[str]) -> tuple[str, ...]:
    """The packages that cells import and a class's installation may lack, in order."""
    imported = [name for source in sources for node in nodes(source) for name in _packages(node)]
    known = PROVIDED | sys.stdlib_module_names
    return tuple(name for name in dict.fromkeys(imported) if name not in known)


def is_misspelt(package: str) -> bool:
    """Whether no package has this name, and a student meant another."""
    if package in _OF_THEIR_OWN or package in PROVIDED:
        return False
    name = package.lower()
    return name in _WRONG or any(name == right or _one_apart(name, right) for right in _OFTEN)


def _one_apart(one: str, other: str) -> bool:
    """Whether one slip of the fingers leads from one word to the other."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) == 1:
        return any(long[:n] + long[n + 1 :] == short for n in range(len(long)))
    places = [n for n in range(len(long)) if short[n : n + 1] != long[n : n + 1]]
    if len(short) != len(long) or len(places) > 2:
        return False
    swapped = len(places) == 2 and sorted(short[n] for n in places) == sorted(
        long[n] for n in places
    )
    return swapped or len(places) == 1


def _packages(node: ast.AST) -> Iterable[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name.partition(".")[0] for alias in names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module.partition(".")[0]]
    return []
