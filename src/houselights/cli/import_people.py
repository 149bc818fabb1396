"""`houselights import`: people in, as a population file says. Publishes all of it or nothing."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from houselights.apis.native.translate import import_shape
from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.cli.asker import DataOption, JsonOption
from houselights.cli.output import console, print_json
from houselights.cli.progress import progress_for
from houselights.model.imports import ImportRun, ImportState
from houselights.services.house import House
from houselights.services.imports.parts import Parts
from houselights.services.imports.run import run_import

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: houselights import examples/adult/population.yaml --max-rejects 100")
def import_people(
    population: Annotated[Path, typer.Argument(metavar="POPULATION.yaml", help="The population file.")],
    data: DataOption = None,
    workspace: Annotated[str | None, typer.Option("--workspace", help="Import into this workspace instead.")] = None,
    max_rejects: Annotated[
        int | None, typer.Option(min=0, help="Publish nothing when more rows than this are rejected.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring people in: profiles, events, identities, traits. Importing the same files again changes nothing.

    Rows that cannot be read are written to a reject file with place and reason, and the import goes on.
    """
    house = build_house(Settings.from_environment(data))
    try:
        run = bring_in(house, population, workspace=workspace, max_rejects=max_rejects)
    finally:
        house.control.close()
    if as_json:
        print_json(import_shape(run))
    else:
        console().print(Text(told(run)), soft_wrap=True)


def bring_in(
    house: House, population: Path, *, workspace: str | None = None, max_rejects: int | None = None
) -> ImportRun:
    """Run an import with its progress on standard error, so that standard output stays the answer's."""
    parts = Parts(settings=house.settings, control=house.control, lake=house.lake, clock=house.clock)
    with progress_for(Console(stderr=True)) as progress:
        return run_import(parts, population, workspace=workspace, max_rejects=max_rejects, progress=progress)


def told(run: ImportRun) -> str:
    """Say in a sentence what became of an import."""
    if run.state is ImportState.UNCHANGED:
        return f"nothing has changed: {run.people:,} people, generation {run.generation}"
    rejected = ""
    if run.rows_rejected:
        rejected = f"; {run.rows_rejected:,} rows rejected, see {run.reject_file}"
    return f"{run.people:,} people from {run.rows_read:,} rows, generation {run.generation}{rejected}"
