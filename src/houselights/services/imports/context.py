"""What every step of one import shares: where files are, where rejects go, who hears of progress. Holds no logic."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from houselights.services.imports.population import Population
from houselights.services.imports.progress import Progress
from houselights.services.imports.rejects import Rejects
from houselights.services.imports.sources import InputFile
from houselights.services.imports.trait_book import TraitBook


@dataclass(slots=True, kw_only=True)
class Context:
    """One import under way. `files` are the input files by the path of their source in the population file.

    `rows_read` counts the data rows of all sources so far.
    """

    population: Population
    files: dict[str, list[InputFile]]
    staging: Path
    as_of: datetime
    book: TraitBook
    rejects: Rejects
    progress: Progress
    rows_read: int = field(default=0)
