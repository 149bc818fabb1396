"""A neighbour can neither see nor touch another workspace's rows: every repository, every method that takes an id."""

from dataclasses import replace

import pytest
from tests.contract.conftest import NOON, Tenant
from tests.contract.test_generations import generation

from houselights.base.errors import Conflict, InvalidInput, NotFound
from houselights.model.audience import AudienceFilter, AudienceKind
from houselights.model.imports import ImportRun, ImportState
from houselights.model.workspace import Account, PrivacyPolicy
from houselights.storage.control.control import Control


def test_audiences_are_not_read(acme: Tenant, neighbour: Tenant) -> None:
    base = acme.create()
    top = acme.create(base.id)
    rows, mine = acme.control.audiences, neighbour.workspace.id
    with pytest.raises(NotFound):
        rows.get(mine, top.id)
    assert rows.find(mine, [base.id, top.id]) == {}
    assert rows.list(mine) == ([], 0)
    assert rows.list(mine, AudienceFilter(ids=frozenset({top.id}))) == ([], 0)
    assert rows.list(mine, AudienceFilter(account_id=acme.account.id)) == ([], 0)
    assert rows.versions(mine, top.id) == []
    assert rows.dependencies(mine, top.id) == set()
    assert rows.dependents(mine, base.id) == set()
    assert rows.taxonomy(mine) == []


def test_audiences_are_not_changed(acme: Tenant, neighbour: Tenant) -> None:
    mine = acme.create()
    with pytest.raises(NotFound):
        acme.control.audiences.update(replace(mine, workspace_id=neighbour.workspace.id, name="Theirs"))
    assert acme.control.audiences.get(acme.workspace.id, mine.id) == mine


def test_two_workspaces_may_use_one_audience_id(acme: Tenant, neighbour: Tenant) -> None:
    mine, theirs = acme.create(id=7, name="Mine"), neighbour.create(id=7, name="Theirs")
    rows = acme.control.audiences
    assert rows.get(acme.workspace.id, 7) == mine
    assert rows.get(neighbour.workspace.id, 7) == theirs
    rows.update(replace(theirs, name="Theirs, changed"))
    assert rows.get(acme.workspace.id, 7) == mine
    assert [version.name for version in rows.versions(acme.workspace.id, 7)] == ["Mine"]


def test_a_list_joins_rows_within_one_workspace(acme: Tenant, neighbour: Tenant) -> None:
    """The page of ids is joined back to the rows: an id both workspaces use must not bring the other's row along."""
    mine = acme.create(id=7, name="Mine")
    neighbour.create(id=7, name="Theirs")
    assert acme.control.audiences.list(acme.workspace.id) == ([mine], 1)


def test_an_audience_cannot_stand_on_a_neighbours(acme: Tenant, neighbour: Tenant) -> None:
    theirs = neighbour.create()
    with pytest.raises(Conflict):
        acme.create(theirs.id)
    mine = acme.create()
    with pytest.raises(Conflict):
        acme.control.audiences.update(replace(mine, name="Changed"), [theirs.id])
    assert acme.control.audiences.get(acme.workspace.id, mine.id) == mine


def test_an_audience_cannot_belong_to_a_neighbours_account(acme: Tenant, neighbour: Tenant) -> None:
    account = Account(id=900, workspace_id=neighbour.workspace.id, kind="advertiser", name="N")
    acme.control.accounts.put(account)
    with pytest.raises(Conflict):
        acme.create(account_id=900)


def test_reference_audiences_of_one_workspace_leave_the_other_alone(acme: Tenant, neighbour: Tenant) -> None:
    theirs = neighbour.create(id=7, kind=AudienceKind.REFERENCE, name="Theirs")
    rows = acme.control.audiences
    with acme.control.transaction() as conn:
        rows.put_reference(
            conn, acme.workspace.id, [acme.audience(id=7, kind=AudienceKind.REFERENCE, name="Mine", updated_at=NOON)]
        )
        rows.put_reference(conn, acme.workspace.id, [])
    assert rows.get(neighbour.workspace.id, 7) == theirs
    with acme.control.transaction() as conn, pytest.raises(InvalidInput):
        rows.put_reference(conn, acme.workspace.id, [theirs])


