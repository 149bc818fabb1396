"""Rights of clients over outputs of audiences, as an operator sets them. A client nobody spoke of has all of them.

What a scope forbids, no right allows.
"""

from collections.abc import Collection, Mapping
from typing import Any

from houselights.base.clock import Clock
from houselights.base.errors import InvalidInput, NotFound
from houselights.base.suggest import did_you_mean
from houselights.model.rights import OUTPUTS, Rights
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.storage.control.control import Control

KIND = "rights"


class ClientRights:
    """Reads and writes rights, as documents of the workspace."""

    def __init__(self, control: Control, clock: Clock, audit: Audit):
        self._control = control
        self._clock = clock
        self._audit = audit

    def of(self, caller: Caller) -> Rights:
        """Return the rights of the client that asks; the command line has all."""
        return Rights() if caller.client is None else self.of_client(caller.workspace.id, caller.client.id)

    def of_client(self, workspace_id: int, client_number: int) -> Rights:
        """Return the rights of a client."""
        try:
            body = self._control.documents.get(workspace_id, KIND, str(client_number)).body
        except NotFound:
            return Rights()
        return _read(body)

    def get(self, caller: Caller, client_number: int) -> Rights:
        """Return the rights of a client, for an operator. Raises NotFound."""
        caller.require("operator")
        self._known(caller, client_number)
        return self.of_client(caller.workspace.id, client_number)

    def put(self, caller: Caller, client_number: int, rights: Rights) -> Rights:
        """Set the rights of a client, from its next request on. Raises NotFound, InvalidInput for an unknown output."""
        caller.require("operator")
        self._known(caller, client_number)
        for field in ("generate", "view", "download"):
            check_outputs(getattr(rights, field) or (), field)
        self._control.documents.put(
            caller.workspace.id, KIND, str(client_number), rights_json(rights), self._clock.now()
        )
        self._audit.record(caller, "rights.set", str(client_number), **rights_json(rights))
        return rights

    def _known(self, caller: Caller, client_number: int) -> None:
        if self._control.clients.get(client_number).workspace_id != caller.workspace.id:
            raise NotFound(f"no client {client_number}")


def check_outputs(outputs: Collection[str], field: str) -> None:
    """Raise InvalidInput for the first that is no output."""
    for each in outputs:
        if each not in OUTPUTS:
            raise InvalidInput(f'"{each}" is no output', field=field, hint=did_you_mean(each, OUTPUTS))


def rights_json(rights: Rights) -> dict[str, Any]:
    """Write rights as JSON; all outputs are null."""
    lists = {name: getattr(rights, name) for name in ("generate", "view", "download")}
    return {
        "choose_outputs": rights.choose_outputs,
        "demographics_first": rights.demographics_first,
        **{name: None if value is None else sorted(value) for name, value in lists.items()},
    }


def _read(body: Mapping[str, Any]) -> Rights:
    lists = {name: body[name] for name in ("generate", "view", "download")}
    return Rights(
        choose_outputs=body["choose_outputs"],
        demographics_first=body["demographics_first"],
        **{name: None if value is None else frozenset(value) for name, value in lists.items()},
    )
