"""Every request that the vendor's guide prints, sent as it is printed, builds an audience."""

import json
from typing import Any

import pytest

from tests.apis.statsocial.conftest import BODIES, Speaker


@pytest.mark.parametrize("name", BODIES)
def test_a_request_of_the_guide_builds_an_audience(client: Speaker, name: str) -> None:
    made = client.told("POST", "/audiences", BODIES[name])
    assert made == {"id": made["id"], "status": "running"}
    assert isinstance(made["id"], int)
    assert 0 < made["id"] < 1 << 31
    assert client.told("GET", f"/audiences/{made['id']}")["status"] == "running"
    client.house.build_worker.work()
    read = client.told("GET", f"/audiences/{made['id']}")
    sent = json.loads(BODIES[name])
    assert read["status"] == "completed", read
    assert read["name"] == sent["audience"]["name"]
    assert read["parameters"] == sent["parameters"]
    assert [each["type"] for each in read["outputs"]] == sent["outputs"]
    assert read["size"] == len(client.house.builds.people(client.house.control.builds.get(1, made["id"])))


ANSWERED = {
    "02_b2b_job_titles": False,  # the demo's title has more followers than the filter lets pass
    "04_personality": True,
    "05_age": True,
    "06_gender": True,
    "07_gender_ethnicity": True,
    "08_location_cities": True,
    "09_location_cities_countries": True,
    "10_location_dmas": True,
    "11_location_regions": True,
    "18_bio_search": True,
    "19_tweet_search": True,
}


@pytest.mark.parametrize("name", ANSWERED)
def test_the_demo_world_has_people_for_it(client: Speaker, name: str) -> None:
    assert (client.built(BODIES[name])["size"] > 0) is ANSWERED[name]


def test_a_comma_too_many_is_mended(client: Speaker) -> None:
    body: Any = BODIES["06_gender"].rstrip().removesuffix("}").rstrip()
    body += ',\n"generate_insights_automatically": true,\n"insight_callback_url": "https://my.callback/insight/endpoint",\n}'
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)
    read = client.built(body)
    assert read["generate_insights_automatically"] is True
    assert read["insight_callback_url"] == "https://my.callback/insight/endpoint"
