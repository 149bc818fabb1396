"""One import of a workspace at a time on one machine, by a lock the operating system drops when its process dies.

Imports of one workspace on two machines are told apart later: the one that publishes second finds that somebody
published since it began, and is refused (`Generations.publish`).
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from houselights.base.errors import Conflict


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
