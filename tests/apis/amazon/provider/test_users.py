"""Users to be forgotten: both bodies, for one advertiser or all, and that they are gone when the reply is there."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from houselights.apis.amazon.provider.records.schemas import UsersAsked
from houselights.apis.amazon.provider.users.translate import Forgetting, forgettings_of
from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.people import COFFEE, LAMPS, NOT_YOURS, cookie, maid
from tests.apis.amazon.provider.asking import USERS, change, create, externals, hashed, over, patch, rival_of, upload
from tests.apis.amazon.provider.test_records import active

# Everything here is about these people, so that audiences of other tests stay as they are.
ONE, TWO = 2400, 2412
BOTH = [f"COOKIE-{cookie(ONE)}", f"MAID-{maid(TWO)}"]


def forget(speaker: Speaker, *users: dict[str, Any], status: int = 202, **more: Any) -> Any:
    response = speaker.send("PATCH", USERS, {"users": list(users), **more}, advertiserId=None)
    assert response.status_code == status, response.text
    return response.json()


def error_of(body: Any) -> tuple[str, str]:
    (only,) = body["error"]["errors"]
    return only["errorType"], only.get("fieldName", "")


OBJECT = {"userId": {"type": "COOKIE", "value": cookie(ONE)}}
ARRAY = {"userId": [{"type": "COOKIE", "id": cookie(ONE)}, {"type": "MAID", "id": str(maid(ONE)).lower()}]}


@pytest.mark.covers("provider-users")
def test_the_two_shapes_mean_the_same() -> None:
    """`userId` is an object with `value` or a list of `id`s, an advertiser a number or a text, `operation` optional."""
    one, two = {"type": "COOKIE", "value": "c"}, {"type": "EXTERNAL_USER_ID", "id": "e"}
    users = [
        {"userId": one, "advertiserId": LAMPS, "consentTime": 1000},
        {"userId": [one, two], "advertiserId": str(LAMPS), "consentTime": 1000},
        {"userId": two},
    ]
    for more in ({}, {"operation": "DELETE"}):
        asked = msgspec.json.decode(json.dumps({"users": users, **more}), type=UsersAsked)
        assert forgettings_of(asked.users, "external:me") == {
            Forgetting(str(LAMPS), datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)): [
                ("cookie", "c"), ("cookie", "c"), ("external:me", "e"),
            ],
            Forgetting(None, None): [("external:me", "e")],
        }  # fmt: skip


@pytest.mark.covers("provider-users", "provider-jobs")
@pytest.mark.parametrize(
    ("user", "more"),
    [(OBJECT, {"operation": "DELETE"}), (ARRAY, {"surprise": 1})],
    ids=["specification", "guide"],
)
def test_a_user_is_gone_with_the_reply_and_the_job_says_when_of_all_files(
    stage: Stage, lamps: Speaker, user: dict[str, Any], more: dict[str, Any]
) -> None:
    here, there = create(lamps), create(lamps, advertiser=COFFEE)
    change(lamps, patch("add", BOTH, [here, there]))
    assert (active(stage, lamps, here), active(stage, lamps, there)) == (2, 2)
    told = forget(lamps, user, **more)
    assert (active(stage, lamps, here), active(stage, lamps, there)) == (1, 1)
    job = over(lamps, told["requestId"])
    assert (job["jobType"], job["status"]) == ("USER_DELETION", "SUCCEEDED")
    assert (job["receivedRecordSize"], job["processedRecordSize"]) == (1, 1)
    assert "matchedRecordSize" not in job
    change(lamps, patch("add", BOTH, [here]))
    assert active(stage, lamps, here) == 2, "who is brought again is there again"


@pytest.mark.covers("provider-users")
def test_with_an_advertiser_only_its_audiences_forget(stage: Stage, lamps: Speaker) -> None:
    here, there = create(lamps), create(lamps, advertiser=COFFEE)
    change(lamps, patch("add", BOTH, [here, there]))
    forget(lamps, OBJECT | {"advertiserId": str(LAMPS)}, {"userId": {"type": "MAID", "value": maid(TWO)}})
    assert (active(stage, lamps, here), active(stage, lamps, there)) == (0, 1)


@pytest.mark.covers("provider-users")
def test_an_external_id_is_forgotten_with_its_people(stage: Stage, lamps: Speaker) -> None:
    """What the client brought goes: its id means nobody from then on. The people themselves are not its to erase."""
    audience = create(lamps)
    upload(lamps, hashed([ONE], prefix="gone"))
    change(lamps, patch("add", externals([ONE], "gone"), [audience]))
    assert active(stage, lamps, audience) == 1
    told = forget(lamps, {"userId": {"type": "EXTERNAL_USER_ID", "value": f"gone-{ONE}"}})
    assert active(stage, lamps, audience) == 0
    over(lamps, told["requestId"])
    change(lamps, patch("add", externals([ONE], "gone"), [audience]))
    assert active(stage, lamps, audience) == 0
    change(lamps, patch("add", BOTH[:1], [audience]))
    assert active(stage, lamps, audience) == 1


@pytest.mark.covers("provider-users")
def test_what_was_brought_after_the_consent_time_stays(stage: Stage, lamps: Speaker) -> None:
    audience = create(lamps)
    change(lamps, patch("add", BOTH, [audience]))
    forget(lamps, OBJECT | {"consentTime": 1000})
    assert active(stage, lamps, audience) == 2
    forget(lamps, OBJECT | {"consentTime": 2**62})
    assert active(stage, lamps, audience) == 1


@pytest.mark.covers("provider-users", "provider-tenancy")
def test_another_clients_audiences_remember(stage: Stage, lamps: Speaker) -> None:
    rival = rival_of(stage)
    audience = create(lamps)
    change(lamps, patch("add", BOTH, [audience]))
    told = forget(rival, OBJECT)
    assert active(stage, lamps, audience) == 2
    assert lamps.get(f"/v2/dp/jobs/{told['requestId']}", advertiserId=None).status_code == 404


@pytest.mark.covers("provider-users", "error-families")
@pytest.mark.parametrize(
    ("user", "field"),
    [
        ({}, "users[0].userId"),
        ({"userId": {}}, "users[0].userId.type"),
        ({"userId": []}, "users[0].userId"),
        ({"userId": {"type": "EMAIL", "value": "x"}}, "users[0].userId.type"),
        ({"userId": {"type": "COOKIE"}}, "users[0].userId.value"),
        ({"userId": {"type": "COOKIE", "value": " "}}, "users[0].userId.value"),
        ({"userId": [{"type": "COOKIE", "id": "x"}, {"type": "MAID"}]}, "users[0].userId[1].value"),
        (OBJECT | {"advertiserId": "x"}, "users[0].advertiserId"),
        (OBJECT | {"advertiserId": NOT_YOURS}, "advertiserId"),
        (OBJECT | {"consentTime": "yesterday"}, "users[0].consentTime"),
    ],
)
def test_malformed_users_name_their_field(lamps: Speaker, user: dict[str, Any], field: str) -> None:
    assert error_of(forget(lamps, user, status=400)) == ("INVALID_INPUT", field)


@pytest.mark.covers("provider-users")
def test_nothing_is_done_but_deleting(lamps: Speaker) -> None:
    assert error_of(forget(lamps, OBJECT, status=400, operation="RESTORE")) == ("INVALID_INPUT", "operation")
    assert error_of(forget(lamps, status=400)) == ("INVALID_INPUT", "users")


@pytest.mark.covers("provider-limits")
def test_users_have_one_megabyte_and_are_a_thousand(lamps: Speaker) -> None:
    told = forget(lamps, *([OBJECT] * 1001), status=413)
    assert error_of(told) == ("INPUT_TOO_LARGE", "")
    assert "1,001 users; at most 1,000" in told["error"]["errors"][0]["message"]
    told = forget(lamps, OBJECT, status=413, padding="x" * (1 << 20))
    assert told["error"]["errors"][0]["message"] == "The input payload exceeds 1MB limit."
