"""A PostgreSQL server of the tests' own, on a free port, gone when they are."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DEBIAN = "/usr/lib/postgresql"


def installed() -> Path | None:
    """The folder of the newest server programs that are installed."""
    newest = sorted(
        Path(_DEBIAN).glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]), reverse=True
    )
    found = newest[0] if newest else shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server that keeps its data in `folder`; gives the start of its databases' URLs."""
    programs = installed()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    data = folder / "data"
    port = _free_port()
    whose = _unprivileged(folder)
    subprocess.run(
        [
            *whose,
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            "grader",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C.UTF-8",
        ],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    listening = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    control: list[str | Path] = [*whose, programs / "pg_ctl", "-D", data, "-w"]
    subprocess.run(
        [*control, "-l", folder / "log", "-o", f"{listening} -c fsync=off", "start"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
    )
    try:
        yield f"postgresql://grader@127.0.0.1:{port}"
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, cwd=folder
        )


def _unprivileged(folder: Path) -> Sequence[str]:
    """What to put before a command: PostgreSQL refuses to run as the superuser."""
    if os.getuid() != 0:
        return ()
    shutil.chown(folder, "postgres")
    for parent in folder.parents:
        if not parent.stat().st_mode & 0o001:
            pytest.skip(f"PostgreSQL cannot reach {folder}")
    return ("runuser", "-u", "postgres", "--")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
