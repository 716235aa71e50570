"""The guide for authors, carried out by the letter: a newcomer's way to a lesson and its class."""

from __future__ import annotations

from tests.docs.reading import ROOT, blocks_of

GUIDE = ROOT / "docs" / "authors.md"


def test_both_languages_of_the_guide_give_the_same_commands_and_files() -> None:
    assert blocks_of(GUIDE) == blocks_of(GUIDE.with_suffix(".zh.md"))


def test_the_guide_touches_nothing_of_the_grader() -> None:
    told = [block.note.split()[1] for block in blocks_of(GUIDE) if block.note and ":" in block.note]
    assert {path.split("/")[0] for path in told} == {"assignments", "solutions"}
