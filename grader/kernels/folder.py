"""The private folder of one kernel: all that a student's code may write to, gone after the run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

from grader.kernels.fonts import chinese_font, offer

INHERITED = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SYSTEMROOT", "TZ")

# Beyond this length the socket files of a kernel do not fit into a Unix socket's address.
LONGEST_SOCKET_STEM = 90


class PrivateFolder:
    """An empty working directory and home, with a place for the kernel's own sockets."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="grader-"))
        self.work = self.path / "work"
        self.home = self.path / "home"
        self.matplotlib = self.path / "matplotlib"
        self.temporary = self.path / "tmp"
        self.runtime = self.path / "run"
        self._removal = weakref.finalize(self, _remove, self.path)
        for folder in (self.work, self.home, self.matplotlib, self.temporary, self.runtime):
            folder.mkdir(mode=0o700)
        if font := chinese_font():
            offer(font, self.home, self.matplotlib)

    @property
    def connection_file(self) -> Path:
        """Where the kernel reads how it is to be reached."""
        return self.runtime / "kernel.json"

    @property
    def socket_stem(self) -> Path | None:
        """What the names of the kernel's Unix sockets begin with, where they can be used."""
        stem = self.runtime / "k"
        fits = len(os.fsencode(stem)) <= LONGEST_SOCKET_STEM
        return stem if os.name == "posix" and fits else None

    def environment(self) -> dict[str, str]:
        """All environment variables of a kernel: nothing of the grader's own gets through."""
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        programs = (str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))
        return {
            "LANG": "C.UTF-8",
            **inherited,
            "PATH": os.pathsep.join(programs),
            "USER": "student",
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "IPYTHONDIR": str(self.home / ".ipython"),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "MPLCONFIGDIR": str(self.matplotlib),
            "TMPDIR": str(self.temporary),
            "TEMP": str(self.temporary),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            # The same notebook gets the same numbers, on one thread and with one order of sets.
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
            # A missing Chinese glyph is the machine's fault, not something to warn a student of.
            "PYTHONWARNINGS": "ignore:Glyph:UserWarning",
        }

    def remove(self) -> None:
        """Delete the folder with everything in it; may be called again."""
        self._removal()


def _remove(path: Path) -> None:
    with suppress(RecursionError):
        shutil.rmtree(path, ignore_errors=True)
    if path.exists() and os.name == "posix":
        # Locked, or nested deeper than Python can follow: a student's code can do both.
        subprocess.run(["chmod", "-R", "u+rwX", path], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", path], check=False, stderr=subprocess.DEVNULL)
