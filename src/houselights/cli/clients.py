"""`houselights clients …`: software with credentials. A secret is shown once, when it is made."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from houselights.cli.asker import DataOption, JsonOption, WorkspaceOption, open_asker
from houselights.cli.output import console, print_json, table
from houselights.model.credit import CREDIT_KINDS
from houselights.services.rights import rights_json

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


@app.command(epilog="Example: houselights clients credits --kind builds --amount 100 --client 3 --data demo-data")
def credits(  # noqa: A001 - the field's own word
    kind: Annotated[str | None, typer.Option(help=f"Set how many there are of {', '.join(CREDIT_KINDS)}.")] = None,
    amount: Annotated[int | None, typer.Option(min=0, help="How many from now on; without it, without end.")] = None,
    client: Annotated[int | None, typer.Option(help="Set it for one client, by its number.")] = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how many credits the company has left, or set how many there are."""
    with open_asker(data, workspace) as asker:
        if kind is not None:
            asker.house.credits.allow(asker.caller, kind, amount, client_number=client)
        left = asker.house.credits.balance(asker.caller)
    if as_json:
        print_json(dict(left))
        return
    rows = [(name, "without end" if number is None else str(number)) for name, number in left.items()]
    console().print(table(("credits of the company", "left#"), rows))


@app.command(epilog="Example: houselights clients rights 3 --no-choose-outputs --download ss_id --data demo-data")
def rights(
    number: Annotated[int, typer.Argument(help="The client's number, from `clients list`.")],
    choose_outputs: Annotated[bool | None, typer.Option(help="May say which outputs an audience gets.")] = None,
    demographics_first: Annotated[bool | None, typer.Option(help="May begin with age, gender or place.")] = None,
    generate: Annotated[list[str] | None, typer.Option(help="Outputs made for it; all, none, or several.")] = None,
    view: Annotated[list[str] | None, typer.Option(help="Outputs it hears of; likewise.")] = None,
    download: Annotated[list[str] | None, typer.Option(help="Outputs whose files it may have; likewise.")] = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a client may do with the outputs of audiences, after changing what is given."""
    given = {"choose_outputs": choose_outputs, "demographics_first": demographics_first}
    lists = {"generate": generate, "view": view, "download": download}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    changes |= {name: _outputs(words) for name, words in lists.items() if words}
    with open_asker(data, workspace) as asker:
        found = asker.house.rights.get(asker.caller, number)
        if changes:
            found = asker.house.rights.put(asker.caller, number, replace(found, **changes))
    told = rights_json(found)
    if as_json:
        print_json(told)
        return
    rows = [(name.replace("_", " "), _shown(value)) for name, value in told.items()]
    console().print(table(("right", ""), rows))


def _outputs(words: list[str]) -> frozenset[str] | None:
    """Read outputs; "all" is all of them, "none" none."""
    return None if words == ["all"] else frozenset(words) - {"none"}


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return "all" if value is None else "yes" if value else "no"


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
