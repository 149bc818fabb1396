"""The dictionary of facets and traits while an import runs: gives each trait its small id, once and for ever.

It starts from the dictionary of the last import. A trait met again keeps its id, a new one gets the next, and one that
nobody declares or carries any more is retired, so that its id is never given to another.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from houselights.base.errors import InvalidInput
from houselights.base.ids import stable_id
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.storage.lake.tables import FACETS, TRAIT_DICTIONARY

TRAITS_PER_FACET_MAX = 1_000_000


@dataclass(slots=True)
class Entry:
    """One trait in the making. `order` is None until it is declared; `met` says that this import knows it."""

    id: int
    facet: str
    key: str
    name: str
    parent: int | None = None
    order: int | None = None
    low: float | None = None
    high: float | None = None
    description: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    met: bool = False


class TraitBook:
    """Facets and traits by key. `closure(id)` is a trait with all its ancestors: what a person carries.

    `names` says, by facet and trait key, what a trait is called when nothing nearer names it.
    """

    def __init__(
        self,
        facets: Iterable[Facet],
        names: Mapping[str, Mapping[str, str]] | None = None,
        previous: pa.Table | None = None,
    ):
        self._names = names or {}
        self.facets: dict[str, Facet] = {facet.key: facet for facet in facets}
        self._entries: list[Entry] = []
        self._by_key: dict[tuple[str, str], Entry] = {}
        self._sizes: dict[str, int] = {}
        self._closures: dict[int, tuple[int, ...]] = {}
        for row in previous.sort_by("id").to_pylist() if previous is not None else ():
            self._append(Entry(row["id"], row["facet"], row["key"], row["name"]))

    def _append(self, entry: Entry) -> Entry:
        if entry.id != len(self._entries):
            raise ValueError(f"the trait dictionary has a gap before {entry.id}")
        self._entries.append(entry)
        self._by_key[entry.facet, entry.key] = entry
        self._sizes[entry.facet] = self._sizes.get(entry.facet, 0) + 1
        return entry

    def add_facet(self, facet: Facet) -> None:
        """Add a facet unless there is one with this key."""
        self.facets.setdefault(facet.key, facet)

    def find(self, facet: str, key: str) -> int | None:
        """Return the id of a trait that this import knows, or None."""
        entry = self._by_key.get((facet, key))
        return entry.id if entry is not None and entry.met else None

    def meet(self, facet: str, key: str, name: str | None = None) -> int:
        """Return the id of a trait, making it when it is new. Raises InvalidInput when a facet grows beyond reason."""
        entry = self._by_key.get((facet, key))
        shown = name or self._names.get(facet, {}).get(key) or key
        if entry is None:
            if self._sizes.get(facet, 0) >= TRAITS_PER_FACET_MAX:
                raise InvalidInput(
                    f'the facet "{facet}" has more than {TRAITS_PER_FACET_MAX:,} different values', field=facet,
                    hint="is its column a key or a free text? Then it belongs in attributes or texts",
                )  # fmt: skip
            entry = self._append(Entry(len(self._entries), facet, key, shown))
        if not entry.met:
            entry.met = True
            entry.name = shown
        return entry.id

    def declare(self, facet: str, key: str, name: str | None, order: int, **more: Any) -> int:
        """Make a trait that has a place of its own: a name, an order, bounds, a description, attributes."""
        trait_id = self.meet(facet, key, name)
        entry = self._entries[trait_id]
        entry.order = order
        for what, value in more.items():
            setattr(entry, what, value)
        return trait_id

    def keys(self, facet: str) -> list[str]:
        """Return the keys of the traits of a facet that this import knows."""
        return [entry.key for entry in self._entries if entry.facet == facet and entry.met]

    def put_under(self, child: int, parent: int | None) -> None:
        """Hang a trait below another one of its facet. Raises InvalidInput when that closes a circle."""
        above, chain = parent, [self._entries[child].key]
        while above is not None:
            chain.append(self._entries[above].key)
            if above == child:
                raise InvalidInput(
                    f'the traits of "{self._entries[child].facet}" turn in a circle: {" → ".join(chain)}',
                    field="traits",
                )
            above = self._entries[above].parent
        self._entries[child].parent = parent
        self._closures.clear()

    def closure(self, trait_id: int) -> tuple[int, ...]:
        """Return a trait and its ancestors, itself first."""
        found = self._closures.get(trait_id)
        if found is None:
            parent = self._entries[trait_id].parent
            found = (trait_id,) if parent is None else (trait_id, *self.closure(parent))
            self._closures[trait_id] = found
        return found

    def facet_of(self) -> list[str]:
        """Return each trait's facet, by trait id."""
        return [entry.facet for entry in self._entries]

    def catalogue(self) -> Catalogue:
        """Return the facets and the traits that are in use, in display order: as declared, then by name."""
        placed = dict.fromkeys(self.facets, 0)
        for entry in self._entries:
            if entry.met and entry.order is not None:
                placed[entry.facet] = max(placed.get(entry.facet, 0), entry.order + 1)
        orders: dict[int, int] = {}
        loose = [entry for entry in self._entries if entry.met and entry.order is None]
        for entry in sorted(loose, key=lambda entry: (entry.name.casefold(), entry.key)):
            orders[entry.id] = placed[entry.facet]
            placed[entry.facet] += 1
        return Catalogue(
            self.facets.values(), (self._trait(e, orders.get(e.id, e.order or 0)) for e in self._entries if e.met)
        )

    def _trait(self, entry: Entry, order: int) -> Trait:
        discovered = self.facets[entry.facet].discovery is not None
        return Trait(
            id=entry.id,
            facet=entry.facet,
            key=entry.key,
            name=entry.name,
            path=tuple(self._entries[above].name for above in reversed(self.closure(entry.id))),
            parent=entry.parent,
            order=order,
            low=entry.low,
            high=entry.high,
            description=entry.description,
            audience_id=stable_id("reference", entry.facet, entry.key) if discovered else None,
            attributes=entry.attributes,
        )

    def dictionary(self, catalogue: Catalogue) -> pa.Table:
        """Return the lake's `trait_dictionary`: every trait there ever was, those out of use as retired."""
        return pa.Table.from_pylist([self._row(entry, catalogue) for entry in self._entries], TRAIT_DICTIONARY.schema)

    def _row(self, entry: Entry, catalogue: Catalogue) -> dict[str, Any]:
        trait = catalogue.traits.get(entry.id) or Trait(id=entry.id, facet=entry.facet, key=entry.key, name=entry.name)
        return {
            "id": trait.id, "facet": trait.facet, "key": trait.key, "name": trait.name, "path": list(trait.path),
            "parent": trait.parent, "ord": trait.order, "low": trait.low, "high": trait.high,
            "description": trait.description, "audience_id": trait.audience_id,
            "attributes": json.dumps(dict(trait.attributes), ensure_ascii=False, sort_keys=True),
            "retired": not entry.met,
        }  # fmt: skip

    def facet_table(self) -> pa.Table:
        """Return the lake's `facets`, in the order in which they were declared."""
        names = FACETS.schema.names
        rows = [{name: getattr(facet, name) for name in names} for facet in self.facets.values()]
        return pa.Table.from_pylist(rows, FACETS.schema)
