"""The languages that reports and messages can be read in: one `.po` file each, and English."""

from __future__ import annotations

import io
import os
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polib

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ENGLISH: Final = "en"
CATALOGUES: Final = Path(__file__).with_name("locale")


def languages() -> tuple[str, ...]:
    """Every language there is, English (the language of the messages themselves) first."""
    return (ENGLISH, *sorted(path.stem for path in CATALOGUES.glob("*.po") if path.stem != ENGLISH))


def known_language(tag: str) -> str | None:
    """The language that a tag such as `zh`, `zh-CN` or `zh_CN.UTF-8` asks for, if there is one."""
    first = tag.replace("_", "-").replace(".", "-").split("-")[0].lower()
    return first if first in languages() else None


def default_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language of the locale environment, else English."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for tag in environ.get(name, "").split(":"):
            if language := known_language(tag):
                return language
    return ENGLISH


def translator(language: str, catalogues: Sequence[Path] = ()) -> NullTranslations:
    """The messages in `language`; `catalogues` are more `.po` files of it, and are asked first."""
    return _translator(language, tuple(catalogues))


def html_language(translations: NullTranslations) -> str:
    """The value of `lang` for a page in this language, for example `zh-CN`."""
    return translations.info().get("language", ENGLISH).replace("_", "-")


@cache
def _translator(language: str, catalogues: tuple[Path, ...]) -> NullTranslations:
    ours = CATALOGUES / f"{language}.po"
    chain = [_read(file) for file in (*catalogues, ours) if file.is_file()]
    if not chain:
        return NullTranslations()
    first, *rest = chain
    for translations in rest:
        first.add_fallback(translations)
    return first


def _read(file: Path) -> GNUTranslations:
    return GNUTranslations(io.BytesIO(polib.pofile(str(file)).to_binary()))
