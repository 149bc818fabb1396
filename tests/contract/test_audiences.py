"""Audiences are created once, changed one version at a time, and remember every form and what they stand on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.conftest import NOON, Tenant
from tests.contract.threads import together

from houselights.base.errors import Conflict, InvalidInput, NotFound
from houselights.model.audience import Audience, AudienceKind, AudienceStatus

LATER = NOON + timedelta(days=1)


def test_an_audience_comes_back_as_it_went_in(acme: Tenant) -> None:
    made = acme.create(
        id=(1 << 63) - 1,
        name="Löwen & 'Tiger' \\ % _",
        rule={"version": 1, "rule": {"and": [{"audience": "413642381039213536"}, {"not": {"everyone": True}}]}},
        path=("Home / Garden", "Größe"),
        account_id=acme.account.id,
        attributes={"negative": "false", "n": 413642381039213536, "nested": [None, 1.5, "\u0000"]},
    )
    assert acme.control.audiences.get(acme.workspace.id, made.id) == made
    assert made.version == 1


@pytest.mark.parametrize("missing", [1, 0, -1, 1 << 70])
def test_an_audience_that_is_not_there(acme: Tenant, missing: int) -> None:
    with pytest.raises(NotFound):
        acme.control.audiences.get(acme.workspace.id, missing)


def test_an_id_is_used_once(acme: Tenant) -> None:
    made = acme.create()
    with pytest.raises(Conflict):
        acme.create(id=made.id, name="Another")
    assert acme.control.audiences.get(acme.workspace.id, made.id) == made


def test_find_takes_thousands_of_ids(acme: Tenant) -> None:
    made = [acme.create() for _ in range(3)]
    asked = [audience.id for audience in made] + list(range(1, 40_000))
    assert acme.control.audiences.find(acme.workspace.id, asked) == {audience.id: audience for audience in made}


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "nul \x00"},
        {"description": "half \ud800"},
        {"category": "a\x1fb"},
        {"path": ("a", "b\x00")},
        {"path": ("x" * 3000,)},
    ],
)
def test_texts_that_cannot_be_kept_are_refused(acme: Tenant, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        acme.create(**changes)


def test_a_change_makes_the_next_version(acme: Tenant) -> None:
    first = acme.create(name="Runners")
    rows = acme.control.audiences
    second = rows.update(
        replace(
            first,
            name="Joggers",
            rule={"version": 1, "rule": {"nobody": True}},
            status=AudienceStatus.ARCHIVED,
            created_at=LATER,
            updated_at=LATER,
            kind=AudienceKind.COMBINED,
        )
    )
    assert (second.version, second.name, second.status) == (2, "Joggers", AudienceStatus.ARCHIVED)
    assert (second.created_at, second.updated_at, second.kind) == (NOON, LATER, AudienceKind.CUSTOM)
    assert rows.get(acme.workspace.id, first.id) == second
    forms = rows.versions(acme.workspace.id, first.id)
    assert [(form.version, form.name, form.created_at) for form in forms] == [
        (1, "Runners", NOON),
        (2, "Joggers", LATER),
    ]
    assert [form.rule for form in forms] == [first.rule, second.rule]


def test_a_change_upon_an_old_version_conflicts(acme: Tenant) -> None:
    first = acme.create()
    rows = acme.control.audiences
    rows.update(replace(first, name="Second"))
    with pytest.raises(Conflict, match="at version 2, not 1"):
        rows.update(replace(first, name="Also second"))
    with pytest.raises(Conflict):
        rows.update(replace(first, name="Also second"), expected_version=7)
    assert rows.update(replace(first, name="Third"), expected_version=2).version == 3
    with pytest.raises(NotFound):
        rows.update(replace(first, id=99))


def test_of_many_changes_upon_one_version_one_wins(acme: Tenant) -> None:
    first = acme.create()
    results = together(6, lambda number: acme.control.audiences.update(replace(first, name=f"by {number}")))
    won = [result for result in results if isinstance(result, Audience)]
    assert len(won) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 5
    assert acme.control.audiences.get(acme.workspace.id, first.id) == won[0]
    assert len(acme.control.audiences.versions(acme.workspace.id, first.id)) == 2


def test_dependencies_are_known_from_both_ends(acme: Tenant) -> None:
    a, b = acme.create(), acme.create()
    c = acme.create(a.id, b.id, a.id)
    rows, workspace = acme.control.audiences, acme.workspace.id
    assert rows.dependencies(workspace, c.id) == {a.id, b.id}
    assert rows.dependents(workspace, a.id) == {c.id}
    rows.update(replace(c, name="Without b"), {a.id})
    assert rows.dependencies(workspace, c.id) == {a.id}
    assert rows.dependents(workspace, b.id) == set()
    with pytest.raises(Conflict):
        acme.create(12345)


def test_a_request_is_remembered_with_what_it_made(acme: Tenant) -> None:
    made = acme.create()
    rows, workspace = acme.control.audiences, acme.workspace.id
    assert rows.recall(workspace, None, "key") is None
    rows.remember(workspace, None, "key", "hash", made.id)
    rows.remember(workspace, 500, "key", "other hash", made.id)
    assert rows.recall(workspace, None, "key") == ("hash", made.id)
    assert rows.recall(workspace, 500, "key") == ("other hash", made.id)
    with pytest.raises(Conflict):
        rows.remember(workspace, 500, "key", "hash", made.id)


def test_of_many_requests_with_one_key_one_makes_an_audience(acme: Tenant) -> None:
    rows, workspace = acme.control.audiences, acme.workspace.id

    def request(_number: int) -> int:
        audience = acme.audience()
        with acme.control.transaction() as conn:
            rows.create(audience, conn=conn)
            rows.remember(workspace, 500, "key", "hash", audience.id, conn=conn)
        return audience.id

    results = together(6, request)
    made = [result for result in results if isinstance(result, int)]
    assert len(made) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 5
    assert rows.recall(workspace, 500, "key") == ("hash", made[0])
    assert rows.list(workspace)[1] == 1


# ── reference audiences ─────────────────────────────────────────────────────────────────────────────────────────────


def put_reference(acme: Tenant, *audiences: Audience) -> None:
    with acme.control.transaction() as conn:
        acme.control.audiences.put_reference(conn, acme.workspace.id, audiences)


def test_reference_audiences_follow_the_catalogue(acme: Tenant) -> None:
    one, two, three = (
        acme.audience(kind=AudienceKind.REFERENCE, name=f"Trait {number}", category="Interest", path=("Sport",))
        for number in range(3)
    )
    custom = acme.create()
    put_reference(acme, one, two)
    later = {"created_at": LATER, "updated_at": LATER}
    put_reference(acme, replace(one, **later), replace(three, **later))
    rows, workspace = acme.control.audiences, acme.workspace.id
    assert rows.get(workspace, one.id) == one, "unchanged rows stay untouched"
    assert rows.get(workspace, two.id) == replace(two, status=AudienceStatus.ARCHIVED, updated_at=LATER)
    assert rows.get(workspace, three.id) == replace(three, **later)
    assert rows.get(workspace, custom.id) == custom
    put_reference(acme, replace(one, name="Renamed", **later), replace(two, **later))
    renamed = rows.get(workspace, one.id)
    assert (renamed.version, renamed.name, renamed.created_at, renamed.updated_at) == (2, "Renamed", NOON, LATER)
    assert rows.get(workspace, two.id).status is AudienceStatus.ACTIVE, "a trait that comes back brings its audience"
    assert [form.name for form in rows.versions(workspace, one.id)] == ["Trait 0", "Renamed"]
    put_reference(acme)
    assert {audience.status for audience in rows.find(workspace, [one.id, two.id, three.id]).values()} == {
        AudienceStatus.ARCHIVED
    }


def test_a_reference_audience_does_not_take_anothers_id(acme: Tenant) -> None:
    custom = acme.create()
    with pytest.raises(Conflict):
        put_reference(acme, acme.audience(id=custom.id, kind=AudienceKind.REFERENCE))
    with pytest.raises(InvalidInput):
        put_reference(acme, acme.audience(kind=AudienceKind.CUSTOM))
    assert acme.control.audiences.get(acme.workspace.id, custom.id) == custom
