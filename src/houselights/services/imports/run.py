"""`run_import`: one import from the population file to the published generation. All of it happens, or none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree

import pyarrow as pa
from sqlalchemy.exc import SQLAlchemyError

from houselights.base.errors import HouselightsError
from houselights.base.logs import logger
from houselights.model.imports import ImportRun, ImportState
from houselights.model.workspace import Generation, PrivacyPolicy, Workspace
from houselights.services.erasure.held_back import salt
from houselights.services.imports.assemble import Assembly, Stages
from houselights.services.imports.context import Context
from houselights.services.imports.fingerprint import find_all, fingerprint
from houselights.services.imports.hold_back import HeldBack
from houselights.services.imports.keys import People
from houselights.services.imports.lock import only_import
from houselights.services.imports.parse import read_population
from houselights.services.imports.parts import Parts
from houselights.services.imports.population import Population
from houselights.services.imports.progress import SILENT, Progress
from houselights.services.imports.publish import Publication, publish
from houselights.services.imports.rejects import Rejects
from houselights.services.imports.stage_events import stage_events
from houselights.services.imports.stage_follows import read_accounts, stage_follows
from houselights.services.imports.stage_people import stage_people
from houselights.services.imports.stage_texts import stage_texts
from houselights.services.imports.tidy import clear_the_dead, clear_the_old, staging_folder
from houselights.services.imports.told import Told, stages_of
from houselights.services.imports.trait_book import TraitBook
from houselights.services.imports.trait_tables import declare_traits, facets_of

log = logger("imports")


def run_import(
    parts: Parts,
    population: Path,
    *,
    workspace: str | None = None,
    max_rejects: int | None = None,
    progress: Progress = SILENT,
    started: Callable[[int], None] | None = None,
) -> ImportRun:
    """Import a population file and return what became of it: succeeded, or unchanged when it is what is being served.

    `workspace` is a name that overrides the file's; `max_rejects` how many rows may be rejected (None: what the file
    says, or any number); `started` is called with the run's id before the first row is read.

    Raises InvalidInput for a file or mapping that cannot be used, TooManyRejects past the limit, Conflict while
    another import of the workspace runs. Whatever is raised, what was being served still is; the run says why.
    """
    mapping = read_population(population)
    files = find_all(mapping, population.resolve().parent)
    target = _workspace(parts, workspace or mapping.workspace, mapping.privacy)
    with only_import(parts.settings.data / "locks", target.id):
        clear_the_dead(parts, target.id)
        started_at = parts.clock.now()
        run = ImportRun(workspace_id=target.id, population=str(population), started_at=started_at)
        run_id = parts.control.imports.start(run)
        if started is not None:
            started(run_id)
        staging = staging_folder(parts, target.id)
        rejects_path = parts.settings.data / "rejects" / f"workspace-{target.id}" / f"import-{run_id}.csv"
        limit = mapping.max_rejects if max_rejects is None else max_rejects
        told = Told(parts, target.id, run_id, stages=stages_of(mapping), also=progress)
        with Rejects(rejects_path, limit) as rejects:
            context = told.context = Context(
                population=mapping, files=files, staging=staging, as_of=mapping.as_of or started_at,
                book=TraitBook(facets_of(mapping)), rejects=rejects, progress=told,
            )  # fmt: skip
            try:
                _bring_in(parts, context, target, run_id)
            except BaseException as error:
                _fail(parts, context, target.id, run_id, error)
                raise
            finally:
                rmtree(staging, ignore_errors=True)
        try:
            clear_the_old(parts, target.id)
        except Exception:
            # What is published is published; old files cost room, and the next import tries again.
            log.exception("old versions could not be cleared away", workspace=target.name)
        return parts.control.imports.get(target.id, run_id)


def _workspace(parts: Parts, name: str, privacy: PrivacyPolicy | None) -> Workspace:
    found = parts.control.workspaces.by_name(name)
    return found or parts.control.workspaces.create(name, privacy, created_at=parts.clock.now())


def _bring_in(parts: Parts, context: Context, workspace: Workspace, run_id: int) -> None:
    before = parts.control.generations.current(workspace.id)
    context.progress.begin("looking for changes")
    mark = fingerprint(context.population, context.files)
    context.progress.end()
    if before is not None and before.fingerprint == mark:
        parts.control.imports.finish(
            workspace.id, run_id, state=ImportState.UNCHANGED, finished_at=parts.clock.now(), rows_read=0,
            rows_rejected=0, people=before.people, generation=before.number,
        )  # fmt: skip
        return
    context.book = _book(parts, context.population, workspace.id, before)
    stages = _stage(context)
    with People(context.staging) as people:
        served = _served(parts, workspace.id, before)
        given = 0 if before is None else int(before.details.get("capacity", 0))
        held = HeldBack(salt(parts.control), parts.control.erasures.held_back(workspace.id))
        people.resolve(stages.people, served, given, context.population.link, held)
        note = {"import": str(run_id)}
        versions = Assembly(context, stages, people, parts.lake, workspace.id, note, before).write_all()
        catalogue = context.book.catalogue()
        versions["facets"] = parts.lake.write(workspace.id, "facets", context.book.facet_table(), note=note)
        dictionary = context.book.dictionary(catalogue)
        versions["trait_dictionary"] = parts.lake.write(workspace.id, "trait_dictionary", dictionary, note=note)
        publication = Publication(
            workspace=workspace, run_id=run_id, catalogue=catalogue, versions=versions, people=people.count,
            capacity=people.capacity, fingerprint=mark, before=before,
        )  # fmt: skip
    publish(parts, context, publication)


def _book(parts: Parts, mapping: Population, workspace_id: int, before: Generation | None) -> TraitBook:
    """Return the trait book, starting from the dictionary of the last import."""
    names = {key: facet.names for key, facet in mapping.facets.items()}
    dictionary = None
    if before is not None:
        dataset = parts.lake.dataset(workspace_id, "trait_dictionary", before.tables["trait_dictionary"])
        dictionary = dataset.to_table(columns=["id", "facet", "key", "name"])
    return TraitBook(facets_of(mapping), names, dictionary)


def _served(parts: Parts, workspace_id: int, before: Generation | None) -> pa.RecordBatchReader | None:
    """Return the keys and ids of the people being served."""
    if before is None:
        return None
    people = parts.lake.dataset(workspace_id, "people", before.tables["people"])
    return people.scanner(columns=["key", "person_id"]).to_reader()


def _stage(context: Context) -> Stages:
    """Read every source, trait tables and accounts first, since people refer to them."""
    mapping, stages = context.population, Stages()
    declare_traits(context)
    for source in mapping.follows:
        if source.accounts is not None:
            with _reading(context, source.accounts.source.where):
                read_accounts(context, source)
    for people in mapping.people:
        with _reading(context, people.source.where):
            stages.people.append(stage_people(context, people))
    for events in mapping.events:
        with _reading(context, events.source.where):
            stages.events.append(stage_events(context, events))
    for follows in mapping.follows:
        with _reading(context, follows.source.where):
            stages.follows.append(stage_follows(context, follows))
    for texts in mapping.texts:
        with _reading(context, texts.source.where):
            stages.texts.append(stage_texts(context, texts))
    return stages


@contextmanager
def _reading(context: Context, where: str) -> Iterator[None]:
    """Tell of reading a source."""
    files = context.files[where]
    context.progress.begin(f"reading {files[0].name}" + (f" and {len(files) - 1} more" if len(files) > 1 else ""))
    yield
    context.progress.end()


def _fail(parts: Parts, context: Context, workspace_id: int, run_id: int, error: BaseException) -> None:
    """Say in the run's row that it failed and why; the database may be what failed, and then nothing can be said."""
    why = error.message if isinstance(error, HouselightsError) else f"{type(error).__name__}: {error}"
    with suppress(SQLAlchemyError, HouselightsError):
        parts.control.imports.finish(
            workspace_id, run_id, state=ImportState.FAILED, finished_at=parts.clock.now(),
            rows_read=context.rows_read, rows_rejected=context.rejects.count, error=why,
            reject_file=context.rejects.file,
        )  # fmt: skip
