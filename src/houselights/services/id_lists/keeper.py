"""The thread that deletes lists of ids when they are old. It keeps nothing itself."""

from houselights.base.logs import logger
from houselights.services.background import Background
from houselights.services.id_lists.id_lists import IdLists

log = logger("id lists")

LOOK_SECONDS = 600.0


class Keeper(Background):
    """Deletes what is old, at the start and every few minutes, until it is stopped."""

    name = "id lists"

    def __init__(self, lists: IdLists):
        super().__init__()
        self._lists = lists

    def run(self) -> None:
        while True:
            try:
                self._lists.clear_the_old()
            except Exception:
                log.exception("old lists were not deleted")
            if self._over.wait(LOOK_SECONDS):
                return
