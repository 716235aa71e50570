from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import torchgrade

ROOT = Path(__file__).parents[1]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder that both are installed into: the command, and the first file of the package."""
    site = tmp_path / "site"
    (site / "grader").mkdir(parents=True)
    shutil.copy(ROOT / "torchgrade.py", site)
    (site / "grader" / "__init__.py").touch()
    (site / "grader" / "__main__.py").write_text("def main() -> None:\n    print('ours')\n")
    (site / "torchgrade-0.1.0.dist-info").mkdir()
    return site


def run(*search: Path) -> subprocess.CompletedProcess[str]:
    # Isolated, since an installation for development would be found first.
    places = [str(path) for path in search]
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {places!r}\n{_MAIN}"],
        capture_output=True,
        text=True,
        check=False,
    )


_MAIN = "import torchgrade; torchgrade.main()"


def test_where_only_ours_is_installed_the_command_runs(installed: Path) -> None:
    (installed / "grader_tools-1.0.dist-info").mkdir()
    done = run(installed)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ours\n", "")


@pytest.mark.parametrize("record", ["grader-1.2-py3.11.egg-info", "grader-1.2.dist-info"])
def test_a_strangers_grader_in_the_same_folder_is_told(installed: Path, record: str) -> None:
    (installed / record).mkdir()
    done = run(installed)
    assert (done.returncode, done.stdout) == (2, "")
    assert record in done.stderr
    assert "pip uninstall grader torchgrade" in done.stderr
    assert 'pip install "torchgrade[student]"' in done.stderr
    assert "重新安装" in done.stderr


def test_a_strangers_grader_that_is_found_first_is_told_without_running_it(
    tmp_path: Path, installed: Path
) -> None:
    (tmp_path / "first" / "grader").mkdir(parents=True)
    (tmp_path / "first" / "grader" / "__init__.py").write_text("print 'of 2012'\n")
    done = run(tmp_path / "first", installed)
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path / "first" / "grader") in done.stderr


def test_a_package_whose_files_are_gone_is_told(installed: Path) -> None:
    """As after `pip uninstall grader`, which takes along what both had."""
    shutil.rmtree(installed / "grader")
    assert run(installed).returncode == 2


def test_here_the_grader_is_ours() -> None:
    assert torchgrade.somebody_elses() is None
