"""Requests as widely used connectors send them: their habits are no fault of theirs."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.people import email
from tests.apis.amazon.provider.asking import (
    HASHED,
    NOTHING,
    PATCH,
    change,
    create,
    externals,
    hashed,
    over,
    patch,
    sha256,
    upload,
)
from tests.apis.amazon.provider.test_records import active


class Rudder:
    """RudderStack's transformer: many people under one id of its own making, then one patch; ids of audiences as text.

    To take people out it sends them once more, under another id, and removes that. axios sends its own Accept.
    """

    def __init__(self, speaker: Speaker, audience: int):
        self._speaker = speaker
        self._audience = str(audience)

    def deliver(self, op: str, jobs: Sequence[int]) -> Any:
        external_id = f"Rudderstack_{sha256(','.join(map(str, jobs)) + op)}"
        users = [self._user(job) for job in jobs]
        headers = {"Accept": "application/json, text/plain, */*", "Amazon-Advertising-API-Scope": None}
        body = {"records": [{"hashedRecords": users, "externalId": external_id}]}
        first = self._speaker.post(f"{HASHED}/", body, headers=headers, advertiserId=None)
        assert first.status_code == 200, first.text
        path = f"/EXTERNAL_USER_ID-{external_id}/audiences"
        body = {"patches": [{"op": op, "path": path, "value": [self._audience]}]}
        second = self._speaker.send("PATCH", PATCH, body, headers=headers, advertiserId=None)
        assert second.status_code == 200, second.text
        return over(self._speaker, second.json()["jobId"])

    @staticmethod
    def _user(job: int) -> dict[str, str]:
        """Fields that are not there are hashed all the same, and the country with them."""
        return {"email": sha256(email(job)), "firstName": NOTHING, "postalCode": NOTHING, "country": sha256("us")}


@pytest.mark.covers("provider-connectors")
def test_rudderstack_adds_and_removes_without_waiting(stage: Stage, lamps: Speaker) -> None:
    audience = create(lamps)
    rudder = Rudder(lamps, audience)
    rudder.deliver("add", range(1500, 1560))
    assert active(stage, lamps, audience) == 60
    rudder.deliver("add", range(1550, 1570))
    assert active(stage, lamps, audience) == 70
    rudder.deliver("remove", range(1500, 1530))
    assert active(stage, lamps, audience) == 40


class Lytics:
    """Lytics: a hundred records in a request, each person under an id of their own, and the association days later."""

    def __init__(self, speaker: Speaker, audience: int):
        self._speaker = speaker
        self._audience = audience

    def send(self, people: Iterable[int]) -> None:
        some = list(people)
        for start in range(0, len(some), 100):
            upload(self._speaker, hashed(some[start : start + 100], prefix="lytics"))

    def associate(self, people: Iterable[int]) -> Any:
        return change(self._speaker, patch("add", externals(people, "lytics"), [self._audience]))


@pytest.mark.covers("provider-connectors")
def test_lytics_associates_later_and_need_not_have_waited(stage: Stage, lamps: Speaker) -> None:
    audience = create(lamps)
    lytics = Lytics(lamps, audience)
    job = lytics.associate(range(1600, 1850))
    assert job["status"] == "SUCCEEDED"
    assert active(stage, lamps, audience) == 0, "nobody is known by these ids yet"
    lytics.send(range(1600, 1850))
    assert active(stage, lamps, audience) == 0
    job = lytics.associate(range(1600, 1850))
    assert job["matchedRecordSize"] == 250
    assert active(stage, lamps, audience) == 250
