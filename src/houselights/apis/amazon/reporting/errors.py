"""The envelopes of reporting: `{"code","details"}` in the media type of the resource, and `requestId` for audiences."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from houselights.apis.amazon.errors import Detail, Family, Kind, Problem, Rejected
from houselights.apis.amazon.media import VENDOR
from houselights.base.errors import Conflict, HouselightsError

SOURCES = f"{VENDOR}amcdatasources.v1+json"
WORKFLOWS = f"{VENDOR}amcworkflows.v1+json"
EXECUTIONS = f"{VENDOR}amcworkflowexecutions.v1+json"
QUERY_AUDIENCES = f"{VENDOR}amcquerybasedaudience.v1+json"
QUERY_AUDIENCES_11 = f"{VENDOR}amcquerybasedaudience.v1.1+json"
QUERY_AUDIENCES_12 = f"{VENDOR}amcquerybasedaudience.v1.2+json"

Body = tuple[str, Mapping[str, Any]]


def _reporting(media_type: str) -> Callable[[Problem], Body]:
    def family(problem: Problem) -> Body:
        return media_type, {"code": str(problem.status), "details": said(problem)}

    return family


sources_family: Family = _reporting(SOURCES)
workflows_family: Family = _reporting(WORKFLOWS)
executions_family: Family = _reporting(EXECUTIONS)


def query_audiences_family(problem: Problem) -> Body:
    """Rule-based audiences: the same, and the id of the request."""
    body = {"code": str(problem.status), "details": said(problem), "requestId": problem.request_id}
    return QUERY_AUDIENCES, body


def said(problem: Problem) -> str:
    """Return one sentence for each fault, each behind its field."""
    faults = [f"{one.field}: {one.message}" if one.field else one.message for one in problem.details]
    return "; ".join(faults) or problem.message


@contextmanager
def in_words_of(names: Mapping[str, str]) -> Iterator[None]:
    """Name fields of ours as the caller's request does, show the place in the SQL, and say 400 where ours is a 409.

    The specification has no 409: what contradicts what is stored is a bad request.
    """
    try:
        yield
    except Rejected:
        raise
    except Conflict as error:
        raise Rejected([Detail(Kind.INVALID, _whole(error), _named(error, names))]) from error
    except HouselightsError as error:
        error.field = _named(error, names)
        if error.span is not None:
            error.message, error.hint = _whole(error), None
        raise


def _whole(error: HouselightsError) -> str:
    return str(error)


def _named(error: HouselightsError, names: Mapping[str, str]) -> str | None:
    field = error.field or ""
    first, dot, rest = field.partition(".")
    return f"{names.get(first, first)}{dot}{rest}" or None
