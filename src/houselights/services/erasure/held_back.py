"""Salted hashes of what names somebody who was erased. What they were cannot be read from them, only asked of them.

The salt is a secret of the deployment; the hash is SHA-256 of salt, namespace and value, so that a database can compute
it over millions of imported rows. "key" is the namespace of the company's own keys.
"""

from collections.abc import Iterable
from hashlib import sha256

from houselights.storage.control.control import Control

KEY = "key"
SECRET = "held_back_salt"
BETWEEN = "\x1f"


def salt(control: Control) -> str:
    """Return the deployment's salt: 64 hex digits."""
    return control.secrets.get(SECRET).hex()


def hash_of(salt: str, namespace: str, value: str) -> str:
    """Return the hash of one stored identity, or of a key."""
    return sha256(f"{salt}{namespace}{BETWEEN}{value}".encode()).hexdigest()


def held_back(control: Control, workspace_id: int, names: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of the (namespace, stored value) that were somebody's who was erased."""
    wanted = set(names)
    if not wanted:
        return set()
    drawn = salt(control)
    hashes = {hash_of(drawn, *name): name for name in wanted}
    return {hashes[each] for each in control.erasures.among_held_back(workspace_id, hashes)}
