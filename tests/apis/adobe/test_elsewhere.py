"""Audiences that another API made: seen and used here, changed where they were made."""

import pytest

from houselights.apis.adobe.ids import uuid_of
from houselights.rules.tree import Where
from houselights.rules.values import Call, Field, Input, Literal
from houselights.services.caller import Caller
from tests.apis.adobe.conftest import Speaker, Stage

TRIALS = Where(Call("equal", (Field(Input(1), "plan"), Literal("trial"))))


@pytest.mark.covers("external")
def test_an_audience_made_elsewhere_is_external_here(stage: Stage, twelve: Speaker) -> None:
    workspace = stage.house.control.workspaces.by_name("twelve")
    assert workspace is not None
    made = stage.house.audiences.create(Caller.local(workspace), name="Trials", description="", rule=TRIALS)
    audience_id = uuid_of(made.id)
    (told,) = twelve.told("GET", "/audiences?name=trials")["children"]
    assert (told["id"], told["type"], told["namespace"]) == (audience_id, "ExternalSegment", "Houselights")
    assert twelve.size(f'inSegment("{audience_id}") and region = "emea"') == 3
    for method, body in (("PUT", {"name": "Mine"}), ("PATCH", []), ("DELETE", None)):
        refused = twelve.refused(method, f"/audiences/{audience_id}", body, status=400)
        assert "made through another API" in refused["message"]
    refused = twelve.refused("POST", f"/audiences/{audience_id}/members", [], status=400)
    assert "fed there" in refused["message"]
    twelve.refused("GET", f"/segment/definitions/{audience_id}", status=404)
