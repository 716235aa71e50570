"""An IPython kernel of this process, without the work that our kernels do not need.

Each thing left out here costs every kernel 5 to 20 ms (docs/performance.md) and is not visible.
"""

from __future__ import annotations

import sys
import zlib
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipykernel.kernelapp import IPKernelApp


def kernel_app(arguments: list[str]) -> IPKernelApp:
    """An IPython kernel of this process, listening but not yet answering.

    `arguments` are `-f FILE` and `--Class.trait=value`, as many as you like.
    """
    import ipykernel_launcher  # type: ignore[import-untyped]
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [ipykernel_launcher.__file__, *arguments]
    app = IPKernelApp.instance()
    with _modules_untouched(), _read_by_ourselves(app):
        app.initialize(arguments)  # type: ignore[no-untyped-call]
    return app


@contextmanager
def _read_by_ourselves(app: IPKernelApp) -> Iterator[None]:
    """Keep the application from making a parser for all its options: it takes 10 ms."""
    from traitlets.config import Config
    from traitlets.config.loader import DeferredConfigString

    def take(arguments: list[str]) -> None:
        app.argv, app.extra_args, app.cli_config = arguments, [], Config()
        told = iter(arguments)
        for argument in told:
            if argument == "-f":
                app.cli_config.IPKernelApp.connection_file = next(told)
            else:
                name, _, value = argument.removeprefix("--").partition("=")
                owner, _, trait = name.partition(".")
                app.cli_config[owner][trait] = DeferredConfigString(value)
        app.update_config(app.cli_config)

    vars(app)["parse_command_line"] = take
    try:
        yield
    finally:
        del vars(app)["parse_command_line"]


def hash_cells_in_c() -> None:
    """Name the file that a cell is compiled as by a faster checksum of its source, as short.

    ipykernel computes one in Python, twice per cell: 0.4 to 1 ms per kilobyte, and some of our
    requests have ten. The name differs in every process anyway.
    """
    from ipykernel import compiler

    vars(compiler)["murmur2_x86"] = lambda source, seed: zlib.crc32(source.encode(), seed)


@contextmanager
def _modules_untouched() -> Iterator[None]:
    """Keep ipykernel from asking each module for its location, for a debugger that nobody starts.

    In a forked process each answer copies two pages of memory: 10 ms for 2,000 modules.
    """
    from ipykernel import ipkernel

    kernel = vars(ipkernel)
    kernel["sys"] = SimpleNamespace(**{**vars(sys), "modules": {}})
    try:
        yield
    finally:
        kernel["sys"] = sys
