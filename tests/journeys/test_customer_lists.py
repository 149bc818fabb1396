"""A customer list as it lives, over HTTP: from a token to an audience of the DSP, to counts in SQL, to being forgotten.

What every step should say is worked out from the world's own files, with sets.
"""

import csv
import hashlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyarrow.dataset as ds
import pytest

from houselights.app import build_house, create_app
from houselights.base.settings import Settings
from houselights.services.demo.world import source_of
from tests.apis.amazon.amc.conftest import METADATA, RECORDS, TERMS, Uploader
from tests.apis.amazon.conftest import Speaker
from tests.apis.amazon.serving import serving

pytestmark = pytest.mark.slow

PEOPLE, CUSTOMERS, EACH = 60_000, 50_000, 6_000
WAIT_SECONDS = 120
MINIMUM_CELL = 5  # of the demo's privacy policy: counts of matches go in steps of it
US = "ATVPDKIKX0DER"


@dataclass(frozen=True)
class Customer:
    """One row of the list: the hash of an address, and who of the world it is, None for a stranger."""

    email: str
    country: str | None = None
    gender: str | None = None

    @property
    def is_known(self) -> bool:
        return self.country is not None


@dataclass
class Company:
    """The company that uploads: what it knows of its customers, and a client for each way of asking."""

    credentials: Mapping[str, str]
    uploads: Uploader
    insights: Speaker
    customers: list[Customer]
    audience: int = 0
    left: set[int] = field(default_factory=set)

    @property
    def members(self) -> list[Customer]:
        """Who is on the list now."""
        return [one for number, one in enumerate(self.customers) if one.is_known and number not in self.left]

    def records(self, numbers: range, action: str) -> list[dict[str, Any]]:
        return [
            {"externalUserId": f"crm-{n}", "action": action, "hashedPII": [{"email": self.customers[n].email}]}
            for n in numbers
        ]

    def expression(self) -> dict[str, Any]:
        member = {"audienceId": str(self.audience), "groupId": "ours", "negative": "false"}
        return {"audienceTargetingExpression": {"audiences": [member]}}

    def counted(self) -> int:
        """Ask in SQL how many are on the list, in the words of the guide's sample."""
        instance = self.credentials["amc_instance_id"]
        headers = {
            "Amazon-Advertising-API-AdvertiserId": self.credentials["amc_account_id"],
            "Amazon-Advertising-API-MarketplaceId": US,
        }
        path = f"/amc/reporting/{instance}"
        sources = self.uploads.get(f"{path}/dataSources", headers=headers).json()["dataSources"]
        (table,) = (one["dataSourceId"] for one in sources if "_audience_members_" in one["dataSourceId"])
        sql = (
            f"SELECT COUNT(DISTINCT user_id) as matched_users FROM {table} "
            f"WHERE audience_id = {self.audience} GROUP BY audience_id"
        )
        asked = {"workflow": {"sqlQuery": sql}, "timeWindowType": "ALL"}
        told = self.uploads.post(f"{path}/workflowExecutions", asked, headers=headers).json()
        execution = f"{path}/workflowExecutions/{told['workflowExecution']['workflowExecutionId']}"
        over = until(lambda: self.uploads.get(execution, headers=headers).json()["workflowExecution"], "status")
        assert over["status"] == "SUCCEEDED", over
        (url,) = self.uploads.get(f"{execution}/downloadUrls", headers=headers).json()["downloadUrls"]
        rows = list(csv.DictReader(io.StringIO(self.uploads.http.get(urlsplit(url).path).text)))
        return int(rows[0]["matched_users"]) if rows else 0


def until(ask: Any, state: str) -> Any:
    """Ask until what is told is over, and return it."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (told := ask())[state] in {"PENDING", "RUNNING"}:
        assert time.monotonic() < deadline, told
        time.sleep(0.1)
    return told


def customers_of(world: Path) -> list[Customer]:
    """Return the list: people of the world with an address, in the clear or known by its hash, and some strangers."""
    people = ds.dataset(sorted(map(str, world.glob("people-*.parquet")))).to_table(
        columns=["person_id", "email", "country", "gender"]
    )
    partner = ds.dataset(sorted(map(str, world.glob("partner-*.parquet")))).to_table(
        columns=["person_id", "email_sha256"]
    )
    by_partner = dict(zip(partner["person_id"].to_pylist(), partner["email_sha256"].to_pylist(), strict=True))
    known = []
    for person in people.to_pylist():
        email = person["email"]
        hashed = hashlib.sha256(email.encode()).hexdigest() if email else by_partner.get(person["person_id"])
        if hashed is not None:
            known.append(Customer(hashed, person["country"], person["gender"]))
    strangers = (Customer(hashlib.sha256(f"{n}@nobody.example".encode()).hexdigest()) for n in range(CUSTOMERS))
    return [*known, *strangers][:CUSTOMERS]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The demo world, served, and a company with nothing but the demo's credentials."""
    data = tmp_path_factory.mktemp("demo")
    command = [str(Path(sys.executable).with_name("houselights")), "demo", "--people", str(PEOPLE), "--no-serve"]
    made = subprocess.run([*command, "--data", str(data)], capture_output=True, text=True, timeout=300, check=False)
    assert made.returncode == 0, made.stderr
    credentials = json.loads((data / "credentials.json").read_text())["amazon"]
    app = create_app(build_house(Settings.from_environment(data=data)))
    with serving(app) as base_url, httpx.Client(base_url=base_url, timeout=60) as http:
        form = {key: credentials[key] for key in ("client_id", "client_secret", "refresh_token")}
        token = http.post("/auth/o2/token", data={"grant_type": "refresh_token", **form}).json()["access_token"]
        headers = {
            "Authorization": f"Bearer {token}",
            "Amazon-Advertising-API-ClientId": credentials["client_id"],
            "Accept": "*/*",
        }
        speaker = Speaker(
            http,
            headers | {"Amazon-Advertising-API-Scope": credentials["profile_id"]},
            int(credentials["advertiser_id"]),
        )
        yield Company(credentials, Uploader(http, headers), speaker, customers_of(source_of(data)))


