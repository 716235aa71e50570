"""Puts assignments/ into the wheel as grader/lessons/, so that students have the lessons at hand.

An installation for development reads assignments/ itself; a copy would grow old.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LessonsInWheel(BuildHookInterface[Any]):
    """Adds the folder to everything that is built but an editable wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Say what else goes in."""
        if version != "editable":
            build_data["force_include"]["assignments"] = "grader/lessons"
