from __future__ import annotations

from gettext import NullTranslations

import pytest

from grader.language.messages import say, say_count

CHINESE = {
    "The step {step} is {verdict}.": "步骤{step}{verdict}。",
    "right": "正确",
    "{count} card": "{count} 张卡片",
    "{value:.2f}": "约 {value:.1f}",
}


class Catalogue(NullTranslations):
    """Chinese has one form, whatever the count."""

    def gettext(self, message: str) -> str:
        return CHINESE.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002
        return self.gettext(msgid1)


chinese = Catalogue()


def test_a_sentence_is_worded_with_its_values() -> None:
    message = say("{count} cards, {share:.1%} right", count=5, share=0.25)
    assert str(message) == "5 cards, 25.0% right"


def test_sentences_within_a_sentence_are_translated_with_it() -> None:
    message = say("The step {step} is {verdict}.", step="train", verdict=say("right"))
    assert message.render(chinese) == "步骤train正确。"
    assert str(message) == "The step train is right."


def test_a_translation_may_word_a_number_its_own_way() -> None:
    assert say("{value:.2f}", value=0.25).render(chinese) == "约 0.2"


def test_what_has_no_translation_stays_english() -> None:
    assert say("Nobody wrote this in Chinese.").render(chinese) == "Nobody wrote this in Chinese."


@pytest.mark.parametrize(
    ("count", "english", "worded"),
    [(0, "0 cards", "0 张卡片"), (1, "1 card", "1 张卡片"), (2, "2 cards", "2 张卡片")],
)
def test_a_count_chooses_the_form_in_each_language(count: int, english: str, worded: str) -> None:
    message = say_count(count, "{count} card", "{count} cards")
    assert str(message) == english
    assert message.render(chinese) == worded


def test_braces_that_a_student_wrote_are_text() -> None:
    assert str(say("It says {error}", error="KeyError: {step}")) == "It says KeyError: {step}"


def test_equal_sentences_are_equal() -> None:
    assert say("{a} and {b}", a=1, b=2) == say("{a} and {b}", a=1, b=2)
    assert hash(say("So.")) == hash(say("So."))
    assert say("{a}", a=1) != say("{a}", a=2)
