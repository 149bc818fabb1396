"""Content negotiation. Vendor media types name versions, so the only thing refused is a version we do not know.

Real traffic mixes `application/json`, `*/*`, no header at all, the reply's vendor type and even the *request's* vendor
type as Accept. All are taken. `application/vnd.…` that belongs to another operation or version is a 415, for Accept as
for Content-Type, as the published specification lists no 406.
"""

from dataclasses import dataclass

from houselights.apis.amazon.errors import UnknownMediaType
from houselights.apis.amazon.wire import JSON

VENDOR = "application/vnd."


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """The vendor types of one operation; an operation without any speaks plain JSON.

    `accepted` are further published types that callers may name; they are answered with `reply`.
    """

    request: str | None = None
    reply: str | None = None
    accepted: tuple[str, ...] = ()

    @property
    def known(self) -> frozenset[str]:
        """Vendor types that may stand in either header."""
        return frozenset(kind for kind in (self.request, self.reply, *self.accepted) if kind is not None)


# An operation that speaks plain JSON only.
PLAIN = Media()


def _types(header: str) -> list[str]:
    """Split a header into lower-case media types without parameters: `a/b;q=0.5, c/d` → [a/b, c/d]."""
    return [part.partition(";")[0].strip().lower() for part in header.split(",") if part.strip()]


def negotiate(media: Media, *, accept: str | None, content_type: str | None) -> str:
    """Return the media type of the reply.

    The vendor type answers when Accept names it (or the request's), takes anything without naming plain JSON, or is
    absent; otherwise plain JSON, as for the `application/json, text/plain, */*` that browsers' libraries send.
    Raises UnknownMediaType for a vendor type this operation does not know, unless Accept offers something else as well.
    """
    for kind in _types(content_type or ""):
        if kind.startswith(VENDOR) and kind not in media.known:
            raise UnknownMediaType("Content-Type", kind, sorted(media.known) or [JSON])
    offered = _types(accept or "*/*")
    unknown = [kind for kind in offered if kind.startswith(VENDOR) and kind not in media.known]
    if unknown and len(unknown) == len(offered):
        raise UnknownMediaType("Accept", unknown[0], sorted(media.known) or [JSON])
    if media.reply is None:
        return JSON
    named = any(kind in media.known for kind in offered)
    anything = any(kind in {"*/*", "application/*"} for kind in offered)
    return media.reply if named or (anything and JSON not in offered) else JSON
