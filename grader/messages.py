"""Sentences for people: English text with named values, worded in the reader's language later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Value: TypeAlias = "str | int | float | Message"
Translate: TypeAlias = "Callable[[str], str]"


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence whose `text` is the English original (the gettext id) with `{name}` fields."""

    text: str
    values: tuple[tuple[str, Value], ...] = ()

    def render(self, translate: Translate) -> str:
        """Word the sentence in the language of `translate`; nested messages follow it."""
        worded = {
            name: value.render(translate) if isinstance(value, Message) else value
            for name, value in self.values
        }
        return translate(self.text).format(**worded)

    def __str__(self) -> str:
        return self.render(str)


def say(text: str, **values: Value) -> Message:
    """Write a sentence; `text` is collected for translation, so it is always a literal."""
    return Message(text, tuple(values.items()))
