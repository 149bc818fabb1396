"""Three answers to print when the demo world has been made: how many, what they are like, who is in both.

They go through the same services as every client's questions, so what is printed is what an API would say.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from houselights.base.errors import NotFound
from houselights.model.audience import Audience, AudienceFilter
from houselights.model.insight import Insight, InsightList
from houselights.rules.tree import And, InAudience, Rule
from houselights.services.caller import Caller
from houselights.services.demo.stamp import WorldSummary
from houselights.services.house import House

GAMERS = "Core gamers"
PARENTS = "New parents"
SHOPPERS = "Bought Northwind headphones in the last 180 days"
TOP = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """A question in words and the lines of its answer."""

    question: str
    lines: tuple[str, ...]


def sample_answers(house: House, caller: Caller) -> tuple[Answer, Answer, Answer]:
    """Ask three questions of the demo world. Raises NotFound when it has not been imported."""
    gamers, parents, shoppers = (_named(house, caller, name) for name in (GAMERS, PARENTS, SHOPPERS))
    return _size(house, caller, gamers), _affinities(house, caller, parents), _overlap(house, caller, gamers, shoppers)


def summary_lines(summary: WorldSummary) -> Iterator[str]:
    """Say who was made: people, what they did, and how many names there are for it."""
    yield f"{summary.people:,} people, as of {summary.as_of:%Y-%m-%d}, seed {summary.seed}"
    told = {
        "purchases": "orders", "views": "videos watched", "opportunities": "days with an ad opportunity",
        "follows": "follows", "texts": "bios and posts",
    }  # fmt: skip
    yield ", ".join(f"{summary.rows[kind]:,} {words}" for kind, words in told.items())
    trees = ("in_market", "interests", "lifestyle", "life_events")
    counts = summary.traits
    yield (
        f"{sum(counts[tree] for tree in trees):,} audiences by taste, {counts['browse_nodes']:,} browse nodes, "
        f"{counts['titles']:,} films and series, {counts['affinities']:,} affinities, "
        f"{counts['job_titles']:,} job titles, {counts['cities']:,} cities in {counts['countries']} countries"
    )


def _size(house: House, caller: Caller, audience: Audience) -> Answer:
    size = house.insights.size(caller, InAudience(audience.id))
    high = "and more" if size.band.high is None else f"to {size.band.high:,}"
    exact = [] if size.exact is None else [f"exactly {size.exact:,} of {size.universe or 0:,} people"]
    return Answer(f'How many people are in "{audience.name}"?', (f"{size.band.low:,} {high}", *exact))


def _affinities(house: House, caller: Caller, audience: Audience) -> Answer:
    """Rank by the lower end of the interval: an affinity that rests on a handful of people does not come first."""
    rule: Rule = InAudience(audience.id)
    listed: InsightList = house.insights.traits(
        caller, rule, facets=["purchase_category"], rank="lower_bound", limit=TOP
    )
    catalogue = house.snapshots.current(caller.workspace.id).catalogue
    names = {row.subject_id: " > ".join(catalogue.traits[row.subject_id].path) for row in listed.rows}
    return Answer(
        f'What do people in "{audience.name}" buy more than others?',
        tuple(_line(row, names[row.subject_id]) for row in listed.rows),
    )


def _line(row: Insight, name: str) -> str:
    times = "" if row.affinity is None else f", {row.affinity:.1f}× as often as everybody"
    return f"{name}: {row.overlap:.1%} of them{times}"


def _overlap(house: House, caller: Caller, first: Audience, second: Audience) -> Answer:
    both = house.insights.size(caller, And((InAudience(first.id), InAudience(second.id))))
    alone = house.insights.size(caller, InAudience(second.id))
    if both.exact is None or not alone.exact:
        line = f"at least {both.band.low:,}"
    else:
        line = f"{both.exact:,}: {both.exact / alone.exact:.1%} of the second"
    return Answer(f'How many are in both "{first.name}" and "{second.name}"?', (line,))


def _named(house: House, caller: Caller, name: str) -> Audience:
    """Return the demo's audience of this name; trees and rules keep their names apart."""
    found, _ = house.audiences.list(caller, AudienceFilter(name_words=(name,)), 0, 50)
    for audience in found:
        if audience.name == name:
            return audience
    raise NotFound(f'no audience is called "{name}"', hint="import the demo world first")
