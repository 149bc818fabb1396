"""A server that is killed while a client uploads, again and again: what it acknowledged is in the log exactly once.

`HOUSELIGHTS_KILLS` says how often; `make soak` kills five hundred times.
"""

import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from houselights.app import build_house
from houselights.model.upload import UploadKind, UploadState
from houselights.services.caller import Caller
from houselights.services.intake.payload import IdentityUpload, MemberUpload, Payload
from tests.uploading import Child, create, data_in, delete, external_ids, introduce, log_of, roster, settle

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("HOUSELIGHTS_KILLS", "50"))
PEOPLE = 400
AT_ONCE = 40
SECONDS_MOST = 0.25  # between the first acknowledgement of a server and its death


def uploads(chance: random.Random, audience_id: int) -> Iterator[Payload]:
    """What the client sends: some people in, some out again, some only named; everybody can be matched."""
    while True:
        people = chance.sample(range(PEOPLE), AT_ONCE)
        yield create(audience_id, people)
        yield delete(audience_id, people[: AT_ONCE // 4])
        yield introduce(chance.sample(range(PEOPLE), AT_ONCE))


def lines_of(upload: Payload) -> Counter[tuple[int, str]]:
    """What an upload should have written: (person, action)."""
    if isinstance(upload, IdentityUpload):
        return Counter()
    return Counter((int(str(record.external_id)[1:]), record.action) for record in upload.records)


def test_what_a_killed_server_acknowledged_is_in_the_log_exactly_once(tmp_path: Path) -> None:
    settings = data_in(tmp_path)
    house = build_house(settings)
    workspace = settle(house, PEOPLE)
    audience = roster(house, workspace)
    chance = random.Random(7)
    sending = uploads(chance, audience.id)
    acknowledged: dict[str, Payload] = {}

    for _ in range(KILLS):
        child = Child(settings)
        death: threading.Timer | None = None
        try:
            while True:
                upload = next(sending)
                child.wire.send(upload)
                acknowledged[child.wire.recv()] = upload
                if death is None:
                    death = threading.Timer(chance.uniform(0, SECONDS_MOST), child.process.kill)
                    death.start()
        except (EOFError, ConnectionError):
            pass
        child.kill()
        assert death is not None, "the server died before it acknowledged anything"
        death.join()

    house.worker.work_all()  # a server that is started again, for the last time
    everything = house.intake.list(Caller.local(workspace), limit=1_000_000)
    assert {each.state for each in everything} == {UploadState.SUCCEEDED}
    assert set(acknowledged) <= {each.id for each in everything}
    assert len(everything) - len(acknowledged) <= KILLS  # each server took one with it that it had kept, at the most

    log = log_of(house, workspace).to_pylist()
    written: dict[str, Counter[tuple[int, str]]] = {}
    for row in log:
        written.setdefault(row["upload_id"], Counter())[row["person_id"], row["action"]] += 1
    for upload_id, upload in acknowledged.items():
        assert written.pop(upload_id, Counter()) == lines_of(upload)
    unheard = {each.id: each for each in everything if each.id not in acknowledged}
    for upload_id, lines in written.items():  # kept, but the server died before it could say so
        assert set(lines.values()) == {1}
        assert sum(lines.values()) == unheard[upload_id].received

    # Everything follows from the log: who is on the list, and what was counted.
    last = {row["person_id"]: row["action"] for row in log}
    on_it = {person_id for person_id, action in last.items() if action == "CREATE"}
    sizes = house.rosters.sizes(Caller.local(workspace), audience)
    assert sizes.active == len(on_it)
    assert sizes.received == sizes.matched == sum(row["action"] == "CREATE" for row in log)
    named = {
        record.external_id
        for upload in acknowledged.values()
        for record in upload.records
        if isinstance(upload, IdentityUpload) or record.action == "CREATE"
    }
    known = external_ids(house, workspace)
    assert set(known.values()) == {1}
    assert named <= {value for value, _ in known}
    assert all(value == f"e{person_id}" for value, person_id in known)

    # The order of acceptance is the order of the log.
    numbers = {each.id: place for place, each in enumerate(reversed(everything))}
    order = [numbers[row["upload_id"]] for row in log]
    assert order == sorted(order)
    kinds = Counter(each.kind for each in everything)
    assert set(kinds) == set(UploadKind)
    assert any(isinstance(upload, MemberUpload) for upload in acknowledged.values())
    house.control.close()
