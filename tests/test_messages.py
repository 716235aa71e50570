from __future__ import annotations

from grader.messages import say

CHINESE = {
    "The step {step} is {verdict}.": "步骤{step}{verdict}。",
    "right": "正确",
    "{value:.2f}": "约 {value:.1f}",
}


def chinese(text: str) -> str:
    return CHINESE.get(text, text)


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


def test_braces_that_a_student_wrote_are_text() -> None:
    assert str(say("It says {error}", error="KeyError: {step}")) == "It says KeyError: {step}"


def test_equal_sentences_are_equal() -> None:
    assert say("{a} and {b}", a=1, b=2) == say("{a} and {b}", a=1, b=2)
    assert hash(say("So.")) == hash(say("So."))
    assert say("{a}", a=1) != say("{a}", a=2)
