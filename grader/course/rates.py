"""A lesson's rates.toml: how often its grader was wrong, as `grader audit --write` measured it.

It lies with the tolerances: both are measured, both are told to students, and neither gives
anything away. Unlike them it makes no mark.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from grader.models import Measured, Rates, Tally
from grader.recipes.reading import read_table, validated

if TYPE_CHECKING:
    from pathlib import Path

RATES_FILE = "rates.toml"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    mixed: Measured | None = None
    sealed: Measured | None = None


def written_rates(folder: Path) -> Rates | None:
    """What was measured of an assignment; None if nothing was. Raises AssignmentError."""
    path = folder / RATES_FILE
    if not path.is_file():
        return None
    table = validated(_Table, read_table(path), path)
    return Rates(table.mixed, table.sealed)


def rates_text(id_: str, rates: Rates) -> str:
    """The rates as the content of the file."""
    blocks = [f"# Written by `grader audit {id_} --write`: do not edit by hand.\n"]
    for kind, measured in (("mixed", rates.mixed), ("sealed", rates.sealed)):
        if measured is not None:
            blocks.append(
                f"[{kind}]\n"
                f"on = {measured.on.isoformat()}\n"
                f'version = "{measured.version}"\n'
                f'source = "{measured.source}"\n'
                f'seed = "{measured.seed}"\n'
            )
            counts = (
                f"{each.name} = {getattr(measured.tally, each.name)}" for each in fields(Tally)
            )
            blocks.append(f"[{kind}.tally]\n" + "\n".join(counts) + "\n")
    return "\n".join(blocks)


def with_measured(rates: Rates | None, kind: str, measured: Measured) -> Rates:
    """The rates with one kind measured anew."""
    return replace(rates or Rates(), **{kind: measured})
