"""`houselights explain`: how a rule is understood and answered. Shows keys of people, as the command line may."""

from typing import Annotated

import typer
from rich.text import Text

from houselights.apis.native.translate import explanation_shape
from houselights.app import LANGUAGES
from houselights.cli.asker import DataOption, JsonOption, WorkspaceOption, language_named, open_asker
from houselights.cli.output import console, people, print_json, table

app = typer.Typer(add_completion=False)

RuleArgument = Annotated[
    str, typer.Argument(metavar="RULE", help="Rule as JSON, @file.json, or an audience's id or name.")
]
LanguageOption = Annotated[
    str | None, typer.Option("--language", metavar="NAME", help=f"RULE is text in a language: {', '.join(LANGUAGES)}.")
]


@app.command(
    epilog="""Example: houselights explain '{"trait": {"facet": "gender", "any_of": ["female"]}}' --data demo-data"""
)
def explain(
    rule: RuleArgument,
    language: LanguageOption = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a rule means in English, how it is answered, and how many people each clause leaves."""
    with open_asker(data, workspace) as asker:
        asked = asker.rule(rule, language)
        told = asker.house.explain.explain(asker.caller, asked)
        catalogue = asker.house.discovery.catalogue(asker.caller)
    if as_json:
        print_json(explanation_shape(told))
        return
    out = console()
    if language is not None:
        out.print(Text(language_named(language).write(asked, catalogue)), soft_wrap=True)
        for line in told.outline:
            out.print(Text(f"  {line}", style="dim"), soft_wrap=True)
    out.print(Text(told.english, style="bold"), soft_wrap=True)
    out.print(Text(told.why, style="dim"), soft_wrap=True)
    for number, step in enumerate(told.plan, start=1):
        out.print(f"  {number}. ", Text(step), sep="", soft_wrap=True)
    for query in told.queries:
        out.print(Text(query.why, style="dim"), soft_wrap=True)
        if query.sql is not None:
            out.print(Text(query.sql), soft_wrap=True)
    rows = [
        (step.english, people(step.alone.exact, step.alone.band), people(step.after.exact, step.after.band))
        for step in told.funnel
    ]
    out.print(table(("clause", "alone#", "left#"), rows))
    out.print(f"{people(told.people.exact, told.people.band)} people, as of {told.as_of:%-d %B %Y}")
    if told.matches:
        out.print(Text("for example: " + ", ".join(told.matches)), soft_wrap=True)
    if told.nearly is not None:
        out.print(Text(f"nearly: {told.nearly.key}, but not {told.nearly.failed}"), soft_wrap=True)
