"""Users to be forgotten → what to ask of the house. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from houselights.apis.amazon.errors import DETAILS_MOST, Detail, Kind, Rejected
from houselights.apis.amazon.provider.records.schemas import UserAsked, UserIdAsked
from houselights.apis.amazon.provider.records.translate import NAMESPACES

Identity = tuple[str, str]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Users who share an advertiser (None: every one) and the time until which they want to be forgotten."""

    advertiser: str | None
    collected_until: datetime | None


def forgettings_of(users: Sequence[UserAsked], namespace: str) -> dict[Forgetting, list[Identity]]:
    """Return the identities to forget, as (namespace, value); external ids are in `namespace`.

    Raises Rejected naming each user id without a text.
    """
    found: dict[Forgetting, list[Identity]] = {}
    faults: list[Detail] = []
    for n, user in enumerate(users):
        ids = user.user_id if isinstance(user.user_id, list) else [user.user_id]
        places = [f"users[{n}].userId[{m}]" for m in range(len(ids))] if ids is user.user_id else [f"users[{n}].userId"]
        same = Forgetting(None if user.advertiser_id is None else str(user.advertiser_id), _instant(user.consent_time))
        found.setdefault(same, []).extend(_identities(ids, places, namespace, faults))
    if faults:
        raise Rejected(faults[:DETAILS_MOST])
    return found


def _identities(
    ids: Sequence[UserIdAsked], places: Sequence[str], namespace: str, faults: list[Detail]
) -> Iterator[Identity]:
    for one, place in zip(ids, places, strict=True):
        text = one.value if one.value is not None else one.id
        if text is None:
            faults.append(Detail(Kind.INVALID, "the user id has no value", f"{place}.value"))
        else:
            yield NAMESPACES.get(one.type, namespace), text


def _instant(milliseconds: int | None) -> datetime | None:
    """Return an instant of epoch milliseconds; one beyond the calendar is as good as none."""
    if milliseconds is None or milliseconds >= (LATEST - EPOCH) // timedelta(milliseconds=1):
        return None
    return EPOCH + timedelta(milliseconds=milliseconds)
