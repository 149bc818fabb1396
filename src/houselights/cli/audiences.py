"""`houselights audiences …`: list, read, create and archive audiences."""

from typing import Annotated

import typer
from rich.text import Text

from houselights.apis.native.translate import audience_shape, version_shape
from houselights.cli.asker import Asker, DataOption, JsonOption, WorkspaceOption, open_asker
from houselights.cli.explain import RuleArgument
from houselights.cli.output import console, print_json, table
from houselights.model.audience import Audience, AudienceFilter, AudienceStatus
from houselights.rules.english import CatalogueNames, english
from houselights.rules.json_form import from_json

app = typer.Typer(add_completion=False, no_args_is_help=True, help="List, read, create and archive audiences.")

AudienceArgument = Annotated[str, typer.Argument(metavar="AUDIENCE", help="An audience's id or name.")]


@app.command("list", epilog="Example: houselights audiences list --name 'vegan*' --limit 10 --data demo-data")
def list_audiences(
    name: Annotated[list[str] | None, typer.Option(help='Words of the name; "*" stands for any characters.')] = None,
    category: Annotated[list[str] | None, typer.Option(help="Only of this category; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Rows.")] = 25,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List active audiences, oldest first."""
    where = AudienceFilter(
        name_words=tuple(name or ()),
        categories=frozenset(category) if category else None,
        statuses=frozenset({AudienceStatus.ACTIVE}),
    )
    with open_asker(data, workspace) as asker:
        found, total = asker.house.audiences.list(asker.caller, where, 0, limit)
    if as_json:
        print_json({"items": [audience_shape(one).model_dump(mode="json") for one in found], "total": total})
        return
    rows = [(str(one.id), one.name, " › ".join((one.category, *one.path)), one.kind.value) for one in found]
    out = console()
    out.print(table(("id", "name", "place", "kind"), rows))
    out.print(f"{len(found):,} of {total:,}")


@app.command(epilog="Example: houselights audiences show 'New parents' --data demo-data")
def show(
    audience: AudienceArgument, data: DataOption = None, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Read one audience, in English and with its history."""
    with open_asker(data, workspace) as asker:
        found = _find(asker, audience)
        versions = asker.house.audiences.versions(asker.caller, found.id)
        names = CatalogueNames(asker.house.discovery.catalogue(asker.caller))
    if as_json:
        shape = audience_shape(found).model_dump(mode="json")
        print_json({**shape, "versions": [version_shape(one).model_dump(mode="json") for one in versions]})
        return
    out = console()
    out.print(Text(found.name, style="bold"), f"{found.id}, {found.kind.value}, {found.status.value}")
    if found.description:
        out.print(Text(found.description), soft_wrap=True)
    out.print(Text(english(from_json(found.rule), names)), soft_wrap=True)
    rows = [(str(one.version), f"{one.created_at:%Y-%m-%d %H:%M}", one.name) for one in versions]
    out.print(table(("version#", "made", "name"), rows))


@app.command(
    epilog="Example: houselights audiences create Women "
    """'{"trait": {"facet": "gender", "any_of": ["female"]}}' --data demo-data"""
)
def create(
    name: Annotated[str, typer.Argument(help="What to call it.")],
    rule: RuleArgument,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    category: Annotated[str, typer.Option(help="Where it stands in discovery.")] = "Custom-built",
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an audience from a rule."""
    with open_asker(data, workspace) as asker:
        made = asker.house.audiences.create(
            asker.caller, name=name, description=description, rule=asker.rule(rule), category=category
        )
    if as_json:
        print_json(audience_shape(made))
    else:
        console().print(f"made {made.id}")


@app.command(epilog="Example: houselights audiences archive Women --data demo-data")
def archive(
    audience: AudienceArgument, data: DataOption = None, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Take an audience out of use; refused while others stand on it."""
    with open_asker(data, workspace) as asker:
        archived = asker.house.audiences.archive(asker.caller, _find(asker, audience).id)
    if as_json:
        print_json(audience_shape(archived))
    else:
        console().print(f"archived {archived.id}")


def _find(asker: Asker, text: str) -> Audience:
    if text.isdigit():
        return asker.house.audiences.get(asker.caller, int(text))
    return asker.house.audiences.named(asker.caller, text)
