"""Notebooks in a folder, with what is wrong in each: a sealed set, or compositions that were kept.

`labels.json` lists them:

    [{"file": "a.ipynb", "wrong_steps": ["train"], "mistake": "zero_grad_missing"}, ...]

A right one has no wrong steps. `mistake` is for people; where it is a name of the catalogue and one
step is wrong, it is the name that is due. `names` gives the due names of several steps.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from grader.authoring.mixed import Known
from grader.diagnosis import CATALOGUE
from grader.errors import AssignmentError
from grader.language.messages import say
from grader.models import CODE_STEPS, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_LABELS: Final = "labels.json"


class Label(BaseModel):
    """What is known of one notebook."""

    model_config = ConfigDict(frozen=True)

    file: str
    wrong_steps: tuple[Step, ...] = ()
    mistake: str | None = None
    names: dict[Step, tuple[str, ...]] = {}

    @property
    def guilty(self) -> Mapping[Step, frozenset[str]]:
        """The code steps with a mistake, and its names; the result follows from them."""
        steps = [step for step in CODE_STEPS if step in self.wrong_steps]
        known = self.mistake in {rule.id for rule in CATALOGUE} and len(steps) == 1
        due = (self.mistake,) if known and self.mistake else ()
        return {step: frozenset(self.names.get(step, due)) for step in steps}


_TABLE: Final = TypeAdapter(tuple[Label, ...])


def read_labelled(folder: Path) -> tuple[Known, ...]:
    """The notebooks that the labels name; raises AssignmentError where one cannot be used."""
    path = folder / _LABELS
    try:
        labels = _TABLE.validate_json(path.read_bytes())
        return tuple(
            Known(
                label.file.removesuffix(".ipynb"),
                folder / label.file,
                (folder / label.file).read_bytes(),
                label.guilty,
                label.mistake or "",
            )
            for label in labels
        )
    except (OSError, ValidationError) as error:
        raise AssignmentError(
            say("{path} cannot be used: {problems}", path=str(path), problems=str(error))
        ) from None


def keep_labelled(folder: Path, notebooks: Iterable[Known]) -> None:
    """Write notebooks with their labels, so that `read_labelled` reads the same."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = []
    for known in notebooks:
        file = f"{known.name}.ipynb"
        (folder / file).write_bytes(known.content)
        label = Label(
            file=file,
            wrong_steps=tuple(known.guilty),
            mistake=known.about,
            names={step: tuple(sorted(names)) for step, names in known.guilty.items()},
        )
        labels.append(label.model_dump(mode="json"))
    text = json.dumps(labels, ensure_ascii=False, indent=1)
    (folder / _LABELS).write_text(f"{text}\n", encoding="utf-8")
