"""People from an object store that speaks S3, as the environment says how to reach it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs
from moto.server import ThreadedMotoServer

from tests.importing import Kitchen

pytestmark = pytest.mark.slow


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    s3fs.S3FileSystem.clear_instance_cache()
    yield "s3://people"
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def test_people_from_s3(store: str, tmp_path: Path) -> None:
    files = s3fs.S3FileSystem()
    files.mkdir("people")
    for name, rows in (("1.csv", "id,town\na,Rome\n"), ("2.csv", "id,town\nb,Oslo\n")):
        with files.open(f"people/in/{name}", "wb") as file:
            file.write(rows.encode())
    kitchen = Kitchen.open(tmp_path)
    mapping = {"people": [{"files": f"{store}/in/*.csv", "key": "id", "facets": {"town": "town"}}]}
    assert kitchen.run(mapping).people == 2
    assert kitchen.traits() == {"a": {"town:Rome"}, "b": {"town:Oslo"}}
    assert kitchen.run(mapping).state == "unchanged"
    with files.open("people/in/2.csv", "wb") as file:
        file.write(b"id,town\nb,Bonn\n")
    kitchen.run(mapping)
    assert kitchen.traits()["b"] == {"town:Bonn"}
