"""An erasure whose process is killed at any moment is finished by the next one: nobody comes back, nothing is left."""

import multiprocessing
import random
from pathlib import Path

import pytest

from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.model.erasure import ErasureScope, ErasureState
from houselights.model.workspace import Workspace
from houselights.rules.tree import Everyone, InAudience
from houselights.services.caller import Caller
from houselights.services.house import House
from tests.uploading import create, email, roster, settle

PEOPLE, KILLS = 40, 6


def erase(folder: Path) -> None:
    """What a server does, until it is killed."""
    house = build_house(Settings(data=folder))
    while True:
        house.eraser.work_all()


def who(house: House, workspace: Workspace, audience_id: int | None = None) -> set[int]:
    snapshot = house.snapshots.newest(workspace.id)
    rule = Everyone() if audience_id is None else InAudience(audience_id)
    return set(snapshot.evaluate(rule, house.audiences.resolve(workspace)).ids().tolist())


@pytest.mark.slow
def test_it_is_killed_again_and_again(tmp_path: Path) -> None:
    lots = random.Random(7)
    data = tmp_path / "data"
    house = build_house(Settings(data=data))
    workspace = settle(house, PEOPLE)
    caller, met = Caller.local(workspace), roster(house, workspace)
    house.intake.accept(caller, create(met.id, range(PEOPLE)))
    house.worker.work_all()
    left, asked = set(range(PEOPLE)), []
    spawn = multiprocessing.get_context("spawn")
    for _ in range(KILLS):
        person = lots.choice(sorted(left))
        asked.append(house.erasing.request(caller, [("email", email(person)["email"])], scope=ErasureScope.EVERYTHING))
        left.discard(person)
        server = spawn.Process(target=erase, args=(data,))
        server.start()
        server.join(timeout=lots.uniform(1.5, 6.0))
        server.kill()
        server.join()
        assert who(house, workspace) == left
        assert who(house, workspace, met.id) == left
    house.eraser.work_all()
    assert who(house, workspace) == who(house, workspace, met.id) == left
    gone = set(range(PEOPLE)) - left
    names = [name.encode() for person in gone for name in (email(person)["email"],)]
    for erasure_id in asked:
        told = house.erasing.report(caller, erasure_id)
        assert told.state is ErasureState.DONE
        assert told.proof is not None
        assert told.people == 1
    house.control.close()
    for path in data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(name in content for name in names), path
    again = build_house(Settings(data=data))
    assert who(again, workspace) == left
    again.control.close()
