"""Lists of ids of an audience that was built: counted once, told to whoever may hear of them, fetched by a link.

A file is not kept: it is written from the members as they are when it is fetched, so nobody who was erased, or opted
out, since the audience was built is in it. A link is a secret of the client it was made for: it names the client, the
audience and the output, is signed, ends, and opens nothing once the client has lost the right. It needs nothing else.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from houselights.base.errors import InvalidInput, NotFound
from houselights.base.file_settings import FileSettings
from houselights.base.paging import PageTokens
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.model.build import Build, BuildState
from houselights.model.rights import OUTPUTS, Rights
from houselights.rules.consent import OPTED_OUT
from houselights.rules.tree import And, Listed, Not
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.outputs.ids import PeopleIds
from houselights.services.rights import ClientRights
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake

Array = np.ndarray[Any, Any]

MADE = "outputs"  # in the outcome of a build: output → how many ids, None when the company has none of the kind
EXPORTS = "profiles:read"  # the scope without which no file is had
PURPOSE = "ids of a built audience"  # what a link's signature is good for


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One list of ids. `ids` is how many there were when the audience was built, None where the company has none of the
    kind at all; `link` opens the file until `ends_at`, None for who may not have it.
    """

    name: str
    ids: int | None
    link: str | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Download:
    """A file that somebody may have: its name, and its bytes as they are read."""

    name: str
    content: Iterator[bytes]


class Outputs:
    """Outputs of one house. `links` end by the machine's clock."""

    def __init__(
        self, control: Control, lake: Lake, snapshots: Snapshots, audiences: Audiences, rights: ClientRights,
        links: PageTokens, audit: Audit, settings: FileSettings,
    ):  # fmt: skip
        self._control = control
        self._snapshots = snapshots
        self._audiences = audiences
        self._rights = rights
        self._links = links
        self._audit = audit
        self._settings = settings
        self._ids = PeopleIds(lake, settings.raw_email)

    def counts(
        self, caller: Caller, snapshot: Snapshot, people: Array, outputs: Collection[str]
    ) -> dict[str, int | None]:
        """Return how many ids of each kind some people have, for the outcome of a build under MADE."""
        chosen = [each for each in OUTPUTS if each in outputs]
        held = self._ids.held(snapshot)
        found = PeopleSet.from_ids(people, snapshot.index.everyone.capacity)
        reachable = snapshot.evaluate(Not(OPTED_OUT), self._audiences.resolve(caller.workspace))
        counted = self._ids.counts(snapshot, found & reachable, [each for each in chosen if each in held])
        return {each: counted.get(each) for each in chosen}

    def of(self, caller: Caller, build: Build) -> Sequence[Output]:
        """Return the outputs of a build that the caller may hear of, with links for those whose files it may have."""
        rights = self._rights.of(caller)
        made: Mapping[str, int | None] = build.outcome.get(MADE, {}) if build.state is BuildState.SUCCEEDED else {}
        seen = [name for name in OUTPUTS if name in made and rights.may_view(name)]
        return [self._told(caller, build, name, made[name], rights) for name in seen]

    def open(self, link: str) -> Download:
        """Return the file that a link opens. Raises InvalidInput for a link that is forged or has ended, NotFound when
        the audience is gone, or the client has lost the right.
        """
        try:
            content = self._links.read(link, fingerprint=PURPOSE, field="link")
        except InvalidInput as error:
            raise InvalidInput(f"{error.message}; read the audience again for another", field=None) from error
        build = self._control.builds.get(content["w"], content["b"])
        caller, name = self._caller(content["w"], content["c"]), content["o"]
        made = build.outcome.get(MADE, {}) if build.state is BuildState.SUCCEEDED else {}
        if made.get(name) is None or not _may_have(caller, name, self._rights.of(caller)):
            raise NotFound("this link opens nothing any more")
        snapshot = self._snapshots.newest(build.workspace_id)
        resolve = self._audiences.resolve(caller.workspace)
        people = snapshot.evaluate(And((Listed(build.audience_id), Not(OPTED_OUT))), resolve)
        ids = self._ids.read(snapshot, people, name)
        first = list(_bytes_of(next(ids, None)))  # what cannot be read at all is refused before the reply begins
        self._audit.record(caller, "output.download", str(build.number), output=name, people=len(people))
        rest = (part for more in ids for part in _bytes_of(more))
        return Download(f"audience-{build.number}-{name}.txt", chain(first, rest))

    def _told(self, caller: Caller, build: Build, name: str, ids: int | None, rights: Rights) -> Output:
        if ids is None or not _may_have(caller, name, rights):
            return Output(name=name, ids=ids, link=None, ends_at=None)
        client_id = None if caller.client is None else caller.client.id
        payload = {"w": build.workspace_id, "c": client_id, "b": build.number, "o": name}
        seconds = self._settings.link_seconds
        link = self._links.issue(payload, seconds, fingerprint=PURPOSE)
        return Output(name=name, ids=ids, link=link, ends_at=self._links.clock.now() + timedelta(seconds=seconds))

    def _caller(self, workspace_id: int, client_id: int | None) -> Caller:
        """Return who a link was made for. Raises NotFound when that client was turned away."""
        workspace = self._control.workspaces.get(workspace_id)
        if client_id is None:
            return Caller.local(workspace)
        client = self._control.clients.get(client_id)
        if client.disabled:
            raise NotFound("this link opens nothing any more")
        return Caller(client=client, workspace=workspace, scopes=client.scopes)


def _may_have(caller: Caller, name: str, rights: Rights) -> bool:
    return EXPORTS in caller.scopes and rights.may_download(name)


def _bytes_of(ids: pa.Array | None) -> Iterator[bytes]:
    """Yield ids, one a line, a few thousand at a time."""
    for start in range(0, 0 if ids is None else len(ids), 8192):
        assert ids is not None
        yield ("\n".join(ids[start : start + 8192].to_pylist()) + "\n").encode()
