"""Makes what was written the generation being served: builds its indexes, then changes the control database once.

Before that transaction commits, everybody sees the generation before; after it, the new one. There is no in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from houselights.engine.index.from_lake import build_from_lake
from houselights.engine.index.index import Index
from houselights.engine.texts import Texts
from houselights.model.catalogue import Catalogue
from houselights.model.imports import ImportState
from houselights.model.workspace import Generation, Workspace
from houselights.services.imports.context import Context
from houselights.services.imports.parts import Parts
from houselights.services.imports.ready_audiences import ReadyMade, put_accounts, reference_audiences


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """All that is known when the lake is written and nothing is published yet.

    `people` are in the workspace now; `capacity` is how many person ids were ever given.
    """

    workspace: Workspace
    run_id: int
    catalogue: Catalogue
    versions: Mapping[str, int]
    people: int
    capacity: int
    fingerprint: str
    before: Generation | None


def publish(parts: Parts, context: Context, publication: Publication) -> Generation:
    """Build the indexes, publish and return the new generation.

    Raises Conflict when somebody published since this import began, InvalidRule for a ready-made audience that does
    not hold; what was being served then still is.
    """
    workspace, before = publication.workspace, publication.before
    now = parts.clock.now()
    number = 1 if before is None else before.number + 1
    ready = ReadyMade(context.population, publication.catalogue, parts.control, workspace.id)
    generation = Generation(
        workspace_id=workspace.id,
        number=number,
        # Tables that an import does not write, such as memberships, stay as they are.
        tables={**(before.tables if before is not None else {}), **publication.versions},
        index=f"{index_prefix(workspace.id)}{number}-{publication.run_id}",
        as_of=context.as_of,
        built_at=now,
        people=publication.people,
        fingerprint=publication.fingerprint,
        details={
            "import": publication.run_id,
            "capacity": publication.capacity,
            "audiences": [str(audience.id) for audience in context.population.audiences],
            # The membership log goes on, and so must its time.
            **({"logged_at": before.details["logged_at"]} if before and "logged_at" in before.details else {}),
        },
    )
    _build(parts, context, generation, publication.catalogue, before)
    control = parts.control
    with control.transaction() as conn:
        control.workspaces.lock(workspace.id, conn=conn)
        control.generations.publish(conn, generation)
        # What arrived one by one is not in the files: it waits again, to be laid over what was imported.
        control.arrivals.recall(conn, workspace.id)
        if context.population.privacy is not None:
            control.workspaces.set_privacy(workspace.id, context.population.privacy, conn=conn)
        put_accounts(control, conn, workspace.id, context.population.accounts)
        references = reference_audiences(publication.catalogue, context.population.facets, workspace.id, now)
        control.audiences.put_reference(conn, workspace.id, list(references))
        ready.put(conn, [int(known) for known in before.details.get("audiences", ())] if before else (), now)
        control.imports.finish(
            workspace.id,
            publication.run_id,
            state=ImportState.SUCCEEDED,
            finished_at=now,
            rows_read=context.rows_read,
            rows_rejected=context.rejects.count,
            people=publication.people,
            generation=number,
            reject_file=context.rejects.file,
            conn=conn,
        )
    return generation


def index_prefix(workspace_id: int) -> str:
    """Return how the names of a workspace's index folders begin."""
    return f"workspace-{workspace_id}-"


def _build(
    parts: Parts, context: Context, generation: Generation, catalogue: Catalogue, before: Generation | None
) -> None:
    folder = parts.settings.index_folder
    folder.mkdir(parents=True, exist_ok=True)
    previous = Index.open(folder / before.index) if before is not None and (folder / before.index).exists() else None
    context.progress.begin("building the index")
    build_from_lake(
        parts.lake, generation, catalogue, folder / generation.index, previous,
        lambda done, whole: context.progress.move(0, done / max(1, whole)),
    )  # fmt: skip
    context.progress.end()
    context.progress.begin("indexing the texts")
    Texts(parts.lake, generation, folder).segments()
    context.progress.end()
