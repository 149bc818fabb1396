"""Accounts and ready-made audiences of a population file. Refuses two of one id and names that lead nowhere."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from houselights.base.ids import stable_id
from houselights.base.suggest import did_you_mean
from houselights.services.imports.grammar import Document
from houselights.services.imports.population import DeclaredAccount, ReadyAudience


def accounts_of(document: Document, items: Iterable[Mapping[str, Any]]) -> tuple[DeclaredAccount, ...]:
    """Read the accounts, each with its parent found. Raises InvalidInput for doubles and parents that are not there."""
    listed = list(items)
    ids = [item.get("id") or stable_id("account", item.get("external_id") or item["name"]) for item in listed]
    found = [
        DeclaredAccount(
            id=ids[position],
            kind=item["kind"],
            name=item["name"],
            parent_id=None,
            country=item.get("country"),
            currency=item.get("currency", "USD"),
            timezone=item.get("timezone", "UTC"),
            external_id=item.get("external_id", ""),
            url=item.get("url", ""),
        )
        for position, item in enumerate(listed)
    ]
    for position, item in enumerate(listed):
        where = f"accounts[{position}]"
        if ids[position] in ids[:position]:
            raise document.error(where, "the same account is there twice")
        if item.get("parent") is not None:
            parent = account_named(found, str(item["parent"]))
            if parent is None or parent.id == ids[position]:
                hint = did_you_mean(str(item["parent"]), [account.name for account in found])
                raise document.error(f"{where}.parent", f'no other account is called "{item["parent"]}"', hint)
            found[position] = replace(found[position], parent_id=parent.id)
    return tuple(found)


def account_named(accounts: Iterable[DeclaredAccount], name: str) -> DeclaredAccount | None:
    """Return the account with this id, external id or name, or None."""
    return next((account for account in accounts if name in (str(account.id), account.external_id, account.name)), None)


def audiences_of(
    document: Document, items: Iterable[Mapping[str, Any]], accounts: Iterable[DeclaredAccount]
) -> Iterator[ReadyAudience]:
    """Read the ready-made audiences, each with its owner found. Raises InvalidInput for doubles and unknown owners."""
    seen: set[int] = set()
    for position, item in enumerate(items):
        where = f"audiences[{position}]"
        audience_id = item.get("id") or stable_id("audience", item["name"])
        if audience_id in seen:
            raise document.error(where, f'the audience "{item["name"]}" is there twice')
        seen.add(audience_id)
        owner = None
        if item.get("account") is not None:
            account = account_named(accounts, str(item["account"]))
            if account is None:
                hint = did_you_mean(str(item["account"]), [account.name for account in accounts])
                raise document.error(f"{where}.account", f'no account is called "{item["account"]}"', hint)
            owner = account.id
        kind = item.get("kind", "custom")
        yield ReadyAudience(
            id=audience_id,
            name=item["name"],
            description=item.get("description", ""),
            kind=kind,
            category=item.get("category", "Advertiser audiences" if kind == "advertiser" else "Custom-built"),
            path=tuple(item.get("path", ())),
            account_id=owner,
            rule=item["rule"],
            attributes=item.get("attributes", {}),
            where=where,
        )
