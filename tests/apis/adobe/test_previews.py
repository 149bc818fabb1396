"""`/preview` and `/estimate`: everybody is counted."""

from typing import Any

import pytest

from houselights.apis.adobe.login.style import ROOM_SCOPES
from houselights.identity.hashing import sha256_hex
from tests.apis.adobe.conftest import Speaker, Stage
from tests.apis.adobe.language.cases import all_cases

ASK = {"predicateType": "pql/text", "predicateModel": "_xdm.context.profile", "graphType": "pdg"}


def keys(told: Any) -> set[str]:
    return {xid for result in told["results"] for xid in result}


@pytest.mark.covers("preview")
def test_an_expression_is_previewed_and_estimated_before_it_is_saved(twelve: Speaker) -> None:
    made = twelve.preview('plan = "trial"')
    assert (made["state"], made["previewExecutionId"]) == ("NEW", 0)
    estimate = twelve.told("GET", f"/estimate/{made['previewId']}")
    assert estimate["state"] == "RESULT_READY"
    assert (estimate["estimatedSize"], estimate["totalRows"], estimate["standardError"]) == (6, 12, 0.0)
    assert (estimate["exact"], estimate["confidenceInterval"]) == (True, "100%")
    namespaces = {
        each["namespaceId"]: each["profilesMatchedSoFar"] for each in estimate["estimatedNamespaceDistribution"]
    }
    assert namespaces == {"cookie": 1, "email": 5, "external_user_id": 1, "maid": 1}
    told = twelve.told("GET", f"/preview/{made['previewId']}?limit=4")
    assert (told["state"], told["page"]) == ("RESULT_READY", {"offset": 0, "size": 4})
    rest = twelve.told("GET", f"/preview/{made['previewId']}?limit=4&offset=4")
    assert len(keys(told) | keys(rest)) == 6
    assert told["links"]["next"].endswith("offset=4&limit=4")
    assert rest["links"]["next"] == ""
    assert twelve.told("DELETE", f"/preview/{made['previewId']}")["status"] is True
    twelve.refused("GET", f"/estimate/{made['previewId']}", status=404)


@pytest.mark.covers("preview", "pql")
def test_an_estimate_is_the_number_that_the_corpus_counts(twelve: Speaker) -> None:
    """Every tenth condition of the language's corpus that the lake can answer; dara, who opted out, is in no audience.

    The corpus asks about profiles with addresses to be read; in the lake they are hashes, and come after this.
    """
    cases = [case for case in all_cases() if "who" in case.facts and "inSegment" not in case.text]
    cases = [case for case in cases if "birthd" not in case.text.lower() and "segmentMembership" not in case.text]
    asked = [case for case in cases if "identityMap" not in case.text][::10]
    assert len(asked) > 20
    for case in asked:
        who = set(case.facts["who"].split()) - {"-", "dara"}
        assert twelve.size(case.text) == len(who), case.name


@pytest.mark.covers("preview", "pql")
def test_an_address_is_found_by_its_hash_and_never_by_its_text(twelve: Speaker) -> None:
    def known(text: str) -> int:
        return twelve.size(f'identityMap.get("email").id = "{text}"')

    assert known(sha256_hex("ada@example.com")) == known(sha256_hex("ada+shop@example.com")) == 1
    assert known("ada@example.com") == 0
    assert twelve.size('identityMap.get("email")[id.contains("@")]') == 0
    without = {"eli", "jo", "lena"}
    assert twelve.size('identityMap.get("email").isNull()') == len(without)
    assert twelve.size('identityMap.keys().includes("maid")') == len({"ben", "cleo"})


@pytest.mark.covers("preview")
def test_a_bad_expression_is_refused_at_once(twelve: Speaker) -> None:
    refused = twelve.refused("POST", "/preview", {"predicateExpression": "plna = 1", **ASK}, status=400)
    assert (refused["field"], refused["line"], refused["column"]) == ("predicateExpression", 1, 1)
    assert twelve.refused("POST", "/preview", ASK, status=400)["field"] == "predicateExpression"
    form = {"predicateExpression": "true", "predicateType": "pql/xml"}
    assert twelve.refused("POST", "/preview", form, status=400)["field"] == "predicateType"
    nodes = {"predicateExpression": {"nodeType": "fnApply"}, "predicateType": "pql/json"}
    assert twelve.refused("POST", "/preview", nodes, status=400)["field"] == "predicateExpression.fnName"


@pytest.mark.covers("permissions")
def test_counting_is_not_seeing_and_a_band_is_not_a_count(stage: Stage) -> None:
    some = stage.speaker(stage.client(scopes=ROOM_SCOPES - {"counts:exact", "profiles:read"}))
    made = some.preview('plan = "trial"')
    estimate = some.told("GET", f"/estimate/{made['previewId']}")
    assert (estimate["estimatedSize"], estimate["exact"], estimate["estimatedNamespaceDistribution"]) == (5, False, [])
    some.refused("GET", f"/preview/{made['previewId']}", status=403)
    some.refused("GET", "/access/entities?schema.name=_xdm.context.profile&entityId=Ax", status=403)


@pytest.mark.covers("tenancy")
def test_nobody_elses_preview_can_be_read(twelve: Speaker, neighbour: Speaker) -> None:
    made = twelve.preview("true")
    for path in (f"/preview/{made['previewId']}", f"/estimate/{made['previewId']}"):
        neighbour.refused("GET", path, status=404)
