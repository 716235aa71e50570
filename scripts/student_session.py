"""What a student does with an installed grader; run by scripts/try-student-installs.

A right notebook, one with a mistake and an untouched one are looked at in one of three places.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "01_exact_line"
EXPECTED = {"right": "✓✓✓✓✓✓", "wrong": "✓✓✓✓!!", "untouched": "······"}


def notebooks() -> dict[str, dict]:
    """The notebooks by what they are."""
    handout = json.loads((ROOT / "assignments" / NAME / "handout.en.ipynb").read_text("utf-8"))
    solved = json.loads((ROOT / "solutions" / NAME / "reference.en.ipynb").read_text("utf-8"))
    for cell in solved["cells"]:
        kept = re.sub(r"### STUB\n.*?(?=### END)", "", "".join(cell["source"]), flags=re.DOTALL)
        cell["source"] = re.sub(r"^ *### .*\n?", "", kept, flags=re.MULTILINE)
    wrong = json.loads(json.dumps(solved))
    for cell in wrong["cells"]:
        cell["source"] = re.sub(r"^ *optimizer.zero_grad\(\)\n", "", cell["source"], flags=re.M)
    return {"right": solved, "wrong": wrong, "untouched": handout}


def sources(notebook: dict) -> list[str]:
    """The cells that a student would run, with their own look before and after."""
    code = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    return ["from grader import check, hint", *code, "print(check())", "print(hint())"]


def in_terminal(notebook: dict) -> str:
    """What the command says; the page is written as well."""
    with tempfile.TemporaryDirectory() as folder:
        path, page = Path(folder) / "mine.ipynb", Path(folder) / "mine.html"
        path.write_text(json.dumps(notebook), "utf-8")
        command = Path(sys.executable).with_name("grader")
        said = subprocess.run(
            [command, "check", path, "-o", page], cwd=folder, capture_output=True, check=False
        )
        assert said.returncode == 0, said
        assert "</html>" in page.read_text("utf-8")
        return said.stdout.decode()


def in_ipython(notebook: dict) -> str:
    """What is printed in a plain IPython."""
    program = [
        "from IPython.core.interactiveshell import InteractiveShell",
        "shell = InteractiveShell.instance()",
        *(f"shell.run_cell({source!r}, store_history=True)" for source in sources(notebook)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run(
            [sys.executable, "-c", "\n".join(program)],
            cwd=folder,
            capture_output=True,
            check=True,
            env={"MPLBACKEND": "agg", "HOME": folder, "PYTHONIOENCODING": "utf-8"},
        )
    return said.stdout.decode()


def in_kernel(notebook: dict) -> str:
    """What is printed in a Jupyter kernel."""
    import nbformat
    from nbclient import NotebookClient

    cells = [nbformat.v4.new_code_cell(source) for source in sources(notebook)]
    ran = NotebookClient(nbformat.v4.new_notebook(cells=cells), kernel_name="python3").execute()
    return "".join(o.text for cell in ran.cells[-2:] for o in cell.outputs if "text" in o)


def main() -> None:
    """Look at each notebook, and compare the signs of its steps with what is expected."""
    place = sys.argv[1]
    look = {"terminal": in_terminal, "ipython": in_ipython, "kernel": in_kernel}[place]
    for name, notebook in notebooks().items():
        said = look(notebook)
        signs = "".join(re.findall(r"^([✓·!?‖]) \w+: ", said, flags=re.MULTILINE))
        print(f"{place}, {name}: {signs}")
        if signs != EXPECTED[name]:
            sys.exit(f"expected {EXPECTED[name]}; it said:\n{said}")


if __name__ == "__main__":
    main()
