"""The envelopes of Marketing Cloud: three, by the team that answers. Nothing here decides what is an error."""

from collections.abc import Mapping
from typing import Any

from houselights.apis.amazon.errors import Detail, Kind, Problem, Rejected

AUDIENCES = "application/vnd.amcaudiences.v1+json"
CONNECTIONS = "application/vnd.amcaudiencesconnections.v1+json"
INSTANCES = "application/vnd.amcinstances.v1+json"
QUOTED = "STRING_VALUE can not be converted to a Long"


class QuotedId(Rejected):
    """A quoted id where the vendor reads a 64-bit number. Its own parser answers, with a capital letter."""

    def __init__(self, field: str):
        super().__init__([Detail(Kind.INVALID, QUOTED, field)], code=QUOTED)


def said(problem: Problem) -> str:
    """Return one sentence for each fault, each behind its field."""
    faults = [f"{one.field}: {one.message}" if one.field else one.message for one in problem.details]
    return "; ".join(faults) or problem.message


def connections_family(problem: Problem) -> tuple[str, Mapping[str, Any]]:
    """Accounts, connections and terms: `{"message","requestId"}`."""
    return CONNECTIONS, {"message": said(problem), "requestId": problem.request_id}


def audiences_family(problem: Problem) -> tuple[str, Mapping[str, Any]]:
    """Metadata and records: `{"message"}`, and `{"Message"}` for a quoted id."""
    if problem.code == QUOTED:
        return AUDIENCES, {"Message": QUOTED}
    return AUDIENCES, {"message": said(problem)}


def instances_family(problem: Problem) -> tuple[str, Mapping[str, Any]]:
    """Instances: `{"code":"404","details":"…"}`; the code is a string."""
    return INSTANCES, {"code": str(problem.status), "details": said(problem)}
