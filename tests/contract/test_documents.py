"""Documents that rooms keep: stored, replaced, listed and removed within one workspace and one kind."""

from datetime import UTC, datetime, timedelta

import pytest

from houselights.base.errors import NotFound
from houselights.storage.control.control import Control

THEN = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_document_is_replaced_and_keeps_its_birthday(control: Control) -> None:
    home = control.workspaces.create("home", created_at=THEN)
    control.documents.put(home.id, "job", "a", {"state": "new"}, THEN)
    later = THEN + timedelta(minutes=1)
    stored = control.documents.put(home.id, "job", "a", {"state": "done"}, later)
    assert stored == control.documents.get(home.id, "job", "a")
    assert (stored.created_at, stored.updated_at, stored.body) == (THEN, later, {"state": "done"})


def test_documents_are_listed_newest_first_in_their_kind_and_workspace(control: Control) -> None:
    home = control.workspaces.create("home", created_at=THEN)
    away = control.workspaces.create("away", created_at=THEN)
    for number, (workspace, kind) in enumerate([(home, "job"), (home, "job"), (home, "preview"), (away, "job")]):
        control.documents.put(workspace.id, kind, str(number), {}, THEN + timedelta(seconds=number))
    assert [each.id for each in control.documents.list(home.id, "job")] == ["1", "0"]
    with pytest.raises(NotFound):
        control.documents.get(away.id, "preview", "2")


def test_a_removed_document_is_gone(control: Control) -> None:
    home = control.workspaces.create("home", created_at=THEN)
    control.documents.put(home.id, "job", "a", {}, THEN)
    control.documents.delete(home.id, "job", "a")
    for ask in (control.documents.get, control.documents.delete):
        for missing in ("a", "\x00"):
            with pytest.raises(NotFound):
                ask(home.id, "job", missing)
