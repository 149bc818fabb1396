"""Publishing is one step: everything that belongs together appears together, and only one of two builders wins."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.contract.conftest import NOON, Tenant
from tests.contract.threads import together

from houselights.base.errors import Conflict
from houselights.model.audience import AudienceKind
from houselights.model.imports import ImportRun, ImportState
from houselights.model.workspace import Generation


def generation(tenant: Tenant, number: int) -> Generation:
    return Generation(
        workspace_id=tenant.workspace.id,
        number=number,
        tables={"people": 3, "traits": 4},
        index=f"g{number}",
        as_of=NOON,
        built_at=datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC),
        people=5_000_000_000,
        fingerprint="f",
        details={"files": ["a.csv"]},
    )


def test_the_newest_is_the_current_one(acme: Tenant) -> None:
    rows = acme.control.generations
    assert rows.current(acme.workspace.id) is None
    assert rows.current_number(acme.workspace.id) is None
    for number in (1, 2, 3):
        with acme.control.transaction() as conn:
            rows.publish(conn, generation(acme, number))
    assert rows.current(acme.workspace.id) == generation(acme, 3)
    assert rows.current_number(acme.workspace.id) == 3
    assert [published.number for published in rows.list(acme.workspace.id)] == [3, 2, 1]


def test_a_publication_that_fails_half_way_leaves_nothing(acme: Tenant) -> None:
    control, workspace = acme.control, acme.workspace.id
    run = control.imports.start(ImportRun(workspace_id=workspace, population="p.yaml", started_at=NOON))
    with pytest.raises(ZeroDivisionError), control.transaction() as conn:  # noqa: PT012 - all of it is one step
        control.audiences.put_reference(conn, workspace, [acme.audience(kind=AudienceKind.REFERENCE)])
        control.generations.publish(conn, generation(acme, 1))
        control.imports.finish(
            workspace,
            run,
            state=ImportState.SUCCEEDED,
            finished_at=NOON,
            rows_read=1,
            rows_rejected=0,
            generation=1,
            conn=conn,
        )
        raise ZeroDivisionError
    assert control.audiences.list(workspace) == ([], 0)
    assert control.generations.current(workspace) is None
    assert control.imports.get(workspace, run).state is ImportState.RUNNING


def test_nobody_sees_a_publication_before_it_is_whole(acme: Tenant) -> None:
    control, workspace = acme.control, acme.workspace.id
    with control.transaction() as conn:
        control.audiences.put_reference(conn, workspace, [acme.audience(kind=AudienceKind.REFERENCE)])
        control.generations.publish(conn, generation(acme, 1))
        assert control.generations.current_number(workspace) is None
        assert control.audiences.list(workspace) == ([], 0)
    assert control.generations.current_number(workspace) == 1
    assert control.audiences.list(workspace)[1] == 1


def test_a_number_that_is_not_next_is_refused(acme: Tenant) -> None:
    for number in (0, 2):
        with acme.control.transaction() as conn, pytest.raises(Conflict):
            acme.control.generations.publish(conn, generation(acme, number))


def test_of_two_builders_one_publishes(acme: Tenant) -> None:
    def publish(_number: int) -> str:
        with acme.control.transaction() as conn:
            acme.control.generations.publish(conn, generation(acme, 1))
        return "published"

    results = together(4, publish)
    assert results.count("published") == 1
    assert sum(isinstance(result, Conflict) for result in results) == 3


def test_an_import_run_tells_its_story_once(acme: Tenant) -> None:
    rows, workspace = acme.control.imports, acme.workspace.id
    run = rows.start(ImportRun(workspace_id=workspace, population="p.yaml", started_at=NOON))
    rows.progress(workspace, run, rows_read=10, rows_rejected=1)
    assert rows.get(workspace, run).rows_read == 10
    rows.finish(
        workspace,
        run,
        state=ImportState.FAILED,
        finished_at=NOON + timedelta(seconds=5),
        rows_read=20,
        rows_rejected=11,
        error="too many rejects",
        reject_file="rejects.csv",
    )
    assert rows.get(workspace, run) == ImportRun(
        id=run,
        workspace_id=workspace,
        population="p.yaml",
        state=ImportState.FAILED,
        rows_read=20,
        rows_rejected=11,
        started_at=NOON,
        finished_at=NOON + timedelta(seconds=5),
        error="too many rejects",
        reject_file="rejects.csv",
    )
    with pytest.raises(Conflict, match="has failed"):
        rows.progress(workspace, run, rows_read=30, rows_rejected=11)
    later = rows.start(ImportRun(workspace_id=workspace, population="p.yaml", started_at=NOON))
    assert [one.id for one in rows.list(workspace)] == [later, run]
    assert [one.id for one in rows.list(workspace, limit=1, before=later)] == [run]
