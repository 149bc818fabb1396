"""Erasures that can be done in one pass over the files: of the same scope, asked for by the same client.

A client may ask for one a second; a pass over a lake takes longer than that.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow.compute as pc

from houselights.engine.withheld import any_of
from houselights.model.erasure import Erasure, ErasureScope
from houselights.services.erasure.scrub import Name
from houselights.services.erasure.withholding import withheld_by
from houselights.storage.lake.tables import IDENTITIES, MEMBERSHIPS, TABLES

GROUP_MOST = 200  # erasures in one pass
OF_PEOPLE = tuple(name for name, table in TABLES.items() if table.schema.get_field_index("person_id") >= 0)
OF_CLIENTS = (MEMBERSHIPS.name, IDENTITIES.name)


@dataclass(frozen=True, slots=True)
class Group:
    """Some erasures, never none, that differ in whom they are about and until when."""

    erasures: tuple[Erasure, ...]

    @property
    def first(self) -> Erasure:
        """One of them, for what they have in common."""
        return self.erasures[0]

    @property
    def everything(self) -> bool:
        """Whether the people go whole."""
        return self.first.scope is ErasureScope.EVERYTHING

    @property
    def people(self) -> list[int]:
        """Everybody whom they are about, ascending."""
        return sorted({person for each in self.erasures for person in each.people})

    @property
    def identities(self) -> set[Name]:
        """What was given to say whom they are about."""
        return {name for each in self.erasures for name in each.identities}

    @property
    def needles(self) -> set[Name]:
        """What names those people alone, once it is known."""
        return {name for each in self.erasures for name in each.needles}

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of the lake that may have rows of theirs."""
        return OF_PEOPLE if self.everything else OF_CLIENTS

    @property
    def rows(self) -> dict[str, pc.Expression]:
        """By table the rows that go: all of the people, or of a client's own ids of them and places on its lists."""
        of_them = pc.field("person_id").isin(self.people)
        if self.everything:
            return dict.fromkeys(OF_PEOPLE, of_them)
        found: dict[str, pc.Expression] = {}
        lines = any_of([lines.expression for each in self.erasures for lines in withheld_by(each).lines])
        if lines is not None:
            found[MEMBERSHIPS.name] = lines
        if self.first.scope is ErasureScope.CLIENT and self.first.namespace is not None:
            found[IDENTITIES.name] = of_them & (pc.field("namespace") == self.first.namespace)
        return found


def grouped(erasures: Iterable[Erasure]) -> list[Group]:
    """Return erasures in groups, in the order of the first of each."""
    found: dict[object, list[Erasure]] = {}
    for each in erasures:
        # Of one whose look was interrupted the names are gone: it is no company for others.
        alike = (each.scope, each.client_id, each.account_id, "unfinished" in each.report)
        found.setdefault(alike, []).append(each)
    return [
        Group(tuple(those[start : start + GROUP_MOST]))
        for those in found.values()
        for start in range(0, len(those), GROUP_MOST)
    ]
