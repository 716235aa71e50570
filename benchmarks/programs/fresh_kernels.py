"""Runs every notebook of a folder with nbclient, each in a kernel of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def main() -> None:
    """Run the notebooks of the first folder, and write them with their outputs to the second."""
    submitted, ran = map(Path, sys.argv[1:])
    for path in sorted(submitted.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, kernel_name="python3", allow_errors=True, timeout=60).execute()
        nbformat.write(notebook, ran / path.name)


if __name__ == "__main__":
    main()
