"""What an upload holds, as it is kept between the reply and the work: msgspec structs, packed and compressed.

Rooms make these of their requests. A struct is written as an array, so fields are only ever added at the end.
"""

from typing import Literal

import msgspec
import pyarrow as pa

from houselights.base.errors import HouselightsError

Hashed = dict[str, str]
"""Hashes of one person: 64 lower-case hex digits by field, one of `FIELDS`. The hash of nothing counts as absent."""

FIELDS = ("email", "phone", "first_name", "last_name", "address", "city", "state", "postal")

CODEC = "zstd"
LEVEL = 1  # hex digits carry half a byte each: one pass of entropy coding finds that, more passes find no more


class MemberRecord(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One change of one list.

    Whom it means: the people that `hashed` match; when they match nobody, or there are none, those known under the
    `external_id` (a client's own id, in the upload's namespace) or the `token`, a (namespace, value). A DELETE means
    all of these together. `country` is ISO 3166-1 alpha-2; without one the list's own counts. A record with a `fault`
    found at the door is counted, told as invalid for that reason, and means nobody.
    """

    audience_id: int
    action: Literal["CREATE", "DELETE"]
    external_id: str | None = None
    hashed: tuple[Hashed, ...] = ()
    token: tuple[str, str] | None = None
    country: str | None = None
    consent_denied: bool = False
    fault: str | None = None


class Target(msgspec.Struct, array_like=True, frozen=True):
    """A party the upload is meant for. With an `account_id` it fails when that account is gone or not granted to the
    client any more by the time the upload is worked on; with a `refusal` it fails for that reason.
    """

    name: str
    account_id: int | None = None
    refusal: str | None = None


class MemberUpload(msgspec.Struct, array_like=True, frozen=True, tag="members"):
    """People for lists. `namespace` is that of the external ids: `external:` and the client's id.

    `origin` admits only lists made with that origin (`Rosters.create`), `countries` only records of those countries
    and of none; empty admits all.
    """

    records: tuple[MemberRecord, ...]
    namespace: str
    origin: str | None = None
    countries: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()


class IdentityRecord(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A client's own id for the people that `hashed` match."""

    external_id: str
    hashed: tuple[Hashed, ...]


class IdentityUpload(msgspec.Struct, array_like=True, frozen=True, tag="identities"):
    """External ids to be remembered of whoever matches, so that later uploads may name them."""

    records: tuple[IdentityRecord, ...]
    namespace: str


Payload = MemberUpload | IdentityUpload

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Payload] = msgspec.msgpack.Decoder(Payload)


class Unreadable(HouselightsError):
    """A kept payload cannot be read: the file is damaged, or another version wrote it."""


def pack(payload: Payload) -> bytes:
    """Return a payload as it is kept: its length before compression in four bytes, then the compressed bytes."""
    plain = _encoder.encode(payload)
    packed: bytes = pa.Codec(CODEC, compression_level=LEVEL).compress(plain, asbytes=True)
    return len(plain).to_bytes(4, "big") + packed


def unpack(kept: bytes) -> Payload:
    """Return the payload that was kept as these bytes. Raises Unreadable."""
    try:
        plain = pa.Codec(CODEC).decompress(kept[4:], int.from_bytes(kept[:4], "big"))
        payload: Payload = _decoder.decode(plain)
    except (msgspec.MsgspecError, pa.ArrowException, OSError, ValueError) as error:
        raise Unreadable("the payload of an upload cannot be read") from error
    return payload
