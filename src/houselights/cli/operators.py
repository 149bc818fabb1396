"""`houselights operators …`: people who sign in to the web app. Passwords are asked for, never taken as arguments."""

from typing import Annotated

import typer

from houselights.cli.asker import DataOption, JsonOption, WorkspaceOption, open_asker
from houselights.cli.output import console, print_json, table

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Let people sign in to the web app.")
NameArgument = Annotated[str, typer.Argument(help="What they sign in as.")]


@app.command(epilog="Example: houselights operators add ada --role builder --data demo-data")
def add(
    name: NameArgument,
    role: Annotated[str, typer.Option(help="viewer, builder or operator.")] = "viewer",
    data: DataOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Let somebody sign in; their password is asked for, or read from standard input."""
    with open_asker(data, workspace) as asker:
        made = asker.house.operators.add(asker.caller, name=name, password=_ask(), role=role)
    console().print(f"{made.name} may sign in, as {made.role}")


@app.command("list", epilog="Example: houselights operators list --data demo-data")
def list_people(data: DataOption = None, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List who may sign in."""
    with open_asker(data, workspace) as asker:
        found = asker.house.operators.list(asker.caller)
    if as_json:
        people = [{"name": one.name, "role": one.role, "disabled": one.client.disabled} for one in found]
        print_json({"items": people})
        return
    rows = [(one.name, one.role, "turned away" if one.client.disabled else "") for one in found]
    console().print(table(("name", "role", ""), rows))


@app.command(epilog="Example: houselights operators password ada --data demo-data")
def password(name: NameArgument, data: DataOption = None, workspace: WorkspaceOption = None) -> None:
    """Give somebody another password and end their sessions."""
    with open_asker(data, workspace) as asker:
        asker.house.operators.set_password(asker.caller, name, _ask())
    console().print(f"{name} has another password; their sessions have ended")


def _ask() -> str:
    return str(typer.prompt("password", hide_input=True))
