from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

from grader.isolation.tiers import NONE
from grader.kernels.fresh import FreshKernels
from grader.kernels.jupyter import kernel_manager
from tests.kernels.running import UNCONFINED, linux_only

if TYPE_CHECKING:
    import socket


@linux_only
def test_a_kernel_answers_and_leaves_nothing_when_it_is_shut_down() -> None:
    async def answered(line: socket.socket) -> None:
        manager = kernel_manager(line, NONE)
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        assert await manager.is_alive()
        client.stop_channels()
        await manager.shutdown_kernel()
        assert not await manager.is_alive()
        assert not manager.places.root.exists()

    with closing(FreshKernels(UNCONFINED)) as kernels:
        line = kernels.new_line()
        assert line is not None
        asyncio.run(answered(line))
