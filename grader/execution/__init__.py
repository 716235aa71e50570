"""Runs notebooks in kernels, and brings back what they showed and what was observed."""

from grader.execution.cell_runner import Limits
from grader.execution.runner import NotebookRunner, notebook_runner

__all__ = ["Limits", "NotebookRunner", "notebook_runner"]
