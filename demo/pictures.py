"""Takes the pictures of docs/ from the demo's reports: `python -m demo.pictures` after `make demo`.

Needs what the tests need: Debian's Chromium, and the tools for development.
"""

from __future__ import annotations

import io
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT: Final = Path(__file__).parent.parent
PICTURES: Final = ROOT / "docs" / "pictures"
_COLOURS: Final = 224


@dataclass(frozen=True, slots=True)
class Shot:
    """A page of the demo's reports, seen through a window of this size."""

    picture: str
    page: str
    width: int
    height: int


SHOTS: Final = (
    Shot("student.zh.png", "01_exact_line/刘子涵.html", 1180, 900),
    Shot("student.en.png", "01_exact_line/O'Brien.html", 1180, 900),
    Shot("phone.zh.png", "01_exact_line/刘子涵.html", 375, 800),
    Shot("class.zh.png", "01_exact_line/index.html", 1180, 900),
)


def main() -> int:
    """Take every picture; 0 where that went well."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("Chromium is missing: apt-get install chromium\n")
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for shot in SHOTS:
            page = browser.new_page(viewport={"width": shot.width, "height": shot.height})
            page.goto((ROOT / "reports" / "demo" / shot.page).as_uri())
            _save(page.screenshot(), PICTURES / shot.picture)
            page.close()
        browser.close()
    return 0


def _save(png: bytes, path: Path) -> None:
    # Few colours are enough for text on paper, and make the file a third as large.
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(_COLOURS)
    picture.save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
