"""`houselights insights`: what the people of a rule or an audience are like."""

from typing import Annotated

import typer

from houselights.apis.native.schemas.insights import Insights
from houselights.apis.native.translate import audience_subject, insights_shape, trait_subject
from houselights.base.errors import InvalidInput
from houselights.cli.asker import Asker, DataOption, JsonOption, WorkspaceOption, open_asker
from houselights.cli.explain import RuleArgument
from houselights.cli.output import console, print_json, share, table, times
from houselights.model.audience import AudienceFilter
from houselights.rules.tree import Rule
from houselights.services.statistics import Ranking

app = typer.Typer(add_completion=False)

FIRST_LOOK = ("gender", "age", "education", "marital_status")  # roles shown when nothing is asked for


@app.command(epilog="Example: houselights insights 'Vegan cooking' --facet interests --limit 10 --data demo-data")
def insights(
    rule: RuleArgument,
    facet: Annotated[list[str] | None, typer.Option(help="Compare with this facet's traits; may be repeated.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="Or with the facets of this role: age, gender, …")] = None,
    category: Annotated[
        list[str] | None, typer.Option(help='Or with the audiences of this category: "Interest"; "all" for all.')
    ] = None,
    universe: Annotated[str | None, typer.Option(help="Compare within these people: a rule or an audience.")] = None,
    rank: Annotated[str, typer.Option(help="affinity, overlap or lower_bound.")] = "lower_bound",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Rows.")] = 25,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what people are like: the share of them in each trait, and how that compares with everybody."""
    with open_asker(data, workspace) as asker:
        asked, within = asker.rule(rule), None if universe is None else asker.rule(universe)
        if category:
            answer = _beside_audiences(asker, asked, within, category, _ranking(rank), limit)
        else:
            answer = _beside_traits(asker, asked, within, _facets(asker, facet, role), _ranking(rank), limit)
    if as_json:
        print_json(answer)
        return
    rows = [
        (
            " › ".join([item.subject.facet or item.subject.category or "", item.subject.name]),
            share(item.overlap),
            share(item.universe_share),
            times(item.affinity),
            f"{times(item.affinity_interval.low)} to {times(item.affinity_interval.high)}",
            "–" if item.both is None else f"{item.both:,}",
            "yes" if item.reliable else "no",
        )
        for item in answer.items
    ]
    out = console()
    out.print(table(("who", "of them#", "of all#", "affinity#", "95 %#", "people#", "reliable"), rows))
    known = "" if answer.coverage is None else f"; known for {share(answer.coverage)} of them"
    out.print(f"{answer.audience:,} of {answer.universe:,} people, as of {answer.as_of:%-d %B %Y}{known}")


def _ranking(word: str) -> Ranking:
    match word:
        case "affinity" | "overlap" | "lower_bound":
            return word
        case _:
            raise InvalidInput(f'there is no ranking "{word}"', field="rank", hint="affinity, overlap or lower_bound")


def _facets(asker: Asker, facets: list[str] | None, roles: list[str] | None) -> list[str]:
    wanted = roles if roles or facets else FIRST_LOOK
    playing = [one.key for role in wanted or () for one in asker.house.discovery.facets(asker.caller, role=role)]
    keys = list(dict.fromkeys([*(facets or ()), *playing]))
    if not keys:
        keys = [one.key for one in asker.house.discovery.facets(asker.caller)][:4]
    return keys


def _beside_traits(
    asker: Asker, rule: Rule, universe: Rule | None, facets: list[str], rank: Ranking, limit: int
) -> Insights:
    answer = asker.house.insights.traits(
        asker.caller, rule, facets=facets, universe=universe, rank=rank, known_only=True, limit=limit
    )
    traits = asker.house.discovery.catalogue(asker.caller).traits
    return insights_shape(answer, lambda row: trait_subject(traits[row.subject_id]), known=traits)


def _beside_audiences(
    asker: Asker, rule: Rule, universe: Rule | None, categories: list[str], rank: Ranking, limit: int
) -> Insights:
    among = AudienceFilter(categories=None if "all" in categories else frozenset(categories))
    answer = asker.house.insights.audiences(asker.caller, rule, among=among, universe=universe, rank=rank, limit=limit)
    found = asker.house.audiences.find(asker.caller, [row.subject_id for row in answer.rows])
    return insights_shape(answer, lambda row: audience_subject(found[row.subject_id]), known=found)
