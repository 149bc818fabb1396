"""Questions in SQL as one object of the house: what is saved, what is executed, what is made of it, and by whom."""

from dataclasses import dataclass
from threading import Event

from houselights.base.paging import PageTokens
from houselights.engine.snapshot import Snapshots
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.imports.parts import Parts
from houselights.services.workflows.audiences import QueryAudiences
from houselights.services.workflows.carry import Carrying
from houselights.services.workflows.classes import named
from houselights.services.workflows.executions import Compiling, Executions
from houselights.services.workflows.members import Members
from houselights.services.workflows.results import Results
from houselights.services.workflows.saved import SavedQueries
from houselights.services.workflows.tables import AudienceTables
from houselights.services.workflows.workers import Workers

RESULTS_FOLDER = "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflows:
    """The services of questions in SQL. `workers` are started by whoever serves."""

    queries: SavedQueries
    executions: Executions
    audiences: QueryAudiences
    tables: AudienceTables
    workers: Workers


def workflows(parts: Parts, snapshots: Snapshots, audit: Audit, audiences: Audiences, links: PageTokens) -> Workflows:
    """Wire the services. Raises InvalidInput for a class of columns that there is not."""
    for word in parts.settings.queries.classes.values():
        named(word)
    control, clock, settings = parts.control, parts.clock, parts.settings.queries
    news = Event()
    tables = AudienceTables(control, parts.lake, snapshots, clock, settings)
    compiling = Compiling(tables, clock)
    results = Results(parts.settings.data / RESULTS_FOLDER, control, links, settings.link_seconds)
    made = QueryAudiences(control, clock, audit, audiences, Members(parts, snapshots), settings, news.set)
    carrying = Carrying(control, clock, audit, tables, compiling, results, made, settings)
    return Workflows(
        queries=SavedQueries(control, clock, audit),
        executions=Executions(control, clock, audit, compiling, results, news.set),
        audiences=made,
        tables=tables,
        workers=Workers(control, clock, carrying, made, results, settings, news),
    )
