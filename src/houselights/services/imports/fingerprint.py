"""Names what an import would bring in: the same mapping over the same bytes has the same fingerprint."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from houselights.services.imports.population import Population, Source
from houselights.services.imports.sources import InputFile, content_hash, find_files

FORM = 1  # raised when the same input would be read differently


def sources_of(population: Population) -> Iterator[Source]:
    """Yield every source of files in a population file."""
    for facet in population.facets.values():
        if facet.table is not None:
            yield facet.table.source
    for people in population.people:
        yield people.source
    for events in population.events:
        yield events.source
    for follows in population.follows:
        yield follows.source
        if follows.accounts is not None:
            yield follows.accounts.source
    for texts in population.texts:
        yield texts.source


def find_all(population: Population, base: Path) -> dict[str, list[InputFile]]:
    """Return the files of every source, by its path in the population file. Raises as `find_files`."""
    return {source.where: find_files(source, base) for source in sources_of(population)}


def fingerprint(population: Population, files: Mapping[str, Sequence[InputFile]]) -> str:
    """Return the fingerprint: the mapping, and the name and content of each file.

    The workspace's name and the clock are no part of it: without an `as_of` of its own, the same input stays the same
    from one day to the next.
    """
    digest = hashlib.blake2b(digest_size=32)
    mapping = {key: value for key, value in population.mapping.items() if key not in ("workspace", "max_rejects")}
    digest.update(json.dumps([FORM, mapping], sort_keys=True, default=str).encode())
    seen: dict[str, str] = {}
    for where, group in sorted(files.items()):
        for file in group:
            if file.path not in seen:  # one file may feed several sources; it is read once here
                seen[file.path] = content_hash([file])
            digest.update(f"{where}\0{seen[file.path]}\0".encode())
    return digest.hexdigest()