def test_idempotency_keys_are_a_workspaces_own(acme: Tenant, neighbour: Tenant) -> None:
    made = acme.create()
    rows = acme.control.audiences
    rows.remember(acme.workspace.id, 500, "key", "hash", made.id)
    assert rows.recall(neighbour.workspace.id, 500, "key") is None
    with pytest.raises(Conflict):
        rows.remember(neighbour.workspace.id, 500, "other", "hash", made.id)


def test_accounts(acme: Tenant, neighbour: Tenant) -> None:
    rows = acme.control.accounts
    child = Account(id=501, workspace_id=acme.workspace.id, kind="advertiser", name="Child", parent_id=500)
    rows.put(child)
    with pytest.raises(NotFound):
        rows.get(neighbour.workspace.id, 501)
    assert rows.children(neighbour.workspace.id, 500) == []
    assert rows.list(neighbour.workspace.id) == [neighbour.account]
    with pytest.raises(InvalidInput):
        rows.put(replace(child, id=502, workspace_id=neighbour.workspace.id, parent_id=501))
    rows.put(replace(neighbour.account, name="Changed"))
    assert rows.get(acme.workspace.id, 500) == acme.account


def test_clients(acme: Tenant, neighbour: Tenant) -> None:
    rows = acme.control.clients
    assert rows.list(neighbour.workspace.id) == [neighbour.client]
    with pytest.raises(NotFound):
        rows.disable(neighbour.workspace.id, acme.client.id)
    assert not rows.get(acme.client.id).disabled
    acme.control.accounts.put(Account(id=501, workspace_id=acme.workspace.id, kind="advertiser", name="Acme's alone"))
    with pytest.raises(NotFound):
        rows.grant(neighbour.client.id, 501)
    rows.grant(acme.client.id, 500)
    assert rows.accounts_of(acme.client) == [acme.account]
    assert rows.accounts_of(neighbour.client) == []


def test_generations(acme: Tenant, neighbour: Tenant) -> None:
    rows = acme.control.generations
    with acme.control.transaction() as conn:
        rows.publish(conn, generation(acme, 1))
    assert rows.current(neighbour.workspace.id) is None
    assert rows.current_number(neighbour.workspace.id) is None
    assert rows.list(neighbour.workspace.id) == []


def test_imports(acme: Tenant, neighbour: Tenant) -> None:
    rows, theirs = acme.control.imports, neighbour.workspace.id
    run = rows.start(ImportRun(workspace_id=acme.workspace.id, population="people.yaml", started_at=NOON))
    with pytest.raises(NotFound):
        rows.get(theirs, run)
    with pytest.raises(NotFound):
        rows.progress(theirs, run, rows_read=1, rows_rejected=0)
    with pytest.raises(NotFound):
        rows.finish(theirs, run, state=ImportState.FAILED, finished_at=NOON, rows_read=1, rows_rejected=0)
    assert rows.list(theirs) == []
    assert rows.get(acme.workspace.id, run).state is ImportState.RUNNING


def test_the_audit_log(acme: Tenant, neighbour: Tenant) -> None:
    acme.control.audit.write(acme.workspace.id, acme.client.id, "audience.create", "7", {}, NOON)
    assert acme.control.audit.list(neighbour.workspace.id) == []


def test_privacy(control: Control, acme: Tenant, neighbour: Tenant) -> None:
    policy = PrivacyPolicy(bands=(0, 10), minimum_cell=3, minimum_audience=4)
    control.workspaces.set_privacy(acme.workspace.id, policy)
    assert control.workspaces.get(acme.workspace.id).privacy == policy
    assert control.workspaces.get(neighbour.workspace.id) == neighbour.workspace
