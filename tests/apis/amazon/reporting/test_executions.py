"""SQL over a client's tables, asked over HTTP: the guide's own samples, the usual questions, files, and refusals."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.apis.amazon.amc.conftest import record
from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import rows
from tests.apis.amazon.reporting.conftest import EVERYTHING, EXECUTIONS, WORKFLOWS, Asker, asker_of

MEMBERS = """
SELECT COUNT(DISTINCT user_id) as matched_users
FROM {table}
WHERE audience_id = {audience}
GROUP BY audience_id
"""
# as the guide prints it, its stray quote and its unknown column among it
BEFORE_JUNE = """WITH ranked_updates AS 
(
    SELECT user_id, audience_id, action, user_type, insert_date_utc, ROW_NUMBER()
    OVER( PARTITION BY user_id, audience_id ORDER BY insert_date_utc  DESC) AS ranked_audiences 
    FROM TABLE(EXTEND_TIME_WINDOW({table}','P397D','P0D')))  
SELECT COUNT(DISTINCT user_id) as user_count, audience_id 
FROM ranked_updates 
WHERE ranked_audiences = 1 
AND action <> 'DELETE'
AND insert_time_in_millis < CAST('{day}' AS DATE)
GROUP BY audience_id
"""  # noqa: W291


@pytest.mark.covers("executions", "seed-queries")
def test_the_first_sample_counts_the_members_of_an_audience(asker: Asker, lists: tuple[int, int]) -> None:
    for audience, people in zip(lists, ("1000", "800"), strict=True):
        assert asker.rows(MEMBERS.format(table=asker.table("members"), audience=audience)) == [
            {"matched_users": people}
        ]
        quoted = MEMBERS.format(table=asker.table("members"), audience=f"'{audience}'")
        assert asker.rows(quoted) == [{"matched_users": people}], "a list's id is a number and a text"


@pytest.mark.covers("executions", "seed-queries")
def test_the_second_sample_counts_members_before_a_day_and_says_what_is_wrong_with_it(
    asker: Asker, lists: tuple[int, int]
) -> None:
    # an hour of the present: the query itself looks 397 days back
    recent = {"timeWindowType": "CURRENT_MONTH"}
    told = asker.executed(BEFORE_JUNE.format(table=asker.table("logs"), day="2199-06-30"), **recent)
    assert told["status"] == "SUCCEEDED", told
    found = asker.downloaded(told["workflowExecutionId"])
    assert found == [
        {"user_count": people, "audience_id": str(audience)}
        for audience, people in sorted(zip(lists, ("1000", "800"), strict=True), key=lambda one: (int(one[1]), one[0]))
    ]
    assert asker.rows(BEFORE_JUNE.format(table=asker.table("logs"), day="2023-06-30"), **recent) == []
    notes = " ".join(metadata(asker, told["workflowExecutionId"])["notes"])
    assert "insert_time_in_millis" in notes
    assert "quote" in notes


def metadata(asker: Asker, execution_id: str) -> Any:
    (url,) = asker.get(f"{EXECUTIONS}/{execution_id}/downloadUrls").json()["metadataDownloadUrls"]
    return json.loads(asker.http.get(urlsplit(url).path).text)


@pytest.mark.covers("executions")
def test_the_overlap_by_self_join_is_the_engines_own(asker: Asker, lists: tuple[int, int], stage: Stage) -> None:
    first, second = lists
    sql = f"""
    SELECT COUNT(DISTINCT a.user_id) AS both_lists FROM {asker.table("members")} a
    INNER JOIN {asker.table("members")} b ON a.user_id = b.user_id
    WHERE a.audience_id = '{first}' AND b.audience_id = '{second}'
    """
    snapshot = stage.house.snapshots.current(1)
    on_first, _ = snapshot.list_log(first).standing()
    on_second, _ = snapshot.list_log(second).standing()
    together = len(set(on_first.tolist()) & set(on_second.tolist()))
    assert together == 600
    assert asker.rows(sql) == [{"both_lists": str(together)}]


@pytest.mark.covers("executions")
def test_adds_and_removes_day_by_day(stage: Stage) -> None:
    fresh = asker_of(stage, stage.http)
    audience = fresh.listed(range(200))
    fresh.upload(audience, [record(n, "DELETE") for n in range(60)])
    sql = f"""
    SELECT DATE_TRUNC('day', insert_date_utc) AS day_utc, action, COUNT(DISTINCT user_id) AS people
    FROM {fresh.table("logs")} GROUP BY 1, 2
    """
    found = {(row["action"], row["people"]) for row in fresh.rows(sql)}
    assert found == {("CREATE", "200"), ("DELETE", "60")}
    assert fresh.rows(f"SELECT COUNT(DISTINCT user_id) AS people FROM {fresh.table('members')}") == [{"people": "140"}]


def watched(kind: str) -> list[set[str]]:
    return [set(row.leaves[kind]) for row in rows()]


@pytest.mark.covers("executions", "example-queries")
def test_reach_and_frequency_in_buckets(asker: Asker) -> None:
    sql = """
    WITH per_person AS (SELECT user_id, COUNT(*) AS seen FROM watched_movie GROUP BY 1)
    SELECT CASE WHEN seen >= 3 THEN '3 or more' ELSE CAST(seen AS VARCHAR) END AS frequency,
      COUNT(DISTINCT user_id) AS reach, SUM(seen) AS views
    FROM per_person GROUP BY 1
    """
    counts = [len(each) for each in watched("movie") if each]
    wanted = {name: [n for n in counts if min(n, 3) == size] for size, name in ((1, "1"), (2, "2"), (3, "3 or more"))}
    found = {row["frequency"]: (int(row["reach"]), int(row["views"])) for row in asker.rows(sql)}
    assert found == {name: (len(each), sum(each)) for name, each in wanted.items() if len(each) >= 25}


@pytest.mark.covers("executions", "example-queries")
def test_two_kinds_of_events_under_each_other_and_summed(asker: Asker) -> None:
    sql = """
    WITH both_kinds AS (
      SELECT title, 1 AS genres, 0 AS series, user_id FROM watched_genre
      UNION ALL SELECT title, 0 AS genres, 1 AS series, user_id FROM watched_series)
    SELECT title, SUM(genres) AS genres, SUM(series) AS series, COUNT(DISTINCT user_id) AS people
    FROM both_kinds GROUP BY title
    """
    found = {row["title"]: int(row["people"]) for row in asker.rows(sql)}
    wanted = {title: sum(title in each for each in watched("genre")) for title in ("drama", "comedy", "thriller")}
    assert wanted.items() <= found.items()
    assert sum(int(row["series"]) for row in asker.rows(sql)) == sum(len(each) for each in watched("series"))


@pytest.mark.covers("executions", "example-queries")
def test_customers_of_ours_and_others_among_those_who_did_something(asker: Asker, lists: tuple[int, int]) -> None:
    sql = f"""
    WITH ours AS (SELECT DISTINCT user_id FROM {asker.table("members")} WHERE audience_id = '{lists[0]}')
    SELECT IF(o.user_id IS NULL, 'others', 'ours') AS customer_type, COUNT(DISTINCT w.user_id) AS people
    FROM watched_genre w LEFT JOIN ours o ON w.user_id = o.user_id GROUP BY 1
    """
    people = [bool(each) for each in watched("genre")]
    wanted = {"ours": sum(people[:1000]), "others": sum(people[1000:])}
    assert {row["customer_type"]: int(row["people"]) for row in asker.rows(sql)} == wanted


@pytest.mark.covers("executions", "example-queries")
def test_exposure_groups_by_full_join(asker: Asker) -> None:
    sql = """
    WITH g AS (SELECT user_id, COUNT(*) AS n FROM watched_genre GROUP BY 1),
         s AS (SELECT user_id, COUNT(*) AS n FROM watched_series GROUP BY 1)
    SELECT CASE WHEN s.n IS NULL THEN 'genre only' WHEN g.n IS NULL THEN 'series only' ELSE 'both' END AS exposure,
      COUNT(DISTINCT COALESCE(g.user_id, s.user_id)) AS people
    FROM g FULL OUTER JOIN s ON g.user_id = s.user_id GROUP BY 1
    """
    pairs = [(bool(one), bool(other)) for one, other in zip(watched("genre"), watched("series"), strict=True)]
    names = {(True, False): "genre only", (False, True): "series only", (True, True): "both"}
    wanted = {name: pairs.count(pair) for pair, name in names.items()}
    assert {row["exposure"]: int(row["people"]) for row in asker.rows(sql)} == wanted


@pytest.mark.covers("executions", "example-queries")
def test_first_touch(asker: Asker) -> None:
    sql = """
    WITH ranked AS (
      SELECT user_id, title, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY event_time_utc, title) AS place
      FROM watched_genre)
    SELECT title, COUNT(DISTINCT user_id) AS people FROM ranked WHERE place = 1 GROUP BY title
    """
    firsts = [min(each) for each in watched("genre") if each]
    wanted = {title: firsts.count(title) for title in set(firsts) if firsts.count(title) >= 25}
    assert {row["title"]: int(row["people"]) for row in asker.rows(sql)} == wanted


@pytest.mark.covers("windows")
def test_events_count_within_the_window_only(asker: Asker) -> None:
    sql = "SELECT COUNT(DISTINCT user_id) AS people FROM watched_genre"
    ends = {"timeWindowType": "EXPLICIT", "timeWindowStart": "2026-10-20T00:00:00"}
    # everything was watched at 20:00 in UTC, which is 16:00 in New York and already the 21st in Tokyo
    assert asker.rows(sql, **ends, timeWindowEnd="2026-10-21T00:00:00") != []
    assert asker.rows(sql, **ends, timeWindowEnd="2026-10-21T00:00:00", timeWindowTimeZone="Asia/Tokyo") == []
    assert asker.rows(sql, **ends, timeWindowEnd="2026-10-20T16:00:01", timeWindowTimeZone="America/New_York") != []
    assert asker.rows(sql, timeWindowType="MOST_RECENT_DAY") == []


@pytest.mark.covers("windows")
def test_an_execution_tells_its_window_in_both_ways(asker: Asker) -> None:
    told = asker.executed(
        "SELECT COUNT(DISTINCT user_id) AS people FROM watched_genre",
        timeWindowType="EXPLICIT", timeWindowStart="2026-10-01T00:00:00", timeWindowEnd="2026-10-02T00:00:00",
        timeWindowTimeZone="America/New_York",
    )  # fmt: skip
    assert (told["timeWindowStart"], told["timeWindowEnd"]) == ("2026-10-01T04:00:00Z", "2026-10-02T04:00:00Z")
    assert told["timeWindowStartOriginal"] == "2026-10-01T00:00:00"
    assert told["timeWindowTimeZoneOriginal"] == "America/New_York"


@pytest.mark.covers("windows")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"timeWindowType": "EXPLICIT"}, "timeWindowStart"),
        ({"timeWindowStart": "2026-10-01T00:00:00"}, "timeWindowStart"),
        ({"timeWindowType": "EXPLICIT", "timeWindowStart": "soon", "timeWindowEnd": "later"}, "timeWindowStart"),
        ({"timeWindowType": "EXPLICIT", "timeWindowStart": "2026-10-01T00:00:00",
          "timeWindowEnd": "2026-10-01T00:00:00"}, "timeWindowEnd"),
        ({"timeWindowTimeZone": "Mars/Olympus"}, "timeWindowTimeZone"),
        ({"timeWindowType": "MOST_RECENT_CENTURY"}, "timeWindowType"),
        ({"requireSyntheticData": True}, "requireSyntheticData"),
        ({"disableAggregationControls": True}, "disableAggregationControls"),
        ({"workflowExecutionTimeoutSeconds": 899}, "workflowExecutionTimeoutSeconds"),
        ({"workflowExecutionTimeoutSeconds": 86401}, "workflowExecutionTimeoutSeconds"),
        ({"parameterValues": {"p": "1"}}, "parameterValues.p"),
        ({"workflowId": "one"}, "workflow"),
        ({"advertisers": [{"id": "1", "type": "DISPLAY"}]}, "advertisers"),
        ({"maxCertifiedTime": "2026-01-01T00:00:00"}, "maxCertifiedTime"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_by_name(asker: Asker, body: dict[str, Any], field: str) -> None:
    asked = {"workflow": {"sqlQuery": "SELECT COUNT(DISTINCT user_id) AS people FROM watched_genre"}, **body}
    response = asker.post(EXECUTIONS, asked)
    assert response.status_code == 400
    assert field in response.json()["details"]


@pytest.mark.covers("executions")
@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT * FROM watched_genre", "SELECT \\*"),
        ("SELECT user_id FROM watched_genre", "user_id"),
        ("SELECT COUNT(DISTINCT user_id) AS n FROM watched_gender", "watched_gender"),
        ("SELECT COUNT(DISTINCT user_id) AS n FROM read_csv('/etc/passwd')", "read_csv"),
        ("SELECT COUNT(DISTINCT user_id) AS n FROM watched_genre LIMIT 1", "LIMIT"),
        ("DELETE FROM watched_genre", ""),
    ],
)
def test_sql_that_is_not_understood_is_refused_with_its_place(asker: Asker, sql: str, why: str) -> None:

    details = asker.refused(sql)
    assert details.startswith("sqlQuery: ")
    assert re.search(why, details)


@pytest.mark.covers("executions", "tenancy")
def test_tables_of_another_client_are_unknown_by_name(asker: Asker, stage: Stage, lists: tuple[int, int]) -> None:
    other = asker_of(stage, stage.http)
    why = other.refused(MEMBERS.format(table=asker.table("members"), audience=lists[0]))
    made_up = other.refused(MEMBERS.format(table="acme_cdp_audience_members_00000000", audience=lists[0]))
    assert why.replace(asker.table("members"), "X") == made_up.replace("acme_cdp_audience_members_00000000", "X")


@pytest.mark.covers("executions")
def test_rows_of_few_people_are_withheld(asker: Asker, stage: Stage) -> None:
    fresh = asker_of(stage, stage.http)
    few, many = fresh.listed(range(10), "A short list"), fresh.listed(range(60), "A longer list")
    sql = f"SELECT audience_id, COUNT(DISTINCT user_id) AS people FROM {fresh.table('members')} GROUP BY 1"
    told = fresh.executed(sql)
    assert fresh.downloaded(told["workflowExecutionId"]) == [{"audience_id": str(many), "people": "60"}], few
    assert set(metadata(fresh, told["workflowExecutionId"])) == {
        "execution", "query", "windowStart", "windowEnd", "notes", "tables", "columns", "rows",
    }, "not how many rows were withheld"  # fmt: skip
    found = fresh.rows(f"SELECT hashed_email, COUNT(DISTINCT user_id) AS people FROM {fresh.table('logs')} GROUP BY 1")
    assert found == [{"hashed_email": "", "people": "60"}], "hashes are not kept"


@pytest.mark.covers("executions")
def test_members_follow_the_time_to_live(stage: Stage) -> None:
    fresh = asker_of(stage, stage.http)
    audience = fresh.listed(range(100))
    sql = f"SELECT COUNT(DISTINCT user_id) AS people FROM {fresh.table('members')}"
    assert fresh.rows(sql) == [{"people": "100"}]
    path = f"/amc/audiences/metadata/{audience}"
    assert fresh.send("PUT", path, {"metadata": {"ttl": 0}}).status_code == 200
    assert fresh.rows(sql) == []
    assert fresh.send("PUT", path, {"metadata": {"ttl": 86400}}).status_code == 200
    assert fresh.rows(sql) == [{"people": "100"}]


@pytest.mark.covers("executions", "workflows")
def test_a_saved_workflow_takes_parameters(asker: Asker, lists: tuple[int, int]) -> None:
    workflow = {
        "workflowId": "members-of",
        "sqlQuery": f"SELECT COUNT(DISTINCT user_id) AS people FROM {asker.table('members')} "
        "WHERE audience_id = CUSTOM_PARAMETER('list')",
        "inputParameters": [{"name": "list", "dataType": "STRING", "defaultValue": str(lists[1])}],
        "outputColumns": [{"name": "people"}],
    }
    assert asker.told(WORKFLOWS, workflow) == {}
    saved = {"workflowId": "members-of", **EVERYTHING}
    by_default = asker.ended(asker.started(saved))
    assert by_default["workflowId"] == "members-of"
    assert asker.downloaded(by_default["workflowExecutionId"]) == [{"people": "800"}]
    inside = asker.ended(asker.started({"workflow": {"workflowId": "members-of"}, **EVERYTHING}))
    assert (inside["workflowId"], inside["status"]) == ("members-of", "SUCCEEDED")
    given = asker.ended(asker.started({**saved, "parameterValues": {"list": str(lists[0])}}))
    assert asker.downloaded(given["workflowExecutionId"]) == [{"people": "1000"}]
    listed = asker.get(EXECUTIONS, workflowId="members-of", includeWorkflow="true").json()["executions"]
    assert [one["workflowExecutionId"] for one in listed] == [
        given["workflowExecutionId"], inside["workflowExecutionId"], by_default["workflowExecutionId"],
    ]  # fmt: skip
    assert all(one["sqlQuery"] == workflow["sqlQuery"] for one in listed)
    assert asker.post(EXECUTIONS, {"workflowId": "members-off", **EVERYTHING}).status_code == 404
    assert asker.send("PUT", f"{WORKFLOWS}/members-of", {**workflow, "outputColumns": [{"name": "n"}]}).json() == {}
    assert "outputColumns" in asker.post(EXECUTIONS, saved).json()["details"]


@pytest.mark.covers("executions")
def test_dry_runs_and_runs_without_a_file_have_nothing_to_download(asker: Asker) -> None:
    sql = "SELECT COUNT(DISTINCT user_id) AS people FROM watched_genre"
    for choice, why in (({"dryRun": True}, "dry run"), ({"skipPublish": True}, "skipPublish")):
        told = asker.executed(sql, **choice)
        assert told["status"] == "SUCCEEDED"
        (channel,) = told["outputChannels"]
        assert channel["status"] == "UNAVAILABLE"
        assert why in channel["statusReason"]
        links = asker.get(f"{EXECUTIONS}/{told['workflowExecutionId']}/downloadUrls")
        assert links.status_code in {400, 404}


@pytest.mark.covers("executions")
def test_csv_is_written_as_the_workflow_says(asker: Asker) -> None:
    sql = "SELECT title, COUNT(DISTINCT user_id) AS people FROM watched_genre WHERE title = 'drama' GROUP BY 1"
    told = asker.executed(sql, workflow={"outputFormat": {"separatorCharacter": "|"}})
    (url,) = asker.get(f"{EXECUTIONS}/{told['workflowExecutionId']}/downloadUrls").json()["downloadUrls"]
    drama = sum("drama" in each for each in watched("genre"))
    file = asker.http.get(urlsplit(url).path)
    assert file.text.splitlines() == ["title|people", f"drama|{drama}"]
    assert file.headers["content-type"].startswith("text/csv")


@pytest.mark.covers("executions")
def test_thresholds_with_the_discriminator(asker: Asker, stage: Stage) -> None:
    fresh = asker_of(stage, stage.http)
    for size, name in ((10, "ten"), (12, "twelve"), (60, "sixty")):
        fresh.listed(range(size), f"A list of {name}")
    sql = f"SELECT audience_id, COUNT(DISTINCT user_id) AS people FROM {fresh.table('members')} GROUP BY 1"
    found = fresh.rows(sql, workflow={"filteredMetricsDiscriminatorColumn": "filtered"})
    assert [row["filtered"] for row in found if row["audience_id"]] == ["false"]


@pytest.mark.covers("executions")
def test_executions_are_listed_by_time_and_without_the_cancelled(stage: Stage) -> None:
    fresh = asker_of(stage, stage.http)
    sql = "SELECT COUNT(DISTINCT user_id) AS people FROM watched_genre"
    made = [fresh.executed(sql)["workflowExecutionId"] for _ in range(3)]
    since = {"minCreationTime": "2026-01-01T00:00:00"}

    def listed(**more: Any) -> list[str]:
        return [one["workflowExecutionId"] for one in fresh.get(EXECUTIONS, **{**since, **more}).json()["executions"]]

    assert listed() == made[::-1]
    assert listed(sortAscending="true") == made
    first = fresh.get(EXECUTIONS, **since, limit=2).json()
    assert [one["workflowExecutionId"] for one in first["executions"]] == made[:0:-1]
    assert listed(limit=2, nextToken=first["nextToken"]) == made[:1]
    assert listed(maxCreationTime="2026-01-02T00:00:00") == []
    assert listed(minCreationTime="2199-01-01T00:00:00", timeZone="Asia/Tokyo") == []
    assert fresh.get(EXECUTIONS).status_code == 400, "neither a workflow nor a time"
    assert fresh.get(f"{EXECUTIONS}/nothing").status_code == 404
    other = asker_of(stage, stage.http)
    assert other.get(f"{EXECUTIONS}/{made[0]}").status_code == 404
    assert other.get(EXECUTIONS, **since).json() == {"executions": []}
