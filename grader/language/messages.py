"""Sentences for people: English text with named values, worded in the reader's language later."""

from __future__ import annotations

from dataclasses import dataclass
from gettext import NullTranslations
from typing import Final, Protocol, TypeAlias

Value: TypeAlias = "str | int | float | Message"


class Translations(Protocol):
    """A language, as the standard library's gettext has it."""

    def gettext(self, message: str, /) -> str:
        """The sentence in this language."""

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        """The sentence in the form that this language has for `count`."""


ENGLISH: Final = NullTranslations()


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence whose `text` is the English original (the gettext id) with `{name}` fields.

    With `plural`, the English for other counts than one, the value `count` chooses the form.
    """

    text: str
    values: tuple[tuple[str, Value], ...] = ()
    plural: str | None = None
    count: int = 1

    def render(self, translations: Translations) -> str:
        """Word the sentence in a language; nested messages follow it."""
        worded = {
            name: value.render(translations) if isinstance(value, Message) else value
            for name, value in self.values
        }
        if self.plural is None:
            return translations.gettext(self.text).format(**worded)
        return translations.ngettext(self.text, self.plural, self.count).format(**worded)

    def __str__(self) -> str:
        return self.render(ENGLISH)


def say(text: str, **values: Value) -> Message:
    """Write a sentence; `text` is collected for translation, so it is always a literal."""
    return Message(text, tuple(values.items()))


def say_count(count: int, one: str, many: str, **values: Value) -> Message:
    """Write a sentence about `{count}` things, for one of them and for any other count."""
    return Message(one, (("count", count), *values.items()), many, count)
