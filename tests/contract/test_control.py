"""Workspaces, accounts, clients, tokens, secrets and the audit log, the same on each database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.contract.conftest import NOON, Tenant
from tests.contract.threads import together

from houselights.base.errors import Conflict, NotFound
from houselights.model.token import TokenKind
from houselights.model.workspace import Account, PrivacyPolicy
from houselights.storage.control.control import Control


def test_instants_come_back_in_utc_to_the_microsecond(control: Control) -> None:
    given = datetime(2026, 3, 29, 2, 30, 0, 654321, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    control.workspaces.create("acme", created_at=given)
    found = control.workspaces.by_name("acme")
    assert found is not None
    assert found.created_at == given
    assert found.created_at.tzinfo is UTC
    with pytest.raises(Exception, match="naive"):
        control.workspaces.create("naive", created_at=datetime(2026, 3, 29))  # noqa: DTZ001 - the point


def test_workspaces(control: Control) -> None:
    policy = PrivacyPolicy(bands=(0, 5), minimum_cell=1, minimum_audience=2)
    acme = control.workspaces.create("acme", policy, created_at=NOON)
    other = control.workspaces.create("other", created_at=NOON)
    assert control.workspaces.get(acme.id) == acme
    assert acme.privacy == policy
    assert other.privacy == PrivacyPolicy()
    assert control.workspaces.list() == [acme, other]
    assert control.workspaces.by_name("nobody") is None
    with pytest.raises(Conflict):
        control.workspaces.create("acme", created_at=NOON)
    for missing in (lambda: control.workspaces.get(99), lambda: control.workspaces.set_privacy(99, policy)):
        with pytest.raises(NotFound):
            missing()


def test_accounts_keep_every_field_and_64_bit_ids(acme: Tenant) -> None:
    account = Account(
        id=(1 << 63) - 1,
        workspace_id=acme.workspace.id,
        kind="advertiser",
        name="Größe 東京",
        parent_id=acme.account.id,
        country="JP",
        currency="JPY",
        timezone="Asia/Tokyo",
        external_id="ENTITY1",
        url="https://example.com",
    )
    rows = acme.control.accounts
    rows.put(account)
    assert rows.get(acme.workspace.id, account.id) == account
    assert rows.children(acme.workspace.id, acme.account.id) == [account]
    renamed = replace(account, name="Renamed")
    rows.put(renamed)
    assert rows.list(acme.workspace.id) == [acme.account, renamed]
    with pytest.raises(NotFound):
        rows.get(acme.workspace.id, 1 << 63)


def test_clients(acme: Tenant) -> None:
    rows = acme.control.clients
    made = rows.create(
        workspace_id=acme.workspace.id,
        client_id="c",
        name="C",
        secret_hash="h",
        scopes={"insights:read", "audiences:read"},
        redirect_uris=["https://x.example/", "https://y.example/"],
        created_at=NOON,
    )
    assert rows.by_client_id("c") == (made, "h")
    assert rows.by_client_id("C") is None, "client ids are compared exactly"
    assert rows.get(made.id) == made
    assert made.redirect_uris == ("https://x.example/", "https://y.example/")
    rows.grant(made.id, acme.account.id)
    rows.grant(made.id, acme.account.id)
    assert rows.accounts_of(made) == [acme.account]
    rows.disable(acme.workspace.id, made.id)
    assert rows.get(made.id).disabled
    with pytest.raises(Conflict):
        rows.create(
            workspace_id=acme.workspace.id, client_id="c", name="again", secret_hash="", scopes=[], created_at=NOON
        )
    with pytest.raises(NotFound):
        rows.get(999)


def put(
    acme: Tenant, name: str, kind: TokenKind, *, expires_at: datetime | None = None, origin: str | None = None
) -> None:
    acme.control.tokens.put(
        name,
        client_id=acme.client.id,
        kind=kind,
        scopes={"b", "a"},
        created_at=NOON,
        expires_at=expires_at,
        origin=origin,
        details={"redirect_uri": "https://x.example/"},
    )


def test_tokens_are_found_by_hash_and_kind(acme: Tenant) -> None:
    put(acme, "h", TokenKind.REFRESH)
    rows = acme.control.tokens
    found = rows.find("h", "refresh")
    assert found is not None
    assert (found.scopes, found.expires_at) == ({"a", "b"}, None)
    assert found.details == {"redirect_uri": "https://x.example/"}
    assert rows.find("h", TokenKind.ACCESS) is None
    assert rows.find_bearer("h") is None
    with pytest.raises(Conflict):
        put(acme, "h", TokenKind.ACCESS)


def test_bearers_come_with_their_client(acme: Tenant) -> None:
    put(acme, "short", TokenKind.ACCESS, expires_at=NOON)
    put(acme, "long", TokenKind.STATIC)
    for name in ("short", "long"):
        found = acme.control.tokens.find_bearer(name)
        assert found is not None
        assert (found[0].hash, found[1]) == (name, acme.client)


def test_tokens_end(acme: Tenant) -> None:
    rows = acme.control.tokens
    put(acme, "one", TokenKind.ACCESS, expires_at=NOON, origin="code")
    put(acme, "two", TokenKind.REFRESH, origin="code")
    put(acme, "three", TokenKind.ACCESS, expires_at=NOON + timedelta(seconds=1))
    put(acme, "four", TokenKind.STATIC)
    assert rows.purge_expired(NOON) == 1
    assert rows.revoke_from("code") == 1
    assert rows.revoke("three")
    assert not rows.revoke("three")
    assert rows.revoke_all(acme.client.id) == 1
    assert rows.find_bearer("four") is None


def test_of_many_at_once_one_takes_a_code(acme: Tenant) -> None:
    put(acme, "code", TokenKind.CODE, expires_at=NOON)
    taken = together(8, lambda _number: acme.control.tokens.take("code", TokenKind.CODE))
    assert sum(result is not None for result in taken) == 1
    assert not any(isinstance(result, Exception) for result in taken)
    assert acme.control.tokens.take("code", TokenKind.CODE) is None


def test_a_code_is_not_taken_as_something_else(acme: Tenant) -> None:
    put(acme, "code", TokenKind.CODE)
    assert acme.control.tokens.take("code", TokenKind.REFRESH) is None
    assert acme.control.tokens.find("code", TokenKind.CODE) is not None


def test_those_who_race_for_a_secret_get_the_same(control: Control) -> None:
    drawn = together(8, lambda _number: control.signing_key())
    assert len(set(drawn)) == 1
    assert isinstance(drawn[0], bytes)
    assert len(drawn[0]) == 32
    assert control.secrets.get("another") != drawn[0]


def test_the_audit_log_is_read_backwards(acme: Tenant) -> None:
    rows = acme.control.audit
    for number in range(5):
        at = NOON + timedelta(seconds=number)
        rows.write(
            acme.workspace.id, acme.client.id if number else None, "insights.read", str(number), {"n": number}, at
        )
    newest = rows.list(acme.workspace.id, limit=2)
    assert [entry.subject for entry in newest] == ["4", "3"]
    assert (newest[0].at, newest[0].details, newest[0].client_id) == (
        NOON + timedelta(seconds=4),
        {"n": 4},
        acme.client.id,
    )
    rest = rows.list(acme.workspace.id, before=newest[-1].id)
    assert [entry.subject for entry in rest] == ["2", "1", "0"]
    assert rest[-1].client_id is None


def test_a_transaction_is_all_or_nothing(control: Control) -> None:
    with pytest.raises(Conflict), control.transaction() as conn:  # noqa: PT012 - both belong to one transaction
        control.workspaces.create("first", created_at=NOON, conn=conn)
        control.workspaces.create("first", created_at=NOON, conn=conn)
    assert control.workspaces.list() == []


def test_writers_wait_for_one_another(control: Control) -> None:
    """Read-then-write in one transaction, from many threads: nobody fails with "locked", nobody's write is lost."""

    def add(number: int) -> None:
        with control.transaction() as conn:
            control.workspaces.list(conn=conn)
            control.workspaces.create(f"w{number}", created_at=NOON, conn=conn)

    assert together(8, add) == [None] * 8
    assert len(control.workspaces.list()) == 8
