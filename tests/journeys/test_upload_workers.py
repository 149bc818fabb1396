"""Several workers in processes of their own, on one PostgreSQL database and one lake, as if on several machines.

Each has a data folder of its own, so no lock of the operating system tells them apart: only the lease does.
"""

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.base.upload_settings import UploadSettings
from houselights.model.upload import UploadState
from houselights.services.caller import Caller
from tests.contract.conftest import POSTGRES
from tests.uploading import WORKSPACE, Child, create, external_ids, log_of, roster, settle, work

pytestmark = pytest.mark.slow

PEOPLE, UPLOADS = 200, 60
LEASE_SECONDS = 2


@pytest.fixture
def database_url() -> Iterator[str]:
    try:
        server = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL answers at {POSTGRES}: {str(error).strip().splitlines()[0]}")
    name = f"houselights_{uuid.uuid4().hex}"
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield sa.make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    server.close()


@pytest.mark.server
def test_no_job_is_done_twice_and_none_is_lost_with_its_worker(database_url: str, tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path / "server",
        database_url=database_url,
        lake_url=str(tmp_path / "lake"),
        uploads=UploadSettings(workers="apart", lease_seconds=LEASE_SECONDS, batch_records=100),
    )
    house = build_house(settings)
    shops = [settle(house, PEOPLE, name=f"{WORKSPACE} {number}") for number in range(3)]
    rosters = [roster(house, shop) for shop in shops]
    workers = [
        Child(replace(settings, data=tmp_path / f"machine-{n}", index_folder=tmp_path / f"index-{n}"), work)
        for n in range(3)
    ]
    sent: dict[str, set[int]] = {}
    for number in range(UPLOADS):
        people = {(number * 7 + each) % PEOPLE for each in range(40)}
        place = number % len(shops)
        sent[house.intake.accept(Caller.local(shops[place]), create(rosters[place].id, sorted(people)))] = people
        if number == UPLOADS // 2:
            workers.pop().kill()  # in the middle of whatever it did
    deadline = time.monotonic() + 60
    while any(house.control.uploads.backlog(shop.id).uploads for shop in shops):
        assert time.monotonic() < deadline, "uploads still wait"
        time.sleep(0.05)
    done = []
    for worker in workers:
        worker.wire.send("stop")
        done.append(worker.wire.recv())
        worker.end()
    assert 0 < sum(done) <= UPLOADS

    for shop in shops:
        statuses = house.intake.list(Caller.local(shop), limit=1000)
        assert {each.state for each in statuses} == {UploadState.SUCCEEDED}
        written: dict[str, list[int]] = {}
        for row in log_of(house, shop).to_pylist():
            written.setdefault(row["upload_id"], []).append(row["person_id"])
        assert set(written) == {each.id for each in statuses}
        for upload_id, people in written.items():
            assert sorted(people) == sorted(sent[upload_id])
        assert set(external_ids(house, shop).values()) == {1}
        (counted,) = house.control.uploads.counts(shop.id, [each.id for each in rosters]).values()
        assert counted.received == counted.matched == 40 * len(statuses)
    house.control.close()


def test_the_command_works_on_uploads_until_it_is_told_to_end(tmp_path: Path) -> None:
    house = build_house(Settings(data=tmp_path / "data", uploads=UploadSettings(workers="apart")))
    shop = settle(house, PEOPLE)
    met, caller = roster(house, shop), Caller.local(shop)
    house.intake.accept(caller, create(met.id, range(10)))
    command = [sys.executable, "-c", "from houselights.cli.main import run; run()", "worker"]
    with subprocess.Popen([*command, "--data", str(house.settings.data)], stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while house.control.uploads.backlog(shop.id).uploads:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0
    assert house.rosters.sizes(caller, met).active == 10
    house.control.close()
