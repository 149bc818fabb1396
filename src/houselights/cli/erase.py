"""`houselights erase`: forget somebody now, and print what was found by looking into every file afterwards."""

import time
from typing import Annotated

import typer
from rich.text import Text

from houselights.apis.native.schemas.erasures import Erasure
from houselights.base.errors import InvalidInput, Unavailable
from houselights.cli.asker import Asker, DataOption, JsonOption, WorkspaceOption, open_asker
from houselights.cli.output import console, print_json, table
from houselights.model.erasure import ErasureScope, ErasureState
from houselights.services.erasure.erase import ErasureReport
from houselights.services.erasure.held_back import KEY

app = typer.Typer(add_completion=False)

WAIT_SECONDS = 600.0  # for an import to end, or a server to finish

IdentityOption = Annotated[
    list[str] | None,
    typer.Option("--identity", metavar="NAMESPACE=VALUE", help="What they are known by; may be given several times."),
]
KeyOption = Annotated[list[str] | None, typer.Option("--key", help="The company's own key of them.")]


@app.command(epilog="Example: houselights erase --identity email=ada@example.com --data demo-data")
def erase(
    identity: IdentityOption = None,
    key: KeyOption = None,
    let_go: Annotated[
        bool, typer.Option("--let-go", help="Erase nobody: let imports bring again whom these name.")
    ] = False,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget somebody, and hold them back when a file brings them again. Ends with code 1 when a trace is left."""
    names = [_name(each) for each in identity or ()] + [(KEY, each) for each in key or ()]
    if not names:
        raise InvalidInput("say whom: --identity NAMESPACE=VALUE, or --key KEY", field="identity")
    with open_asker(data, workspace) as asker:
        erasing, out = asker.house.erasing, console()
        if let_go:
            gone = erasing.let_go(asker.caller, names)
            out.print(f"let go: {gone} of {len(names)} names")
            return
        made = erasing.request(asker.caller, names, scope=ErasureScope.EVERYTHING)
        told = _worked_on(asker, made)
    if told.state is not ErasureState.DONE:
        raise Unavailable(
            f"erasure {made} is accepted, and nobody finds them; the files follow when the workspace is free",
            hint="a server that is running, or the next `houselights erase`, finishes it",
        )
    if as_json:
        print_json(Erasure(**{name: getattr(told, name) for name in Erasure.model_fields}))
    else:
        _print(told)
    if told.proof is not None and not told.proof["clean"]:
        raise typer.Exit(1)


def _worked_on(asker: Asker, made: str) -> ErasureReport:
    """Finish an erasure, or wait for a server that does; give up when the workspace is not free for too long."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        asker.house.eraser.work_all()
        told = asker.house.erasing.report(asker.caller, made)
        if told.state is ErasureState.DONE or time.monotonic() > deadline:
            return told
        time.sleep(0.5)


def _print(told: ErasureReport) -> None:
    out, proof = console(), told.proof or {}
    looked = proof["looked"]
    out.print(f"{told.people} {'person' if told.people == 1 else 'people'} erased ({told.id})")
    out.print(table(("table", "rows gone#"), [(name, f"{rows:,}") for name, rows in proof["rows"].items()]))
    if proof["shared_names"]:
        out.print(f"{proof['shared_names']} identities stay, because others have them too")
    files = f"{looked['parquet_files']:,} Parquet files ({looked['rows']:,} rows)"
    others = f"{looked['other_files']:,} other files ({looked['bytes']:,} bytes)"
    out.print(f"looked into {files}, {others}, {looked['database_rows']:,} rows of the control database")
    for folder in proof["not_looked_into"]:
        out.print(Text(f"not looked into: your own files in {folder}"), soft_wrap=True)
    for trace in looked["traces"]:
        out.print(Text(f"a trace is left in {trace}", style="bold red"), soft_wrap=True)
    if not looked["traces"]:
        out.print("no trace was found")


def _name(given: str) -> tuple[str, str]:
    namespace, found, value = given.partition("=")
    if not found or not namespace or not value:
        raise InvalidInput(
            f"{given[:60]} is not NAMESPACE=VALUE", field="identity", hint="such as email=ada@example.com"
        )
    return namespace, value
