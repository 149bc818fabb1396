"""`/export/jobs`: Parquet of members and chosen fields."""

import io
from typing import Any

import pyarrow.parquet as pq
import pytest

from houselights.apis.adobe.profiles import xid_of
from tests.apis.adobe.conftest import UPS, Speaker, Stage

JOBS = "/export/jobs"
ASK = {"schema": {"name": "_xdm.context.profile"}, "destination": {"datasetId": "d1", "segmentPerBatch": False}}


def exported(speaker: Speaker, **more: Any) -> Any:
    made = speaker.told("POST", JOBS, {**ASK, **more})
    assert (made["status"], type(made["id"])) == ("NEW", int)
    return speaker.settled(f"{JOBS}/{made['id']}", "status")


def table(speaker: Speaker, job: Any, name: str) -> Any:
    (href,) = [file["href"] for file in job["files"] if file["name"] == name]
    response = speaker.send("GET", href.removeprefix(UPS))
    assert response.status_code == 200
    return pq.read_table(io.BytesIO(response.content))


@pytest.mark.covers("export")
def test_members_and_chosen_fields_are_written(twelve: Speaker) -> None:
    trials = twelve.audience('plan = "trial"', "Trials")
    british = twelve.audience('homeAddress.countryISO = "GB"', "British")
    segments = [{"segmentId": each["id"], "segmentNs": "ups", "status": ["realized"]} for each in (trials, british)]
    job = exported(
        twelve,
        fields="_id,person.name,homeAddress.countryISO,person.favoriteColors",
        filter={"segments": segments},
        additionalFields={"eventList": {"fields": "timestamp,eventType,commerce.order.priceTotal"}},
    )
    assert job["status"] == "SUCCEEDED", job
    rows = {row["_id"]: row for row in table(twelve, job, "profiles.parquet").to_pylist()}
    assert set(rows) == {"ada", "ben", "cleo", "hana", "ines", "kofi", "lena"}
    assert rows["ada"] == {
        "_id": "ada",
        "person.name": "Ada Ashworth",
        "homeAddress.countryISO": "GB",
        "person.favoriteColors": ["red", "blue", "green"],
        "segments": [trials["id"], british["id"]],
    }
    assert rows["ben"]["segments"] == [british["id"]]
    assert job["metrics"]["totalExportedProfileCounter"] == 7
    events = table(twelve, job, "events.parquet")
    assert events.column_names == ["timestamp", "eventType", "commerce.order.priceTotal", "segments"]
    assert job["metrics"]["totalExportedEventCounter"] == events.num_rows > 20


@pytest.mark.covers("export")
def test_identities_are_a_field_and_among_all_fields(twelve: Speaker) -> None:
    everybody = table(twelve, exported(twelve, fields="identityMap,_id,_id"), "profiles.parquet")
    assert everybody.column_names == ["identityMap", "_id", "segments"]
    rows = {row["_id"]: dict(row["identityMap"]) for row in everybody.to_pylist()}
    assert len(rows["ada"]["email"]) >= 3
    assert rows["jo"] == {}
    for key in ("ada", "ben", "eli"):
        query = {"schema.name": "_xdm.context.profile", "entityId": xid_of(key), "fields": "identityMap"}
        known = twelve.told("GET", "/access/entities", params=query)[xid_of(key)]["entity"]["identityMap"]
        shown = {name: sorted(each["id"] for each in ids) for name, ids in rows[key].items()}
        assert shown == {name: sorted(each["id"] for each in ids) for name, ids in known.items()}
    assert "identityMap" in table(twelve, exported(twelve), "profiles.parquet").column_names


@pytest.mark.covers("export")
def test_members_may_be_those_who_qualified_within_a_time(twelve: Speaker) -> None:
    trials = twelve.audience('plan = "trial"', "Trials by time")
    uploaded = twelve.told("POST", "/audiences", {"name": "Uploaded by time", "type": "ExternalSegment"})
    twelve.told("POST", f"/audiences/{uploaded['id']}/members",
                {"identities": [{"namespace": "email", "id": "ada@example.com"}]})  # fmt: skip

    def people(made: Any, **times: str) -> set[str]:
        wanted = {"segments": [{"segmentId": made["id"]}], "segmentQualificationTime": times}
        job = exported(twelve, fields="_id", filter=wanted)
        assert job["filter"] == wanted
        return set(table(twelve, job, "profiles.parquet")["_id"].to_pylist())

    assert people(trials, startTime="2020-01-01T00:00:00Z") == set()  # no job has found anybody yet
    twelve.settled(
        f"/segment/jobs/{twelve.told('POST', '/segment/jobs', [{'segmentId': trials['id']}])['id']}", "status"
    )
    found = {"ada", "cleo", "hana", "ines", "kofi", "lena"}
    assert people(trials, startTime="2026-11-01T00:00:00Z", endTime="2026-11-02T00:00:00Z") == found
    assert people(trials, startTime="2026-11-02T00:00:00+00:00") == set()
    assert people(trials, endTime="2026-10-31T23:59:59Z") == set()
    assert people(uploaded, startTime="2026-11-01T00:00:00Z") == {"ada"}
    assert people(uploaded, endTime="2026-10-31T00:00:00Z") == set()
    for times in ({"startTime": "yesterday"}, {"startTime": "2026-11-02T00:00:00Z", "endTime": "2026-11-01T00:00:00Z"}):
        wanted = {"segments": [{"segmentId": trials["id"]}], "segmentQualificationTime": times}
        refused = twelve.refused("POST", JOBS, {**ASK, "filter": wanted}, status=400)
        assert refused["field"].startswith("filter.segmentQualificationTime.")


