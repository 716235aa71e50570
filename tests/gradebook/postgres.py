"""A PostgreSQL server of the tests' own, on a free port, gone when they are."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

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


@dataclass(frozen=True, slots=True)
class Server:
    """A server that keeps its data in `folder`; `url` is the start of its databases' URLs."""

    folder: Path
    port: int
    control: tuple[str | Path, ...]

    @property
    def url(self) -> str:
        return f"postgresql://grader@127.0.0.1:{self.port}"

    def new_database(self, name: str) -> str:
        """Make an empty database; gives its URL."""
        engine = create_engine(
            f"{self.url}/postgres".replace("postgresql:", "postgresql+psycopg:"),
            isolation_level="AUTOCOMMIT",
        )
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return f"{self.url}/{name}"

    def start(self) -> None:
        listening = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c fsync=off"
        self._do("-l", self.folder / "log", "-o", f"{listening} -k {self.folder}", "start")

    def stop(self) -> None:
        self._do("-m", "immediate", "stop")

    def kill(self) -> None:
        """`kill -9`, also of the processes that serve its connections."""
        lock = self.folder / "data" / "postmaster.pid"
        first = int(lock.read_text().split()[0])
        served = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for pid in (first, *map(int, served)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(_lives(pid) for pid in (first, *map(int, served))):
            time.sleep(0.01)
        # Where nobody reaps it, its number is still taken, and the next server would not start.
        lock.unlink()
        (self.folder / f".s.PGSQL.{self.port}.lock").unlink(missing_ok=True)

    def _do(self, *what: str | Path) -> None:
        subprocess.run(
            [*self.control, *what], check=True, stdout=subprocess.DEVNULL, cwd=self.folder
        )


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """Run a server with its data in `folder`."""
    programs = installed()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    whose, data = _unprivileged(folder), folder / "data"
    made = ["-U", "grader", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"]
    subprocess.run(
        [*whose, programs / "initdb", "-D", data, *made],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    server = Server(folder, _free_port(), (*whose, programs / "pg_ctl", "-D", data, "-w"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


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
