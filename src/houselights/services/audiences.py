"""Audiences: made from a rule, versioned, owned, and followed through the rules that name one another.

Refuses rules that do not hold water, circles, changes to reference audiences (they follow the catalogue), and
archiving what others still stand on.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Connection

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, InvalidInput, InvalidRule, NotFound
from houselights.base.ids import random_id
from houselights.engine.snapshot import Snapshots
from houselights.model.audience import (
    Audience,
    AudienceFilter,
    AudienceKind,
    AudienceStatus,
    AudienceVersion,
    Evaluation,
)
from houselights.model.catalogue import Catalogue
from houselights.model.workspace import Workspace
from houselights.rules.check import Limits, audiences_in, check
from houselights.rules.json_form import to_json
from houselights.rules.tree import Rule
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.resolver import Resolver
from houselights.storage.control.control import Control

NAME_CHARACTERS = 255
NAMES_IN_A_MESSAGE = 5


class Audiences:
    """The use-cases of audiences. Every method sees only what the caller may see; the rest is NotFound."""

    def __init__(
        self, control: Control, snapshots: Snapshots, clock: Clock, audit: Audit, limits: Limits | None = None
    ):
        self._control = control
        self._snapshots = snapshots
        self._clock = clock
        self._audit = audit
        self._limits = limits or Limits()

    def get(self, caller: Caller, audience_id: int) -> Audience:
        """Return one audience, archived ones included. Raises NotFound."""
        caller.require("audiences:read")
        audience = self._control.audiences.get(caller.workspace.id, audience_id)
        if not caller.may_see(audience):
            raise NotFound(f"no audience {audience_id}")
        return audience

    def find(self, caller: Caller, audience_ids: Sequence[int]) -> dict[int, Audience]:
        """Return those of `audience_ids` that exist for the caller, by id; the others are simply not there."""
        found = self._control.audiences.find(caller.workspace.id, list(audience_ids))
        return {audience_id: audience for audience_id, audience in found.items() if caller.may_see(audience)}

    def named(self, caller: Caller, name: str) -> Audience:
        """Return the one active audience with this name, case ignored. Raises NotFound, or Conflict when several do."""
        where = AudienceFilter(name_words=(name,), statuses=frozenset({AudienceStatus.ACTIVE}))
        near, _ = self.list(caller, where, 0, 1000)
        exact = [audience for audience in near if audience.name.casefold() == name.casefold()]
        if not exact:
            hint = f'near it: "{near[0].name}"' if near else None
            raise NotFound(f'no audience is called "{name}"', hint=hint)
        if len(exact) > 1:
            ids = ", ".join(str(audience.id) for audience in exact[:NAMES_IN_A_MESSAGE])
            raise Conflict(f'{len(exact)} audiences are called "{name}"', hint=f"name one by its id: {ids}")
        return exact[0]

    def list(
        self, caller: Caller, where: AudienceFilter, offset: int = 0, limit: int = 100, *, newest_first: bool = False
    ) -> tuple[list[Audience], int]:
        """Return one stretch of the audiences the caller may see, oldest first, and how many match in all."""
        caller.require("audiences:read")
        seen = visible_to(caller, where)
        return self._control.audiences.list(caller.workspace.id, seen, offset, limit, newest_first=newest_first)

    def create(
        self,
        caller: Caller,
        *,
        name: str,
        description: str,
        rule: Rule,
        kind: AudienceKind = AudienceKind.CUSTOM,
        category: str = "Custom-built",
        path: Sequence[str] = (),
        account_id: int | None = None,
        attributes: Mapping[str, Any] | None = None,
        evaluation: Evaluation = Evaluation.BATCH,
        exclude_opted_out: bool = False,
        idempotency_key: str | None = None,
        audience_id: int | None = None,
    ) -> Audience:
        """Make an audience and return it. `audience_id` is a fresh one (`base.ids`) that the rule names already.

        With an `idempotency_key`, the same request again (same account, same key) returns the audience made the first
        time; another request under that key raises Conflict. Two such requests at the same instant make one audience.
        Raises InvalidRule, InvalidInput for the name, NotAllowed for a foreign account, Conflict.
        """
        caller.require("audiences:write")
        if account_id is not None and caller.account_id != account_id and not self._is_operator(caller):
            raise InvalidInput("an audience belongs to the account it is made for, or to none", field="account_id")
        now = self._clock.now()
        audience = Audience(
            id=random_id() if audience_id is None else audience_id,
            workspace_id=caller.workspace.id,
            kind=kind,
            name=checked_name(name),
            description=description,
            rule=to_json(rule),
            category=category,
            path=tuple(path),
            account_id=account_id,
            created_at=now,
            updated_at=now,
            attributes=dict(attributes or {}),
            evaluation=evaluation,
            exclude_opted_out=exclude_opted_out,
        )
        request = request_hash(audience)
        if idempotency_key is not None and (again := self._recall(audience, idempotency_key, request)) is not None:
            return again
        try:
            with self._changing(caller) as conn:
                self.check(caller, rule)
                self._control.audiences.create(audience, audiences_in(rule), conn=conn)
                if idempotency_key is not None:
                    self._control.audiences.remember(
                        audience.workspace_id, account_id or 0, idempotency_key, request, audience.id, conn=conn
                    )
        except Conflict:
            # Somebody used the key between our look and our write; theirs is the audience, ours was rolled back.
            again = None if idempotency_key is None else self._recall(audience, idempotency_key, request)
            if again is None:
                raise
            return again
        self._audit.record(caller, "audience.create", str(audience.id), name=audience.name)
        return audience

    def update(
        self,
        caller: Caller,
        audience_id: int,
        *,
        expected_version: int | None = None,
        name: str | None = None,
        description: str | None = None,
        rule: Rule | None = None,
        category: str | None = None,
        path: Sequence[str] | None = None,
        attributes: Mapping[str, Any] | None = None,
        evaluation: Evaluation | None = None,
        exclude_opted_out: bool | None = None,
    ) -> Audience:
        """Change what is given, keep the rest, and return the new version.

        What depends on the audience follows at once: rules are put together when a question is asked.
        Raises NotFound, Conflict (another version by now, archived, or a reference audience), InvalidRule.
        """
        caller.require("audiences:write")
        old = self._changeable(caller, audience_id)
        if expected_version is not None and old.version != expected_version:
            raise Conflict(f"audience {audience_id} is at version {old.version}, not {expected_version}")
        if old.status is AudienceStatus.ARCHIVED:
            raise Conflict(f"audience {audience_id} is archived")
        new = replace(
            old,
            name=old.name if name is None else checked_name(name),
            description=old.description if description is None else description,
            rule=old.rule if rule is None else to_json(rule),
            category=old.category if category is None else category,
            path=old.path if path is None else tuple(path),
            attributes=old.attributes if attributes is None else dict(attributes),
            evaluation=old.evaluation if evaluation is None else evaluation,
            exclude_opted_out=old.exclude_opted_out if exclude_opted_out is None else exclude_opted_out,
            updated_at=self._clock.now(),
        )
        return self._write(caller, old, new, rule)

    def archive(self, caller: Caller, audience_id: int) -> Audience:
        """Take an audience out of use; it can still be read. Archiving twice changes nothing.

        Raises NotFound, and Conflict for a reference audience or while active audiences stand on it, naming them.
        """
        caller.require("audiences:write")
        old = self._changeable(caller, audience_id)
        if old.status is AudienceStatus.ARCHIVED:
            return old
        new = replace(old, status=AudienceStatus.ARCHIVED, updated_at=self._clock.now())
        return self._write(caller, old, new, None)

    def versions(self, caller: Caller, audience_id: int) -> Sequence[AudienceVersion]:
        """Return every form the audience has had, oldest first. Raises NotFound."""
        self.get(caller, audience_id)
        return self._control.audiences.versions(caller.workspace.id, audience_id)

    def dependents(self, caller: Caller, audience_id: int) -> Sequence[Audience]:
        """Return the audiences the caller may see whose rules name this one. Raises NotFound."""
        audience = self.get(caller, audience_id)
        return [one for one in self._related(caller, audience, "dependents") if caller.may_see(one)]

    def dependencies(self, caller: Caller, audience_id: int) -> Sequence[Audience]:
        """Return the audiences the caller may see that this one's rule names. Raises NotFound."""
        audience = self.get(caller, audience_id)
        return [one for one in self._related(caller, audience, "dependencies") if caller.may_see(one)]

    def check(
        self,
        caller: Caller,
        rule: Rule,
        *,
        universe: Rule | None = None,
        catalogue: Catalogue | None = None,
        self_id: int | None = None,
    ) -> Resolver:
        """Return a resolver for a rule, and a universe, that the caller may ask about.

        One resolver for both, so that an audience named in both means the same in both. `catalogue` is that of the
        current generation unless given. Raises InvalidRule whose `field` begins with "rule" or "universe", and
        NotFound before the first import.
        """
        if catalogue is None:
            catalogue = self._snapshots.current(caller.workspace.id).catalogue
        named = audiences_in(rule) | (frozenset() if universe is None else audiences_in(universe))
        now = self._clock.now()
        resolver = Resolver(self._control, caller.workspace, catalogue, caller=caller, named=named, now=now)
        check(rule, catalogue, resolver, self._limits, self_id=self_id)
        if universe is not None:
            try:
                check(universe, catalogue, resolver, self._limits)
            except InvalidRule as error:
                error.field = "universe" + (error.field or "").removeprefix("rule")
                raise
        return resolver

    def resolve(self, workspace: Workspace) -> Callable[[int], Rule]:
        """Return `audience id → rule` for the whole workspace, whoever owns what. Raises NotFound per unknown id."""
        return Resolver(self._control, workspace, self._snapshots.current(workspace.id).catalogue)

    def _write(self, caller: Caller, old: Audience, new: Audience, rule: Rule | None) -> Audience:
        """Check and store a new version of an audience."""
        with self._changing(caller) as conn:
            if new.status is AudienceStatus.ARCHIVED:
                self._must_not_carry(caller, old)
            if rule is None:
                depends_on = self._control.audiences.dependencies(old.workspace_id, old.id, conn=conn)
            else:
                self.check(caller, rule, self_id=old.id)
                depends_on = set(audiences_in(rule))
            stored = self._control.audiences.update(new, depends_on, conn=conn)
        action = "audience.archive" if new.status is AudienceStatus.ARCHIVED else "audience.update"
        self._audit.record(caller, action, str(new.id), version=stored.version)
        return stored

    @contextmanager
    def _changing(self, caller: Caller) -> Iterator[Connection]:
        """Begin a transaction that no other change of an audience of the workspace can slip into.

        Two changes that are each right alone can be wrong together: A takes B in while B takes A in.
        """
        with self._control.transaction() as conn:
            self._control.workspaces.lock(caller.workspace.id, conn=conn)
            yield conn

    def _must_not_carry(self, caller: Caller, audience: Audience) -> None:
        """Raise Conflict while active audiences stand on this one, naming those the caller may see."""
        above = self._related(caller, audience, "dependents")
        standing = [one for one in above if one.status is AudienceStatus.ACTIVE]
        if not standing:
            return
        seen = [f'"{one.name}" ({one.id})' for one in standing if caller.may_see(one)][:NAMES_IN_A_MESSAGE]
        more = len(standing) - len(seen)
        names = " and ".join([*seen, *([f"{more} more"] if more else [])])
        raise Conflict(f'"{audience.name}" is used by {names}', hint="archive or change those first")

    def _changeable(self, caller: Caller, audience_id: int) -> Audience:
        audience = self.get(caller, audience_id)
        if audience.kind is AudienceKind.REFERENCE:
            raise Conflict(f'"{audience.name}" is a reference audience and follows the catalogue')
        return audience

    def _related(self, caller: Caller, audience: Audience, direction: str) -> Sequence[Audience]:
        repository = self._control.audiences
        ask = repository.dependents if direction == "dependents" else repository.dependencies
        found = repository.find(caller.workspace.id, sorted(ask(caller.workspace.id, audience.id)))
        return sorted(found.values(), key=lambda one: (one.created_at, one.id))

    def _recall(self, wanted: Audience, key: str, request: str) -> Audience | None:
        """Return the audience made earlier under this key, None when there is none. Raises Conflict on another ask."""
        earlier = self._control.audiences.recall(wanted.workspace_id, wanted.account_id or 0, key)
        if earlier is None:
            return None
        earlier_request, audience_id = earlier
        if earlier_request != request:
            raise Conflict("this idempotency key was used for a different request", field="idempotency_key")
        return self._control.audiences.get(wanted.workspace_id, audience_id)

    @staticmethod
    def _is_operator(caller: Caller) -> bool:
        return caller.account is None and "operator" in caller.scopes


