"""Where a kernel keeps its things: all that a student's code may write to, gone after the run."""

from __future__ import annotations

import os
import sys
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path

from grader.isolation.fonts import chinese_font, offer
from grader.isolation.leftovers import PREFIX, delete, hold

INHERITED = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SYSTEMROOT", "TZ")

# Beyond this length the socket files of a kernel do not fit into a Unix socket's address.
LONGEST_SOCKET_STEM = 90


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one kernel below `root`, which may lie in a room of its own."""

    root: Path

    @property
    def work(self) -> Path:
        """Where the notebook runs; empty at first."""
        return self.root / "work"

    @property
    def home(self) -> Path:
        """The student's home."""
        return self.root / "home"

    @property
    def matplotlib(self) -> Path:
        """matplotlib's settings."""
        return self.root / "matplotlib"

    @property
    def temporary(self) -> Path:
        """Temporary files."""
        return self.root / "tmp"

    @property
    def runtime(self) -> Path:
        """The kernel's own sockets."""
        return self.root / "run"

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

    def furnish(self) -> None:
        """Make the folders, with what lets the kernel draw Chinese; may be called again."""
        for folder in (self.work, self.home, self.matplotlib, self.temporary, self.runtime):
            folder.mkdir(mode=0o700, exist_ok=True)
        if font := chinese_font():
            offer(font, self.home, self.matplotlib)

    def hand_over(self, user: int) -> None:
        """Make another user the owner of all but the root, which that user passes through only."""
        self.root.chmod(0o711)
        for folder, _, files in os.walk(self.root):
            for path in (Path(folder), *(Path(folder) / name for name in files)):
                if path != self.root:
                    os.chown(path, user, user, follow_symlinks=False)

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


class PrivateFolder:
    """A temporary folder of this machine with a kernel's places, removed when it is let go of."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._removal = weakref.finalize(self, _remove, self.path, hold(self.path))
        self.places = Places(self.path)
        self.places.furnish()

    def remove(self) -> None:
        """Delete the folder with everything in it; may be called again."""
        self._removal()


def _remove(path: Path, held: int | None) -> None:
    delete(path)
    if held is not None:
        os.close(held)
