"""Where contenders live: an environment each under build/, and a home that is nobody's."""

from __future__ import annotations

import importlib.metadata
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grader.isolation.fonts import chinese_font, offer

if TYPE_CHECKING:
    from pathlib import Path

_INHERITED: Final = ("LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment, and the home that its programs see."""

    folder: Path
    home: Path

    def program(self, name: str) -> str:
        """One of the environment's programs."""
        return str(self.folder / "bin" / name)

    def variables(self) -> dict[str, str]:
        """Environment variables that let nothing in but the environment's own kernel.

        Pictures are drawn in the fonts that our own kernels draw in.
        """
        matplotlib = self.home / "matplotlib"
        if not matplotlib.exists():
            matplotlib.mkdir(parents=True)
            if font := chinese_font():
                offer(font, self.home, matplotlib)
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return {
            "LANG": "C.UTF-8",
            **inherited,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "VIRTUAL_ENV": str(self.folder),
            "HOME": str(self.home),
            "MPLCONFIGDIR": str(matplotlib),
            "IPYTHONDIR": str(self.home / "ipython"),
            "JUPYTER_CONFIG_DIR": str(self.home / "jupyter"),
            "JUPYTER_DATA_DIR": str(self.home / "jupyter-data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "jupyter-run"),
        }

    def version(self, distribution: str) -> str:
        """The version of a package that is installed there; "?" where it is not."""
        [folder] = self.folder.glob("lib/python*/site-packages")
        for found in importlib.metadata.distributions(name=distribution, path=[str(folder)]):
            return found.version
        return "?"
