"""The command `grader`.

It stands outside the package, so that it can tell where somebody else's `grader` lies in its place.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent / "grader"

# The catalogue of languages is in the package, which may not be there to be asked.
_WHAT_TO_DO = """\
{found} is not this grader: on the package index `grader` is somebody else's, and this one is
called torchgrade. Remove both, then install this one again:
{found} 不是这个评分程序：
软件包索引上的 `grader` 是别人的，这个叫 torchgrade。把两个都卸载，再重新安装：

    {python} -m pip uninstall grader torchgrade
    {python} -m pip install "torchgrade[student]"     # to grade a class, 给全班评分: [class]
"""


def main() -> None:
    """Run the command, or end with 2 where the package is not ours."""
    if (found := somebody_elses()) is not None:
        print(_WHAT_TO_DO.format(found=found, python=sys.executable), file=sys.stderr, end="")
        sys.exit(2)
    import_module("grader.__main__").main()


def somebody_elses() -> Path | None:
    """What is found in place of our package, or the record of one whose files lie among ours."""
    spec = find_spec("grader")
    if spec is None or spec.origin is None:
        return _PACKAGE
    found = Path(spec.origin).resolve()
    if found.parent != _PACKAGE:
        return found
    # One of two that are installed into the same folder has overwritten files of the other.
    return next(_PACKAGE.parent.glob("grader-*-info"), None)


if __name__ == "__main__":
    main()
