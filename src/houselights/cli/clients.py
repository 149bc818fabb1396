"""`houselights clients …`: software with credentials. A secret is shown once, when it is made."""

from typing import Annotated

import typer

from houselights.cli.asker import DataOption, JsonOption, WorkspaceOption, open_asker
from houselights.cli.output import console, print_json, table

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Make, list and disable clients, and read the audit log."
)


@app.command("list", epilog="Example: houselights clients list --data demo-data")
def list_clients(data: DataOption = None, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the clients of the workspace."""
    with open_asker(data, workspace) as asker:
        found = asker.house.clients.list(asker.caller)
    if as_json:
        items = [
            {
                "id": str(one.id),
                "client_id": one.client_id,
                "name": one.name,
                "scopes": sorted(one.scopes),
                "disabled": one.disabled,
            }
            for one in found
        ]
        print_json({"items": items})
        return
    rows = [
        (str(one.id), one.name, one.client_id, " ".join(sorted(one.scopes)), "disabled" if one.disabled else "")
        for one in found
    ]
    console().print(table(("number#", "name", "client id", "scopes", ""), rows))


@app.command(
    epilog="Example: houselights clients create 'Weekly report' --scope audiences:read --scope insights:read "
    "--data demo-data"
)
def create(
    name: Annotated[str, typer.Argument(help="What to call it.")],
    scope: Annotated[list[str] | None, typer.Option(help="What it may do; may be repeated.")] = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a client and print its secret and a bearer token: once, here."""
    scopes = scope or ["audiences:read", "insights:read"]
    with open_asker(data, workspace) as asker:
        made = asker.house.clients.create(asker.caller, name=name, scopes=scopes, token=True)
    if as_json:
        print_json(
            {
                "id": str(made.client.id),
                "client_id": made.client.client_id,
                "secret": made.secret,
                "token": made.token,
                "refresh_token": made.refresh_token,
                "scopes": sorted(made.client.scopes),
            }
        )
        return
    rows = (
        ("client id", made.client.client_id),
        ("secret", made.secret),
        ("bearer token", made.token or ""),
        ("scopes", " ".join(sorted(made.client.scopes))),
    )
    out = console()
    out.print(table(("", "keep these: they are not stored"), rows))


@app.command(epilog="Example: houselights clients disable 3 --data demo-data")
def disable(
    number: Annotated[int, typer.Argument(help="The client's number, from `clients list`.")],
    data: DataOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Turn a client away and end its tokens."""
    with open_asker(data, workspace) as asker:
        asker.house.clients.disable(asker.caller, number)
    console().print(f"disabled {number}")


@app.command(epilog="Example: houselights clients audit --limit 20 --data demo-data")
def audit(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Rows.")] = 25,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read who learned or changed what, newest first."""
    with open_asker(data, workspace) as asker:
        entries = asker.house.audit.entries(asker.caller, limit=limit)
    if as_json:
        items = [
            {
                "id": str(one.id),
                "at": one.at.isoformat(),
                "client": None if one.client_id is None else str(one.client_id),
                "action": one.action,
                "subject": one.subject,
                "details": dict(one.details),
            }
            for one in entries
        ]
        print_json({"items": items})
        return
    rows = [
        (f"{one.at:%Y-%m-%d %H:%M:%S}", str(one.client_id or "operator"), one.action, one.subject) for one in entries
    ]
    console().print(table(("at", "client", "action", "subject"), rows))
