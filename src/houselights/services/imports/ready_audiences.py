"""What the population file says besides people: reference audiences from the catalogue, ready-made audiences, accounts.

A ready-made audience that was changed in the file gets its next version; one that is gone from it is archived.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from houselights.base.errors import Conflict, InvalidInput, InvalidRule, NotFound
from houselights.model.audience import Audience, AudienceKind, AudienceStatus
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.model.workspace import Account
from houselights.rules.check import Limits, audiences_in, check
from houselights.rules.json_form import from_json, to_json
from houselights.rules.tree import HasTrait, Rule
from houselights.services.imports.population import DeclaredAccount, FacetDeclaration, Population, ReadyAudience
from houselights.storage.control.control import Control

LIMITS = Limits(nodes=50_000, audiences=6_000)


def reference_audiences(
    catalogue: Catalogue, declared: Mapping[str, FacetDeclaration], workspace_id: int, at: datetime
) -> Iterator[Audience]:
    """Yield an audience for every trait that is in discovery."""
    for facet in catalogue.facets.values():
        if facet.discovery is None:
            continue
        above = _above(facet, declared.get(facet.key))
        for trait in catalogue.of(facet.key):
            if trait.audience_id is not None:
                yield _reference(trait, trait.audience_id, facet, facet.discovery, above, workspace_id, at)


def _above(facet: Facet, declared: FacetDeclaration | None) -> tuple[str, ...]:
    """Return the nodes between the category and a facet's own tree: its name, unless that is the category again."""
    if declared is not None and declared.discovery_path is not None:
        return declared.discovery_path
    return () if facet.name.casefold() == (facet.discovery or "").casefold() else (facet.name,)


def _reference(
    trait: Trait, audience_id: int, facet: Facet, category: str, above: tuple[str, ...], workspace_id: int, at: datetime
) -> Audience:
    return Audience(
        id=audience_id,
        workspace_id=workspace_id,
        kind=AudienceKind.REFERENCE,
        name=_name(trait, facet),
        description=trait.description or f"{facet.name}: {' > '.join(trait.path)}",
        rule=to_json(HasTrait(facet.key, (trait.key,))),
        category=category,
        path=(*above, *trait.path[:-1]),
        created_at=at,
        updated_at=at,
    )


def _name(trait: Trait, facet: Facet) -> str:
    """Name an audience so that it can be told apart in a list of all: "0-2" alone says nothing."""
    return trait.name if trait.low is None and trait.high is None else f"{facet.name} {trait.name}"


def put_accounts(control: Control, conn: Connection, workspace_id: int, accounts: Iterable[DeclaredAccount]) -> None:
    """Store the accounts, those above before those below. Raises InvalidInput when they turn in a circle."""
    waiting = {account.id: account for account in accounts}
    while waiting:
        ready = [account for account in waiting.values() if account.parent_id not in waiting]
        if not ready:
            names = ", ".join(account.name for account in waiting.values())
            raise InvalidInput(f"accounts are each other's parents: {names}", field="accounts")
        for account in ready:
            del waiting[account.id]
            control.accounts.put(
                Account(
                    id=account.id, workspace_id=workspace_id, kind=account.kind, name=account.name,
                    parent_id=account.parent_id, country=account.country, currency=account.currency,
                    timezone=account.timezone, external_id=account.external_id, url=account.url,
                ),
                conn=conn,
            )  # fmt: skip


class ReadyMade:
    """The ready-made audiences of one population file, checked against its catalogue before anything is written."""

    def __init__(self, population: Population, catalogue: Catalogue, control: Control, workspace_id: int):
        self._control = control
        self._workspace_id = workspace_id
        self._catalogue = catalogue
        self._rules = {ready.id: _rule(ready) for ready in population.audiences}
        self._ready = population.audiences
        for ready in self._ready:
            try:
                check(self._rules[ready.id], catalogue, self._resolve, LIMITS, self_id=ready.id)
            except InvalidRule as error:
                raise _at(ready, error) from error

    def _resolve(self, audience_id: int) -> Rule:
        if audience_id in self._rules:
            return self._rules[audience_id]
        trait = self._catalogue.by_audience_id.get(audience_id)
        if trait is not None:
            return HasTrait(trait.facet, (trait.key,))
        stored = self._control.audiences.get(self._workspace_id, audience_id)
        if stored.kind is AudienceKind.REFERENCE:
            raise NotFound(f"audience {audience_id} is no longer among the reference audiences")
        return from_json(stored.rule)

    def put(self, conn: Connection, before: Iterable[int], at: datetime) -> list[int]:
        """Store them and archive those of `before` that are gone; return their ids. Raises Conflict for a taken id."""
        audiences = self._control.audiences
        stored = audiences.find(self._workspace_id, [*self._rules, *before], conn=conn)
        for ready in self._in_order():
            wanted = self._audience(ready, at)
            old = stored.get(ready.id)
            depends_on = audiences_in(self._rules[ready.id])
            if old is None:
                audiences.create(wanted, depends_on, conn=conn)
            elif old.kind is AudienceKind.REFERENCE or old.kind is not wanted.kind:
                raise Conflict(f'{ready.where}: the id {ready.id} belongs to the {old.kind} audience "{old.name}"')
            elif replace(wanted, version=old.version, created_at=old.created_at, updated_at=old.updated_at) != old:
                audiences.update(replace(wanted, version=old.version), depends_on, conn=conn)
        for audience_id in set(before) - set(self._rules):
            old = stored.get(audience_id)
            if old is not None and old.status is AudienceStatus.ACTIVE:
                gone = replace(old, status=AudienceStatus.ARCHIVED, updated_at=at)
                audiences.update(gone, audiences_in(from_json(old.rule)), conn=conn)
        return sorted(self._rules)

    def _in_order(self) -> list[ReadyAudience]:
        """Return the audiences, those that others refer to first; `check` has seen to it that there is no circle."""
        placed: dict[int, ReadyAudience] = {}
        by_id = {ready.id: ready for ready in self._ready}

        def place(ready: ReadyAudience) -> None:
            for other in sorted(audiences_in(self._rules[ready.id])):
                if other in by_id and other not in placed:
                    place(by_id[other])
            placed.setdefault(ready.id, ready)

        for ready in self._ready:
            place(ready)
        return list(placed.values())

    def _audience(self, ready: ReadyAudience, at: datetime) -> Audience:
        return Audience(
            id=ready.id,
            workspace_id=self._workspace_id,
            kind=AudienceKind(ready.kind),
            name=ready.name,
            description=ready.description,
            rule=to_json(self._rules[ready.id]),
            category=ready.category,
            path=ready.path,
            account_id=ready.account_id,
            created_at=at,
            updated_at=at,
            attributes=dict(ready.attributes),
        )


def _rule(ready: ReadyAudience) -> Rule:
    try:
        return from_json(ready.rule if "version" in ready.rule else {"version": 1, "rule": ready.rule})
    except InvalidInput as error:
        raise _at(ready, error) from error


def _at(ready: ReadyAudience, error: InvalidInput) -> InvalidRule:
    field = f"{ready.where}.{error.field}" if error.field else ready.where
    return InvalidRule(f'{field}: in the rule of "{ready.name}": {error.message}', field=field, hint=error.hint)