def test_a_customer_list_from_token_to_erasure(company: Company) -> None:
    credentials, uploads = company.credentials, company.uploads

    # terms, and a connection of the first instance with the advertiser
    uploads.accept_terms()
    assert uploads.get(TERMS).json() == {"hasAccepted": True}
    (account,) = uploads.get("/amc/accounts").json()["amcAccounts"]
    instances = uploads.get("/amc/instances").json()["instances"]
    assert credentials["amc_instance_id"] in {one["instanceId"] for one in instances}
    connection = uploads.connect(
        amcAccountId=account["accountId"],
        amcAccountMarketplaceId=account["marketplaceId"],
        amcInstanceId=credentials["amc_instance_id"],
        dspAdvertiserId=credentials["advertiser_id"],
        dspProfileId=credentials["profile_id"],
        isDefault=True,
    )

    # an audience, and fifty thousand hashed customers into it
    company.audience = uploads.audience({"connectionId": connection}, countryCode="US", metadata={"ttl": 604_800})
    jobs = []
    for start in range(0, CUSTOMERS, EACH):
        numbers = range(start, min(start + EACH, CUSTOMERS))
        body = {"audienceId": company.audience, "records": company.records(numbers, "CREATE")}
        jobs.append(uploads.post(RECORDS, {**body, "targetResource": {"connectionId": connection}}).json())
    for job in jobs:
        done = until(lambda job=job: uploads.get(f"{RECORDS}/{job['jobRequestId']}").json(), "jobState")
        assert (done["jobState"], done["successful"]["recordsProcessedRate"]) == ("SUCCEEDED", 100), done
    assert len(company.members) > CUSTOMERS * 0.8
    told = len(company.members) // MINIMUM_CELL * MINIMUM_CELL
    whole = {"receivedRecordSize": CUSTOMERS, "idResolutionCount": told, "dspAudienceSize": told}
    assert uploads.size(company.audience) == whole

    # what they are like, as Persona Builder tells it of the people of the advertiser's country
    here = [one for one in company.members if one.country == "US"]
    size = company.insights.told("/insights/bandedSize", company.expression())["estimatedSize"]
    assert size["min"] <= len(here) < size["max"]
    demographics = company.insights.told("/insights/demographics", company.expression())["demographics"]
    shares = {one["attribute"]: one["insightMetrics"]["overlapPercentage"] for one in demographics["gender"]}
    female = 100 * sum(one.gender == "female" for one in here) / len(here)
    assert shares["FEMALE"] == pytest.approx(female, rel=1e-3)
    assert company.insights.told("/insights/topOverlappingAudiences", company.expression())["audiences"]

    # how many, in SQL
    assert company.counted() == len(company.members)

    # a time to live of nothing hides everybody, and one that is raised again brings them back
    path = f"{METADATA}/{company.audience}"
    for ttl, members in ((0, 0), (604_800, len(company.members))):
        assert uploads.send("PUT", path, {"metadata": {"ttl": ttl}}).json()["metadata"]["ttl"] == ttl
        assert uploads.size(company.audience)["dspAudienceSize"] == members // MINIMUM_CELL * MINIMUM_CELL
        assert company.insights.post("/insights/bandedSize", company.expression()).status_code == (
            200 if members else 404
        )
        assert company.counted() == members

    # some leave
    done = uploads.upload(company.audience, company.records(range(1_000), "DELETE"))
    assert done["jobState"] == "SUCCEEDED"
    company.left |= set(range(1_000))
    assert company.counted() == len(company.members)

    # and some want to be forgotten
    forgotten = range(1_000, 1_100)
    users = [{"userId": {"type": "EXTERNAL_USER_ID", "value": f"crm-{n}"}} for n in forgotten]
    asked = uploads.send("PATCH", "/v2/dp/users", {"users": users, "operation": "DELETE"})
    assert asked.status_code == 202, asked.text
    company.left |= set(forgotten)
    assert company.counted() == len(company.members), "at once, before the job is over"
    job = f"/v2/dp/jobs/{asked.json()['requestId']}"
    over = until(lambda: uploads.get(job).json()["job"], "status")
    assert over["status"] == "SUCCEEDED", over
    assert company.counted() == len(company.members)
    assert uploads.size(company.audience)["dspAudienceSize"] == len(company.members) // MINIMUM_CELL * MINIMUM_CELL
    again = uploads.upload(company.audience, company.records(forgotten, "DELETE"))
    assert again["jobState"] == "SUCCEEDED"
    assert uploads.judged > 20
    assert company.insights.judged >= 5
