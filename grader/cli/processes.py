"""More processes for a command that only computes: judging what was recorded, writing pages."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver
from typing import Final

# What every one of them needs is loaded once, in the process that they are forked from.
_NEEDED: Final = ("grader.cli.publishing", "grader.grading")


def processes(count: int) -> ProcessPoolExecutor:
    """So many processes; what they need starts loading at once, not with the first task."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_NEEDED))
    forkserver.ensure_running()
    return ProcessPoolExecutor(count, mp_context=context)
