"""One import of a workspace at a time on one machine, by a lock the operating system drops when its process dies.

Imports of one workspace on two machines are told apart later: the one that publishes second finds that somebody
published since it began, and is refused (`Generations.publish`).
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from houselights.base.errors import Conflict, Unavailable

POLL_SECONDS = 0.02


@contextmanager
def waiting_for_import(
    folder: Path, workspace_id: int, seconds: float, give_up: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Hold the lock of a workspace, waiting a while for whoever has it. Raises Unavailable after that, or once
    `give_up` says so.
    """
    deadline = time.monotonic() + seconds
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(only_import(folder, workspace_id))
                break
            except Conflict as error:
                if time.monotonic() > deadline or give_up():
                    raise Unavailable("an import has the workspace; try again when it is done") from error
                time.sleep(POLL_SECONDS)
        yield


@contextmanager
def only_import(folder: Path, workspace_id: int) -> Iterator[None]:
    """Hold the lock of a workspace. Raises Conflict when another import has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"workspace-{workspace_id}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("another import of this workspace is running; try again when it is done") from error
        yield
