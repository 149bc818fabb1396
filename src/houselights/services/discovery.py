"""Finds facets, traits, trees of traits, audiences, and the taxonomy they stand in. Says nothing of people."""

from collections.abc import Sequence
from dataclasses import replace

from houselights.base.errors import NotFound
from houselights.base.suggest import did_you_mean
from houselights.engine.snapshot import Snapshots
from houselights.model.audience import Audience, AudienceFilter, AudienceStatus
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.services.audiences import Audiences, visible_to
from houselights.services.caller import Caller
from houselights.storage.control.control import Control


class Discovery:
    """Looks things up in the catalogue of the current generation and in the control database."""

    def __init__(self, snapshots: Snapshots, audiences: Audiences, control: Control):
        self._snapshots = snapshots
        self._audiences = audiences
        self._control = control

    def catalogue(self, caller: Caller) -> Catalogue:
        """Return the catalogue of the current generation. Raises NotFound before the first import."""
        caller.require("audiences:read")
        return self._snapshots.current(caller.workspace.id).catalogue

    def facets(self, caller: Caller, *, role: str | None = None) -> Sequence[Facet]:
        """Return the facets in the order in which they were declared, or only those that play a role."""
        catalogue = self.catalogue(caller)
        return list(catalogue.facets.values()) if role is None else catalogue.with_role(role)

    def facet(self, caller: Caller, key: str) -> Facet:
        """Return one facet. Raises NotFound with a hint."""
        catalogue = self.catalogue(caller)
        facet = catalogue.facets.get(key)
        if facet is None:
            raise NotFound(f'no facet "{key}"', field="facet", hint=did_you_mean(key, catalogue.facets))
        return facet

    def trait(self, caller: Caller, facet: str, key: str) -> Trait:
        """Return one trait. Raises NotFound with a hint."""
        self.facet(caller, facet)
        catalogue = self.catalogue(caller)
        trait = catalogue.find(facet, key)
        if trait is None:
            near = did_you_mean(key, (one.key for one in catalogue.of(facet)))
            raise NotFound(f'facet "{facet}" has no trait "{key}"', field="trait", hint=near)
        return trait

    def search(
        self, caller: Caller, words: str, *, facet: str | None = None, offset: int = 0, limit: int = 100
    ) -> tuple[Sequence[Trait], int]:
        """Return one stretch of the traits whose names hold every word, best first, and how many match in all.

        Case and accents do not matter; parts of words are found too (`model/names.py` says what is best).
        """
        if facet is not None:
            self.facet(caller, facet)
        hits = self.catalogue(caller).search(words, facet=facet)
        return hits[offset : offset + limit], len(hits)

    def account(
        self, caller: Caller, platform: str, account_id: str | None, screen_name: str | None = None
    ) -> Trait | None:
        """Return an account of a platform, by its id or else by its screen name (`Catalogue.account`), or None."""
        return self.catalogue(caller).account(platform, account_id, screen_name)

    def traits(self, caller: Caller, facet: str, *, offset: int = 0, limit: int = 100) -> tuple[Sequence[Trait], int]:
        """Return one stretch of a facet's traits in display order, and how many there are. Raises NotFound."""
        self.facet(caller, facet)
        traits = self.catalogue(caller).of(facet)
        return traits[offset : offset + limit], len(traits)

    def children(
        self, caller: Caller, facet: str, parent: str | None = None, *, offset: int = 0, limit: int = 100
    ) -> tuple[Sequence[Trait], int]:
        """Return one stretch of the traits directly below `parent` (None: the roots), and how many. Raises NotFound."""
        above = None if parent is None else self.trait(caller, facet, parent).id
        self.facet(caller, facet)
        below = [trait for trait in self.catalogue(caller).of(facet) if trait.parent == above]
        return below[offset : offset + limit], len(below)

    def audiences(
        self, caller: Caller, where: AudienceFilter, offset: int = 0, limit: int = 100, *, newest_first: bool = False
    ) -> tuple[list[Audience], int]:
        """Return one stretch of the matching audiences, reference and own, oldest first, and how many match in all."""
        return self._audiences.list(caller, where, offset, limit, newest_first=newest_first)

    def taxonomy(
        self, caller: Caller, path: Sequence[str], where: AudienceFilter | None = None
    ) -> Sequence[tuple[str, int]]:
        """Return the nodes right below `path` (the categories, for an empty one), each with its active audiences."""
        caller.require("audiences:read")
        where = where or AudienceFilter()
        if where.statuses is None:
            where = replace(where, statuses=frozenset({AudienceStatus.ACTIVE}))
        return self._control.audiences.taxonomy(caller.workspace.id, visible_to(caller, where), tuple(path))
