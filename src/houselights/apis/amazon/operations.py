"""The room as one table: every operation, its envelope, its media types and what a caller must show at the door.

The table is the map of the room. `door.py` reads it before a request is routed; a test holds it equal to the routes.
Paths are the vendor's own, without the trailing slash that the door forgives.
"""

from houselights.apis.amazon.amc import operations as amc
from houselights.apis.amazon.errors import (
    Family,
    advertiser_family,
    audience_family,
    dsp_family,
    generic_family,
    oauth_family,
    overlap_family,
)
from houselights.apis.amazon.media import Media
from houselights.apis.amazon.operation import Entry, Operation
from houselights.apis.amazon.provider import operations as provider
from houselights.apis.amazon.reporting import operations as reporting

# The path prefixes that belong to this room; documentation of the room lives under the last.
PATHS = (
    "/auth/o2/token",
    "/ap/oa",
    "/v2/profiles",
    "/dsp",
    "/audiences",
    "/insights",
    "/dp",
    "/v2/dp",
    "/amc",
    "/amazon",
)


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
    *provider.OPERATIONS,
    *amc.OPERATIONS,
    *reporting.OPERATIONS,
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
