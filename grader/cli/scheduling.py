"""A Dask cluster as the place where notebooks run."""

from __future__ import annotations

import threading
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from grader.errors import UsageError, WorkersLost
from grader.language.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from distributed import Client

    from grader.language.messages import Message

P = ParamSpec("P")
T = TypeVar("T")

_PATIENCE_S: Final = 20
_RETRIES: Final = 2
_LOOK_S: Final = 5.0
# One more for each worker, so that none waits for its next notebook to arrive.
_AHEAD: Final = 1


@dataclass(frozen=True, slots=True)
class Cluster:
    """An executor on all workers; `slots` notebooks keep them busy."""

    executor: Executor
    slots: int


@contextmanager
def connected(
    scheduler: str, warn: Callable[[Message], None], *, look_s: float = _LOOK_S
) -> Iterator[Cluster]:
    """The cluster at an address such as tcp://host:8786; raises UsageError.

    Every worker must have this very version: another one would judge differently. Looks every
    `look_s` seconds whether there are workers, and warns when the last one is gone.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise UsageError(
            say("--scheduler needs dask.distributed: pip install 'torchgrade[cluster]'.")
        ) from error
    from grader.grading import code_digest

    try:
        client = Client(scheduler, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(
            say(
                "No Dask scheduler answers at {address}: {reason}. "
                "Start one with `dask scheduler`.",
                address=scheduler,
                reason=str(error) or type(error).__name__,
            )
        ) from error
    with client:
        threads = client.nthreads()
        if not threads:
            raise UsageError(
                say(
                    "The scheduler at {address} has no workers. Start some with "
                    "`dask worker {address}`.",
                    address=scheduler,
                )
            )
        # Where the package is another's, or none, it is an exception that comes back.
        digests = client.run(code_digest, on_error="return")
        if strangers := [w for w, digest in digests.items() if not isinstance(digest, str)]:
            raise UsageError(
                say(
                    "On these workers `grader` is missing, or somebody else's: {workers}. This one "
                    "is called torchgrade on the package index. There: pip uninstall grader "
                    "torchgrade, then pip install 'torchgrade[cluster]', and start them again.",
                    workers=", ".join(strangers),
                )
            )
        if others := [worker for worker, digest in digests.items() if digest != code_digest()]:
            raise UsageError(
                say(
                    "These workers run another version of the grader: {workers}. Install this "
                    "version there and restart them.",
                    workers=", ".join(others),
                )
            )
        slots = sum(threads.values()) + _AHEAD * len(threads)
        # The same notebook twice is two tasks; a task whose worker died is given to another one.
        over = threading.Event()
        watch = threading.Thread(target=_watch, args=(client, warn, over, look_s), daemon=True)
        watch.start()
        try:
            yield Cluster(_Workers(client.get_executor(pure=False, retries=_RETRIES)), slots)
        finally:
            over.set()
            watch.join()


class _Workers(Executor):
    """A cluster's executor; a task that kills its workers fails with WorkersLost."""

    def __init__(self, behind: Executor) -> None:
        self._behind = behind

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        told: Future[T] = Future()
        future = self._behind.submit(fn, *args, **kwargs)
        future.add_done_callback(lambda done: _hand_on(done, told))
        return told


def _hand_on(done: Future[T], told: Future[T]) -> None:
    from distributed import KilledWorker

    error = done.exception()
    if error is None:
        told.set_result(done.result())
    elif isinstance(error, KilledWorker):
        told.set_exception(
            WorkersLost(
                say(
                    "Every worker that ran this notebook died, most recently {worker}. The "
                    "notebook may need more memory than they have; without --scheduler it runs "
                    "here, where its memory is limited.",
                    worker=error.last_worker.address,
                )
            )
        )
    else:
        told.set_exception(error)


def _watch(
    client: Client, warn: Callable[[Message], None], over: threading.Event, look_s: float
) -> None:
    """Warn each time that no worker is left: the notebooks wait, and nothing else says so."""
    alone = False
    while not over.wait(look_s):
        # A scheduler that does not answer fails the notebooks themselves, and is reported there.
        with suppress(OSError, TimeoutError):
            was_alone, alone = alone, not client.nthreads()
            if alone and not was_alone:
                warn(
                    say(
                        "The scheduler has no worker left: notebooks wait until one comes "
                        "back. What is marked is kept; to stop, press Ctrl-C and run the same "
                        "command again later."
                    )
                )
