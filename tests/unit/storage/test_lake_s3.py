"""The lake on an object store: the same answers as on a folder, through a server that speaks S3."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import boto3
import pyarrow as pa
import pytest

from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import MEASURES

KEY, SECRET, REGION = "testing", "testing", "us-east-1"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server in a process of its own: delta-rs may keep Python's lock while it waits for an answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await_answer(url)
        store = boto3.client(
            "s3", endpoint_url=url, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name=REGION
        )
        store.create_bucket(Bucket="lake")
        yield url
    finally:
        server.terminate()
        server.wait(10)


def await_answer(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{url}/moto-api/", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture
def lake(endpoint: str) -> Lake:
    return Lake(
        "s3://lake/of ours",
        {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
            "AWS_ALLOW_HTTP": "true",
            # S3's own "put if nobody has" makes commits atomic; no lock table is needed
            "conditional_put": "etag",
        },
    )


def measures(value: float) -> pa.Table:
    return pa.table([[0, 3], [1, 3 << 20], ["daily_reach"] * 2, [value, value * 2]], schema=MEASURES.schema)


def test_versions_files_and_vacuum(lake: Lake) -> None:
    assert lake.version(7, "measures") is None
    first = lake.write(7, "measures", measures(0.25), note={"import": "1"})
    second = lake.write(7, "measures", measures(0.5).to_reader())
    assert lake.version(7, "measures") == second
    for version, value in ((first, 0.25), (second, 0.5)):
        table = lake.dataset(7, "measures", version).to_table().sort_by("person_id")
        assert table["value"].to_pylist() == [value, value * 2]
    files = lake.files(7, "measures", second, shard=3)
    assert len(files) == 1
    assert files[0].startswith("s3://lake/of ours/7/measures/shard=3/")
    assert [commit.note for commit in lake.commits(7, "measures")] == [{}, {"import": "1"}]
    assert len(lake.vacuum(7, "measures", [second])) == 2
