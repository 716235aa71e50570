from __future__ import annotations

import importlib
import sys
import warnings
from typing import TYPE_CHECKING

import pytest

from grader.kernels.hiding import HiddenModules, import_quietly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = {
    "__init__.py": "loaded = []",
    "plots.py": "import warnings, harbour\nharbour.loaded.append(__name__)\n"
    "warnings.filterwarnings('ignore', message='from plots')",
    "lines.py": "import harbour.plots",
}


@pytest.fixture
def hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HiddenModules]:
    """Hides `harbour` and, apart from it, `harbour.plots` with `harbour.lines`."""
    (tmp_path / "harbour").mkdir()
    for name, source in PACKAGE.items():
        (tmp_path / "harbour" / name).write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    before = dict(sys.modules)
    finders = list(sys.meta_path)
    with warnings.catch_warnings():
        modules = HiddenModules()
        importlib.import_module("harbour")
        harbour = modules.gather()
        importlib.import_module("harbour.lines")
        modules.gather(harbour)
        modules.hide()
        yield modules
    sys.meta_path[:] = finders
    for name in sys.modules.keys() - before.keys():
        del sys.modules[name]


@pytest.mark.usefixtures("hidden")
def test_a_package_is_there_without_the_submodules_that_nobody_imported() -> None:
    harbour = importlib.import_module("harbour")
    assert not hasattr(harbour, "plots")
    assert "harbour.plots" not in sys.modules


@pytest.mark.usefixtures("hidden")
def test_an_imported_submodule_is_an_attribute_of_its_package_and_is_not_run_again() -> None:
    harbour = importlib.import_module("harbour")
    lines = importlib.import_module("harbour.lines")
    assert harbour.lines is lines
    assert harbour.plots is sys.modules["harbour.plots"]
    assert harbour.loaded == ["harbour.plots"]


@pytest.mark.usefixtures("hidden")
def test_an_imported_module_keeps_its_own_spec() -> None:
    spec = importlib.import_module("harbour.plots").__spec__
    assert spec is not None
    assert spec.origin is not None
    assert spec.origin.endswith("plots.py")


@pytest.mark.usefixtures("hidden")
def test_importing_a_submodule_first_brings_its_package() -> None:
    importlib.import_module("harbour.plots")
    assert "harbour" in sys.modules


@pytest.mark.usefixtures("hidden")
def test_warning_filters_come_with_the_module_that_set_them() -> None:
    importlib.import_module("harbour")
    before = len(warnings.filters)
    importlib.import_module("harbour.plots")
    assert len(warnings.filters) == before + 1


@pytest.mark.usefixtures("hidden")
def test_a_module_that_does_not_exist_is_still_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("harbour.ships")


def test_what_cannot_be_imported_is_passed_over() -> None:
    import_quietly(["no such module", "json"])
    assert "json" in sys.modules
