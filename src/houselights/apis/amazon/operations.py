"""The room as one table: every operation, its envelope, its media types and what a caller must show at the door.

The table is the map of the room. `door.py` reads it before a request is routed; a test holds it equal to the routes.
Paths are the vendor's own, without the trailing slash that the door forgives.
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum

from houselights.apis.amazon.errors import (
    Family,
    advertiser_family,
    audience_family,
    dsp_family,
    generic_family,
    oauth_family,
    overlap_family,
)
from houselights.apis.amazon.media import PLAIN, Media

# The path prefixes that belong to this room; documentation of the room lives under the last.
PATHS = ("/auth/o2/token", "/ap/oa", "/v2/profiles", "/dsp", "/audiences", "/insights", "/amazon")


class Entry(IntEnum):
    """What a caller must show, each including the ones before it."""

    NOTHING = 0  # credentials are in the body
    CLIENT = 1  # an access token and the ClientId header of the client it was issued to
    PROFILE = 2  # a Scope header naming a profile the client is granted
    ADVERTISER = 3  # advertiserId of an advertiser below that profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path. `invalid_status` is the status of a malformed parameter, 400 nearly everywhere."""

    method: str
    path: str
    family: Family
    entry: Entry
    media: Media = PLAIN
    invalid_status: int = 400
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.path))
        object.__setattr__(self, "pattern", re.compile(pattern))


def _insight(name: str, request: str, reply: str) -> Operation:
    """Describe one of the five insights, which differ only in their names."""
    media = Media(request=f"application/vnd.{request}.v1+json", reply=f"application/vnd.{reply}.v1+json")
    return Operation(method="POST", path=f"/insights/{name}", family=dsp_family, entry=Entry.ADVERTISER, media=media)


OPERATIONS: tuple[Operation, ...] = (
    Operation(method="POST", path="/auth/o2/token", family=oauth_family, entry=Entry.NOTHING),
    Operation(method="GET", path="/ap/oa", family=oauth_family, entry=Entry.NOTHING),
    Operation(method="GET", path="/v2/profiles", family=generic_family, entry=Entry.CLIENT),
    Operation(method="GET", path="/v2/profiles/{profileId}", family=generic_family, entry=Entry.CLIENT),
    Operation(method="GET", path="/dsp/advertisers", family=advertiser_family, entry=Entry.PROFILE, invalid_status=422),
    Operation(
        method="GET",
        path="/dsp/advertisers/{advertiserId}",
        family=advertiser_family,
        entry=Entry.PROFILE,
        invalid_status=422,
    ),
    Operation(method="POST", path="/audiences/list", family=audience_family, entry=Entry.PROFILE),
    Operation(method="POST", path="/audiences/taxonomy/list", family=audience_family, entry=Entry.PROFILE),
    Operation(
        method="GET",
        path="/insights/audiences/{audienceId}/overlappingAudiences",
        family=overlap_family,
        entry=Entry.PROFILE,
        media=Media(reply="application/vnd.insightsaudiencesoverlap.v2+json"),
    ),
    _insight("bandedSize", "bandedsizeinputexpression", "bandedsizeinsights"),
    _insight("demographics", "demographicinputexpressions", "demographicinsights"),
    _insight("topCategoriesPurchased", "topcategoriespurchasedinputexpression", "topcategoriespurchasedinsights"),
    _insight("topOverlappingAudiences", "topoverlappingaudiencesinputexpression", "topoverlappingaudiencesinsights"),
    _insight("primeVideo", "primevideoinputexpressions", "primevideoinsights"),
    Operation(
        method="POST",
        path="/dsp/audiences/combinedAudiences",
        family=dsp_family,
        entry=Entry.ADVERTISER,
        media=Media(
            request="application/vnd.createcombinedaudiencerequestbody.v1+json",
            reply="application/vnd.createcombinedaudienceresponse.v1+json",
        ),
    ),
    Operation(
        method="GET",
        path="/dsp/audiences/combinedAudiences/{audienceId}",
        family=dsp_family,
        entry=Entry.ADVERTISER,
        media=Media(reply="application/vnd.getcombinedaudiencedetailsresponse.v1+json"),
    ),
)


def operation_at(method: str, path: str) -> Operation | None:
    """Return the operation that a request means, None when the path or its method is not in the table."""
    for operation in OPERATIONS:
        if operation.method == method and operation.pattern.fullmatch(path):
            return operation
    return None


def family_at(path: str) -> Family:
    """Return the envelope of whichever operation has this path; the generic one for a path that is nobody's."""
    return next((op.family for op in OPERATIONS if op.pattern.fullmatch(path)), generic_family)
