"""Turns a template and its values into a page in one language; everything printed is escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.language.catalogues import html_language, translator
from grader.language.messages import Message, say, say_count
from grader.models import STEP_TITLES
from grader.reporting.charts.descent import RING_FACTOR
from grader.reporting.charts.training import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from grader.reporting.error_rate import error_rate
from grader.reporting.printable import printable
from grader.reporting.result import grader_version
from grader.reporting.wording import (
    DECISION_WORDS,
    OUTCOME_SENTENCES,
    OUTCOME_WORDS,
    VERDICT_SIGNS,
    VERDICT_WORDS,
    in_full,
    isolation_gaps,
    isolation_tier,
    percent,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import CodeType

    from jinja2.bccache import Bucket

    from grader.language.messages import Translations

_CODE: Final = re.compile(r"`([^`\n]+)`")
_FRAME: Final = {
    "width": WIDTH,
    "height": HEIGHT,
    "left": LEFT,
    "right": RIGHT,
    "top": TOP,
    "bottom": BOTTOM,
}


def render(template: str, language: str, catalogues: Sequence[Path], **values: object) -> str:
    """Fill `template` with `values` in `language`.

    Messages are worded when they are printed. A value that a template needs and does not get is
    our mistake, and raises jinja2.UndefinedError.
    """
    return _environment(language, tuple(catalogues)).get_template(template).render(values)


@cache
def _environment(language: str, catalogues: tuple[Path, ...]) -> Environment:
    translations = translator(language, catalogues)
    words = _Words(translations)
    environment = Environment(
        loader=PackageLoader("grader.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=words,
        auto_reload=False,
        bytecode_cache=_compiled_templates(),
    )
    environment.install_gettext_translations(translations)  # type: ignore[attr-defined]
    environment.filters |= {
        "in_full": in_full,
        "percent": percent,
        "prose": words.prose,
        "link": quote,
    }
    environment.globals |= {
        "say": say,
        "error_rate": error_rate,
        "isolation_tier": isolation_tier,
        "isolation_gaps": isolation_gaps,
        "say_count": say_count,
        "frame": _FRAME,
        "table_script": _script("table.js"),
        "separator": say(", "),
        "ring_factor": RING_FACTOR,
        "language": html_language(translations),
        "version": grader_version(),
        "step_titles": STEP_TITLES,
        "verdict_words": VERDICT_WORDS,
        "decision_words": DECISION_WORDS,
        "verdict_signs": VERDICT_SIGNS,
        "outcome_words": OUTCOME_WORDS,
        "outcome_sentences": OUTCOME_SENTENCES,
    }
    return environment


@cache
def _compiled_templates() -> _CompiledTemplates:
    return _CompiledTemplates()


class _CompiledTemplates(BytecodeCache):
    """Templates, compiled once for the pages of this process: the code is that of every language.

    Two environments can share it as long as they differ only in the values they are given, not in
    anything that is computed while a template is compiled.
    """

    def __init__(self) -> None:
        self._codes: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """The code of this very source, if it was compiled before."""
        bucket.code = self._codes.get(f"{bucket.key}-{bucket.checksum}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if bucket.code is not None:
            self._codes[f"{bucket.key}-{bucket.checksum}"] = bucket.code


@dataclass(frozen=True, slots=True)
class Script:
    """A script of ours, and the hash by which the page's policy allows it and no other."""

    text: Markup
    source: str


def _script(name: str) -> Script:
    text = files("grader.reporting").joinpath(f"templates/{name}").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Script(Markup(text), f"sha256-{digest}")  # noqa: S704


class _Words:
    """What is printed for a value: a Message worded in the page's language, printable text."""

    def __init__(self, translations: Translations) -> None:
        self._translations = translations

    def __call__(self, value: object) -> object:
        match value:
            case Message():
                return printable(value.render(self._translations))
            case Markup():
                return value
            case str():
                return printable(value)
            case _:
                return value

    def prose(self, message: Message) -> Markup:
        """A sentence as HTML, in which `names between backticks` are set as code."""
        safe = str(escape(printable(message.render(self._translations))))
        return Markup(_CODE.sub(r"<code>\1</code>", safe))  # noqa: S704