@pytest.mark.covers("opt-out")
def test_who_opted_out_is_in_no_audience_and_no_export(twelve: Speaker) -> None:
    kept = twelve.audience('plan = "standard"', "Standard")
    assert kept["dataGovernancePolicy"] == {"excludeOptOut": True}
    everyone = twelve.audience('plan = "standard"', "All standard", dataGovernancePolicy={"excludeOptOut": False})
    assert twelve.size(f'inSegment("{kept["id"]}")') == 1

    def people(**more: Any) -> set[str]:
        return set(table(twelve, exported(twelve, fields="_id", **more), "profiles.parquet")["_id"].to_pylist())

    assert people(filter={"segments": [{"segmentId": kept["id"]}]}) == {"gus"}
    assert people(filter={"segments": [{"segmentId": everyone["id"]}]}) == {"dara", "gus"}
    assert "dara" not in people()


@pytest.mark.covers("export")
def test_jobs_are_listed_page_by_page_and_deleted(twelve: Speaker, stage: Stage) -> None:
    made = [exported(twelve, fields="_id") for _ in range(3)]
    seen, query = [], {"limit": "2"}
    while True:
        told = twelve.told("GET", JOBS, params=query)
        seen += [each["id"] for each in told["records"]]
        if told["link"]["next"] == "":
            break
        query["offset"] = told["link"]["next"].split("offset=")[1].split("&")[0]
    assert seen == sorted(seen, reverse=True)
    assert {each["id"] for each in made} <= set(seen)
    assert twelve.told("GET", JOBS, params={"status": "FAILED"})["records"] == []
    path = f"{JOBS}/{made[0]['id']}"
    folders = list((stage.house.settings.data / "exports").glob(f"*/{made[0]['id']}"))
    assert len(folders) == 1
    assert twelve.send("DELETE", path).status_code == 204
    assert not folders[0].exists()
    twelve.refused("GET", path, status=404)


@pytest.mark.covers("export")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fields": "person.nmae"}, "fields"),
        ({"schema": {"name": "x"}}, "schema.name"),
        ({"destination": {}}, "destination.datasetId"),
        ({"filter": {"segments": [{"segmentId": "none"}]}}, "filter.segments[0].segmentId"),
        ({"filter": {"segmentQualificationTime": {"startTime": "2026-11-01T00:00:00Z"}}}, "filter.segments"),
        ({"filter": {"fromIngestTimestamp": "2026-11-01T00:00:00Z"}}, "filter.fromIngestTimestamp"),
        (
            {
                "additionalFields": {
                    "eventList": {"fields": "timestamp", "filter": {"fromIngestTimestamp": "2018-01-01T00:00:00Z"}}
                }
            },
            "additionalFields.eventList.filter.fromIngestTimestamp",
        ),
    ],
)
def test_exports_that_could_not_be_written_are_refused(twelve: Speaker, change: dict[str, Any], field: str) -> None:
    assert twelve.refused("POST", JOBS, {**ASK, **change}, status=400)["field"] == field


@pytest.mark.covers("tenancy", "permissions")
def test_exports_are_for_those_who_may_see_people_of_their_own(
    twelve: Speaker, neighbour: Speaker, stage: Stage
) -> None:
    job = exported(twelve, fields="_id")
    for path in (f"{JOBS}/{job['id']}", f"{JOBS}/{job['id']}/files/profiles.parquet"):
        neighbour.refused("GET", path, status=404)
    reader = stage.speaker(stage.client(scopes=frozenset({"audiences:read", "insights:read", "counts:exact"})))
    reader.refused("POST", JOBS, {**ASK, "fields": "_id"}, status=403)
    reader.refused("GET", f"{JOBS}/{job['id']}/files/profiles.parquet", status=403)
