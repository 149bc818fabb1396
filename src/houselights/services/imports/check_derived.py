"""Checks derived facets and measures against the event sources: types nobody sends, attributes nobody reads."""

from collections.abc import Iterable, Sequence

from houselights.base.suggest import did_you_mean
from houselights.services.imports.grammar import Document
from houselights.services.imports.population import Derived, EventSource


def check_derived(document: Document, derived: Iterable[Derived], events: Sequence[EventSource]) -> None:
    """Raise InvalidInput when something is derived from an event type or attribute that no source has."""
    for one in derived:
        for kind in one.events:
            if not _sources(events, kind):
                known = [str(source.type.value) for source in events]
                hint = did_you_mean(kind, known) or f"types: {', '.join(known) or 'there are no events'}"
                raise document.error(f"{one.where}.from", f'no event source has the type "{kind}"', hint)
        sources = [source for kind in one.events for source in _sources(events, kind)]
        known = sorted({path for source in sources for path in _paths(source)})
        wanted = [("trait", one.trait), ("count", one.count), *((f"where.{path}", path) for path in one.conditions)]
        for place, path in wanted:
            if path is not None and path not in known:
                hint = did_you_mean(path, known) or f"attributes: {', '.join(known) or 'none'}"
                raise document.error(f"{one.where}.{place}", f'these events have no attribute "{path}"', hint)


def _sources(events: Sequence[EventSource], kind: str) -> list[EventSource]:
    """Return the sources that may send events of a type; one whose type is a column may send any."""
    return [source for source in events if source.type.column is not None or source.type.value == kind]


def _paths(source: EventSource) -> list[str]:
    nested = [f"{path}.{name}" for path, column in source.attributes.items() for name in column.nested]
    return [path for path, column in source.attributes.items() if not column.nested] + nested
