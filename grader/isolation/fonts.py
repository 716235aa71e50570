"""Lets kernels draw Chinese: a font of this machine, after matplotlib's own which has no glyphs."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGED = ("zhplot", "NotoSansSC-Regular.ttf", "Noto Sans SC")

# The names that matplotlib knows the fonts by: of a collection it sees the first face only.
INSTALLED = {
    "NotoSansSC-Regular.otf": "Noto Sans SC",
    "NotoSansCJK-Regular.ttc": "Noto Sans CJK JP",
    "SourceHanSansSC-Regular.otf": "Source Han Sans SC",
    "wqy-microhei.ttc": "WenQuanYi Micro Hei",
    "wqy-zenhei.ttc": "WenQuanYi Zen Hei",
    "msyh.ttc": "Microsoft YaHei",
    "Hiragino Sans GB.ttc": "Hiragino Sans GB",
    "Arial Unicode.ttf": "Arial Unicode MS",
}

INSTALLED_IN = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}


@dataclass(frozen=True, slots=True)
class Font:
    """A font file, and the name of the family that it holds."""

    path: Path
    family: str


@functools.cache
def chinese_font() -> Font | None:
    """The first font with Chinese glyphs that is found: a package's, else the machine's."""
    return next(_candidates(), None)


def offer(font: Font, home: Path, matplotlib: Path) -> None:
    """Make kernels with this home and matplotlib folder draw in `font` what DejaVu Sans lacks."""
    personal = "Library/Fonts" if sys.platform == "darwin" else ".local/share/fonts"
    folder = home / personal
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / font.path.name
    if sys.platform != "win32" and not link.is_symlink():
        link.symlink_to(font.path)
    (matplotlib / "matplotlibrc").write_text(f"font.family: DejaVu Sans, {font.family}\n", "utf-8")


def _candidates() -> Iterator[Font]:
    distribution, name, family = PACKAGED
    try:
        packaged = [Path(str(file.locate())) for file in files(distribution) or ()]
    except PackageNotFoundError:
        packaged = []
    yield from (Font(path, family) for path in packaged if path.name == name and path.exists())
    for folder in INSTALLED_IN.get(sys.platform, ()):
        found = {path.name: path for path in Path(folder).rglob("*.[ot]t[cf]")}
        yield from (Font(found[name], INSTALLED[name]) for name in INSTALLED if name in found)