def visible_to(caller: Caller, where: AudienceFilter) -> AudienceFilter:
    """Narrow a filter to what the caller may see: the same rule as `Caller.may_see`, as part of the select."""
    if caller.account is None and "operator" in caller.scopes:
        return where
    mine = frozenset({None, caller.account_id})
    return replace(where, owners=mine if where.owners is None else where.owners & mine)


def checked_name(name: str) -> str:
    """Return the name without surrounding space. Raises InvalidInput when nothing, or too much, is left."""
    name = name.strip()
    if not name:
        raise InvalidInput("an audience needs a name", field="name")
    if len(name) > NAME_CHARACTERS:
        raise InvalidInput(f"a name has at most {NAME_CHARACTERS} characters", field="name")
    return name


def request_hash(audience: Audience) -> str:
    """Return a digest of all that the caller chose, the same for the same request."""
    chosen = {
        "name": audience.name,
        "description": audience.description,
        "rule": audience.rule,
        "kind": audience.kind.value,
        "category": audience.category,
        "path": list(audience.path),
        "account_id": audience.account_id,
        "attributes": audience.attributes,
        "evaluation": audience.evaluation.value,
        "exclude_opted_out": audience.exclude_opted_out,
    }
    return hashlib.sha256(json.dumps(chosen, sort_keys=True, default=str).encode()).hexdigest()
