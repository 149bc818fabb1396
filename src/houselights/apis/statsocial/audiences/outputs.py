"""Which outputs an audience gets: those asked for, if the client may choose, else all that are made for it.

The room's own ids are always among them.
"""

from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any

from houselights.apis.statsocial.errors import Fault, Rejected
from houselights.apis.statsocial.origin import ORIGIN
from houselights.base.suggest import did_you_mean
from houselights.engine.snapshot import Snapshot
from houselights.model.build import Build
from houselights.model.rights import OUTPUTS, Rights
from houselights.services.builds.makers import Array
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.outputs.outputs import MADE

ALWAYS = "ss_id"


def chosen_outputs(asked: Sequence[str] | None, rights: Rights) -> list[str]:
    """Return outputs in the order of the vendor's list.

    What is asked for is ignored unless the client may choose. Raises Rejected: 400 for what is no output, 403 for one
    that is not made for the client.
    """
    if asked is None or not rights.choose_outputs:
        return [each for each in OUTPUTS if each == ALWAYS or rights.may_generate(each)]
    unknown = [
        Fault(f'"{each}" is no output', f"outputs[{at}]", did_you_mean(each, OUTPUTS))
        for at, each in enumerate(asked)
        if each not in OUTPUTS
    ]
    if unknown:
        raise Rejected(unknown)
    refused = [
        Fault(f"{each} is not made for this client", f"outputs[{at}]", "an operator can give the right to generate it")
        for at, each in enumerate(asked)
        if each != ALWAYS and not rights.may_generate(each)
    ]
    if refused:
        raise Rejected(refused, code="NOT_ALLOWED", status=403)
    return [each for each in OUTPUTS if each == ALWAYS or each in asked]


def count_outputs(house: House) -> None:
    """Have the ids of each output counted when an audience is built; their files are written when they are fetched."""

    def measure(caller: Caller, build: Build, snapshot: Snapshot, people: Array, _stop: Event) -> Mapping[str, Any]:
        return {MADE: house.outputs.counts(caller, snapshot, people, build.asked.get("outputs", ()))}

    house.builds.measure(ORIGIN, MADE, measure)
