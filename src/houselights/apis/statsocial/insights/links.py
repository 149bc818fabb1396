"""Public links of insights: 40 hexadecimal digits that are the credential, one link of an audience at a time.

Twelve bytes are drawn; eight more say which audience of which workspace it is, hidden by a code over the twelve with a
secret of this deployment. So a link is found by one look, no table of links is needed, and a made-up one names nothing.
A link shows what readers without exact counts may know, whoever made it. It ends with its day, in UTC.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from houselights.apis.statsocial.insights.baselines import GLOBAL
from houselights.apis.statsocial.origin import INSIGHT
from houselights.base.errors import Conflict, InvalidInput, NotFound
from houselights.model.build import Build, BuildState
from houselights.services.caller import Caller
from houselights.services.house import House

KIND = f"{INSIGHT}:link"
SECRET = "insight_links"
DRAWN_BYTES, NAME_BYTES = 12, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link: the hash in it, the baseline it shows, and the last day on which it does, None for all days."""

    hash: str
    baseline: str
    expire_at: date | None


class Links:
    """The links of one house."""

    def __init__(self, house: House):
        self._house = house

    def get(self, caller: Caller, build: Build) -> Link:
        """Return the link of an audience, made if there is none. Raises NotFound without insights, Conflict."""
        try:
            kept = self._house.control.documents.get(build.workspace_id, KIND, str(build.number))
        except NotFound:
            return self.put(caller, build, GLOBAL, None)
        self._ready(caller, build)
        return _link(kept.body)

    def put(self, caller: Caller, build: Build, baseline: str, expire_at: date | None) -> Link:
        """Make a link in place of the one there is. Raises InvalidInput for a day that is over, NotFound, Conflict."""
        now = self._house.clock.now()
        if expire_at is not None and _end(expire_at) <= now:
            raise InvalidInput(f"{expire_at} is over", field="expire_at")
        portrait = self._ready(caller, build)
        if baseline in portrait.outcome["unavailable"]:
            raise InvalidInput(portrait.outcome["unavailable"][baseline], field="baseline")
        drawn = secrets.token_bytes(DRAWN_BYTES)
        name = build.workspace_id.to_bytes(4, "big") + build.number.to_bytes(4, "big")
        made = Link(hash=(drawn + self._masked(drawn, name)).hex(), baseline=baseline, expire_at=expire_at)
        body = {"hash": made.hash, "baseline": baseline, "expire_at": expire_at and expire_at.isoformat()}
        self._house.control.documents.put(build.workspace_id, KIND, str(build.number), body, now)
        self._house.audit.record(caller, "insight.share", str(build.number), baseline=baseline, until=body["expire_at"])
        return made

    def open(self, text: str) -> tuple[Build, Link]:
        """Return the insights that a link shows. Raises NotFound, the same for whatever is wrong with it."""
        missing = NotFound("there are no insights under this link, or it has expired")
        try:
            given = bytes.fromhex(text)
        except ValueError:
            raise missing from None
        if len(given) != DRAWN_BYTES + NAME_BYTES:
            raise missing
        name = self._masked(given[:DRAWN_BYTES], given[DRAWN_BYTES:])
        workspace_id, number = int.from_bytes(name[:4], "big"), int.from_bytes(name[4:], "big")
        try:
            link = _link(self._house.control.documents.get(workspace_id, KIND, str(number)).body)
            audience = self._house.control.builds.get(workspace_id, number)
            portrait = self._house.portraits.find(workspace_id, number, INSIGHT)
        except NotFound:
            raise missing from None
        over = link.expire_at is not None and _end(link.expire_at) <= self._house.clock.now()
        if over or not hmac.compare_digest(link.hash, given.hex()) or audience.state is not BuildState.SUCCEEDED:
            raise missing
        return portrait, link

    def _ready(self, caller: Caller, build: Build) -> Build:
        portrait = self._house.portraits.latest(caller, build, INSIGHT)
        if portrait.state is not BuildState.SUCCEEDED:
            raise Conflict("the insights of this audience are not ready")
        return portrait

    def _masked(self, drawn: bytes, name: bytes) -> bytes:
        """Hide a name, or bring it back."""
        key = self._house.control.secrets.get(SECRET)
        mask = hmac.new(key, drawn, hashlib.sha256).digest()[:NAME_BYTES]
        return bytes(one ^ other for one, other in zip(name, mask, strict=True))


def _end(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def _link(body: Mapping[str, Any]) -> Link:
    day = body["expire_at"]
    return Link(
        hash=body["hash"], baseline=body["baseline"], expire_at=None if day is None else date.fromisoformat(day)
    )
