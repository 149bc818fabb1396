"""Uploaded audiences that are not ready: with too few people on them, they are listed as Processing and cannot be used.

The vendor wants 2,000 active members; the workspace's privacy policy says how many here (`minimum_list`). An audience
is ready the moment it has them, and is not any more when it loses them.
"""

from collections.abc import Collection

from houselights.services.caller import Caller
from houselights.services.house import House


def unready(house: House, caller: Caller, among: Collection[int] | None = None) -> frozenset[int]:
    """Return the audiences, of those the caller may see or of these, that have too few people to be used."""
    return house.rosters.below(caller, caller.workspace.privacy.minimum_list, among)


def why_not(caller: Caller) -> str:
    """Say what an audience that is not ready lacks."""
    return f"has fewer than {caller.workspace.privacy.minimum_list:,} active members, and cannot be used yet"
