"""The review page as the command serves it, for a browser to look at."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from grader.web import review_app
from tests.web.course import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.course import Class

LINK = f"/?token={KEYS.token}"


@contextmanager
def served(marked: Class, language: str) -> Iterator[str]:
    """The review page as the command serves it; where it is."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        app = review_app(marked.desk(language=language), KEYS, port)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()
