"""The catalogue as a JSON file beside the index, so that an index can be opened without the lake."""

from pathlib import Path

import msgspec

from houselights.engine.index.files import save_bytes
from houselights.model.catalogue import Catalogue, Facet, Trait


class _File(msgspec.Struct):
    facets: list[Facet]
    traits: list[Trait]


def save_catalogue(path: Path, catalogue: Catalogue) -> None:
    """Write facets in their order and traits by id."""
    traits = sorted(catalogue.traits.values(), key=lambda trait: trait.id)
    content = msgspec.json.encode(_File(list(catalogue.facets.values()), traits), order="sorted")
    save_bytes(path, content)


def load_catalogue(path: Path) -> Catalogue:
    """Read what `save_catalogue` wrote. Raises msgspec.ValidationError when it is something else."""
    file = msgspec.json.decode(path.read_bytes(), type=_File)
    return Catalogue(file.facets, file.traits)
