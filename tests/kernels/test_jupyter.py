from __future__ import annotations

import asyncio
import socket
import tempfile
from typing import TYPE_CHECKING

import pytest

from grader.errors import KernelFailedError, KernelLostError
from grader.isolation.tiers import NONE, ROOM, ROOM_HOME
from grader.kernels.jupyter import FIRST_PORT, kernel_manager
from tests.kernels.running import linux_only

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def line() -> Iterator[socket.socket]:
    """A line to nobody."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        theirs.close()
        yield ours


@linux_only
def test_a_kernel_in_a_room_is_reached_by_ports_and_writes_to_no_folder_of_ours(
    line: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    manager = kernel_manager(line, ROOM)
    info = manager.get_connection_info()
    assert (info["transport"], info["ip"]) == ("tcp", "127.0.0.1")
    assert info["shell_port"] == FIRST_PORT + 1
    assert str(manager.places.root) == ROOM_HOME
    assert not list(tmp_path.iterdir())


@linux_only
def test_a_kernel_elsewhere_is_reached_by_sockets_in_its_own_folder(
    line: socket.socket,
) -> None:
    manager = kernel_manager(line, NONE)
    info = manager.get_connection_info()
    assert info["transport"] == "ipc"
    assert str(info["ip"]).startswith(str(manager.places.root))
    asyncio.run(manager.shutdown_kernel())


@linux_only
def test_a_folder_that_is_too_deep_for_sockets_is_told_with_what_to_do(
    line: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with pytest.raises(KernelFailedError, match="set TMPDIR to a shorter one"):
        kernel_manager(line, NONE)


@linux_only
def test_a_kernel_without_a_keeper_is_lost_and_its_folder_is_removed(
    line: socket.socket,
) -> None:
    async def lost() -> None:
        manager = kernel_manager(line, NONE)
        with pytest.raises(KernelLostError):
            await manager.start_kernel()
        await manager.shutdown_kernel()
        await manager.shutdown_kernel()
        assert not manager.places.root.exists()

    asyncio.run(lost())


def test_a_program_that_ends_before_it_answers_is_told_at_once() -> None:
    async def silent() -> None:
        manager = kernel_manager(None, NONE)
        manager.specification.argv = ["python", "-c", "pass"]
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        try:
            with pytest.raises(RuntimeError, match="died before replying"):
                await client.wait_for_ready(timeout=30)
        finally:
            client.stop_channels()
            await manager.shutdown_kernel()

    asyncio.run(silent())
