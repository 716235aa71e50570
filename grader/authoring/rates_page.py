"""docs/error-rates.md: how often each lesson's grader was wrong, made of the stored figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grader.authoring.lines import lines_of
from grader.language.catalogues import translator
from grader.language.messages import say
from grader.reporting.wording import finely

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.authoring.lines import Line
    from grader.language.messages import Message, Translations
    from grader.models import AssignmentInfo, Measured

LANGUAGES: Final = ("en", "zh")
_SOURCE: Final = "en"
_TITLE: Final = say("How often the grader is wrong")
_METHOD: Final = say("How it was measured")
_PREFACE: Final = (
    say(
        "A grader makes mistakes. How often ours does is measured, and stands here and at the foot "
        "of every report. `grader rates --docs docs` writes this page from the `rates.toml` of "
        "each lesson, and `grader audit --mixed 2000 --write` writes those."
    ),
)
_HOW: Final = (
    say(
        "**Composed notebooks.** The bank of a lesson holds right ways and mistakes for each step. "
        "A right notebook is composed of one right way for each step, drawn independently, with "
        "other names, split or merged cells, lines of Colab, and so on. It is kept if it runs in "
        "plain torch and learns what the reference learns: whether it is right is not for the "
        "grader to say. A wrong notebook has one mistake, or two in different steps, among right "
        "ways for the other steps."
    ),
    say(
        "**Sealed notebooks** were written by people who had seen neither bank nor code. They were "
        "graded once, and the figures are those of that day, before anything was mended."
    ),
    say(
        "A bound of 95 % says: were the true rate beyond it, we would have seen what we saw, or "
        "less, in fewer than 5 of 100 such tests (exact, after Clopper and Pearson). A withheld "
        "mark is counted as that and nothing else: a person looks at it. Composed notebooks are "
        "only as varied as the bank, so a class will bring what no test has; the sealed ones show "
        "how much."
    ),
)


def page_name(language: str) -> str:
    """What the page is called in a language."""
    return "error-rates.md" if language == _SOURCE else f"error-rates.{language}.md"


def rates_page(lessons: Sequence[AssignmentInfo], language: str) -> str:
    """The page in a language; lessons that were never measured are not on it."""
    translations = translator(language)
    blocks = [f"# {_said(_TITLE, translations)}"]
    blocks += [_said(message, translations) for message in _PREFACE]
    for info in lessons:
        blocks += _lesson(info, language, translations)
    blocks.append(f"## {_said(_METHOD, translations)}")
    blocks += [_said(message, translations) for message in _HOW]
    return "\n\n".join(blocks) + "\n"


def _lesson(info: AssignmentInfo, language: str, translations: Translations) -> Iterator[str]:
    if info.rates is None:
        return
    yield f"## {info.title(language)}"
    for about, measured in (
        (say("Composed notebooks"), info.rates.mixed),
        (say("Sealed notebooks"), info.rates.sealed),
    ):
        if measured is not None:
            yield f"**{_said(about, translations)}.** {_said(_made(measured), translations)}"
            yield _table(measured, translations)


def _made(measured: Measured) -> Message:
    return say(
        "{right} right and {wrong} wrong ones, graded on {day} by grader {version} ({source}).",
        right=f"{measured.tally.right:,}",
        wrong=f"{measured.tally.wrong:,}",
        day=measured.on.isoformat(),
        version=measured.version,
        source=measured.source or "-",
    )


def _table(measured: Measured, translations: Translations) -> str:
    heads = (say("What"), say("Seen"), say("Of"), say("Share"), say("95 % bound"))
    rows = [
        "| " + " | ".join(_said(head, translations) for head in heads) + " |",
        "|---|---:|---:|---:|---:|",
        *(_row(line, translations) for line in lines_of(measured.tally) if line.share.of),
    ]
    return "\n".join(rows)


def _row(line: Line, translations: Translations) -> str:
    share, sign = line.share, ">" if line.wanted else "<"
    return (
        f"| {_said(line.about, translations)} | {share.count:,} | {share.of:,} "
        f"| {finely(share.rate)} | {sign} {finely(line.bound)} |"
    )


def _said(message: Message, translations: Translations) -> str:
    return message.render(translations)
